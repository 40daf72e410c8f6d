"""Intervals of units with unequal weights: coverage, width, and agreement with published formulas."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from benchmarks.coverage_weights import CELLS, CHANCE, SPREADS, covered, drawn
from diptych.inference.intervals import interval, standard_error
from diptych.inference.moments import GIVEN, moments
from diptych.measures import MEASURES
from tests.draws import by_night, draws
from tests.matrices.tiny import P, tiny

SHARE = CHANCE / CHANCE.sum(axis=1, keepdims=True)
N_TABLES = draws(300, 2000)


@pytest.mark.parametrize("informative", [False, True], ids=["unrelated", "informative"])
@pytest.mark.parametrize("spread", [1.5, *by_night(*SPREADS[:2])])
def test_shares_are_covered_whatever_the_weights(spread, informative):
    """The linearised intervals contain shares under 20% in 80 to 86% of these tables."""
    found = drawn(spread, 300, N_TABLES, informative=informative)
    for header in ("share over 20%", "5 to 20%", "under 5%", "difference"):
        measure, which = CELLS[header]
        of = covered(measure, found, which(SHARE))
        # 92.4 is the lowest of 2,000 tables (informative weights of spread 1.5); cells of a table are dependent.
        assert of.held > 92 - 100 * 2.6 * np.sqrt(0.08 * 0.92 / N_TABLES)
        assert of.wider < (2.6 if header == "under 5%" else 1.5)


def test_weights_of_one_size_leave_intervals_as_wide_as_those_of_counts():
    equal = tiny(P("A", "X", 30, weights=(2.0,) * 30), P("A", "", 70, weights=(2.0,) * 70))
    plain = tiny(P("A", "X", 30), P("A", "", 70))
    one, other = (interval(MEASURES["conditional"], moments(of), 0.95) for of in (equal, plain))
    # Wilson for both, but for t with 99 degrees of freedom.
    assert one.low[0, 0] == pytest.approx(other.low[0, 0], abs=0.002)
    assert one.high[0, 0] == pytest.approx(other.high[0, 0], abs=0.002)


def test_a_share_has_wilsons_interval_for_its_effective_trials():
    """Ten of 40 units have the outcome, with small weights: the linearised variance is that of these small weights."""
    incidence = tiny(P("A", "X", 10, weights=(1.0,) * 10), P("A", "", 30, weights=(1.0,) * 28 + (20.0, 40.0)))
    found = moments(incidence)
    weights = np.r_[np.ones(38), 20.0, 40.0]
    share, effective = 10 / weights.sum(), weights.sum() ** 2 / (weights**2).sum()
    assert found.effective_groups(GIVEN)[0, 0] == pytest.approx(effective)
    assert standard_error(MEASURES["conditional"], found)[0, 0] < 0.6 * np.sqrt(share * (1 - share) / effective)
    z, t = stats.norm.ppf(0.975), stats.t.ppf(0.975, effective - 1)
    trials = effective * 39 / 40 * (z / t) ** 2
    centre, half = share + z**2 / 2 / trials, z * np.sqrt(share * (1 - share) / trials + z**2 / 4 / trials**2)
    ends = interval(MEASURES["conditional"], found, 0.95)
    assert ends.low[0, 0] == pytest.approx((centre - half) / (1 + z**2 / trials))
    assert ends.high[0, 0] == pytest.approx((centre + half) / (1 + z**2 / trials))
