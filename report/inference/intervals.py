"""Intervals for measures: Wilson and lift formulas for independent units, linearised for groups and weights.

They describe what drawing these groups again would give; they do not reach other collections.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from report.cells import MeasureInfo
from report.inference.moments import GIVEN, JOINT, OUTCOME, UNITS, Moments
from report.matrices.fourfold import corrected, has_empty_cell

Floats = NDArray[np.float64]
Formula = Callable[[Floats, Floats, Floats, Floats], Floats]
_STEP = 1e-100
_CANCELLED = 1e-12


@dataclass(frozen=True, eq=False)
class Interval:
    """Lower and upper ends (R, C); nan where no interval can be given."""

    low: Floats
    high: Floats


def wilson(successes: Floats, trials: Floats, level: float) -> Interval:
    """Return the score interval of a proportion (Wilson 1927). Nothing continuous is added; nan for no trials.

    >>> ends = wilson(np.array([[10.0]]), np.array([[20.0]]), 0.95)
    >>> round(float(ends.low[0, 0]), 4), round(float(ends.high[0, 0]), 4)
    (0.2993, 0.7007)
    """
    z = stats.norm.ppf((1 + level) / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = successes / trials
        centre = (p + z**2 / (2 * trials)) / (1 + z**2 / trials)
        half = z / (1 + z**2 / trials) * np.sqrt(p * (1 - p) / trials + z**2 / (4 * trials**2))
    # At 0 of n and n of n the score interval ends exactly at the bound; rounding would leave 1e-17 there.
    low, high = np.where(p <= 0, 0.0, centre - half), np.where(p >= 1, 1.0, centre + half)
    return Interval(np.maximum(low, 0.0), np.minimum(high, 1.0))


def lift_interval(totals: Floats, level: float) -> Interval:
    """Return exp(log lift +- z sqrt(1/n_ab - 1/n_a - 1/n_b + (2 lift - 1)/N)), with n_ab = 1/2 where it is 0.

    The delta method on the multinomial of the 2 x 2 table, for independent units; the lower end is 0 where
    n_ab is 0, and at most that of Wilson for their share where all of the smaller category meet. No interval
    where a margin is empty or holds every unit: the lift is then 1 whatever is drawn. `totals` is (4, R, C).
    """
    z = stats.norm.ppf((1 + level) / 2)
    given, outcome, units = totals[GIVEN], totals[OUTCOME], totals[UNITS]
    empty = totals[JOINT] == 0
    joint = np.where(empty, 0.5, totals[JOINT])
    with np.errstate(divide="ignore", invalid="ignore"):
        lift = units * joint / (given * outcome)
        variance = 1 / joint - 1 / given - 1 / outcome + (2 * lift - 1) / units
        factor = np.exp(z * np.sqrt(np.maximum(variance, 0)))
        low, high = np.where(empty, 0.0, lift / factor), lift * factor
        # Where all of the smaller category meet, the delta method sees no chance in it and covers 0 to 20 %.
        smaller, larger = np.minimum(given, outcome), np.maximum(given, outcome)
        all_meet = wilson(smaller, smaller, level).low * units / larger
        low = np.where(totals[JOINT] == smaller, np.minimum(low, all_meet), low)
    fixed = (given == 0) | (outcome == 0) | (given == units) | (outcome == units)
    return Interval(np.where(fixed, np.nan, low), np.where(fixed, np.nan, high))


def relative_risk_interval(totals: Floats, level: float) -> Interval:
    """Return exp(log RR +- z sqrt(1/n_ab - 1/n_a + 1/k - 1/m)), k of m units without a have b (Katz et al. 1978).

    With 1/2 in all four cells where one is empty, as in the value; nan where a margin is empty or full.
    """
    both, only_given, only_outcome, neither = corrected(*totals)
    without = only_outcome + neither
    ratio = both * without / (only_outcome * (both + only_given))
    return _on_the_log(ratio, 1 / both - 1 / (both + only_given) + 1 / only_outcome - 1 / without, level)


def odds_ratio_interval(totals: Floats, level: float) -> Interval:
    """Return exp(log OR +- z sqrt(sum of 1/cell over the four cells)) (Woolf 1955; Gart 1966 for empty cells).

    With 1/2 in all four cells where one is empty, as in the value; nan where a margin is empty or full.
    """
    cells = corrected(*totals)
    ratio = cells.both * cells.neither / (cells.only_given * cells.only_outcome)
    return _on_the_log(ratio, sum((1 / cell for cell in cells), np.zeros_like(ratio)), level)


def _on_the_log(ratio: Floats, variance: Floats, level: float) -> Interval:
    factor = np.exp(stats.norm.ppf((1 + level) / 2) * np.sqrt(variance))
    return Interval(ratio / factor, ratio * factor)


def _yule_q_interval(totals: Floats, level: float) -> Interval:
    """Return the ends of the odds ratio as Q: on Fisher's z, Q is half the log of the odds ratio."""
    ends = odds_ratio_interval(totals, level)
    return Interval(*((end - 1) / (end + 1) for end in (ends.low, ends.high)))


def _dice_interval(totals: Floats, level: float) -> Interval:
    """Return the ends of Jaccard's J, a share of units, as 2 J / (1 + J)."""
    ends = wilson(totals[JOINT], totals[GIVEN] + totals[OUTCOME] - totals[JOINT], level)
    return Interval(*(2 * end / (1 + end) for end in (ends.low, ends.high)))


_OF_UNITS: Mapping[str, Callable[[Floats, float], Interval]] = {
    "conditional": lambda t, level: wilson(t[JOINT], t[GIVEN], level),
    "share": lambda t, level: wilson(t[JOINT], t[UNITS], level),
    "jaccard": lambda t, level: wilson(t[JOINT], t[GIVEN] + t[OUTCOME] - t[JOINT], level),
    "overlap": lambda t, level: wilson(t[JOINT], np.minimum(t[GIVEN], t[OUTCOME]), level),
    "dice": _dice_interval,
    "lift": lift_interval,
    "relative_risk": relative_risk_interval,
    "odds_ratio": odds_ratio_interval,
    "yule_q": _yule_q_interval,
}
"""Closed forms for independent units: (totals (4, R, C), level) -> interval."""

_CORRECTED = frozenset({"relative_risk", "odds_ratio", "yule_q"})
"""Measures with 1/2 in an empty cell, whose variance groups cannot tell: none of them is in it."""


def interval(info: MeasureInfo, formula: Formula, moments: Moments, level: float, *, weighted: bool) -> Interval:
    """Return the interval of a measure over its cells (R, C); nan for test statistics, which have none."""
    totals = moments.totals
    if info.statistic:
        return Interval(np.full(totals.shape[1:], np.nan), np.full(totals.shape[1:], np.nan))
    if moments.independent and not weighted and info.name in _OF_UNITS:
        return _OF_UNITS[info.name](totals, level)
    ends = linearised(info, formula, moments, level)
    if info.name not in _CORRECTED:
        return ends
    unknown = has_empty_cell(*totals)
    return Interval(np.where(unknown, np.nan, ends.low), np.where(unknown, np.nan, ends.high))


def linearised(info: MeasureInfo, formula: Formula, moments: Moments, level: float) -> Interval:
    """Return the linearised interval on the scale where the measure is unbounded, t with G_eff - 1 degrees.

    Logit for shares, log for ratios and counts, Fisher's z between -1 and 1, else the measure itself
    (Korn & Graubard 1998 for shares), with at least one degree. Units that are groups of their own count by
    their weights: G_eff is then (sum w)^2 / sum w^2.

    Where groups do not differ (a share of exactly 0 or 1, a category in one group) the linearised variance is
    0, or unknown: for shares Wilson's interval for G_eff trials stands in, since no share that lies between 0
    and 1 varies more than an indicator; other measures get no interval.
    """
    value = formula(*moments.totals)
    groups = effective_groups(info, moments)
    error = standard_error(formula, moments)
    varies = error > 0
    quantile = stats.t.ppf((1 + level) / 2, np.maximum(groups - 1, 1))
    scale = _scale(info)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        centre, half = scale.forward(value), quantile * error * scale.slope(value)
        low, high = scale.backward(centre - half), scale.backward(centre + half)
    sound = varies & np.isfinite(centre) & np.isfinite(half)
    low, high = np.where(sound, low, np.nan), np.where(sound, high, np.nan)
    if info.lower == 0 and info.upper == 1:
        ends = wilson(value * groups, groups, level)
        low, high = np.where(varies, low, ends.low), np.where(varies, high, ends.high)
    return Interval(low, high)


def effective_groups(info: MeasureInfo, moments: Moments) -> Floats:
    """Return the G_eff (R, C) that rules a measure: of the given margin, for symmetric measures the smaller."""
    given = moments.effective_groups(GIVEN)
    return np.minimum(given, moments.effective_groups(OUTCOME)) if info.symmetric else given


def standard_error(formula: Formula, moments: Moments) -> Floats:
    """Return the linearised standard error (R, C) of a function of the four totals.

    Exactly 0 where groups do not differ, nan where the function is undefined or there are fewer than two groups.
    """
    gradient = _gradient(formula, moments.totals)
    gradient = np.where(np.isfinite(formula(*moments.totals)), gradient, np.nan)
    variance = np.einsum("kab,klab,lab->ab", gradient, moments.covariance(), gradient)
    terms = np.einsum("kab,klab,lab->ab", np.abs(gradient), np.abs(moments.second), np.abs(gradient))
    # What remains of terms that cancel is rounding: taken for variance it would pass for great certainty.
    error: Floats = np.sqrt(np.where(variance <= _CANCELLED * terms, 0.0, variance))
    return error


def _gradient(formula: Formula, totals: Floats) -> Floats:
    """Return the derivatives (4, R, C), exact to rounding: imaginary steps subtract nothing (Squire & Trapp 1998)."""
    gradient = np.empty_like(totals)
    for k in range(4):
        stepped = totals.astype(np.complex128)
        stepped[k] += 1j * _STEP
        # Measures are made of arithmetic and logarithms, which take complex numbers as they take real ones.
        gradient[k] = np.imag(formula(*cast("Floats", stepped))) / _STEP
    return gradient


@dataclass(frozen=True)
class _Scale:
    forward: Callable[[Floats], Floats]
    backward: Callable[[Floats], Floats]
    slope: Callable[[Floats], Floats]


def _scale(info: MeasureInfo) -> _Scale:
    """Return the scale on which a measure's interval is symmetric."""
    if (info.lower, info.upper) == (0, 1):
        return _Scale(lambda v: np.log(v / (1 - v)), lambda x: 1 / (1 + np.exp(-x)), lambda v: 1 / (v * (1 - v)))
    if (info.lower, info.upper) == (0, None):
        return _Scale(np.log, np.exp, lambda v: 1 / v)
    if (info.lower, info.upper) == (-1, 1):
        return _Scale(np.arctanh, np.tanh, lambda v: 1 / (1 - v**2))
    return _Scale(lambda v: v, lambda x: x, np.ones_like)
