"""Joint counts and margins of an incidence in declared order, published matrices, and an order of the axes.

A published matrix has values without counts, in wide or long form.

Axes are ordered by hierarchical clustering of observed over expected counts. The association of a pair is
s = (n - e) / (n + e + 1), with n observed and e expected: (lift - 1) / (lift + 1), shrunk to 0 if little is expected,
so that it is defined and bounded even if n or e is 0. -1: never together; 0: as expected; 1/3: twice as often.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple, TypeGuard

import numpy as np
from scipy import sparse

from .. import portable
from ..arrays import Bools, Floats, Indices, counted, summed
from ..cells import Estimate
from ..errors import DataError
from ..foreign_text import visible
from ..ledger.incidence import Incidence, Side
from ..settings import Identifier, Settings

if TYPE_CHECKING:
    import pandas as pd


from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import squareform

from ..arrays import over

CountedBy = Literal["weight", "units"]
_CHUNK = 1 << 18
"""Number of expected counts of strata in memory at once."""
_FEW_CELLS = 2_500
"""Maximum number of cells for dense products, which are then faster than sparse products."""


@dataclass(frozen=True, eq=False)
class Counts:
    """Joint counts of R given and C outcome categories over N units.

    `joint` (R, C) is n_ab, `given` (R,) n_a, `outcome` (C,) n_b, `n_units` N: units, or sums of weights.
    `expected_within` (R, C) sums n_as n_bs / n_s over the strata s, and is None without strata.
    """

    given_side: Side
    outcome_side: Side
    joint: Floats
    given: Floats
    outcome: Floats
    n_units: float
    expected_within: Floats | None

    @property
    def expected(self) -> Floats:
        """n_a n_b / N (R, C): the counts expected under independence, or 0 without units."""
        return np.outer(self.given, self.outcome) / max(self.n_units, 1e-300)

    @property
    def T(self) -> Counts:
        """The same counts with the roles of the two kinds exchanged."""
        within = None if self.expected_within is None else self.expected_within.T
        return replace(
            self,
            given_side=self.outcome_side,
            outcome_side=self.given_side,
            joint=self.joint.T,
            given=self.outcome,
            outcome=self.given,
            expected_within=within,
        )


@dataclass(frozen=True, eq=False)
class StratumMargins:
    """Sizes n_s (S,) of S strata, with n_as (S, R) and n_bs (S, C) within each: units, or sums of weights."""

    sizes: Floats
    rows: Floats
    columns: Floats

    @cached_property
    def rows_vary(self) -> Bools:
        """Whether a stratum contains units with a row category and units without it (S, R)."""
        return (self.rows > 0) & (self.rows < self.sizes[:, None])

    @cached_property
    def columns_vary(self) -> Bools:
        """Whether a stratum contains units with a column category and units without it (S, C)."""
        return (self.columns > 0) & (self.columns < self.sizes[:, None])

    @cached_property
    def most(self) -> Floats:
        """The largest joint counts (R, C) that these margins allow, the sum over strata of min(n_as, n_bs)."""
        most = np.zeros((self.rows.shape[1], self.columns.shape[1]))
        step = max(1, _CHUNK // max(1, most.size))
        for first in range(0, len(self.sizes), step):
            chosen = slice(first, first + step)
            most += np.minimum(self.rows[chosen, :, None], self.columns[chosen, None, :]).sum(axis=0)
        return most

    @cached_property
    def expected(self) -> Floats:
        """The sum over strata of n_as n_bs / n_s (R, C), in a fixed order, so that it is the same on every machine."""
        n_rows, n_columns = self.rows.shape[1], self.columns.shape[1]
        expected = np.zeros((n_rows, n_columns))
        divisor = np.maximum(self.sizes, 1e-300)
        step = max(1, _CHUNK // max(1, n_rows * n_columns))
        for first in range(0, len(self.sizes), step):
            chosen = slice(first, first + step)
            products = self.rows[chosen, :, None] * self.columns[chosen, None, :] / divisor[chosen, None, None]
            expected += products.sum(axis=0)
        return expected


def tabulate(incidence: Incidence, counted: CountedBy = "weight") -> Counts:
    """Count an incidence with its rows as given and its columns as outcome."""
    weight = incidence.weight if counted == "weight" else incidence.units.astype(np.float64)
    joint, given, outcome = totals(incidence, weight)
    expected = None
    if incidence.stratum_names:
        of_weight = counted == "weight"
        expected = (stratum_margins(incidence) if of_weight else _stratum_margins(incidence, weight)).expected
    return Counts(incidence.rows, incidence.columns, joint, given, outcome, float(weight.sum()), expected)


def stratum_margins(incidence: Incidence) -> StratumMargins:
    """Return the weighted margins of each stratum; they are cached on the incidence."""
    known: dict[str, StratumMargins] = incidence.__dict__
    if "margins" not in known:
        known["margins"] = _stratum_margins(incidence, incidence.weight)
    return known["margins"]


def _stratum_margins(incidence: Incidence, weight: Floats) -> StratumMargins:
    n_strata, (first, number) = len(incidence.strata), incidence.levels
    own, stratum = counted(weight, number, len(first)), incidence.stratum[first]

    def margin(sets: Floats) -> Floats:
        return summed(sets * own[:, None], stratum, n_strata)

    rows, columns = incidence.row_sets[first].astype(np.float64), incidence.column_sets[first].astype(np.float64)
    return StratumMargins(summed(own, stratum, n_strata), margin(rows), margin(columns))


def shares(incidence: Incidence, of: Indices | slice = slice(None)) -> tuple[Floats, Floats]:
    """Return whether one unit of each pattern is in each row (p, R) and column (p, C), as 1 or 0.

    `of`: only these patterns.
    """
    return incidence.row_sets[of].astype(np.float64), incidence.column_sets[of].astype(np.float64)


def totals(incidence: Incidence, weight: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the sums of weights (p,) over cells (R, C), rows (R,) and columns (C,)."""
    weight = incidence.by_distinct(weight)
    rows, columns = incidence.distinct_sets
    joint = portable.matmul(skipping_zeros(rows, columns), columns * weight[:, None])
    return joint, portable.matmul(rows.T, weight), portable.matmul(columns.T, weight)


def skipping_zeros(rows: Floats, columns: Floats) -> Floats | sparse.csc_array:
    """Return the sparse transpose of a table (u, R), for products with (u, C): most units have few categories."""
    return rows.T if rows.shape[1] * columns.shape[1] <= _FEW_CELLS else sparse.csr_array(rows).T


EMPTY = 1e-12
"""Minimum size of a cell relative to its row, below which it is a rounding error of a difference of sums."""


class Fourfold(NamedTuple):
    """The four cells, each (R, C): units with both categories, only the given, only the outcome, neither."""

    both: Floats
    only_given: Floats
    only_outcome: Floats
    neither: Floats


def fourfold(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Fourfold:
    """Return the four cells of (n_ab, n_a, n_b, N), broadcast against each other."""
    cells = (joint, given - joint, outcome - joint, units - given - outcome + joint)
    return Fourfold(*np.broadcast_arrays(*cells))


def has_empty_cell(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Bools:
    """Return in which pairs (R, C) any of the four cells is empty."""
    both, only_given, only_outcome, neither = (np.real(cell) for cell in fourfold(joint, given, outcome, units))
    with_given, without = np.real(given) * EMPTY, np.real(units - given) * EMPTY
    return (both <= with_given) | (only_given <= with_given) | (only_outcome <= without) | (neither <= without)


def has_empty_margin(given: Floats, outcome: Floats, units: Floats) -> Bools:
    """Return for which pairs (R, C) a category has no unit or every unit, so that there is no comparison."""
    margins = [np.real(part) <= np.real(units) * EMPTY for part in (given, units - given, outcome, units - outcome)]
    return margins[0] | margins[1] | margins[2] | margins[3]


def corrected(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Fourfold:
    """Return the four cells, with 1/2 added to all four if any is empty, and nan if a margin is.

    Sources: Haldane (1956), The Estimation and Significance of the Logarithm of a Ratio of Frequencies;
    Anscombe (1956), On Estimating Binomial Response Relations.

    >>> [float(cell) for cell in corrected(*map(np.array, (0.0, 5.0, 3.0, 20.0)))]
    [0.5, 5.5, 3.5, 12.5]
    """
    half = np.where(has_empty_cell(joint, given, outcome, units), 0.5, 0.0)
    half = np.where(has_empty_margin(given, outcome, units), np.nan, half)
    return Fourfold(*(cell + half for cell in fourfold(joint, given, outcome, units)))


def adjusted_residual(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """Return (n_ab - e) / sqrt(e (1 - n_a/N) (1 - n_b/N)) with e = n_a n_b / N, or nan if a margin is empty or full.

    Haberman (1973), "The Analysis of Residuals in Cross-Classified Tables", Biometrics 29.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = given * outcome / units
        error = np.sqrt(expected * (1 - given / units) * (1 - outcome / units))
        return np.where(has_empty_margin(given, outcome, units), np.nan, (joint - expected) / error)


class PanelSettings(Settings):
    """One matrix: its relation, the given entity (rows), the outcome (columns), and the measure.

    `given` and `outcome` name entities. For records they are `rows` and `columns`, and for links of an entity with
    itself `from` and `to`.
    """

    removed: ClassVar[Mapping[str, str]] = {"reading": "the line that explains a cell is generated"}

    id: Identifier
    """The panel's name in files, figures and text."""
    relation: str
    """The relation it shows."""
    given: str
    """The rows: an entity; rows or columns of records; from or to if an entity is linked with itself."""
    outcome: str
    """The columns, named in the same way."""
    measure: str = "conditional"
    """The measure shown in each cell."""


LONG = ("given", "outcome", "value")
OPTIONAL = ("low", "high", "n")


@dataclass(frozen=True, slots=True)
class PublishedValue:
    """One value of a published matrix with its reading interval and the size of its row, if given."""

    given: str
    outcome: str
    value: Estimate | None
    n: float | None


@dataclass(frozen=True, slots=True)
class BareMatrix:
    """A published matrix, complete and in declared order (row-major)."""

    given: tuple[str, ...]
    outcome: tuple[str, ...]
    entries: tuple[PublishedValue, ...]


def read_bare(
    frame: pd.DataFrame,
    name: str,
    declared: tuple[Sequence[str], Sequence[str]],
    bounds: tuple[float | None, float | None],
) -> BareMatrix:
    """Read a matrix of text fields.

    Long: columns given, outcome, value and optionally low, high, n. Wide: the first column names the rows, the others
    the outcome categories. `declared` are the categories of the two axes (empty: in file order). `bounds` are the
    bounds of the measure. A pair without a row has no value.

    Raises DataError with every error: unknown or missing categories, values that are not numbers or are out of bounds,
    low above or high below the value, ends without a value, negative n, repeated pairs, no value.
    """
    entries, problems = _long(frame, name) if set(LONG) <= set(frame.columns) else _wide(frame, name)
    given = tuple(declared[0]) or tuple(dict.fromkeys(entry.given for entry in entries))
    outcome = tuple(declared[1]) or tuple(dict.fromkeys(entry.outcome for entry in entries))
    problems += _unknown(name, "row", [entry.given for entry in entries], given)
    problems += _unknown(name, "column", [entry.outcome for entry in entries], outcome)
    problems += [fault for entry in entries for fault in _faults(entry, name, bounds)]
    by_pair: dict[tuple[str, str], PublishedValue] = {}
    for entry in entries:
        pair = (entry.given, entry.outcome)
        if pair in by_pair:
            problems.append(f"{name}: {entry.given} x {entry.outcome} is given twice")
        by_pair[pair] = entry
    if not problems and all(entry.value is None for entry in entries):
        problems.append(f"{name}: no cell has a value; give columns given, outcome, value, or a column per category")
    if problems:
        raise DataError(*dict.fromkeys(problems))
    ordered = tuple(by_pair.get((a, b)) or PublishedValue(a, b, None, None) for a in given for b in outcome)
    return BareMatrix(given, outcome, ordered)


def _long(frame: pd.DataFrame, name: str) -> tuple[list[PublishedValue], list[str]]:
    problems: list[str] = []
    entries = []
    for row, record in enumerate(frame.to_dict("records"), start=2):
        place = f"{name}: row {row}"
        numbers = {key: _parse(record.get(key), f"{place}: {key}", problems) for key in ("value", *OPTIONAL)}
        given, outcome = (_shown(record[key]) for key in LONG[:2])
        if not _is_name(given) or not _is_name(outcome):
            problems.append(f"{place}: given and outcome must both name a category")
            continue
        value, low, high, n = numbers.values()
        if value is None and (low, high) != (None, None):
            stray = [key for key in OPTIONAL[:2] if numbers[key] is not None]
            problems.append(f"{place}: {' and '.join(stray)} without a value")
        entries.append(PublishedValue(given, outcome, None if value is None else Estimate(value, low, high), n))
    return entries, problems


def _wide(frame: pd.DataFrame, name: str) -> tuple[list[PublishedValue], list[str]]:
    problems: list[str] = []
    entries = []
    first, *columns = [str(column) for column in frame.columns]
    for row, record in enumerate(frame.to_dict("records"), start=2):
        given = _shown(record[first])
        if not _is_name(given):
            problems.append(f'{name}: row {row}: the first column "{first}" must name a category')
            continue
        for column in columns:
            value = _parse(record[column], f"{name}: row {row}: {column}", problems)
            entries.append(PublishedValue(given, visible(column), Estimate.of(value), None))
    return entries, problems


def _shown(field: object) -> object:
    return visible(field) if isinstance(field, str) else field


def _is_name(field: object) -> TypeGuard[str]:
    return isinstance(field, str) and bool(field.strip())


def _parse(field: object, place: str, problems: list[str]) -> float | None:
    if not isinstance(field, str) or not field.strip():
        return None
    try:
        value = float(field)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        problems.append(f'{place} must be a number, not "{field}"')
        return None
    return value


def _faults(entry: PublishedValue, name: str, bounds: tuple[float | None, float | None]) -> list[str]:
    place, estimate = f"{name}: {entry.given} x {entry.outcome}", entry.value
    if estimate is None:
        return []
    value, faults = estimate.value, []
    low, high = bounds
    if (low is not None and value < low) or (high is not None and value > high):
        faults.append(f"{place}: {value:g} is outside the measure's range {_range(low, high)}")
    if estimate.least > value:
        faults.append(f"{place}: low {estimate.least:g} is above the value {value:g}")
    if estimate.most < value:
        faults.append(f"{place}: high {estimate.most:g} is below the value {value:g}")
    if entry.n is not None and entry.n < 0:
        faults.append(f"{place}: n must be 0 or more, not {entry.n:g}")
    return faults


def _range(low: float | None, high: float | None) -> str:
    ends = ["-inf" if low is None else f"{low:g}", "inf" if high is None else f"{high:g}"]
    return " to ".join(ends)


def _unknown(name: str, axis: str, found: Sequence[str], known: Sequence[str]) -> list[str]:
    problems = []
    for category in dict.fromkeys(found):
        if category not in known:
            near = get_close_matches(category, known, n=1)
            hint = f' (did you mean "{near[0]}"?)' if near else ""
            problems.append(f'{name}: the {axis} "{category}" is no category of the taxonomy{hint}')
    return problems


_TIE = 1e-8


@dataclass(frozen=True, slots=True)
class Grouping:
    """One axis: its categories in an order that puts similar ones next to each other.

    `left_out` categories have too few units for clustering and come
    last in declared order.
    """

    order: tuple[str, ...]
    left_out: tuple[str, ...]


def seriate(counts: Counts, expected: Floats, minimum_units: float = 1) -> tuple[Grouping, Grouping]:
    """Put similar categories of rows and of columns next to each other.

    For one taxonomy both are the same: categories that occur together are similar. Otherwise rows are similar if their
    profiles over columns are, and columns if their profiles over rows are.

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
    return grouped[0], grouped[-1]


Likeness = tuple[Floats, Bools]
"""The similarity of the categories of an axis (n, n), and which are included (n,)."""


def likenesses(joint: Floats, expected: Floats, *, given: Bools, outcome: Bools, is_same: bool) -> tuple[Likeness, ...]:
    """Return the similarities for each axis: one for both with one taxonomy, else for rows and columns.

    `joint` and `expected` are (R, C). `given` (R,) and `outcome` (C,) mark the categories with enough units.
    """
    if is_same:
        return ((association(joint + joint.T, expected + expected.T), given | outcome),)
    s = association(joint, expected)
    return (_cosine(s[:, outcome]), given), (_cosine(s[given].T), outcome)


def association(observed: Floats, expected: Floats) -> Floats:
    """Return (n - e) / (n + e + 1), above -1 and below 1, and 0 if nothing is observed or expected."""
    return np.asarray((observed - expected) / (observed + expected + 1))


def _cosine(profiles: Floats) -> Floats:
    """Return the cosine of each pair of rows (n, n), or 0 if a row is all 0."""
    scaled = over(profiles, np.sqrt(portable.squared(profiles).sum(axis=1, keepdims=True)))
    return np.asarray(np.clip(portable.matmul(scaled, scaled.T), -1, 1))


def _distance(similarity: Floats, used: Sequence[int]) -> Floats:
    """Return 1 minus the similarity of the included categories, 0 on the diagonal."""
    # Rounding errors would decide ties in the last digits, and they differ between machines.
    distance = np.round(1 - similarity[np.ix_(used, used)], 12)
    distance = (distance + distance.T) / 2
    np.fill_diagonal(distance, 0)
    return distance


def _grouped(like: Likeness, names: Sequence[str]) -> Grouping:
    """Return the grouping of the included categories by their similarity."""
    similarity, present = like
    used = [int(i) for i in np.flatnonzero(present)]
    left_out = tuple(name for name, there in zip(names, present, strict=True) if not there)
    inside = tuple(names[i] for i in used)
    if len(used) < 2:
        return Grouping((*inside, *left_out), left_out)
    distance = _distance(similarity, used)
    tree = linkage(squareform(distance), "average")
    # Among equally good orders, choose the one closest to the declared order.
    declared = np.abs(np.subtract.outer(np.arange(len(used)), np.arange(len(used))))
    order = _leaf_order(tree[:, :2].astype(np.intp), distance + _TIE * declared / portable.squared(len(used)))
    if order[0] > order[-1]:
        order.reverse()
    return Grouping((*(inside[i] for i in order), *left_out), left_out)


def _leaf_order(tree: Indices, distance: Floats) -> list[int]:
    """Return the order of a tree's leaves with the smallest sum of distances between neighbours.

    `tree` (n - 1, 2) has the two groups of each merge. The length of the shortest order of a group is computed for each
    first and last leaf. SciPy's `optimal_leaf_ordering` returns longer orders for many trees (its issue 11227).
    """
    leaves = [[leaf] for leaf in range(len(distance))]
    length = [np.zeros((1, 1)) for _ in leaves]
    for left, right in tree.tolist():
        across = distance[np.ix_(leaves[left], leaves[right])]
        leaving = (length[left][:, :, None] + across).min(axis=1)
        shortest = (leaving[:, :, None] + length[right]).min(axis=1)
        none = [np.full((len(leaves[part]),) * 2, np.inf) for part in (left, right)]
        length.append(np.block([[none[0], shortest], [shortest.T, none[1]]]))
        leaves.append([*leaves[left], *leaves[right]])
    order: list[int] = []
    todo = [(len(leaves) - 1, *divmod(int(length[-1].argmin()), len(distance)))]
    while todo:
        group, first, last = todo.pop()
        if group < len(distance):
            order.append(group)
            continue
        left, right = tree[group - len(distance)].tolist()
        n = len(leaves[left])
        outer, inner = (first, last - n) if first < n else (last, first - n)
        across = distance[np.ix_(leaves[left], leaves[right])]
        through = length[left][outer][:, None] + across + length[right][:, inner]
        leave, enter = divmod(int(through.argmin()), len(leaves[right]))
        # A reversed group begins with its right part, and each part with its other end.
        parts = [(right, enter, inner), (left, outer, leave)]
        todo += parts if first < n else [(left, leave, outer), (right, inner, enter)]
    return order
