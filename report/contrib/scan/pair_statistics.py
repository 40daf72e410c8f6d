"""Statistics of all pairs of columns at once, from the counts of all pairs of categories.

Notation: p_ij is the weighted share of a cell among the rows that answered both columns, p_i and p_j its margins,
phi2 = sum (p_ij - p_i p_j)^2 / (p_i p_j), df = (r - 1)(k - 1).

- Independent units: X2 = n phi2 has mean n df / (n - 1) and a known variance given both margins (Dawson 1954; Lewis,
  Saunders and Westcott 1984). Its tail is that of a gamma distribution with this mean and variance.
- Weights or groups: X2 divided by the mean design effect (first order; Rao and Scott 1981, 1984).
- V: corrected for bias with n / design effect in place of n (Bergsma 2013).
- The interval of V: the noncentral chi-square distribution is inverted, and the distances of its ends from the estimate
  are multiplied by the ratio of the linearised standard error of phi2 to the one that the distribution assumes.
- U: the share of one column's entropy that the other explains, corrected by df / 2n.
- gamma: Goodman and Kruskal 1954.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from scipy import special

from ... import portable
from ...arrays import Bools, Floats, Indices, Ints
from .layout import Codes, Layout, cross_counts

_STRIP_CELLS = 6_000_000
"""Cells of the table that are treated at once: each needs about 20 numbers of 8 bytes."""

MOST_GROUPS = 200
"""More groups are merged at random into this number (random groups; Wolter 2007)."""

_FEWEST = 20
"""Minimum number of rows that answered both columns."""

_TAIL = 0.025
"""Each tail of the 95% interval."""


@dataclass(frozen=True)
class Sampling:
    """Weights (n,) of the rows, and the group (n,) of each row, numbered from 0. None: equal, independent."""

    weights: Floats | None = None
    groups: Ints | None = None

    @property
    def is_simple(self) -> bool:
        """Whether rows are independent and have equal weights."""
        return self.weights is None and self.groups is None

    def merged(self) -> Sampling:
        """Return the sampling with at most `MOST_GROUPS` groups, merged in a fixed random order."""
        if self.groups is None or int(self.groups.max(initial=0)) < MOST_GROUPS:
            return self
        n_groups = int(self.groups.max()) + 1
        merged = np.random.default_rng(1).permutation(np.arange(n_groups) % MOST_GROUPS)
        return Sampling(self.weights, merged[self.groups])


@dataclass(frozen=True)
class PairStatistics:
    """Statistics of pairs of columns, each an array (P,). `first` < `second` are numbers of columns."""

    first: Indices
    second: Indices
    n: Floats
    """Rows that answered both columns."""
    df: Floats
    x2: Floats
    deff: Floats
    """Mean design effect of the cells."""
    v: Floats
    low: Floats
    high: Floats
    u_first: Floats
    """Share of the entropy of the first column that the second explains."""
    u_second: Floats
    gamma: Floats
    """NaN unless both columns are ordered."""
    p: Floats
    lower_tail: Floats
    """Probability of an X2 at most as large: near 0, the columns are more even than chance makes them."""
    least_expected: Floats
    """The smallest expected count of a cell."""
    errors_second: Floats
    """Share of rows whose second column is not the most frequent one given the first."""
    base_second: Floats
    """The same without the first column."""
    errors_first: Floats
    base_first: Floats

    @property
    def is_valid(self) -> Bools:
        """Which pairs have enough rows and two categories on each side."""
        return (self.n >= _FEWEST) & (self.df >= 1)

    def __len__(self) -> int:
        return len(self.first)


class _Block:
    """Sums over categories of a table of some columns (rows) by others (columns)."""

    def __init__(self, rows: Layout, columns: Layout) -> None:
        self.rows, self.columns = rows, columns
        self.mask = np.outer(rows.is_category, columns.is_category).astype(np.float64)

    def over_columns(self, cells: Floats) -> Floats:
        """Return sums over the categories of each column, for each row category (K, q)."""
        return np.add.reduceat(cells, self.columns.start, axis=1)

    def over_rows(self, cells: Floats) -> Floats:
        """Return sums over the categories of each row variable, for each column category (p, L)."""
        return np.add.reduceat(cells, self.rows.start, axis=0)

    def over_both(self, cells: Floats) -> Floats:
        """Return the sum of each table (p, q)."""
        return np.add.reduceat(self.over_columns(cells), self.rows.start, axis=0)

    def per_row(self, sums: Floats) -> Floats:
        """Return sums by row category (K, q) for each cell (K, L)."""
        return sums[:, self.columns.column]

    def per_column(self, sums: Floats) -> Floats:
        """Return sums by column category (p, L) for each cell (K, L)."""
        return sums[self.rows.column]

    def per_cell(self, sums: Floats) -> Floats:
        """Return values of tables (p, q) for each cell (K, L)."""
        return sums[self.rows.column][:, self.columns.column]


@dataclass(frozen=True)
class _Tables:
    """The tables of a block of pairs: counts and weighted shares with their margins."""

    block: _Block
    counts: Floats
    total: Floats
    """Sum of weights (p, q)."""
    n: Floats
    share: Floats
    of_row: Floats
    of_column: Floats
    row_counts: Floats
    column_counts: Floats
    n_rows: Floats
    n_columns: Floats

    @property
    def expected(self) -> Floats:
        return self.of_row * self.of_column


def _tables(block: _Block, counts: Floats, weighted: Floats) -> _Tables:
    counts, weighted = counts * block.mask, weighted * block.mask
    row_counts, column_counts = block.over_columns(counts), block.over_rows(counts)
    total = block.over_both(weighted)
    share = np.nan_to_num(weighted / block.per_cell(total))
    return _Tables(
        block,
        counts,
        total,
        block.over_both(counts),
        share,
        block.per_row(block.over_columns(share)),
        block.per_column(block.over_rows(share)),
        row_counts,
        column_counts,
        np.add.reduceat(row_counts > 0, block.rows.start, axis=0).astype(np.float64),
        np.add.reduceat(column_counts > 0, block.columns.start, axis=1).astype(np.float64),
    )


def statistics_of(
    codes: Codes, layout: Layout, counts: Floats, weighted: Floats | None, sampling: Sampling, ordered: Bools
) -> PairStatistics:
    """Return the statistics of all pairs of columns.

    `counts` (K, K) are the counts of pairs of indicators, `weighted` their sums of weights if rows have weights.
    `ordered` (p,) says whose categories have an order.
    """
    most = max(1, _STRIP_CELLS // max(1, layout.n_indicators))
    sampling = sampling.merged()
    strips = []
    with np.errstate(all="ignore"):
        for first, end in layout.strips(most):
            rows, columns = (first, end), (first, layout.n_columns)
            begin = int(layout.start[first])
            stop = begin + layout.part(first, end).n_indicators
            block = _Block(layout.part(*rows), layout.part(*columns))
            part = counts[begin:stop, begin:]
            tables = _tables(block, part, part if weighted is None else weighted[begin:stop, begin:])
            design = _simple_design(tables) if sampling.is_simple else _design(tables, codes, layout, rows, sampling)
            both = np.logical_and.outer(ordered[first:end], ordered[first:])
            strips.append(_statistics(tables, design, both, first))
    return PairStatistics(*(np.concatenate([getattr(s, f.name) for s in strips]) for f in fields(PairStatistics)))


@dataclass(frozen=True)
class _Design:
    """Sampling errors of tables (p, q): design effect, variance of phi2, and the tails of X2."""

    deff: Floats
    variance: Floats
    upper: Floats
    lower: Floats


def _phi2(tables: _Tables) -> Floats:
    difference = tables.share - tables.expected
    return tables.block.over_both(np.nan_to_num(portable.squared(difference) / tables.expected))


def _df(tables: _Tables) -> Floats:
    return (tables.n_rows - 1) * (tables.n_columns - 1)


def _influence(tables: _Tables) -> Floats:
    """Return the influence (K, L) of a row in each cell on phi2, centred.

    With q = p_ij / (p_i p_j): 2 q_ij - sum_j p_ij q_ij / p_i - sum_i p_ij q_ij / p_j.
    """
    block, share = tables.block, tables.share
    ratio = np.nan_to_num(share / tables.expected)
    in_row = block.per_row(block.over_columns(share * ratio)) / tables.of_row
    in_column = block.per_column(block.over_rows(share * ratio)) / tables.of_column
    raw = 2 * ratio - np.nan_to_num(in_row) - np.nan_to_num(in_column)
    return (raw - block.per_cell(block.over_both(share * raw))) * block.mask


def _simple_design(tables: _Tables) -> _Design:
    """Return sampling errors of independent rows: exact moments of X2 given both margins, and a gamma tail."""
    block, n, r, k = tables.block, tables.n, tables.n_rows, tables.n_columns
    rows = np.add.reduceat(_over(n[block.rows.column], tables.row_counts), block.rows.start, axis=0)
    columns = np.add.reduceat(_over(n[:, block.columns.column], tables.column_counts), block.columns.start, axis=1)
    mean = n * _df(tables) / (n - 1)
    w1, w2 = (rows - portable.squared(r)) / (n - 2), (columns - portable.squared(k)) / (n - 2)
    v1, v2 = (r - 1) * (n - r) / (n - 1), (k - 1) * (n - k) / (n - 1)
    variance = 2 * n / (n - 3) * (v1 - w1) * (v2 - w2) + portable.squared(n) / (n - 1) * w1 * w2
    x2 = n * _phi2(tables)
    shape, at = portable.squared(mean) / variance, x2 * mean / variance
    of_phi2 = block.over_both(tables.share * portable.squared(_influence(tables))) / n
    return _Design(np.ones_like(n), of_phi2, portable.tails.gammaincc(shape, at), portable.tails.gammainc(shape, at))


def _over(whole: Floats, part: Floats) -> Floats:
    return np.where(part > 0, whole / part, 0.0)


def _design(tables: _Tables, codes: Codes, layout: Layout, rows: tuple[int, int], sampling: Sampling) -> _Design:
    """Return sampling errors of rows with weights or in groups.

    h_ij = p_ij - p_i p_j has the influence w [(z_i - p_i)(z_j - p_j) - h_ij], and phi2 has w g_ij. Variances add
    squares over rows (for weights alone: one more product, Z'W^2 Z) or over groups.
    """
    n_rows = codes.shape[1]
    weights = np.ones(n_rows) if sampling.weights is None else sampling.weights
    ends = rows, (rows[0], layout.n_columns)
    if sampling.groups is None:
        variance, of_phi2 = _by_rows(
            tables, cross_counts(codes, *ends, layout, portable.squared(weights)) * tables.block.mask
        )
        n_groups = np.inf
    else:
        variance, of_phi2, n_groups = _by_groups(tables, codes, layout, ends, Sampling(weights, sampling.groups))
    block, df = tables.block, _df(tables)
    scale = block.per_cell(tables.total)
    relative = np.nan_to_num(variance / tables.expected / portable.squared(scale) * block.mask)
    deff = block.over_both(relative) * tables.n / df
    x2 = tables.n * _phi2(tables) / deff
    is_chi_square = np.isinf(n_groups)
    upper = portable.tails.chdtrc(df, x2) if is_chi_square else portable.tails.fdtrc(df, n_groups - 1, x2 / df)
    return _Design(
        deff,
        of_phi2 / portable.squared(tables.total),
        np.asarray(upper, np.float64),
        portable.tails.gammainc(df / 2, x2 / 2),
    )


def _by_rows(tables: _Tables, squares: Floats) -> tuple[Floats, Floats]:
    """Return the variances of all h (K, L) and of phi2 (p, q), from sums of squared weights of cells (K, L)."""
    block, a, b = tables.block, tables.of_row, tables.of_column
    h = tables.share - a * b
    in_row, in_column = block.per_row(block.over_columns(squares)), block.per_column(block.over_rows(squares))
    in_all = block.per_cell(block.over_both(squares))
    product = squares - b * in_row - a * in_column + a * b * in_all
    square = (
        (1 - 2 * a) * (1 - 2 * b) * squares
        + (1 - 2 * a) * portable.squared(b) * in_row
        + (1 - 2 * b) * portable.squared(a) * in_column
    )
    variance = square + portable.squared(a * b) * in_all - 2 * h * product + portable.squared(h) * in_all
    return variance, block.over_both(squares * portable.squared(_influence(tables)))


def _by_groups(
    tables: _Tables,
    codes: Codes,
    layout: Layout,
    ends: tuple[tuple[int, int], tuple[int, int]],
    sampling: Sampling,
) -> tuple[Floats, Floats, int]:
    """Return the variances of all h and of phi2 from sums over groups, and the number of groups."""
    block, a, b = tables.block, tables.of_row, tables.of_column
    h, influence = tables.share - a * b, _influence(tables)
    weights, groups = sampling.weights, sampling.groups
    if weights is None or groups is None:
        raise ValueError
    variance, of_phi2 = np.zeros_like(tables.share), np.zeros_like(tables.total)
    order = np.argsort(groups, kind="stable")
    sizes = np.bincount(groups)
    for members in np.split(order, np.cumsum(sizes)[:-1]):
        cells = cross_counts(codes[:, members], *ends, layout, weights[members]) * block.mask
        in_row, in_column = block.per_row(block.over_columns(cells)), block.per_column(block.over_rows(cells))
        variance += portable.squared(
            cells - b * in_row - a * in_column + (a * b - h) * block.per_cell(block.over_both(cells))
        )
        of_phi2 += portable.squared(block.over_both(cells * influence))
    n_groups = int((sizes > 0).sum())
    correction = n_groups / (n_groups - 1)
    return variance * correction, of_phi2 * correction, n_groups


def _statistics(tables: _Tables, design: _Design, ordered: Bools, offset: int) -> PairStatistics:
    """Return the statistics of the pairs of a block above the diagonal. `offset` is its first column."""
    block, df = tables.block, _df(tables)
    first, second = np.nonzero(np.arange(block.rows.n_columns)[:, None] < np.arange(block.columns.n_columns)[None])
    phi2 = _phi2(tables)
    v = _cramers_v(phi2, tables.n / design.deff, tables.n_rows, tables.n_columns)
    smaller = np.minimum(tables.n_rows, tables.n_columns)
    needed = (phi2, tables.n / design.deff, design.variance, df, smaller)
    low, high = _interval(*(values[first, second] for values in needed))
    u_first, u_second = _uncertainty(tables, tables.n / design.deff)
    gamma = np.where(ordered, _gamma(tables), np.nan)
    errors_second, base_second, errors_first, base_first = _errors(tables)
    least = _least(tables.row_counts, block.rows.start, 0) * _least(tables.column_counts, block.columns.start, 1)
    chosen = (
        np.nan_to_num(u_first), np.nan_to_num(u_second), gamma, np.nan_to_num(design.upper, nan=1.0),
        np.nan_to_num(design.lower, nan=1.0), np.nan_to_num(least / tables.n),
        errors_second, base_second, errors_first, base_first,
    )  # fmt: skip
    size = (values[first, second] for values in (tables.n, df, tables.n * phi2, design.deff, np.nan_to_num(v)))
    ends = np.nan_to_num(low), np.nan_to_num(high, nan=1.0)
    rest = (values[first, second] for values in chosen)
    every = [*size, *ends, *rest]
    return PairStatistics(first + offset, second + offset, *every)


def _least(counts: Floats, start: Ints, axis: int) -> Floats:
    """Return the smallest margin above 0 of each table (p, q)."""
    found: Floats = np.minimum.reduceat(np.where(counts > 0, counts, np.inf), start, axis=axis)
    return found


def _cramers_v(phi2: Floats, n: Floats, r: Floats, k: Floats) -> Floats:
    """Return Cramér's V corrected for bias (Bergsma 2013), for `n` effective rows."""
    corrected = np.maximum(phi2 - (r - 1) * (k - 1) / (n - 1), 0)
    rows, columns = r - portable.squared(r - 1) / (n - 1), k - portable.squared(k - 1) / (n - 1)
    found: Floats = np.minimum(np.sqrt(corrected / np.maximum(np.minimum(rows, columns) - 1, 1e-9)), 1)
    return found


def _interval(phi2: Floats, n: Floats, variance: Floats, df: Floats, smaller: Floats) -> tuple[Floats, Floats]:
    """Return the 95% intervals (P,) of V: noncentral chi-square, with the width from the variance of phi2.

    `n` are effective rows, `smaller` the smaller number of categories.
    """
    x2 = n * phi2
    excess = np.maximum(x2 - df, 0)
    is_weak = portable.tails.chdtrc(df, x2) >= _TAIL
    low = np.where(is_weak, 0, special.chndtrinc(x2, df, 1 - _TAIL))
    high = np.maximum(np.nan_to_num(special.chndtrinc(x2, df, _TAIL)), 0)
    stretch = np.sqrt((2 * df + portable.squared(n) * variance) / np.maximum(2 * df + 4 * excess, 1e-9))
    root, scale = np.sqrt(excess), np.sqrt(n * (smaller - 1))
    lower = np.maximum(root - stretch * (root - np.sqrt(np.minimum(low, excess))), 0)
    upper = root + stretch * (np.sqrt(np.maximum(high, excess)) - root)
    return np.where(is_weak, 0, lower) / scale, np.minimum(np.where(is_weak, np.sqrt(high), upper) / scale, 1)


def _uncertainty(tables: _Tables, n: Floats) -> tuple[Floats, Floats]:
    """Return the shares of the entropy of row and column variables that the other explains."""
    block, share = tables.block, tables.share
    of_rows = -block.over_both(np.where(share > 0, share * portable.log(tables.of_row), 0))
    of_columns = -block.over_both(np.where(share > 0, share * portable.log(tables.of_column), 0))
    both = block.over_both(np.where(share > 0, share * portable.log(share / tables.expected), 0))
    shared = np.maximum(both - _df(tables) / (2 * n), 0)
    return np.minimum(shared / of_rows, 1), np.minimum(shared / of_columns, 1)


def _gamma(tables: _Tables) -> Floats:
    """Return Goodman and Kruskal's gamma of each table, from sums over later and earlier categories."""
    rows, columns, share = tables.block.rows, tables.block.columns, tables.share
    below = _later(share.T, rows).T
    later = _later(below, columns)
    earlier = tables.block.per_row(tables.block.over_columns(below)) - later - below
    concordant = tables.block.over_both(share * later)
    discordant = tables.block.over_both(share * earlier)
    return (concordant - discordant) / (concordant + discordant)


def _later(cells: Floats, layout: Layout) -> Floats:
    """Return, for each cell, the sum over the later categories of the same column, along the second axis."""
    sums = np.cumsum(cells, axis=1)
    return sums[:, layout.missing[layout.column]] - sums


def _errors(tables: _Tables) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the shares of wrong predictions: of the column given the row and without it, then of the row."""
    rows, columns, n = tables.block.rows.start, tables.block.columns.start, tables.n
    given_row = np.add.reduceat(np.maximum.reduceat(tables.counts, columns, axis=1), rows, axis=0)
    given_column = np.add.reduceat(np.maximum.reduceat(tables.counts, rows, axis=0), columns, axis=1)
    most_column = np.maximum.reduceat(tables.column_counts, columns, axis=1)
    most_row = np.maximum.reduceat(tables.row_counts, rows, axis=0)
    return tuple(np.nan_to_num(1 - right / n) for right in (given_row, most_column, given_column, most_row))  # type: ignore[return-value]
