"""Measures of the overlap of two categories: how far the same units have both. They hide differences in size."""

from __future__ import annotations

import numpy as np

from ...arrays import Floats
from ...cells import MeasureInfo
from ...inference.intervals import Interval, IntervalRule, measure, wilson
from ...inference.moments import GIVEN, JOINT, OUTCOME
from ...matrices.counts import EMPTY


def _dice_interval(totals: Floats, level: float) -> Interval:
    """Return the interval of Jaccard's J, a share of units, as 2 J / (1 + J)."""
    return wilson(totals[JOINT], totals[GIVEN] + totals[OUTCOME] - totals[JOINT], level).on(
        lambda share: 2 * share / (1 + share)
    )


@measure(
    MeasureInfo("dice", "Dice index", "2 n_ab / (n_a + n_b)", 0, 1, symmetric=True, needs="counts", eponym=True),
    "2 * n_ab / (n_a + n_b)",
    IntervalRule(_dice_interval, scored=True),
)
def dice(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """2 n_ab / (n_a + n_b): the harmonic mean of P(b|a) and P(a|b). Undefined if no unit has either.

    Source: Dice (1945), Measures of the Amount of Ecologic Association Between Species.
    """
    return 2 * joint / (given + outcome) + 0 * units


@measure(
    MeasureInfo("cosine", "Cosine", "n_ab / sqrt(n_a n_b)", 0, 1, symmetric=True, needs="counts"),
    "n_ab / sqrt(n_a * n_b)",
    IntervalRule(meeting=True),
)
def cosine(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """n_ab / sqrt(n_a n_b): the geometric mean of P(b|a) and P(a|b). Undefined if a margin is 0.

    Source: Ochiai (1957), Zoogeographical Studies on the Soleoid Fishes Found in Japan and its Neighbouring
    Regions.
    """
    return joint / np.sqrt(given * outcome) + 0 * units


@measure(
    MeasureInfo(
        "kulczynski",
        "Kulczynski index",
        "(n_ab / n_a + n_ab / n_b) / 2",
        0,
        1,
        symmetric=True,
        needs="counts",
        eponym=True,
    ),
    "(n_ab / n_a + n_ab / n_b) / 2",
    IntervalRule(meeting=True),
)
def kulczynski(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """(n_ab / n_a + n_ab / n_b) / 2: the mean of P(b|a) and P(a|b). Undefined if a margin is 0.

    Source: Kulczyński (1927), Die Pflanzenassoziationen der Pieninen.
    """
    return (joint / given + joint / outcome) / 2 + 0 * units


def _overlap_interval(totals: Floats, level: float) -> Interval:
    return wilson(totals[JOINT], np.minimum(totals[GIVEN], totals[OUTCOME]), level)


@measure(
    MeasureInfo("overlap", "Overlap", "n_ab / min(n_a, n_b)", 0, 1, symmetric=True, needs="counts"),
    "n_ab / min(n_a, n_b)",
    IntervalRule(_overlap_interval, scored=True),
)
def overlap(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """n_ab / min(n_a, n_b): the share of the smaller category that also has the other. Undefined if a margin is 0.

    Source: Szymkiewicz (1934), Une contribution statistique à la géographie floristique; Simpson (1943), Mammals
    and the Nature of Continents.
    """
    # If sizes are equal, their mean is used, so that the derivative does not favour one side.
    smaller = np.where(np.real(given) < np.real(outcome), given, outcome)
    smaller = np.where(np.real(given) == np.real(outcome), (given + outcome) / 2, smaller)
    return joint / smaller + 0 * units


@measure(
    MeasureInfo(
        "npmi",
        "NPMI",
        "log(N n_ab / (n_a n_b)) / -log(n_ab / N)",
        -1,
        1,
        0.0,
        diverging=True,
        symmetric=True,
        remark="it is at its lower end whenever no unit has both, however few would be expected",
        convention=True,
    ),
    "log(N * n_ab / (n_a * n_b)) / -log(n_ab / N)",
    IntervalRule(ruled_by="both", meeting=True),
)
def npmi(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """log(lift) / -log(n_ab / N): pointwise mutual information over its maximum.

    -1, its limit, if no unit has both; 1 if neither occurs without the other. Undefined if a margin is 0, and if every
    unit has both.

    Source: Bouma (2009), Normalized (Pointwise) Mutual Information in Collocation Extraction.
    """
    value = np.log(units * joint / (given * outcome)) / -np.log(joint / units)
    apart = (np.real(joint) == 0) & (np.real(given * outcome) > 0)
    everywhere = np.real(joint) >= np.real(units) * (1 - EMPTY)
    return np.where(apart, -1.0, np.where(everywhere, np.nan, value))
