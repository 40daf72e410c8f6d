"""Units by the raw labels of their items: what any taxonomy can be applied to, without the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..recounts.item_types import LARGEST_VOCABULARY, MOST_PATTERNS, ItemTypes, TypeSide
from .patterns import gathered
from .sets import signatures, slices, table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .ledger import Axis, Ledger
    from .sets import Numbers


def item_types(ledger: Ledger) -> ItemTypes | None:
    """Return the incidence of a ledger over item types; None where it has too many of them to be kept."""
    if any(len(side.found.labels) > LARGEST_VOCABULARY for side in ledger.sides):
        return None
    found = [_typed(side) for side in ledger.sides]
    if any(one is None for one in found):
        return None
    (rows, row_set), (columns, column_set) = (one for one in found if one is not None)
    first, _, units, parts = gathered(ledger, np.arange(len(ledger.n)), row_set, column_set)
    if len(first) > MOST_PATTERNS:
        return None
    strata, stratum = _used(ledger.strata, ledger.stratum[first])
    groups, group = ((), None) if ledger.group is None else _used(ledger.groups, ledger.group[first])
    return ItemTypes(
        rows=rows,
        columns=columns,
        row_set=row_set[first],
        column_set=column_set[first],
        stratum=stratum,
        strata=strata,
        group=group,
        groups=groups,
        units=units,
        weight_parts=parts,
        counts=ledger.counts,
    )


def _used(names: tuple[str, ...], number: NDArray[np.int32]) -> tuple[tuple[str, ...], Numbers]:
    there, place = np.unique(number, return_inverse=True)
    return tuple(names[i] for i in there), place.astype(np.int64)


def _typed(side: Axis) -> tuple[TypeSide, Numbers] | None:
    """Return a side by types, and the number of each unit's set of types; None where there are too many."""
    found = side.found
    used = np.zeros(len(found.start) - 1, dtype=np.bool_)
    used[side.use] = True
    types, of_item = _distinct(found.start, found.label, np.flatnonzero(used))
    if len(types) > MOST_PATTERNS:
        return None
    type_of = np.zeros(len(used), dtype=np.int64)
    type_of[used] = of_item
    start, members = table(side.unit, type_of[side.use], len(side.start) - 1)
    sets, of_unit = _distinct(start, members, np.arange(len(side.start) - 1))
    return TypeSide(side.entity, side.taxonomy, found.labels, found.n_items, types, sets), of_unit


def _distinct(
    start: Numbers, values: NDArray[np.int32], which: NDArray[np.intp]
) -> tuple[tuple[tuple[int, ...], ...], Numbers]:
    """Return the distinct rows of a table, sorted, the empty one among them, and the number of each of some rows."""
    sums = signatures(start, values)[which]
    _, first, number = np.unique(
        sums.view("V16").ravel() if len(sums) else sums[:, 0], return_index=True, return_inverse=True
    )
    places, starts = slices(start, which[first])
    rows = [tuple(values[places[low:high]].tolist()) for low, high in zip(starts[:-1], starts[1:], strict=True)]
    ordered = tuple(sorted({(), *rows}))
    place = {row: i for i, row in enumerate(ordered)}
    return ordered, np.array([place[row] for row in rows], dtype=np.int64)[number.ravel()] if rows else number
