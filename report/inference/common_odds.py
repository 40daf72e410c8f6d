"""The common odds ratio within strata: the factor by which the odds of b are higher for units with a.

Observed over expected has a ceiling set by the margins of the strata. If nearly all units of a stratum have b, n_ab is
near its expectation even if every unit with a has b. The odds ratio of Mantel and Haenszel (1959) has no such ceiling.
docs/strata.md has the formulas.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from .. import portable
from ..arrays import Bools, Floats, Indices, Ints
from ..incidence import Incidence
from ..matrices.counts import EMPTY, Fourfold, StratumMargins, fourfold, shares, stratum_margins
from .critical_values import Student
from .intervals import Interval, wilson
from .laws import normal_quantile
from .strata import effective_groups, most_possible

MANY_CELLS = 1 << 12
"""In tables with more cells, only the cells in the same place on both axes have odds ratios."""

_AT_ONCE = 1 << 22
"""Numbers of patterns in memory at once when categories are processed together: 32 MB."""


@dataclass(frozen=True, eq=False)
class CommonOdds:
    """Common odds ratios of all pairs of categories (R, C), or of the categories in one place on both axes (K,).

    The field `ratio` is `alike` / `crossed`. These are sums over strata: of n_ab n_neither / n_s, and of units with a
    only times units with b only, over n_s. If one sum is 0, both are computed with 1/2 added to each cell of the
    informative strata. `most` is the largest n_ab that the margins of the strata allow. `n_telling` is the number of
    informative strata, in which both categories vary. Values are nan if there are none.
    """

    alike: Floats
    crossed: Floats
    most: Floats
    n_telling: Floats
    _variance: Floats
    _all_meet: Bools
    _none_meet: Bools
    _pairs: _Tables

    @property
    def ratio(self) -> Floats:
        """The common odds ratio."""
        return self.alike / self.crossed

    def ends(self, level: float) -> Interval:
        """Return the ends of its interval, the upper one inf if n_ab is as large as it can be; nan if there is none.

        Independent units of weight one: the variance is Robins, Breslow and Greenland's (1986). Groups or weights: the
        delete-a-group jackknife of both sums, and t with G_eff - 1 degrees of freedom, with no interval below
        `LEAST_FREEDOM`. If n_ab is as large as it can be, or 0, the data contain no information on its variance. The
        end nearer to 1 is then the odds ratio of tables whose n_ab is shifted by Wilson's end of the share, for G_eff
        trials. The other end is infinite or 0.
        """
        groups, extreme = self._pairs.groups, self._all_meet | self._none_meet
        alone, law = self._pairs.left_out is None, Student(self._pairs.incidence.freedom_of(groups))
        quantile = normal_quantile(level) if alone else np.where(law.estimable, law.quantile(level), np.nan)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            distance = quantile * np.sqrt(self._variance)
            low, high = self.ratio * portable.exp(-distance), self.ratio * portable.exp(distance)
            chance = wilson(np.zeros_like(groups), groups, level).high
            for batch in self._pairs.batches:
                at = batch.at
                if extreme[at].any():
                    fewer, more = self._pairs.otherwise(batch, chance[at])
                    low[at] = np.where(self._all_meet[at], fewer, np.where(self._none_meet[at], 0, low[at]))
                    high[at] = np.where(self._all_meet[at], np.inf, np.where(self._none_meet[at], more, high[at]))
        sound = ~np.isnan(self.alike) & (extreme | (distance > 0))
        return Interval(*(np.where(sound & ~np.isnan(end), end, np.nan) for end in (low, high)))


def common_odds(incidence: Incidence) -> CommonOdds:
    """Return the common odds ratio (R, C) within strata of every pair of categories, one row category at a time.

    In a table with more than MANY_CELLS cells, only the cells in the same place on both axes have one.
    """
    margins = stratum_margins(incidence)
    n_rows, n_columns = margins.rows.shape[1], margins.columns.shape[1]
    batches = [_Batch(slice(i, i + 1), slice(None), (i, slice(None))) for i in range(n_rows)]
    if n_rows * n_columns > MANY_CELLS:
        batches = [_Batch(k, k, (np.arange(k.start, k.stop),) * 2) for k in _parts(incidence, min(n_rows, n_columns))]
    groups = np.minimum.outer(*effective_groups(incidence, margins))
    return _found(_Tables.of(incidence, margins, batches, groups), most_possible(margins)[0], margins.n_telling)


def _parts(incidence: Incidence, n: int) -> list[slice]:
    """Return n categories in parts that can be processed at once."""
    step = max(1, _AT_ONCE // max(1, len(incidence.weight)))
    return [slice(first, min(first + step, n)) for first in range(0, n, step)]


def _found(pairs: _Tables, most: Floats, n_telling: Floats) -> CommonOdds:
    alike, crossed, variance = (np.full(most.shape, np.nan) for _ in range(3))
    all_meet, none_meet = (np.zeros(most.shape, dtype=np.bool_) for _ in range(2))
    for batch in pairs.batches:
        tables, tells = pairs.tables(batch), pairs.tells(batch)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            variance[batch.at] = pairs.variance(batch, tables)
        own, other = _sums(tables)
        all_meet[batch.at], none_meet[batch.at] = other <= EMPTY * own, own <= EMPTY * other
        extreme, told = all_meet[batch.at] | none_meet[batch.at], tells.any(axis=0)
        halved = _sums(Fourfold(*(cell + 0.5 / pairs.incidence.worth_of_one * tells for cell in tables)))
        sums = (np.where(extreme, *both) for both in zip(halved, (own, other), strict=True))
        alike[batch.at], crossed[batch.at] = (np.where(told, part, np.nan) for part in sums)
    return CommonOdds(alike, crossed, most, n_telling, variance, all_meet, none_meet, pairs)


@dataclass(frozen=True, eq=False)
class _Batch:
    """Pairs that are processed at once: m columns with one row category or with m, and their places in the result."""

    rows: slice
    columns: slice
    at: tuple[Any, ...]


@dataclass(frozen=True, eq=False)
class _Tables:
    """The data behind the 2 x 2 tables of pairs within strata, batch by batch.

    `rows` (p, R) and `columns` (p, C) are the shares of patterns, and `groups` are the effective numbers of groups of
    the pairs (G_eff). `left_out` is None if units are independent with weight one.
    """

    incidence: Incidence
    margins: StratumMargins
    rows: Floats
    columns: Floats
    by_stratum: sparse.csr_array
    left_out: _Jackknife | None
    batches: Sequence[_Batch]
    groups: Floats

    @classmethod
    def of(cls, incidence: Incidence, margins: StratumMargins, batches: Sequence[_Batch], groups: Floats) -> _Tables:
        """Return the tables of some batches."""
        by_stratum = _summing(incidence.stratum, incidence.weight, len(incidence.strata))
        left_out = None if incidence.plain else _Jackknife.of(incidence)
        return cls(incidence, margins, *shares(incidence), by_stratum, left_out, batches, groups)

    def tables(self, batch: _Batch) -> Fourfold:
        """Return the tables (S, m) of a batch."""
        both = _joint(self.by_stratum, self.rows[:, batch.rows], self.columns[:, batch.columns])
        given, outcome = self.margins.rows[:, batch.rows], self.margins.columns[:, batch.columns]
        return fourfold(both, given, outcome, self.margins.sizes[:, None])

    def tells(self, batch: _Batch) -> Bools:
        """Return which strata (S, m) are informative for a batch."""
        return self.margins.rows_vary[:, batch.rows] & self.margins.columns_vary[:, batch.columns]

    def variance(self, batch: _Batch, tables: Fourfold) -> Floats:
        """Return the variance (m,) of the log of the ratios of a batch."""
        if self.left_out is None:
            return _variance(tables)
        return self.left_out.variance(tables, self.rows[:, batch.rows], self.columns[:, batch.columns])

    def otherwise(self, batch: _Batch, chance: Floats) -> tuple[Floats, Floats]:
        """Return the ratios (m,) of a batch with fewer and with more joint units, by `chance` (m,) of the maximum.

        If n_ab is as large as it can be, or 0, `chance` is the largest plausible share of exceptions.
        """
        tables = self.tables(batch)
        can = np.minimum(tables.both + tables.only_given, tables.both + tables.only_outcome)
        moved = chance * np.where(self.tells(batch), can, 0)
        fewer, more = (np.divide(*_sums(_moved(tables, by))) for by in (-moved, moved))
        return fewer, more


def _moved(tables: Fourfold, by: Floats) -> Fourfold:
    """Return the tables with `by` more units that have both, at unchanged margins."""
    return Fourfold(tables.both + by, tables.only_given - by, tables.only_outcome - by, tables.neither + by)


def _products(tables: Fourfold) -> tuple[Floats, Floats, Floats]:
    """Return for each table (S, C) its units, n_ab n_neither / n, and n_a-only n_b-only / n; 0 without units."""
    n = np.maximum(sum(tables, np.zeros_like(tables.both)), 1e-300)
    return n, tables.both * tables.neither / n, tables.only_given * tables.only_outcome / n


def _sums(tables: Fourfold) -> tuple[Floats, Floats]:
    _, alike, crossed = _products(tables)
    return alike.sum(axis=0), crossed.sum(axis=0)


def _variance(tables: Fourfold) -> Floats:
    """Return the variance (C,) of the log for independent units (Robins, Breslow & Greenland 1986)."""
    n, r, s = _products(tables)
    p, q = (tables.both + tables.neither) / n, (tables.only_given + tables.only_outcome) / n
    alike, crossed = r.sum(axis=0), s.sum(axis=0)
    mixed = (p * s + q * r).sum(axis=0) / (2 * alike * crossed)
    return np.asarray(
        (p * r).sum(axis=0) / (2 * portable.squared(alike))
        + mixed
        + (q * s).sum(axis=0) / (2 * portable.squared(crossed))
    )


def _summing(part: Ints, weight: Floats, n_parts: int) -> sparse.csr_array:
    """Return the matrix (parts, p) that sums patterns (p,) by their part."""
    return sparse.csr_array((weight, (part, np.arange(len(part)))), shape=(n_parts, len(part)))


def _joint(summing: sparse.csr_array, row: Floats, columns: Floats) -> Floats:
    """Return the joint totals (parts, m) of row categories (p, 1 or m) and column categories (p, m) in each part."""
    has = np.flatnonzero(row.any(axis=1))
    return np.asarray(portable.matmul(summing[:, has], row[has] * columns[has]))


@dataclass(frozen=True, eq=False)
class _Jackknife:
    """The P pieces that are left out in turn; a piece is the part of a group in a stratum, or a unit of a pattern.

    `summing` (P, p) sums patterns to pieces, and `sizes` (P,) are the totals of pieces. `starts` is the first piece of
    each group, and `times` (groups,) is the number of groups like it, of `n` in all.
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
        pieces, each = incidence.pieces, incidence.weight
        starts = np.flatnonzero(np.diff(pieces.group, prepend=-1))
        times = np.ones(len(starts))
        if incidence.group is None:
            each = incidence.weight / np.maximum(incidence.units, 1)
            times = incidence.weight_squared / portable.squared(np.maximum(each, 1e-300))
        summing = _summing(pieces.number, each, len(pieces.group))
        sizes = np.asarray(portable.matmul(summing, np.ones(len(each))))
        return cls(summing, pieces.stratum, sizes, starts, times, incidence.n_owners)

    def variance(self, tables: Fourfold, row: Floats, columns: Floats) -> Floats:
        """Return the jackknife variance (C,) of the log of the ratio; nan with fewer than two groups.

        Both sums are computed without each group. Their changes relative to the sums are used for the changes of the
        log, because a sum to which only one group contributes has no log without it.
        """
        if self.n < 2:
            return np.full(columns.shape[1], np.nan)
        both = _joint(self.summing, row, columns)
        margins = np.asarray(portable.matmul(self.summing, row)), np.asarray(portable.matmul(self.summing, columns))
        piece = fourfold(both, *margins, self.sizes[:, None])
        cells = (np.maximum(all_of[self.stratum] - own, 0) for all_of, own in zip(tables, piece, strict=True))
        _, *without = _products(Fourfold(*cells))
        _, *whole = _products(tables)
        moved = [
            np.add.reduceat(every[self.stratum] - left, self.starts) / every.sum(axis=0)
            for every, left in zip(whole, without, strict=True)
        ]
        change = moved[0] - moved[1]
        squares = (
            portable.matmul(self.times, portable.squared(change))
            - portable.squared(portable.matmul(self.times, change)) / self.n
        )
        return np.asarray((self.n - 1) / self.n * squares)
