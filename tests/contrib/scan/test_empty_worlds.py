"""Simulated worlds: scans of unrelated columns call a pair in at most 5% of scans; planted pairs are found."""

import numpy as np
import pytest
from scipy import stats

from diptych.contrib.scan.pair_statistics import Sampling
from diptych.contrib.scan.scanning import scan_coded
from tests.contrib.scan.worlds import coded, cut, independent
from tests.draws import by_night, draws

pytestmark = pytest.mark.nightly

N_SCANS = draws(15, 400)
MOST_CALLED = int(stats.binom.ppf(0.999, N_SCANS, 0.05))
"""A correct program exceeds this number once in 1,000 runs (35 of 400)."""


def grouped(rng, n_columns, n_rows, n_groups, intraclass, *, even):
    """Return columns of groups that are alike within each column, but unrelated between columns; and the groups."""
    groups = rng.integers(0, n_groups, n_rows)
    found = []
    for _ in range(n_columns):
        k = int(rng.integers(2, 6))
        latent = rng.normal(size=n_groups)[groups] * intraclass**0.5 + rng.normal(size=n_rows) * (1 - intraclass) ** 0.5
        shares = np.ones(k) / k if even else 0.5 ** np.arange(k) / (0.5 ** np.arange(k)).sum()
        found.append(np.searchsorted(stats.norm.ppf(np.cumsum(shares)[:-1]), latent))
    return np.array(found), groups


def scanned(world, rng):
    if world.startswith("clusters"):
        codes, groups = grouped(rng, 15, 1000, 50, 0.3, even="even" in world)
        return scan_coded(coded(codes), Sampling(None, groups))
    n_columns, n_rows = {"10": (10, 500), "30": (30, 800), "50": (50, 500), "200": (200, 500)}[world.split()[0]]
    codes = independent(rng, n_columns, n_rows, even="even" in world)
    weights = np.exp(rng.normal(size=n_rows) * 0.7) if "weights" in world else None
    return scan_coded(coded(codes), Sampling(weights))


@pytest.mark.parametrize(
    "world",
    [
        *("10 even", "10 skewed", "30 even", "30 skewed", "10 skewed weights", "clusters even", "clusters skewed"),
        *by_night("50 even", "50 skewed", "200 even", "200 skewed"),
    ],
)
def test_unrelated_columns_are_rarely_called(world):
    n_called = 0
    for seed in range(N_SCANS):
        scan = scanned(world, np.random.default_rng([seed, len(world)]))
        n_called += bool(scan.is_called.any())
    assert n_called <= MOST_CALLED


def test_clusters_that_are_ignored_call_unrelated_pairs():
    """The world of clusters is hard: without the groups, most scans call a pair."""
    n_called = 0
    for seed in range(10):
        codes, _ = grouped(np.random.default_rng(seed), 15, 1000, 50, 0.3, even=True)
        n_called += bool(scan_coded(coded(codes)).is_called.any())
    assert n_called >= 5


def test_the_mean_false_discovery_rate_of_correlated_columns():
    """Two blocks of ten columns with a common cause each: pairs of different blocks are false."""
    shares = []
    for seed in range(N_SCANS):
        rng = np.random.default_rng(seed)
        causes = rng.normal(size=(2, 500))
        codes = np.array([cut(0.6 * causes[j % 2] + rng.normal(size=500), 2 + j % 4) for j in range(20)])
        scan = scan_coded(coded(codes))
        called = np.flatnonzero(scan.is_called)
        is_false = (scan.statistics.first[called] + scan.statistics.second[called]) % 2 == 1
        shares.append(is_false.mean() if len(called) else 0.0)
    assert np.mean(shares) <= 0.05 + 3 * np.std(shares) / len(shares) ** 0.5


def test_a_planted_pair_is_found_with_the_power_of_the_noncentral_chi_square():
    """One 2 by 2 pair among 45 with phi 0.16, 400 rows: it is found if its p is at most 0.05/45."""
    n_found, n_worlds = 0, draws(60, 600)
    for seed in range(n_worlds):
        rng = np.random.default_rng(seed)
        codes = independent(rng, 10, 400, even=True)
        codes[0] = rng.integers(0, 2, 400)
        codes[1] = np.where(rng.random(400) < 0.16, codes[0], rng.integers(0, 2, 400))
        scan = scan_coded(coded(codes))
        n_found += bool(scan.is_called[0])
    power = stats.ncx2.sf(stats.chi2.isf(0.05 / 45, 1), 1, 400 * 0.16**2)
    assert n_found / n_worlds == pytest.approx(power, abs=0.05 + 2.6 * (0.25 / n_worlds) ** 0.5)
