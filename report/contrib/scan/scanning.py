"""Scan a table: code the columns, count all pairs, test them, set trivial pairs apart, rank the others."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from ... import portable
from ...arrays import Bools, Floats
from ...errors import DataError, did_you_mean, listed
from ...progress import stage
from ...stats.shares import false_discovery
from .close_columns import CloseColumns, Closeness, are_repeated, closeness_of
from .coding import CodedTable, SetAside, code_table
from .group_tests import GroupTests
from .kept_counts import KeptCounts
from .layout import count_pairs
from .pair_statistics import PairStatistics, Sampling, statistics_of
from .significance import LEVEL, test_pairs, test_sampled_pairs
from .third_variables import ThirdColumn, shares_left
from .trends import with_trends
from .trivial import Reason, TrivialPair, find_trivial

if TYPE_CHECKING:
    import pandas as pd

CLEAR = 0.1
"""A pair is clearly associated if the lower bound of V is at least this."""

_LEAST_ROWS, _LEAST_COVERAGE = 100, 0.05
"""Minimum number and share of rows of a ranked pair."""
_EXPLAINS = 0.5
"""Share of a column's entropy from which another column is too close to it to be a third variable."""
_KIN = frozenset({Reason.SAME, Reason.DETERMINES, Reason.IMPLIES})


@dataclass(frozen=True)
class ScanOptions:
    """Columns with a special role, by name, and the number of pairs with details."""

    group: str | None = None
    weight: str | None = None
    adjust: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    top: int = 10


USUAL_OPTIONS = ScanOptions()
INDEPENDENT = Sampling()


@dataclass(frozen=True)
class RankedPair:
    """A line of the ranking: the closest pair of two questions, and the other pairs of the same questions."""

    place: int
    others: tuple[int, ...]
    thirds: tuple[ThirdColumn, ...]
    """Third columns, the one with the smallest share left first."""


@dataclass(frozen=True)
class Scan:
    """The results of a scan. Arrays (P,) are by pair, in the order of `statistics`."""

    table: CodedTable
    options: ScanOptions
    statistics: PairStatistics
    counts: Floats
    weighted: Floats | None
    """Weighted counts of pairs of indicators, if rows have weights."""
    trivial: dict[int, TrivialPair]
    p: Floats
    q: Floats
    """NaN for a pair that is trivial or has too few rows."""
    n_effective: float
    """Kish's effective number of rows: all rows, unless they have weights."""
    n_groups: int | None
    sampling: Sampling

    @cached_property
    def is_open(self) -> Bools:
        """Which pairs are tested: enough rows, and not associated by definition."""
        return _open(self.statistics, self.trivial)

    @cached_property
    def is_called(self) -> Bools:
        """Which pairs are associated beyond chance."""
        return np.asarray(self.is_open & (np.nan_to_num(self.q, nan=1.0) <= LEVEL))

    @cached_property
    def is_clear(self) -> Bools:
        """Which pairs are clearly associated."""
        return np.asarray(self.is_called & (self.statistics.low >= CLEAR))

    def questions(self, places: Bools) -> int:
        """Return the number of pairs of questions to which some pairs of columns belong."""
        return len({self.question_pair(place) for place in np.flatnonzero(places).tolist()})

    def question_pair(self, place: int) -> tuple[int, int]:
        """Return the questions of a pair of columns, in order."""
        question = self.table.question
        ends = int(question[self.statistics.first[place]]), int(question[self.statistics.second[place]])
        return min(ends), max(ends)

    def columns_of(self, place: int) -> tuple[int, int]:
        """Return the numbers of the columns of a pair."""
        return int(self.statistics.first[place]), int(self.statistics.second[place])

    @cached_property
    def order(self) -> list[int]:
        """The places of the pairs beyond chance, the one with the largest lower bound of V first."""
        s, names = self.statistics, [column.name for column in self.table.columns]
        called = np.flatnonzero(self.is_called).tolist()
        return sorted(called, key=lambda at: (-s.low[at], -s.v[at], names[int(s.first[at])], names[int(s.second[at])]))

    @cached_property
    def kin(self) -> list[set[int]]:
        """The columns that contain the same information as each column, including itself."""
        found = [{place} for place in range(len(self.table.columns))]
        for pair in self.trivial.values():
            if pair.reason in _KIN:
                a, b = self.columns_of(pair.place)
                found[a].add(b)
                found[b].add(a)
        return found

    @cached_property
    def closeness(self) -> Closeness:
        """Which columns measure much the same."""
        return closeness_of(self.table, self.counts, self.statistics, self.trivial, self.is_called)

    @cached_property
    def close_columns(self) -> tuple[CloseColumns, ...]:
        """The groups of closely associated columns, except those that are all associated by definition."""
        return self.closeness.groups(self.order, self.statistics)

    def open_pairs_of(self, columns: Sequence[int]) -> list[int]:
        """Return the places of the tested pairs of some columns."""
        s = self.statistics
        return np.flatnonzero(self.is_open & np.isin(s.first, columns) & np.isin(s.second, columns)).tolist()

    @cached_property
    def ranks_within_groups(self) -> bool:
        """Whether the ranking has pairs within groups of close columns, because there are no others."""
        together = self._together
        return any(
            self.closeness.is_within(one.place, self.columns_of(one.place)) or self.columns_of(one.place) in together
            for one in self.ranking
        )

    @cached_property
    def _together(self) -> set[tuple[int, int]]:
        """The pairs of columns in one of the groups that the page lists."""
        return {pair for close in self.close_columns for pair in combinations(close.columns, 2)}

    @cached_property
    def ranking(self) -> tuple[RankedPair, ...]:
        """The first pairs: one for each two questions, and for each two groups of close columns.

        Pairs within a group are included only if there are no others. A pair that is associated only within the groups
        of rows (`--group`) can have a V of 0. It has no difference to describe, and is only in the table of all pairs.
        """
        least = max(_LEAST_ROWS, _LEAST_COVERAGE * self.table.n_rows)
        least = min(least, 0.5 * self.table.n_rows)
        n, v = self.statistics.n, self.statistics.v
        frequent = [place for place in self.order if n[place] >= least and v[place] > 0]
        together = self._together
        between = [
            place
            for place in frequent
            if not self.closeness.is_within(place, self.columns_of(place)) and self.columns_of(place) not in together
        ]
        shown: list[tuple[int, list[int]]] = []
        for place in between or frequent:
            same = next((others for at, others in shown if self._is_same_line(place, at)), None)
            if same is not None:
                same.append(place)
            elif len(shown) < self.options.top:
                shown.append((place, []))
        return tuple(RankedPair(place, tuple(others), self.thirds(place)) for place, others in shown)

    def _is_same_line(self, first: int, second: int) -> bool:
        (a, b), (x, y) = self.columns_of(first), self.columns_of(second)
        return (self._alike(a, x) and self._alike(b, y)) or (self._alike(a, y) and self._alike(b, x))

    def _alike(self, first: int, second: int) -> bool:
        return (
            first in self.kin[second]
            or bool(self.table.question[first] == self.table.question[second])
            or bool(self.closeness.group[first] == self.closeness.group[second])
            or (min(first, second), max(first, second)) in self._close
            or are_repeated(self.table.columns[first].name, self.table.columns[second].name)
        )

    @cached_property
    def _close(self) -> set[tuple[int, int]]:
        return {self.columns_of(place) for place in np.flatnonzero(self.closeness.is_close).tolist()}

    def thirds(self, place: int) -> tuple[ThirdColumn, ...]:
        """Return third columns with the share of a pair's association that is left within their levels."""
        pair = self.columns_of(place)
        names = {column.name: at for at, column in enumerate(self.table.columns)}
        if self.options.adjust:
            others = {names[name] for name in self.options.adjust if name in names} - set(pair)
        else:
            bound = self._bound[pair[0]] | self._bound[pair[1]]
            others = set(range(len(self.table.columns))) - bound - self._consequences(pair)
        counts = self.counts if self.weighted is None else self.weighted
        return shares_left(self.table, counts, pair, others, self.sampling.weights)

    def _consequences(self, pair: tuple[int, int]) -> set[int]:
        """Return the columns that measure much the same as one of a pair: they can follow from it."""
        group, near = self.closeness.group, self._close
        return {
            third
            for third in range(len(self.table.columns))
            for own in pair
            if group[third] == group[own] or (min(third, own), max(third, own)) in near
        }

    @cached_property
    def _bound(self) -> list[set[int]]:
        """The columns that are bound to each column by a rule, its question, or more than half of its entropy."""
        found = [set(kin) for kin in self.kin]
        s, question = self.statistics, self.table.question
        near = (np.maximum(s.u_first, s.u_second) > _EXPLAINS) | (question[s.first] == question[s.second])
        near[list(self.trivial)] = True
        for place in np.flatnonzero(near).tolist():
            a, b = self.columns_of(place)
            found[a].add(b)
            found[b].add(a)
        return found


def scan_table(frame: pd.DataFrame, options: ScanOptions = USUAL_OPTIONS, kept: KeptCounts | None = None) -> Scan:
    """Scan a table of texts, with the counts of an earlier scan.

    Raises DataError if a named column is missing or weights are no numbers.
    """
    _check_names([str(name) for name in frame.columns], options)
    with stage("columns"):
        weights = None if options.weight is None else _weights(frame, options.weight)
        groups = None if options.group is None else _groups(frame, options.group)
        table = _with_role(code_table(frame, [options.weight, options.group, *options.ignore]), options.group)
    if weights is not None:
        table = without_copies(table, weights, str(options.weight))
    _check_coded(table, options.adjust)
    return scan_coded(table, Sampling(weights, groups), options, kept)


def _with_role(table: CodedTable, group: str | None) -> CodedTable:
    """Return the table with the column of groups among those that are set aside."""
    if group is None:
        return table
    why = "it groups the rows (--group), so each of its values is one cluster of the tests"
    aside = SetAside(group, f"{why}; a scan without --group tests its pairs")
    return CodedTable(table.columns, (aside, *table.aside), table.n_rows)


def without_copies(table: CodedTable, weights: Floats, name: str) -> CodedTable:
    """Return the table without columns of numbers that are the weights (n,) of the rows, in any unit."""
    copies = {
        column.name
        for column in table.columns
        if column.kind == "number"
        and column.numbers is not None
        and np.isfinite(column.numbers).all()
        and np.allclose(column.numbers * weights.sum(), weights * column.numbers.sum(), rtol=_COPY)
    }
    if not copies or np.ptp(weights) == 0:
        return table
    kept = tuple(column for column in table.columns if column.name not in copies)
    aside = tuple(SetAside(copy, f"the same numbers as the weight {name}") for copy in sorted(copies))
    return CodedTable(kept, (*table.aside, *aside), table.n_rows)


_COPY = 1e-3
"""Largest relative difference between a column and the weights of which it is a copy."""


def scan_coded(
    table: CodedTable,
    sampling: Sampling = INDEPENDENT,
    options: ScanOptions = USUAL_OPTIONS,
    kept: KeptCounts | None = None,
) -> Scan:
    """Scan columns that are already coded as categories."""
    kept = kept or KeptCounts()
    codes, layout, ordered = table.codes, table.layout, table.ordered
    with stage("counting"):
        counts = kept.counts(codes, layout)
        weighted = None if sampling.weights is None else count_pairs(codes, layout, sampling.weights)
    with stage("statistics"):
        statistics = statistics_of(codes, layout, counts, weighted, sampling, table.surely_ordered)
    with stage("pairs by definition"):
        trivial = find_trivial(table, counts, statistics, sampling.groups)
    is_open = _open(statistics, trivial)
    with stage("tests"):
        names = [column.name for column in table.columns]
        if sampling.is_simple:
            p = test_pairs(statistics, is_open, names, layout, counts, kept.tail)
        else:
            sampled = test_sampled_pairs(codes, layout, ordered, sampling, statistics)
            plain = statistics_of(codes, layout, counts, None, Sampling(), ordered)
            exact = test_pairs(plain, is_open, names, layout, counts, kept.tail)
            p = np.where(plain.least_expected < 5, np.maximum(sampled, exact), sampled)
        p = with_trends(p, statistics, codes, ordered, sampling)
        p = GroupTests(codes, layout, ordered, names, statistics, is_open, kept.tail).improved(p, sampling)
        if kept.n_counted or kept.n_simulated:
            kept.keep()
    q = np.full(len(p), np.nan)
    q[is_open] = false_discovery(p[is_open])
    n = float(table.n_rows)
    if sampling.weights is not None:
        n = float(portable.squared(sampling.weights.sum()) / portable.squared(sampling.weights).sum())
    n_groups = None if sampling.groups is None else len(np.unique(sampling.groups))
    return Scan(table, options, statistics, counts, weighted, trivial, p, q, n, n_groups, sampling)


def _open(statistics: PairStatistics, trivial: Collection[int]) -> Bools:
    found = statistics.is_valid.copy()
    found[list(trivial)] = False
    return found


def _check_names(columns: Sequence[str], options: ScanOptions) -> None:
    named = {"--group": options.group, "--weight": options.weight}
    wanted = [(option, name) for option, name in named.items() if name is not None]
    wanted += [("--adjust", name) for name in options.adjust] + [("--ignore", name) for name in options.ignore]
    messages = [
        f'scan: {option}: there is no column "{name}"; the columns are {listed(columns)}{did_you_mean(name, columns)}'
        for option, name in wanted
        if name not in columns
    ]
    if messages:
        raise DataError(*messages)


def _check_coded(table: CodedTable, adjust: Sequence[str]) -> None:
    reasons = {one.name: one.reason for one in table.aside}
    messages = [f"scan: --adjust: {name} cannot be used: {reasons[name]}" for name in adjust if name in reasons]
    if messages:
        raise DataError(*messages)
    if len(table.columns) < 2:
        told = [f"{one.name}: {one.reason}" for one in table.aside]
        raise DataError("scan: needs two columns with categories or numbers that recur", *told)


def _weights(frame: pd.DataFrame, name: str) -> Floats:
    import pandas as pd  # noqa: PLC0415

    found = pd.to_numeric(frame[name].astype("object"), errors="coerce").to_numpy(np.float64)
    bad = ~np.isfinite(found) | (found < 0)
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        value = frame[name].iloc[row]
        said = "empty" if pd.isna(value) else f'"{value}"'
        raise DataError(
            f"scan: --weight: {name} is {said} in row {row + 1}; weights are numbers from 0 on "
            f"({int(bad.sum())} of {len(found)} rows have none)"
        )
    if not found.sum() > 0:
        raise DataError(f"scan: --weight: all weights in {name} are 0")
    return found


def _groups(frame: pd.DataFrame, name: str) -> np.ndarray:
    import pandas as pd  # noqa: PLC0415

    values = frame[name].astype("object")
    codes, distinct = pd.factorize(values, sort=True)
    n_missing = int((codes < 0).sum())
    if n_missing:
        codes = np.where(codes < 0, len(distinct) + np.cumsum(codes < 0) - 1, codes)  # each is a group of its own
    if len(distinct) + n_missing < 3:
        raise DataError(f"scan: --group: {name} has {len(distinct)} groups; a test needs at least three")
    return codes.astype(np.int64)
