"""Observed over expected within strata, with intervals and tests.

Expected counts are summed within strata, E_ab = sum n_as n_bs / n_s, so that what the strata's composition makes is
not read as affinity. docs/strata.md has the formulas and how often the intervals hold.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..incidence import Incidence
from ..matrices.counts import StratumMargins
from ..matrices.fourfold import EMPTY
from .conditional_law import conditional_ends, conditional_p
from .intervals import Interval, standard_error, wilson, working_error
from .laws import normal_quantile, t_quantile
from .moments import GIVEN, OUTCOME, UNITS, moments
from .null_variance import lumps, null_variance
from .ratios import Ratios, Score, agreeing, differ
from .stratum_moments import Spread, StratumMoments, stratum_moments

Floats = NDArray[np.float64]
_CHUNK = 1 << 18
"""Counts of strata held at once."""


def within_strata(incidence: Incidence, level: float) -> Ratios:
    """Return n_ab / E_ab for every pair of categories, with E_ab summed within the strata.

    Independent units of weight one: the exact conditional (Cochran-Mantel-Haenszel) test and the delta method on the
    log. Groups or weights: `Score`, and linearised on the log; the error is enlarged as that of the plain lift is for
    how alike the units of a group are, and t has the same degrees of freedom. Where interval and test say different
    things of 1, the end towards it is the test's own.
    Where no stratum holds units with a and without, with b and without, n_ab = E_ab by construction: the ratio is 1
    and there is neither interval nor p. Where a and b are in no common stratum the ratio is nan.
    """
    found = stratum_moments(incidence)
    plain = found.independent and not incidence.weighted and not incidence.fractional
    ratio = np.divide(found.joint, found.expected, out=np.full_like(found.joint, np.nan), where=found.expected > 0)
    if plain:
        ends = _delta(found, level)
        p = np.where(found.told, conditional_p(found.joint, found.margins), np.nan)
        own = _conditional(found, differ(ends, p, level), level)
    else:
        enlarged, freedom = _working(incidence, found)
        ends, score = _linearised(found, level, enlarged, freedom), _score(found, incidence, freedom)
        p, own = np.where(found.told, score.p, np.nan), score.ends(level)
    ends = agreeing(ends, own, ratio, p, level)
    return Ratios(
        expected=found.expected,
        ratio=np.where(found.told | np.isnan(ratio), ratio, 1.0),
        low=np.where(found.told, ends.low, np.nan),
        high=np.where(found.told, ends.high, np.nan),
        p=p,
    )


def _conditional(found: StratumMoments, cells: NDArray[np.bool_], level: float) -> Interval:
    """Return the ratios that the exact test does not reject (R, C), for some cells; nan for others."""
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = (e / found.expected for e in conditional_ends(found.joint, found.margins, cells, level))
    return Interval(low, high)


def _score(found: StratumMoments, incidence: Incidence, freedom: Floats) -> Score:
    of_joint, of_expected = found.variance(1.0, 0.0), found.variance(0.0, 1.0)
    return Score(
        joint=found.joint,
        expected=found.expected,
        of_joint=of_joint,
        of_both=(of_joint + of_expected - found.variance(1.0, -1.0)) / 2,
        of_expected=of_expected,
        null=null_variance(incidence),
        freedom=freedom,
        lumps=lumps(incidence),
    )


def _delta(found: StratumMoments, level: float) -> Interval:
    """Return exp(log ratio +- z error) for independent units; with one stratum this is `lift_interval`.

    n_ab = 1/2 where it is 0, spread over the strata as E_ab is; the lower end is then 0. Where as many meet as can
    in every stratum, the lower end also allows for Wilson's end of their share, as in `intervals.all_or_nothing`.
    """
    z = normal_quantile(level)
    empty = found.joint == 0
    joint = np.where(empty, 0.5, found.joint)
    most, trials = most_possible(found.margins)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        variance = _log_variance(joint, found.expected, _half_added(found, empty))
        ratio, distance = joint / found.expected, z * np.sqrt(np.maximum(variance, 0))
        chance = np.where(joint >= most, _least_of_all(joint, trials, trials, level), 0)
        low = np.where(empty, 0.0, ratio * np.exp(-np.hypot(distance, chance)))
        return Interval(low, ratio * np.exp(distance))


def _least_of_all(joint: Floats, trials: Floats, groups: Floats, level: float) -> Floats:
    """Return the log of what n_ab may be over what it is where all that can meet do.

    `trials` (R, C) of n_ab meet in strata that can tell, and are worth `groups` trials of Wilson's interval.
    """
    missed = trials * (1 - wilson(groups, groups, level).low)
    return np.log(np.maximum(joint - missed, 0) / joint)


def _log_variance(joint: Floats, expected: Floats, s: Spread) -> Floats:
    """Return the variance of log n_ab - log E_ab over units."""
    a, b = 1 / joint, 1 / expected
    return a**2 * s.joint_joint - 2 * a * b * s.joint_expected + b**2 * s.expected_expected


def _half_added(found: StratumMoments, empty: NDArray[np.bool_]) -> Spread:
    """Return the sums over units with half a joint unit where there is none, at each stratum's part of E_ab."""
    s = found.spread
    if not empty.any():
        return s
    p, q = found.margins.row_shares, found.margins.column_shares
    weight = found.margins.sizes[:, None] * p * p, q * q
    both, own = weight[0].T @ weight[1], found.expected
    # Sums over strata of E_s (p + q - p q) and of E_s p q, over E_ab: what a unit with both adds to E_ab.
    n_p, n_q = found.margins.rows, found.margins.columns
    moved = (n_p * p).T @ q + p.T @ (n_q * q) - both
    half = np.where(empty, 0.5, 0.0)
    return Spread(
        s.joint_joint + half, s.joint_expected + half * moved / own, s.expected_expected + 2 * half * both / own
    )


def most_possible(margins: StratumMargins) -> tuple[Floats, Floats]:
    """Return how many can meet, sum min(n_as, n_bs) (R, C), and how many of these in strata that can tell."""
    most, trials = (np.zeros((margins.rows.shape[1], margins.columns.shape[1])) for _ in range(2))
    rows_vary, columns_vary = margins.rows_vary, margins.columns_vary
    step = max(1, _CHUNK // max(1, most.size))
    for first in range(0, len(margins.sizes), step):
        k = slice(first, first + step)
        smaller = np.minimum(margins.rows[k, :, None], margins.columns[k, None, :])
        most += smaller.sum(axis=0)
        trials += (smaller * (rows_vary[k, :, None] & columns_vary[k, None, :])).sum(axis=0)
    return most, trials


def _working(incidence: Incidence, found: StratumMoments) -> tuple[Floats, Floats]:
    """Return how many times its error the plain lift's working error is (R, C), and the degrees of freedom.

    Those of the plain lift, or G_eff - 1 over the strata in which a category varies, whichever are fewer.
    """
    whole = moments(incidence)
    error = standard_error(_lift, whole)
    enlarged, freedom = working_error(_lift, whole, (GIVEN, OUTCOME, UNITS))
    times = np.divide(enlarged, error, out=np.ones_like(error), where=error > 0)
    return times, np.minimum(freedom, np.maximum(found.groups - 1, 1))


def _lift(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return units * joint / (given * outcome)


def _linearised(found: StratumMoments, level: float, enlarged: Floats, freedom: Floats) -> Interval:
    """Return exp(log ratio +- t error), the error `enlarged` so many times; nan where groups do not differ.

    Where as many meet as can in every stratum, or none do, groups do not show how n_ab varies: as for the plain lift
    (`intervals.all_or_nothing`) Wilson's interval of that share, for G_eff trials, is added or stands alone.
    """
    most, trials = most_possible(found.margins)
    groups = found.groups_of_smaller
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        centre = np.log(found.joint / found.expected)
        error = np.sqrt(found.variance(1 / found.joint, -1 / found.expected)) * enlarged
        distance = t_quantile(level, freedom) * error
        all_meet = found.joint >= most * (1 - EMPTY)
        chance = np.where(all_meet, _least_of_all(found.joint, trials, groups, level), 0)
        low, high = np.exp(centre - np.hypot(distance, chance)), np.exp(centre + distance)
        none_meet = found.joint <= most * EMPTY
        at_most = trials * wilson(np.zeros_like(groups), groups, level).high / found.expected
    sound = (error > 0) & np.isfinite(centre) & np.isfinite(distance)
    low, high = np.where(sound, low, np.nan), np.where(sound, high, np.nan)
    return Interval(np.where(none_meet, 0.0, low), np.where(none_meet, at_most, high))
