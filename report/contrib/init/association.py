"""Lower limits for the association of two columns, used to choose the pair of columns for a first report."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .columns import LookedColumn, is_number

_MOST = 13
"""Number of labels of a column that are counted separately. All others are combined."""

_ONE_SIDED = 1.645
_STRONG, _SAME, _MOST_V = 0.3, 0.55, 0.8
"""Thresholds of Cramér's V: for a strong pair, for perhaps the same question twice, and for certainly the same."""

_NEARLY = 0.7
"""Threshold of a correlation, or of Goodman and Kruskal's lambda, for two columns with nearly the same content."""


@dataclass
class Associations:
    """Associations between columns of one table. Each column is encoded once."""

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
        table = self._table(first, second)
        table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
        n, least = table.sum(), min(table.shape)
        if least < 2:
            return 0.0
        expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / n
        chi2 = float(((table - expected) ** 2 / expected).sum())
        df = (table.shape[0] - 1) * (table.shape[1] - 1)
        excess = max(0.0, chi2 - df)
        lower = excess - _ONE_SIDED * math.sqrt(2 * df + 4 * excess)
        return math.sqrt(max(0.0, lower) / (n * (least - 1)))

    def is_nearly_one(self, first: LookedColumn, second: LookedColumn) -> bool:
        """Return whether one column nearly determines the other: a judge the city, an age the school year."""
        both = [(a[0], b[0]) for a, b in zip(first.rows, second.rows, strict=True) if a and b]
        numbers = [(float(a), float(b)) for a, b in both if is_number(a) and is_number(b)]
        if len(numbers) > max(2, _NEARLY * len(both)):
            with np.errstate(all="ignore"):
                return abs(float(np.corrcoef(np.array(numbers).T)[0, 1])) > _NEARLY
        table = self._table(first, second)
        return any(_predicted(of) > _NEARLY for of in (table, table.T))

    def _table(self, first: LookedColumn, second: LookedColumn) -> NDArray[np.float64]:
        if first.is_single and second.is_single:
            one, other = self._coded(first), self._coded(second)
            both = (one >= 0) & (other >= 0)
            cells = np.bincount(one[both] * _MOST + other[both], minlength=_MOST * _MOST)
            return cells.reshape(_MOST, _MOST).astype(float)
        places = [_places(column.counts) for column in (first, second)]
        pairs = Counter(
            (places[0].get(a, _MOST - 1), places[1].get(b, _MOST - 1))
            for of_first, of_second in zip(first.rows, second.rows, strict=True)
            for a in of_first
            for b in of_second
        )
        table = np.zeros((_MOST, _MOST))
        for place, n in pairs.items():
            table[place] = n
        return table

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


def _places(counts: Mapping[str, int]) -> dict[str, int]:
    commonest: Sequence[str] = list(counts)[: _MOST - 1]
    return {label: place for place, label in enumerate(commonest)}
