"""The units behind each cell, by name: the first few, for readers who want to see what a number is made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ..taxonomy.sets import has

if TYPE_CHECKING:
    from ..taxonomy.sets import Numbers
    from .ledger import Ledger

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
