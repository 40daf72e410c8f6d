"""Intervals hold the truth as often as they say: a short form of benchmarks/coverage.py."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from benchmarks.coverage import (
    cell_coverage,
    contrast_coverage,
    grouped,
    independent,
    promised,
    weighted,
)
from report.inference.intervals import lift_interval

TABLES = 400


# 400 tables are 1,500 to 3,000 cells that hang together: the mean's chance error is under 1 %.
@pytest.mark.parametrize("regime", [independent(2000), weighted(2000, 3), grouped(100, 1)], ids=lambda r: r.name)
def test_intervals_cover_where_it_is_promised(regime):
    found = promised(cell_coverage(regime, TABLES)).groupby("measure")["covered"].agg(["mean", "size"])
    assert sorted(found.index) == ["conditional", "difference", "jaccard", "lift", "phi"]
    assert (found["size"] > 800).all()
    assert found["mean"].between(0.92, 0.98).all(), found


def test_few_groups_are_covered_too():
    found = cell_coverage(grouped(5, 1), TABLES // 2)
    chosen = found[(found["n_given"] >= 50) & found["p"].between(0.05, 0.95)].groupby("measure")["covered"].mean()
    assert chosen.between(0.91, 0.99).all(), chosen


def test_stretched_percentiles_of_few_groups_cover_and_plain_ones_do_not():
    found = contrast_coverage(grouped(5, 1), 50).iloc[:, 2:].dropna().astype(float).mean()
    assert found["percentile, stretched"] > 0.92
    assert found["linearised t"] > 0.92
    assert found["percentile"] < 0.92


def test_lift_allows_for_chance_where_all_of_the_smaller_category_meet():
    # All 8 of b among the 400 of a, of 2,000: P(a|b) may be 68 % (Wilson for 8 of 8), which makes a lift of 3.4.
    # The delta method alone would say 4.58, as if the 8 of 8 could not have been 7.
    found = lift_interval(np.array([8.0, 400, 8, 2000]).reshape(4, 1, 1), 0.95)
    assert found.low[0, 0] == pytest.approx(stats.binomtest(8, 8).proportion_ci(0.95, "wilson").low * 5)


def test_the_true_totals_are_those_of_very_many_units():
    population, incidence = next(independent(4_000_000).tables(1))
    drawn = incidence.row_sets.T @ (incidence.column_sets * incidence.units[:, None]) / incidence.n_units
    assert np.abs(drawn - population.totals[0]).max() < 0.001
