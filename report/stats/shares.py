"""Shares of units in patterns, with their effective numbers of units and clusters, and differences between them.

A share is a sum over clusters divided by another. With the totals v_g of a cluster and the share p, its residual is
c . v_g, where c = (top - p bottom) / n, so every variance and covariance follows from the sums over clusters of
products of totals: no table of units is needed, whatever their number (linearisation; Binder 1983, International
Statistical Review 51).

A variance estimated from few clusters, or from clusters that hardly have the rarer outcome, is too small. It is
therefore at least the variance of independent units times the design effect of the outcome among all units, the more so
the fewer effective clusters have the rarer outcome (`PRIOR`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy import sparse

from .. import portable
from ..arrays import Bools, Floats, Ints, counted, crossed, over, settled
from ..portable import rounded

BOTH, ROW, COLUMN, ALL = range(4)
"""The totals of a table of two categories: units with both, with the row's, with the column's, and all."""

Line = tuple[int, int, int, int]
"""Factors of the four totals, whose sum is a number of units."""

WITH: Line = (0, 1, 0, 0)
WITHOUT: Line = (0, -1, 0, 1)
EVERY: Line = (0, 0, 0, 1)
HIT: Line = (1, 0, 0, 0)
MISSED: Line = (-1, 0, 1, 0)
OUTCOME: Line = (0, 0, 1, 0)

PRIOR = 2.0
"""The effective clusters of the rarer outcome at which a variance and its floor have equal weight."""

_FARTHEST = 200.0
_STEPS = 60
_LEAST = 1e-12
_SQUARES = 1 << 22


@dataclass(frozen=True, eq=False)
class Totals:
    """Totals and sums of products over clusters of the four numbers of units of tables of any shape (...).

    `first` (4, ...) are the totals (sums of weights), `second` (4, 4, ...) the sums over clusters of products of their
    totals, `squares` (4, ...) the sums of squared weights, and `units` (4, ...) the numbers of units. `clusters` (5,
    ...) are the numbers of clusters with a unit of the row's category, with a unit without it, the same for the
    column's, and with any unit. `by_cluster` (4, G) are the totals of each cluster, only of a single table. `freedom`
    is that of the design.
    """

    first: Floats
    second: Floats
    squares: Floats
    units: Floats
    clusters: Floats
    is_clustered: bool
    by_cluster: Floats | None = None
    freedom: float = np.nan

    @property
    def T(self) -> Totals:
        """The totals of a table (R, C) with rows and columns exchanged."""
        sides = [BOTH, COLUMN, ROW, ALL]
        first, squares, units = (np.swapaxes(of[sides], -1, -2) for of in (self.first, self.squares, self.units))
        second = np.swapaxes(self.second[sides][:, sides], -1, -2)
        clusters = np.swapaxes(self.clusters[[2, 3, 0, 1, 4]], -1, -2)
        return Totals(first, second, squares, units, clusters, self.is_clustered, freedom=self.freedom)

    def at(self, i: int, j: int) -> Totals:
        """Return the totals of one table of several."""
        first, squares, units, clusters = (of[:, i, j] for of in (self.first, self.squares, self.units, self.clusters))
        return Totals(first, self.second[:, :, i, j], squares, units, clusters, self.is_clustered, freedom=self.freedom)


@dataclass(frozen=True, eq=False)
class Design:
    """How p patterns of units were drawn: weight, squared weight, number of units, and cluster (p,) or None.

    `dispersion` are the degrees of freedom of a dispersion that multiplies the squared weights, nan without one.
    """

    weight: Floats
    squared: Floats
    units: Floats
    cluster: Ints | None = None
    dispersion: float = np.nan

    @cached_property
    def freedom(self) -> float:
        """The degrees of freedom of every variance; nan if they follow from the clusters, or the weights, of a share.

        They are infinite for independent units of weight one, whose variance follows from their number.
        """
        is_plain = self.cluster is None and np.array_equal(self.weight, self.units)
        return np.inf if is_plain and np.array_equal(self.squared, self.units) else self.dispersion

    @cached_property
    def n_clusters(self) -> int:
        """The number of cluster numbers, with or without units."""
        return 0 if self.cluster is None or not len(self.cluster) else int(self.cluster.max()) + 1

    def summed(self, values: Floats) -> Floats:
        """Return the sums of values of patterns (p,) by cluster (G,), in order."""
        if self.cluster is None:
            raise ValueError("units are independent")
        return counted(values, self.cluster, self.n_clusters)

    def kept(self, mask: Bools) -> Design:
        """Return the design of some patterns."""
        cluster = None if self.cluster is None else self.cluster[mask]
        return replace(
            self, weight=self.weight[mask], squared=self.squared[mask], units=self.units[mask], cluster=cluster
        )


def pair_totals(row: Bools, column: Bools, design: Design) -> Totals:
    """Return the totals of one pair of categories, which patterns (p,) have or lack."""
    sets = np.stack([row & column, row, column, np.ones_like(row)])
    first, squares, units = (
        np.array([float(of[own].sum()) for own in sets]) for of in (design.weight, design.squared, design.units)
    )
    if design.cluster is None:
        second = np.array([[float(design.squared[one & other].sum()) for other in sets] for one in sets])
        there = [units[ROW], units[ALL] - units[ROW], units[COLUMN], units[ALL] - units[COLUMN], units[ALL]]
        return Totals(first, second, squares, units, np.array(there), is_clustered=False, freedom=design.freedom)
    of_clusters = [design.summed(design.weight * own) for own in sets]
    second = np.array([[float((one * other).sum()) for other in of_clusters] for one in of_clusters])
    there = [float((design.summed(design.units * own) > 0).sum()) for own in (row, ~row, column, ~column, row | True)]
    return Totals(first, second, squares, units, np.array(there), is_clustered=True, by_cluster=np.stack(of_clusters))


def table_totals(rows: Bools, columns: Bools, design: Design) -> Totals:
    """Return the totals of all pairs of R row and C column categories of patterns (p, R) and (p, C), shape (R, C)."""
    shape = rows.shape[1], columns.shape[1]
    x, y = rows.astype(np.float64), columns.astype(np.float64)

    def four(of: Floats) -> Floats:
        """Return the sums of a weight of patterns over the four numbers of units (4, R, C)."""
        parts = (
            portable.matmul(x.T, y * of[:, None]),
            portable.matmul(of, x)[:, None],
            portable.matmul(of, y),
            of.sum(),
        )
        return np.stack([np.broadcast_to(part, shape) for part in parts])

    first, squares, units = four(design.weight), four(design.squared), four(design.units)
    if design.cluster is None:
        place = np.array([[min(one, other) if min(one, other) == BOTH or max(one, other) == ALL else BOTH
                           for other in range(4)] for one in range(4)])  # fmt: skip
        np.fill_diagonal(place, range(4))
        given, outcome, every = units[ROW], units[COLUMN], units[ALL]
        clusters = np.stack([given, every - given, outcome, every - outcome, every])
        return Totals(first, squares[place], squares, units, clusters, is_clustered=False, freedom=design.freedom)
    second, clusters = _over_clusters(x, y, design)
    return Totals(first, second, squares, units, clusters, is_clustered=True)


def _over_clusters(x: Floats, y: Floats, design: Design) -> tuple[Floats, Floats]:
    """Return the sums over clusters of products of totals (4, 4, R, C), and the numbers of clusters (5, R, C).

    Only the squares of the joint totals need the joint totals of each cluster. In every other product one factor is a
    margin: it is summed over patterns with the margin of their cluster as weight.
    """
    cluster, n = design.cluster, design.n_clusters
    if cluster is None:
        raise ValueError("units are independent")
    chosen: sparse.csr_array[np.float64] = sparse.csr_array(
        (design.weight, (cluster, np.arange(len(cluster)))), shape=(n, len(cluster))
    )
    given, outcome = np.asarray(portable.matmul(chosen, x)), np.asarray(portable.matmul(chosen, y))
    size = design.summed(design.weight)
    shape = x.shape[1], y.shape[1]
    second = np.empty((4, 4, *shape))
    weight = design.weight[:, None]
    second[BOTH, BOTH] = _joint_squares(x, y, design)
    second[BOTH, ROW] = portable.matmul((x * given[cluster] * weight).T, y)
    second[BOTH, COLUMN] = portable.matmul(x.T, y * outcome[cluster] * weight)
    second[BOTH, ALL] = portable.matmul((x * size[cluster][:, None] * weight).T, y)
    second[ROW, ROW] = portable.squared(given).sum(axis=0)[:, None]
    second[ROW, COLUMN] = portable.matmul(given.T, outcome)
    second[ROW, ALL] = portable.matmul(given.T, size)[:, None]
    second[COLUMN, COLUMN] = portable.squared(outcome).sum(axis=0)
    second[COLUMN, ALL] = portable.matmul(size, outcome)
    second[ALL, ALL] = portable.matmul(size, size)
    below = np.tril_indices(4, -1)
    second[below] = second.transpose(1, 0, 2, 3)[below]
    clusters = np.full((5, *shape), float((size > 0).sum()))
    for place, of, along in ((0, given, np.s_[:, None]), (2, outcome, np.s_[None, :])):
        clusters[place] = (of > 0).sum(axis=0)[along]
        clusters[place + 1] = (size[:, None] - of > _LEAST * size[:, None]).sum(axis=0)[along]
    return second, clusters


def _joint_squares(x: Floats, y: Floats, design: Design) -> Floats:
    """Return the sum over clusters of the squared joint totals (R, C), in runs of clusters that fit into memory."""
    cluster = np.zeros(len(x), dtype=np.int64) if design.cluster is None else design.cluster
    order = np.argsort(cluster, kind="stable")
    met = crossed(sparse.csr_array(x[order]), sparse.csr_array(y[order]))
    n_cells = x.shape[1] * y.shape[1]
    owner = np.repeat(cluster[order], np.diff(met.indptr))
    values = met.data * np.repeat(design.weight[order], np.diff(met.indptr))
    squares = np.zeros(n_cells)
    ends = np.append(np.flatnonzero(np.diff(owner)) + 1, len(owner))  # where clusters end among the pairs
    start = 0
    while start < len(owner):
        stop = int(
            ends[
                max(
                    np.searchsorted(ends, start + _SQUARES, side="right") - 1,
                    np.searchsorted(ends, start, side="right"),
                )
            ]
        )
        keys = owner[start:stop] * n_cells + met.indices[start:stop]
        distinct, place = np.unique(keys, return_inverse=True)
        squares += counted(
            portable.squared(counted(values[start:stop], place, len(distinct))), distinct % n_cells, n_cells
        )
        start = stop
    return squares.reshape(x.shape[1], y.shape[1])


@dataclass(frozen=True, eq=False)
class Shares:
    """Shares (...) of units: value, base (sum of weights), numbers of units, effective units and effective clusters.

    `freedom` (...) are the degrees of freedom of the variance, which may be less than one. `line` (4, ...) are the
    factors of the totals in the residual of a cluster. `variance` allows for the floor, and is value (1 - value) /
    effective. `residuals` (G,) are those of clusters, only of a single share.
    """

    value: Floats
    count: Floats
    base: Floats
    units: Floats
    effective: Floats
    clusters: Floats
    line: Floats
    variance: Floats
    freedom: Floats
    residuals: Floats | None = None

    def at(self, i: int, j: int) -> Shares:
        """Return one share of several."""
        value, count, base, units, effective, clusters = (
            np.asarray(of[i, j])
            for of in (self.value, self.count, self.base, self.units, self.effective, self.clusters)
        )
        variance, freedom = np.asarray(self.variance[i, j]), np.asarray(self.freedom[i, j])
        return Shares(value, count, base, units, effective, clusters, self.line[:, i, j], variance, freedom)

    def interval(self, level: float = 0.95) -> tuple[Floats, Floats]:
        """Return the ends of Wilson's interval (1927) for the effective number of units, with quantiles of t."""
        return wilson(self.value, self.effective, quantile(self.freedom, 1 - level))


def share(totals: Totals, top: Line = HIT, bottom: Line = WITH, alike: Floats | None = None) -> Shares:
    """Return a share of the units that `bottom` counts; nan where there are none.

    The shares used are HIT over WITH (of units with the row's category), MISSED over WITHOUT (of all others) and
    OUTCOME over EVERY (of all units). `alike` (...) is the correlation of units of one cluster, which the floor has:
    its design effect is 1 + (m - 1) `alike` (Kish 1965, Survey Sampling). Without it, it is that of the first two
    shares together.
    """
    raw = _raw(totals, top, bottom)
    p = raw.value
    effect = np.ones_like(p)
    if bottom != EVERY:
        if alike is None:
            other = {WITH: (MISSED, WITHOUT), WITHOUT: (HIT, WITH)}.get(bottom)
            both = (raw,) if other is None else (raw, _raw(totals, *other))
            alike = _pooled(*np.stack([one.correlation for one in both], axis=1))
        effect = 1 + raw.fellows * alike
    rarer = np.minimum(p, 1 - p) * raw.clusters
    variance = raw.robust + PRIOR / (rarer + PRIOR) * np.maximum(effect * raw.binomial - raw.robust, 0.0)
    plain = np.maximum(over(raw.kish, effect), np.minimum(raw.clusters, raw.kish))
    effective = np.where(variance > 0, np.minimum(over(p * (1 - p), variance), raw.kish), plain)
    variance = np.where(variance > 0, over(p * (1 - p), effective), 0.0)
    value = np.where(raw.base > 0, p, np.nan)
    residuals = None if totals.by_cluster is None else _along_floats(raw.line, totals.by_cluster)
    units = _along(bottom, totals.units)
    freedom = raw.clusters - 1 if np.isnan(totals.freedom) else np.full_like(raw.clusters, totals.freedom)
    return Shares(value, raw.count, raw.base, units, effective, raw.clusters, raw.line, variance, freedom, residuals)


def alike_within(totals: Totals) -> Floats:
    """Return the correlation of outcomes (C,) of units of one cluster and row category, pooled over rows (R, C)."""
    return _pooled(*_raw(totals, HIT, WITH).correlation)


def _pooled(weight: Floats, correlation: Floats) -> Floats:
    """Return the weighted mean of correlations along their first axis, between 0 and 1."""
    return np.clip(over((weight * correlation).sum(axis=0), weight.sum(axis=0)), 0.0, 1.0)


@dataclass(frozen=True, eq=False)
class _Raw:
    """Shares before the floor: variances between clusters and of independent units, effective units and clusters."""

    value: Floats
    count: Floats
    base: Floats
    line: Floats
    kish: Floats
    clusters: Floats
    robust: Floats
    binomial: Floats

    @property
    def fellows(self) -> Floats:
        """The effective number of other units in the cluster of a unit."""
        return np.maximum(over(self.kish, self.clusters, 1.0) - 1, 0.0)

    @property
    def correlation(self) -> tuple[Floats, Floats]:
        """The weights and the values of the correlation of units of one cluster, from the design effect."""
        weight = np.minimum(self.value, 1 - self.value) * self.clusters * self.fellows
        return weight, over(over(self.robust, self.binomial, 1.0) - 1, self.fellows)


def _raw(totals: Totals, top: Line, bottom: Line) -> _Raw:
    n, hit = _along(bottom, totals.first), _along(top, totals.first)
    n = np.where(n > _LEAST * totals.first[ALL], n, 0.0)
    p = np.clip(over(hit, n), 0.0, 1.0)
    line = np.stack([over(one - p * other, n) for one, other in zip(top, bottom, strict=True)])
    kish = over(portable.squared(n), _along(bottom, totals.squares))
    if totals.is_clustered:
        clusters = over(portable.squared(n), quadratic(_full(bottom, n), totals.second, _full(bottom, n)))
        there = {WITH: totals.clusters[0], WITHOUT: totals.clusters[1]}.get(bottom, totals.clusters[4])
    else:
        clusters = there = kish
    robust = quadratic(line, totals.second, line) * (over(there, there - 1, 1.0) if totals.is_clustered else 1.0)
    robust = settled(robust, quadratic(np.abs(line), totals.second, np.abs(line)))
    return _Raw(p, hit, n, line, kish, clusters, robust, over(p * (1 - p), kish))


def _along(line: Line, of: Floats) -> Floats:
    """Return the sum of some totals (4, ...) with small whole factors."""
    found = np.zeros(of.shape[1:])
    for factor, part in zip(line, of, strict=True):
        if factor:
            found = found + factor * part
    return found


def _along_floats(line: Floats, of: Floats) -> Floats:
    return np.asarray(line[0] * of[0] + line[1] * of[1] + line[2] * of[2] + line[3] * of[3])


def _full(line: Line, like: Floats) -> Floats:
    return np.stack([np.full_like(like, factor, dtype=np.float64) for factor in line])


def quadratic(first: Floats, second: Floats, other: Floats) -> Floats:
    """Return the sums of first_i second_ij other_j (...), in a fixed order."""
    found = np.zeros(second.shape[2:])
    for i in range(4):
        for j in range(4):
            found = found + first[i] * second[i, j] * other[j]
    return found


def quantile(freedom: Floats, alpha: float) -> Floats:
    """Return the two-sided critical value of t with at least one degree of freedom, normal if they are infinite."""
    finite = np.where(np.isinf(freedom), 1.0, np.maximum(freedom, 1.0))
    normal = rounded.ndtri(1 - alpha / 2)
    return np.where(np.isinf(freedom), normal, rounded.stdtrit(finite, 1 - alpha / 2))


def tails(freedom: Floats, distance: Floats) -> Floats:
    """Return the two-sided tail of t beyond a distance, of the normal distribution if degrees of freedom are infinite.

    >>> tails(np.array([np.inf, 5.0]), np.array([1.959964, 2.570582])).round(4).tolist()
    [0.05, 0.05]
    """
    return 2 * rounded.stdtr(freedom, -distance)


def wilson(p: Floats, n: Floats, c: Floats) -> tuple[Floats, Floats]:
    """Return the ends of the score interval of a share p of n units with the critical value c; 0 to 1 without units."""
    n = np.maximum(n, _LEAST)
    centre = p + c * c / (2 * n)
    half = c * np.sqrt(p * (1 - p) / n + c * c / (4 * n * n))
    low, high = (centre - half) / (1 + c * c / n), (centre + half) / (1 + c * c / n)
    return np.where(p <= 0, 0.0, np.maximum(low, 0.0)), np.where(p >= 1, 1.0, np.minimum(high, 1.0))


Ends = Callable[[Floats], tuple[Floats, Floats]]
"""Critical values (...) -> the ends of intervals (...)."""


@dataclass(frozen=True, eq=False)
class Certainty:
    """The certainty of values (...): degrees of freedom, and the ends of the interval for a critical value.

    The ends move away from the value as the critical value grows, so that there is one p at which they touch 0.
    """

    value: Floats
    freedom: Floats
    ends: Ends

    def interval(self, alpha: float = 0.05) -> tuple[Floats, Floats]:
        """Return the ends of the interval at the level 1 - alpha."""
        return self.ends(quantile(self.freedom, alpha))

    @cached_property
    def p(self) -> Floats:
        """The level at which the interval just touches 0; 1 for a value of 0, nan where it is undefined."""
        sign = np.sign(self.value)

        def nearest(c: Floats) -> Floats:
            low, high = self.ends(c)
            return np.where(sign > 0, low, -high)

        low, high = np.zeros_like(self.value), np.full_like(self.value, _FARTHEST)
        for _ in range(_STEPS):
            middle = (low + high) / 2
            is_clear = nearest(middle) > 0
            low, high = np.where(is_clear, middle, low), np.where(is_clear, high, middle)
        p = tails(self.freedom, (low + high) / 2)
        return np.where(np.isnan(self.value), np.nan, np.where(sign == 0, 1.0, p))


def difference(totals: Totals, first: Shares, other: Shares) -> Certainty:
    """Return the certainty of a difference of two shares of the same totals, which are of different units."""
    return moved(first, other, correlation(totals, first, other))


def correlation(totals: Totals, first: Shares, other: Shares) -> Floats:
    """Return the correlation over clusters of two shares of different units; 0 for independent units."""
    together = quadratic(first.line, totals.second, other.line) if totals.is_clustered else np.zeros_like(first.value)
    return np.clip(over(together, np.sqrt(first.variance * other.variance)), -0.95, 0.95)


def moved(first: Shares, other: Shares, correlation: Floats) -> Certainty:
    """Return the certainty of a difference of two shares with a correlation.

    The interval combines those of both shares (MOVER; Newcombe 1998, Statistics in Medicine 17; with a correlation,
    Zou and Donner 2008, Statistics in Medicine 27), and the degrees of freedom are Satterthwaite's (1946).
    """
    own, others = np.maximum(first.variance, _LEAST), np.maximum(other.variance, _LEAST)
    parts = (of * of / np.maximum(shares.freedom, 0.5) for of, shares in ((own, first), (others, other)))
    freedom = np.maximum(over(portable.squared(own + others), sum(parts, np.zeros_like(own)), np.inf), 1.0)
    value = first.value - other.value

    def ends(c: Floats) -> tuple[Floats, Floats]:
        (low, high), (least, most) = (wilson(np.nan_to_num(s.value), s.effective, c) for s in (first, other))
        down, up = first.value - low, high - first.value
        below, above = other.value - least, most - other.value
        lower = value - np.sqrt(np.maximum(down * down + above * above - 2 * correlation * down * above, 0.0))
        upper = value + np.sqrt(np.maximum(up * up + below * below - 2 * correlation * up * below, 0.0))
        return lower, upper

    known = (first.effective > 0) & (other.effective > 0)
    return Certainty(np.where(known, value, np.nan), freedom, ends)


def against(of: Shares, given: Floats) -> Certainty:
    """Return the certainty of a share less a given one, such as an expected share."""
    freedom = np.maximum(of.freedom, 1.0)

    def ends(c: Floats) -> tuple[Floats, Floats]:
        low, high = wilson(np.nan_to_num(of.value), of.effective, c)
        return low - given, high - given

    return Certainty(of.value - given, freedom, ends)


def linear(value: float, contributions: Floats, design: Design) -> Certainty:
    """Return the certainty of a smooth statistic from the contributions of patterns (p,), which add up to about 0.

    A contribution is that of the weight of a pattern: it is proportional to the weight.
    """
    if design.cluster is None:
        each = np.divide(contributions, design.weight, out=np.zeros_like(contributions), where=design.weight > 0)
        variance = float((design.squared * portable.squared(each)).sum())
        n = portable.squared(float(design.weight.sum())) / max(float(design.squared.sum()), _LEAST)
    else:
        sizes, sums = design.summed(design.weight), design.summed(contributions)
        there = int((sizes > 0).sum())
        variance = float(portable.squared(sums).sum()) * there / max(there - 1, 1)
        n = portable.squared(float(sizes.sum())) / max(float(portable.squared(sizes).sum()), _LEAST)
    error = np.sqrt(max(variance, _LEAST * _LEAST))
    freedom = np.array(max(n - 1 if np.isnan(design.freedom) else design.freedom, 1.0))
    return Certainty(np.array(value), freedom, lambda c: (value - c * error, value + c * error))


def false_discovery(p: Floats) -> Floats:
    """Return q (...) of all p that are not nan (Benjamini and Hochberg 1995, J. R. Statist. Soc. B 57)."""
    found = np.full(p.shape, np.nan)
    known = np.isfinite(p)
    order = np.argsort(p[known], kind="stable")
    n = len(order)
    scaled = p[known][order] * n / np.arange(1, n + 1)
    q = np.empty(n)
    q[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    found[known] = q
    return found


def holm(p: Floats) -> Floats:
    """Return p adjusted for all of them (Holm 1979, Scandinavian Journal of Statistics 6)."""
    order = np.argsort(p, kind="stable")
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)), 1.0)
    return adjusted
