"""Groups of columns that measure much the same, so that the ranking contains different relations.

Two columns are close if a rule derives one from the other, if their rank correlation is high, if one of two ordered
columns explains much of the other's entropy, or if their names have most words in common and they are moderately
associated. Repeated measurements, whose names differ only by a time, are close if they are weakly associated. A
category and a coordinate are close if the category is a place. Groups are formed by average linkage, and each column of
a group is close to at least two thirds of the others.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, permutations

import numpy as np
from numpy.typing import NDArray

from ... import portable
from ...arrays import Bools, Floats, Ints
from ..init.naming import is_question
from .coding import CodedTable, ScanColumn
from .computed import rank_correlations, spread_rows
from .pair_statistics import PairStatistics
from .shares import following, wholes
from .trivial import Reason, TrivialPair

RANK_CORRELATION = 0.85
"""Rank correlation, without its sign, from which two ordered columns are close."""
EXPLAINED = 0.4
"""Share of the entropy of one of two ordered columns that the other explains, from which they are close."""
EXPLAINED_OF_CATEGORIES = 0.75
"""The same for columns of which one has no order: they often differ in meaning, such as the origin of two parents."""
NAMED_ALIKE = 0.5
"""Rank correlation or V from which two columns with similar names are close."""
REPEATED = 0.25
"""Rank correlation or V from which two columns are close whose names differ only by a time, such as "before"."""
_COMMON_WORDS = 0.5
"""Minimum share of the words of two names that both contain."""
_OF_PLACE = 0.75
"""Share of the variance of a coordinate between categories, from which the categories are places."""
_BOUND = frozenset({Reason.SAME, Reason.DETERMINES, Reason.COMPUTED, Reason.BATTERY, Reason.SHARES})
_GENERAL = frozenset(
    [
        "all",
        "at",
        "avg",
        "average",
        "by",
        "change",
        "count",
        "delta",
        "diff",
        "first",
        "for",
        "from",
        "has",
        "high",
        "highest",
        "in",
        "index",
        "is",
        "last",
        "low",
        "lowest",
        "max",
        "maximum",
        "mean",
        "median",
        "min",
        "minimum",
        "no",
        "num",
        "number",
        "of",
        "old",
        "new",
        "pct",
        "per",
        "percent",
        "percentage",
        "rate",
        "ratio",
        "score",
        "std",
        "sum",
        "the",
        "to",
        "total",
        "value",
        "with",
    ]
)
"""Words of names that say how a quantity is measured, but not which quantity."""
_TIMES = frozenset({"date", "day", "hour", "month", "quarter", "time", "week", "year"})
"""Words of names of columns of times. A quantity that follows time is another relation."""
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_COORDINATE = re.compile(r"\b(?:lat|lon|lng|latitude|longitude)\b", re.IGNORECASE)


@dataclass(frozen=True)
class CloseColumns:
    """A group of close columns, or two close columns of different groups, and their pairs that are tested and close."""

    columns: tuple[int, ...]
    pairs: tuple[int, ...]

    @property
    def are_all_close(self) -> bool:
        """Whether each pair of the columns is close."""
        return len(self.pairs) == math.comb(len(self.columns), 2)


@dataclass(frozen=True)
class Closeness:
    """Which pairs (P,) are close, and the group (p,) of each column, which is its own if it is close to no other."""

    is_close: Bools
    group: Ints

    def is_within(self, place: int, pair: tuple[int, int]) -> bool:
        """Return whether the columns of a pair are close, or in one group."""
        return bool(self.is_close[place] or self.group[pair[0]] == self.group[pair[1]])

    def groups(self, places: Sequence[int], statistics: PairStatistics) -> tuple[CloseColumns, ...]:
        """Return the groups with close pairs among some pairs, and the close pairs of two groups, in their order."""
        found: dict[tuple[int, ...], list[int]] = {}
        for place in (place for place in places if self.is_close[place]):
            a, b = int(statistics.first[place]), int(statistics.second[place])
            is_one = self.group[a] == self.group[b]
            columns = tuple(np.flatnonzero(self.group == self.group[a]).tolist()) if is_one else (a, b)
            found.setdefault(columns, []).append(place)
        return tuple(CloseColumns(columns, tuple(pairs)) for columns, pairs in found.items())


def closeness_of(
    table: CodedTable, counts: Floats, statistics: PairStatistics, trivial: Mapping[int, TrivialPair], called: Bools
) -> Closeness:
    """Return which columns are close. Only pairs that are `called` (P,) or trivial can be close."""
    p = len(table.columns)
    strength = _strength(table, statistics)
    others = _equivalent(table, counts) + following(table.numbers, wholes(table.numbers), p) + _one_person(table)
    strength = np.maximum(strength, np.minimum(others, 1)[statistics.first, statistics.second]) * called
    for place, pair in trivial.items():
        strength[place] = 2.0 if pair.reason in _BOUND else 0.0
    close, tie = np.zeros((p, p)), np.zeros((p, p))
    close[statistics.first, statistics.second] = strength >= 1
    tie[statistics.first, statistics.second] = np.minimum(strength, 2)
    return Closeness(strength >= 1, _joined(close + close.T, tie + tie.T))


def _strength(table: CodedTable, statistics: PairStatistics) -> Floats:
    """Return how close the columns of each pair (P,) are: from 1, they are close."""
    first, second = statistics.first, statistics.second
    correlation = _correlations(table)[first, second]
    ordered = table.ordered & ~np.array([_is_time(column) for column in table.columns], dtype=np.bool_)
    is_time = table.ordered & ~ordered
    both = (ordered[first] & ordered[second]) | (is_time[first] & is_time[second])
    explained = np.maximum(statistics.u_first, statistics.u_second)
    of_order = np.maximum(correlation / RANK_CORRELATION, explained / EXPLAINED)
    found = np.where(both, of_order, explained / EXPLAINED_OF_CATEGORIES)
    alike = _named_alike([column.name for column in table.columns])[first, second]
    found = np.where(alike, np.maximum(found, np.maximum(correlation, statistics.v) / NAMED_ALIKE), found)
    repeated = _repeated([column.name for column in table.columns])[first, second]
    found = np.where(repeated, np.maximum(found, np.maximum(correlation, statistics.v) / REPEATED), found)
    is_calendar = np.array([_is_part_of_calendar(column.name) for column in table.columns], dtype=np.bool_)
    found = np.maximum(found, is_calendar[first] & is_calendar[second])
    return np.maximum(found, np.maximum(_places(table), _bounded(table))[first, second])


_PARTS_OF_CALENDAR = _TIMES | {"dow", "doy", "minute", "second", "wday", "weekday", "yday"}


def _is_part_of_calendar(name: str) -> bool:
    """Return whether a name says only that a column is a part of a date, such as a year or a month."""
    words = {word.casefold() for word in _WORD.findall(name)}
    return bool(words) and words <= _PARTS_OF_CALENDAR


def _is_time(column: ScanColumn) -> bool:
    return column.kind == "date" or not _TIMES.isdisjoint(word.casefold() for word in _WORD.findall(column.name))


def _correlations(table: CodedTable) -> Floats:
    """Return the rank correlations (p, p) of ordered columns, without signs; 0 for other columns."""
    found = np.zeros((len(table.columns), len(table.columns)))
    rows = spread_rows(table.n_rows)
    numbers = {place: _numbers(column, rows) for place, column in enumerate(table.columns) if column.is_ordered}
    if len(numbers) > 1:
        places, correlation, n = rank_correlations(numbers)
        found[np.ix_(places, places)] = np.where(n > 1, np.abs(np.nan_to_num(correlation)), 0.0)
    return found


def _numbers(column: ScanColumn, rows: Ints) -> Floats:
    """Return the numbers of some rows, or the places of their categories; NaN for a missing value."""
    if column.numbers is not None:
        return column.numbers[rows]
    codes = column.codes[rows]
    return np.where(codes < 0, np.nan, codes)


def _named_alike(names: Sequence[str]) -> Bools:
    """Return which columns (p, p) have names with at least half of their words in common."""
    words = [words_of(name) for name in names]
    every = {word: at for at, word in enumerate(sorted(frozenset().union(*words)))}
    has = np.zeros((len(names), len(every) + 1))
    for place, of_name in enumerate(words):
        has[place, [every[word] for word in of_name]] = 1
    common, n = portable.matmul(has, has.T), has.sum(axis=1)
    union = n[:, None] + n[None] - common
    bare = [
        re.sub(r"[^a-z0-9]+", "", name.casefold()) if words else "" for name, words in zip(names, words, strict=True)
    ]
    extends = np.array([[_extends(one, other) or _extends(other, one) for other in bare] for one in bare])
    return np.asarray(((common > 0) & (common >= _COMMON_WORDS * union)) | extends)


def _extends(longer: str, name: str) -> bool:
    """Return whether a name is a longer form of another one, such as a class or the logarithm of a quantity.

    >>> _extends("agecat", "age"), _extends("lwage", "wage"), _extends("q12", "q1"), _extends("damage", "age")
    (True, True, False, False)
    """
    more = len(longer) - len(name)
    if more <= 0 or len(name) < 3 or name[-1].isdigit():
        return False
    return longer.startswith(name) or (len(name) > 3 and more <= 3 and longer.endswith(name))


@lru_cache(maxsize=10_000)
def words_of(name: str) -> frozenset[str]:
    """Return the words of a name that say which quantity a column measures. A question has none.

    >>> sorted(words_of("SalePriceMM")), sorted(words_of("avg_drinks")), sorted(words_of("population_2016"))
    (['mm', 'price', 'sale'], ['drink'], ['population'])
    """
    if is_question(name):
        return frozenset()
    found = {word.casefold() for word in _WORD.findall(name) if len(word) > 1}
    return frozenset(word.removesuffix("s") if len(word) > 3 else word for word in found - _GENERAL)


_MOMENTS = frozenset(
    [
        "after",
        "baseline",
        "before",
        "end",
        "endline",
        "followup",
        "fu",
        "post",
        "prae",
        "pre",
        "start",
        "t",
        "wave",
        "visit",
        "year",
        "yr",
        "grade",
        "round",
    ]
)
"""Words of names that say when something was measured."""
_MOMENT = re.compile(
    r".*\d(?:min|mins|h|hr|hrs|hour|hours|d|day|days|w|wk|week|weeks|mo|month|months|y|yr|year|years|am|pm)"
    r"|(?:d|day|h|hour|hr|m|mo|month|t|time|v|w|week|wk|y)\d+"
)
"""Parts of names that say when something was measured, by a number: "week12", "4hour"."""
_NUMBERED = frozenset(
    {"col", "column", "field", "feature", "item", "q", "question", "ques", "v", "var", "variable", "x"}
)
"""Names of columns that have only a number: the number is no time."""


def _repeated(names: Sequence[str]) -> Bools:
    """Return which columns (p, p) have names that differ only by a time: repeated measurements."""
    bare = [without_time(name) for name in names]
    times = {
        text
        for text in {one for one, _ in bare}
        if text and text not in _NUMBERED and len({name for one, name in bare if one == text}) > 1
    }
    kinds = np.array([sorted(times).index(text) if text in times else -1 for text, _ in bare], dtype=np.int64)
    found = (kinds[:, None] == kinds[None]) & (kinds >= 0)[:, None]
    found &= np.not_equal.outer([name for _, name in bare], [name for _, name in bare])
    return np.asarray(found)


def are_repeated(first: str, second: str) -> bool:
    """Return whether two names differ only by a time.

    >>> are_repeated("experiencek", "experience1"), are_repeated("item1", "item2"), are_repeated("age", "sex")
    (True, False, False)
    """
    bare, other = without_time(first)[0], without_time(second)[0]
    return bare == other and bare not in ("", *_NUMBERED)


def without_time(name: str) -> tuple[str, str]:
    """Return a name without its words and final numbers of times, and these.

    Kindergarten ("k") is the year before the first grade.

    >>> without_time("F2.prae"), without_time("lunchk"), without_time("lunch2"), without_time("weight")
    (('f2', 'prae'), ('lunch', 'k'), ('lunch', '2'), ('weight', ''))
    >>> without_time("postOp4hour_cough"), without_time("V3_calories"), without_time("v3")
    (('cough', 'postop4hour'), ('calories', 'v3'), ('', 'v3'))
    """
    parts = re.split(r"[^a-z0-9]+", name.casefold())
    kept = [p for p in parts if p.rstrip("0123456789") not in _MOMENTS and not _MOMENT.fullmatch(p)]
    moments = [part for part in parts if part not in kept]
    if moments or not kept or len(parts) > 1:
        return " ".join(kept), " ".join(moments)
    found = re.fullmatch(r"([a-z]{3,}?)(k|\d+)", parts[0])
    return (found[1], found[2]) if found else (parts[0], "")


_FEWEST_EQUIVALENT, _EQUIVALENT = 10, 0.998


def _equivalent(table: CodedTable, counts: Floats) -> Floats:
    """Return 1 for pairs (p, p) in which one category of each column occurs only with the other, as in a consequence.

    `counts` (K, K) are those of pairs of indicators. A range of numbers is no such category.
    """
    layout, p = table.layout, len(table.columns)
    n = np.diag(counts)
    is_range = [column.kind in ("number", "date") and " to " in label for column in table.columns for label in
                (*column.labels, "")]  # fmt: skip
    is_answer = layout.is_category & ~np.array(is_range, dtype=np.bool_)
    found = np.zeros((p, p))
    for place in range(p):
        of_column = layout.categories(place)
        cells = counts[of_column]
        of_row = n[of_column, None] - cells[:, layout.missing[layout.column]]
        of_other = n - counts[layout.missing[place]]
        same = (cells >= _FEWEST_EQUIVALENT) & (cells >= _EQUIVALENT * np.maximum(of_row, of_other))
        same &= is_answer[of_column, None] & is_answer
        found[place] = np.add.reduceat(same.any(axis=0), layout.start) > 0
    return found


_ONE_PERSON, _FEWEST_ANSWERS = 0.95, 50
"""Share of the rows in which two answers agree, from which they are answers about one person."""
_ALIKE, _TIMES_EXPECTED, _FEWEST_DISTINCT = 0.2, 5, 30


def _one_person(table: CodedTable) -> Floats:
    """Return 1 for pairs (p, p) of columns about two persons, such as a reference person, who are often the same.

    Two numbers with many values, such as ages, are equal in at least a fifth of the rows, and five times as often as by
    chance, but not in nearly all. Where they are equal, other columns with the same answers agree in at least 95%.
    """
    found = np.zeros((len(table.columns), len(table.columns)))
    numbers = {place: values for place, values in table.numbers.items() if _has_many(values)}
    for a, b in combinations(numbers, 2) if len(numbers) <= _MOST_NUMBERS else ():
        is_same = numbers[a] == numbers[b]
        if not _is_often_same(numbers[a], numbers[b]):
            continue
        for one, other in combinations(range(len(table.columns)), 2):
            columns = table.columns[one], table.columns[other]
            if _answers_of(columns[0]) == _answers_of(columns[1]) and _agree(columns, is_same):
                found[one, other] = found[other, one] = found[a, b] = found[b, a] = 1
    return found


def _answers_of(column: ScanColumn) -> set[str]:
    return set(column.labels) - {"Other"}


def _has_many(values: Floats) -> bool:
    filled = values[np.isfinite(values)]
    return not (filled % 1).any() and len(np.unique(filled)) >= _FEWEST_DISTINCT


def _is_often_same(first: Floats, second: Floats) -> bool:
    chosen = np.isfinite(first) & np.isfinite(second)
    a, b = first[chosen], second[chosen]
    if len(a) < _FEWEST_ROWS:
        return False
    values, place = np.unique(np.concatenate([a, b]), return_inverse=True)
    n = [np.bincount(part, minlength=len(values)) for part in (place[: len(a)], place[len(a) :])]
    share, expected = float((a == b).mean()), float((n[0] * n[1]).sum()) / portable.squared(len(a))
    return _ALIKE <= share < _ONE_PERSON and share >= _TIMES_EXPECTED * expected


def _agree(columns: tuple[ScanColumn, ScanColumn], is_same: Bools) -> bool:
    """Return whether two columns of the same categories agree if two persons are the same, and less often otherwise."""
    answered = (columns[0].codes >= 0) & (columns[1].codes >= 0)
    alike = np.asarray(columns[0].labels)[columns[0].codes] == np.asarray(columns[1].labels)[columns[1].codes]
    inside, outside = answered & is_same, answered & ~is_same
    if min(inside.sum(), outside.sum()) < _FEWEST_ANSWERS:
        return False
    values = columns[0].codes[inside]
    is_constant = np.bincount(values).max() >= _ONE_PERSON * len(values)
    return bool(not is_constant and alike[inside].mean() >= _ONE_PERSON > alike[outside].mean())


_FEWEST_LARGER, _LEAST_LARGER, _OFTEN_LARGER = 20, 0.01, 0.1
_MOST_OF_EXPECTED = 0.01
_FEWEST_ROWS = 50
_EQUAL = 0.1
_MOST_NUMBERS = 150


def _bounded(table: CodedTable) -> Floats:
    """Return 1 for pairs (p, p) of numbers of which one is never larger than the other, as a part of a total.

    Values of different rows must often be in the other order. If under a tenth are, a tenth of the values above 0 must
    be equal in their row.
    """
    found = np.zeros((len(table.columns), len(table.columns)))
    rows = spread_rows(table.n_rows)
    numbers = {place: c.numbers[rows] for place, c in enumerate(table.columns) if c.numbers is not None}
    for part, total in permutations(numbers, 2) if len(numbers) <= _MOST_NUMBERS else ():
        chosen = np.isfinite(numbers[part]) & np.isfinite(numbers[total])
        if _is_part(numbers[part][chosen], numbers[total][chosen]):
            found[part, total] = found[total, part] = 1
    return found


def _is_part(a: Floats, b: Floats) -> bool:
    if len(a) < _FEWEST_ROWS or a.max() > b.max() or a.min() > b.min():
        return False
    expected = float(np.searchsorted(np.sort(b), a, "left").sum()) / len(a)
    if expected < max(_FEWEST_LARGER, _LEAST_LARGER * len(a)) or (a > b).sum() > _MOST_OF_EXPECTED * expected:
        return False
    has_some = a > 0
    return bool(expected >= _OFTEN_LARGER * len(a) or (has_some.any() and (a == b)[has_some].mean() >= _EQUAL))


def _places(table: CodedTable) -> Floats:
    """Return 1 for pairs (p, p) of a coordinate and the places of its rows; 0 for all others."""
    found = np.zeros((len(table.columns), len(table.columns)))
    for place, column in enumerate(table.columns):
        if column.numbers is None or not _COORDINATE.search(column.name.replace("_", " ")):
            continue
        for other, category in enumerate(table.columns):
            if category.kind == "categories" and len(category.labels) > 2:
                between = _between(column.numbers, category.codes if category.raw is None else category.raw)
                found[place, other] = found[other, place] = float(between >= _OF_PLACE)
    return found


def _between(numbers: Floats, levels: NDArray[np.integer]) -> float:
    """Return the share of the variance of numbers (n,) between levels (n,)."""
    chosen = np.isfinite(numbers) & (levels >= 0)
    if chosen.sum() < 2:
        return 0.0
    values, level = numbers[chosen] - numbers[chosen].mean(), levels[chosen]
    n = np.maximum(np.bincount(level), 1)
    sums = np.bincount(level, values)
    return float((portable.squared(sums) / n).sum() / max(float(portable.squared(values).sum()), 1e-300))


def _joined(close: Floats, tie: Floats) -> Ints:
    """Return the group (p,) of each column by average linkage. `tie` (p, p) decides between equal averages."""
    p = len(close)
    if not close.any():
        return np.arange(p)
    from scipy.cluster import hierarchy  # noqa: PLC0415 - slow to import
    from scipy.spatial.distance import squareform  # noqa: PLC0415

    distance = 1 - close + 0.01 * (2 - tie)
    np.fill_diagonal(distance, 0)
    links = hierarchy.linkage(squareform(distance, checks=False), "average")
    labels = hierarchy.fcluster(links, 0.499, "distance")
    _, first = np.unique(labels, return_index=True)
    groups = np.asarray(first[labels - 1], dtype=np.int64)
    for group in np.unique(groups).tolist():
        _set_apart(groups, np.flatnonzero(groups == group), close)
    return groups


_OF_OTHERS = 2 / 3
"""Minimum share of the other columns of a group to which each of its columns is close."""


def _set_apart(groups: Ints, columns: Ints, close: Floats) -> None:
    """Make each column its own group that is close to too few others of its group, the least close one first."""
    while len(columns) > 1:
        share = close[np.ix_(columns, columns)].sum(axis=1) / (len(columns) - 1)
        if share.min() >= _OF_OTHERS - 1e-9:
            break
        groups[columns[share.argmin()]] = columns[share.argmin()]
        columns = np.delete(columns, share.argmin())
    groups[columns] = columns.min(initial=len(groups))
