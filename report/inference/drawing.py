"""Draw units or groups again: what counts would be, had chance chosen others of the same kind.

Independent units are drawn with replacement as patterns, which is a multinomial; groups are drawn whole. Sums of draws
are exact. What adds the same to every total is drawn as one, so what is asked for decides how much there is to draw:
one cell alone needs the multinomial of its 2 x 2 table, two cells at most sixteen patterns (exactly the same law).

`resampling` draws what is asked for, in chunks, as often as the settings say; `redraws` all counts at once, sums within
strata and further sums too, so that whatever is made of them can be asked of each drawing. Strata are not drawn by
themselves: their sizes vary with the draw.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import TypeVar

import numpy as np
from scipy import sparse

from ..arrays import Floats, Indices, Ints, crossed
from ..cells import Dispersion, Refusal
from ..incidence import WORD, Incidence
from ..matrices.counts import shares
from ..progress import tell
from . import InferenceSettings

T = TypeVar("T")

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

RESAMPLES = 200
"""Enough to tell a share of 0.05 from one of 0.1: its error is 0.015."""

_MOST_GROUPS = 2000
"""Groups that are drawn one by one. More of them fall, as they are numbered, into so many bags, drawn whole: the
variance of a total stays the same (random groups; Wolter 2007, "Introduction to Variance Estimation", chapter 2)."""

_MOST_PATTERNS = 1 << 16
"""Distinct patterns up to which independent units are drawn."""

_MOST_NUMBERS = 1 << 25
"""Numbers that all drawings together may hold: 256 MB."""


@dataclass(frozen=True, eq=False)
class Totals:
    """Totals of k drawings: joint (k, R, C), given (k, R), outcome (k, C), units (k,), in weights as in `Counts`."""

    joint: Floats
    given: Floats
    outcome: Floats
    units: Floats


@dataclass(frozen=True, eq=False)
class Redraws(Totals):
    """Totals of k drawings, with sums within strata and others.

    `within` (k, R, C) are expected counts summed within strata, None without strata; `sums` (k, m) are the totals of
    what was asked for beside them.
    """

    within: Floats | None
    sums: Floats

    @property
    def expected(self) -> Floats:
        """n_a n_b / N (k, R, C): what independence would give in each drawing."""
        n_units = np.maximum(self.units, 1e-300)[:, None, None]
        return np.asarray(self.given[:, :, None] * self.outcome[:, None, :] / n_units)

    def expected_at(self, row: int, column: int) -> Floats:
        """Return the same (k,) of one pair."""
        return self.given[:, row] * self.outcome[:, column] / np.maximum(self.units, 1e-300)


@dataclass(frozen=True, eq=False)
class Resampling:
    """What is drawn: d distinct things (patterns of units, or groups), `times` (d,) how many there are of each.

    `adds` (d, RC + R + C + 1) is what one of them adds to the joint counts, given and outcome margins and to N;
    R and C are the categories asked for. `dispersion` as in `Incidence`: fewer are drawn, each as several.
    """

    adds: Floats
    times: Ints
    shape: tuple[int, int]
    dispersion: Dispersion | None = None

    @cached_property
    def _sparse(self) -> sparse.csc_array:
        """`adds` transposed. Dense products start threads of their own, which fight with those that draw."""
        return sparse.csc_array(self.adds.T)

    def totals(self, rng: np.random.Generator, n: int) -> Totals:
        """Return the totals of n resamples."""
        n_all = int(self.times.sum())
        n_drawn = _n_drawn(n_all, self.dispersion)
        if len(self.times) < POISSON_FROM:
            drawn = rng.multinomial(n_drawn, self.times / n_all, n).T.astype(np.float64, order="C")
            sums = (self._sparse @ drawn).T * (n_all / n_drawn)
        else:
            mean = self.times[:, None] * (n_drawn / n_all)
            drawn = rng.poisson(mean, (len(self.times), n)).astype(np.float64)
            sums = (self._sparse @ drawn * (n_all / drawn.sum(axis=0))).T
        return Totals(*_split(sums, self.shape))


def _n_drawn(n_all: int, dispersion: Dispersion | None) -> int:
    """Return how many things are drawn: of counts that vary more, so many fewer, each of which counts as several."""
    return n_all if dispersion is None else max(round(n_all / dispersion.factor), 1)


def _split(sums: Floats, shape: tuple[int, int]) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the fields of `Totals` from sums (k, RC + R + C + 1 and more)."""
    n_rows, n_columns = shape
    joint, given, outcome, units, _ = np.split(sums, np.cumsum([n_rows * n_columns, n_rows, n_columns, 1]), axis=1)
    return joint.reshape(-1, n_rows, n_columns), given, outcome, units[:, 0]


def resampling(
    incidence: Incidence, rows: Indices | None = None, columns: Indices | None = None
) -> Resampling | Refusal:
    """Return what is drawn for some of the row and column categories (default: all), or why nothing can be.

    Refused for weighted units without groups (units of one pattern have different weights, which drawing
    patterns would ignore), for fewer than two units or groups, and where MOST_NUMBERS would be exceeded.
    """
    refusal = _refused(incidence)
    if refusal is not None:
        return refusal
    rows = np.arange(incidence.row_sets.shape[1]) if rows is None else rows
    columns = np.arange(incidence.column_sets.shape[1]) if columns is None else columns
    distinct = _distinct_units if incidence.group is None else _distinct_groups
    found = distinct(incidence, rows, columns)
    if found is None:
        return Refusal("there are too many distinct patterns or groups to draw from")
    adds, times = found
    shape = len(rows), len(columns)
    return Resampling(exact(adds, float((times @ adds).max())), times, shape, incidence.dispersion)


def _refused(incidence: Incidence) -> Refusal | None:
    if incidence.group is None and incidence.weighted:
        return Refusal("units of one pattern have different weights")
    return Refusal("there are fewer than two to draw from") if incidence.n_owners < 2 else None


def draw(
    from_: Resampling, evaluate: Callable[[Totals], T], seed: int, n: int = RESAMPLES, threads: int | None = None
) -> Iterator[T]:
    """Yield the results of `evaluate` for each chunk of the totals of `n` resamples, in order.

    Each chunk has a seed of its own, spawned from `seed`, and sums of draws are exact, so the result
    is the same in any process and with any number of threads (default: as many as there are processors, at most eight).
    """
    size = max(1, _CHUNK // (len(from_.times) + from_.adds.shape[1]))
    n_chunks = -(-n // size)
    seeds = np.random.SeedSequence(seed).spawn(n_chunks)
    sizes = [min(size, n - k * size) for k in range(n_chunks)]

    def one(chunk: tuple[np.random.SeedSequence, int]) -> T:
        own_seed, n_own = chunk
        return evaluate(from_.totals(np.random.default_rng(own_seed), n_own))

    chunks = list(zip(seeds, sizes, strict=True))
    with ThreadPoolExecutor(threads or min(os.cpu_count() or 1, _MOST_THREADS)) as pool:
        # A few chunks at a time: what is not taken yet is held in memory.
        for first in range(0, n_chunks, _AHEAD):
            tell(f"{sum(sizes[:first]):,} of {n:,} resamples")
            yield from pool.map(one, chunks[first : first + _AHEAD])


def distinct_patterns(incidence: Incidence, rows: Indices, columns: Indices) -> tuple[Indices, Indices]:
    """Return where each of the u distinct patterns of some categories stands (u,), and which each pattern shows (p,).

    Two patterns are one where a unit of either adds the same: with `incidence.fractional`, where all of their
    categories are as many. They are numbered as text is sorted, a category that is absent first.
    """
    sets, number_of = incidence.distinct
    of_rows, of_columns = shares(incidence, sets)
    both = np.concatenate([of_rows[:, rows], of_columns[:, columns]], axis=1)
    if not incidence.fractional and both.shape[1] <= WORD:
        # Sets of few categories are one whole number each, which is sorted much faster than rows.
        words = both.astype(np.bool_) @ (1 << np.arange(both.shape[1], dtype=np.int64)[::-1])
        _, first, number = np.unique(words, return_index=True, return_inverse=True)
    else:
        _, first, number = np.unique(both, axis=0, return_index=True, return_inverse=True)
    return sets[first], number.ravel()[number_of]


def added(rows: sparse.csr_array, columns: sparse.csr_array) -> sparse.csr_array:
    """Return what a unit with shares (u, R) and (u, C) adds to all totals (u, RC + R + C + 1)."""
    ones = sparse.csr_array(np.ones((rows.shape[0], 1)))
    return sparse.csr_array(sparse.hstack([crossed(rows, columns), rows, columns, ones]))


def _distinct_units(incidence: Incidence, rows: Indices, columns: Indices) -> tuple[Floats, Ints] | None:
    """Return what the distinct patterns add and how many units show each; None where they are too many."""
    first, number = distinct_patterns(incidence, rows, columns)
    if len(first) * _n_totals(rows, columns) > MOST_NUMBERS:
        return None
    of_rows, of_columns = shares(incidence)
    of_rows, of_columns = of_rows[np.ix_(first, rows)], of_columns[np.ix_(first, columns)]
    adds = added(sparse.csr_array(of_rows), sparse.csr_array(of_columns)).toarray()
    # Whole numbers far below 2^53: exact as floats.
    return adds, np.bincount(number, incidence.units, len(first)).astype(np.int64)


def _distinct_groups(incidence: Incidence, rows: Indices, columns: Indices) -> tuple[Floats, Ints] | None:
    """Return what the distinct groups add and how many there are of each; None where there are too many."""
    if incidence.group is None or incidence.n_owners * _n_totals(rows, columns) > MOST_NUMBERS:
        return None
    first, number = incidence.distinct
    of_rows, of_columns = shares(incidence, first)
    features = added(sparse.csr_array(of_rows[:, rows]), sparse.csr_array(of_columns[:, columns]))
    adds = (_held(incidence, incidence.group, number, len(first)) @ features).toarray()
    # Numbers of 0 or more sort as their bytes do, of which whole rows are compared at once.
    bytes_ = np.ascontiguousarray(adds.astype(">f8")).view(f"S{8 * adds.shape[1]}").ravel()
    _, place, times = np.unique(bytes_, return_index=True, return_counts=True)
    return adds[place], times.astype(np.int64)


def _held(incidence: Incidence, group: Ints, number: Indices, n: int) -> sparse.csr_array:
    """Return the weight (G, n) that groups have of n things, by `number` (p,) of each pattern; none is empty."""
    there = np.zeros(int(group.max(initial=-1)) + 1, dtype=np.bool_)
    there[group] = True
    place = (incidence.weight, ((np.cumsum(there) - 1)[group], number))
    return sparse.csr_array(place, shape=(int(there.sum()), n))


def _n_totals(rows: Indices, columns: Indices) -> int:
    return len(rows) * len(columns) + len(rows) + len(columns) + 1


def exact(adds: Floats, largest: float) -> Floats:
    """Return numbers, whose largest total is given, rounded so that sums of draws are exact in any order of addition.

    So the result does not depend on the library that adds, nor on its threads. Whole numbers stay as they are;
    thirds and weights are rounded to about 2^-48 of the largest total (room for sums 16 times as large).
    """
    grain = 2.0 ** (math.frexp(largest)[1] + 4 - 53)
    return np.rint(adds / grain) * grain if grain < 1 else adds


def bagged(incidence: Incidence, n_totals: int) -> Incidence:
    """Return an incidence with no more groups than can be drawn, where each adds to so many totals."""
    most = max(2, min(_MOST_GROUPS, MOST_NUMBERS // max(n_totals, 1)))
    if incidence.group is None or incidence.n_owners <= most:
        return incidence
    return replace(incidence, group=incidence.group % most, n_groups=most)


def redraws(
    incidence: Incidence, settings: InferenceSettings, extra: Floats | None = None, n: int = RESAMPLES
) -> Redraws | Refusal:
    """Return n drawings of all counts, seeded by `settings.seed`; `extra` (p, m) is what a unit adds to further sums.

    Refused for weighted units without groups (as in `resampling`), for fewer than two units or groups, and where
    there is too much to draw.
    """
    refusal = _refused(incidence)
    if refusal is not None:
        return refusal
    n_rows, n_columns = incidence.row_sets.shape[1], incidence.column_sets.shape[1]
    n_strata = len(incidence.strata) if incidence.stratum_names else 0
    n_totals = n_rows * n_columns + (1 + n_strata) * (n_rows + n_columns + 1)
    if n * n_totals > _MOST_NUMBERS:
        return Refusal("there are too many categories and strata to draw again")
    bags = bagged(incidence, n_totals)
    adds, times = _adding(bags, n_strata, extra)
    if len(times) > _MOST_PATTERNS:
        return Refusal("there are too many distinct patterns to draw from")
    drawn = _drawn(tuple(times.tolist()), settings.seed, n, incidence.dispersion)
    return _unpacked((adds.T @ drawn).T, (n_rows, n_columns), n_strata)


@lru_cache(maxsize=1)  # of groups, or bags of them, there is one each, in recounts too
def _drawn(times: tuple[int, ...], seed: int, n: int, dispersion: Dispersion | None) -> Floats:
    """Return how often each of d things is drawn (d, n), given how many there are of it."""
    rng = np.random.default_rng(np.random.SeedSequence(seed))
    n_all = sum(times)
    n_drawn = _n_drawn(n_all, dispersion)
    drawn: Floats = rng.multinomial(n_drawn, np.array(times) / n_all, n).T.astype(np.float64)
    return drawn * (n_all / n_drawn)


def _features(incidence: Incidence, n_strata: int) -> sparse.csr_array:
    """Return what a unit of each distinct pair of sets within a stratum adds (q, M), as `_unpacked` takes it."""
    first, _ = incidence.levels
    rows, columns = map(sparse.csr_array, shares(incidence, first))
    parts = [added(rows, columns)]
    if n_strata:
        place = (np.ones(len(first)), (np.arange(len(first)), incidence.stratum[first]))
        level = sparse.csr_array(place, shape=(len(first), n_strata))
        parts += [crossed(level, rows), crossed(level, columns), level]
    return sparse.csr_array(sparse.hstack(parts))


def _adding(incidence: Incidence, n_strata: int, extra: Floats | None) -> tuple[sparse.csc_array, Ints]:
    """Return what each thing that is drawn adds (d, M), and how many there are of it (d,)."""
    parts = [(_features(incidence, n_strata), incidence.levels[1])]
    parts += [] if extra is None else [(sparse.csr_array(extra), np.arange(len(extra)))]
    times = incidence.units
    if incidence.group is not None:
        group = incidence.group
        parts = [(_held(incidence, group, number, of.shape[0]) @ of, number) for of, number in parts]
        times = np.ones(parts[0][0].shape[0], dtype=np.int64)
    made = sparse.csc_array(sparse.hstack([of for of, _ in parts]))
    made.data = exact(made.data, float((made.T @ times.astype(np.float64)).max()))
    return made, times


def _unpacked(sums: Floats, shape: tuple[int, int], n_strata: int) -> Redraws:
    (n_rows, n_columns), within, first = shape, None, shape[0] * shape[1] + sum(shape) + 1
    sizes = [n_strata * n_rows, n_strata * n_columns, n_strata]
    rows, columns, strata, rest = np.split(sums[:, first:], np.cumsum(sizes), axis=1)
    if n_strata:
        shares_of = columns.reshape(-1, n_strata, n_columns) / np.maximum(strata, 1e-300)[:, :, None]
        within = np.einsum("ksr,ksc->krc", rows.reshape(-1, n_strata, n_rows), shares_of)
    return Redraws(*_split(sums, shape), within, rest)
