"""Tests of homogeneity: whether a pair of categories is associated equally strongly in every stratum.

A pooled ratio describes strata only if they do not contradict it. Each pair has one test of equal odds ratios, one test
of association in opposite directions, and a list of the strata in which it was tested. docs/strata.md has the formulas.

Sources: Breslow & Day (1980), Statistical Methods in Cancer Research 1, section 4.4; Tarone (1985), Biometrika 72;
Woolf (1955), Annals of Human Genetics 19; Welch (1951), Biometrika 38; Gail & Simon (1985), Biometrics 41.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse, special

from ..arrays import Bools, Floats, Indices, Ints, over
from ..incidence import Incidence
from ..matrices.counts import EMPTY, Fourfold, StratumMargins, fourfold, shares, stratum_margins
from .critical_values import Student
from .laws import LEAST, hypergeometric_tail, t_quantile

TAIL = 0.025
"""A stratum is informative if tables of its margins exist in both tails that are at most this likely by chance."""

MANY_TABLES = 4_000_000
"""The largest number of pairs times strata for which homogeneity is tested. Beyond it, no pair has a test."""

_BATCH = 250_000
"""The largest number of patterns or strata times pairs that are tested together."""


@dataclass(frozen=True, eq=False)
class StratumTables:
    """The 2 x 2 table of one pair of categories in each of S strata.

    `tables` are its four cells, each (S,). `log_odds` and `variance` (S,) are the log odds ratio, with 1/2 added to
    every cell where one is empty, and its variance (cluster-robust for grouped units). Both are nan where a category
    does not vary. `freedom` (S,) are the degrees of freedom of the variance, inf for independent units. `informative`
    (S,) marks the strata that could have shown an association in either direction.
    """

    tables: Fourfold
    log_odds: Floats
    variance: Floats
    freedom: Floats
    informative: Bools

    @property
    def ratio(self) -> Floats:
        """Observed over expected (S,), nan where nothing is expected."""
        return over(self.tables.both, self.expected, np.nan)

    @property
    def expected(self) -> Floats:
        """The expected count n_as n_bs / n_s (S,)."""
        a, b, c, d = self.tables
        return over((a + b) * (a + c), a + b + c + d)

    def names_of(self, strata: Sequence[str]) -> tuple[str, ...]:
        """Return the names of the informative strata, of the names of all."""
        return tuple(strata[int(place)] for place in np.flatnonzero(self.informative))

    def ends(self, level: float) -> tuple[Floats, Floats]:
        """Return the ends (S,) of the confidence interval of the odds ratio, nan where there is none."""
        with np.errstate(invalid="ignore", over="ignore"):
            distance = t_quantile(level, self.freedom) * np.sqrt(self.variance)
            return np.exp(self.log_odds - distance), np.exp(self.log_odds + distance)


@dataclass(frozen=True, eq=False)
class Homogeneity:
    """Tests of R x C pairs of categories over S strata; nan where fewer than two strata are informative.

    `n_informative` (R, C) counts the informative strata. `p` (R, C) tests equal odds ratios. `opposite` (R, C) tests
    that no two strata have associations in opposite directions. `log_odds_p` (R, C) tests equal odds ratios by their
    logarithms. With few units the chi-square test of `p` rejects too often, and `log_odds_p` too rarely.
    """

    n_informative: Ints
    statistic: Floats
    p: Floats
    opposite: Floats
    log_odds_p: Floats
    _source: _Source

    def of_pair(self, row: int, column: int) -> StratumTables:
        """Return the tables of one pair, stratum by stratum."""
        tables = self._source.pairs([row], [column])
        cells = Fourfold(*(cell[:, 0] for cell in tables.tables))
        log_odds, variance, freedom = (part[:, 0] for part in (tables.log_odds, tables.variance, tables.freedom))
        return StratumTables(cells, log_odds, variance, freedom, tables.informative[:, 0])

    def informative(self, rows: Sequence[int], columns: Sequence[int]) -> Bools:
        """Return the strata (S, m) that are informative about m pairs of a row and a column category."""
        return self._source.pairs(rows, columns).informative


def homogeneity(incidence: Incidence) -> Homogeneity:
    """Return the tests of every pair of categories.

    Independent units of weight one: Breslow and Day's statistic with Tarone's correction, and chi-square with one
    degree of freedom fewer than there are informative strata. Groups or weights: Welch's test of the log odds ratios of
    the informative strata, with their cluster-robust variances. For independent units of weight one and large strata
    this is Woolf's test. The test of opposite directions is Gail and Simon's, over the informative strata.
    """
    source = _Source(incidence, stratum_margins(incidence))
    shape = source.margins.rows.shape[1], source.margins.columns.shape[1]
    n_informative = np.zeros(shape, dtype=np.int64)
    statistic, p, opposite, log_odds_p = (np.full(shape, np.nan) for _ in range(4))
    if shape[0] * shape[1] * len(incidence.strata) > MANY_TABLES:
        return Homogeneity(n_informative, statistic, p, opposite, log_odds_p, source)
    for rows in source.batches(*shape):
        tables = source.pairs(np.repeat(rows, shape[1]), np.tile(np.arange(shape[1]), len(rows)))
        by_logs = _welch(tables)
        found = _breslow_day(tables) if incidence.plain else by_logs
        tested = tables.informative.sum(axis=0) > 1
        n_informative[rows] = tables.informative.sum(axis=0).reshape(-1, shape[1])
        results = *found, by_logs[1], _gail_simon(tables)
        for of_all, part in zip((statistic, p, log_odds_p, opposite), results, strict=True):
            of_all[rows] = np.where(tested, part, np.nan).reshape(-1, shape[1])
    return Homogeneity(n_informative, statistic, p, opposite, log_odds_p, source)


@dataclass(frozen=True, eq=False)
class _Source:
    """The source of pairs' tables: an incidence and the margins of its strata."""

    incidence: Incidence
    margins: StratumMargins

    @cached_property
    def shares(self) -> tuple[Floats, Floats]:
        """The contributions of each pattern to each row (p, R) and column (p, C)."""
        return shares(self.incidence)

    @cached_property
    def by_stratum(self) -> sparse.csr_array:
        """The matrix (S, p) that sums patterns, with their weights, by stratum."""
        return _summing(self.incidence.stratum, self.incidence.weight, len(self.incidence.strata))

    @cached_property
    def squares(self) -> tuple[sparse.csr_array | None, sparse.csr_array]:
        """The matrix that sums patterns by group and stratum, and the one that sums the squares of these by stratum.

        Without groups the first is None, and the second sums squares of patterns.
        """
        incidence, n_strata = self.incidence, len(self.incidence.strata)
        if incidence.group is None:
            return None, _summing(incidence.stratum, incidence.weight_squared, n_strata)
        pieces = incidence.pieces
        by_piece = _summing(pieces.number, incidence.weight, len(pieces.group))
        return by_piece, _summing(pieces.stratum, np.ones(len(pieces.stratum)), n_strata)

    @cached_property
    def n_groups(self) -> Floats:
        """The number of groups in each stratum (S, 1), or of units where they are not grouped."""
        incidence, n_strata = self.incidence, len(self.incidence.strata)
        if incidence.group is None:
            return np.bincount(incidence.stratum, incidence.units, n_strata).astype(np.float64)[:, None]
        return np.bincount(incidence.pieces.stratum, minlength=n_strata).astype(np.float64)[:, None]

    @cached_property
    def effective(self) -> tuple[Floats, Floats]:
        """The effective number of groups that have each row (S, R) and column (S, C) category, or lack it if fewer."""
        rows, columns = (np.minimum(self._effective(part), self._effective(1 - part)) for part in self.shares)
        return rows, columns

    def batches(self, n_rows: int, n_columns: int) -> Iterator[Indices]:
        """Yield row categories in batches whose tables and patterns fit into memory."""
        of_row = max(1, n_columns * max(len(self.incidence.stratum), len(self.incidence.strata)))
        size = max(1, _BATCH // of_row)
        for start in range(0, n_rows, size):
            yield np.arange(start, min(start + size, n_rows))

    def pairs(self, rows: Indices | Sequence[int], columns: Indices | Sequence[int]) -> StratumTables:
        """Return the tables, each (S, m), of m pairs of a row category and a column category."""
        incidence, margins = self.incidence, self.margins
        held, other = self.shares[0][:, rows], self.shares[1][:, columns]
        both = self.by_stratum @ (held * other)
        of_rows, across = margins.rows[:, rows], margins.columns[:, columns]
        tables = fourfold(both, of_rows, across, margins.sizes[:, None])
        varies = margins.rows_vary[:, rows] & margins.columns_vary[:, columns]
        size = np.maximum(margins.sizes[:, None], 1e-300)
        empty = np.logical_or.reduce([cell <= EMPTY * size for cell in tables])
        half = 0.5 / incidence.worth_of_one
        filled = Fourfold(*(np.maximum(cell, 0) + np.where(empty, half, 0.0) for cell in tables))
        with np.errstate(divide="ignore", invalid="ignore"):
            log_odds = np.log(filled.both * filled.neither / (filled.only_given * filled.only_outcome))
        alone = sum((1 / cell for cell in filled), np.zeros_like(both))
        if incidence.plain:
            variance, freedom = alone, np.full(both.shape, np.inf)
            factor = np.ones(both.shape)
        else:
            variance = self._robust(held, other, filled)
            freedom = incidence.freedom_of(np.minimum(self.effective[0][:, rows], self.effective[1][:, columns]))
            freedom = np.where(self.n_groups > 1, np.maximum(freedom, 0.0), 0.0)
            # No group shows how an empty cell varies.
            variance = np.where(empty, np.maximum(variance, alone / incidence.worth_of_one), variance)
            factor = np.minimum(incidence.worth_of_one, over(alone, variance, 0.0))
        informative = varies & Student(freedom).estimable
        informative &= _could_show_either(of_rows, across, margins.sizes[:, None], factor)
        log_odds, variance = (np.where(varies, part, np.nan) for part in (log_odds, variance))
        return StratumTables(tables, log_odds, variance, freedom, informative)

    def _robust(self, held: Floats, other: Floats, filled: Fourfold) -> Floats:
        """Return the linearised variance (S, m) of the log odds ratios over groups.

        A unit with both categories changes the log by 1 / n_both, a unit with only one by minus one over their number,
        and a unit with neither by 1 / n_neither. The variance is G / (G - 1) times the sum of squared group totals. Its
        degrees of freedom are one fewer than the effective number of groups of the category with fewer groups.
        """
        a, b, c, d = (1 / cell[self.incidence.stratum] for cell in filled)
        moved = held * other * a - held * (1 - other) * b - (1 - held) * other * c + (1 - held) * (1 - other) * d
        n_groups = self.n_groups
        return np.where(n_groups > 1, self._squared(moved) * over(n_groups, n_groups - 1), np.nan)

    def _effective(self, held: Floats) -> Floats:
        """Return n^2 / sum n_g^2 (S, m) of the totals of each group, or each weighted unit, within strata."""
        return over((self.by_stratum @ held) ** 2, self._squared(held))

    def _squared(self, of_patterns: Floats) -> Floats:
        """Return the sums of squares (S, m), over groups or units, of totals of numbers (p, m) of patterns."""
        by_piece, by_stratum = self.squares
        return np.asarray(by_stratum @ (of_patterns if by_piece is None else by_piece @ of_patterns) ** 2)


def _summing(part: Ints, weight: Floats, n_parts: int) -> sparse.csr_array:
    """Return the matrix (parts, p) that sums patterns (p,) by their part."""
    return sparse.csr_array((weight, (part, np.arange(len(part)))), shape=(n_parts, len(part)))


def _could_show_either(rows: Floats, columns: Floats, sizes: Floats, factor: Floats) -> Bools:
    """Return which tables (S, m) of these margins could deviate from chance in both directions.

    `factor` is the effective number of units over their number. Margins are reduced by it.
    """
    n, a, b = (np.floor(part * factor + 1e-9) for part in (sizes, rows, columns))
    n, a, b = np.broadcast_arrays(n, a, b)
    a, b = np.minimum(a, n), np.minimum(b, n)
    extremes = np.maximum(0.0, a + b - n), np.minimum(a, b)
    low, high = (hypergeometric_tail(at, n, a, b) for at in extremes)
    return np.asarray((extremes[0] < extremes[1]) & (low <= TAIL) & (high <= TAIL))


def _breslow_day(tables: StratumTables) -> tuple[Floats, Floats]:
    """Return Breslow and Day's statistic (m,) with Tarone's correction, and its p, over the informative tables (S, m).

    Other tables are excluded because very small expected counts make the tail of the chi-square too heavy.
    """
    a, b, c, d = tables.tables
    n, rows, columns = a + b + c + d, a + b, a + c
    varies = tables.informative
    with np.errstate(divide="ignore", invalid="ignore"):
        odds = (a * d / n).sum(axis=0, where=varies) / (b * c / n).sum(axis=0, where=varies)
        fitted = _fitted(odds, n, rows, columns)
        cells = fitted, rows - fitted, columns - fitted, n - rows - columns + fitted
        variance = 1 / sum((1 / cell for cell in cells), np.zeros_like(a))
        variance = np.where(varies & np.isfinite(variance), variance, 0.0)
        off = np.where(variance > 0, a - fitted, 0.0)
        statistic = over(off**2, variance).sum(axis=0)
        statistic = statistic - over(off.sum(axis=0) ** 2, variance.sum(axis=0))
    freedom = varies.sum(axis=0) - 1
    sound = (freedom > 0) & np.isfinite(odds) & (odds > 0)
    p = np.maximum(special.chdtrc(np.maximum(freedom, 1), np.maximum(statistic, 0)), LEAST)
    return np.where(sound, statistic, np.nan), np.where(sound, p, np.nan)


def _fitted(odds: Floats, n: Floats, rows: Floats, columns: Floats) -> Floats:
    """Return the joint counts (S, m) at which tables of these margins have one odds ratio (m,)."""
    linear = n - rows - columns + odds * (rows + columns)
    root = np.sqrt(np.maximum(linear**2 - 4 * (odds - 1) * odds * rows * columns, 0))
    # The form of the root without cancellation. With an odds ratio of 1 it is n_a n_b / n.
    return np.asarray(2 * odds * rows * columns / (linear + root))


def _welch(tables: StratumTables) -> tuple[Floats, Floats]:
    """Return Welch's statistic (m,) of the informative log odds ratios, and its p from F."""
    weight = np.where(tables.informative, over(np.ones_like(tables.variance), tables.variance), 0.0)
    value, total = np.where(weight > 0, tables.log_odds, 0.0), weight.sum(axis=0)
    mean = over((weight * value).sum(axis=0), total)
    k = (weight > 0).sum(axis=0, dtype=np.float64)
    between = over((weight * (value - mean) ** 2).sum(axis=0), k - 1, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        lost = np.where(weight > 0, (1 - weight / total) ** 2 / tables.freedom, 0.0).sum(axis=0)
        statistic = between / (1 + 2 * (k - 2) / (k**2 - 1) * lost)
        within = np.where(lost > 0, (k**2 - 1) / (3 * lost), np.inf)
        by_f = special.fdtrc(np.maximum(k - 1, 1), np.minimum(within, 1e9), np.maximum(statistic, 0))
    return statistic, np.where(k > 1, np.maximum(by_f, LEAST), np.nan)


def _gail_simon(tables: StratumTables) -> Floats:
    """Return Gail and Simon's p (m,) of an association in opposite directions in two informative strata.

    A t value from few groups is converted to the normal deviate with the same p.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(tables.informative, tables.log_odds / np.sqrt(tables.variance), 0.0)
        t = np.where(np.isfinite(t), t, 0.0)
        freedom = np.where(tables.freedom > 0, tables.freedom, 1.0)
        tail = np.where(
            np.isinf(freedom), special.ndtr(-np.abs(t)), special.stdtr(np.minimum(freedom, 1e9), -np.abs(t))
        )
    z = -special.ndtri(np.maximum(tail, 1e-300))
    less = np.minimum((z**2 * (t > 0)).sum(axis=0), (z**2 * (t < 0)).sum(axis=0))
    k = tables.informative.sum(axis=0)
    p = np.zeros(len(k))
    for h in range(1, int(k.max(initial=0))):
        chance = np.where(k > h, special.binom(np.maximum(k - 1, 0), h) / 2.0 ** np.maximum(k - 1, 0), 0.0)
        p += chance * special.chdtrc(h, less)
    return np.where(less > 0, np.maximum(p, LEAST), 1.0)
