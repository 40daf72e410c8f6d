"""Pairs of columns that are associated by definition, each with a reason and its exceptions.

The rules use counts and names only, never a p value, so that they do not bias the tests of the other pairs. The one
exception is the lower tail of X2 of pairs that are crossed by design.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from ... import portable
from ...arrays import Bools, Floats, Ints
from .coding import CodedTable, ScanColumn, are_siblings
from .computed import Relation, computed_columns, out_of_order, related_pairs, same_order
from .pair_statistics import PairStatistics
from .shares import wholes


class Reason(StrEnum):
    """Why a pair is associated by definition."""

    SAME = "the same content"
    DETERMINES = "one column determines the other"
    EXCLUSIVE = "options that exclude each other"
    OPTIONS = "options of one question"
    BATTERY = "items of one battery"
    SKIP = "asked only after some answers"
    IMPLIES = "one answer implies an answer to the other"
    COMPUTED = "one column is computed from the other"
    SHARES = "shares of one whole"
    DESIGN = "crossed by design"


@dataclass(frozen=True)
class TrivialPair:
    """A pair (by its place) that is associated by definition.

    `determining` is the column that determines, implies or precedes the other, or is computed from it; if both columns
    are computed from common columns, it is None. `n_exceptions` are the rows that
    contradict it, among `n` rows. `is_nearly` if there are more than 1% exceptions.
    """

    place: int
    reason: Reason
    determining: int | None = None
    n_exceptions: int = 0
    n: int = 0
    is_nearly: bool = False
    exceptions: tuple[int, ...] = field(default=(), repr=False)
    """Rows of the table that are exceptions, at most `SHOWN`."""
    implied: tuple[int, int] | None = None
    """An answer to the determining column, and the answer to the other that it implies."""
    relation: Relation | None = field(default=None, repr=False)
    """How one column is computed, if the reason is COMPUTED and the columns are not merely from common columns."""


SHOWN = 20
"""Maximum number of exceptions that are listed for a pair."""

_FEW_ERRORS, _SOME_ERRORS = 0.01, 0.1
"""Largest share of exceptions of a column that determines, or nearly determines, another one."""
_RANGE_ERRORS = 0.001
"""Largest share of exceptions of a column of numbers whose ranges determine another one. With more, the numbers measure
something that differs between the categories, such as the size of species."""
_RANGES = 2
"""Maximum number of ranges for each category."""
_EXPLAINED = 0.1
"""Share of the errors without the first column that may remain with it."""
_FEWEST_ERRORS = 5
"""Minimum expected count of errors, of shared selections, and of every cell of a design."""
_FEWEST_REPEATS, _FEWEST_REPEATED = 3, 50
_ASKED, _UNASKED = 0.02, 0.99
_IMPLIED = 0.99
_NOTHING = frozenset(
    {"no", "none", "0", "false", "never", "n", "n/a", "not applicable", "does not apply", "inapplicable"}
)
"""Answers that nothing applies, in lower case."""
_FEWEST_EXPECTED_ELSEWHERE = 10
_LIFT = 1.25
_LEFT = 0.5
"""Share of V that remains without the answers that imply another; below it, they are the whole association."""
_LEAST_V = 0.1
_DESIGN_TAIL = 1e-6


def find_trivial(
    table: CodedTable, counts: Floats, statistics: PairStatistics, groups: Ints | None = None
) -> dict[int, TrivialPair]:
    """Return the pairs that are associated by definition, by their place in the statistics.

    Values that recur only within a group (n,), such as the income of a family, do not show that one column determines
    another.
    """
    finder = _Finder(table, counts, statistics, groups)
    found: dict[int, TrivialPair] = {}
    rules = (
        finder.determined,
        finder.in_the_same_order,
        finder.determined_by_values,
        finder.skipped,
        finder.by_table,
        finder.designed,
        finder.shares,
    )
    for rule in (*rules, finder.computed):
        for pair in rule():
            found.setdefault(pair.place, pair)
    for pair in list(finder.computed_from_copies(found)):
        found.setdefault(pair.place, pair)
    return {place: found[place] for place in sorted(found)}


@dataclass
class _Finder:
    table: CodedTable
    counts: Floats
    statistics: PairStatistics
    groups: Ints | None = None

    def pairs(self) -> Iterator[tuple[int, int, int]]:
        """Yield place, first and second column of each pair."""
        s = self.statistics
        yield from zip(range(len(s)), s.first.tolist(), s.second.tolist(), strict=True)

    def determined(self) -> Iterator[TrivialPair]:
        """Yield pairs of which one column determines the other, or both."""
        s = self.statistics
        fixed = {}
        for side, errors, base in (
            ("second", s.errors_second, s.base_second),
            ("first", s.errors_first, s.base_first),
        ):
            explains = (errors <= _EXPLAINED * base) & (base * s.n >= _FEWEST_ERRORS)
            fixed[side] = explains & (errors <= _SOME_ERRORS) & s.is_valid
        for place in np.flatnonzero(fixed["first"] | fixed["second"]).tolist():
            pair = self._determined(place, first=bool(fixed["first"][place]), second=bool(fixed["second"][place]))
            found = None if self._is_measured(pair) else self._in_order(pair)
            if found is not None:
                yield found

    def _is_measured(self, pair: TrivialPair) -> bool:
        """Return whether bins of numbers predict categories with exceptions: a measurement separates categories."""
        determining = self.table.columns[pair.determining or 0]
        is_number = pair.reason is Reason.DETERMINES and determining.kind == "number"
        return is_number and pair.n_exceptions > _RANGE_ERRORS * pair.n

    def _in_order(self, pair: TrivialPair) -> TrivialPair | None:
        """Return a pair with its exceptions, or None for two numbers that agree in bins but differ within them."""
        first, second = (
            self.table.columns[int(side[pair.place])] for side in (self.statistics.first, self.statistics.second)
        )
        if pair.reason is not Reason.SAME or {first.kind, second.kind} != {"number"}:
            return pair
        if first.numbers is None or second.numbers is None:
            return pair
        n_exceptions, n = out_of_order(first.numbers, second.numbers)
        if n_exceptions > _FEW_ERRORS * n:
            return None
        return replace(pair, n_exceptions=n_exceptions, n=n, is_nearly=n_exceptions > 0)

    def _determined(self, place: int, *, first: bool, second: bool) -> TrivialPair:
        s = self.statistics
        errors = {"first": float(s.errors_first[place]), "second": float(s.errors_second[place])}
        both = first and second and (max(errors.values()) <= _FEW_ERRORS or min(errors.values()) > _FEW_ERRORS)
        side = "second" if second and (not first or errors["second"] <= errors["first"]) else "first"
        error = max(errors.values()) if both else errors[side]
        a, b = int(s.first[place]), int(s.second[place])
        determining, other = (a, b) if side == "second" else (b, a)
        codes, reason, n = self.table.codes, Reason.SAME if both else Reason.DETERMINES, int(s.n[place])
        if both and all(self.table.columns[column].kind in ("number", "date") for column in (a, b)):
            return TrivialPair(
                place, reason, None, 0, n, is_nearly=True
            )  # values near the limits of bins are no errors
        exceptions = _exceptions(codes[determining].astype(np.int64), codes[other].astype(np.int64))
        return TrivialPair(place, reason, determining, round(error * n), n, error > _FEW_ERRORS, exceptions)

    def determined_by_values(self) -> Iterator[TrivialPair]:
        """Yield pairs of which the original values of a column in bins, or with rare values, determine the other."""
        raws = {place: column.raw for place, column in enumerate(self.table.columns) if column.raw is not None}
        repeats = {place: rows for place, raw in raws.items() if (rows := _repeats(raw, self.groups)).any()}
        is_valid = self.statistics.is_valid
        for place, a, b in self.pairs():
            for x, y in ((a, b), (b, a)):
                if x not in repeats or not is_valid[place]:
                    continue
                found = _determined_by(raws[x], repeats[x], self.table.codes[y])
                if found is not None and not self._differs_within_bins(x, y, repeats[x]):
                    n, errors, exceptions = found
                    if errors and self._is_measured_by_values(x, y, errors, n):
                        continue
                    nearly = errors > _FEW_ERRORS * n
                    yield TrivialPair(place, Reason.DETERMINES, x, errors, n, nearly, exceptions)
                    break

    def _differs_within_bins(self, determining: int, other: int, repeats: Bools) -> bool:
        """Return whether a number determines the bins of another one, but not its values."""
        raw, others = self.table.columns[determining].raw, self.table.columns[other].raw
        kinds = {self.table.columns[place].kind for place in (determining, other)}
        if kinds != {"number"} or raw is None or others is None:
            return False
        chosen = repeats & (others >= 0) & (raw != np.bincount(raw[raw >= 0]).argmax())  # often 0 in both
        if chosen.sum() < _FEWEST_REPEATED:
            return True
        pairs, n = np.unique(np.column_stack([raw[chosen], others[chosen]]), axis=0, return_counts=True)
        most = np.zeros(int(raw.max()) + 1, dtype=np.int64)
        np.maximum.at(most, pairs[:, 0], n)
        return bool(most.sum() < (1 - _SOME_ERRORS) * chosen.sum())

    def _is_measured_by_values(self, determining: int, other: int, errors: int, n: int) -> bool:
        """Return whether numbers differ between categories, with exceptions, but do not define the categories.

        Whole numbers can be codes, such as a postcode, whose exceptions are errors in the data.
        """
        numbers = self.table.columns[determining].numbers
        is_measured = numbers is not None and bool((numbers[np.isfinite(numbers)] % 1 != 0).any())
        is_category = self.table.columns[other].kind in ("categories", "option")
        return (is_measured and is_category) or (errors > _RANGE_ERRORS * n and self._is_in_ranges(determining, other))

    def _is_in_ranges(self, determining: int, other: int) -> bool:
        """Return whether the most frequent categories of the other column are ranges of the first one's numbers."""
        numbers, codes = self.table.columns[determining].numbers, self.table.codes[other]
        if numbers is None:
            return False
        chosen = np.isfinite(numbers) & (codes >= 0)
        values, place = np.unique(numbers[chosen], return_inverse=True)
        size = int(codes.max()) + 1
        cells = np.bincount(place * size + codes[chosen], minlength=len(values) * size).reshape(-1, size)
        usual = cells[cells.sum(axis=1) >= _FEWEST_REPEATS].argmax(axis=1)
        return bool(1 + np.count_nonzero(np.diff(usual)) <= _RANGES * size)

    def by_table(self) -> Iterator[TrivialPair]:
        """Yield pairs of one question, by their names and tables, and pairs in which one answer implies another."""
        is_valid = self.statistics.is_valid
        for place, a, b in self.pairs():
            if not is_valid[place]:
                continue
            pair = self._of_one_question(place, a, b)
            if pair is None and self.statistics.v[place] > _LEAST_V:
                pair = self._implied(place, a, b)
            if pair is not None:
                yield pair

    def skipped(self) -> Iterator[TrivialPair]:
        """Yield pairs of which one column has values only after certain answers to the other."""
        layout, n_rows = self.table.layout, self.table.n_rows
        totals = np.diag(self.counts)
        share = self.counts[:, layout.missing] / np.maximum(totals, 1)[:, None]
        has_rows = (layout.is_category & (totals > 0))[:, None]
        never, always = has_rows & (share > _UNASKED), has_rows & (share < _ASKED)
        in_between = has_rows & ~never & ~always
        some, most, unclear = (
            np.logical_or.reduceat(which, layout.start, axis=0) for which in (never, always, in_between)
        )
        n_missing = totals[layout.missing]
        filters = some & most & ~unclear & (n_missing > 0.01 * n_rows) & (n_missing < 0.99 * n_rows)
        s = self.statistics
        for place in np.flatnonzero(filters[s.first, s.second] | filters[s.second, s.first]).tolist():
            a, b = int(s.first[place]), int(s.second[place])
            if all(self.table.columns[column].kind == "number" for column in (a, b)):
                continue  # a logarithm has no value at 0
            yield TrivialPair(place, Reason.SKIP, a if filters[a, b] else b, 0, int(s.n[place]))

    def _cells(self, a: int, b: int) -> Floats:
        layout = self.table.layout
        cells = self.counts[layout.categories(a), layout.categories(b)]
        found: Floats = cells[cells.sum(1) > 0][:, cells.sum(0) > 0]
        return found

    def _answers(self, a: int, b: int, cell: tuple[int, int]) -> tuple[int, int]:
        """Return the categories of a cell of `_cells`, which has no empty rows and columns."""
        cells = self.counts[self.table.layout.categories(a), self.table.layout.categories(b)]
        return int(np.flatnonzero(cells.sum(1))[cell[0]]), int(np.flatnonzero(cells.sum(0))[cell[1]])

    def _of_one_question(self, place: int, a: int, b: int) -> TrivialPair | None:
        first, second = self.table.columns[a], self.table.columns[b]
        if not are_siblings(first.name, second.name):
            return None
        cells, n = self._cells(a, b), int(self.statistics.n[place])
        if first.kind == second.kind == "option" and cells.shape == (2, 2):
            expected = cells[1].sum() * cells[:, 1].sum() / cells.sum()
            if cells[1, 1] <= 0.01 * min(cells[1].sum(), cells[:, 1].sum()) and expected >= _FEWEST_ERRORS:
                rows = _rows_with(self.table.codes[a], self.table.codes[b])
                return TrivialPair(place, Reason.EXCLUSIVE, None, int(cells[1, 1]), n, exceptions=rows)
            return TrivialPair(place, Reason.OPTIONS, None, 0, n)
        is_battery = first.kind == "number" or (first.is_ordered and _share_values(first, second))
        if first.kind == second.kind and is_battery:  # kinds of two things, such as two vehicles, are no battery
            return TrivialPair(place, Reason.BATTERY, None, 0, n)
        return None

    def _implied(self, place: int, a: int, b: int) -> TrivialPair | None:
        """Return the pair if one answer implies that nothing applies in the other column, without exceptions.

        Nothing else may be associated. An answer of another kind that is implied is a fact about the rows.
        """
        for given, other in ((a, b), (b, a)):
            if self.table.columns[given].kind in ("number", "date"):
                continue  # a range is no answer
            cells = self._cells(given, other)
            rows = cells.sum(1, keepdims=True)
            expected = rows * cells.sum(0) / cells.sum()
            implied = (cells >= _IMPLIED * rows) & (rows - expected >= _FEWEST_EXPECTED_ELSEWHERE)
            implied &= cells > _LIFT * expected
            implying = np.flatnonzero(implied.any(axis=1)).tolist()
            if not implying:
                continue
            if plain_v(np.delete(cells, implying, axis=0)) < _LEFT * float(self.statistics.v[place]):
                n_exceptions = int(rows[implying].sum() - cells[implying].max(axis=1).sum())
                answers = self._answers(given, other, (implying[0], int(cells[implying[0]].argmax())))
                if n_exceptions or self.table.columns[other].labels[answers[1]].casefold() not in _NOTHING:
                    continue  # an observed regularity, which is no definition
                n = int(rows[implying].sum())
                return TrivialPair(place, Reason.IMPLIES, given, n_exceptions, n, implied=answers)
        return None

    def designed(self) -> Iterator[TrivialPair]:
        """Yield pairs whose combinations are much more even than chance makes them, as in an experiment."""
        s = self.statistics
        is_even = (s.lower_tail < _DESIGN_TAIL) & (s.v == 0)
        for place in np.flatnonzero(is_even & (s.least_expected >= _FEWEST_ERRORS) & s.is_valid).tolist():
            yield TrivialPair(place, Reason.DESIGN, None, 0, int(s.n[place]))

    def in_the_same_order(self) -> Iterator[TrivialPair]:
        """Yield pairs of columns of numbers of which one is a rising or falling function of the other."""
        numbers = {
            place: c.numbers
            for place, c in enumerate(self.table.columns)
            if c.kind == "number" and c.numbers is not None
        }
        places = {(a, b): place for place, a, b in self.pairs()}
        for a, b, n_exceptions, n in same_order(numbers):
            yield TrivialPair(places[a, b], Reason.SAME, None, n_exceptions, n, is_nearly=n_exceptions > 0)

    def shares(self) -> Iterator[TrivialPair]:
        """Yield pairs of columns that add up to a constant, alone or with the columns next to them."""
        places = {(a, b): place for place, a, b in self.pairs()}
        for whole in wholes(self.table.numbers):
            for pair in combinations(whole, 2):
                place = places[pair]
                yield TrivialPair(place, Reason.SHARES, None, 0, int(self.statistics.n[place]))

    def computed(self) -> Iterator[TrivialPair]:
        """Yield pairs of which one column is computed from the other, or both from common columns."""
        numbers = self.table.numbers
        places = {(a, b): place for place, a, b in self.pairs()}
        names = [column.name for column in self.table.columns]
        for a, b, relation in related_pairs(computed_columns(numbers, names)):
            place = places[min(a, b), max(a, b)]
            if relation is None:
                yield TrivialPair(place, Reason.COMPUTED, None, 0, int(self.statistics.n[place]))
            else:
                n_exceptions, n = relation.n_exceptions, relation.n
                yield TrivialPair(place, Reason.COMPUTED, relation.column, n_exceptions, n, relation=relation)

    def computed_from_copies(self, found: Mapping[int, TrivialPair]) -> Iterator[TrivialPair]:
        """Yield pairs of a column and a copy, such as the logarithm, of a column that is computed from it."""
        s = self.statistics
        places = {(a, b): place for place, a, b in self.pairs()}
        copies: dict[int, set[int]] = {}
        for place, pair in found.items():
            if pair.reason is Reason.SAME:
                a, b = int(s.first[place]), int(s.second[place])
                copies.setdefault(a, set()).add(b)
                copies.setdefault(b, set()).add(a)
        for place, pair in sorted(found.items()):
            ends = int(s.first[place]), int(s.second[place])
            for column, other in (ends, ends[::-1]) if pair.reason is Reason.COMPUTED else ():
                for copy in sorted(copies.get(column, set()) - {other}):
                    derived = places[min(copy, other), max(copy, other)]
                    yield TrivialPair(derived, Reason.COMPUTED, None, 0, int(s.n[derived]))


def _repeats(raw: NDArray[np.int32], groups: Ints | None) -> Bools:
    """Return which rows (n,) have a value that occurs in at least three rows, or in three groups."""
    chosen = raw >= 0
    values = raw[chosen]
    if groups is not None:
        values = np.unique(np.column_stack([values, groups[chosen]]), axis=0)[:, 0]
    sizes = np.bincount(values, minlength=int(raw.max(initial=0)) + 1)
    found: Bools = (raw >= 0) & (sizes[np.maximum(raw, 0)] >= _FEWEST_REPEATS)
    return found if found.sum() >= _FEWEST_REPEATED else np.zeros_like(found)


def _determined_by(
    raw: NDArray[np.int32], repeats: Bools, codes: np.ndarray
) -> tuple[int, int, tuple[int, ...]] | None:
    """Return the number of rows and exceptions if recurring values determine another column, or None."""
    chosen = repeats & (codes >= 0)
    n = int(chosen.sum())
    if n < _FEWEST_REPEATED:
        return None
    every = slice(None, None, max(1, len(raw) // _SCREENED))
    if every.step > 1 and _prediction(raw[every], codes[every], chosen[every]) is None:
        return None
    found = _prediction(raw, codes, chosen)
    if found is None:
        return None
    rows = _exceptions(np.where(chosen, raw, -1).astype(np.int64), codes.astype(np.int64)) if found else ()
    return n, found, rows


_SCREENED = 20_000
"""Rows by which a large table is screened first."""


def _prediction(raw: NDArray[np.int32], codes: np.ndarray, chosen: Bools) -> int | None:
    """Return the number of exceptions among the chosen rows, or None if the values do not determine the codes."""
    n = int(chosen.sum())
    size = int(codes.max()) + 1
    if size < 2:
        return None
    cells = np.bincount(
        raw[chosen].astype(np.int64) * size + codes[chosen], minlength=(int(raw.max()) + 1) * size
    ).reshape(-1, size)
    errors, base = n - int(cells.max(axis=1).sum()), n - int(cells.sum(axis=0).max())
    if errors > _EXPLAINED * base or errors > _SOME_ERRORS * n or base < _FEWEST_ERRORS:
        return None
    return errors


def _exceptions(determining: Ints, other: Ints) -> tuple[int, ...]:
    """Return the first rows whose other value is not the most frequent one given the determining value."""
    chosen = (determining >= 0) & (other >= 0)
    if not chosen.any():
        return ()
    size = int(other.max()) + 1
    cells = np.bincount(
        determining[chosen] * size + other[chosen], minlength=(int(determining.max()) + 1) * size
    ).reshape(-1, size)
    usual = cells.argmax(axis=1)
    wrong = chosen & (other != usual[np.maximum(determining, 0)])
    return tuple(np.flatnonzero(wrong)[:SHOWN].tolist())


def _rows_with(first: np.ndarray, second: np.ndarray) -> tuple[int, ...]:
    return tuple(np.flatnonzero((first == 1) & (second == 1))[:SHOWN].tolist())


def _share_values(first: ScanColumn, second: ScanColumn) -> bool:
    return 2 * len(first.values & second.values) > len(first.values | second.values)


def plain_v(cells: Floats) -> float:
    """Return the corrected phi2 of a table over its smaller dimension, as a root; 0 without two rows and columns."""
    cells = cells[cells.sum(1) > 0][:, cells.sum(0) > 0]
    if min(cells.shape, default=0) < 2:
        return 0.0
    n = float(cells.sum())
    phi2 = float((portable.squared(cells) / np.outer(cells.sum(1), cells.sum(0))).sum()) - 1
    phi2 -= (cells.shape[0] - 1) * (cells.shape[1] - 1) / n
    return math.sqrt(max(phi2, 0.0) / (min(cells.shape) - 1))
