"""Tests of rows in groups: at the level of groups, and within groups."""

import numpy as np
import pytest
from scipy import stats

from diptych.contrib.scan import scanning, significance
from diptych.contrib.scan.group_tests import by_group
from diptych.contrib.scan.pair_statistics import Sampling
from diptych.contrib.scan.scanning import scan_coded
from diptych.contrib.scan.trends import trend_tests
from tests.contrib.scan.worlds import coded, cut
from tests.draws import draws


def _groups(rng, n_groups, most=10):
    return np.repeat(np.arange(n_groups), rng.integers(1, most, n_groups))


def test_columns_that_are_constant_within_groups_are_recognised():
    codes = np.array([[0, 0, 1, 1, -1, 2], [0, 1, 1, 1, 0, 0], [-1, 1, -1, -1, 2, 2]], dtype=np.int16)
    constant, of_group = by_group(codes, np.array([5, 5, 7, 7, 9, 9]))
    assert constant.tolist() == [True, False, True]
    assert of_group[[0, 2]].tolist() == [[0, 1, 2], [1, -1, 2]]


def test_two_constant_columns_have_the_p_of_a_table_of_groups():
    rng = np.random.default_rng(3)
    groups = _groups(rng, 120)
    left = rng.integers(0, 3, 120)
    right = np.where(rng.random(120) < 0.4, left, rng.integers(0, 3, 120))
    codes = np.array([left[groups], right[groups], rng.integers(0, 2, len(groups))])
    scan = scan_coded(coded(codes), Sampling(None, groups))
    expected = stats.chi2_contingency(np.histogram2d(left, right, 3)[0], correction=False).pvalue
    assert scan.p[0] == pytest.approx(expected, rel=0.35)  # exact moments in place of chi-square
    assert expected < 0.001


def _mixed(rng, n_groups, n_columns, *, even):
    """Return columns of which every second one is constant within groups, and the groups. All are unrelated."""
    groups = _groups(rng, n_groups)
    found = []
    for place in range(n_columns):
        k = int(rng.integers(2, 6))
        latent = rng.normal(size=n_groups)[groups]
        if place % 2 == 0:
            latent = 0.55 * latent + 0.84 * rng.normal(size=len(groups))
        shares = np.ones(k) / k if even else 0.5 ** np.arange(k) / (0.5 ** np.arange(k)).sum()
        found.append(np.searchsorted(stats.norm.ppf(np.cumsum(shares)[:-1]), latent))
    return np.array(found), groups


@pytest.mark.parametrize("even", [True, False])
def test_unrelated_columns_of_both_kinds_are_rarely_called(even):
    n_scans, n_called = draws(10, 400), 0
    for seed in range(n_scans):
        codes, groups = _mixed(np.random.default_rng([seed, 8]), 60, 12, even=even)
        n_called += bool(scan_coded(coded(codes), Sampling(None, groups)).is_called.any())
    assert n_called <= stats.binom.ppf(0.999, n_scans, 0.05)


def _power(make, n_worlds=12):
    n_found = 0
    for seed in range(n_worlds):
        codes, groups = make(np.random.default_rng([seed, 4]))
        n_found += bool(scan_coded(coded(codes), Sampling(None, groups)).is_called[0])
    return n_found


def test_an_association_between_a_few_groups_of_unequal_size_is_found():
    """Each group counts once. With its size as weight, the large groups decide, and few worlds are found."""

    def world(rng):
        n = rng.permutation(np.r_[np.full(50, 2), np.full(10, 40)])
        groups = np.repeat(np.arange(60), n)
        left = rng.normal(size=60)
        right = left + 0.8 * rng.normal(size=60)
        others = rng.integers(0, 3, (6, len(groups)))
        return np.vstack([cut(left, 3)[groups], cut(right, 3)[groups], others]), groups

    assert _power(world) >= 9  # 4 of 12 with the test over all rows alone


def test_an_association_within_groups_is_found_if_groups_differ_much():
    def world(rng):
        groups = np.repeat(np.arange(30), 20)
        effects = rng.normal(size=(2, 30))[:, groups]
        left = rng.normal(size=600)
        right = 0.5 * left + 0.85 * rng.normal(size=600)
        others = rng.integers(0, 3, (6, 600))
        return np.vstack([cut(left + effects[0], 4), cut(right + effects[1], 4), others]), groups

    assert _power(world) >= 9  # 4 of 12 with the test over all rows alone


def test_a_trend_within_groups_leaves_differences_between_groups_out():
    """Groups differ in both columns, and rows within groups do not."""
    rng = np.random.default_rng(2)
    groups = np.repeat(np.arange(40), 15)
    level = rng.normal(size=40)[groups]
    codes = np.array([cut(2 * level + rng.normal(size=600), 6) for _ in range(2)])
    sampling = Sampling(None, groups)
    assert trend_tests(codes, sampling)[0, 1] < 1e-4
    assert trend_tests(codes, sampling, within=True)[0, 1] > 0.05


@pytest.mark.parametrize(("shares", "n_times"), [([0.5, 0.3, 0.2], 1), ([0.5, 0.498, 0.002], 2)])
def test_statistics_are_computed_once_if_no_category_is_rare(monkeypatch, shares, n_times):
    """Tests with weights combine rare categories first. Without any, the statistics have their p already."""
    rng = np.random.default_rng(3)
    codes = rng.choice(3, (4, 3000), p=shares)
    compute, seen = scanning.statistics_of, []

    def counted(*given):
        seen.append(given[4])
        return compute(*given)

    for module in (scanning, significance):
        monkeypatch.setattr(module, "statistics_of", counted)
    scan_coded(coded(codes), Sampling(rng.random(3000) + 0.5))
    assert sum(not sampling.is_simple for sampling in seen) == n_times
