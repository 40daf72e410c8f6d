"""Statistics of all pairs, against scipy, statsmodels, sums over rows and published formulas."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats
from scipy.stats.contingency import association

from diptych.contrib.scan import pair_statistics
from diptych.contrib.scan.layout import Layout, count_pairs
from diptych.contrib.scan.pair_statistics import Sampling, statistics_of
from diptych.contrib.scan.significance import combine_rare, simulated_tail
from tests.contrib.scan.worlds import cut, independent

SIZES = (2, 3, 4, 5, 3)


@pytest.fixture(scope="module")
def world():
    rng = np.random.default_rng(3)
    common = rng.normal(size=900)
    codes = np.array([cut(common * (k > 2) + rng.normal(size=900), k) for k in SIZES]).astype(np.int16)
    codes[1, rng.random(900) < 0.2] = -1
    return codes, Layout(np.array(SIZES)), rng


INDEPENDENT = Sampling()


def found(world, sampling=INDEPENDENT):
    codes, layout, _ = world
    weights = sampling.weights
    weighted = None if weights is None else count_pairs(codes, layout, weights)
    return statistics_of(codes, layout, count_pairs(codes, layout), weighted, sampling, np.ones(5, bool))


def crosstab(world, a, b):
    codes = world[0]
    chosen = (codes[a] >= 0) & (codes[b] >= 0)
    return pd.crosstab(codes[a][chosen], codes[b][chosen]).to_numpy()


def test_counts_are_those_of_crosstabs(world):
    codes, layout, _ = world
    counts = count_pairs(codes, layout)
    for a in range(5):
        for b in range(a + 1, 5):
            assert (counts[layout.categories(a), layout.categories(b)] == crosstab(world, a, b)).all()
    assert counts[layout.missing[1], layout.missing[1]] == (codes[1] < 0).sum()


def test_unweighted_statistics(world):
    s = found(world)
    for place, (a, b) in enumerate(zip(s.first, s.second, strict=True)):
        table = crosstab(world, a, b)
        n, (r, k) = table.sum(), table.shape
        x2 = stats.chi2_contingency(table, correction=False)
        assert s.n[place] == n
        assert s.x2[place] == pytest.approx(x2.statistic)
        assert s.df[place] == x2.dof
        phi2 = association(table, "cramer") ** 2 * (min(r, k) - 1)
        assert phi2 == pytest.approx(x2.statistic / n)
        corrected = max(phi2 - (r - 1) * (k - 1) / (n - 1), 0)
        smaller = min(r - (r - 1) ** 2 / (n - 1), k - (k - 1) ** 2 / (n - 1)) - 1
        assert s.v[place] == pytest.approx((corrected / smaller) ** 0.5)
        assert s.low[place] <= s.v[place] <= s.high[place]
        assert s.p[place] == pytest.approx(x2.pvalue, rel=0.2, abs=0.01)
        assert s.least_expected[place] == pytest.approx(x2.expected_freq.min())
        of_row = stats.entropy(table.sum(1))
        shared = of_row + stats.entropy(table.sum(0)) - stats.entropy(table.ravel())
        assert s.u_first[place] == pytest.approx(max(shared - x2.dof / (2 * n), 0) / of_row)
        assert s.errors_second[place] == pytest.approx(1 - table.max(1).sum() / n)
        assert s.base_first[place] == pytest.approx(1 - table.sum(1).max() / n)


def test_gamma_is_that_of_all_pairs_of_rows(world):
    s = found(world)
    codes = world[0].astype(float)
    chosen = (codes[1] >= 0) & (codes[3] >= 0)
    signs = np.sign(codes[1, chosen][:, None] - codes[1, chosen]) * np.sign(
        codes[3, chosen][:, None] - codes[3, chosen]
    )
    place = list(zip(s.first, s.second, strict=True)).index((1, 3))
    assert s.gamma[place] == pytest.approx(((signs > 0).sum() - (signs < 0).sum()) / (signs != 0).sum())


def test_gamma_needs_two_ordered_columns(world):
    codes, layout, _ = world
    ordered = np.array([True, True, False, True, True])
    s = statistics_of(codes, layout, count_pairs(codes, layout), None, Sampling(), ordered)
    assert (np.isnan(s.gamma) == ((s.first == 2) | (s.second == 2))).all()


@pytest.mark.parametrize("with_groups", [False, True])
def test_design_effects_are_those_of_sums_over_rows_or_groups(world, with_groups):
    codes, _, rng = world
    weights = np.exp(rng.normal(size=900) * 0.7)
    groups = rng.integers(0, 40, 900)
    s = found(world, Sampling(weights, groups if with_groups else None))
    for place in (0, 4, 9):
        a, b = s.first[place], s.second[place]
        chosen = (codes[a] >= 0) & (codes[b] >= 0)
        w = weights * chosen
        rows = np.eye(SIZES[a])[codes[a]] * chosen[:, None]
        columns = np.eye(SIZES[b])[codes[b]] * chosen[:, None]
        p_row, p_column = w @ rows / w.sum(), w @ columns / w.sum()
        h = (rows * w[:, None]).T @ columns / w.sum() - np.outer(p_row, p_column)
        influence = w[:, None, None] * (((rows - p_row)[:, :, None] * (columns - p_column)[:, None]) - h)
        if with_groups:
            sums = np.zeros((40, *h.shape))
            np.add.at(sums, groups, influence)
            variance = (sums**2).sum(0) * 40 / 39
        else:
            variance = (influence**2).sum(0)
        deff = (variance / w.sum() ** 2 / np.outer(p_row, p_column)).sum() * chosen.sum() / s.df[place]
        assert s.deff[place] == pytest.approx(deff)


def test_weighted_standard_error_of_a_share_agrees_with_a_linear_model():
    """For a 2 x 2 table with a fixed row variable, Rao and Scott's X2 is near the robust Wald test of the difference."""
    rng = np.random.default_rng(8)
    n = 4000
    first, second = rng.integers(0, 2, n), rng.integers(0, 2, n)
    second = np.where(rng.random(n) < 0.05, first, second)
    weights, groups = np.exp(rng.normal(size=n) * 0.6), rng.integers(0, 150, n)
    fit = sm.WLS(second, sm.add_constant(first), weights=weights).fit(cov_type="cluster", cov_kwds={"groups": groups})
    codes, layout = np.array([first, second]).astype(np.int16), Layout(np.array([2, 2]))
    weighted = count_pairs(codes, layout, weights)
    s = statistics_of(codes, layout, count_pairs(codes, layout), weighted, Sampling(weights, groups), np.ones(2, bool))
    assert s.x2[0] / s.deff[0] == pytest.approx(fit.tvalues[1] ** 2, rel=0.03)


@pytest.mark.parametrize("sampling", ["none", "weights", "groups"])
def test_strips_of_columns_give_the_same_numbers(world, sampling, monkeypatch):
    given = {
        "none": Sampling(),
        "weights": Sampling(np.linspace(0.5, 2, 900)),
        "groups": Sampling(None, np.arange(900) % 30),
    }
    whole = found(world, given[sampling])
    monkeypatch.setattr(pair_statistics, "_STRIP_CELLS", 100)
    parts = found(world, given[sampling])
    assert (parts.first == whole.first).all()
    for field in ("v", "low", "high", "p", "deff", "u_second", "gamma", "errors_first"):
        np.testing.assert_allclose(getattr(parts, field), getattr(whole, field), rtol=1e-9)


def test_many_groups_are_merged_in_a_fixed_order():
    merged = Sampling(None, np.arange(1000)).merged()
    assert (np.bincount(merged.groups) == 5).all()
    assert (merged.groups == Sampling(None, np.arange(1000)).merged().groups).all()


def test_a_simulated_tail_agrees_with_fishers_exact_test():
    table = np.array([[3.0, 1.0], [1.0, 9.0]])
    exact = stats.fisher_exact(table).pvalue
    assert simulated_tail(table, 20_000, 1) == pytest.approx(exact, rel=0.25)
    assert simulated_tail(table, 20_000, 1) == simulated_tail(table.T, 20_000, 1)


def test_rare_categories_are_combined():
    codes = np.array([[0] * 50 + [1] * 40 + [2] * 6 + [3] * 4 + [-1] * 2]).astype(np.int16)
    combined, layout = combine_rare(codes, Layout(np.array([4])), 10)
    assert layout.n_categories.tolist() == [3]
    assert np.bincount(combined[0] + 1).tolist() == [2, 50, 40, 10]
    combined, layout = combine_rare(codes, Layout(np.array([4])), 15)
    assert np.bincount(combined[0] + 1).tolist() == [2, 50, 50]


def test_intervals_of_v_contain_the_truth():
    """V of a table with known shares: 3 by 5, V 0.25, 300 samples of 400 rows."""
    rng = np.random.default_rng(4)
    shares = np.full((3, 5), 1 / 15)
    shares[0, 0] += 0.06
    shares[1, 1] += 0.06
    shares[0, 1] -= 0.06
    shares[1, 0] -= 0.06
    expected = np.outer(shares.sum(1), shares.sum(0))
    truth = (((shares - expected) ** 2 / expected).sum() / 2) ** 0.5
    n_inside = 0
    for _ in range(300):
        cell = rng.choice(15, 400, p=shares.ravel())
        codes = np.array([cell // 5, cell % 5]).astype(np.int16)
        layout = Layout(np.array([3, 5]))
        s = statistics_of(codes, layout, count_pairs(codes, layout), None, Sampling(), np.zeros(2, bool))
        n_inside += s.low[0] <= truth <= s.high[0]
    assert n_inside >= 0.93 * 300


def test_p_values_of_skewed_tables_have_the_moments_of_x2():
    """The mean and variance of X2 given both margins, against 20,000 random tables."""
    rng = np.random.default_rng(6)
    codes = independent(rng, 2, 120, even=False).astype(np.int16)
    layout = Layout(codes.max(1).astype(int) + 1)
    table = count_pairs(codes, layout)[layout.categories(0), layout.categories(1)]
    drawn = stats.random_table(table.sum(1).astype(int), table.sum(0).astype(int), seed=1).rvs(20_000)
    expected = np.outer(table.sum(1), table.sum(0)) / 120
    x2 = ((drawn - expected) ** 2 / expected).sum((1, 2))
    s = statistics_of(codes, layout, count_pairs(codes, layout), None, Sampling(), np.zeros(2, bool))
    shape_mean, shape_variance = x2.mean(), x2.var()
    assert s.p[0] == pytest.approx(
        stats.gamma.sf(s.x2[0], shape_mean**2 / shape_variance, scale=shape_variance / shape_mean), rel=0.05
    )
