"""Square tables: which way units run between categories, and tests of symmetry where they are valid.

Direction is n_ab against n_ba within one panel. First the net flow of counts; then what the margins leave of
it (`flows`): on one shared taxonomy flows make the margins, so lift must not be the judge. Last the linear order of
categories that most flow runs along (the linear ordering problem).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ..arrays import Floats, Ints, connected
from ..cells import Estimate, Refusal
from ..formats import count
from ..incidence import Incidence
from ..matrices.counts import labelled_on_both, refuse_diagonal, refuse_several, totals
from .flows import Flows, QuasiSymmetry, fit
from .laws import chi_square_tail

TESTS = ("bowker", "stuart_maxwell", "bhapkar", "quasi_symmetry")
"""The names of the tests of a square table, in the order in which `square_tests` returns them."""

MOST_CATEGORIES = 30
"""Beyond so many categories that units cross between, pairs are only counted: over 435 of them are not read."""

MOST_EXACT = 15
"""Categories up to which every order is considered."""

_TIE = 1e-9
_NONE = 1e-12
_PER_PAIR = 10
"""Crossing units a pair needs on average: 5 expected each way, the usual bound of the chi-square approximation."""


@dataclass(frozen=True, slots=True)
class DirectedPair:
    """Two categories that units cross between, in declared order.

    `n_forward` units have `first` as row and `second` as column category, `n_back` the reverse. `net` is their
    difference, `ratio` that over their sum: the efficiency of migration (Shryock 1959, "The efficiency of internal
    migration in the United States"). `expected_forward` is what the sizes of categories, as all other
    pairs show them (quasi-symmetry), make of `n_forward`. `excess` is `n_forward - expected_forward`, what runs forward
    beyond that (as many fewer units run back). Both are None where other pairs do not tell, and where more than
    `MOST_CATEGORIES` categories cross: then `net` has no interval either.
    """

    first: str
    second: str
    n_forward: float
    n_back: float
    net: Estimate
    ratio: float
    expected_forward: float | None
    excess: Estimate | None


@dataclass(frozen=True, slots=True)
class SquareTest:
    """A chi-square test of a square table; `p` is None where no degree of freedom or no statistic is left."""

    name: str
    statistic: float | None
    df: int
    p: float | None


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


@dataclass(frozen=True, slots=True)
class Symmetry:
    """All about direction in one relation with the same categories on both axes.

    `pairs` are the pairs of categories that units cross between, in declared order; `tests` Bowker,
    Stuart-Maxwell, Bhapkar and quasi-symmetry; `order` the best linear order. Each is refused with the
    reason where it would not mean what it says.
    """

    pairs: tuple[DirectedPair, ...] | Refusal
    tests: tuple[SquareTest, ...] | Refusal
    order: LinearOrder | Refusal


def symmetry(incidence: Incidence, level: float) -> Symmetry:
    """Return direction in one relation, rows as origin and columns as goal; `level` is that of intervals."""
    diagonal = refuse_diagonal(incidence)
    whole = diagonal or refuse_withheld(incidence)
    return Symmetry(
        pairs=diagonal or directed_pairs(incidence, level),
        tests=whole or square_tests(incidence),
        order=whole or _order(incidence),
    )


def refuse_withheld(incidence: Incidence) -> Refusal | None:
    """Return why nothing may be said of all pairs of different categories together, or None."""
    withheld = incidence.withheld
    if withheld is None or not incidence.same_taxonomy or not (withheld & ~np.eye(len(withheld), dtype=np.bool_)).any():
        return None
    return Refusal("cells off the diagonal are withheld for confidentiality")


def directed_pairs(incidence: Incidence, level: float) -> tuple[DirectedPair, ...]:
    """Return every pair that units cross between; intervals keep groups together (`flows`).

    Pairs with a withheld cell are left out: how many run back is not known.

    The incidence's axes must carry the same categories.
    """
    joint, _, _ = totals(incidence, incidence.weight)
    places = [(i, j) for i, j in combinations(range(len(joint)), 2) if joint[i, j] + joint[j, i] > 0]
    if incidence.withheld is not None:
        hidden = incidence.withheld | incidence.withheld.T
        places = [place for place in places if not hidden[place]]
    few = len({i for place in places for i in place}) <= MOST_CATEGORIES
    flows = Flows(incidence) if few else None
    return tuple(_pair(joint, flows, incidence.rows.categories, place, level) for place in places)


def _pair(
    joint: Floats, flows: Flows | None, names: Sequence[str], place: tuple[int, int], level: float
) -> DirectedPair:
    forward, back = float(joint[place]), float(joint[place[::-1]])
    beyond = None if flows is None else flows.beyond(place)
    excess = None if beyond is None else beyond.excess(level)
    return DirectedPair(
        first=names[place[0]],
        second=names[place[1]],
        n_forward=forward,
        n_back=back,
        net=Estimate(forward - back) if flows is None else flows.net(place, level),
        ratio=(forward - back) / (forward + back),
        expected_forward=None if excess is None else forward - excess.value,
        excess=excess,
    )


def square_tests(incidence: Incidence) -> tuple[SquareTest, ...] | Refusal:
    """Return the tests of a square table, or why they would be invalid.

    They take units as drawn independently, each into one cell: no groups, no weights, no parts of units, one
    category on each side. Units without a category on a side are left out.
    """
    refusal = refuse_diagonal(incidence) or _refuse_dependent(incidence) or refuse_several(incidence)
    if refusal is not None:
        return refusal
    kept = labelled_on_both(incidence)
    joint, _, _ = totals(incidence, np.where(kept, incidence.units, 0).astype(np.float64))
    crossing = int(joint.sum() - np.trace(joint))
    n_pairs = int((np.triu(joint + joint.T, 1) > 0).sum())
    if not n_pairs:
        return Refusal("no unit has two different categories")
    needed = _PER_PAIR * n_pairs
    if crossing < needed:
        reason = f"too few units cross for a chi-square test: {count(crossing)}, where {count(needed)} are needed"
        return Refusal(reason)
    return (bowker(joint), stuart_maxwell(joint), bhapkar(joint), goodness(fit(joint), joint))


def _refuse_dependent(incidence: Incidence) -> Refusal | None:
    if incidence.group is not None:
        return Refusal("units of one group are not independent")
    if incidence.weighted:
        return Refusal("weights are no counts of independent units")
    if incidence.dispersion is not None:
        return Refusal("counts vary more than counts of independent units")
    if incidence.fractional:
        return Refusal("parts of units are no counts of independent units")
    return None


def bowker(table: Floats) -> SquareTest:
    """Return the test of symmetry, sum_a<b (n_ab - n_ba)^2 / (n_ab + n_ba).

    Bowker (1948), "A test for symmetry in contingency tables", Journal of the American Statistical
    Association 43. Pairs without units say nothing and take no degree of freedom. `table` (K, K) are counts.
    """
    both = np.triu(table + table.T, 1)
    used = both > 0
    statistic = float((((table - table.T) ** 2)[used] / both[used]).sum())
    return _test("bowker", statistic, int(used.sum()))


def stuart_maxwell(table: Floats) -> SquareTest:
    """Return the test of equal margins, d' S^-1 d with d_a = n_a. - n_.a.

    S has n_a. + n_.a - 2 n_aa on its diagonal and -(n_ab + n_ba) off it: the variance of d under equality.
    Stuart (1955), Biometrika 42; Maxwell (1970), British Journal of Psychiatry 116. S is singular once for
    each set of categories that units cross within, so each such set loses one degree of freedom.
    """
    statistic, df = _margins(table)
    return _test("stuart_maxwell", statistic, df)


def bhapkar(table: Floats) -> SquareTest:
    """Return the test of equal margins with the variance not under equality: Q / (1 - Q / n).

    Q is Stuart and Maxwell's statistic and n all units. Bhapkar (1966), "A note on the equivalence of two
    test criteria for hypotheses in categorical data", Journal of the American Statistical Association 61.
    No statistic where all units are in the cells that differ and run one way: its variance is then none.
    """
    statistic, df = _margins(table)
    total = float(table.sum())
    rest = 1 - statistic / total if total else 0.0
    return _test("bhapkar", statistic / rest if rest > _NONE else None, df)


def goodness(model: QuasiSymmetry, table: Floats) -> SquareTest:
    """Return the likelihood-ratio test of quasi-symmetry, 2 sum n_ab ln(n_ab / m_ab).

    Caussinus (1965), Annales de la Faculté des sciences de Toulouse 29. A small p says that a direction
    remains that margins do not explain.
    """
    seen = table > 0
    statistic = 2 * float((table[seen] * np.log(table[seen] / model.fitted[seen])).sum())
    return _test("quasi_symmetry", max(statistic, 0.0), model.df)


def _margins(table: Floats) -> tuple[float, int]:
    both = table + table.T
    np.fill_diagonal(both, 0)
    net = table.sum(axis=1) - table.sum(axis=0)
    # One category of each set follows from the others.
    kept = np.ones(len(table), dtype=bool)
    kept[np.unique(connected(both > 0), return_index=True)[1]] = False
    if not kept.any():
        return 0.0, 0
    variance = np.diag(both.sum(axis=1)) - both
    solved = np.linalg.solve(variance[np.ix_(kept, kept)], net[kept])
    return max(float(net[kept] @ solved), 0.0), int(kept.sum())


def _test(name: str, statistic: float | None, df: int) -> SquareTest:
    p = chi_square_tail(statistic, df) if df and statistic is not None else None
    return SquareTest(name, statistic, df, p)


def _order(incidence: Incidence) -> LinearOrder | Refusal:
    if (incidence.rows.name, incidence.columns.name) != ("from", "to"):
        return Refusal("only links of a kind with itself run along an order")
    joint, _, _ = totals(incidence, incidence.weight)
    return linear_order(joint, incidence.rows.categories)


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
    k, into, tie = len(flow), _into(flow), _TIE * max(float(flow.sum()), 1e-300)
    best, ways = _best_sums(into, tie)
    order: list[int] = []
    left = (1 << k) - 1
    while left:
        members = [a for a in range(k) if left >> a & 1]
        # The declared order from the back: of the categories that may stand last, the last declared.
        last = max(a for a in members if best[left ^ 1 << a] + into[a][left ^ 1 << a] >= best[left] - tie)
        order.append(last)
        left ^= 1 << last
    return order[::-1], int(ways[-1])


def _best_sums(into: Floats, tie: float) -> tuple[Floats, Ints]:
    """Return the largest sum of each subset in any order (2^K,), and how many of its orders have it, but for a tie."""
    k = len(into)
    masks = np.arange(1 << k)
    size = np.bitwise_count(masks)
    best, ways = np.zeros(1 << k), np.ones(1 << k, dtype=np.int64)
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
    return best, ways


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
