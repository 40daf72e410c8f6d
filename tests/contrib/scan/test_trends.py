"""The test of a trend between two ordered columns: against scipy, by hand with groups, and what it finds."""

import numpy as np
import pytest
from scipy import stats

from diptych.contrib.scan.pair_statistics import Sampling
from diptych.contrib.scan.scanning import ScanOptions, scan_coded, scan_table
from diptych.contrib.scan.trends import trend_tests
from tests.contrib.scan.worlds import coded, cut, texts


def scales(rng, n, rho, k=11):
    common = rng.normal(size=n)
    return np.array([cut(np.sqrt(rho) * common + np.sqrt(1 - rho) * rng.normal(size=n), k) for _ in range(2)])


def test_independent_rows_have_spearmans_correlation():
    rng = np.random.default_rng(1)
    codes = scales(rng, 400, 0.1).astype(np.int16)
    rho = stats.spearmanr(codes[0], codes[1]).statistic
    found = trend_tests(codes, Sampling())[0, 1]
    assert found == pytest.approx(stats.chi2.sf(399 * rho**2, 1), rel=1e-9)


def test_rows_without_both_values_are_left_out():
    """Ranks come from all answers to a column, so that adding rows without the other answer changes little."""
    rng = np.random.default_rng(2)
    codes = scales(rng, 600, 0.05).astype(np.int16)
    codes[0, :200] = -1
    rho = stats.spearmanr(codes[0, 200:], codes[1, 200:]).statistic
    assert trend_tests(codes, Sampling())[0, 1] == pytest.approx(stats.chi2.sf(399 * rho**2, 1), rel=0.05)


def test_groups_and_weights_by_hand():
    rng = np.random.default_rng(3)
    codes, groups, weights = scales(rng, 300, 0.05, 5), rng.integers(0, 40, 300), rng.uniform(0.5, 2, 300)
    x, y = (stats.rankdata(column) for column in codes)
    x, y = x - np.average(x, weights=weights), y - np.average(y, weights=weights)
    sums = np.bincount(groups, weights * x * y)
    expected = stats.ttest_1samp(sums, 0).pvalue
    assert trend_tests(codes.astype(np.int16), Sampling(weights, groups))[0, 1] == pytest.approx(expected, rel=1e-9)


def test_a_trend_on_long_scales_is_found_and_chance_is_not():
    found, false = 0, 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        scale = {f"scale {name}": column for name, column in zip("ab", scales(rng, 300, 0.2), strict=True)}
        scan = scan_table(texts({**scale, "scale c": rng.integers(0, 11, 300)}))
        called = {frozenset(scan.table.columns[c].name for c in scan.columns_of(place)) for place in scan.order}
        found += frozenset(scale) in called
        false += len(called - {frozenset(scale)})
    assert found >= 30  # rho = 0.2: a test of 100 degrees of freedom finds about six
    assert false <= 8


def test_groups_of_trend_worlds_are_respected():
    """Ratings of 60 teachers are the same for all rows of a teacher: 1,200 rows are 60."""
    called = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        teacher = np.repeat(np.arange(60), 20)
        codes = np.array([cut(rng.normal(size=60), 5)[teacher] for _ in range(2)])
        called += scan_coded(coded(codes, ["ordered", "ordered"]), Sampling(None, teacher), ScanOptions()).order != []
    assert called <= 12
