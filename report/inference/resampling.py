"""Draw units or groups again: what ranks would be, had chance chosen others of the same kind.

Independent units are drawn with replacement as patterns, which is a multinomial; groups are drawn whole.
What adds the same to every total is drawn as one, so what is asked for decides how much there is to draw: one
cell alone needs the multinomial of its 2 x 2 table, two cells at most sixteen patterns (exactly the same law).
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ..cells import Refusal
from ..incidence import WORD, Incidence
from ..matrices.counts import shares
from ..progress import tell
from . import InferenceSettings
from .intervals import Formula

T = TypeVar("T")
Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

MOST_NUMBERS = 1 << 22
"""Beyond so many numbers (what each group adds to each total; 32 MB, 42,000 groups at 9 categories) nothing is
drawn: 2,000 resamples would take more than 3 to 5 s of processor time, while linearised variance takes milliseconds,
and with so many groups the two agree."""

POISSON_FROM = 1000
"""From so many distinct patterns (or groups) on, each is drawn by its own Poisson number, scaled to as many in all.
That takes half the time of the multinomial; given their sum Poisson numbers are multinomial, and where at least
1,000 are drawn, letting the sum vary before scaling changes a variance by less than 1 in 1,000."""

_CHUNK = 1 << 20
"""Numbers drawn at once: 8 MB as integers and as much as floats, for each thread. Part of the result: each chunk
has its own seed."""

_MOST_THREADS = 8
"""More are not started unless asked for: each holds a chunk, and eight of them hold 130 MB."""

_AHEAD = 16
"""Chunks evaluated before the first of them is taken."""


ROUNDING = 1e-12
"""Values nearer than this to the highest, as a share of it, tie with it."""


@dataclass(frozen=True, eq=False)
class Ranking:
    """Cells of a panel to be ranked within their given category: only `measured` cells (R, C) take part.

    With `reverse` the incidence's columns are given.
    """

    formula: Formula
    measured: NDArray[np.bool_]
    reverse: bool = False


@dataclass(frozen=True, eq=False)
class Totals:
    """Resampled totals of a chunk of k resamples: joint (k, R, C), given (k, R), outcome (k, C), units (k,)."""

    joint: Floats
    given: Floats
    outcome: Floats
    units: Floats


@dataclass(frozen=True, eq=False)
class Resampling:
    """What is drawn: d distinct things (patterns of units, or groups), `times` (d,) how many there are of each.

    `adds` (d, RC + R + C + 1) is what one of them adds to the joint counts, given and outcome margins and to N;
    R and C are the categories asked for.
    """

    adds: Floats
    times: NDArray[np.int64]
    shape: tuple[int, int]

    @cached_property
    def _sparse(self) -> sparse.csc_array:
        """`adds` transposed. Dense products start threads of their own, which fight with those that draw."""
        return sparse.csc_array(self.adds.T)

    def totals(self, rng: np.random.Generator, n: int) -> Totals:
        """Return the totals of n resamples."""
        n_all = int(self.times.sum())
        if len(self.times) < POISSON_FROM:
            drawn = rng.multinomial(n_all, self.times / n_all, n).T.astype(np.float64, order="C")
            sums = (self._sparse @ drawn).T
        else:
            drawn = rng.poisson(self.times[:, None], (len(self.times), n)).astype(np.float64)
            sums = (self._sparse @ drawn * (n_all / drawn.sum(axis=0))).T
        n_rows, n_columns = self.shape
        cells = n_rows * n_columns
        return Totals(
            joint=sums[:, :cells].reshape(n, n_rows, n_columns),
            given=sums[:, cells : cells + n_rows],
            outcome=sums[:, cells + n_rows : -1],
            units=sums[:, -1],
        )


def resampling(
    incidence: Incidence, rows: Indices | None = None, columns: Indices | None = None
) -> Resampling | Refusal:
    """Return what is drawn for some of the row and column categories (default: all), or why nothing can be.

    Refused for weighted units without groups (units of one pattern have different weights, which drawing
    patterns would ignore), for fewer than two units or groups, and where MOST_NUMBERS would be exceeded.
    """
    if incidence.group is None and incidence.weighted:
        return Refusal("units of one pattern have different weights")
    if (incidence.n_units if incidence.group is None else incidence.n_groups or 0) < 2:
        return Refusal("there are fewer than two to draw from")
    rows = np.arange(incidence.row_sets.shape[1]) if rows is None else rows
    columns = np.arange(incidence.column_sets.shape[1]) if columns is None else columns
    distinct = _distinct_units if incidence.group is None else _distinct_groups
    found = distinct(incidence, rows, columns)
    if found is None:
        return Refusal("there are too many distinct patterns or groups to draw from")
    adds, times = found
    return Resampling(exact(adds, float((times @ adds).max())), times, (len(rows), len(columns)))


def draw(
    from_: Resampling, evaluate: Callable[[Totals], T], settings: InferenceSettings, threads: int | None = None
) -> Iterator[T]:
    """Yield what `evaluate` makes of each chunk of resampled totals, in order.

    Each chunk has a seed of its own, spawned from `settings.seed`, and sums of draws are exact, so the result
    is the same in any process and with any number of threads (default: as many as there are processors, at most eight).
    """
    size = max(1, _CHUNK // (len(from_.times) + from_.adds.shape[1]))
    n_chunks = -(-settings.resamples // size)
    seeds = np.random.SeedSequence(settings.seed).spawn(n_chunks)
    sizes = [min(size, settings.resamples - k * size) for k in range(n_chunks)]

    def one(chunk: tuple[np.random.SeedSequence, int]) -> T:
        seed, n = chunk
        return evaluate(from_.totals(np.random.default_rng(seed), n))

    chunks = list(zip(seeds, sizes, strict=True))
    with ThreadPoolExecutor(threads or min(os.cpu_count() or 1, _MOST_THREADS)) as pool:
        # A few chunks at a time: what is not taken yet is held in memory.
        for first in range(0, n_chunks, _AHEAD):
            tell(f"{sum(sizes[:first]):,} of {settings.resamples:,} resamples")
            yield from pool.map(one, chunks[first : first + _AHEAD])


def distinct_patterns(incidence: Incidence, rows: Indices, columns: Indices) -> tuple[Indices, Indices]:
    """Return where the u distinct patterns of some categories first stand (u,), and the number (p,) of each pattern's.

    Two patterns are one where a unit of either adds the same: with `incidence.fractional`, where all of their
    categories are as many. They are numbered as text is sorted, a category that is absent first.
    """
    of_rows, of_columns = shares(incidence) if incidence.fractional else (incidence.row_sets, incidence.column_sets)
    both = np.concatenate([of_rows[:, rows], of_columns[:, columns]], axis=1)
    if not incidence.fractional and both.shape[1] <= WORD:
        # Sets of few categories are one whole number each, which is sorted much faster than rows.
        words = both @ (1 << np.arange(both.shape[1], dtype=np.int64)[::-1])
        _, first, number = np.unique(words, return_index=True, return_inverse=True)
    else:
        _, first, number = np.unique(both, axis=0, return_index=True, return_inverse=True)
    return first, number.ravel()


def _distinct_units(incidence: Incidence, rows: Indices, columns: Indices) -> tuple[Floats, NDArray[np.int64]] | None:
    """Return what the distinct patterns add and how many units show each; None where they are too many."""
    first, number = distinct_patterns(incidence, rows, columns)
    if len(first) * _n_totals(rows, columns) > MOST_NUMBERS:
        return None
    of_rows, of_columns = shares(incidence)
    of_rows, of_columns = of_rows[np.ix_(first, rows)], of_columns[np.ix_(first, columns)]
    joint = (of_rows[:, :, None] * of_columns[:, None, :]).reshape(len(first), -1)
    adds = np.concatenate([joint, of_rows, of_columns, np.ones((len(first), 1))], axis=1)
    # Whole numbers far below 2^53: exact as floats.
    return adds, np.bincount(number, incidence.units, len(first)).astype(np.int64)


def _distinct_groups(incidence: Incidence, rows: Indices, columns: Indices) -> tuple[Floats, NDArray[np.int64]] | None:
    """Return what the distinct groups add and how many there are of each; None where there are too many."""
    if incidence.group is None or (incidence.n_groups or 0) * _n_totals(rows, columns) > MOST_NUMBERS:
        return None
    order = np.argsort(incidence.group, kind="stable")
    starts = np.flatnonzero(np.diff(incidence.group[order], prepend=-1))
    weight = incidence.weight[order, None]
    of_rows, of_columns = shares(incidence)
    of_rows, of_columns = of_rows[np.ix_(order, rows)], of_columns[np.ix_(order, columns)] * weight
    # One column at a time: all joint counts of all patterns would not fit.
    by_column = [np.add.reduceat(of_rows * of_columns[:, [j]], starts, axis=0) for j in range(len(columns))]
    joint = np.stack(by_column, axis=2).reshape(len(starts), -1)
    margins = [np.add.reduceat(part, starts, axis=0) for part in (of_rows * weight, of_columns, weight)]
    adds, times = np.unique(np.concatenate([joint, *margins], axis=1), axis=0, return_counts=True)
    return adds, times.astype(np.int64)


def _n_totals(rows: Indices, columns: Indices) -> int:
    return len(rows) * len(columns) + len(rows) + len(columns) + 1


def exact(adds: Floats, largest: float) -> Floats:
    """Return numbers, whose largest total is given, rounded so that sums of draws are exact in any order of addition.

    So the result does not depend on the library that adds, nor on its threads. Whole numbers stay as they are;
    thirds and weights are rounded to about 2^-48 of the largest total (room for sums 16 times as large).
    """
    grain = 2.0 ** (math.frexp(largest)[1] + 4 - 53)
    return np.rint(adds / grain) * grain if grain < 1 else adds


def highest_shares(
    rankings: Sequence[Ranking], incidence: Incidence, settings: InferenceSettings, threads: int | None = None
) -> tuple[Floats, ...] | Refusal:
    """Return of each ranking the share of resamples (R, C) in which a cell is the highest of its given category.

    One drawing serves all. nan where a cell is not measured; cells that tie share the resample evenly. Where no cell
    of a category is defined in a resample, the resample counts for none, so shares may add to less than 1. Refused
    where nothing can be drawn.
    """
    if not rankings:
        return ()
    drawn_from = resampling(incidence)
    if isinstance(drawn_from, Refusal):
        return drawn_from
    chunks = draw(drawn_from, lambda totals: [_wins(ranking, totals) for ranking in rankings], settings, threads)
    won = [sum(wins, np.zeros(wins[0].shape)) for wins in zip(*chunks, strict=True)]
    return tuple(
        np.where(ranking.measured, wins / settings.resamples, np.nan)
        for ranking, wins in zip(rankings, won, strict=True)
    )


def _wins(ranking: Ranking, totals: Totals) -> Floats:
    """Return in how many resamples (R, C) a cell is the highest of its given category."""
    axis = 1 if ranking.reverse else 2
    given, outcome = totals.given[:, :, None], totals.outcome[:, None, :]
    margins = (outcome, given) if ranking.reverse else (given, outcome)
    with np.errstate(divide="ignore", invalid="ignore"):
        values = ranking.formula(totals.joint, *margins, totals.units[:, None, None])
    values = np.where(ranking.measured & np.isfinite(values), values, -np.inf)
    highest = values.max(axis=axis, keepdims=True)
    with np.errstate(invalid="ignore"):
        best = np.isfinite(values) & (values >= highest - ROUNDING * np.abs(highest))
    wins: Floats = (best / np.maximum(best.sum(axis=axis, keepdims=True), 1)).sum(axis=0)
    return wins
