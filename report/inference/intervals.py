"""Intervals for measures: Wilson and lift formulas for independent units, linearised for groups and weights.

And the states of nothing: which cells are measured, and why the others are not.

They describe what drawing these groups again would give; they do not reach other collections.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy import special

from ..arrays import Bools, Floats, settled
from ..cells import MeasureInfo
from ..matrices.counts import EMPTY, corrected, has_empty_cell
from . import InferenceSettings
from .laws import normal_quantile, t_quantile
from .moments import GIVEN, JOINT, OUTCOME, UNITS, Moments, of_cells

Formula = Callable[[Floats, Floats, Floats, Floats], Floats]
_STEP = 1e-100


@dataclass(frozen=True, eq=False)
class Interval:
    """Lower and upper ends (R, C); nan where no interval can be given."""

    low: Floats
    high: Floats

    def where(self, there: Bools) -> Interval:
        """Return the ends where there are any, nan elsewhere."""
        return Interval(np.where(there, self.low, np.nan), np.where(there, self.high, np.nan))

    def on(self, scale: Callable[[Floats], Floats]) -> Interval:
        """Return the ends on another, rising scale."""
        return Interval(scale(self.low), scale(self.high))


def wilson(successes: Floats, trials: Floats, level: float) -> Interval:
    """Return the score interval of a proportion (Wilson 1927). Nothing continuous is added; nan for no trials.

    >>> ends = wilson(np.array([[10.0]]), np.array([[20.0]]), 0.95)
    >>> round(float(ends.low[0, 0]), 4), round(float(ends.high[0, 0]), 4)
    (0.2993, 0.7007)
    """
    z = normal_quantile(level)
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
    n_ab is 0. Where all of the smaller category meet, the lower end also allows for Wilson's end of that share,
    as in `all_or_nothing`. No interval where a margin is empty or holds every unit: the lift is then 1 whatever
    is drawn. `totals` is (4, R, C).
    """
    z = normal_quantile(level)
    given, outcome, units = totals[GIVEN], totals[OUTCOME], totals[UNITS]
    empty = totals[JOINT] == 0
    joint = np.where(empty, 0.5, totals[JOINT])
    with np.errstate(divide="ignore", invalid="ignore"):
        lift = units * joint / (given * outcome)
        variance = 1 / joint - 1 / given - 1 / outcome + (2 * lift - 1) / units
        distance = z * np.sqrt(np.maximum(variance, 0))
        smaller = np.minimum(given, outcome)
        chance = np.where(joint == smaller, np.log(wilson(smaller, smaller, level).low), 0)
        low = np.where(empty, 0.0, lift * np.exp(-np.hypot(distance, chance)))
        high = lift * np.exp(distance)
    fixed = (given == 0) | (outcome == 0) | (given == units) | (outcome == units)
    return Interval(low, high).where(~fixed)


def _log2_lift_interval(totals: Floats, level: float) -> Interval:
    """Return the ends of the lift on its scale; nan where n_ab is 0, as the value is."""
    with np.errstate(divide="ignore"):
        return lift_interval(totals, level).on(np.log2).where(totals[JOINT] > 0)


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
    factor = np.exp(normal_quantile(level) * np.sqrt(variance))
    return Interval(ratio / factor, ratio * factor)


def _yule_q_interval(totals: Floats, level: float) -> Interval:
    """Return the ends of the odds ratio as Q: on Fisher's z, Q is half the log of the odds ratio."""
    return odds_ratio_interval(totals, level).on(lambda ratio: (ratio - 1) / (ratio + 1))


def _dice_interval(totals: Floats, level: float) -> Interval:
    """Return the ends of Jaccard's J, a share of units, as 2 J / (1 + J)."""
    return _OF_UNITS["jaccard"](totals, level).on(lambda share: 2 * share / (1 + share))


_OF_UNITS: Mapping[str, Callable[[Floats, float], Interval]] = {
    "conditional": lambda t, level: wilson(t[JOINT], t[GIVEN], level),
    "share": lambda t, level: wilson(t[JOINT], t[UNITS], level),
    "jaccard": lambda t, level: wilson(t[JOINT], t[GIVEN] + t[OUTCOME] - t[JOINT], level),
    "overlap": lambda t, level: wilson(t[JOINT], np.minimum(t[GIVEN], t[OUTCOME]), level),
    "dice": _dice_interval,
    "lift": lift_interval,
    "log2_lift": _log2_lift_interval,
    "relative_risk": relative_risk_interval,
    "odds_ratio": odds_ratio_interval,
    "yule_q": _yule_q_interval,
}
"""Closed forms for independent units: (totals (4, R, C), level) -> interval."""

_CORRECTED = frozenset({"relative_risk", "odds_ratio", "yule_q"})
"""Measures with 1/2 in an empty cell. Groups cannot tell how that cell varies: none of them is in it."""

_SHARE = MeasureInfo("conditional", "Share", "P(b|a) = n_ab / n_a", 0, 1)
_OF_ALL = frozenset({"count", "share"})
"""Measures of all units, whose groups are those of N."""

_BESIDE_ALL = frozenset({
    "lift", "log2_lift", "npmi", "difference", "phi", "relative_risk", "odds_ratio", "yule_q",
})  # fmt: skip
"""Measures that hold a cell against units that have neither category: what groups of these are like counts as well."""

_MEETING = frozenset({"lift", "log2_lift", "phi", "cosine", "kulczynski", "npmi"})
"""Measures that grow with the share of the smaller category that meets the other, and are no share of units."""


def interval(info: MeasureInfo, formula: Formula, moments: Moments, level: float) -> Interval:
    """Return the interval of a measure over its cells (R, C); nan for test statistics, which have none."""
    totals = moments.totals
    if info.statistic:
        none = np.full(totals.shape[1:], np.nan)
        return Interval(none, none)
    if moments.plain and info.name in _OF_UNITS:
        return _OF_UNITS[info.name](totals, level)
    if info.name == "difference":
        return _difference_interval(moments, level)
    ends = linearised(info, formula, moments, level)
    if info.name in _CORRECTED:
        ends = ends.where(~has_empty_cell(*totals))
    return all_or_nothing(ends, info, formula, moments, level) if info.name in _MEETING | _CORRECTED else ends


def _difference_interval(moments: Moments, level: float) -> Interval:
    """Return the interval of P(b|a) - P(b|not a) from those of both shares (Newcombe 1998, method 10; Zou 2007).

    The distance to an end is the root of l^2 + u^2 - 2 r l u, with the distances l and u of the shares to the ends
    that matter and their correlation r over groups. So it is as skewed as they are: where few groups have b, the
    variance seen says nothing of the others. nan where no unit, or every unit, has a.
    """
    both = moments, moments.without()
    if moments.plain:
        ends = [_OF_UNITS["conditional"](part.totals, level) for part in both]
    else:
        ends = [linearised(_SHARE, _conditional, part, level) for part in both]
    value, other = (_conditional(*part.totals) for part in both)
    r = np.zeros_like(value) if moments.plain else _correlation(moments)
    below, above = (
        np.sqrt(np.maximum(one**2 + two**2 - 2 * r * one * two, 0.0))
        for one, two in ((value - ends[0].low, ends[1].high - other), (ends[0].high - value, other - ends[1].low))
    )
    return Interval(value - other - below, value - other + above)


def _correlation(moments: Moments) -> Floats:
    """Return the correlation (R, C) over groups of P(b|a) and P(b|not a); 0 where one of them does not vary."""

    def apart(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
        return joint / given - (outcome - joint) / (units - given)

    with np.errstate(divide="ignore", invalid="ignore"):
        one, other = (standard_error(_conditional, part) for part in (moments, moments.without()))
        found = (one**2 + other**2 - standard_error(apart, moments) ** 2) / (2 * one * other)
    return np.clip(np.where((one > 0) & (other > 0), found, 0.0), -1.0, 1.0)


def _conditional(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return joint / given + 0 * (outcome + units)


def linearised(info: MeasureInfo, formula: Formula, moments: Moments, level: float) -> Interval:
    """Return the linearised interval on the scale where the measure is unbounded, t with few degrees of freedom.

    Logit for shares, log for ratios and counts, Fisher's z between -1 and 1, else the measure itself
    (Korn & Graubard 1998 for shares). With groups the error and the degrees of freedom reckon with how alike their
    units are (`working_error`). Units that are groups of their own count by their weights: G_eff, less one, is then
    (sum w)^2 / sum w^2.

    Where groups do not differ (a share of exactly 0 or 1, a category in one group) the linearised variance is
    0, or unknown: for shares Wilson's interval for G_eff trials stands in, since no share that lies between 0
    and 1 varies more than an indicator; other measures get no interval.
    """
    value = formula(*moments.totals)
    varies = standard_error(formula, moments) > 0
    error, freedom = working_error(formula, moments, _margins(info))
    scale = _scale(info)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        centre, half = scale.forward(value), t_quantile(level, freedom) * error * scale.slope(value)
        low, high = scale.backward(centre - half), scale.backward(centre + half)
    found = Interval(low, high).where(varies & np.isfinite(centre) & np.isfinite(half))
    if (info.lower, info.upper) != (0, 1):
        return found
    groups = effective_groups(info, moments)
    ends, rare = wilson(value * groups, groups, level), _rarest(value, error, level)
    low, high = np.fmin(found.low, rare.low), np.fmax(found.high, rare.high)
    return Interval(np.where(varies, low, ends.low), np.where(varies, high, ends.high))


def _rarest(share: Floats, error: Floats, level: float) -> Interval:
    """Return the least and the most (R, C) that a share may be if few trials came out the rarer way.

    x of n trials, n as many as give this error, come about in 1 - level of all cases where the share is at an end
    (Clopper & Pearson 1934, one-sided; Brown, Cai & DasGupta 2001 so end Wilson's interval for x up to 3, with the
    Poisson law). Logit and Wilson reach less far for few: one group of 50 shows 0.3 % of groups, where it may be 0.1.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        trials = share * (1 - share) / error**2
        least, most = _least(share, trials, 1 - level), 1 - _least(1 - share, trials, 1 - level)
    return Interval(least, most)


def _least(share: Floats, trials: Floats, tail: float) -> Floats:
    """Return the chance (R, C) with which so large a share or more comes in a part `tail` of all cases."""
    return np.asarray(special.betaincinv(share * trials, (1 - share) * trials + 1, tail), dtype=np.float64)


def working_error(formula: Formula, moments: Moments, margins: Sequence[int]) -> tuple[Floats, Floats]:
    """Return the standard error (R, C) that an interval rests on, and its degrees of freedom, at least one.

    `margins` are those whose groups rule how surely the measure is known. With groups: the linearised error over
    groups with G_eff / (G_eff - 1) for G / (G - 1), for groups without the category say nothing of it; or that of
    independent units inflated by what units of a group have in common (`likeness`), whichever is larger.
    """
    alike, error = of_cells(moments, margins), standard_error(formula, moments)
    if moments.independent:
        return error, alike.freedom
    groups = _fewest(moments, margins)
    apart = standard_error(formula, moments.as_units()) * np.sqrt(alike.inflation)
    return np.fmax(error * few_groups(groups, moments.n_groups), apart), alike.freedom


def few_groups(effective: Floats, n_groups: int) -> Floats:
    """Return the factor, at least 1, from an error with G / (G - 1) to one with G_eff / (G_eff - 1)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = effective / (effective - 1) * (n_groups - 1) / max(n_groups, 1)
    return np.where(effective > 1, np.sqrt(np.maximum(factor, 1.0)), 1.0)


def _margins(info: MeasureInfo) -> tuple[int, ...]:
    """Return the margins whose groups rule how surely a measure is known."""
    if info.name in _OF_ALL:
        return (UNITS,)
    own = (GIVEN, OUTCOME) if info.symmetric else (GIVEN,)
    return (*own, UNITS) if info.name in _BESIDE_ALL else own


def all_or_nothing(ends: Interval, info: MeasureInfo, formula: Formula, moments: Moments, level: float) -> Interval:
    """Return linearised ends (R, C), moved where all of the smaller category meet the other, or none do.

    No unit or group then shows how n_ab varies, and the linearised variance holds that of the margins alone. What
    n_ab may be comes from Wilson's interval of the share of the smaller category, with its own G_eff as trials;
    its distance from the value and the linearised one are put together as the root of their squares, on the
    measure's scale (MOVER; Zou & Donner 2008). At its bound (a lift of 0) a value has no linearised distance, and
    Wilson's end stands alone, as it does for measures with 1/2 in an empty cell, whose lower end is then their bound.
    The other end stays as it is.
    """
    joint, given, outcome, units = moments.totals
    smaller, trials = np.minimum(given, outcome), _trials(moments)
    all_meet, none_meet = joint >= smaller * (1 - EMPTY), joint <= smaller * EMPTY
    share = wilson(np.where(all_meet, trials, 0), trials, level)
    value = formula(joint, given, outcome, units)
    least, most = (formula(end * smaller, given, outcome, units) for end in (share.low, share.high))
    scale = _scale(info)
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = scale.forward(value)
        below = np.hypot(centre - scale.forward(ends.low), centre - scale.forward(least))
        above = np.hypot(scale.forward(ends.high) - centre, scale.forward(most) - centre)
        low, high = scale.backward(centre - below), scale.backward(centre + above)
    low = np.where(all_meet & np.isfinite(low), low, ends.low)
    high = np.where(none_meet & np.isfinite(high), high, ends.high)
    floor, ceiling = -np.inf if info.lower is None else info.lower, np.inf if info.upper is None else info.upper
    top = all_meet & (value == ceiling)
    bottom = none_meet & ((value == floor) | ((info.name in _CORRECTED) & np.isfinite(value)))
    low, high = np.where(top, least, low), np.where(top, ceiling, high)
    return Interval(np.where(bottom, floor, low), np.where(bottom, most, high))


def _trials(moments: Moments) -> Floats:
    """Return the G_eff (R, C) of the smaller of two categories, the lesser of both between equal sizes."""
    given, outcome = moments.totals[GIVEN], moments.totals[OUTCOME]
    of_given, of_outcome = moments.effective_groups(GIVEN), moments.effective_groups(OUTCOME)
    of_smaller = np.where(given < outcome, of_given, of_outcome)
    return np.where(given == outcome, np.minimum(of_given, of_outcome), of_smaller)


def effective_groups(info: MeasureInfo, moments: Moments) -> Floats:
    """Return the G_eff (R, C) that rules a measure: the least of the margins that it rests on."""
    return _fewest(moments, _margins(info))


def _fewest(moments: Moments, margins: Sequence[int]) -> Floats:
    return np.asarray(np.minimum.reduce([moments.effective_groups(margin) for margin in margins]))


def standard_error(formula: Formula, moments: Moments) -> Floats:
    """Return the linearised standard error (R, C) of a function of the four totals.

    Exactly 0 where groups do not differ, nan where the function is undefined or there are fewer than two groups.
    """
    gradient = gradient_of(formula, moments.totals)
    gradient = np.where(np.isfinite(formula(*moments.totals)), gradient, np.nan)
    variance = np.einsum("k...,kl...,l...->...", gradient, moments.covariance(), gradient)
    terms = np.einsum("k...,kl...,l...->...", np.abs(gradient), np.abs(moments.second), np.abs(gradient))
    return np.asarray(np.sqrt(settled(variance, terms)))


def gradient_of(formula: Formula, totals: Floats) -> Floats:
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


def states(
    moments: Moments, info: MeasureInfo, n_given: Floats, settings: InferenceSettings, *, masked: bool
) -> NDArray[np.str_]:
    """Return the state (R, C) of each cell; see `diptych.cells.State`.

    `n_given` (R,) are unweighted units with the given category: weights make no more units than there are.
    With groups a row also needs `minimum_groups` effective groups.
    """
    totals = moments.totals
    units = np.broadcast_to(n_given[:, None], totals[GIVEN].shape)
    few = units < settings.minimum_units
    if not moments.independent:
        few = few | (effective_groups(info, moments) < settings.minimum_groups)
    state = np.where(few, "few", "measured")
    state = np.where(totals[OUTCOME] == 0, "no_outcome", state)
    state = np.where(totals[GIVEN] == 0, "no_given", state)
    if masked:
        np.fill_diagonal(state, "masked")
    return state
