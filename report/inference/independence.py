"""Tests of independence for each 2 x 2 table, and Benjamini-Hochberg over a relation's tables."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from report.inference.intervals import Formula, standard_error
from report.inference.moments import GIVEN, JOINT, OUTCOME, Moments

Floats = NDArray[np.float64]


def p_values(moments: Moments, *, weighted: bool) -> Floats:
    """Return two-sided p (R, C) of "a and b are unrelated"; nan where a margin is empty or full.

    Independent units: hypergeometric, twice the smaller tail (at most 1). Groups or weights: t of log lift,
    linearised, with G_eff - 1 degrees of freedom of the smaller margin, so that test and interval agree;
    where n_ab is 0, of n_ab - n_a n_b / N.
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


def _log_lift(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(joint * units / (given * outcome))


def _robust_t(moments: Moments) -> Floats:
    groups = np.minimum(moments.effective_groups(GIVEN), moments.effective_groups(OUTCOME))
    met = moments.totals[JOINT] > 0
    t = np.where(met, _t_of(_log_lift, moments), _t_of(_excess, moments))
    return np.where(np.isfinite(t), 2 * stats.t.sf(t, np.maximum(groups - 1, 1)), np.nan)


def _t_of(formula: Formula, moments: Moments) -> Floats:
    """Return |value| / standard error; nan where there is no variance over groups: nothing can be tested."""
    error = standard_error(formula, moments)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(error > 0, np.abs(formula(*moments.totals)) / error, np.nan)


def q_values(p: Floats, tested: NDArray[np.bool_]) -> Floats:
    """Return Benjamini-Hochberg q (R, C) over the tested tables, nan elsewhere (Benjamini & Hochberg 1995)."""
    q = np.full(p.shape, np.nan)
    chosen = tested & np.isfinite(p)
    if chosen.any():
        q[chosen] = stats.false_discovery_control(p[chosen], method="bh")
    return q
