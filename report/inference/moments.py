"""Moments of per-group totals: the only data that linearised intervals need, whatever the number of groups.

Units of one group are kept together (with-replacement cluster sampling; Cochran 1977, section 9). If units are
independent, each is a group of its own, and the moments follow from the sums of squared weights.

The estimated variance over groups is unreliable if few large groups contain most units, or if few groups have the rarer
outcome. Intervals therefore also use a working model, as in small-sample corrections for clusters (Bell & McCaffrey
2002; Imbens & Kolesar 2016; Pustejovsky & Tipton 2018): any two units of a group have correlation rho. A variance is
then at least the variance of independent units times 1 - rho + rho sum m^2 / sum u, where m is a group's total of a
category and u the sum of its squared weights (m without weights). The same model gives the distribution of the
estimate's distance from the truth in standard errors (`critical_values`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from .. import portable
from ..arrays import CANCELLED, Floats, Indices, Ints, counted, crossed, over, settled
from ..cells import Dispersion
from ..incidence import Incidence, freedom_of
from ..matrices.counts import shares, skipping_zeros, totals
from .critical_values import POWERS, MarginLaw, Student, unequal_groups, worst

JOINT, GIVEN, OUTCOME, UNITS = range(4)

PRIOR = 20.0
"""Weight of the correlation of a cell's whole row, on the scale of the cell's effective groups of the rarer outcome.
It was chosen among 1 to 50 by simulation (docs/inference.md)."""

_WITHOUT = np.array([[-1.0, 0, 1, 0], [0, -1, 0, 1], [0, 0, 1, 0], [0, 0, 0, 1]])
"""Contributions of units without a to (n_ab, n_a, n_b, N), from the contributions of all."""

_BOTH = np.array([[0, 0, 0, 0], [0, 1, 0, 1], [0, 0, 2, 2], [0, 1, 2, 3]])
"""The total to which a unit adds if it adds to both of two totals."""

_TABLE = (-2, -1)
_MOST = 1 << 22
"""Pairs of categories in memory at once, except for a single group that has more."""


@dataclass(frozen=True, eq=False)
class Moments:
    """Totals and second moments of (n_ab, n_a, n_b, N) over G groups, for R x C cells.

    Several tables may be stacked, as in (4, V, R, C): functions of moments use the last two axes.

    `totals` is (4, R, C). `second` (4, 4, R, C) is the sum over groups of products of per-group totals, and `alone` is
    the same as if each of the `n_units` units were a group of its own. `sizes` (21, 5, R, C) are sums over groups of
    u^i m^j with the exponents `POWERS` (u^2, u m^2 and m^4 first), for the margins n_a, n_b and N, then N - n_a and N -
    n_b. Here m is the group's total and u its sum of squares over units. `sizes` is None if units are their own groups.
    `adds_ones`: a unit adds 1 or nothing to each total, and so to each variance. `weighted`: a unit adds its weight or
    nothing, and is its own group. `dispersion` is as in `Incidence`.
    """

    totals: Floats
    second: Floats
    n_groups: int
    alone: Floats
    n_units: int
    sizes: Floats | None
    adds_ones: bool
    weighted: bool = False
    dispersion: Dispersion | None = None

    @property
    def inflated(self) -> bool:
        """Whether weights or a dispersion make variances larger than for the same number of independent units."""
        return self.weighted or self.dispersion is not None

    @property
    def independent(self) -> bool:
        """Whether units are their own groups."""
        return self.sizes is None

    @property
    def plain(self) -> bool:
        """Whether units are independent and add 1 or nothing each, so that count distributions apply."""
        return self.independent and self.adds_ones

    @property
    def T(self) -> Moments:
        """The moments with given and outcome exchanged."""
        order = [JOINT, OUTCOME, GIVEN, UNITS]
        second, alone = (part[order][:, order].swapaxes(-1, -2) for part in (self.second, self.alone))
        sizes = None if self.sizes is None else self.sizes[:, [1, 0, 2, 4, 3]].swapaxes(-1, -2)
        return replace(self, totals=self.totals[order].swapaxes(-1, -2), second=second, alone=alone, sizes=sizes)

    def without(self) -> Moments:
        """Return the moments of the other units: n_b - n_ab and N - n_a in place of n_ab and n_a."""
        totals = np.einsum("ij,j...->i...", _WITHOUT, self.totals)
        second, alone = (np.einsum("ij,jk...,lk->il...", _WITHOUT, of, _WITHOUT) for of in (self.second, self.alone))
        sizes = None if self.sizes is None else self.sizes[:, [3, 1, 2, 0, 4]]
        return replace(self, totals=totals, second=second, alone=alone, sizes=sizes)

    def scaled(self, factor: float) -> Moments:
        """Return the moments with every total multiplied by a factor, as if the weights were."""
        powers = np.array([portable.power(factor, 2 * i + j) for i, j in POWERS]).reshape(-1, 1, 1, 1)
        sizes = None if self.sizes is None else self.sizes * powers
        second, alone = self.second * portable.squared(factor), self.alone * portable.squared(factor)
        return replace(self, totals=self.totals * factor, second=second, alone=alone, sizes=sizes)

    def as_units(self) -> Moments:
        """Return the moments as if each unit were a group of its own, for the variance of independent units."""
        return replace(self, second=self.alone, n_groups=self.n_units, sizes=None)

    def with_unrelated_weights(self, margins: Sequence[int]) -> Moments:
        """Return the moments that are expected if weights are unrelated to categories.

        Sums of squared weights are then proportional to sums of weights. Their ratio is taken from the units of a
        margin, the largest of several margins.
        """
        ratio = np.maximum.reduce([over(self.second[margin, margin], self.totals[margin]) for margin in margins])
        return replace(self, second=self.totals[_BOTH] * ratio)

    def covariance(self) -> Floats:
        """Return the covariance (4, 4, R, C) of the totals; nan with fewer than two groups."""
        if self.n_groups < 2:
            return np.full_like(self.second, np.nan)
        centred = self.second - self.totals[:, None] * self.totals[None, :] / self.n_groups
        return centred * (self.n_groups / (self.n_groups - 1))

    def effective_groups(self, margin: int) -> Floats:
        """Return G_eff = n^2 / sum n_g^2 (R, C) of a margin; 0 where it is empty."""
        return over(portable.squared(self.totals[margin]), self.second[margin, margin])


def moments(incidence: Incidence) -> Moments:
    """Return the moments of an incidence, rows as given and columns as outcome; they are cached on the incidence."""
    known: dict[str, Moments] = incidence.__dict__
    if "moments" not in known:
        known["moments"] = _moments(incidence)
    return known["moments"]


def _moments(incidence: Incidence) -> Moments:
    joint, given, outcome = totals(incidence, incidence.weight)
    stacked = np.stack(
        np.broadcast_arrays(joint, given[:, None], outcome[None, :], incidence.weight.sum()),
    )
    rows, columns = shares(incidence, incidence.distinct[0])
    squared = incidence.by_distinct(incidence.weight_squared)
    alone = _of_units(rows, columns, squared)
    n_units = incidence.n_units
    second, sizes = (alone, None) if incidence.group is None else _of_groups(incidence, incidence.group)
    weighted = incidence.weighted and incidence.group is None
    adds_ones, dispersion = not incidence.inflated, incidence.dispersion
    return Moments(stacked, second, incidence.n_owners, alone, n_units, sizes, adds_ones, weighted, dispersion)


def _of_units(rows: Floats, columns: Floats, squared: Floats) -> Floats:
    """Return second moments (4, 4, R, C) where each unit is a group: sums of products of its contributions."""
    # A unit's contribution to (n_ab, n_a, n_b, N) is a power 0 or 1 of its row share times a power of its column share.
    powers = (1, 1), (1, 0), (0, 1), (0, 0)
    of_rows = [skipping_zeros(portable.power(rows, i), columns) for i in range(2)]
    of_columns = [portable.power(columns, j) * squared[:, None] for j in range(2)]
    if (squared == np.rint(squared)).all():  # whole sums are exact, so one row and column suffice
        of_rows[0], of_columns[0] = np.ones((1, len(rows))), squared[:, None]
    shape = rows.shape[1], columns.shape[1]
    sums = [[np.broadcast_to(portable.matmul(of_rows[i], of_columns[j]), shape) for j in range(2)] for i in range(2)]
    return np.stack([np.stack([sums[max(i, k)][max(j, m)] for k, m in powers]) for i, j in powers])


def _of_groups(incidence: Incidence, group: Ints) -> tuple[Floats, Floats]:
    """Return second moments (4, 4, R, C) over groups, and the sums (21, 5, R, C) of powers of group sizes."""
    first, number = incidence.distinct
    shape = incidence.n_owners, len(first)
    held: sparse.csr_array[np.float64] = sparse.csr_array((incidence.weight, (group, number)), shape=shape)
    squared: sparse.csr_array[np.float64] = sparse.csr_array((incidence.weight_squared, (group, number)), shape=shape)
    (rows, columns), every = shares(incidence, first), np.ones((len(first), 1))
    given, outcome, units = (np.asarray(portable.matmul(held, part)) for part in (rows, columns, every))
    second = _products_of_groups(held, (rows, columns, every), (given, outcome, units))
    parts = (given, rows), (outcome, columns), (units, every), (units - given, 1 - rows), (units - outcome, 1 - columns)
    sizes = [
        power_sums(m, m if not incidence.inflated else np.asarray(portable.matmul(squared, portable.squared(part))))
        for m, part in parts
    ]
    along = [np.s_[:, :, None], np.s_[:, None], np.s_[:, :, None], np.s_[:, :, None], np.s_[:, None]]
    ones = np.ones(second.shape[2:])
    return second, np.stack([of[place] * ones for of, place in zip(sizes, along, strict=True)], axis=1)


def _products_of_groups(held: sparse.csr_array, sides: Sequence[Floats], sums: Sequence[Floats]) -> Floats:
    """Return the second moments (4, 4, R, C) from unit contributions to each side (u, K) and group totals (G, K).

    Only the squares of n_ab need the joint counts of each group. In any other product one factor is a margin. The sum
    over groups is then the sum over pairs of sets, weighted by that margin of their groups.
    """
    (rows, columns, _), (given, outcome, units) = sides, sums
    own_given, own_outcome, own_units = (np.asarray(portable.matmul(held.T, part)) for part in sums)
    ones = np.ones((rows.shape[1], columns.shape[1]))
    second = np.empty((4, 4, *ones.shape))
    second[JOINT, JOINT] = _joint_squares(held, rows, columns)
    second[JOINT, GIVEN] = portable.matmul((rows * own_given).T, columns)
    second[JOINT, OUTCOME] = portable.matmul(rows.T, columns * own_outcome)
    second[JOINT, UNITS] = portable.matmul((rows * own_units).T, columns)
    second[GIVEN, GIVEN] = portable.squared(given).sum(axis=0)[:, None] * ones
    second[GIVEN, OUTCOME] = portable.matmul(given.T, outcome)
    second[GIVEN, UNITS] = portable.matmul(given.T, units) * ones
    second[OUTCOME, OUTCOME] = portable.squared(outcome).sum(axis=0) * ones
    second[OUTCOME, UNITS] = portable.matmul(units.T, outcome) * ones
    second[UNITS, UNITS] = portable.squared(units).sum() * ones
    below = np.tril_indices(4, -1)
    second[below] = second.transpose(1, 0, 2, 3)[below]
    return second


def power_sums(totals: Floats, own: Floats) -> Floats:
    """Return the sums (21, K) over groups of u^i m^j, in the order of `POWERS`; m (G, K) and u (G, K)."""
    of_totals = [totals, portable.squared(totals)]
    of_totals += [of_totals[1] * totals, portable.squared(of_totals[1])]
    if own is totals:
        sums = {n: np.einsum("gk,gk->k", of_totals[(n + 1) // 2 - 1], of_totals[n // 2 - 1]) for n in range(2, 9)}
        return np.stack([sums[i + j] for i, j in POWERS])
    of_own = [np.ones_like(own), own, portable.squared(own), portable.power(own, 3), portable.power(own, 4)]
    of_totals = [of_own[0], *of_totals, *(of_totals[3] * one for one in of_totals)]
    return np.stack([np.einsum("gk,gk->k", of_own[i], of_totals[j]) for i, j in POWERS])


def _joint_squares(held: sparse.csr_array, rows: Floats, columns: Floats) -> Floats:
    """Return the sum over groups of the squared joint counts (R, C).

    `held` (G, u) are group totals of distinct pairs of sets. `rows` (u, R) and `columns` (u, C) are the contributions
    of a unit.
    """
    met = crossed(sparse.csr_array(rows), sparse.csr_array(columns))
    before = np.concatenate([[0], np.cumsum(np.diff(met.indptr).astype(np.int64)[held.indices])])[held.indptr]
    squares = np.zeros(met.shape[1])
    for first, last in runs(before, _MOST):
        sums = portable.matmul(held[first:last], met)
        squares += counted(portable.squared(sums.data), sums.indices, met.shape[1])
    return squares.reshape(rows.shape[1], columns.shape[1])


@dataclass(frozen=True, eq=False)
class GroupEffect:
    """The effect of correlation within groups, by cell (R, C), by row (R,) or by column (C,).

    `inflation`: a variance is at least this multiple of the variance of independent units. `law`: the distribution of
    the estimate's distance from the truth in standard errors.
    """

    inflation: Floats
    law: MarginLaw


def of_cells(moments: Moments, margins: Sequence[int]) -> GroupEffect:
    """Return the effect (R, C) for an estimate that depends on some margins: for each cell, the worst margin's.

    If a category is compared with all units, the groups of all units affect only the distribution. The variance comes
    from the category's own units, which need not be in the groups that contain most other units.
    """
    known: dict[tuple[int, ...], GroupEffect] = moments.__dict__.setdefault("effects", {})
    if tuple(margins) not in known:
        known[tuple(margins)] = _of_cells(moments, margins)
    return known[tuple(margins)]


def _of_cells(moments: Moments, margins: Sequence[int]) -> GroupEffect:
    found = {margin: _likeness(moments, margin, correlation(moments, margin)) for margin in margins}
    own = [one.inflation for margin, one in found.items() if margin != UNITS or len(found) == 1]
    return GroupEffect(np.maximum.reduce(own), worst([one.law for one in found.values()]))


def of_lines(moments: Moments, margin: int) -> GroupEffect:
    """Return the effect on each given (R,) or outcome category (C,), from the correlation of its whole line."""
    place = (slice(None), 0) if margin == GIVEN else (0, slice(None))
    line = np.broadcast_to(_pooled(moments, margin)[0], moments.totals.shape[1:])
    found = _likeness(moments, margin, line)
    return GroupEffect(found.inflation[place], found.law.at(place))


def correlation(moments: Moments, margin: int) -> Floats:
    """Return the correlation (R, C) within groups of "has both", among the units of a margin; 0 without groups.

    It is a moment estimate over pairs of units of one group, between 0 and 1. If few effective groups have the rarer
    outcome, the estimate is unreliable. It is then shrunk towards the estimate for the whole line (all cells with that
    given, or outcome, category), and that in turn towards the whole table.
    """
    line, weight = _pooled(moments, margin)
    pairs, chance = _pairs(moments, margin)
    return (_part(pairs, chance) * weight + PRIOR * line) / (weight + PRIOR)


def _pooled(moments: Moments, margin: int) -> tuple[Floats, Floats]:
    """Return each line's correlation, shrunk towards the table's, and the weight (R, C) of the cell's own."""
    pairs, chance = _pairs(moments, margin)
    axis: int | tuple[int, int] = {GIVEN: -1, OUTCOME: -2}.get(margin, _TABLE)
    of_line, of_chance = pairs.sum(axis=axis, keepdims=True), chance.sum(axis=axis, keepdims=True)
    joint, whole = moments.totals[JOINT], moments.totals[margin]
    share = over(joint, whole)
    weight = np.minimum(share, 1 - share) * moments.effective_groups(margin)
    of_weight = weight.sum(axis=axis, keepdims=True)
    table = _part(*(part.sum(axis=_TABLE, keepdims=True) for part in (pairs, chance)))
    return (_part(of_line, of_chance) * of_weight + PRIOR * table) / (of_weight + PRIOR), weight


def _pairs(moments: Moments, margin: int) -> tuple[Floats, Floats]:
    """Return sums (R, C) over pairs of units of a group: of residuals' products, and that sum for correlation 1."""
    totals = moments.totals
    if moments.independent:
        return np.zeros(totals.shape[1:]), np.zeros(totals.shape[1:])
    share = over(totals[JOINT], totals[margin])
    over_groups, over_units = (_residuals(second, margin, share) for second in (moments.second, moments.alone))
    own = moments.alone[margin, margin]
    more = moments.second[margin, margin] - own
    chance = over(over_units * more, own)
    known = more > CANCELLED * own  # unknown if hardly any two units share a group
    return np.where(known, over_groups - over_units, 0.0), np.where(known, chance, 0.0)


def _residuals(second: Floats, margin: int, share: Floats) -> Floats:
    """Return the sum (R, C) of squares of n_ab minus its share of a margin."""
    both, own, across = second[JOINT, JOINT], second[margin, margin], second[JOINT, margin]
    terms = both, 2 * share * across, portable.squared(share) * own
    return settled(terms[0] - terms[1] + terms[2], terms[0] + terms[1] + terms[2])


def _part(pairs: Floats, chance: Floats) -> Floats:
    return np.clip(over(pairs, chance), 0.0, 1.0)


def _likeness(moments: Moments, margin: int, rho: Floats) -> GroupEffect:
    total, own, squares = moments.totals[margin], moments.alone[margin, margin], moments.second[margin, margin]
    if moments.sizes is None:
        freedom = freedom_of(moments.effective_groups(margin), moments.dispersion, weighted=moments.weighted)
        return GroupEffect(np.ones_like(own), Student(freedom))
    inflation = 1 - rho + rho * over(squares, own, 1.0)
    law = unequal_groups(rho, total, own, squares, moments.sizes[:, margin - 1])
    return GroupEffect(np.maximum(inflation, 1.0), law)


@dataclass(frozen=True, eq=False)
class Pairs:
    """m pairs of categories in patterns: the pattern, the cell, and the `share` (m,) that a unit adds to it.

    Cells of the `shape` (R, C) are numbered row after row.
    """

    pattern: Ints
    cell: Ints
    share: Floats
    shape: tuple[int, int]

    @property
    def row(self) -> Ints:
        """The row category of each pair."""
        return self.cell // self.shape[1]

    @property
    def column(self) -> Ints:
        """The column category of each pair."""
        return self.cell % self.shape[1]

    def summed(self, values: Floats) -> Floats:
        """Return the sums of values (m,) by cell (R, C)."""
        return counted(values, self.cell, self.shape[0] * self.shape[1]).reshape(self.shape)

    def squares_by(self, group: Ints, values: Floats) -> Floats:
        """Return by cell (R, C) the sum over groups of the squared sums of values; `group` (m,) is in order."""
        first, last = (int(group[0]), int(group[-1]) + 1) if len(group) else (0, 0)
        n_cells = self.shape[0] * self.shape[1]
        sums = sparse.coo_array((values, (group - first, self.cell)), shape=(last - first, n_cells)).tocsr()
        sums.sum_duplicates()
        return counted(portable.squared(sums.data), sums.indices, n_cells).reshape(self.shape)


def pairs_in_runs(rows: Floats, columns: Floats, starts: Ints) -> Iterator[Pairs]:
    """Yield the category pairs of patterns (n, R) and (n, C), whole groups at a time.

    There are few pairs if each unit has few categories. `starts` (G,) are the first patterns of the groups, in order.
    `pattern` counts within all patterns.
    """
    first, second = sparse.csr_array(rows), sparse.csr_array(columns)
    before = np.concatenate([[0], np.cumsum(np.diff(first.indptr).astype(np.int64) * np.diff(second.indptr))])
    bounds = np.append(starts, len(rows))
    for one, other in runs(before[bounds], _MOST):
        patterns = slice(bounds[one], bounds[other])
        pairs = crossed(first[patterns], second[patterns])
        pattern = np.repeat(np.arange(patterns.start, patterns.stop), np.diff(pairs.indptr))
        yield Pairs(pattern, pairs.indices.astype(np.int64), pairs.data, (rows.shape[1], columns.shape[1]))


def runs(bounds: Indices | Ints, step: int) -> Iterator[tuple[int, int]]:
    """Yield first and last (exclusive) of runs of groups with at most `step` items, or of one; `bounds` (G + 1,)."""
    first = 0
    while first < len(bounds) - 1:
        last = max(first + 1, int(np.searchsorted(bounds, bounds[first] + step, side="right")) - 1)
        yield first, last
        first = last
