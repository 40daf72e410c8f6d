"""Tests of independence for each 2 x 2 table, and Benjamini-Hochberg over a relation's tables."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .intervals import standard_error
from .laws import at_most_one, false_discovery, hypergeometric_tail, t_two_sided
from .moments import GIVEN, OUTCOME, Moments

Floats = NDArray[np.float64]


def p_values(moments: Moments, *, weighted: bool, grain: float = 1.0) -> Floats:
    """Return two-sided p (R, C) of "a and b are unrelated"; nan where a margin is empty or full.

    Independent units: hypergeometric, twice the smaller tail (at most 1). Groups or weights: t of the excess
    n_ab - n_a n_b / N, linearised, with G_eff - 1 degrees of freedom of the smaller margin. Not of the log of the
    lift, whose tail is too heavy for many tests: at p = 0.001 it rejects twice as often as it says, the excess
    does not. Where n_ab is 0 no joint unit adds to the variance, which is then at least that of a Poisson number:
    n_a n_b / N times `grain`, sum w^2 / sum w of the units (1 without weights).
    """
    _, given, outcome, units = moments.totals
    testable = (given > 0) & (outcome > 0) & (given < units) & (outcome < units)
    p = _hypergeometric(moments.totals) if moments.independent and not weighted else _robust_t(moments, grain)
    return np.where(testable, p, np.nan)


def _hypergeometric(totals: Floats) -> Floats:
    joint, given, outcome, units = totals
    p: Floats = 2 * hypergeometric_tail(joint, units, given, outcome)
    return at_most_one(p)


def _excess(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return joint - given * outcome / units


def _robust_t(moments: Moments, grain: float) -> Floats:
    joint, given, outcome, units = moments.totals
    groups = np.minimum(moments.effective_groups(GIVEN), moments.effective_groups(OUTCOME))
    error = standard_error(_excess, moments)
    return score_p(joint, given * outcome / np.where(units > 0, units, 1), error, groups, grain)


def score_p(joint: Floats, expected: Floats, error: Floats, groups: Floats, grain: float) -> Floats:
    """Return two-sided p (R, C) of t = |n_ab - E_ab| / error with `groups` - 1 degrees of freedom, at least one.

    `error` (R, C) is that of the excess over groups; where n_ab is 0 at least that of a Poisson number with mean
    E_ab and units of size `grain`. nan where the error is 0 or unknown: nothing can be tested.
    """
    at_least = np.where(joint > 0, error, np.maximum(error, np.sqrt(expected * grain)))
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.abs(joint - expected) / at_least
        p = t_two_sided(t, np.maximum(groups - 1, 1))
    return np.where((error > 0) & np.isfinite(t), p, np.nan)


def q_values(p: Floats, tested: NDArray[np.bool_]) -> Floats:
    """Return Benjamini-Hochberg q (R, C) over the tested tables, nan elsewhere (Benjamini & Hochberg 1995)."""
    q = np.full(p.shape, np.nan)
    chosen = tested & np.isfinite(p)
    if chosen.any():
        q[chosen] = false_discovery(p[chosen])
    return q
