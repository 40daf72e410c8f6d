"""What some units of a side have: their items, and the categories of these."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ..taxonomy.sets import members, numbered, owned

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..taxonomy.sets import Numbers
    from .ledger import Axis

    Table = tuple[Numbers, Numbers]


class Held:
    """What k units of one side have: `unit` (its place), `item` and `type` of each use, and their categories."""

    def __init__(self, side: Axis, units: Numbers) -> None:
        """Look at some units of a side."""
        self._side, self.units = side, units
        places, self.unit = owned(side.start, units)
        self.item = side.use[places]
        self.type = side.found.type[self.item]

    @property
    def is_single(self) -> bool:
        """Whether each unit has one item."""
        return len(self.unit) == len(self.units) and bool((np.diff(self.unit) == 1).all())

    @cached_property
    def categories(self) -> Table:
        """The categories of each unit, as a table."""
        return listed(members(self._side.words[self.units], len(self._side.categories)))

    @cached_property
    def sets(self) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """Which of s sets of categories each unit has (k,), and these (s, categories)."""
        distinct, number = numbered(self._side.words[self.units])
        return number, members(distinct, len(self._side.categories))

    @cached_property
    def n_items(self) -> NDArray[np.integer]:
        """How many items of each category each unit has (k, categories)."""
        held = members(self._side.found.words, len(self._side.categories))
        return per_category(self.unit, self.type, len(self.units), held)


def per_category(
    unit: Numbers, type_: NDArray[np.integer], n_units: int, held: NDArray[np.bool_]
) -> NDArray[np.integer]:
    """Return how many items of each category units have (k, categories), given the unit and type of each use."""
    start, category = listed(held)
    places, each = owned(start, type_)
    cell = unit[each] * held.shape[1] + category[places]
    return np.bincount(cell, minlength=n_units * held.shape[1]).reshape(n_units, held.shape[1])


def listed(held: NDArray[np.bool_]) -> Table:
    """Return truth values as a table: where the true ones of each row begin, and their columns."""
    return np.concatenate([[0], np.cumsum(held.sum(axis=1))]), np.nonzero(held)[1]
