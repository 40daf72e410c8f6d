"""Find an order of the axes by hierarchical clustering of observed over expected counts.

The association of a pair is s = (n - e) / (n + e + 1), with n observed and e expected: (lift - 1) / (lift + 1), shrunk
to 0 if little is expected, so that it is defined and bounded even if n or e is 0. -1: never together; 0: as expected;
1/3: twice as often.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..arrays import Bools, Floats, Indices, over
from .counts import Counts

_TIE = 1e-8


@dataclass(frozen=True, slots=True)
class Grouping:
    """One axis: its categories in an order that puts similar ones next to each other.

    `left_out` categories have too few units for clustering and come last in declared order.
    """

    order: tuple[str, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Seriation:
    """Both axes.

    For one taxonomy they are the same: categories that occur together are similar. Otherwise rows are similar if their
    profiles over columns are, and columns if their profiles over rows are.
    """

    rows: Grouping
    columns: Grouping


def seriate(counts: Counts, expected: Floats, minimum_units: float = 1) -> Seriation:
    """Put similar categories of a relation next to each other.

    `expected` (R, C) are the counts with which observed ones are compared. For one taxonomy, categories are similar if
    they occur together, both directions together and without the diagonal. A category with fewer than `minimum_units`
    units (for one taxonomy: on both sides) is left out. The method is average linkage (Sokal & Michener 1958) with
    optimal leaf order (Bar-Joseph, Gifford & Jaakkola 2001), oriented so that the end declared earlier comes first.
    """
    rows, columns = counts.given_side, counts.outcome_side
    is_same = (rows.taxonomy, rows.categories) == (columns.taxonomy, columns.categories)
    given, outcome = counts.given >= minimum_units, counts.outcome >= minimum_units
    like = likenesses(counts.joint, expected, given=given, outcome=outcome, is_same=is_same)
    grouped = [_grouped(one, side.categories) for one, side in zip(like, (rows, columns), strict=False)]
    return Seriation(grouped[0], grouped[-1])


@dataclass(frozen=True, eq=False)
class Likeness:
    """Similarity of the categories of an axis (n, n), and which are included (n,)."""

    values: Floats
    present: Bools


def likenesses(joint: Floats, expected: Floats, *, given: Bools, outcome: Bools, is_same: bool) -> tuple[Likeness, ...]:
    """Return the similarities for each axis: one for both with one taxonomy, else for rows and columns.

    `joint` and `expected` are (R, C). `given` (R,) and `outcome` (C,) mark the categories with enough units.
    """
    if is_same:
        return (Likeness(association(joint + joint.T, expected + expected.T), given | outcome),)
    s = association(joint, expected)
    return Likeness(_cosine(s[:, outcome]), given), Likeness(_cosine(s[given].T), outcome)


def association(observed: Floats, expected: Floats) -> Floats:
    """Return (n - e) / (n + e + 1), above -1 and below 1, and 0 if nothing is observed or expected."""
    return np.asarray((observed - expected) / (observed + expected + 1))


def _cosine(profiles: Floats) -> Floats:
    """Return the cosine of each pair of rows (n, n), or 0 if a row is all 0."""
    scaled = over(profiles, np.sqrt((profiles**2).sum(axis=1, keepdims=True)))
    return np.clip(scaled @ scaled.T, -1, 1)


def _distance(like: Likeness) -> Floats:
    """Return 1 minus the similarity of the included categories, 0 on the diagonal."""
    used = np.flatnonzero(like.present)
    # Rounding errors would decide ties in the last digits, and they differ between machines.
    distance = np.round(1 - like.values[np.ix_(used, used)], 12)
    distance = (distance + distance.T) / 2
    np.fill_diagonal(distance, 0)
    return distance


def average_linkage(distance: Floats) -> Floats:
    """Return the merges (n - 1, 3) of average linkage, closest first: two groups and their distance.

    Leaves are numbered from 0, and groups after them in the order of their merges. The algorithm is nearest-neighbour
    chains (Murtagh 1983), with the same steps as SciPy's `linkage`, so that ties are resolved in the same way.
    Importing SciPy's version takes a third of a second.
    """
    n = len(distance)
    apart, size, merges, chain = distance + np.diag(np.full(n, np.inf)), np.ones(n), np.empty((n - 1, 3)), [0]
    for step in range(n - 1):
        chain = chain or [int(np.flatnonzero(size)[0])]
        while True:
            x = chain[-1]
            y = int(apart[x].argmin())
            if len(chain) > 1 and apart[x, y] >= apart[x, chain[-2]]:
                break
            chain.append(y)
        x, y = sorted(chain[-2:])
        del chain[-2:]
        merges[step] = x, y, apart[x, y]
        joined = (size[x] * apart[x] + size[y] * apart[y]) / (size[x] + size[y])
        joined[[x, y]] = apart[x] = apart[:, x] = np.inf
        apart[y] = apart[:, y] = joined
        size[x], size[y] = 0, size[x] + size[y]
    return _labelled(merges[merges[:, 2].argsort(kind="stable")])


def _labelled(merges: Floats) -> Floats:
    """Return merges with groups identified by number instead of by a leaf."""
    group = np.arange(len(merges) + 1)
    for step, (x, y, _) in enumerate(merges):
        first, second = sorted((group[int(x)], group[int(y)]))
        merges[step, :2] = first, second
        group[(group == first) | (group == second)] = len(merges) + 1 + step
    return merges


def _grouped(like: Likeness, names: Sequence[str]) -> Grouping:
    """Return the grouping of the included categories by their similarity."""
    used = [int(i) for i in np.flatnonzero(like.present)]
    left_out = tuple(name for name, there in zip(names, like.present, strict=True) if not there)
    inside = tuple(names[i] for i in used)
    if len(used) < 2:
        return Grouping((*inside, *left_out), left_out)
    distance = _distance(like)
    tree = average_linkage(distance)
    # Among equally good orders, choose the one closest to the declared order.
    declared = np.abs(np.subtract.outer(np.arange(len(used)), np.arange(len(used))))
    order = _leaf_order(tree, distance + _TIE * declared / len(used) ** 2)
    if order[0] > order[-1]:
        order.reverse()
    return Grouping((*(inside[i] for i in order), *left_out), left_out)


@dataclass(frozen=True, eq=False)
class _Node:
    """A group of leaves; `length` (n, n) is the length of the shortest order from one leaf to another.

    `near` (l, r) and `far` (l, r) are the leaves at which the shortest order leaves the left part, given its first leaf
    and the first of the right part, and at which it enters the right part, given the first leaf and the last.
    """

    leaves: list[int]
    length: Floats
    near: Indices
    far: Indices
    left: _Node | None = None
    right: _Node | None = None


def _leaf_order(tree: Floats, distance: Floats) -> list[int]:
    """Return the order of a tree's leaves with the smallest sum of distances between neighbours.

    SciPy's own `optimal_leaf_ordering` returns worse orders for about one tree in five (its issue 11227).
    """
    none = np.zeros((0, 0), dtype=np.intp)
    nodes = [_Node([i], np.zeros((1, 1)), none, none) for i in range(len(distance))]
    for row in tree:
        nodes.append(_joined(nodes[int(row[0])], nodes[int(row[1])], distance))
    root = nodes[-1]
    first, last = divmod(int(root.length.argmin()), len(distance))
    order: list[int] = []
    todo = [(root, first, last)]
    while todo:
        node, start, end = todo.pop()
        if node.left is None or node.right is None:
            order.append(node.leaves[0])
            continue
        n = len(node.left.leaves)
        turned = start >= n
        outer, inner = (end, start - n) if turned else (start, end - n)
        enters = int(node.far[outer, inner])
        leaves = int(node.near[outer, enters])
        parts = [(node.left, outer, leaves), (node.right, enters, inner)]
        # If reversed, so are both parts: the right one comes first, each from its other end.
        todo += [(part, b, a) for part, a, b in parts] if turned else parts[::-1]
    return order


def _joined(left: _Node, right: _Node, distance: Floats) -> _Node:
    across = distance[np.ix_(left.leaves, right.leaves)]
    by_leaving = left.length[:, :, None] + across[None, :, :]
    near = by_leaving.argmin(axis=1)
    by_entering = by_leaving.min(axis=1)[:, :, None] + right.length[None, :, :]
    far, shortest = by_entering.argmin(axis=1), by_entering.min(axis=1)
    n, leaves = len(left.leaves), [*left.leaves, *right.leaves]
    length = np.full((len(leaves), len(leaves)), np.inf)
    length[:n, n:], length[n:, :n] = shortest, shortest.T
    return _Node(leaves, length, near, far, left, right)
