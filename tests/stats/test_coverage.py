"""Intervals hold the truth as often as they say: a short form of benchmarks/coverage.py, and what it draws."""

import numpy as np
import pytest

from benchmarks.coverage import MEASURED, REGIMES, STRATA, cells_of, pairs_in
from benchmarks.coverage_regimes import mean_size
from benchmarks.populations import group_sizes
from diptych.stats.measures import MEASURES
from tests.draws import draws

pytestmark = pytest.mark.nightly

TABLES = draws(60, 200)


def test_every_kind_of_interval_is_simulated():
    assert set(MEASURES) - set(MEASURED) == {"standardized_residual", "count", "log2_lift"}  # the last two follow


# Cells of one population hang together: of ten populations a mean's chance error is about one percent.
@pytest.mark.parametrize("regime", REGIMES, ids=lambda one: one.short)
def test_intervals_contain_the_truth(regime):
    cells = cells_of(regime, TABLES)
    found = cells.groupby("measure")["covered"].mean()
    error = np.sqrt(0.05 * 0.95 / cells.groupby("measure")["population"].nunique() / 3)
    assert (found.drop("phi") > 0.93 - 2 * error.drop("phi")).all(), found
    assert found["phi"] > 0.88  # both margins vary


@pytest.mark.parametrize("regime", STRATA, ids=lambda one: one.name)
def test_within_strata_unrelated_pairs_are_seldom_rejected(regime):
    p = pairs_in(regime, TABLES, related=False)["p"].dropna()
    assert len(p) > TABLES
    assert (p < 0.05).mean() < 0.08
    if "200" not in regime.name:
        assert pairs_in(regime, TABLES, related=True)["covered"].mean() > 0.9


def test_groups_have_the_mean_size_that_is_said():
    rng = np.random.default_rng(1)
    for mean, spread in ((30, 0), (30, 1), (3, 0.5)):
        assert group_sizes(20_000, mean, spread, rng).mean() == pytest.approx(mean_size(mean, spread), rel=0.05)
