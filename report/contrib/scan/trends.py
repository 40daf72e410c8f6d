"""Tests of a trend between two ordered columns: their rank correlation, with one degree of freedom.

A test of all categories has little power for long scales. For two ordered columns it is therefore combined with a test
of Spearman's rank correlation r. Rows without a value in one of both columns are left out.

- Independent rows: (n - 1) r^2 follows a chi-square distribution (the linear-by-linear test; Mantel 1963).
- Weights or groups: U = sum of w (x - mean) (y - mean), with its sums over groups as independent contributions, and a t
  distribution. Rows with weights and without groups are divided into random groups.
- The smaller p of both tests counts twice (Bonferroni).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from ... import portable
from ...arrays import Bools, Floats, Indices, Ints
from .layout import Codes
from .pair_statistics import MOST_GROUPS, PairStatistics, Sampling

_ROWS = 16_384
"""Rows of a block, so that large tables need little memory."""
FEWEST_GROUPS = 10
"""Minimum number of groups for a test."""


def with_trends(p: Floats, statistics: PairStatistics, codes: Codes, ordered: Bools, sampling: Sampling) -> Floats:
    """Return the p (P,) of pairs, combined with the test of a trend where both columns are ordered."""
    first, second = statistics.first, statistics.second
    chosen = ordered[first] & ordered[second] & (statistics.df > 1) & statistics.is_valid
    columns = np.flatnonzero(ordered)
    if not chosen.any():
        return p
    trend = trend_tests(codes, sampling, columns)
    place = np.full(len(codes), -1)
    place[columns] = np.arange(len(columns))
    found = p.copy()
    tested = trend[place[first[chosen]], place[second[chosen]]]
    found[chosen] = np.where(np.isnan(tested), p[chosen], np.minimum(1.0, 2 * np.fmin(p[chosen], tested)))
    return found


def trend_tests(codes: Codes, sampling: Sampling, columns: Ints | None = None, *, within: bool = False) -> Floats:
    """Return the p (q, q) of trends between ordered columns with codes (q, n), nan where there is no test.

    `columns` selects some of the codes.
    `within`: ranks are compared with their mean in the group, so that differences between groups do not count.
    """
    chosen = np.arange(len(codes)) if columns is None else columns
    ranks, n_rows = _ranks([codes[column] for column in chosen]), codes.shape[1]
    weights = np.ones(n_rows) if sampling.weights is None else sampling.weights

    def sums_of(rows: Indices | slice) -> PairSums:
        scores, answered = _scores(codes[:, rows][chosen], ranks)
        if within and sampling.groups is not None:
            scores = _minus_means(scores, answered, sampling.groups[rows])
        return PairSums.of(scores, answered, weights[rows])

    blocks = [slice(first, first + _ROWS) for first in range(0, n_rows, _ROWS)]
    if sampling.is_simple:
        whole = PairSums.total(map(sums_of, blocks))
        return np.asarray(portable.tails.chdtrc(1.0, portable.squared(whole.correlations()) * (whole.n - 1)))
    groups = _groups(sampling, n_rows)
    order = np.argsort(groups, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(groups[order])) + 1)
    n_groups = len(parts)
    with np.errstate(divide="ignore", invalid="ignore"):
        whole = PairSums.total(map(sums_of, parts if within else blocks))
        zero = np.zeros_like(whole.n)
        means = (zero, zero) if within else (whole.first / whole.n, whole.first.T / whole.n)
        u, squares = _u(whole, means), np.zeros_like(whole.n)
        for rows in parts:
            squares += portable.squared(_u(sums_of(rows), means))
        if n_groups < FEWEST_GROUPS:
            return np.full(u.shape, np.nan)
        square = (n_groups - 1) * portable.squared(u) / np.maximum(n_groups * squares - portable.squared(u), 1e-300)
        return np.asarray(2 * portable.tails.stdtr(n_groups - 1, -np.sqrt(square)))


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
        if answered.all():
            n = np.full((len(scores), len(scores)), weights.sum())
            first, squares = (
                np.repeat(portable.matmul(values, weights)[:, None], len(n), axis=1)
                for values in (scores, portable.squared(scores))
            )
            return cls(n, first, squares, portable.matmul(scores, (scores * weights).T))
        other = (answered * weights).T
        return cls(
            portable.matmul(answered, other),
            portable.matmul(scores, other),
            portable.matmul(portable.squared(scores), other),
            portable.matmul(scores, (scores * weights).T),
        )

    @classmethod
    def total(cls, parts: Iterable[PairSums]) -> PairSums:
        """Return the sums over several parts of the rows."""
        return reduce(
            lambda one, other: cls(
                one.n + other.n, one.first + other.first, one.squares + other.squares, one.products + other.products
            ),
            parts,
        )

    def correlations(self) -> Floats:
        """Return the correlations (q, q), nan where a column does not vary."""
        with np.errstate(divide="ignore", invalid="ignore"):
            spread = self.squares - portable.squared(self.first) / self.n
            found: Floats = (self.products - self.first * self.first.T / self.n) / np.sqrt(spread * spread.T)
        return found


def _u(sums: PairSums, means: tuple[Floats, Floats]) -> Floats:
    """Return the sums of (x - mean) (y - mean)."""
    x, y = means
    found: Floats = sums.products - y * sums.first - x * sums.first.T + x * y * sums.n
    return found


def _ranks(codes: Sequence[NDArray[np.int8] | NDArray[np.int16]]) -> Floats:
    """Return the mean rank of each category (q, k + 1), as a share of the rows; 0 at the end, for a missing value."""
    found = np.zeros((len(codes), max(int(column.max(initial=0)) for column in codes) + 2))
    for place, column in enumerate(codes):
        sizes = np.bincount(column[column >= 0], minlength=found.shape[1] - 1).astype(np.float64)
        found[place, :-1] = (np.cumsum(sizes) - sizes / 2) / max(sizes.sum(), 1) - 0.5
    return found


def _scores(codes: Codes, ranks: Floats) -> tuple[Floats, Floats]:
    """Return the ranks (q, n) of the rows' categories, and 1 where there is a value."""
    return np.take_along_axis(ranks, codes.astype(np.int64) % ranks.shape[1], axis=1), (codes >= 0).astype(np.float64)


def _minus_means(scores: Floats, answered: Floats, groups: Ints) -> Floats:
    """Return scores (q, n) minus their means in the group, among rows with a value."""
    group = np.unique(groups, return_inverse=True)[1]
    found = np.empty_like(scores)
    for place, (score, some) in enumerate(zip(scores, answered, strict=True)):
        means = np.bincount(group, score * some) / np.maximum(np.bincount(group, some), 1)
        found[place] = (score - means[group]) * some
    return found


def _groups(sampling: Sampling, n_rows: int) -> np.ndarray:
    merged = sampling.merged().groups
    if merged is not None:
        return np.unique(merged, return_inverse=True)[1]
    return np.random.default_rng(1).permutation(np.arange(n_rows) % MOST_GROUPS)
