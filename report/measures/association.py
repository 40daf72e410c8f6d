"""Measures of a pair of categories: the frequency of both together, compared with base rates and with other units."""

from __future__ import annotations

import numpy as np

from .. import portable
from ..arrays import Floats
from ..cells import MeasureInfo
from ..inference.intervals import Interval, IntervalRule, linearised, measure, standard_error, wilson
from ..inference.laws import normal_quantile
from ..inference.moments import GIVEN, JOINT, OUTCOME, UNITS, Moments
from ..matrices.counts import corrected

HALF = "1/2 is added to all four cells of the 2 x 2 table where one of them is 0"


@measure(
    MeasureInfo("count", "Count", "n_ab", 0, None, symmetric=True, needs="matrix"),
    "n_ab",
    IntervalRule(ruled_by="units"),
    written="count",
)
def count(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """n_ab: the number of units with both categories."""
    return joint + 0 * (given + outcome + units)


@measure(
    MeasureInfo("share", "Share of all", "n_ab / N", 0, 1, symmetric=True),
    "n_ab / N",
    IntervalRule(lambda t, level: wilson(t[JOINT], t[UNITS], level), ruled_by="units"),
    written="share",
)
def share(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """n_ab / N: the share of all units that have both categories ("support"). Undefined without units.

    Source: Agrawal, Imieliński & Swami (1993), Mining Association Rules between Sets of Items in Large Databases.
    """
    return joint / units + 0 * (given + outcome)


@measure(
    MeasureInfo("conditional", "Share", "P(b|a) = n_ab / n_a", 0, 1, needs="counts"),
    "n_ab / n_a",
    IntervalRule(lambda t, level: wilson(t[JOINT], t[GIVEN], level)),
    written="share",
)
def conditional(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """P(b|a) = n_ab / n_a ("confidence"). Directed; compare it with its baseline P(b) = n_b / N.

    Undefined if no unit has a.

    Source: Agrawal, Imieliński & Swami (1993), Mining Association Rules between Sets of Items in Large Databases.
    """
    return joint / given + 0 * (outcome + units)


def lift_interval(totals: Floats, level: float) -> Interval:
    """Return exp(log lift +- z sqrt(1/n_ab - 1/n_a - 1/n_b + (2 lift - 1)/N)), with n_ab = 1/2 if it is 0.

    This is the delta method on the multinomial of the 2 x 2 table, for independent units. The lower end is 0 if n_ab is
    0. If all units of the smaller category have both, the lower end also allows for Wilson's end of that share, as in
    `all_or_nothing`. There is no interval if a margin is empty or includes every unit: the lift is then 1 in every
    sample. `totals` is (4, R, C).
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
        chance = np.where(joint == smaller, portable.log(wilson(smaller, smaller, level).low), 0)
        low = np.where(empty, 0.0, lift * portable.exp(-portable.hypot(distance, chance)))
        high = lift * portable.exp(distance)
    fixed = (given == 0) | (outcome == 0) | (given == units) | (outcome == units)
    return Interval(low, high).where(~fixed)


def _log2_lift_interval(totals: Floats, level: float) -> Interval:
    """Return the interval of the lift on the log2 scale, or nan if n_ab is 0, like the value."""
    with np.errstate(divide="ignore"):
        return lift_interval(totals, level).on(portable.log2).where(totals[JOINT] > 0)


@measure(
    MeasureInfo("lift", "Lift", "N n_ab / (n_a n_b)", 0, None, 1.0, diverging=True, symmetric=True),
    "N * n_ab / (n_a * n_b)",
    IntervalRule(lift_interval, ruled_by="both", meeting=True),
    written="ratio",
)
def lift(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """N n_ab / (n_a n_b): observed over expected under independence. Undefined if a margin is 0.

    Source: Brin, Motwani, Ullman & Tsur (1997), Dynamic Itemset Counting and Implication Rules for Market Basket
    Data.
    """
    return units * joint / (given * outcome)


@measure(
    MeasureInfo("log2_lift", "log2 lift", "log2(N n_ab / (n_a n_b))", None, None, 0.0, diverging=True, symmetric=True),
    "log2(N * n_ab / (n_a * n_b))",
    IntervalRule(_log2_lift_interval, ruled_by="both", meeting=True),
)
def log2_lift(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """log2 of the lift: pointwise mutual information in bits. Undefined if n_ab = 0.

    Source: Church & Hanks (1990), Word Association Norms, Mutual Information, and Lexicography.
    """
    return portable.log2(units * joint / (given * outcome))


def _difference_interval(moments: Moments, level: float) -> Interval:
    """Return the interval of P(b|a) - P(b|not a) from the intervals of both (Newcombe 1998, method 10; Zou 2007).

    The distance to an end is the root of l^2 + u^2 - 2 r l u, where l and u are the distances of the shares to the
    relevant ends and r is the correlation of the shares over groups. The interval is therefore as skewed as the shares:
    if few groups have b, the observed variance says nothing about the other groups. nan if no unit, or every unit, has
    a.
    """
    both = moments, moments.without()
    if moments.plain:
        ends = [wilson(part.totals[JOINT], part.totals[GIVEN], level) for part in both]
    else:
        ends = [linearised(conditional, part, level) for part in both]
    value, other = (conditional(*part.totals) for part in both)
    r = np.zeros_like(value) if moments.plain else _correlation(moments)
    below, above = (
        np.sqrt(np.maximum(portable.squared(one) + portable.squared(two) - 2 * r * one * two, 0.0))
        for one, two in ((value - ends[0].low, ends[1].high - other), (ends[0].high - value, other - ends[1].low))
    )
    return Interval(value - other - below, value - other + above)


def _correlation(moments: Moments) -> Floats:
    """Return the correlation (R, C) over groups of P(b|a) and P(b|not a), or 0 if either does not vary."""

    def apart(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
        return joint / given - (outcome - joint) / (units - given)

    with np.errstate(divide="ignore", invalid="ignore"):
        one, other = (standard_error(conditional, part) for part in (moments, moments.without()))
        found = (portable.squared(one) + portable.squared(other) - portable.squared(standard_error(apart, moments))) / (
            2 * one * other
        )
    return np.clip(np.where((one > 0) & (other > 0), found, 0.0), -1.0, 1.0)


@measure(
    MeasureInfo("difference", "Difference", "P(b|a) - P(b|not a)", -1, 1, 0.0, diverging=True),
    "n_ab / n_a - (n_b - n_ab) / (N - n_a)",
    IntervalRule(ruled_by="both", whole=_difference_interval),
)
def difference(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """P(b|a) - P(b|not a). Directed. Undefined if no unit, or every unit, has a.

    Source: Allan (1980), A Note on Measurement of Contingency between Two Binary Variables in Judgment Tasks.
    """
    return joint / given - (outcome - joint) / (units - given)


def odds_ratio_interval(totals: Floats, level: float) -> Interval:
    """Return exp(log OR +- z sqrt(sum of 1/cell over the four cells)) (Woolf 1955; Gart 1966 for empty cells).

    1/2 is added to all four cells if one is empty, as in the value, or nan if a margin is empty or full.
    """
    cells = corrected(*totals)
    ratio = cells.both * cells.neither / (cells.only_given * cells.only_outcome)
    return ratio_interval(ratio, sum((1 / cell for cell in cells), np.zeros_like(ratio)), level)


@measure(
    MeasureInfo(
        "odds_ratio",
        "Odds ratio",
        "n_ab (N - n_a - n_b + n_ab) / ((n_a - n_ab) (n_b - n_ab))",
        0,
        None,
        1.0,
        diverging=True,
        symmetric=True,
        remark=HALF,
        convention=True,
    ),
    "n_ab * (N - n_a - n_b + n_ab) / ((n_a - n_ab) * (n_b - n_ab))",
    IntervalRule(odds_ratio_interval, ruled_by="both", halves=True),
    sized=True,
    written="ratio",
)
def odds_ratio(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """Odds of b among units with a over its odds among units without a. 1/2 is added if a cell is empty.

    Source: Cornfield (1951), A Method of Estimating Comparative Rates from Clinical Data.
    """
    both, only_given, only_outcome, neither = corrected(joint, given, outcome, units)
    # Divisions alone: products of complex numbers, at which derivatives are taken, differ between processors.
    return (both / only_given) / (only_outcome / neither)


def ratio_interval(ratio: Floats, variance: Floats, level: float) -> Interval:
    """Return ratio x exp(+- z sqrt(variance)), with the variance of the log of the ratio."""
    factor = portable.exp(normal_quantile(level) * np.sqrt(variance))
    return Interval(ratio / factor, ratio * factor)


def _jaccard_interval(totals: Floats, level: float) -> Interval:
    return wilson(totals[JOINT], totals[GIVEN] + totals[OUTCOME] - totals[JOINT], level)


@measure(
    MeasureInfo(
        "jaccard", "Jaccard index", "n_ab / (n_a + n_b - n_ab)", 0, 1, symmetric=True, needs="counts", eponym=True
    ),
    "n_ab / (n_a + n_b - n_ab)",
    IntervalRule(_jaccard_interval),
)
def jaccard(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """n_ab / (n_a + n_b - n_ab): among units with either category, the share with both. Undefined if there are none.

    Source: Jaccard (1912), The Distribution of the Flora in the Alpine Zone.
    """
    return joint / (given + outcome - joint) + 0 * units
