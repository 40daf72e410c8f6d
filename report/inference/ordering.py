"""The linear order of categories that most flow runs along (the linear ordering problem)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MOST_EXACT = 15
"""Categories up to which every order is considered."""

_TIE = 1e-9


@dataclass(frozen=True, slots=True)
class LinearOrder:
    """Categories from origin to goal.

    `n_forward` of the `n_crossing` units (or weight) that join two different categories run along the order.
    `explained` is their share: at least 1/2 for the best order of any flow, so 1/2 is no finding. `net` is what
    the order keeps of all net flow, (forward - back) / sum |n_ab - n_ba|: 1 where no cycle contradicts it; None
    without net flow. `exact`: no order is better; beyond `MOST_EXACT` categories moving any single one does not
    improve it, which is less. `n_best` is how many orders are as good (None unless exact): an order that is one
    of many says little. Categories that no unit crosses to or from are left out.
    """

    categories: tuple[str, ...]
    n_forward: float
    n_crossing: float
    explained: float | None
    net: float | None
    exact: bool
    n_best: int | None


def linear_order(joint: Floats, categories: Sequence[str]) -> LinearOrder:
    """Return the order with the largest sum of n_ab over a before b.

    Exact to `MOST_EXACT` categories by dynamic programming over subsets (Held & Karp 1962), else by insertion
    from two starts (Martí & Reinelt 2011, "The Linear Ordering Problem"). Ties keep the declared order as
    far as they can. `joint` (K, K) are counts or sums of weights.

    >>> flow = np.array([[9.0, 1.0, 0.0], [5.0, 9.0, 2.0], [4.0, 1.0, 9.0]])
    >>> found = linear_order(flow, "ABC")
    >>> found.categories, found.n_forward, found.n_crossing
    (('B', 'C', 'A'), 11.0, 13.0)
    """
    flow = joint.astype(np.float64).copy()
    np.fill_diagonal(flow, 0)
    used = np.flatnonzero(flow.sum(axis=0) + flow.sum(axis=1) > 0)
    flow = flow[np.ix_(used, used)]
    exact = len(used) <= MOST_EXACT
    order, n_best = best_order(flow) if exact else (near_order(flow), None)
    forward, crossing = forward_flow(flow, order), float(flow.sum())
    net = float(np.abs(np.triu(flow - flow.T)).sum())
    return LinearOrder(
        categories=tuple(categories[used[i]] for i in order),
        n_forward=forward,
        n_crossing=crossing,
        explained=forward / crossing if crossing else None,
        net=(2 * forward - crossing) / net if net > _TIE * crossing else None,
        exact=exact,
        n_best=n_best,
    )


def forward_flow(flow: Floats, order: Sequence[int]) -> float:
    """Return the sum of flow (K, K) from earlier to later in an order."""
    return float(np.triu(flow[np.ix_(order, order)], 1).sum())


def best_order(flow: Floats) -> tuple[list[int], int]:
    """Return a best order of K categories and how many orders are as good, over all 2^K subsets.

    best[S] = max over the last category a of S of best[S - a] + what runs from S - a to a.
    """
    k = len(flow)
    masks = np.arange(1 << k)
    size = np.array([int(mask).bit_count() for mask in masks])
    into = _into(flow)
    best, ways = np.zeros(1 << k), np.ones(1 << k, dtype=np.int64)
    tie = _TIE * max(float(flow.sum()), 1e-300)
    for n in range(1, k + 1):
        chosen = masks[size == n]
        gains = np.full((k, len(chosen)), -np.inf)
        counts = np.zeros((k, len(chosen)), dtype=np.int64)
        for a in range(k):
            has = (chosen >> a) & 1 == 1
            rest = chosen[has] ^ (1 << a)
            gains[a, has] = best[rest] + into[a][rest]
            counts[a, has] = ways[rest]
        best[chosen] = gains.max(axis=0)
        ways[chosen] = np.where(gains >= best[chosen] - tie, counts, 0).sum(axis=0)
    order: list[int] = []
    left = (1 << k) - 1
    while left:
        members = [a for a in range(k) if left >> a & 1]
        # The declared order from the back: of the categories that may stand last, the last declared.
        last = max(a for a in members if best[left ^ 1 << a] + into[a][left ^ 1 << a] >= best[left] - tie)
        order.append(last)
        left ^= 1 << last
    return order[::-1], int(ways[-1])


def _into(flow: Floats) -> Floats:
    """Return what runs from each subset to each category (K, 2^K)."""
    k = len(flow)
    into = np.zeros((k, 1 << k))
    for b in range(k):
        into[:, 1 << b : 2 << b] = into[:, : 1 << b] + flow[b][:, None]
    return into


def near_order(flow: Floats) -> list[int]:
    """Return a good order of any number of categories, the same for the same flow.

    The better of two: the declared order and that of net outflow, each improved by moving one category at a
    time to its best place until none gains.
    """
    net = flow.sum(axis=1) - flow.sum(axis=0)
    starts = [list(range(len(flow))), sorted(range(len(flow)), key=lambda a: (-float(net[a]), a))]
    tie = _TIE * max(float(flow.sum()), 1e-300)
    improved = [_improved(flow, start, tie) for start in starts]
    return max(improved, key=lambda order: forward_flow(flow, order))


def _improved(flow: Floats, order: list[int], tie: float) -> list[int]:
    moved = True
    while moved:
        moved = False
        for a in tuple(order):
            place = order.index(a)
            others = order[:place] + order[place + 1 :]
            # Standing at place p: what runs from the p first to a, and from a to the rest.
            before = np.concatenate([[0.0], np.cumsum(flow[others, a] - flow[a, others])])
            best = int(before.argmax())
            if before[best] > before[place] + tie:
                order = [*others[:best], a, *others[best:]]
                moved = True
    return order
