"""Tests of rows in groups that use the level at which columns vary.

The test over all rows (Rao and Scott) has little power if there are few groups, because differences between groups add
to its variance. Two other tests have more:

- Two columns that are constant within groups are tested at the level of groups: each group counts once, and groups are
  independent, so that the tests of independent rows are valid.
- Two columns that vary within groups are also tested within groups: U_ij = sum of (z_i - mean of the group) (z_j - mean
  of the group), with its sums over groups as independent contributions. Differences between groups cancel out. The
  smaller p of this test and of the test over all rows counts twice (Bonferroni).
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ... import portable
from ...arrays import Bools, Floats, Ints
from .layout import Codes, Layout, count_pairs, indicators
from .pair_statistics import PairStatistics, Sampling, statistics_of
from .significance import Tail, combine_rare, simulated_tail
from .trends import FEWEST_GROUPS, trend_tests, with_trends

_SIMULATED = 0.1
"""Largest approximate p at the level of groups for which the tail is simulated."""
_SMALL = 5.0
_BASE, _PER_PAIR, _MOST_TABLES = 2999, 20, 200_000
_STRIP_CELLS = 4_000_000


@dataclass(frozen=True)
class GroupTests:
    """The columns of a scan whose rows are in groups, and the p (P,) of its pairs over all rows."""

    codes: Codes
    layout: Layout
    ordered: Bools
    names: Sequence[str]
    statistics: PairStatistics
    is_open: Bools
    tail: Tail = simulated_tail

    def improved(self, p: Floats, sampling: Sampling) -> Floats:
        """Return the p (P,) with the tests at the level of groups and within groups."""
        if sampling.groups is None:
            return p
        first, second = self.statistics.first, self.statistics.second
        constant, of_group = by_group(self.codes, sampling.groups)
        found = p.copy()
        is_varying = ~constant[first] & ~constant[second] & self.is_open
        if is_varying.any():
            within = self._within(np.flatnonzero(~constant), sampling)[first, second]
            is_tested = is_varying & np.isfinite(within)
            found[is_tested] = np.minimum(1.0, 2 * np.minimum(p, within)[is_tested])
        is_constant = constant[first] & constant[second] & self.is_open
        if is_constant.any() and sampling.weights is None:
            self._between(found, is_constant, np.flatnonzero(constant), of_group)
        return found

    def _between(self, p: Floats, chosen: Bools, columns: Ints, of_group: Codes) -> None:
        """Replace the p of chosen pairs by those of tests in which each group counts once."""
        codes, layout, ordered = of_group[columns], Layout(self.layout.n_categories[columns]), self.ordered[columns]
        counts = count_pairs(codes, layout)
        statistics = statistics_of(codes, layout, counts, None, Sampling(), ordered)
        n_tables = int(min(_PER_PAIR * self.is_open.sum() + _BASE, _MOST_TABLES))
        tested = statistics.p.copy()
        is_small = (statistics.least_expected < _SMALL) & (tested <= _SIMULATED) & statistics.is_valid
        for place in np.flatnonzero(is_small).tolist():
            a, b = int(statistics.first[place]), int(statistics.second[place])
            seed = zlib.crc32("\0".join(sorted((self.names[columns[a]], self.names[columns[b]]))).encode())
            tested[place] = self.tail(counts[layout.categories(a), layout.categories(b)], n_tables, seed)
        tested = with_trends(tested, statistics, codes, ordered, Sampling())
        square = np.full((len(self.codes), len(self.codes)), np.nan)
        square[columns[statistics.first], columns[statistics.second]] = np.where(statistics.is_valid, tested, np.nan)
        at_level = square[self.statistics.first, self.statistics.second]
        replaced = chosen & np.isfinite(at_level)
        p[replaced] = at_level[replaced]

    def _within(self, columns: Ints, sampling: Sampling) -> Floats:
        """Return the p (p, p) of tests within groups, NaN for other columns or too few groups."""
        codes, groups = self.codes[columns], sampling.groups
        found = np.full((len(self.codes), len(self.codes)), np.nan)
        if groups is None or len(np.unique(groups)) < FEWEST_GROUPS:
            return found
        combined, layout = combine_rare(
            codes, Layout(self.layout.n_categories[columns]), np.sqrt(_SMALL * codes.shape[1])
        )
        tested = _within_groups(combined, layout, sampling)
        ordered = np.flatnonzero(self.ordered[columns])
        if len(ordered) > 1:
            trends = trend_tests(codes[ordered], sampling, within=True)
            both = np.ix_(ordered, ordered)
            tested[both] = np.fmin(tested[both], np.where(np.isnan(trends), 1.0, trends)) * np.where(
                np.isnan(trends), 1.0, 2.0
            )
        found[np.ix_(columns, columns)] = np.minimum(tested, 1.0)
        return found


def by_group(codes: Codes, groups: Ints) -> tuple[Bools, Codes]:
    """Return which columns (p,) are constant within groups (n,), and their categories by group (p, G)."""
    order = np.argsort(groups, kind="stable")
    start = np.flatnonzero(np.diff(groups[order], prepend=-1))
    ordered = codes[:, order]
    high = np.maximum.reduceat(ordered, start, axis=1)
    low = np.minimum.reduceat(np.where(ordered < 0, np.iinfo(ordered.dtype).max, ordered), start, axis=1)
    return ((high == low) | (high < 0)).all(axis=1), high


def _within_groups(codes: Codes, layout: Layout, sampling: Sampling) -> Floats:
    """Return the p (q, q) of tests within groups, with the mean of the variances of U in place of their covariance."""
    merged, groups = sampling.merged().groups, sampling.groups
    if merged is None or groups is None:
        raise ValueError
    weights = np.ones(codes.shape[1]) if sampling.weights is None else sampling.weights
    order = np.lexsort((groups, merged))
    parts = np.split(order, np.flatnonzero(np.diff(merged[order])) + 1)
    n_parts, q = len(parts), len(codes)
    p = np.full((q, q), np.nan)
    scale = np.zeros(layout.n_indicators)
    for rows in parts:
        scale += portable.squared(_deviations(codes[:, rows], layout, groups[rows])).sum(axis=0)
    for first, end in layout.strips(max(1, _STRIP_CELLS // layout.n_indicators)):
        strip = slice(int(layout.start[first]), int(layout.missing[end - 1]) + 1)
        total = np.zeros((strip.stop - strip.start, layout.n_indicators))
        squares = np.zeros_like(total)
        for rows in parts:
            deviations = _deviations(codes[:, rows], layout, groups[rows])
            u = portable.matmul((deviations[:, strip] * weights[rows, None]).T, deviations)
            total += u
            squares += portable.squared(u)
        variance = np.maximum(squares - portable.squared(total) / n_parts, 0) * n_parts / (n_parts - 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            each = 1 / np.outer(scale[strip], scale)
            each[~np.isfinite(each)] = 0
            sums = [
                np.add.reduceat(
                    np.add.reduceat(cells * each, layout.start, axis=1), layout.start[first:end] - strip.start, axis=0
                )
                for cells in (portable.squared(total), variance)
            ]
            df = np.outer(layout.n_categories[first:end] - 1, layout.n_categories - 1)
            tested = portable.tails.fdtrc(df, n_parts - 1, sums[0] / sums[1])
        p[first:end] = np.where((df > 0) & (sums[1] > 0), tested, np.nan)
    return p


def _deviations(codes: Codes, layout: Layout, groups: Ints) -> Floats:
    """Return the indicators (n, K) minus their means in the group, among rows with a value; groups (n,) are sorted."""
    found = np.asarray(indicators(codes, layout, np.float64), dtype=np.float64)
    found[:, layout.missing] = 0
    answered = (codes >= 0).T.astype(np.float64)
    start = np.flatnonzero(np.diff(groups, prepend=-1))
    place = np.repeat(np.arange(len(start)), np.diff(np.append(start, len(groups))))
    n = np.maximum(np.add.reduceat(answered, start, axis=0), 1)
    means = np.add.reduceat(found, start, axis=0) / n[:, layout.column]
    deviations: Floats = (found - means[place]) * answered[:, layout.column]
    deviations[:, layout.missing] = 0
    return deviations
