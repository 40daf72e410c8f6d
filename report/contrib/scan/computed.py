"""Columns of numbers that are computed from others: sums, means, differences, products and ratios.

Relations of three columns are found by least squares over all pairs of columns, and sums of more columns by
non-negative least squares. Two numbers that follow from each other by such a rule need no test.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from ... import portable
from ...arrays import Floats, Ints
from .trends import PairSums

_REST = 0.01
"""Largest residual of a sum, mean or difference, as a share of the standard deviation of the computed column."""
_REST_ROUNDED = 0.07
"""The same for a mean of two columns with any weights, which is often rounded or a harmonic mean."""
_LOOSE = 0.05
"""Largest difference between 1 and the sum of the weights of a mean."""
_EQUAL = 0.01
"""Largest relative difference between weights that count as equal."""
_LEAST_WEIGHT = 0.1
"""Smallest weight of a part in a weighted mean of two columns."""
_NO_WEIGHT = 1e-4
_FEWEST_VALUES = 5
"""Minimum number of different values of a computed column."""
_ROWS = 2000
"""Number of rows that are used to find a relation."""
_FEWEST_ROWS = 50
_SAME_ORDER = 0.995
"""Rank correlation from which two columns of numbers have nearly the same content."""
_ROWS_OF_ORDER = 5000
_MOST_COLUMNS = 80
"""Up to this number of columns of numbers, all relations of three columns are examined."""

_DIFFERENCE = re.compile(r"diff|delta|change|gain", re.IGNORECASE)
"""Names of columns that are differences. Without such a name, a difference is recognised by negative values."""

Numbers = Mapping[int, Floats]


class Rule(StrEnum):
    """How a column is computed from its parts."""

    SUM = "a sum"
    MEAN = "a mean"
    DIFFERENCE = "the difference"
    OPEN_SUM = "a sum with other parts"
    RATIO = "a product or ratio"


@dataclass(frozen=True)
class Relation:
    """A computed column and its parts."""

    column: int
    rule: Rule
    parts: tuple[int, ...]
    n_exceptions: int = 0
    """Rows in which the parts do not give the column, among `n` rows with a value."""
    n: int = 0


def computed_columns(numbers: Numbers, names: Sequence[str]) -> list[Relation]:
    """Return the computed columns. Numbers (n,) are by column, NaN if missing; names (p,) are those of all columns.

    A small residual can also be that of a column that is only correlated with others. A column is therefore computed
    only if its parts give it in at least 95% of all rows, except for rounding. The other rows are counted.
    """
    found = (_checked(numbers, relation) for relation in _fitted(numbers, names))
    return [relation for relation in found if relation.n_exceptions <= _MOST_EXCEPTIONS * relation.n]


_MOST_EXCEPTIONS = 0.05
"""Largest share of rows in which the parts of a column do not give it."""
_ROUNDED = 0.01
"""Largest difference of a mean from its own value, as a share of it, if it is more than a rounding unit."""


def _checked(numbers: Numbers, relation: Relation) -> Relation:
    """Return the relation with its number of exceptions among all rows."""
    if relation.rule is Rule.OPEN_SUM:  # unknown parts have no exact rows
        return replace(relation, n=int(np.isfinite(numbers[relation.column]).sum()))
    total, *parts = (numbers[place] for place in (relation.column, *relation.parts))
    if relation.rule is Rule.RATIO:
        with np.errstate(divide="ignore", invalid="ignore"):
            columns = [np.where(one > 0, portable.log(one), np.nan) for one in (total, *parts)]
            units = [np.nan_to_num(_unit(one) / one, posinf=0.0) for one in (total, *parts)]
        allowed = np.maximum(_ROUNDED_RATIO, np.sum(units, axis=0))
    else:
        unit = max(map(_unit, (total, *parts))) * max(1.0, len(parts) / 2)
        share = _ROUNDED if relation.rule is Rule.MEAN else 1e-6  # a mean can be harmonic
        columns, allowed = [total, *parts], np.maximum(unit, share * np.abs(total))
    data = np.column_stack(columns)
    if len(parts) > 2:  # a missing part counts as zero
        data[:, 1:] = np.nan_to_num(data[:, 1:])
    chosen = np.isfinite(data).all(axis=1)
    data, allowed = data[chosen], allowed[chosen]
    best = min((np.abs(rest) for rest in _remainders(data)), key=lambda rest: int((rest > allowed).sum()))
    return replace(relation, n_exceptions=int((best > allowed * (1 + 1e-9)).sum()), n=len(data))


_ROUNDED_RATIO = 0.02
"""Largest difference of the logarithm of a computed product or ratio, if it is more than the rounding units."""


def _remainders(data: Floats) -> Iterator[Floats]:
    """Yield the remainder of the first column with the weights of least squares, and with the next simple weights."""
    first = data[:_ROWS]
    centred = first - first.mean(axis=0)
    weights = np.linalg.lstsq(centred[:, 1:], centred[:, 0], rcond=None)[0]
    k = len(weights)
    simple = np.array([-3, -2, -1, -1 / k, 1 / k, 1, 2, 3])
    for used in (weights, simple[np.abs(weights[:, None] - simple).argmin(axis=1)]):
        rest = data[:, 0] - portable.matmul(data[:, 1:], used)
        yield rest - np.median(rest)


def _unit(values: Floats) -> float:
    """Return the unit to which numbers are rounded, such as 0.1.

    >>> _unit(np.array([1.0, 2.0])), _unit(np.array([0.5, 2.0])), _unit(np.array([0.25, np.nan]))
    (1.0, 0.1, 0.01)
    """
    filled = values[np.isfinite(values)][:_ROWS]
    for digits in range(6):
        if (np.abs(filled - filled.round(digits)) < 1e-9 * np.maximum(np.abs(filled), 1)).all():
            return float(portable.ten_to(-digits))
    return 0.0


def _fitted(numbers: Numbers, names: Sequence[str]) -> list[Relation]:
    """Return the columns that sums, means, differences, products or ratios of others fit closely."""
    varying = {place: values for place, values in numbers.items() if len(_first(values)) >= _FEWEST_ROWS}
    small = list(_of_two(varying, names))
    computed = {relation.column for relation in small}
    many = list(_of_many({place: values for place, values in varying.items() if place not in computed}))
    computed |= {relation.column for relation in many}
    ratios = list(_ratios(varying, names, computed))
    computed |= {relation.column for relation in ratios}
    return [*small, *many, *ratios, *_with_unknown_parts(varying, computed)]


def related_pairs(relations: Sequence[Relation]) -> Iterator[tuple[int, int, Relation | None]]:
    """Yield pairs of columns with the relation of one to the other, or None for two columns with a part in common."""
    sums = {relation.column: relation.parts for relation in relations if relation.rule is Rule.SUM}
    for relation in relations:
        parts = relation.parts
        if relation.rule is Rule.SUM:  # a part that is a sum contributes its own parts
            parts = (*parts, *(own for part in parts for own in sums.get(part, ())))
        for part in parts:
            yield relation.column, part, relation
    for one, other in combinations(relations, 2):
        if one.column != other.column and not set(one.parts).isdisjoint(other.parts):
            yield one.column, other.column, None


def _first(values: Floats) -> Floats:
    filled: Floats = values[np.isfinite(values)][:_ROWS]
    return filled if len(np.unique(filled)) > 1 else filled[:0]


def _rows(columns: list[Floats]) -> Floats:
    """Return the first rows with a value in all columns, as an array (n, k)."""
    data = np.column_stack(columns)
    found: Floats = data[np.isfinite(data).all(axis=1)][:_ROWS]
    return found


def _of_two(numbers: Numbers, names: Sequence[str]) -> Iterator[Relation]:
    """Yield columns that are a sum or mean of two others, or the difference of two others."""
    places = sorted(numbers)
    if len(places) > _MOST_COLUMNS:
        return
    for total in places:
        if len(np.unique(_first(numbers[total]))) < _FEWEST_VALUES:
            continue
        for one, other in _candidates(numbers, total, [place for place in places if place != total]):
            data = _rows([numbers[total], numbers[one], numbers[other]])
            rule = _rule(data)
            if rule is None:
                continue
            differences = [
                part
                for part, values in ((one, data[:, 1]), (other, data[:, 2]))
                if (values < 0).any() or _DIFFERENCE.search(names[part])
            ]
            if rule is Rule.SUM and len(differences) == 1:
                yield Relation(differences[0], Rule.DIFFERENCE, (total, one if other in differences else other))
            else:
                yield Relation(total, rule, (one, other))


_RATIO = re.compile(
    r"bmi|body.?mass|rate|ratio|index|per|pct|percent|share|density|average|avg|mean|speed", re.IGNORECASE
)
"""Names of columns that are ratios. Without such a name, a ratio has decimals, and its parts are whole numbers."""
_POWERS = np.array([-3.0, -2.0, -1.0, 1.0, 2.0, 3.0])
_REST_OF_POWER, _NEAR_POWER = 0.03, 0.03


def _ratios(numbers: Numbers, names: Sequence[str], computed: Collection[int]) -> Iterator[Relation]:
    """Yield columns that are a product or ratio of powers of two others, such as the body mass index."""
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = {place: np.where(values > 0, portable.log(values), np.nan) for place, values in sorted(numbers.items())}
    logs = {place: values for place, values in logs.items() if len(np.unique(_first(values))) >= _FEWEST_VALUES}
    if len(logs) > _MOST_COLUMNS:
        return
    whole = {place for place in logs if not (_first(numbers[place]) % 1).any()}
    for total in sorted(set(logs) - set(computed)):
        parts = [place for place in logs if place != total and (place in whole or _RATIO.search(names[total]))]
        if (total in whole and not _RATIO.search(names[total])) or len(parts) < 2:
            continue
        for one, other in _candidates(logs, total, parts):
            if _is_product(_rows([logs[total], logs[one], logs[other]])):
                yield Relation(total, Rule.RATIO, (one, other))


def _is_product(data: Floats) -> bool:
    """Return whether the first of three columns (n, 3) of logarithms is a sum of whole multiples of the others."""
    if len(data) < _FEWEST_ROWS:
        return False
    centred = data - data.mean(axis=0)
    spread = centred.std(axis=0)
    if (spread == 0).any() or abs(np.corrcoef(centred[:, 1:].T)[0, 1]) > 1 - 1e-6:
        return False
    powers = np.linalg.lstsq(centred[:, 1:], centred[:, 0], rcond=None)[0]
    rest = float((centred[:, 0] - portable.matmul(centred[:, 1:], powers)).std()) / float(spread[0])
    is_whole = (np.abs(powers[:, None] - _POWERS).min(axis=1) <= _NEAR_POWER).all()
    return bool(is_whole and rest <= _REST_OF_POWER)


def _candidates(numbers: Numbers, total: int, others: list[int]) -> list[tuple[int, int]]:
    """Return the pairs of columns that give a total with a small residual among rows with values in most columns."""
    data = np.column_stack([numbers[total], *(numbers[place] for place in others)])
    data = data[np.isfinite(data[:, 0])][:_ROWS]
    is_filled = np.isfinite(data)
    weight = portable.matmul(is_filled.T.astype(float), is_filled)
    n = np.maximum(is_filled.sum(axis=0), 1)  # a column can be empty where the total has values
    centred = np.where(is_filled, data - np.where(is_filled, data, 0.0).sum(axis=0) / n, 0.0)
    spread = np.sqrt(portable.squared(centred).sum(axis=0) / n)
    correlation = (
        portable.matmul(centred.T, centred) / np.maximum(weight, 1) / np.maximum(np.outer(spread, spread), 1e-300)
    )
    own, between = correlation[0, 1:], correlation[1:, 1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        explained = (
            portable.squared(own[:, None]) + portable.squared(own[None]) - 2 * np.outer(own, own) * between
        ) / (1 - portable.squared(between))
    has_gaps = (weight[1:, 1:] < len(data)) | (weight[0, 1:] < len(data))[:, None]
    close = np.triu((explained > 1 - 2 * portable.squared(_REST_ROUNDED)) | (has_gaps & (explained > _WITH_GAPS)), 1)
    return [(others[i], others[j]) for i, j in zip(*np.nonzero(close), strict=True)]


_WITH_GAPS = 0.8
"""Share of variance from which a relation of columns with missing values is examined again, among complete rows."""


def _rule(data: Floats) -> Rule | None:
    """Return how the first of three columns (n, 3) is computed from the others, or None."""
    if len(data) < _FEWEST_ROWS:
        return None
    centred = data - data.mean(axis=0)
    spread = centred.std(axis=0)
    if (spread == 0).any() or abs(np.corrcoef(centred[:, 1:].T)[0, 1]) > 1 - 1e-6:
        return None
    weights = np.linalg.lstsq(centred[:, 1:], centred[:, 0], rcond=None)[0]
    rest = float((centred[:, 0] - portable.matmul(centred[:, 1:], weights)).std()) / float(spread[0])
    if (weights * spread[1:] < _LEAST_WEIGHT * spread[0]).any():
        return None
    is_mean = abs(float(weights.sum()) - 1) <= _LOOSE and float(weights.min()) >= _LEAST_WEIGHT
    if is_mean and rest <= _REST_ROUNDED:
        return Rule.MEAN
    is_equal = abs(float(weights[0] - weights[1])) <= _EQUAL * float(weights.max())
    return Rule.SUM if is_equal and rest <= _REST else None


def _of_many(numbers: Numbers) -> Iterator[Relation]:
    """Yield columns that are the sum or the mean of three or more others. A missing part counts as zero."""
    places = sorted(numbers)
    possible = [place for place in places if len(np.unique(_first(numbers[place]))) >= _FEWEST_VALUES]
    fitted = [total for total in possible if _is_fitted(numbers, total, [p for p in places if p != total])]
    totals = [total for total in fitted if _summed(numbers, total, [p for p in places if p != total])]
    for total in totals:
        weights = _summed(numbers, total, [p for p in places if p != total and p not in totals])
        largest = max(weights.values(), default=0.0)
        if len(weights) > 2 and min(weights.values()) >= (1 - _EQUAL) * largest:
            is_mean = abs(largest * len(weights) - 1) <= _LOOSE
            yield Relation(total, Rule.MEAN if is_mean else Rule.SUM, tuple(weights))


def _with_unknown_parts(numbers: Numbers, computed: Collection[int]) -> Iterator[Relation]:
    """Yield sums of items of one scale of which some are not in the table.

    The remainder without the items in the table is a whole number that as many or fewer further items can add up to.
    """
    scales: dict[tuple[float, ...], list[int]] = {}
    for place, values in sorted(numbers.items()):
        distinct = np.unique(values[np.isfinite(values)])
        if len(distinct) <= _MOST_OF_SCALE and (distinct % 1 == 0).all():
            scales.setdefault(tuple(distinct.tolist()), []).append(place)
    for total in sorted(set(numbers) - set(computed)):
        if len(np.unique(_first(numbers[total]))) < _FEWEST_VALUES:
            continue
        for scale, items in scales.items():
            parts = _items_of(numbers, total, [item for item in items if item != total], (scale[0], scale[-1]))
            if parts:
                yield Relation(total, Rule.OPEN_SUM, parts)


_MOST_OF_SCALE = 12
"""Maximum number of values of an item of a scale."""
_ITEM = 0.8
"""Smallest least-squares weight of an item of a sum. It is above 1 if the item is correlated with missing items."""
_LEAST_EXPLAINED = 0.5
"""Minimum share of the variance of a sum that its items in the table explain."""


def _items_of(numbers: Numbers, total: int, items: Sequence[int], ends: tuple[float, float]) -> tuple[int, ...]:
    """Return the items that a sum contains, besides others with the same smallest and largest value; or none."""
    if len(items) < 2:
        return ()
    data = _rows([numbers[total], *(numbers[item] for item in items)])
    if len(data) < _FEWEST_ROWS or (data[:, 0] % 1 != 0).any() or not data[:, 0].std():
        return ()
    centred = data - data.mean(axis=0)
    weights = _nnls(centred[:, 1:], centred[:, 0])[0]
    chosen = np.flatnonzero(weights >= _ITEM).tolist()
    rest = data[:, 0] - data[:, [1 + at for at in chosen]].sum(axis=1)
    is_rest = any(rest.min() >= n * ends[0] and rest.max() <= n * ends[1] for n in range(1, len(chosen) + 1))
    if len(chosen) < 2 or not is_rest or rest.var() > (1 - _LEAST_EXPLAINED) * data[:, 0].var():
        return ()
    return tuple(items[at] for at in chosen)


def _table(numbers: Numbers, total: int, others: Collection[int]) -> Floats:
    """Return the rows (n, 1 + k) with a total: the total, and the others with zero for a missing value."""
    data = np.column_stack([numbers[total], *(numbers[place] for place in others)])
    return np.nan_to_num(data[np.isfinite(data[:, 0])][:_ROWS])


def _is_fitted(numbers: Numbers, total: int, others: Collection[int]) -> bool:
    """Return whether least squares with any weights gives the total."""
    data = _table(numbers, total, others)
    if len(others) < 2 or len(data) < max(_FEWEST_ROWS, 2 * len(others)):
        return False
    data = data - data.mean(axis=0)
    data = data / np.maximum(data.std(axis=0), 1e-12)
    products = portable.matmul(data.T, data) / len(data)
    weights = np.linalg.solve(products[1:, 1:] + 1e-9 * np.eye(len(others)), products[1:, 0])
    return bool(1 - portable.matmul(products[0, 1:], weights) <= 2 * portable.squared(_REST) + 1e-6)


def _summed(numbers: Numbers, total: int, others: list[int]) -> dict[int, float]:
    """Return the weights of the columns that give a total by non-negative least squares; empty if they do not."""
    data = _table(numbers, total, others)
    constants: NDArray[np.float64] = np.column_stack([data[:, 1:], np.ones(len(data)), -np.ones(len(data))])
    try:
        weights, rest = _nnls(constants, data[:, 0])
    except RuntimeError:  # no convergence
        return {}
    if rest / math.sqrt(len(data)) > _REST * float(data[:, 0].std()):
        return {}
    return {place: float(weight) for place, weight in zip(others, weights, strict=False) if weight > _NO_WEIGHT}


def same_order(numbers: Numbers) -> Iterator[tuple[int, int, int, int]]:
    """Yield pairs of columns of numbers in the same or the reverse order, such as a number and its logarithm.

    Each is given with the number of exceptions, the fewest rows without which one column never falls (or never rises)
    with the other, and the number of examined rows.
    """
    if len(numbers) < 2:
        return
    places, correlations, n = rank_correlations(numbers)
    is_same = (np.abs(correlations) >= _SAME_ORDER) & (n >= _FEWEST_ROWS)
    for i, j in zip(*np.nonzero(np.triu(is_same, 1)), strict=True):
        a, b = places[i], places[j]
        n_exceptions, n_rows = out_of_order(numbers[a], numbers[b])
        if n_exceptions <= _OUT_OF_ORDER * n_rows:
            yield a, b, n_exceptions, n_rows


_OUT_OF_ORDER = 0.01
"""Largest share of rows that are out of order in two columns with the same content."""


def out_of_order(first: Floats, second: Floats) -> tuple[int, int]:
    """Return the fewest rows without which two columns of numbers rise together, or one falls; and the examined rows.

    >>> out_of_order(np.array([1.0, 2.0, 3.0, 4.0]), np.array([9.0, 7.0, 8.0, 1.0]))
    (1, 4)
    """
    rows = spread_rows(len(first))
    chosen = rows[np.isfinite(first[rows]) & np.isfinite(second[rows])]
    a, b = first[chosen], second[chosen]
    kept = max(_longest_rise(a, b), _longest_rise(a, -b))
    return len(chosen) - kept, len(chosen)


def _longest_rise(first: Floats, second: Floats) -> int:
    """Return the length of the longest sequence of rows in the order of the first column whose second never falls."""
    ends: list[float] = []
    for value in second[np.lexsort((second, first))].tolist():
        at = bisect_right(ends, value)
        ends[at : at + 1] = [value]
    return len(ends)


def _nnls(data: Floats, total: Floats) -> tuple[Floats, float]:
    """Return non-negative least squares weights, and the norm of the remainder."""
    from scipy.optimize import nnls  # noqa: PLC0415 - slow to import, and only sums need it

    weights, rest = nnls(data, total)
    return weights, float(rest)


def _mean_ranks(values: Floats) -> Floats:
    """Return the ranks of numbers from 1, and the mean of their ranks for equal numbers.

    The import of `scipy.stats.rankdata` takes longer than most scans.

    >>> _mean_ranks(np.array([5.0, 2.0, 5.0, np.inf]))
    array([2.5, 1. , 2.5, 4. ])
    """
    _, place, n = np.unique(values, return_inverse=True, return_counts=True)
    found: Floats = (np.cumsum(n) - (n - 1) / 2)[place]
    return found


def spread_rows(n: int) -> Ints:
    """Return at most 5,000 of n rows, spread over the table."""
    return np.unique(np.linspace(0, n - 1, _ROWS_OF_ORDER).round().astype(np.int64))


def rank_correlations(numbers: Numbers) -> tuple[list[int], Floats, Floats]:
    """Return the columns in order, their rank correlations (q, q), and the numbers of rows with both values (q, q).

    Ranks are those among all values of a column, in at most 5,000 rows.
    """
    places = sorted(numbers)
    rows = spread_rows(len(numbers[places[0]]))
    data = np.stack([numbers[place][rows] for place in places])
    answered = np.isfinite(data)
    ranks = np.stack(
        [
            np.where(some, _mean_ranks(np.where(some, row, np.inf)), 0.0)
            for row, some in zip(data, answered, strict=True)
        ]
    )
    ranks -= np.where(
        answered, ranks.sum(axis=1, keepdims=True) / np.maximum(answered.sum(axis=1, keepdims=True), 1), 0
    )
    sums = PairSums.of(ranks, answered.astype(np.float64), np.ones(data.shape[1]))
    return places, sums.correlations(), sums.n
