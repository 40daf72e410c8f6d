"""Find a third column that reverses the association of two columns, or leaves little of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from .association import Associations
from .columns import Look, LookedColumn
from .scoring import are_alike, fixes, nearly_fixes, weights_by
from .share_left import share_left
from .vocabulary import BACKGROUND, OUTCOMES

_LEFT = 0.4
"""Maximum share of an association that is left within the values of a column that describes who or where."""

_REVERSED = -0.1
"""Maximum share left for any other column: the association has the opposite direction within its values."""

_MOST_VALUES, _FEWEST_ROWS = 100, 5
"""Maximum number of different values of a third column, and minimum average number of rows with each."""

_FILLED = 0.8
"""Minimum share of rows of the pair with a value in the third column."""

_BINS = 5


@dataclass(frozen=True)
class Confounder:
    """A third column, and the share of the association of a pair that is left within its values (below 0: reversed)."""

    column: LookedColumn
    left: float

    @property
    def reason(self) -> str:
        """Return a clause for the config."""
        if self.left < 0:
            return f"among rows with the same {self.column.name}, the association has the opposite direction"
        return f"among rows with the same {self.column.name}, little of the association is left"


def find_confounder(
    look: Look, sides: Sequence[LookedColumn], count: LookedColumn | None, taken: Iterable[str]
) -> Confounder | None:
    """Return the third column that leaves least of the association of two columns, or None if none leaves little.

    Its values must be associated with both sides. A column that determines a side, or is another outcome, does not
    explain an association, so it is left out.
    """
    first, second = sides
    weights = weights_by(count)
    associations = Associations(weights)
    if not (first.is_single and second.is_single and associations.is_clear(first, second)):
        return None
    found = [
        Confounder(column, left)
        for column in _candidates(look, sides, frozenset(taken))
        if not any(associations.is_nearly_one(column, side) for side in sides)
        and all(associations.is_clear(_binned(column), side) for side in sides)
        and (left := share_left((first.codes, second.codes, column.codes), weights, weights)) is not None
        and left <= (_LEFT if column.words & BACKGROUND else _REVERSED)
    ]
    return min(found, key=lambda one: one.left, default=None)


def _candidates(look: Look, sides: Sequence[LookedColumn], taken: frozenset[str]) -> Iterator[LookedColumn]:
    n_both = sum(bool(a and b) for a, b in zip(*(side.rows for side in sides), strict=True))
    for column in look.columns:
        if not column.is_single or column.name in taken or column.is_date or column.words & OUTCOMES:
            continue
        if not 1 < len(column.counts) <= min(_MOST_VALUES, look.n_rows / _FEWEST_ROWS):
            continue
        if column.is_number and not column.is_whole:
            continue
        n = sum(bool(a and b and c) for a, b, c in zip(*(side.rows for side in sides), column.rows, strict=True))
        if n < _FILLED * n_both or any(_is_bound(column, side) for side in sides):
            continue
        yield column


def _is_bound(column: LookedColumn, side: LookedColumn) -> bool:
    """Return whether a column and a side are the same content, or one determines the other."""
    pairs = ((column, side), (side, column))
    return are_alike(column, side) or any(fixes(a, b) or nearly_fixes(a, b) for a, b in pairs)


def _binned(column: LookedColumn) -> LookedColumn:
    """Return a column of many numbers in groups of about the same size."""
    if not column.is_number or len(column.counts) <= _BINS:
        return column
    values = np.array([float(row[0]) for row in column.rows if row])
    cuts = np.unique(np.quantile(values, np.arange(1, _BINS) / _BINS))
    bins = tuple((f"bin {np.searchsorted(cuts, float(row[0]), side='right')}",) if row else () for row in column.rows)
    return replace(column, name=f"{column.name} in bins", rows=bins)
