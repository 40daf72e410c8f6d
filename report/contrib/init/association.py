"""Lower limits for the association of two columns, used to choose the pair of columns for a first report."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ... import portable
from ...taxonomy.orders import is_leftover, order_of
from .columns import LookedColumn

_MOST = 13
"""Number of labels of a column that are counted separately. All others are combined."""

_ONE_SIDED = 1.645
_STRONG, _SAME, _MOST_V = 0.3, 0.55, 0.8
"""Thresholds of Cramér's V: for a strong pair, for perhaps the same question twice, and for certainly the same."""

_LEAST_EXPECTED = 3.0
_SURE = 0.05
"""False discovery rate of the cells of a pair with a clear association."""

_NEARLY, _NEARLY_NUMBERS = 0.7, 0.6
"""Thresholds for two columns with nearly the same content: Goodman and Kruskal's lambda, and a correlation."""


@dataclass
class Associations:
    """Associations between columns of one table. Each column is encoded once.

    `weights` are the units of each row, if rows are counts. Labels such as "unknown" and "other" are left out, because
    no question is about them. Rows of one `group`, such as a person, with the same labels count as one row, and all
    rows together as many as the geometric mean of the numbers of rows and groups.
    """

    weights: NDArray[np.float64] | None = None
    group: LookedColumn | None = None
    _codes: dict[str, NDArray[np.int64]] = field(default_factory=dict)

    def strength(self, first: LookedColumn, second: LookedColumn, *, are_alike: bool) -> float:
        """Return 0 for no association beyond chance or for nearly the same question, up to 1 for a strong association.

        For columns with the same labels, close agreement is allowed, because agreement is then the question.
        """
        v = self.lower_v(first, second)
        is_new = 1.0 if are_alike else (_MOST_V - v) / (_MOST_V - _SAME)
        return max(0.0, min(1.0, v / _STRONG, is_new))

    def lower_v(self, first: LookedColumn, second: LookedColumn) -> float:
        """Return a lower limit (95%, one-sided) of Cramér's V for the most frequent labels of two columns."""
        table = _filled(self._table(first, second))
        n, least = table.sum(), min(table.shape)
        if least < 2:
            return 0.0
        expected = _expected(table)
        chi2 = float((portable.squared(table - expected) / expected).sum())
        df = (table.shape[0] - 1) * (table.shape[1] - 1)
        excess = max(0.0, chi2 - df)
        lower = excess - _ONE_SIDED * math.sqrt(2 * df + 4 * excess)
        return math.sqrt(max(0.0, lower) / (n * (least - 1)))

    def is_clear(self, first: LookedColumn, second: LookedColumn) -> bool:
        """Return whether any cell clearly differs from chance after correction for all cells (Benjamini-Hochberg).

        A report tests each cell of named labels. If a chi-square is spread over many cells, it finds nothing.
        """
        table, is_named = self._table(first, second), np.ones((_MOST, _MOST), dtype=bool)
        for axis, column in enumerate((first, second)):
            if len(column.counts) > _MOST:  # a report says nothing about the combined label
                is_named[(slice(None), _MOST - 1) if axis else _MOST - 1] = False
        is_named = is_named[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
        table = _filled(table)
        if min(table.shape) < 2:
            return False
        expected = _expected(table)
        shares = [table.sum(axis=axis, keepdims=True) / table.sum() for axis in (1, 0)]
        variance = np.maximum(expected * (1 - shares[0]) * (1 - shares[1]), 1e-9)
        z = np.abs((table - expected) / np.sqrt(variance))[(expected >= _LEAST_EXPECTED) & is_named]
        if 2 in table.shape:  # both cells of a pair of answers are one test
            z = np.unique(np.round(z, 9))
        p = np.array([math.erfc(one / math.sqrt(2)) for one in sorted(z, reverse=True)])
        return bool((p * len(p) <= _SURE * np.arange(1, len(p) + 1)).any())

    def is_nearly_one(self, first: LookedColumn, second: LookedColumn) -> bool:
        """Return whether one column nearly determines the other: a judge the city, an age the school year."""
        n_both = int(np.count_nonzero((first.codes >= 0) & (second.codes >= 0)))
        is_finite = np.isfinite(first.floats) & np.isfinite(second.floats)
        if int(is_finite.sum()) > max(2, _NEARLY * n_both):
            numbers = np.array([first.floats[is_finite], second.floats[is_finite]])
            ranks = np.array([np.unique(row, return_inverse=True)[1] for row in numbers])
            with np.errstate(all="ignore"):
                return max(abs(float(np.corrcoef(of)[0, 1])) for of in (numbers, ranks)) > _NEARLY_NUMBERS
        table = self._table(first, second)
        return any(_predicted(of) > _NEARLY for of in (table, table.T))

    def _table(self, first: LookedColumn, second: LookedColumn) -> NDArray[np.float64]:
        if first.is_single and second.is_single:
            one, other = self._coded(first), self._coded(second)
            both = (one >= 0) & (other >= 0)
            cell = one[both] * _MOST + other[both]
            weights = None if self.weights is None else self.weights[both]
            if self.group is not None:
                groups, cell = np.unique(np.array([self._groups[both], cell]), axis=1)
                weights = np.full(len(cell), math.sqrt(len(np.unique(groups)) / max(1, len(cell))))
            cells: NDArray[np.float64] = np.bincount(cell, weights, minlength=_MOST * _MOST).astype(np.float64)
            return cells.reshape(_MOST, _MOST)
        places = [_places(column.counts) for column in (first, second)]
        pairs = Counter(
            (places[0].get(a, _MOST - 1), places[1].get(b, _MOST - 1))
            for of_first, of_second in zip(first.rows, second.rows, strict=True)
            for a in of_first
            for b in of_second
        )
        table = np.zeros((_MOST, _MOST))
        for place, n in pairs.items():
            table[place] = n if min(place) >= 0 else 0
        return table

    @cached_property
    def _groups(self) -> NDArray[np.int64]:
        """Return the number of each row's group; rows without one are groups of their own."""
        rows = () if self.group is None else self.group.rows
        names = [row or (str(place), "") for place, row in enumerate(rows)]
        places = {name: place for place, name in enumerate(dict.fromkeys(names))}
        return np.array([places[name] for name in names], dtype=np.int64)

    def _coded(self, column: LookedColumn) -> NDArray[np.int64]:
        """Return the index of each row's label among the most frequent labels; -1 if the row has none."""
        if column.name not in self._codes:
            places = _places(column.counts)
            found = (places.get(row[0], _MOST - 1) if row else -1 for row in column.rows)
            self._codes[column.name] = np.fromiter(found, dtype=np.int64, count=len(column.rows))
        return self._codes[column.name]


def _predicted(table: NDArray[np.float64]) -> float:
    """Return Goodman and Kruskal's lambda: the share of wrong guesses of the column avoided by knowing the row."""
    n, most = table.sum(), table.sum(axis=0).max()
    return float((table.max(axis=1).sum() - most) / (n - most)) if n > most else 0.0


def _filled(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a table without rows and columns that are all zero."""
    filled: NDArray[np.float64] = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    return filled


def _expected(table: NDArray[np.float64]) -> NDArray[np.float64]:
    expected: NDArray[np.float64] = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    return expected


def _places(counts: Mapping[str, int]) -> dict[str, int]:
    """Return the place of each frequent label, and -1 for labels such as "unknown" that are no step of a scale."""
    left = _leftovers(counts)
    known: Sequence[str] = [label for label in counts if label not in left]
    return {label: place for place, label in enumerate(known[: _MOST - 1])} | dict.fromkeys(left, -1)


def _leftovers(labels: Iterable[str]) -> frozenset[str]:
    named = [label for label in labels if is_leftover(label)]
    if not named:
        return frozenset()
    order = order_of(list(labels))
    return frozenset(named).difference(() if order is None else order.labels)
