"""Tests of a trend between two ordered columns: their rank correlation, with one degree of freedom.

A test of all categories has little power for long scales. For two ordered columns it is therefore combined with a test
of Spearman's rank correlation r. Rows without a value in one of both columns are left out.

- Independent rows: (n - 1) r^2 follows a chi-square distribution (the linear-by-linear test; Mantel 1963).
- Weights or groups: U = sum of w (x - mean) (y - mean), with its sums over groups as independent contributions, and a t
  distribution. Rows with weights and without groups are divided into random groups.
- The smaller p of both tests counts twice (Bonferroni).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from ...api import Bools, Floats, Ints
from .layout import Codes
from .pair_statistics import MOST_GROUPS, PairStatistics, Sampling

FEWEST_GROUPS = 10
"""Minimum number of groups for a test."""


def with_trends(p: Floats, statistics: PairStatistics, codes: Codes, ordered: Bools, sampling: Sampling) -> Floats:
    """Return the p (P,) of pairs, combined with the test of a trend where both columns are ordered."""
    first, second = statistics.first, statistics.second
    chosen = ordered[first] & ordered[second] & (statistics.df > 1) & statistics.is_valid
    columns = np.flatnonzero(ordered)
    if not chosen.any():
        return p
    trend = trend_tests(codes[columns], sampling)
    place = np.full(len(codes), -1)
    place[columns] = np.arange(len(columns))
    found = p.copy()
    tested = trend[place[first[chosen]], place[second[chosen]]]
    found[chosen] = np.where(np.isnan(tested), p[chosen], np.minimum(1.0, 2 * np.fmin(p[chosen], tested)))
    return found


def trend_tests(codes: Codes, sampling: Sampling, *, within: bool = False) -> Floats:
    """Return the p (q, q) of trends between ordered columns with codes (q, n), nan where there is no test.

    `within`: ranks are compared with their mean in the group, so that differences between groups do not count.
    """
    scores, answered = _ranks(codes), (codes >= 0).astype(np.float64)
    if within and sampling.groups is not None:
        scores = _minus_means(scores, answered, sampling.groups)
    weights = np.ones(codes.shape[1]) if sampling.weights is None else sampling.weights
    sums = PairSums.of(scores, answered, weights)
    if sampling.is_simple:
        return np.asarray(special.chdtrc(1.0, sums.correlations() ** 2 * (sums.n - 1)))
    with np.errstate(divide="ignore", invalid="ignore"):
        means = sums.first / sums.n, sums.first.T / sums.n
        if within:
            means = np.zeros_like(sums.n), np.zeros_like(sums.n)
        u = _u(sums, means)
        groups = _groups(sampling, codes.shape[1])
        n_groups = int(groups.max()) + 1
        squares = np.zeros_like(u)
        for group in range(n_groups):
            rows = groups == group
            squares += _u(PairSums.of(scores[:, rows], answered[:, rows], weights[rows]), means) ** 2
        if n_groups < FEWEST_GROUPS:
            return np.full(u.shape, np.nan)
        square = (n_groups - 1) * u**2 / np.maximum(n_groups * squares - u**2, 1e-300)
        return np.asarray(2 * special.stdtr(n_groups - 1, -np.sqrt(square)))


@dataclass(frozen=True)
class PairSums:
    """Weighted sums (q, q) over rows with a value in both columns: of ones, of x, of x^2 and of x y."""

    n: Floats
    first: Floats
    squares: Floats
    products: Floats

    @classmethod
    def of(cls, scores: Floats, answered: Floats, weights: Floats) -> PairSums:
        """Return the sums of scores (q, n), which are 0 for a missing value."""
        other = (answered * weights).T
        return cls(answered @ other, scores @ other, scores**2 @ other, scores @ (scores * weights).T)

    def correlations(self) -> Floats:
        """Return the correlations (q, q), nan where a column does not vary."""
        with np.errstate(divide="ignore", invalid="ignore"):
            spread = self.squares - self.first**2 / self.n
            found: Floats = (self.products - self.first * self.first.T / self.n) / np.sqrt(spread * spread.T)
        return found


def _u(sums: PairSums, means: tuple[Floats, Floats]) -> Floats:
    """Return the sums of (x - mean) (y - mean)."""
    x, y = means
    found: Floats = sums.products - y * sums.first - x * sums.first.T + x * y * sums.n
    return found


def _ranks(codes: Codes) -> Floats:
    """Return the mean rank of each row's category in its column (q, n), as a share of the rows; 0 if it is missing."""
    found = np.zeros(codes.shape)
    for place, column in enumerate(codes):
        chosen = column >= 0
        sizes = np.bincount(column[chosen]).astype(np.float64)
        ranks = (np.cumsum(sizes) - sizes / 2) / max(sizes.sum(), 1)
        found[place, chosen] = ranks[column[chosen]] - 0.5
    return found


def _minus_means(scores: Floats, answered: Floats, groups: Ints) -> Floats:
    """Return scores (q, n) minus their means in the group, among rows with a value."""
    found = np.empty_like(scores)
    for place, (score, some) in enumerate(zip(scores, answered, strict=True)):
        means = np.bincount(groups, score * some) / np.maximum(np.bincount(groups, some), 1)
        found[place] = (score - means[groups]) * some
    return found


def _groups(sampling: Sampling, n_rows: int) -> np.ndarray:
    merged = sampling.merged().groups
    if merged is not None:
        return np.unique(merged, return_inverse=True)[1]
    return np.random.default_rng(1).permutation(np.arange(n_rows) % MOST_GROUPS)
