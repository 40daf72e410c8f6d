"""Intervals for measures: Wilson and lift formulas for independent units, linearised for groups and weights.

They describe what drawing these groups again would give; they do not reach other collections.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from report.cells import MeasureInfo
from report.inference.moments import GIVEN, JOINT, OUTCOME, UNITS, Moments

Floats = NDArray[np.float64]
Formula = Callable[[Floats, Floats, Floats, Floats], Floats]


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
    return Interval(np.where(p <= 0, 0.0, centre - half), np.where(p >= 1, 1.0, centre + half))


def lift_interval(totals: Floats, level: float) -> Interval:
    """Return exp(log lift +- z sqrt(1/n_ab - 1/n_a - 1/n_b + (2 lift - 1)/N)), with n_ab = 1/2 where it is 0.

    The delta method on the multinomial of the 2 x 2 table, for independent units; the lower end is 0 where
    n_ab is 0. `totals` is (4, R, C).
    """
    z = stats.norm.ppf((1 + level) / 2)
    given, outcome, units = totals[GIVEN], totals[OUTCOME], totals[UNITS]
    empty = totals[JOINT] == 0
    joint = np.where(empty, 0.5, totals[JOINT])
    with np.errstate(divide="ignore", invalid="ignore"):
        lift = units * joint / (given * outcome)
        variance = 1 / joint - 1 / given - 1 / outcome + (2 * lift - 1) / units
        factor = np.exp(z * np.sqrt(np.maximum(variance, 0)))
    return Interval(np.where(empty, 0.0, lift / factor), lift * factor)


def interval(info: MeasureInfo, formula: Formula, moments: Moments, level: float, *, weighted: bool) -> Interval:
    """Return the interval of a measure over its cells (R, C)."""
    totals = moments.totals
    if moments.independent and not weighted:
        trials = _trials(info.name, totals)
        if trials is not None:
            return wilson(totals[JOINT], trials, level)
        if info.name == "lift":
            return lift_interval(totals, level)
    return linearised(info, formula, moments, level)


def _trials(name: str, totals: Floats) -> Floats | None:
    """Return the denominator of a measure that is a proportion of units, else None."""
    joint, given, outcome, units = totals
    return {"conditional": given, "share": units, "jaccard": given + outcome - joint}.get(name)


def linearised(info: MeasureInfo, formula: Formula, moments: Moments, level: float) -> Interval:
    """Return the linearised interval on the scale where the measure is unbounded, t with G_eff - 1 degrees.

    Logit for shares, log for ratios and counts, Fisher's z between -1 and 1, else the measure itself
    (Korn & Graubard 1998 for shares). Where a share is exactly 0 or 1 the linearised variance is 0, so
    Wilson's interval for G_eff trials stands in; other measures at their bound get no interval.
    """
    value = formula(*moments.totals)
    groups = effective_groups(info, moments)
    error = standard_error(formula, moments)
    quantile = stats.t.ppf((1 + level) / 2, np.maximum(groups - 1, 1))
    if moments.independent:
        quantile = np.full_like(quantile, stats.norm.ppf((1 + level) / 2))
    scale = _scale(info)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        centre, half = scale.forward(value), quantile * error * scale.slope(value)
        low, high = scale.backward(centre - half), scale.backward(centre + half)
    sound = np.isfinite(centre) & np.isfinite(half)
    low, high = np.where(sound, low, np.nan), np.where(sound, high, np.nan)
    if info.lower == 0 and info.upper == 1:
        ends = wilson(value * groups, groups, level)
        at_bound = (value == 0) | (value == 1)
        low, high = np.where(at_bound, ends.low, low), np.where(at_bound, ends.high, high)
    return Interval(low, high)


def effective_groups(info: MeasureInfo, moments: Moments) -> Floats:
    """Return the G_eff (R, C) that rules a measure: of the given margin, for symmetric measures the smaller."""
    given = moments.effective_groups(GIVEN)
    return np.minimum(given, moments.effective_groups(OUTCOME)) if info.symmetric else given


def standard_error(formula: Formula, moments: Moments) -> Floats:
    """Return the linearised standard error (R, C) of a function of the four totals."""
    gradient = _gradient(formula, moments.totals)
    variance = np.einsum("kab,klab,lab->ab", gradient, moments.covariance(), gradient)
    error: Floats = np.sqrt(np.maximum(variance, 0))
    return error


def _gradient(formula: Formula, totals: Floats) -> Floats:
    """Return the derivatives (4, R, C) by central differences of a millionth of the total.

    Measures are smooth and of one size, so the error is near 1e-10 of the value.
    """
    step = 1e-6 * np.maximum(totals[UNITS], 1e-300)
    gradient = np.empty_like(totals)
    for k in range(4):
        up, down = totals.copy(), totals.copy()
        up[k] += step
        down[k] -= step
        gradient[k] = (formula(*up) - formula(*down)) / (2 * step)
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
