"""Shares of units in patterns: against statsmodels, sums written out cluster by cluster, and each other."""

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from diptych.stats import shares
from tests.stats import by_hand

SEEDS = range(6)


def drawn(seed, *, clustered, weighted=False):
    """Return sets of rows (p, 4) and columns (p, 5) of patterns, and how they were drawn."""
    rng = np.random.default_rng([7, seed])
    n = 500
    rows = np.zeros((n, 4), bool)
    rows[np.arange(n), rng.integers(0, 4, n)] = rng.random(n) > 0.1
    columns = rng.random((n, 5)) < [0.5, 0.2, 0.1, 0.02, 0.9]
    units = rng.integers(1, 4, n).astype(float)
    weight = units * (rng.uniform(0.5, 2, n) if weighted else 1)
    cluster = rng.integers(0, 25, n) if clustered else None
    return rows, columns, shares.Design(weight, weight**2 / units, units, cluster)


@pytest.mark.parametrize(
    ("k", "n", "m", "total"), [(3, 20, 30, 80), (0, 25, 7, 60), (50, 50, 20, 70), (11, 40, 12, 44)]
)
def test_independent_units_have_the_intervals_of_wilson_and_newcombe(k, n, m, total):
    row = np.repeat([True, False], [n, total])
    column = np.concatenate([np.arange(n) < k, np.arange(total) < m])
    ones = np.ones(n + total)
    totals = shares.pair_totals(row, column, shares.Design(ones, ones, ones))
    own, others = shares.share(totals), shares.share(totals, shares.MISSED, shares.WITHOUT)
    assert (own.value, others.value) == (k / n, m / total)
    z = 1.959963984540054
    low, high = shares.wilson(own.value, own.effective, np.array(z))
    assert np.allclose((low, high), proportion_confint(k, n, method="wilson"))
    found = shares.difference(totals, own, others).ends(np.array(z))
    assert np.allclose(found, confint_proportions_2indep(k, n, m, total, method="newcomb"), atol=1e-6)


def same(found, expected):
    assert found.effective == pytest.approx(expected.effective, rel=1e-9)
    assert found.value == pytest.approx(expected.value) or expected.base == 0
    names = ("count", "base", "units", "clusters", "variance", "freedom")
    assert [float(getattr(found, name)) for name in names] == pytest.approx(
        [getattr(expected, name) for name in names], rel=1e-8
    )


def few_and_unequal(seed, n_clusters, n=120):
    """Return sets and design of few units in a few clusters of unequal size, one category in only two of them."""
    rng = np.random.default_rng([8, seed])
    cluster = (rng.random(n) ** 3 * n_clusters).astype(int)
    rows, columns = rng.random((n, 4)) < [0.5, 0.2, 0.03, 0.0], rng.random((n, 5)) < [0.5, 0.2, 0.02, 0.0, 1.0]
    rows[:, 1] &= np.isin(cluster, (0, n_clusters - 1))
    columns[:, 1] |= cluster == 0
    weight = rng.uniform(0.5, 2, n)
    return rows, columns, shares.Design(weight, weight**2, np.ones(n), 2 * cluster)  # odd numbers have no units


def alone(rows, columns, design):
    """Return the same units, each a cluster of its own."""
    return rows, columns, replace(design, cluster=np.arange(len(rows)))


KINDS = {
    "units": lambda seed: drawn(seed, clustered=False),
    "weights": lambda seed: drawn(seed, clustered=False, weighted=True),
    "clusters": lambda seed: drawn(seed, clustered=True),
    "weighted clusters": lambda seed: drawn(seed, clustered=True, weighted=True),
    "few clusters": lambda seed: few_and_unequal(seed, 9),
    "three clusters": lambda seed: few_and_unequal(seed, 3),
}


@pytest.mark.parametrize("kind", [*KINDS, "clusters of one"])
@pytest.mark.parametrize("seed", range(3))
def test_all_pairs_at_once_are_pairs_one_by_one(seed, kind, monkeypatch):
    rows, columns, design = KINDS[kind](seed) if kind in KINDS else alone(*few_and_unequal(seed, 9))
    tables = [shares.table_totals(rows, columns, design)]
    monkeypatch.setattr(shares, "_SQUARES", 7)  # clusters in many runs
    tables.append(shares.table_totals(rows, columns, design))
    for every, (i, j) in product(tables, np.ndindex(4, 5)):
        one = shares.pair_totals(rows[:, i], columns[:, j], design)
        for name in ("first", "second", "squares", "units", "clusters"):
            assert np.allclose(getattr(every, name)[..., i, j], getattr(one, name)), name


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(2))
def test_shares_and_their_differences_are_those_of_units_one_by_one(seed, kind):
    rows, columns, design = KINDS[kind](seed)
    frame = pd.DataFrame({"w": design.weight, "s": design.squared, "u": design.units})
    if design.cluster is not None:
        frame["g"] = design.cluster
    x, y = (pd.DataFrame(of) for of in (rows, columns))
    every = shares.table_totals(rows, columns, design)
    alike = shares.alike_within(every)
    of_all = {name: shares.share(every, *lines, alike) for name, lines in (
        ("own", (shares.HIT, shares.WITH)), ("others", (shares.MISSED, shares.WITHOUT)),
        ("all", (shares.OUTCOME, shares.EVERY)))}  # fmt: skip
    apart = shares.difference(every, of_all["own"], of_all["others"])
    for j in y:
        together = by_hand.pooled([by_hand.raw(frame, x[i], y[j]) for i in x])
        assert alike[j] == pytest.approx(together, abs=1e-9)
        for i in x:
            own, others = (by_hand.share(frame, base, y[j], together) for base in (x[i], ~x[i]))
            same(of_all["own"].at(i, j), own)
            same(of_all["others"].at(i, j), others)
            everyone = pd.Series(True, frame.index)
            same(of_all["all"].at(i, j), by_hand.share(frame, everyone, y[j], 0.0))
            one = shares.pair_totals(rows[:, i], columns[:, j], design)
            same(shares.share(one), by_hand.share(frame, x[i], y[j]))
            assert np.isnan(apart.value[i, j]) == (min(own.base, others.base) == 0)
            if min(own.base, others.base) > 0:
                expected = by_hand.difference(frame, own, others)
                single = shares.difference(one, of_all["own"].at(i, j), of_all["others"].at(i, j))
                for found, at in ((apart, (i, j)), (single, ())):
                    assert found.freedom[at] == pytest.approx(expected.freedom, rel=1e-6)
                    ends = [end[at] for end in found.interval(0.1)]
                    assert ends == pytest.approx(expected.interval(0.1), rel=1e-6, abs=1e-9)
                    assert found.p[at] == pytest.approx(expected.p, rel=1e-5, abs=1e-12)
                given = own.value / 2 + 0.1
                low, high = own.interval(0.2)
                against = shares.against(of_all["own"].at(i, j), np.array(given)).interval(0.2)
                assert against == pytest.approx((low - given, high - given), abs=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_variances_are_the_squares_of_residuals_of_clusters(seed):
    rows, columns, design = drawn(seed, clustered=True)
    row, column = rows[:, 0], columns[:, 0]
    totals = shares.pair_totals(row, column, design)
    found = shares.share(totals)
    k, n = (
        np.array([design.weight[own & (design.cluster == g)].sum() for g in range(25)]) for own in (row & column, row)
    )
    residuals = (k - found.value * n) / n.sum()
    robust = (residuals**2).sum() * (n > 0).sum() / ((n > 0).sum() - 1)
    assert np.allclose(found.residuals, residuals)
    assert found.clusters == pytest.approx(n.sum() ** 2 / (n**2).sum())
    assert found.variance >= robust * (1 - 1e-9)
    kish = n.sum() ** 2 / design.squared[row].sum()
    assert found.effective <= kish * (1 + 1e-9)


@pytest.mark.parametrize("clustered", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
def test_p_is_the_level_at_which_the_interval_touches_no_effect(seed, clustered):
    rows, columns, design = drawn(seed, clustered=clustered)
    totals = shares.table_totals(rows, columns, design)
    found = shares.difference(totals, shares.share(totals), shares.share(totals, shares.MISSED, shares.WITHOUT))
    for place in np.ndindex(found.p.shape):
        p = float(found.p[place])
        for alpha, excludes in ((p * 1.01, True), (p * 0.99, False)):
            if 1e-9 < alpha < 1:
                low, high = (float(end[place]) for end in found.interval(alpha))
                assert (low * high > 0) == excludes, (place, p)


def test_without_units_there_are_no_clusters_and_no_shares():
    rows, columns, design = drawn(0, clustered=True)
    nobody = np.zeros(len(rows), bool)
    assert (design.n_clusters, design.kept(nobody).n_clusters) == (25, 0)
    assert drawn(0, clustered=False)[2].n_clusters == 0
    none = shares.table_totals(rows[nobody], columns[nobody], design.kept(nobody))
    assert not none.first.any()
    assert not none.clusters.any()
    assert np.isnan(shares.share(none).value).all()


def test_a_cluster_of_copies_counts_as_one_unit():
    rng = np.random.default_rng(3)
    row, column = np.repeat(rng.random((2, 40)) < 0.5, 50, axis=1)
    ones = np.ones(2000)
    found = shares.share(shares.pair_totals(row, column, shares.Design(ones, ones, ones, np.repeat(np.arange(40), 50))))
    assert found.effective == pytest.approx(row.sum() / 50, rel=0.1)


def test_a_share_of_none_is_as_uncertain_as_its_outcome_among_all_units():
    cluster = np.repeat(np.arange(30), 20)
    row, column = cluster % 2 == 0, (cluster % 2 == 1) & (cluster % 4 == 1)
    ones = np.ones(600)
    totals = shares.pair_totals(row, column, shares.Design(ones, ones, ones, cluster))
    found = shares.share(totals)
    low, high = found.interval()
    assert (found.value, low) == (0, 0)
    assert found.effective == pytest.approx(15, rel=0.1)
    assert high > proportion_confint(0, 300, method="wilson")[1] * 5


def test_slopes_have_the_error_of_clusters():
    rng = np.random.default_rng(5)
    cluster, ones = rng.integers(0, 20, 300), np.ones(300)
    contributions = rng.normal(size=300) / 300
    found = shares.linear(0.1, contributions, shares.Design(ones, ones, ones, 2 * cluster))  # odd ones have no units
    sums, sizes = np.bincount(cluster, contributions, 20), np.bincount(cluster, minlength=20)
    error = np.sqrt((sums**2).sum() * 20 / 19)
    freedom = sizes.sum() ** 2 / (sizes**2).sum() - 1
    assert found.p == pytest.approx(2 * student.sf(0.1 / error, freedom), rel=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_adjusted_p_are_those_of_statsmodels(seed):
    p = np.random.default_rng(seed).uniform(size=30) ** 2
    assert np.allclose(shares.false_discovery(p), multipletests(p, method="fdr_bh")[1])
    assert np.allclose(shares.holm(p), multipletests(p, method="holm")[1])
    assert np.isnan(shares.false_discovery(np.array([0.1, np.nan]))[1])
