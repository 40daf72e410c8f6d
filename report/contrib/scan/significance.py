"""Tests of all pairs: simulated tails for small expected counts, and q values over the pairs that are open."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence

import numpy as np

from ... import portable
from ...arrays import Bools, Floats, Indices
from ...stats.shares import false_discovery
from .layout import Codes, Layout, count_pairs
from .pair_statistics import PairStatistics, Sampling, statistics_of

Tail = Callable[[Floats, int, int], float]
"""Returns the simulated tail of a table, with the maximum number of tables and the seed."""

LEVEL = 0.05
"""The false discovery rate: pairs with a q up to this value are associated beyond chance."""

_SMALL = 5.0
"""Expected count below which the tail of X2 is simulated."""
_LARGE, _SMALL_IN_LARGE = 50_000, 1.0
"""Rows from which the tail is simulated only below the second expected count: there, the approximate p of 20 by 20
categories differs from the simulated one by at most a tenth."""
_CLOSE = 0.1
"""Largest approximate q for which a tail is simulated. Beyond it, the pair is not called in any case."""
_CERTAIN, _FEWEST_EXPECTED = 1e-12, 1.0
"""Approximate p below which no simulated table has a larger X2, with expected counts from the second number on."""
_BASE, _PER_PAIR = 2999, 20
_MOST_TABLES = 2_000_000
_ENOUGH = 50
"""Simulated tables with a larger X2 after which the simulation stops."""
_CELLS = 4_000_000


def test_pairs(
    statistics: PairStatistics,
    is_open: Bools,
    names: Sequence[str],
    layout: Layout,
    counts: Floats,
    tail: Tail,
) -> Floats:
    """Return the p (P,) of pairs, with simulated tails for expected counts below 5 if the pair may be called.

    Both margins are fixed (`scipy.stats.random_table`). A pair far beyond chance needs no simulation, and gets the p of
    one in which no table has a larger X2: with 100,000 rows and 20 categories, a simulation takes a second. The seed of
    a pair depends on the names of its columns only, so the order of columns does not matter. `tail` simulates.
    """
    p = statistics.p.copy()
    limit = np.where(statistics.n < _LARGE, _SMALL, _SMALL_IN_LARGE)
    considered = np.flatnonzero(is_open & (statistics.least_expected < limit))
    if not len(considered):
        return p
    close = considered[_q_of(p, is_open)[considered] <= _CLOSE]
    n_open = int(is_open.sum())
    first_round = int(_PER_PAIR * n_open / max(len(close), 1)) + _BASE
    is_certain = (p < _CERTAIN) & (statistics.least_expected >= _FEWEST_EXPECTED)

    def simulate(places: Indices, most: int) -> None:
        for place in places:
            p[place] = (
                1 / (most + 1)
                if is_certain[place]
                else tail(*_table(statistics, int(place), names, layout, counts, most))
            )

    simulate(close, first_round)
    at_floor = (p[close] < 3 / first_round) & (_q_of(p, is_open)[close] > LEVEL)
    simulate(close[at_floor], min(_PER_PAIR * n_open + _BASE, _MOST_TABLES))
    return p


def _q_of(p: Floats, is_open: Bools) -> Floats:
    q = np.ones(len(p))
    q[is_open] = false_discovery(p[is_open])
    return q


def _table(
    statistics: PairStatistics, place: int, names: Sequence[str], layout: Layout, counts: Floats, most: int
) -> tuple[Floats, int, int]:
    """Return the table of a pair, the number of simulated tables, and their seed."""
    first, second = int(statistics.first[place]), int(statistics.second[place])
    seed = zlib.crc32("\0".join(sorted((names[first], names[second]))).encode())
    return counts[layout.categories(first), layout.categories(second)], most, seed


test_pairs.__test__ = False  # type: ignore[attr-defined]  # it is no test of pytest


def simulated_tail(table: Floats, most: int, seed: int) -> float:
    """Return the probability of an X2 at least as large in random tables with the same margins.

    At most `most` tables are drawn, and drawing stops after 50 larger ones.
    """
    cells = table[table.sum(1) > 0][:, table.sum(0) > 0].astype(np.int64)
    if cells.shape[0] > cells.shape[1] or (cells.shape[0] == cells.shape[1] and cells.sum(1)[0] > cells.sum(0)[0]):
        cells = cells.T
    rows, columns = cells.sum(1), cells.sum(0)
    expected = np.outer(rows, columns) / cells.sum()
    observed = float((portable.squared(cells - expected) / expected).sum())
    from scipy.stats import random_table  # noqa: PLC0415 - slow to import, and not all tables need it

    distribution = random_table(rows, columns, seed=seed)
    size = max(1, _CELLS // cells.size)
    n_larger = n_drawn = 0
    while n_drawn < most and n_larger < _ENOUGH:
        drawn = distribution.rvs(size=min(size, most - n_drawn, 1000 if not n_drawn else size), method="patefield")
        x2 = (portable.squared(drawn - expected) / expected).sum(axis=(1, 2))
        n_drawn += len(drawn)
        n_larger += int((x2 >= observed - 1e-9).sum())
    return (n_larger + 1) / (n_drawn + 1)


def test_sampled_pairs(
    codes: Codes, layout: Layout, ordered: Bools, sampling: Sampling, statistics: PairStatistics
) -> Floats:
    """Return the p (P,) of tests that respect weights and groups, with rare categories combined first.

    These tests need large expected counts: categories are combined until n p^2 >= 5 for `n` effective rows. If there is
    nothing to combine, the p are those of `statistics`.
    """
    weights = sampling.weights
    n = codes.shape[1] if weights is None else float(portable.squared(weights.sum()) / portable.squared(weights).sum())
    combined, fewer = combine_rare(codes, layout, np.sqrt(_SMALL * n))
    if np.array_equal(fewer.n_categories, layout.n_categories):
        return statistics.p
    counts = count_pairs(combined, fewer)
    weighted = None if weights is None else count_pairs(combined, fewer, weights)
    return statistics_of(combined, fewer, counts, weighted, sampling, ordered).p


test_sampled_pairs.__test__ = False  # type: ignore[attr-defined]


def combine_rare(codes: Codes, layout: Layout, least: float) -> tuple[Codes, Layout]:
    """Return codes (p, n) in which each column's categories with fewer than `least` rows are combined.

    If they are still fewer together, they join the last frequent category.
    """
    found = np.empty_like(codes)
    sizes = layout.n_categories.copy()
    for place, column in enumerate(codes):
        n = np.bincount(column[column >= 0], minlength=int(sizes[place]))
        is_frequent = n >= least
        n_frequent = int(is_frequent.sum())
        if n_frequent == len(n) or n_frequent == 0:
            found[place] = column
            continue
        joins_last = n_frequent > 1 and n[~is_frequent].sum() < least
        new = np.where(is_frequent, np.cumsum(is_frequent) - 1, n_frequent - joins_last)
        found[place] = np.where(column < 0, -1, new[column])
        sizes[place] = new.max() + 1
    return found, Layout(sizes)
