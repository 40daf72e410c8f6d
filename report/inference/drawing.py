"""Bootstrap of units or groups: resampled totals of the counts.

Independent units are resampled with replacement as patterns, which is a multinomial. Groups are resampled whole. Sums
of draws are exact. Units or groups that add the same to every total are drawn as one, so the requested categories
determine how much there is to draw. One cell needs only the multinomial of its 2 x 2 table, two cells at most sixteen
patterns (with exactly the same distribution).

`resampling` draws the requested categories in chunks, as often as the settings say. `redraws` draws all counts at once,
with sums within strata and further sums, so that any function of them can be evaluated in each resample. Strata are not
resampled separately: their sizes vary between resamples.
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
"""Beyond this many numbers (each group's contribution to each total; 32 MB, 42,000 groups at 9 categories) nothing
is drawn. 2,000 resamples would take more than 3 to 5 s of processor time, while linearised variance takes
milliseconds, and with so many groups the two agree."""

POISSON_FROM = 1000
"""From this many distinct patterns (or groups) on, each is drawn by its own Poisson number, scaled to the same
total. That takes half the time of the multinomial. Given their sum, Poisson numbers are multinomial. If at least
1,000 are drawn, letting the sum vary before scaling changes a variance by less than 1 in 1,000."""

_CHUNK = 1 << 20
"""Numbers drawn at once: 8 MB as integers and as much as floats, for each thread. The value affects the result,
because each chunk has its own seed."""

_MOST_THREADS = 8
"""The default maximum of threads. Each needs a chunk, and eight chunks take 130 MB."""

_AHEAD = 16
"""Chunks evaluated before the first of them is consumed."""

ROUNDING = 1e-12
"""Values this close to the highest, as a share of it, tie with it."""

RESAMPLES = 200
"""Enough to distinguish a share of 0.05 from a share of 0.1: the standard error is 0.015."""

_MOST_GROUPS = 2000
"""Groups that are drawn one by one. More groups are assigned, by number, to this many bags, which are drawn whole.
The variance of a total stays the same (random groups; Wolter 2007, "Introduction to Variance Estimation", chapter
2)."""

_MOST_PATTERNS = 1 << 16
"""The largest number of distinct patterns from which independent units are drawn."""

_MOST_NUMBERS = 1 << 25
"""The largest number of values in all resamples together: 256 MB."""


@dataclass(frozen=True, eq=False)
class Totals:
    """Totals of k resamples: joint (k, R, C), given (k, R), outcome (k, C), units (k,), in weights as in `Counts`."""

    joint: Floats
    given: Floats
    outcome: Floats
    units: Floats


@dataclass(frozen=True, eq=False)
class ResampledTotals(Totals):
    """Totals of k resamples, with sums within strata and further sums.

    `within` (k, R, C) are expected counts summed within strata, None without strata. `sums` (k, m) are the totals of
    the further contributions that were requested.
    """

    within: Floats | None
    sums: Floats

    @property
    def expected(self) -> Floats:
        """n_a n_b / N (k, R, C): the expected count under independence in each resample."""
        n_units = np.maximum(self.units, 1e-300)[:, None, None]
        return np.asarray(self.given[:, :, None] * self.outcome[:, None, :] / n_units)


@dataclass(frozen=True, eq=False)
class Resampling:
    """The units of resampling: d distinct patterns of units, or groups, with the number `times` (d,) of each.

    `adds` (d, RC + R + C + 1) is the contribution of each to the joint counts, the given and outcome margins and N. R
    and C are the requested categories. `dispersion` is as in `Incidence`: fewer are drawn, and each counts several
    times.
    """

    adds: Floats
    times: Ints
    shape: tuple[int, int]
    dispersion: Dispersion | None = None

    @cached_property
    def _sparse(self) -> sparse.csc_array:
        """`adds` transposed. Dense products would start their own threads, which compete with the drawing threads."""
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
    """Return the number of draws; with overdispersion fewer are drawn, and each counts several times."""
    return n_all if dispersion is None else max(round(n_all / dispersion.factor), 1)


def _split(sums: Floats, shape: tuple[int, int]) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the fields of `Totals` from sums (k, RC + R + C + 1 and more)."""
    n_rows, n_columns = shape
    joint, given, outcome, units, _ = np.split(sums, np.cumsum([n_rows * n_columns, n_rows, n_columns, 1]), axis=1)
    return joint.reshape(-1, n_rows, n_columns), given, outcome, units[:, 0]


def resampling(
    incidence: Incidence, rows: Indices | None = None, columns: Indices | None = None
) -> Resampling | Refusal:
    """Return the resampling of some row and column categories (default: all), or why it is impossible.

    It is refused for weighted units without groups (units of one pattern have different weights, which drawing patterns
    would ignore), for fewer than two units or groups, and where MOST_NUMBERS would be exceeded.
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

    Each chunk has a seed of its own, spawned from `seed`, and sums of draws are exact. The result is therefore the same
    in any process and with any number of threads (default: the number of processors, at most eight).
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
        # A few chunks at a time, because results stay in memory until they are consumed.
        for first in range(0, n_chunks, _AHEAD):
            tell(f"{sum(sizes[:first]):,} of {n:,} resamples")
            yield from pool.map(one, chunks[first : first + _AHEAD])


def distinct_patterns(incidence: Incidence, rows: Indices, columns: Indices) -> tuple[Indices, Indices]:
    """Return the places (u,) of the u distinct patterns of some categories, and the number of each pattern (p,).

    Two patterns are the same if a unit of either has the same contributions. Patterns are numbered in lexical order, an
    absent category first.
    """
    sets, number_of = incidence.distinct
    of_rows, of_columns = shares(incidence, sets)
    both = np.concatenate([of_rows[:, rows], of_columns[:, columns]], axis=1)
    if both.shape[1] <= WORD:
        # A set of few categories is encoded as one whole number, and numbers are sorted much faster than rows.
        words = both.astype(np.bool_) @ (1 << np.arange(both.shape[1], dtype=np.int64)[::-1])
        _, first, number = np.unique(words, return_index=True, return_inverse=True)
    else:
        _, first, number = np.unique(both, axis=0, return_index=True, return_inverse=True)
    return sets[first], number.ravel()[number_of]


def added(rows: sparse.csr_array, columns: sparse.csr_array) -> sparse.csr_array:
    """Return the contributions to all totals (u, RC + R + C + 1) of a unit with shares (u, R) and (u, C)."""
    ones = sparse.csr_array(np.ones((rows.shape[0], 1)))
    return sparse.csr_array(sparse.hstack([crossed(rows, columns), rows, columns, ones]))


def _distinct_units(incidence: Incidence, rows: Indices, columns: Indices) -> tuple[Floats, Ints] | None:
    """Return the contributions of the distinct patterns and the units of each, or None if there are too many."""
    first, number = distinct_patterns(incidence, rows, columns)
    if len(first) * _n_totals(rows, columns) > MOST_NUMBERS:
        return None
    of_rows, of_columns = shares(incidence)
    of_rows, of_columns = of_rows[np.ix_(first, rows)], of_columns[np.ix_(first, columns)]
    adds = added(sparse.csr_array(of_rows), sparse.csr_array(of_columns)).toarray()
    # Whole numbers far below 2^53: exact as floats.
    return adds, np.bincount(number, incidence.units, len(first)).astype(np.int64)


def _distinct_groups(incidence: Incidence, rows: Indices, columns: Indices) -> tuple[Floats, Ints] | None:
    """Return the contributions of the distinct groups and the number of each, or None if there are too many."""
    if incidence.group is None or incidence.n_owners * _n_totals(rows, columns) > MOST_NUMBERS:
        return None
    first, number = incidence.distinct
    of_rows, of_columns = shares(incidence, first)
    features = added(sparse.csr_array(of_rows[:, rows]), sparse.csr_array(of_columns[:, columns]))
    adds = (_held(incidence, incidence.group, number, len(first)) @ features).toarray()
    # Non-negative numbers sort like their bytes, and bytes of whole rows are compared at once.
    bytes_ = np.ascontiguousarray(adds.astype(">f8")).view(f"S{8 * adds.shape[1]}").ravel()
    _, place, times = np.unique(bytes_, return_index=True, return_counts=True)
    return adds[place], times.astype(np.int64)


def _held(incidence: Incidence, group: Ints, number: Indices, n: int) -> sparse.csr_array:
    """Return the weights (G, n) of n items in each group, by the `number` (p,) of each pattern; no group is empty."""
    there = np.zeros(int(group.max(initial=-1)) + 1, dtype=np.bool_)
    there[group] = True
    place = (incidence.weight, ((np.cumsum(there) - 1)[group], number))
    return sparse.csr_array(place, shape=(int(there.sum()), n))


def _n_totals(rows: Indices, columns: Indices) -> int:
    return len(rows) * len(columns) + len(rows) + len(columns) + 1


def exact(adds: Floats, largest: float) -> Floats:
    """Return numbers rounded so that sums of draws are exact in any order of addition, given their `largest` total.

    The result then depends neither on the numerical library nor on its threads. Whole numbers are unchanged. Other
    weights are rounded to about 2^-48 of the largest total (room for sums 16 times as large).
    """
    grain = 2.0 ** (math.frexp(largest)[1] + 4 - 53)
    return np.rint(adds / grain) * grain if grain < 1 else adds


def bagged(incidence: Incidence, n_totals: int) -> Incidence:
    """Return an incidence with few enough groups to draw, if each adds to `n_totals` totals."""
    most = max(2, min(_MOST_GROUPS, MOST_NUMBERS // max(n_totals, 1)))
    if incidence.group is None or incidence.n_owners <= most:
        return incidence
    return replace(incidence, group=incidence.group % most, n_groups=most)


def redraws(
    incidence: Incidence, settings: InferenceSettings, extra: Floats | None = None, n: int = RESAMPLES
) -> ResampledTotals | Refusal:
    """Return n resamples of all counts, seeded by `settings.seed`; `extra` (p, m) is a unit's part of further sums.

    It is refused for weighted units without groups (as in `resampling`), for fewer than two units or groups, and if
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


@lru_cache(maxsize=1)  # each group, or bag of groups, occurs once, in recounts too
def _drawn(times: tuple[int, ...], seed: int, n: int, dispersion: Dispersion | None) -> Floats:
    """Return how often each of d items is drawn (d, n), given the number of each."""
    rng = np.random.default_rng(np.random.SeedSequence(seed))
    n_all = sum(times)
    n_drawn = _n_drawn(n_all, dispersion)
    drawn: Floats = rng.multinomial(n_drawn, np.array(times) / n_all, n).T.astype(np.float64)
    return drawn * (n_all / n_drawn)


def _features(incidence: Incidence, n_strata: int) -> sparse.csr_array:
    """Return a unit's contributions (q, M), by distinct pair of sets within a stratum, in the order of `_unpacked`."""
    first, _ = incidence.levels
    rows, columns = map(sparse.csr_array, shares(incidence, first))
    parts = [added(rows, columns)]
    if n_strata:
        place = (np.ones(len(first)), (np.arange(len(first)), incidence.stratum[first]))
        level = sparse.csr_array(place, shape=(len(first), n_strata))
        parts += [crossed(level, rows), crossed(level, columns), level]
    return sparse.csr_array(sparse.hstack(parts))


def _adding(incidence: Incidence, n_strata: int, extra: Floats | None) -> tuple[sparse.csc_array, Ints]:
    """Return the contributions of each resampled item (d, M), and the number of each (d,)."""
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


def _unpacked(sums: Floats, shape: tuple[int, int], n_strata: int) -> ResampledTotals:
    (n_rows, n_columns), within, first = shape, None, shape[0] * shape[1] + sum(shape) + 1
    sizes = [n_strata * n_rows, n_strata * n_columns, n_strata]
    rows, columns, strata, rest = np.split(sums[:, first:], np.cumsum(sizes), axis=1)
    if n_strata:
        shares_of = columns.reshape(-1, n_strata, n_columns) / np.maximum(strata, 1e-300)[:, :, None]
        within = np.einsum("ksr,ksc->krc", rows.reshape(-1, n_strata, n_rows), shares_of)
    return ResampledTotals(*_split(sums, shape), within, rest)
