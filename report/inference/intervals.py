"""Intervals for measures: Wilson and lift formulas for independent units, linearised for groups and weights.

They describe what drawing these groups again would give; they do not reach other collections.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from report.cells import MeasureInfo
from report.inference.moments import GIVEN, JOINT, OUTCOME, UNITS, Moments

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
    n_ab is 0. No interval where a margin is empty or holds every unit: the lift is then 1 whatever is drawn.
    `totals` is (4, R, C).
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
    fixed = (given == 0) | (outcome == 0) | (given == units) | (outcome == units)
    return Interval(np.where(fixed, np.nan, low), np.where(fixed, np.nan, high))


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
