"""Intervals for measures: Wilson and lift formulas for independent units, linearised for groups and weights.

The module also gives the state of each cell: whether it is measured, and if not, why. Intervals describe variation
under repeated sampling of these groups. They do not generalise to other collections.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray

from .. import portable
from ..arrays import Bools, Floats, settled
from ..cells import MeasureInfo
from ..incidence import Incidence
from ..matrices.counts import EMPTY, has_empty_cell
from ..slots import at_work
from . import InferenceSettings
from .critical_values import ErrorLaw
from .laws import normal_quantile
from .moments import GIVEN, JOINT, OUTCOME, UNITS, Moments, of_cells

Formula = Callable[[Floats, Floats, Floats, Floats], Floats]
"""(n_ab, n_a, n_b, N), broadcast against each other -> values; nan where undefined.

A formula uses arithmetic, powers and logarithms only, because derivatives are taken at complex arguments.
"""

_STEP = 1e-100


@dataclass(frozen=True, eq=False)
class Interval:
    """Lower and upper ends (R, C); nan where no interval can be given."""

    low: Floats
    high: Floats

    def where(self, there: Bools) -> Interval:
        """Return the ends in the cells marked `there`, nan elsewhere."""
        return Interval(np.where(there, self.low, np.nan), np.where(there, self.high, np.nan))

    def on(self, scale: Callable[[Floats], Floats]) -> Interval:
        """Return the ends on another, increasing scale."""
        return Interval(scale(self.low), scale(self.high))


@dataclass(frozen=True, eq=False)
class IntervalRule:
    """The method of a measure's intervals. The scale follows from the measure's bounds.

    - `of_units`: the closed form for independent units, (totals (4, R, C), level) -> ends. None: linearised as for
      groups.
    - `ruled_by`: the groups that determine precision. With "own" they are the groups of the given category, or of
      both categories if the measure is symmetric. With "units" they are the groups of all units. With "both" they are
      either of these, for a comparison with units that have neither category.
    - `meeting`: the measure grows with the share of the smaller category that also has the other, and is no share of
      units.
    - `halves`: 1/2 is added to an empty cell.
    - `whole`: the interval for groups and weights, (moments, level) -> ends, if linearisation is unsuitable.
    """

    of_units: Callable[[Floats, float], Interval] | None = None

    ruled_by: Literal["own", "units", "both"] = "own"
    meeting: bool = False
    halves: bool = False
    whole: Callable[[Moments, float], Interval] | None = None


NumberKind = Literal["share", "ratio", "count", "value"]
"""How text writes a value: as percent, as a ratio, as a count, or with two decimals."""

ROUNDING = 1e-12
"""Values closer to a bound than this are set to it, because sums of weights may differ in their last digits."""


@dataclass(frozen=True, eq=False)
class Measure:
    """A measure: its description for readers, its formula, and the method of its intervals.

    `in_counts` is the formula in counts, which evidence fills with numbers: of N units, n_a have the given category,
    n_b the outcome category and n_ab both. `sized` marks a value that depends on the number of units but is no count of
    them. If units have weights, its formula takes effective units, (sum w)^2 / sum w^2 in all, so that the value does
    not depend on the scale of the weights.
    """

    info: MeasureInfo
    formula: Formula
    in_counts: str
    rule: IntervalRule = field(default_factory=IntervalRule)
    sized: bool = False
    written: NumberKind = "value"

    @property
    def name(self) -> str:
        """The name of the measure in a config."""
        return self.info.name

    def of(self, incidence: Incidence) -> Formula:
        """Return the formula for an incidence's totals, in effective units if the measure is `sized`."""
        if not (self.sized and incidence.inflated):
            return self
        factor = incidence.worth_of_one
        return lambda joint, given, outcome, units: self(*(factor * n for n in (joint, given, outcome, units)))

    def __call__(self, joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
        """Return the values, nan where undefined, without numpy's warnings; never outside the bounds."""
        with at_work("measure", self.name), np.errstate(divide="ignore", invalid="ignore"):
            value = self.formula(joint, given, outcome, units)
        value = np.where(np.isfinite(value), value, np.nan)
        for bound in (self.info.lower, self.info.upper):
            # A value of 0 is exact: a small share is not 0.
            if bound:
                value = np.where(np.abs(value - bound) < ROUNDING, bound, value)
        return value

    @property
    def source(self) -> str | None:
        """The citation in the formula's docstring, on one line: author (year), title; None for plain counts."""
        _, found, source = (self.formula.__doc__ or "").partition("Source: ")
        return " ".join(source.split()).removesuffix(".") if found else None

    @property
    def margins(self) -> tuple[int, ...]:
        """The margins whose groups determine the precision of the measure."""
        if self.rule.ruled_by == "units":
            return (UNITS,)
        own = (GIVEN, OUTCOME) if self.info.symmetric else (GIVEN,)
        return (*own, UNITS) if self.rule.ruled_by == "both" else own


_LINEARISED = IntervalRule()


def measure(
    info: MeasureInfo,
    in_counts: str,
    rule: IntervalRule = _LINEARISED,
    *,
    sized: bool = False,
    written: NumberKind = "value",
) -> Callable[[Formula], Measure]:
    """Return a decorator that makes a measure of the formula below it (see `Measure`)."""
    return lambda formula: Measure(info, formula, in_counts, rule, sized, written)


def wilson(successes: Floats, trials: Floats, level: float) -> Interval:
    """Return the score interval of a proportion (Wilson 1927), without continuity correction; nan for no trials.

    >>> ends = wilson(np.array([[10.0]]), np.array([[20.0]]), 0.95)
    >>> round(float(ends.low[0, 0]), 4), round(float(ends.high[0, 0]), 4)
    (0.2993, 0.7007)
    """
    z = normal_quantile(level)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = successes / trials
        centre = (p + portable.squared(z) / (2 * trials)) / (1 + portable.squared(z) / trials)
        half = (
            z
            / (1 + portable.squared(z) / trials)
            * np.sqrt(p * (1 - p) / trials + portable.squared(z) / (4 * portable.squared(trials)))
        )
    # At 0 of n and n of n the score interval ends exactly at the bound; rounding would leave 1e-17 there.
    low, high = np.where(p <= 0, 0.0, centre - half), np.where(p >= 1, 1.0, centre + half)
    return Interval(np.maximum(low, 0.0), np.minimum(high, 1.0))


def interval(measure: Measure, moments: Moments, level: float) -> Interval:
    """Return the interval of a measure over its cells (R, C); nan for test statistics, which have none."""
    totals, rule = moments.totals, measure.rule
    if measure.info.statistic:
        none = np.full(totals.shape[1:], np.nan)
        return Interval(none, none)
    if moments.plain and rule.of_units is not None:
        return rule.of_units(totals, level)
    if rule.whole is not None:
        return rule.whole(moments, level)
    ends = linearised(measure, moments, level)
    if rule.halves:
        # Groups do not show the variance of a cell that is empty in all of them.
        ends = ends.where(~has_empty_cell(*totals))
    return all_or_nothing(ends, measure, moments, level) if rule.meeting or rule.halves else ends


def linearised(measure: Measure, moments: Moments, level: float) -> Interval:
    """Return the linearised interval on the scale where the measure is unbounded.

    The scale is the logit for shares, the log for ratios and counts, Fisher's z between -1 and 1, and otherwise the
    measure itself (Korn & Graubard 1998 for shares). With groups, the error and its distribution allow for the
    correlation within groups and for unequal sizes (`working_error`). There is no interval if too few groups show the
    error (`ErrorLaw.estimable`). Units without groups count by their weights: t has G_eff - 1 degrees of freedom, where
    G_eff is (sum w)^2 / sum w^2. Weighted shares have Wilson's interval for the number of trials that gives their
    error.

    If groups do not differ (a share of exactly 0 or 1, a category in one group), the linearised variance is 0 or
    unknown. Shares then get Wilson's interval for G_eff trials, because no share between 0 and 1 varies more than an
    indicator. Other measures get no interval.
    """
    value = measure(*moments.totals)
    slopes = slopes_of(measure, moments.totals)
    varies = standard_error(measure, moments, slopes) > 0
    error, law = working_error(measure, moments, measure.margins, slopes)
    scale = _scale(measure.info)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        centre, half = scale.forward(value), law.quantile(level) * error * scale.slope(value)
        low, high = scale.backward(centre - half), scale.backward(centre + half)
    known = ~varies | law.estimable
    found = Interval(low, high).where(varies & known & np.isfinite(centre) & np.isfinite(half))
    if (measure.info.lower, measure.info.upper) != (0, 1):
        return found
    groups = effective_groups(measure, moments)
    ends = wilson(value * groups, groups, level)
    if moments.inflated:
        seen = _of_effective_trials(value, error, law, level)
    else:
        rare = _rarest(value, error, level)
        seen = Interval(np.fmin(found.low, rare.low), np.fmax(found.high, rare.high))
    return Interval(np.where(varies, seen.low, ends.low), np.where(varies, seen.high, ends.high)).where(known)


def _of_effective_trials(share: Floats, error: Floats, law: ErrorLaw, level: float) -> Interval:
    """Return Wilson's interval of a weighted share (R, C) for the number of trials that gives its error.

    The number of trials is reduced by the squared ratio of the normal quantile to the t quantile (Korn & Graubard
    1998).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        trials = (
            share
            * (1 - share)
            / portable.squared(error)
            * portable.squared(normal_quantile(level) / law.quantile(level))
        )
        return wilson(share * trials, trials, level)


def _rarest(share: Floats, error: Floats, level: float) -> Interval:
    """Return the smallest and the largest plausible share (R, C) if few trials have the rarer outcome.

    Let n be the number of trials that gives this error, x of them with the rarer outcome. At each end, x or a more
    extreme count has probability 1 - level (Clopper & Pearson 1934, one-sided). Brown, Cai & DasGupta 2001 modify
    Wilson's interval in this way for x up to 3, with the Poisson distribution. Logit and Wilson intervals are too short
    for few trials: one group of 50 shows 0.3 % of groups, where it may be 0.1.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        trials = share * (1 - share) / portable.squared(error)
        least, most = _least(share, trials, 1 - level), 1 - _least(1 - share, trials, 1 - level)
    return Interval(least, most)


def _least(share: Floats, trials: Floats, tail: float) -> Floats:
    """Return the share (R, C) at which a share this large or larger occurs with probability `tail`."""
    return np.asarray(portable.rounded.betaincinv(share * trials, (1 - share) * trials + 1, tail))


def estimable(measure: Measure, moments: Moments) -> Bools:
    """Return where enough groups (or weights) show the error of a measure (R, C), or where nothing varies.

    Other cells have no interval, and their data are too few to assess them.
    """
    if moments.plain or measure.info.statistic:
        return np.ones(moments.totals.shape[1:], dtype=np.bool_)
    return ~(standard_error(measure, moments) > 0) | of_cells(moments, measure.margins).law.estimable


def working_error(
    formula: Formula, moments: Moments, margins: Sequence[int], slopes: Floats | None = None
) -> tuple[Floats, ErrorLaw]:
    """Return the standard error (R, C) of an interval, and the distribution of the deviation from the truth in errors.

    `margins` are the margins whose groups determine precision. With groups, the error is the larger of two: the
    linearised error over groups, its residuals corrected for the leverage of large groups (`ErrorLaw.bias`), and the
    error of independent units inflated by the correlation within groups (`correlation`). With weights, it is the larger
    of the linearised error and the error for weights unrelated to categories, because a sample rarely contains the
    largest weights of a rare category. `slopes` are the formula's derivatives (`slopes_of`), if already computed.
    """
    slopes = slopes_of(formula, moments.totals) if slopes is None else slopes
    alike, error = of_cells(moments, margins), standard_error(formula, moments, slopes)
    if moments.inflated:
        unrelated = standard_error(formula, moments.with_unrelated_weights(margins), slopes)
        return np.fmax(error, unrelated), alike.law
    if moments.independent:
        return error, alike.law
    apart = standard_error(formula, moments.as_units(), slopes) * np.sqrt(alike.inflation)
    return np.fmax(error * unbiased(alike.law, moments.n_groups), apart), alike.law


def unbiased(law: ErrorLaw, n_groups: int) -> Floats:
    """Return the factor from an error with G / (G - 1) to one without bias under the model; nan where unknown."""
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.sqrt((n_groups - 1) / max(n_groups, 1) / law.bias)
    return np.where(law.bias > 0, factor, np.nan)


def all_or_nothing(ends: Interval, measure: Measure, moments: Moments, level: float) -> Interval:
    """Return linearised ends (R, C), adjusted if all units of the smaller category have the other, or none do.

    In these cases the data contain no information on the variance of n_ab, and the linearised variance is only the
    variance of the margins. The range of n_ab comes from Wilson's interval of the share of the smaller category, with
    its own G_eff as trials. Its distance from the value and the linearised distance are combined as the root of the sum
    of their squares, on the measure's scale (MOVER; Zou & Donner 2008). A value at its bound (a lift of 0) has no
    linearised distance, so Wilson's end is used alone. The same applies to measures with 1/2 in an empty cell, whose
    lower end is then their bound. The other end is unchanged.
    """
    info, (joint, given, outcome, units) = measure.info, moments.totals
    smaller, trials = np.minimum(given, outcome), _trials(moments)
    all_meet, none_meet = joint >= smaller * (1 - EMPTY), joint <= smaller * EMPTY
    share = wilson(np.where(all_meet, trials, 0), trials, level)
    value = measure(joint, given, outcome, units)
    least, most = (measure(end * smaller, given, outcome, units) for end in (share.low, share.high))
    scale = _scale(info)
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = scale.forward(value)
        below = portable.hypot(centre - scale.forward(ends.low), centre - scale.forward(least))
        above = portable.hypot(scale.forward(ends.high) - centre, scale.forward(most) - centre)
        low, high = scale.backward(centre - below), scale.backward(centre + above)
    low = np.where(all_meet & np.isfinite(low), low, ends.low)
    high = np.where(none_meet & np.isfinite(high), high, ends.high)
    floor, ceiling = -np.inf if info.lower is None else info.lower, np.inf if info.upper is None else info.upper
    top = all_meet & (value == ceiling)
    bottom = none_meet & ((value == floor) | ((measure.rule.halves) & np.isfinite(value)))
    low, high = np.where(top, least, low), np.where(top, ceiling, high)
    return Interval(np.where(bottom, floor, low), np.where(bottom, most, high))


def _trials(moments: Moments) -> Floats:
    """Return the G_eff (R, C) of the smaller of two categories, or the smaller G_eff if the sizes are equal."""
    given, outcome = moments.totals[GIVEN], moments.totals[OUTCOME]
    of_given, of_outcome = moments.effective_groups(GIVEN), moments.effective_groups(OUTCOME)
    of_smaller = np.where(given < outcome, of_given, of_outcome)
    return np.where(given == outcome, np.minimum(of_given, of_outcome), of_smaller)


def effective_groups(measure: Measure, moments: Moments) -> Floats:
    """Return the G_eff (R, C) of a measure: the smallest over its margins."""
    return _fewest(moments, measure.margins)


def _fewest(moments: Moments, margins: Sequence[int]) -> Floats:
    return np.asarray(np.minimum.reduce([moments.effective_groups(margin) for margin in margins]))


def standard_error(formula: Formula, moments: Moments, slopes: Floats | None = None) -> Floats:
    """Return the linearised standard error (R, C) of a function of the four totals.

    It is exactly 0 where groups do not differ, and nan where the function is undefined or with fewer than two groups.
    `slopes` are the formula's derivatives, if already computed.
    """
    slopes = slopes_of(formula, moments.totals) if slopes is None else slopes
    variance = np.einsum("k...,kl...,l...->...", slopes, moments.covariance(), slopes)
    terms = np.einsum("k...,kl...,l...->...", np.abs(slopes), np.abs(moments.second), np.abs(slopes))
    return np.asarray(np.sqrt(settled(variance, terms)))


def slopes_of(formula: Formula, totals: Floats) -> Floats:
    """Return the derivatives (4, R, C) of a function of the four totals, nan where it is undefined."""
    return np.where(np.isfinite(formula(*totals)), gradient_of(formula, totals), np.nan)


def gradient_of(formula: Formula, totals: Floats) -> Floats:
    """Return the derivatives (4, R, C), exact to rounding: imaginary steps subtract nothing (Squire & Trapp 1998)."""
    gradient = np.empty_like(totals)
    for k in range(4):
        stepped = totals.astype(np.complex128)
        stepped[k] += 1j * _STEP
        # Arithmetic and logarithms accept complex numbers.
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
        return _Scale(
            lambda v: portable.log(v / (1 - v)), lambda x: 1 / (1 + portable.exp(-x)), lambda v: 1 / (v * (1 - v))
        )
    if (info.lower, info.upper) == (0, None):
        return _Scale(portable.log, portable.exp, lambda v: 1 / v)
    if (info.lower, info.upper) == (-1, 1):
        return _Scale(portable.arctanh, portable.tanh, lambda v: 1 / (1 - portable.squared(v)))
    return _Scale(lambda v: v, lambda x: x, np.ones_like)


def states(
    moments: Moments,
    measure: Measure,
    n_given: Floats,
    settings: InferenceSettings,
    *,
    masked: bool,
    withheld: Bools | None = None,
) -> NDArray[np.str_]:
    """Return the state (R, C) of each cell; see `diptych.cells.State`.

    `n_given` (R,) are unweighted units with the given category, because weights do not add units. With groups a row
    also needs `minimum_groups` effective groups. `withheld` (R, C) marks the cells with units withheld for
    confidentiality. They have no value if the measure would show none or all although a few units are hidden.
    """
    totals = moments.totals
    units = np.broadcast_to(n_given[:, None], totals[GIVEN].shape)
    few = units < settings.minimum_units
    if not moments.independent:
        few = few | (effective_groups(measure, moments) < settings.minimum_groups)
    state = np.where(few, "few", "measured")
    state = np.where(totals[OUTCOME] == 0, "no_outcome", state)
    state = np.where(totals[GIVEN] == 0, "no_given", state)
    if withheld is not None:
        joint, given = totals[JOINT], totals[GIVEN]
        is_all = given - joint <= given * EMPTY
        rest = {"conditional": is_all, "share": np.False_, "count": np.False_}.get(measure.info.name, np.True_)
        state = np.where(withheld & rest, "withheld_rest", state)
        state = np.where(withheld & (joint <= given * EMPTY), "withheld", state)
    if masked:
        np.fill_diagonal(state, "masked")
    return state
