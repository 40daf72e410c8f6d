"""Observed over expected within strata, with intervals and tests.

Expected counts are summed within strata, E_ab = sum n_as n_bs / n_s, so that the composition of strata is not mistaken
for association. docs/strata.md has the formulas and the coverage of the intervals.

A unit of stratum s with row share r and column share c adds r c to n_ab and changes E_ab by r q + p c - p q, where p =
n_as / n_s and q = n_bs / n_s: the derivative of E_ab by the unit's weight. Over all units these sum to n_ab and E_ab.
Second moments of group contributions are stored as (3, R, C): of n_ab, of n_ab and E_ab, and of E_ab. Units of one
group are kept together, as in `moments`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .. import portable
from ..arrays import Bools, Floats, Indices, Ints, over, settled, summed
from ..incidence import Incidence
from ..matrices.counts import EMPTY, StratumMargins, shares, stratum_margins, totals
from .critical_values import ErrorLaw, Student, Widest
from .intervals import Interval, slopes_of, standard_error, unbiased, wilson, working_error
from .laws import normal_quantile
from .moments import GIVEN, OUTCOME, UNITS, moments, pairs_in_runs, runs
from .ratios import Ratios, judged, lumps, null_variance
from .score import Score

_CHUNK = 1 << 18
"""Counts of strata, or of groups, in memory at once."""
_MANY_CELLS = 1 << 12


def within_strata(incidence: Incidence, level: float) -> Ratios:
    """Return n_ab / E_ab for every pair of categories, with E_ab summed within the strata; see `judged`.

    Independent units of weight one: the exact conditional (Cochran-Mantel-Haenszel) test, and the delta method on the
    log. Groups or weights: `Score`, and linearisation on the log. As for the unstratified lift, the error is enlarged
    for the correlation within groups, and t has the same degrees of freedom.
    """
    found = stratum_moments(incidence)
    if incidence.plain:
        return judged(found.joint, found.margins, _delta(found, level), None, level)
    enlarged, law = _working(incidence, found)
    ends = _linearised(found, level, enlarged, law)
    return judged(found.joint, found.margins, ends, _score(found, incidence, law), level)


@dataclass(frozen=True, eq=False)
class StratumMoments:
    """Observed counts `joint` (R, C), margins within strata, and their second moments over groups, `second` (3, R, C).

    `row_groups` (R,) and `column_groups` (C,) are G_eff of each category, over the strata in which it varies.
    """

    margins: StratumMargins
    joint: Floats
    second: Floats
    row_groups: Floats
    column_groups: Floats
    n_groups: int

    @property
    def expected(self) -> Floats:
        """Expected counts E_ab (R, C)."""
        return self.margins.expected

    @property
    def groups(self) -> Floats:
        """G_eff (R, C) of the margin with fewer groups."""
        return np.minimum.outer(self.row_groups, self.column_groups)

    @property
    def groups_of_smaller(self) -> Floats:
        """G_eff (R, C) of the category with fewer units, or the smaller G_eff if the sizes are equal."""
        rows, columns = self.margins.rows.sum(axis=0)[:, None], self.margins.columns.sum(axis=0)
        of_smaller = np.where(rows < columns, self.row_groups[:, None], self.column_groups)
        return np.where(rows == columns, self.groups, of_smaller)

    def variance(self, joint: Floats | float, expected: Floats | float) -> Floats:
        """Return the linearised variance (R, C) of a function with these derivatives by n_ab and E_ab.

        It is exactly 0 where groups do not differ, and nan with fewer than two groups.
        """
        if self.n_groups < 2:
            return np.full_like(self.joint, np.nan)
        of_joint, both, of_expected = self.second
        terms = (
            portable.squared(joint) * of_joint,
            2 * joint * expected * both,
            portable.squared(expected) * of_expected,
        )
        mean = joint * self.joint + expected * self.expected
        left = terms[0] + terms[1] + terms[2] - portable.squared(mean) / self.n_groups
        size = np.abs(terms[0]) + np.abs(terms[1]) + np.abs(terms[2])
        return settled(left, size) * self.n_groups / (self.n_groups - 1)


def stratum_moments(incidence: Incidence) -> StratumMoments:
    """Return observed and expected counts within strata with their second moments over groups."""
    margins = stratum_margins(incidence)
    if incidence.group is None:
        second = _of_units(incidence, margins)
    else:
        group = incidence.group
        # A group in one stratum has one piece.
        alone = (np.bincount(incidence.pieces.group) < 2)[group]
        nested, straddling = (
            part[np.argsort(group[part], kind="stable")] for part in (np.flatnonzero(alone), np.flatnonzero(~alone))
        )
        second = _of_nested(incidence, group, nested, margins) + _of_straddling(incidence, group, straddling, margins)
    joint = totals(incidence, incidence.weight)[0]
    return StratumMoments(margins, joint, second, *effective_groups(incidence, margins), incidence.n_owners)


def effective_groups(incidence: Incidence, margins: StratumMargins) -> tuple[Floats, Floats]:
    """Return G_eff of each row (R,) and column category (C,), over the strata in which it varies."""
    rows, columns = shares(incidence)
    return (
        effective_of(np.where(margins.rows_vary[incidence.stratum], rows, 0.0), incidence),
        effective_of(np.where(margins.columns_vary[incidence.stratum], columns, 0.0), incidence),
    )


def effective_of(held: Floats, incidence: Incidence) -> Floats:
    """Return G_eff = n^2 / sum n_g^2 (K,) of the shares (n, K) of patterns in K categories."""
    if incidence.group is None:
        return over(
            portable.squared(portable.matmul(held.T, incidence.weight)),
            portable.matmul(portable.squared(held).T, incidence.weight_squared),
        )
    order = np.argsort(incidence.group, kind="stable")
    starts = np.flatnonzero(np.diff(incidence.group[order], prepend=-1))
    by_group = np.add.reduceat((held * incidence.weight[:, None])[order], starts, axis=0)
    return over(portable.squared(by_group.sum(axis=0)), portable.squared(by_group).sum(axis=0))


def _of_units(incidence: Incidence, margins: StratumMargins) -> Floats:
    """Return the second moments where each unit is a group.

    A unit adds (r - p) q + p c to E_ab. In its square only the term with r c needs the pairs of a unit. The
    coefficients of the other terms are constant within a stratum.
    """
    (rows, columns), stratum, squared = shares(incidence), incidence.stratum, incidence.weight_squared
    p, q = margins.row_shares, margins.column_shares
    second = np.zeros((3, rows.shape[1], columns.shape[1]))
    for pairs in pairs_in_runs(rows, columns, np.arange(len(squared))):
        i, s = pairs.pattern, stratum[pairs.pattern]
        own_p, own_q = p[s, pairs.row], q[s, pairs.column]
        expected = (rows[i, pairs.row] - own_p) * own_q + own_p * columns[i, pairs.column]
        weight = squared[i] * pairs.share
        for k, moved in enumerate((weight * pairs.share, weight * expected, 2 * weight * own_p * own_q)):
            second[k] += pairs.summed(moved)
    n, r, c, r_squared, c_squared = (
        summed(part * squared[:, None], stratum, len(p))
        for part in (np.ones((len(squared), 1)), rows, columns, portable.squared(rows), portable.squared(columns))
    )
    second[2] += (
        portable.matmul((r_squared - 2 * p * r + portable.squared(p) * n).T, portable.squared(q))
        - portable.matmul(2 * portable.squared(p).T, q * c)
        + portable.matmul(portable.squared(p).T, c_squared)
    )
    return second


def _of_nested(incidence: Incidence, group: Ints, at: Indices, margins: StratumMargins) -> Floats:
    """Return the second moments over groups in one stratum: each contribution to E_ab is a product of group margins.

    `at` are their patterns, sorted by group.
    """
    rows, columns = shares(incidence, at)
    second = np.zeros((3, rows.shape[1], columns.shape[1]))
    starts = np.flatnonzero(np.diff(group[at], prepend=-1))
    if not len(starts):
        return second
    own, weight = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(at))), incidence.weight[at]
    p, q = (part[incidence.stratum[at[starts]]] for part in (margins.row_shares, margins.column_shares))
    n, r, c = (summed(part * weight[:, None], own, len(starts)) for part in (np.ones((len(own), 1)), rows, columns))
    moved = r - p * n
    second[2] = (
        portable.matmul(portable.squared(moved).T, portable.squared(q))
        + portable.matmul(2 * (moved * p).T, q * c)
        + portable.matmul(portable.squared(p).T, portable.squared(c))
    )
    for pairs in pairs_in_runs(rows, columns, starts):
        g, each = own[pairs.pattern], weight[pairs.pattern] * pairs.share
        expected = moved[g, pairs.row] * q[g, pairs.column] + p[g, pairs.row] * c[g, pairs.column]
        second[0] += pairs.squares_by(g, each)
        second[1] += pairs.summed(each * expected)
    return second


def _of_straddling(incidence: Incidence, group: Ints, at: Indices, margins: StratumMargins) -> Floats:
    """Return the second moments over groups with units in several strata, counted group by group, in runs."""
    rows, columns = shares(incidence, at)
    p, q = (part[incidence.stratum[at]] for part in (margins.row_shares, margins.column_shares))
    w = incidence.weight[at, None]
    joint_parts, expected_parts = ((w * rows, columns),), ((w * (rows - p), q), (p, w * columns))
    second = np.zeros((3, rows.shape[1], columns.shape[1]))
    bounds = np.append(np.flatnonzero(np.diff(group[at], prepend=-1)), len(at))
    n_cells = second[0].size
    # With many categories, one group at a time: one product of its patterns is faster than a product per pattern.
    for first, last in runs(bounds, _CHUNK // n_cells if 0 < n_cells <= _MANY_CELLS else 1):
        chosen, starts = slice(bounds[first], bounds[last]), bounds[first:last] - bounds[first]
        joint, expected = (_by_group(parts, chosen, starts) for parts in (joint_parts, expected_parts))
        for k, (one, other) in enumerate(((joint, joint), (joint, expected), (expected, expected))):
            second[k] += one[0] * other[0] if len(one) == 1 else (one * other).sum(axis=0)
    return second


def _by_group(parts: Sequence[tuple[Floats, Floats]], chosen: slice, starts: Indices) -> Floats:
    """Return the sums of outer products (g, R, C) of patterns by group, for g groups that start at `starts`."""
    if len(starts) == 1:
        left, right = (np.concatenate([part[side][chosen] for part in parts]) for side in (0, 1))
        return np.asarray(portable.matmul(left.T, right))[None]
    outer = [left[chosen, :, None] * right[chosen, None, :] for left, right in parts]
    return np.asarray(np.add.reduceat(outer[0] if len(outer) == 1 else outer[0] + outer[1], starts))


def _score(found: StratumMoments, incidence: Incidence, law: ErrorLaw) -> Score:
    factor = 1.0 if incidence.group is None else portable.squared(unbiased(law, found.n_groups))
    of_joint, of_expected = found.variance(1.0, 0.0) * factor, found.variance(0.0, 1.0) * factor
    of_both = (of_joint + of_expected - found.variance(1.0, -1.0) * factor) / 2
    return Score(
        found.joint, found.expected, of_joint, of_both, of_expected, null_variance(incidence), law, lumps(incidence)
    )


def _delta(found: StratumMoments, level: float) -> Interval:
    """Return exp(log ratio +- z error) for independent units; with one stratum this is `lift_interval`.

    An n_ab of 0 is replaced by 1/2, spread over the strata in proportion to E_ab, and the lower end is then 0. If n_ab
    is as large as it can be in every stratum, the lower end also allows for Wilson's end of its share, as in
    `intervals.all_or_nothing`.
    """
    z = normal_quantile(level)
    empty = found.joint == 0
    joint = np.where(empty, 0.5, found.joint)
    most, trials = most_possible(found.margins)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        of_joint, both, of_expected = _half_added(found, empty)
        a, b = 1 / joint, 1 / found.expected
        variance = portable.squared(a) * of_joint - 2 * a * b * both + portable.squared(b) * of_expected
        ratio, distance = joint / found.expected, z * np.sqrt(np.maximum(variance, 0))
        chance = np.where(joint >= most, _least_of_all(joint, trials, trials, level), 0)
        low = np.where(empty, 0.0, ratio * portable.exp(-portable.hypot(distance, chance)))
        return Interval(low, ratio * portable.exp(distance))


def _least_of_all(joint: Floats, trials: Floats, groups: Floats, level: float) -> Floats:
    """Return the log of the smallest plausible n_ab over n_ab, for an n_ab as large as it can be.

    `trials` (R, C) of n_ab are in informative strata, and their effective number is `groups`, the trials of Wilson's
    interval.
    """
    missed = trials * (1 - wilson(groups, groups, level).low)
    return portable.log(np.maximum(joint - missed, 0) / joint)


def _half_added(found: StratumMoments, empty: Bools) -> Floats:
    """Return the second moments with half a joint unit where there is none, spread over strata as E_ab is."""
    if not empty.any():
        return found.second
    p, q = found.margins.row_shares, found.margins.column_shares
    both, own = portable.matmul((found.margins.sizes[:, None] * p * p).T, q * q), found.expected
    # Sums over strata of E_s (p + q - p q) and of E_s p q, over E_ab: the contribution of a unit with both to E_ab.
    n_p, n_q = found.margins.rows, found.margins.columns
    moved = portable.matmul((n_p * p).T, q) + portable.matmul(p.T, n_q * q) - both
    half = np.where(empty, 0.5, 0.0)
    return np.asarray(found.second + np.stack([half, half * moved / own, 2 * half * both / own]))


def most_possible(margins: StratumMargins) -> tuple[Floats, Floats]:
    """Return the largest possible n_ab, sum min(n_as, n_bs) (R, C), and its part in informative strata."""
    most, trials = (np.zeros((margins.rows.shape[1], margins.columns.shape[1])) for _ in range(2))
    rows_vary, columns_vary = margins.rows_vary, margins.columns_vary
    step = max(1, _CHUNK // max(1, most.size))
    for first in range(0, len(margins.sizes), step):
        k = slice(first, first + step)
        smaller = np.minimum(margins.rows[k, :, None], margins.columns[k, None, :])
        most += smaller.sum(axis=0)
        trials += (smaller * (rows_vary[k, :, None] & columns_vary[k, None, :])).sum(axis=0)
    return most, trials


def _working(incidence: Incidence, found: StratumMoments) -> tuple[Floats, ErrorLaw]:
    """Return the ratio (R, C) of the lift's working error to its error, and the distribution of distances in errors.

    The distribution is the unstratified lift's. If a category does not vary in some strata, fewer groups determine the
    ratio. It is then the wider of that distribution and t with G_eff - 1 degrees of freedom over the other strata.
    """
    whole = moments(incidence)
    slopes = slopes_of(_lift, whole.totals)
    error = standard_error(_lift, whole, slopes)
    enlarged, law = working_error(_lift, whole, (GIVEN, OUTCOME, UNITS), slopes)
    of_all = np.minimum(whole.effective_groups(GIVEN), whole.effective_groups(OUTCOME))
    fewer = found.groups < of_all * (1 - EMPTY)
    return over(enlarged, error, 1.0), Widest(law, Student(np.where(fewer, incidence.freedom_of(found.groups), np.inf)))


def _lift(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return units * joint / (given * outcome)


def _linearised(found: StratumMoments, level: float, enlarged: Floats, law: ErrorLaw) -> Interval:
    """Return exp(log ratio +- t error), with the error multiplied by `enlarged`; nan where groups do not differ.

    If n_ab is as large as it can be in every stratum, or 0, groups do not show its variance. As for the unstratified
    lift (`intervals.all_or_nothing`), Wilson's interval of that share, for G_eff trials, is added or used alone.
    """
    most, trials = most_possible(found.margins)
    groups = found.groups_of_smaller
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        centre = portable.log(found.joint / found.expected)
        error = np.sqrt(found.variance(1 / found.joint, -1 / found.expected)) * enlarged
        distance = law.quantile(level) * error
        all_meet = found.joint >= most * (1 - EMPTY)
        chance = np.where(all_meet, _least_of_all(found.joint, trials, groups, level), 0)
        low, high = portable.exp(centre - portable.hypot(distance, chance)), portable.exp(centre + distance)
        none_meet = found.joint <= most * EMPTY
        at_most = trials * wilson(np.zeros_like(groups), groups, level).high / found.expected
    ends = Interval(low, high).where((error > 0) & law.estimable & np.isfinite(centre) & np.isfinite(distance))
    return Interval(np.where(none_meet, 0.0, ends.low), np.where(none_meet, at_most, ends.high))
