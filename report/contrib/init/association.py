"""How strongly two columns go together, at least: for the choice of the pair that a first report is about."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .columns import LookedColumn, is_number

_MOST = 13
"""Labels of a column that count by themselves; the others are one."""

_ONE_SIDED = 1.645
_STRONG, _SAME, _MOST_V = 0.3, 0.55, 0.8
"""Cramér's V from which on a pair is strong, is perhaps one question asked twice, and surely is."""

_NEARLY = 0.7
"""Correlation, or share of wrong guesses avoided, from which on two columns nearly say the same."""


@dataclass
class Associations:
    """Associations of columns of one table; each column is encoded once."""

    _codes: dict[str, NDArray[np.int64]] = field(default_factory=dict)

    def strength(self, first: LookedColumn, second: LookedColumn, *, are_alike: bool) -> float:
        """Return 0 for no association beyond chance or for nearly the same question, 1 for one that is strong.

        Columns with the same labels may well agree: how much they do is the question.
        """
        v = self.lower_v(first, second)
        is_new = 1.0 if are_alike else (_MOST_V - v) / (_MOST_V - _SAME)
        return max(0.0, min(1.0, v / _STRONG, is_new))

    def lower_v(self, first: LookedColumn, second: LookedColumn) -> float:
        """Return a lower limit (95%, one-sided) of Cramér's V of the commonest labels of two columns."""
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
        """Return whether one column nearly says the other: a judge the city, an age the school year."""
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
        """Return the place of the label of each row among the commonest; -1 where there is none."""
        if column.name not in self._codes:
            places = _places(column.counts)
            found = (places.get(row[0], _MOST - 1) if row else -1 for row in column.rows)
            self._codes[column.name] = np.fromiter(found, dtype=np.int64, count=len(column.rows))
        return self._codes[column.name]


def _predicted(table: NDArray[np.float64]) -> float:
    """Return Goodman and Kruskal's lambda: the share of wrong guesses of the column that knowing the row avoids."""
    n, most = table.sum(), table.sum(axis=0).max()
    return float((table.max(axis=1).sum() - most) / (n - most)) if n > most else 0.0


def _places(counts: Mapping[str, int]) -> dict[str, int]:
    commonest: Sequence[str] = list(counts)[: _MOST - 1]
    return {label: place for place, label in enumerate(commonest)}
