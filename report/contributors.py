"""Contributors: per cell, the items, raw labels, strata and groups that carry most of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

By = Literal["item", "stratum", "group"]


@dataclass(frozen=True, slots=True)
class Contribution:
    """How much of a cell one contributor carries.

    `by` "item": an item of the side that is not the unit (a dataset, for unit `to`): `n_touching` units of
    the cell have it, `n_sole` have no other item of the row category, so would leave the cell without it.
    `by` "stratum" or "group": units of the cell at that level (touching and sole are the same).
    """

    row: str
    column: str
    by: By
    name: str
    n_touching: int
    n_sole: int


@dataclass(frozen=True, slots=True)
class ItemUse:
    """How many units of the population have one item."""

    name: str
    n_units: int


@dataclass(frozen=True, slots=True)
class Contributors:
    """Per cell up to ten contributors of each sort, largest sole count first, then touching, then name.

    `items` are the ten items that most units have; `n_item_sets` is how many distinct sets of items the
    units have, `n_largest_set` how many units share the commonest one (all None where units have no items,
    as with records).
    """

    cells: tuple[Contribution, ...]
    items: tuple[ItemUse, ...]
    n_item_sets: int | None
    n_largest_set: int | None

    def largest(self, row: str, column: str, by: By) -> Contribution | None:
        """Return the contributor that carries most of a cell, or None for an empty cell."""
        return next((c for c in self.cells if (c.row, c.column, c.by) == (row, column, by)), None)
