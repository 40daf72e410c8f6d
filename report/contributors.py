"""What carries a cell: items, raw labels, strata and groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

By = Literal["item", "label", "stratum", "group"]


@dataclass(frozen=True, slots=True)
class Contribution:
    """How much of a cell one contributor carries; `side` is the side of the relation it stands on, None for levels.

    `by` "item": an item of the side that is not the unit (a dataset, for unit `to`): `n_touching` units of
    the cell have it, `n_sole` have no other item of the row category, so would leave the cell without it.
    `by` "label": a raw label of either side that brings the cell's category there, by its rule or through
    derived categories: `n_touching` units of the cell have an item of that category that carries it, `n_sole`
    would leave the cell if the label did not exist, derived categories evaluated anew. (Where one entity stands
    on both sides only this side is looked at.)
    `by` "stratum" or "group": units of the cell at that level (touching and sole are the same).
    """

    row: str
    column: str
    by: By
    name: str
    n_touching: int
    n_sole: int
    side: str | None = None


@dataclass(frozen=True, slots=True)
class ItemUse:
    """How many units of the population have one item."""

    name: str
    n_units: int


@dataclass(frozen=True, slots=True)
class Contributors:
    """Per cell up to ten contributors of each sort (and side), largest sole count first, then touching, then name.

    With more than 10,000 cells there are fewer of them for each, at least one.

    `items` are the ten items that most units have; `n_item_sets` is how many distinct sets of items the
    units have, `n_largest_set` how many units share the commonest one (all None where units have no items,
    as with records).
    """

    cells: tuple[Contribution, ...]
    items: tuple[ItemUse, ...]
    n_item_sets: int | None
    n_largest_set: int | None

    def largest(self, row: str, column: str, by: By, side: str | None = None) -> Contribution | None:
        """Return the contributor that carries most of a cell (of those on one side, if named), or None if none does."""
        found = (c for c in self.cells if (c.row, c.column, c.by) == (row, column, by))
        return next((c for c in found if side is None or c.side == side), None)
