"""Square tables: which way units run between categories, and tests of symmetry where they are valid.

Direction is n_ab against n_ba within one panel. First the net flow of counts; then what the margins leave of
it (`quasi_symmetry`): on one shared taxonomy flows make the margins, so lift must not be the judge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ..cells import Estimate, Refusal
from ..formats import count
from ..incidence import Incidence
from ..matrices.counts import labelled_on_both, refuse_diagonal, refuse_several, totals
from .flows import Flows
from .laws import chi_square_tail
from .ordering import LinearOrder, linear_order
from .quasi_symmetry import QuasiSymmetry, fit

Floats = NDArray[np.float64]

TESTS = ("bowker", "stuart_maxwell", "bhapkar", "quasi_symmetry")
"""The names of the tests of a square table, in the order in which `square_tests` returns them."""

MOST_CATEGORIES = 30
"""Beyond so many categories that units cross between, pairs are only counted: over 435 of them are not read."""

_NONE = 1e-12
_PER_PAIR = 10
"""Crossing units a pair needs on average: 5 expected each way, the usual bound of the chi-square approximation."""


@dataclass(frozen=True, slots=True)
class DirectedPair:
    """Two categories that units cross between, in declared order.

    `n_forward` units have `first` as row and `second` as column category, `n_back` the reverse. `net` is their
    difference, `ratio` the difference over the sum. `expected_forward` is what the sizes of categories, as all other
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
    return Symmetry(
        pairs=diagonal or directed_pairs(incidence, level),
        tests=diagonal or square_tests(incidence),
        order=diagonal or _order(incidence),
    )


def net_flow(joint: Floats) -> Floats:
    """Return n_ab - n_ba (K, K): what runs from a to b beyond what runs back."""
    flow: Floats = joint - joint.T
    return flow


def direction_ratio(joint: Floats) -> Floats:
    """Return (n_ab - n_ba) / (n_ab + n_ba) (K, K): 1 if all run from a to b, 0 if as many run back.

    Net flow over total flow: the efficiency of migration (Shryock 1959, "The efficiency of internal migration
    in the United States"). nan where no unit runs.
    """
    both = joint + joint.T
    ratio: Floats = np.divide(joint - joint.T, both, out=np.full_like(both, np.nan), where=both > 0)
    return ratio


def directed_pairs(incidence: Incidence, level: float) -> tuple[DirectedPair, ...]:
    """Return every pair that units cross between; intervals keep groups together (`flows`).

    The incidence's axes must carry the same categories.
    """
    joint, _, _ = totals(incidence, incidence.weight)
    places = [(i, j) for i, j in combinations(range(len(joint)), 2) if joint[i, j] + joint[j, i] > 0]
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
    n_sets, of = sparse.csgraph.connected_components(sparse.csr_array(both), directed=False)
    # One category of each set follows from the others.
    kept = np.ones(len(table), dtype=bool)
    kept[[int(np.flatnonzero(of == number)[0]) for number in range(n_sets)]] = False
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
