"""Pairs of categories within strata: the common odds ratio of Mantel and Haenszel (1959), and observed over expected.

With the cells a (both), b, c (one of them) and d (neither) of a stratum of n units, let A = sum a d / n and
B = sum b c / n. The odds ratio is A / B, and A - B = sum (a - expected) is the excess of joint counts. So one interval
decides both: its end r on the scale of the odds ratio belongs to the excess sqrt(A B) (sqrt r - 1 / sqrt r). It is 0
exactly for r = 1.

The variance of log A / B is that of Robins, Breslow and Greenland (1986, Biometrics 42) for independent units, and the
delete-one-cluster jackknife for clusters and weights, if that is larger, with t on the effective number of clusters
less one. Where no
unit of any stratum has both categories, or as many as can, the data say nothing of the variance. The end nearer to "no
effect" then has Wilson's end of the share of joint units among those that could be.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse

from .. import portable
from ..arrays import Bools, Floats, Indices, Ints, over
from ..ledger.incidence import Incidence
from .matrices import EMPTY, Fourfold, StratumMargins, fourfold, shares, stratum_margins
from .pairs import Ends
from .shares import quantile, tails, wilson

_MOST = 1 << 31
"""The most numbers of pieces of clusters and pairs. In larger tables only equal places on both sides are compared."""
_AT_ONCE = 1 << 22
"""The most numbers in memory at once."""


@dataclass(frozen=True, eq=False)
class WithinStrata:
    """Pairs (R, C) within strata; nan where no stratum has units with and without both categories.

    `alike` and `crossed` are A and B, with 1/2 added to each cell of the telling strata if one is 0. `excess` is the
    joint count less the expected. `clusters` are the effective clusters of the test, and `trials` those of the units
    that could have both categories: in each telling stratum, the units of the smaller one. `could` is the largest joint
    count that the telling strata allow, and `chance` the expected one there. `none` and `all` are the pairs without any
    joint unit there, or with as many as can be. `expected` and `most` are the expected and the largest joint count over
    all strata.
    """

    alike: Floats
    crossed: Floats
    excess: Floats
    could: Floats
    chance: Floats
    variance: Floats
    clusters: Floats
    trials: Floats
    none: Bools
    all: Bools
    expected: Floats
    most: Floats
    _tables: _Tables

    @property
    def odds(self) -> Floats:
        """The common odds ratio."""
        return self.alike / self.crossed

    @property
    def lift(self) -> Floats:
        """Observed over expected within strata; nan where nothing is expected."""
        return over(self.excess + self.expected, self.expected, np.nan)

    @property
    def freedom(self) -> Floats:
        """The degrees of freedom of the test."""
        if self._tables.left_out is None:
            return np.full_like(self.clusters, np.inf)
        return np.asarray(np.maximum(np.where(self.none | self.all, self.trials, self.clusters) - 1, 1.0))

    @cached_property
    def p(self) -> Floats:
        """The level at which the interval just touches "no effect"."""
        fixed = self.none | self.all
        with np.errstate(divide="ignore", invalid="ignore"):
            distance = np.abs(portable.log(self.odds)) / np.sqrt(self.variance)
            rate = np.where(self.none, self.chance, self.could - self.chance) / self.could
            distance = np.where(fixed, np.sqrt(self.trials * rate / (1 - rate)), distance)
        p = tails(self.freedom, np.nan_to_num(distance, posinf=1e3))
        return np.where(np.isnan(self.alike) | ~np.isfinite(distance) | (self.clusters < 2), np.nan, p)

    def _reach(self, alpha: float) -> tuple[Floats, Floats]:
        """Return the critical values, and the largest share of exceptions among units that could have both, or not."""
        c = quantile(self.freedom, alpha)
        return c, wilson(np.zeros_like(self.trials), self.trials, c)[1]

    def odds_ends(self, alpha: float) -> Ends:
        """Return the ends of the odds ratio, the upper one inf if the joint count is as large as it can be."""
        c, chance = self._reach(alpha)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            factor = portable.exp(np.minimum(c * np.sqrt(self.variance), 700.0))
            low, high = self.odds / factor, self.odds * factor
        for batch in self._tables.batches():
            at = batch.at
            if (self.none | self.all)[at].any():
                fewer, more = self._tables.moved(batch, chance[at])
                low[at] = np.where(self.all[at], fewer, np.where(self.none[at], 0.0, low[at]))
                high[at] = np.where(self.all[at], np.inf, np.where(self.none[at], more, high[at]))
        return Ends(low, high).where(~np.isnan(self.alike) & ~np.isnan(self.p))

    def lift_ends(self, alpha: float) -> Ends:
        """Return the ends of observed over expected."""
        c, chance = self._reach(alpha)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            middle, root = np.sqrt(self.alike * self.crossed), np.sqrt(self.odds)
            factor = portable.exp(c * np.sqrt(self.variance) / 2)
            low, high = (middle * (of - 1 / of) for of in (root / factor, root * factor))
        fewer, more = (of * self.could - self.chance for of in (1 - chance, chance))
        low = np.where(self.all, fewer, np.where(self.none, -self.chance, low))
        high = np.where(self.none, more, np.where(self.all, self.could - self.chance, high))
        ends = (
            np.clip(of + self.expected, 0.0, self.most) / np.where(self.expected > 0, self.expected, np.nan)
            for of in (low, high)
        )
        return Ends(*ends).where(~np.isnan(self.alike) & ~np.isnan(self.p))


def within_strata(incidence: Incidence) -> WithinStrata:
    """Return every pair of an incidence within its strata."""
    margins = stratum_margins(incidence)
    tables, shape = _Tables.of(incidence, margins), margins.expected.shape
    alike, crossed, excess, could, chance, variance, clusters, trials = (np.full(shape, np.nan) for _ in range(8))
    none, every = (np.zeros(shape, dtype=np.bool_) for _ in range(2))
    for batch in tables.batches():
        at, four, tells = batch.at, tables.tables(batch), tables.tells(batch)
        told = tells.any(axis=0)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            variance[at] = tables.variance(batch, four)
        clusters[at], trials[at] = tables.clusters(batch, four, tells)
        own, other = _sums(four)
        none[at], every[at] = told & (own <= EMPTY * other), told & (other <= EMPTY * own)
        half = 0.5 / incidence.worth_of_one * tells
        halved = _sums(Fourfold(*(cell + half for cell in four)))
        is_fixed = none[at] | every[at]
        for of, plain, more in ((alike, own, halved[0]), (crossed, other, halved[1])):
            of[at] = np.where(told, np.where(is_fixed, more, plain), np.nan)
        excess[at] = own - other
        given, outcome = four.both + four.only_given, four.both + four.only_outcome
        could[at] = (np.minimum(given, outcome) * tells).sum(axis=0)
        chance[at] = (over(given * outcome, sum(four, np.zeros_like(given))) * tells).sum(axis=0)
    return WithinStrata(
        alike,
        crossed,
        excess,
        could,
        chance,
        variance,
        clusters,
        trials,
        none,
        every,
        margins.expected,
        margins.most,
        tables,
    )


@dataclass(frozen=True, eq=False)
class _Batch:
    """Pairs that are processed at once: columns with one row category or with their own, and their places."""

    rows: slice
    columns: slice
    at: tuple[Any, ...]


@dataclass(frozen=True, eq=False)
class _Tables:
    """The 2 x 2 tables of pairs within strata. `left_out` is None if units are independent and of equal weight.

    `worth` is the number of effective units for a unit of weight.
    """

    margins: StratumMargins
    rows: Floats
    columns: Floats
    by_stratum: sparse.csr_array
    left_out: _Jackknife | None
    worth: float
    stratum: Ints
    by_cluster: tuple[sparse.csr_array, sparse.csr_array]

    @classmethod
    def of(cls, incidence: Incidence, margins: StratumMargins) -> _Tables:
        """Return the tables of an incidence."""
        by_stratum = _summing(incidence.stratum, incidence.weight, len(incidence.strata))
        left_out = None if incidence.plain else _Jackknife.of(incidence)
        own = np.arange(len(incidence.weight)) if incidence.group is None else incidence.group
        other = over(incidence.weight_squared, incidence.weight) if incidence.group is None else incidence.weight
        n_own = int(own.max(initial=-1)) + 1
        by_cluster = _summing(own, incidence.weight, n_own), _summing(own, other, n_own)
        sides = shares(incidence)
        return cls(margins, *sides, by_stratum, left_out, incidence.worth_of_one, incidence.stratum, by_cluster)

    def batches(self) -> Iterator[_Batch]:
        """Yield all pairs, or only those in equal places if there are too many."""
        n_rows, n_columns, n = self.rows.shape[1], self.columns.shape[1], len(self.rows)
        step = max(1, _AT_ONCE // max(1, n))
        if n_rows * n_columns * n > _MOST:
            for first in range(0, min(n_rows, n_columns), step):
                k = slice(first, min(first + step, n_rows, n_columns))
                yield _Batch(k, k, (np.arange(k.start, k.stop),) * 2)
            return
        for i in range(n_rows):
            for first in range(0, n_columns, step):
                k = slice(first, min(first + step, n_columns))
                yield _Batch(slice(i, i + 1), k, (i, k))

    def tables(self, batch: _Batch) -> Fourfold:
        """Return the tables (S, m) of a batch."""
        both = _joint(self.by_stratum, self.rows[:, batch.rows], self.columns[:, batch.columns])
        given, outcome = self.margins.rows[:, batch.rows], self.margins.columns[:, batch.columns]
        return fourfold(both, given, outcome, self.margins.sizes[:, None])

    def tells(self, batch: _Batch) -> Bools:
        """Return which strata (S, m) have units with and without both categories."""
        return self.margins.rows_vary[:, batch.rows] & self.margins.columns_vary[:, batch.columns]

    def variance(self, batch: _Batch, tables: Fourfold) -> Floats:
        """Return the variance (m,) of the log of the odds ratios."""
        if self.left_out is None:
            return _variance(tables)
        found = self.left_out.variance(tables, self.rows[:, batch.rows], self.columns[:, batch.columns])
        return np.fmax(found, _variance(Fourfold(*(self.worth * cell for cell in tables))))

    def clusters(self, batch: _Batch, tables: Fourfold, tells: Bools) -> tuple[Floats, Floats]:
        """Return the effective numbers of clusters (m,) in telling strata, of units with and without each category.

        The first is the smallest of the four. The second is that of the smaller category of each stratum.
        """
        rows, columns, there = self.rows[:, batch.rows], self.columns[:, batch.columns], tells[self.stratum]
        is_row = (tables.only_given <= tables.only_outcome)[self.stratum]
        sides = (rows, 1 - rows, columns, 1 - columns, np.where(is_row, rows, columns))
        found = []
        for side in sides:
            first, squares = (np.asarray(portable.matmul(by, side * there)) for by in self.by_cluster)
            found.append(over(portable.squared(first.sum(axis=0)), (first * squares).sum(axis=0)))
        least = np.minimum.reduce(found[:4])
        return least, np.minimum(least, found[4])

    def moved(self, batch: _Batch, chance: Floats) -> tuple[Floats, Floats]:
        """Return the odds ratios (m,) with fewer and with more joint units, by a share of those that could be."""
        tables = self.tables(batch)
        could = np.minimum(tables.both + tables.only_given, tables.both + tables.only_outcome)
        by = chance * np.where(self.tells(batch), could, 0)
        a, b, c, d = tables
        with np.errstate(divide="ignore", invalid="ignore"):
            fewer, more = (np.divide(*_sums(Fourfold(a + m, b - m, c - m, d + m))) for m in (-by, by))
        return fewer, more


def _products(tables: Fourfold) -> tuple[Floats, Floats, Floats]:
    """Return for each table (S, m) its units, a d / n and b c / n; 0 without units."""
    n = np.maximum(sum(tables, np.zeros_like(tables.both)), 1e-300)
    return n, tables.both * tables.neither / n, tables.only_given * tables.only_outcome / n


def _sums(tables: Fourfold) -> tuple[Floats, Floats]:
    _, alike, crossed = _products(tables)
    return alike.sum(axis=0), crossed.sum(axis=0)


def _variance(tables: Fourfold) -> Floats:
    """Return the variance (m,) of the log for independent units (Robins, Breslow and Greenland 1986)."""
    n, r, s = _products(tables)
    p, q = (tables.both + tables.neither) / n, (tables.only_given + tables.only_outcome) / n
    alike, crossed = r.sum(axis=0), s.sum(axis=0)
    own, other = ((x * y).sum(axis=0) / (2 * portable.squared(y.sum(axis=0))) for x, y in ((p, r), (q, s)))
    return np.asarray(own + (p * s + q * r).sum(axis=0) / (2 * alike * crossed) + other)


def _summing(part: Ints, weight: Floats, n_parts: int) -> sparse.csr_array:
    """Return the matrix (parts, p) that sums patterns (p,) by their part."""
    return sparse.csr_array((weight, (part, np.arange(len(part)))), shape=(n_parts, len(part)))


def _joint(summing: sparse.csr_array, row: Floats, columns: Floats) -> Floats:
    """Return the joint totals (parts, m) of row categories (p, 1 or m) and column categories (p, m) in each part."""
    has = np.flatnonzero(row.any(axis=1))
    return np.asarray(portable.matmul(summing[:, has], row[has] * columns[has]))


@dataclass(frozen=True, eq=False)
class _Jackknife:
    """The pieces (P,) that are left out in turn: the part of a cluster in a stratum, or a unit of a pattern.

    `summing` (P, p) sums patterns to pieces, and `sizes` (P,) are the totals of pieces. `starts` is the first piece of
    each cluster, and `times` (clusters,) is the number of clusters like it, of `n` in all.
    """

    summing: sparse.csr_array
    stratum: Ints
    sizes: Floats
    starts: Indices
    times: Floats
    n: int

    @classmethod
    def of(cls, incidence: Incidence) -> _Jackknife:
        """Return the pieces of an incidence with groups, or with weights, where each unit is left out."""
        (cell, stratum, group), each = incidence.pieces, incidence.weight
        starts = np.flatnonzero(np.diff(group, prepend=-1))
        times = np.ones(len(starts))
        if incidence.group is None:
            each = incidence.weight / np.maximum(incidence.units, 1)
            times = incidence.weight_squared / portable.squared(np.maximum(each, 1e-300))
        summing = _summing(cell, each, len(group))
        sizes = np.asarray(portable.matmul(summing, np.ones(len(each))))
        return cls(summing, stratum, sizes, starts, times, incidence.n_owners)

    def variance(self, tables: Fourfold, row: Floats, columns: Floats) -> Floats:
        """Return the jackknife variance (m,) of the log of the odds ratio; nan with fewer than two clusters.

        Both sums are computed without each cluster, and their relative changes are used for those of the log: a sum to
        which only one cluster contributes has no log without it.
        """
        if self.n < 2:
            return np.full(columns.shape[1], np.nan)
        both = _joint(self.summing, row, columns)
        given, outcome = (np.asarray(portable.matmul(self.summing, of)) for of in (row, columns))
        piece = fourfold(both, given, outcome, self.sizes[:, None])
        cells = (np.maximum(all_of[self.stratum] - own, 0) for all_of, own in zip(tables, piece, strict=True))
        _, *without = _products(Fourfold(*cells))
        _, *whole = _products(tables)
        own, other = (
            np.add.reduceat(every[self.stratum] - left, self.starts) / every.sum(axis=0)
            for every, left in zip(whole, without, strict=True)
        )
        change = own - other
        middle = portable.squared(portable.matmul(self.times, change)) / self.n
        return np.asarray((self.n - 1) / self.n * (portable.matmul(self.times, portable.squared(change)) - middle))
