"""Tests of independence for each 2 x 2 table, and Benjamini-Hochberg over families of tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..incidence import Incidence
from ..matrices.counts import StratumMargins
from .conditional_law import conditional_ends
from .intervals import Interval, gradient_of
from .laws import LEAST, at_most_one, false_discovery, hypergeometric_tail
from .likeness import of_cells
from .moments import GIVEN, JOINT, OUTCOME, UNITS, Moments
from .null_variance import lumps, null_variance
from .ratios import Ratios, Score, agreeing, differ

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def over_all(incidence: Incidence, moments: Moments, ends: Interval, level: float) -> Ratios:
    """Return n_ab over n_a n_b / N with the p of "a and b are unrelated"; nan where a margin is empty or full.

    Independent units: hypergeometric, twice the smaller tail (at most 1). Groups or weights: `Score`, with the
    degrees of freedom of the interval. `ends` (R, C) is the interval of the lift, which gives way
    to the test's own towards 1 where the two disagree.
    """
    joint, given, outcome, units = moments.totals
    testable = (given > 0) & (outcome > 0) & (given < units) & (outcome < units)
    expected = np.divide(given * outcome, units, out=np.zeros_like(joint), where=units > 0)
    ratio = np.divide(joint, expected, out=np.full_like(joint, np.nan), where=expected > 0)
    if moments.independent and not (incidence.weighted or incidence.fractional):
        p = np.where(testable, hypergeometric_p(moments.totals), np.nan)
        own = _conditional_ends(moments.totals, expected, differ(ends, p, level), level)
    else:
        score = score_of(moments, incidence)
        p, own = np.where(testable, score.p, np.nan), score.ends(level)
    found = agreeing(ends, own, ratio, p, level)
    return Ratios(expected, ratio, found.low, found.high, p)


def hypergeometric_p(totals: Floats) -> Floats:
    """Return twice the smaller tail (R, C), at most 1, for totals (4, R, C) of independent units."""
    joint, given, outcome, units = totals
    p: Floats = 2 * hypergeometric_tail(joint, units, given, outcome)
    return np.maximum(at_most_one(p), LEAST)


def _conditional_ends(totals: Floats, expected: Floats, cells: Bools, level: float) -> Interval:
    """Return the ratios that the hypergeometric test does not reject (R, C), for some cells; nan for others."""
    joint, given, outcome, units = totals
    margins = StratumMargins(units[:1, 0], given[:, 0][None], outcome[0][None])
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = (end / expected for end in conditional_ends(joint, margins, cells, level))
    return Interval(low, high)


def score_of(moments: Moments, incidence: Incidence) -> Score:
    """Return the score of the excess n_ab - n_a n_b / N."""
    joint, given, outcome, units = moments.totals
    covariance, slope = moments.covariance(), gradient_of(_expected, moments.totals)
    return Score(
        joint=joint,
        expected=given * outcome / np.where(units > 0, units, 1),
        of_joint=covariance[JOINT, JOINT],
        of_both=np.einsum("kab,kab->ab", slope, covariance[JOINT]),
        of_expected=np.einsum("kab,klab,lab->ab", slope, covariance, slope),
        null=null_variance(incidence),
        freedom=of_cells(moments, (GIVEN, OUTCOME, UNITS)).freedom,
        lumps=lumps(incidence),
    )


def _expected(_: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return given * outcome / units


def q_values(p: Floats, families: Sequence[Bools]) -> Floats:
    """Return Benjamini-Hochberg q (R, C) over the tables of each family (R, C) by itself, nan elsewhere.

    Benjamini & Hochberg 1995. Tables without a p are in no family.
    """
    q = np.full(p.shape, np.nan)
    for family in families:
        chosen = family & np.isfinite(p)
        if chosen.any():
            q[chosen] = false_discovery(p[chosen])
    return q
