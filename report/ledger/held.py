"""What some units of a side have, items and their categories; and the units behind each cell, by name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..taxonomy.sets import Numbers, has, members, numbered, owned
from .ledger import Axis, Ledger

Table = tuple[Numbers, Numbers]

Behind = Mapping[tuple[str, str], tuple[str, ...]]
"""Row and column category -> names of units that have both, in the order of the data."""

MOST_LOOKED_AT = 200_000_000
"""Cells times units, beyond which nothing is listed: it would take longer than the counting."""


def units_behind(ledger: Ledger, most: int) -> Behind:
    """Return up to `most` units of each cell; cells without any are left out, and so is all where `most` is 0.

    Nothing either where the relation is read in parts, or has very many units and cells.
    """
    cells = len(ledger.rows.categories) * len(ledger.columns.categories)
    if not most or ledger.split is not None or cells * len(ledger.n) > MOST_LOOKED_AT:
        return {}
    found: dict[tuple[str, str], Numbers] = {}
    across = [has(ledger.columns.words, place) for place in range(len(ledger.columns.categories))]
    for i, row in enumerate(ledger.rows.categories):
        there = np.flatnonzero(ledger.alive & has(ledger.rows.words, i))
        for column, having in zip(ledger.columns.categories, across, strict=True):
            units = there[having[there]][:most]
            if len(units):
                found[row, column] = units
    if not found:
        return {}
    every = np.unique(np.concatenate(list(found.values())))
    names = dict(zip(every.tolist(), named_units(ledger, every), strict=True))
    return {cell: tuple(names[unit] for unit in units.tolist()) for cell, units in found.items()}


def named_units(ledger: Ledger, units: Numbers) -> list[str]:
    """Return units by name: an item or a key by its own, a link by both its ends, a record by both its fields."""
    if ledger.unit.role in ("link", "record"):
        joint = " \N{RIGHTWARDS ARROW} " if ledger.unit.role == "link" else " | "
        return [joint.join(both) for both in zip(*ends_of(ledger, units), strict=True)]
    key = ledger.key[units].tolist()
    if ledger.key_names is not None:
        return ledger.key_names.of(key)
    return (ledger.rows if ledger.unit.role == "from" else ledger.columns).names.of(key)


def ends_of(ledger: Ledger, units: Numbers) -> tuple[list[str], list[str]]:
    """Return what stands at both ends of links, or in both fields of records."""
    rows, columns = (side.names.of(side.use[side.start[units]].tolist()) for side in ledger.sides)
    return rows, columns


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
