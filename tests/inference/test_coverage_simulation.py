"""Intervals hold the truth as often as they say: a short form of benchmarks/coverage.py, and what it draws."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from benchmarks.coverage_alike import OLD, alike_coverage, near
from benchmarks.coverage_alike import USED as ALIKE
from benchmarks.coverage_cells import MEASURED, cell_coverage, promised, rate, usual
from benchmarks.coverage_contrasts import USED, contrast_coverage
from benchmarks.coverage_regimes import grouped, independent, mean_size, weighted
from benchmarks.coverage_tables import all_or_nothing, binned
from benchmarks.populations import group_sizes
from diptych.measures import MEASURES
from tests.draws import draws

pytestmark = pytest.mark.nightly

TABLES = draws(60, 100)


def test_every_measure_that_has_an_interval_is_simulated():
    assert set(MEASURES) - set(MEASURED) == {"standardized_residual"}


# 100 tables of five populations are 300 to 600 cells that hang together: a mean's chance error is 1 to 1.5 %;
# of 60 tables of three populations, as by day, 1.3 to 2 %.
@pytest.mark.parametrize("regime", [independent(2000), weighted(2000, 3), grouped(100, 0)], ids=lambda r: r.name)
def test_intervals_cover_where_it_is_promised(regime):
    cells = promised(cell_coverage(regime, TABLES))
    found = {name: rate(part) for name, part in cells.groupby("measure", observed=True)}
    assert sorted(found) == sorted(MEASURED)
    assert min(one.n for one in found.values()) > 2.5 * TABLES
    assert all(0.91 < one.share < 0.985 for one in found.values()), found


def test_few_groups_are_covered_too():
    cells = usual(cell_coverage(grouped(5, 1), TABLES))
    chosen = cells.groupby("measure", observed=True)["covered"].mean()
    # Too wide rather than too short: five effective groups leave t one to four degrees of freedom.
    assert (chosen > 0.93).all(), chosen
    # As if units were independent, intervals would be far too short.
    assert cells.loc[cells["measure"] == "conditional", "as_units"].mean() < 0.92


@pytest.mark.parametrize("regime", [grouped(20, 1), independent(300)], ids=lambda r: r.name)
def test_all_or_nothing_is_covered_and_linearised_alone_is_not(regime):
    cells = cell_coverage(regime, draws(120, 200), ["lift", "log2_lift"])
    # Categories of fewer than four units, or with too few groups, have no interval.
    met = cells[(cells["met"] == "all") & cells["given"]]
    assert len(met) > draws(15, 25)
    if regime.name == independent(300).name:  # of groups, too few such cells are left to show that linearised ends miss
        assert met["plain"].mean() < 0.6
    assert met["covered"].mean() > 0.85
    none = cells[(cells["met"] == "none") & (cells["measure"] == "lift")]
    assert none["given"].all()
    assert none["covered"].mean() > 0.95


def test_contrasts_of_few_groups_are_covered():
    assert 0.92 < contrast_coverage(grouped(5, 1), 50)[USED].mean() < 0.995


def test_near_copies_are_covered_where_linearised_alone_is_not():
    # 500 groups of very unequal sizes, 0.7 of whose units copy one pattern: shares of 1 and 2 % are the hardest.
    cells = alike_coverage(near(500, 1.5, 0.7), 60)
    rare = cells[cells["p"].between(0.005, 0.03)].groupby("measure")[[OLD, ALIKE]].mean()
    assert (rare.loc[["conditional", "share", "lift"], OLD] < 0.85).all(), rare
    assert (rare.loc[["conditional", "share", "lift"], ALIKE] > 0.92).all(), rare


def test_groups_whose_units_are_independent_have_intervals_hardly_wider():
    cells = alike_coverage(near(50, 0, 0.0), 20)
    assert cells["wider"].median() < 1.1


def test_the_true_totals_are_those_of_very_many_units():
    table = next(independent(4_000_000).tables(1))
    drawn = table.incidence.row_sets.T @ (table.incidence.column_sets * table.incidence.units[:, None])
    assert np.abs(drawn / 4_000_000 - table.population.totals[0]).max() < 0.001


@pytest.mark.parametrize(("mean", "spread"), [(30, 1), (3, 0.5), (30, 0)])
def test_the_mean_size_of_groups_is_that_of_very_many(mean, spread):
    sizes = group_sizes(400_000, mean, spread, np.random.default_rng(1))
    assert mean_size(mean, spread) == pytest.approx(sizes.mean(), abs=4 * sizes.std() / math.sqrt(400_000) + 1e-9)


def test_the_error_of_a_rate_is_that_of_populations_drawn_again():
    rng = np.random.default_rng(3)
    held = [rng.random(rng.integers(5, 40)) < p for p in rng.uniform(0.7, 1, 50)]
    number = np.repeat(np.arange(50), [len(part) for part in held])
    found = rate(pd.DataFrame({"population": number, "covered": np.concatenate(held)}))
    sums, sizes = np.array([part.sum() for part in held]), np.array([len(part) for part in held])
    drawn = rng.integers(0, 50, (4000, 50))
    again = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    assert found.share == sums.sum() / sizes.sum()
    assert found.error == pytest.approx(again.std(), rel=0.06)


def test_tables_count_what_is_given_and_what_is_covered():
    # Of 40 lifts of which all meet, 10 are held by the plain interval and 30 by the other; 5 more have no interval.
    lifts = pd.DataFrame({
        "measure": pd.Categorical(["lift"] * 45, MEASURED),
        "met": "all",
        "given": [True] * 40 + [False] * 5,
        "plain": [1.0] * 10 + [0.0] * 30 + [math.nan] * 5,
        "covered": [True] * 30 + [False] * 15,
        "n_given": [50] * 41 + [49] * 4,
        "expected": [0.5] * 20 + [3.0] * 25,
    })  # fmt: skip
    assert all_or_nothing({"x": lifts}, {"x": "short"}, "all") == [
        {"": "`lift`", "short": "25.0 → 75.0"},
        {"": "cells", "short": "45"},
    ]
    assert all_or_nothing({"x": lifts}, {"x": "short"}, "none") == [{"": "cells"}]
    assert binned({"x": lifts}, {"x": "short"}, "lift", "expected", (0, 1, 5, math.inf)) == [
        {"": "0 to 1", "short": "100.0 (20)"},
        {"": "1 to 5", "short": "50.0 (20)"},
    ]
