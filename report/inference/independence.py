"""Tests of independence for each 2 x 2 table, and Benjamini-Hochberg over a relation's tables."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from report.inference.intervals import standard_error
from report.inference.moments import GIVEN, OUTCOME, Moments

Floats = NDArray[np.float64]


def p_values(moments: Moments, *, weighted: bool) -> Floats:
    """Return two-sided p (R, C) of "a and b are unrelated"; nan where a margin is empty or full.

    Independent units: hypergeometric, twice the smaller tail (at most 1). Groups or weights: t of
    n_ab - n_a n_b / N, linearised, with G_eff - 1 degrees of freedom of the smaller margin.
    """
    _, given, outcome, units = moments.totals
    testable = (given > 0) & (outcome > 0) & (given < units) & (outcome < units)
    p = _hypergeometric(moments.totals) if moments.independent and not weighted else _robust_t(moments)
    return np.where(testable, p, np.nan)


def _hypergeometric(totals: Floats) -> Floats:
    joint, given, outcome, units = totals
    law = stats.hypergeom(units, given, outcome)
    tail = np.minimum(law.cdf(joint), law.sf(joint - 1))
    p: Floats = np.minimum(1.0, 2 * tail)
    return p


def _excess(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return joint - given * outcome / units


def _robust_t(moments: Moments) -> Floats:
    groups = np.minimum(moments.effective_groups(GIVEN), moments.effective_groups(OUTCOME))
    error = standard_error(_excess, moments)
    excess = _excess(*moments.totals)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.abs(excess) / error
    # An excess without any variance over groups: nothing can be tested.
    return np.where(error > 0, 2 * stats.t.sf(t, np.maximum(groups - 1, 1)), np.nan)


def q_values(p: Floats, tested: NDArray[np.bool_]) -> Floats:
    """Return Benjamini-Hochberg q (R, C) over the tested tables, nan elsewhere (Benjamini & Hochberg 1995)."""
    q = np.full(p.shape, np.nan)
    chosen = tested & np.isfinite(p)
    if chosen.any():
        q[chosen] = stats.false_discovery_control(p[chosen], method="bh")
    return q
