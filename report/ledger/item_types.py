"""Units by the raw labels of their items: what any taxonomy can be applied to, without the data.

An item type is the set of raw labels that an item has. A unit shows a set of types on each side; how many units show
which, in which stratum and group, is the incidence over item types.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from ..incidence import Side, pattern_keys, selected, weights_of
from ..taxonomy.assign import assign
from ..taxonomy.compile import Taxonomy, identity_taxonomy
from ..taxonomy.sets import signatures, slices, table
from .patterns import gathered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..incidence import Incidence
    from .ledger import Axis, Ledger

LARGEST_VOCABULARY = 20_000
"""Distinct labels of a side beyond which no item types are made."""

MOST_PATTERNS = 50_000
"""Item types of a side, sets of them, and patterns, beyond which they are left out."""

Numbers = NDArray[np.int64]
Sets = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, eq=False)
class TypeSide:
    """One side: `labels` sorted, with how many items carry each; `types` sets of labels; `sets` sets of types.

    `kind` is what the labels are counted under (an entity, or a side of records), `taxonomy` the name of the one that
    files them.
    """

    kind: str
    taxonomy: str
    labels: tuple[str, ...]
    n_items: tuple[int, ...]
    types: Sets
    sets: Sets

    @property
    def vocabulary(self) -> dict[str, int]:
        """Label -> number of items that carry it."""
        return dict(zip(self.labels, self.n_items, strict=True))


@dataclass(frozen=True, eq=False)
class ItemTypes:
    """q distinct (stratum, group, set of row types, set of column types) with the units that show each.

    `row_set`, `column_set` (q,) index the sets of their sides; `stratum`, `group` (q,) number `strata`, `groups`
    (None without groups). `units` (q,); `weight_parts` (q, 10) as those of `Incidence`. `counts` is what makes a
    unit count: with "labelled" a taxonomy decides, and units that lack a category are among these.
    """

    rows: TypeSide
    columns: TypeSide
    row_set: Numbers
    column_set: Numbers
    stratum: Numbers
    strata: tuple[str, ...]
    group: Numbers | None
    groups: tuple[str, ...]
    units: Numbers
    weight_parts: NDArray[np.int64] | None
    counts: Literal["both", "either", "labelled"]


def count_item_types(ledger: Ledger) -> ItemTypes | None:
    """Return the incidence of a ledger over item types; None where it has too many of them to be kept."""
    if any(len(side.found.names) > LARGEST_VOCABULARY for side in ledger.sides):
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
    n_items = tuple(found.vocabulary[name] for name in found.names)
    used = np.zeros(found.n_items, dtype=np.bool_)
    used[side.use] = True
    types, of_item = _distinct(found.start, found.label, np.flatnonzero(used))
    if len(types) > MOST_PATTERNS:
        return None
    type_of = np.zeros(len(used), dtype=np.int64)
    type_of[used] = of_item
    start, members = table(side.unit, type_of[side.use], len(side.start) - 1)
    sets, of_unit = _distinct(start, members, np.arange(len(side.start) - 1))
    return TypeSide(side.entity, side.taxonomy, found.names, n_items, types, sets), of_unit


def _distinct(
    start: Numbers, values: NDArray[np.int32], which: NDArray[np.intp]
) -> tuple[tuple[tuple[int, ...], ...], Numbers]:
    """Return the distinct rows of a table, sorted, the empty one among them, and the number of each of some rows."""
    sums = signatures(start, values)[which]
    _, first, number = np.unique(
        sums.view("V16").ravel() if len(sums) else sums[:, 0], return_index=True, return_inverse=True
    )
    places, starts = slices(start, which[first])
    rows = [tuple(values[places[low:high]].tolist()) for low, high in pairwise(starts.tolist())]
    ordered = tuple(sorted({(), *rows}))
    place = {row: i for i, row in enumerate(ordered)}
    return ordered, np.array([place[row] for row in rows], dtype=np.int64)[number.ravel()] if rows else number


@dataclass(frozen=True, eq=False)
class Filing:
    """What taxonomies make of q patterns: names of categories, and the sets (q, R) and (q, C) of each pattern.

    `counts` (q,) says which units count: those with `population: labelled` need a category on both sides.
    """

    row_categories: tuple[str, ...]
    column_categories: tuple[str, ...]
    row_sets: NDArray[np.bool_]
    column_sets: NDArray[np.bool_]
    counts: NDArray[np.bool_]


def filing(types: ItemTypes, taxonomies: Mapping[str, Taxonomy]) -> Filing:
    """Return the categories of each pattern under taxonomies, by name. What no taxonomy files stops nothing here."""
    sides = [_filed(side, _taxonomy(side, taxonomies)) for side in (types.rows, types.columns)]
    (row_names, row_sets), (column_names, column_sets) = sides
    of_rows, of_columns = row_sets[types.row_set], column_sets[types.column_set]
    counts: NDArray[np.bool_] = np.ones(len(of_rows), dtype=np.bool_)
    if types.counts == "labelled":
        counts = np.asarray(of_rows.any(axis=1) & of_columns.any(axis=1))
    return Filing(row_names, column_names, of_rows, of_columns, counts)


def filed(types: ItemTypes, like: Incidence, taxonomies: Mapping[str, Taxonomy]) -> Incidence:
    """Return the incidence that item types give under taxonomies, by name.

    `like` has what does not depend on categories: unit, kinds, how weights are scaled, whether links count in parts.
    """
    found = filing(types, taxonomies)
    keys = pattern_keys(types.stratum, types.group, found.row_sets, found.column_sets)
    kept = np.flatnonzero(found.counts)
    _, first, inverse = np.unique(keys[kept], return_index=True, return_inverse=True)
    units = np.bincount(inverse, types.units[kept], minlength=len(first)).astype(np.int64)
    parts = None
    if types.weight_parts is not None:
        parts = np.zeros((len(first), types.weight_parts.shape[1]), dtype=np.int64)
        np.add.at(parts, inverse, types.weight_parts[kept])
    chosen = kept[first]
    weight, squared = weights_of(units, parts, like.weight_scale)
    incidence = replace(
        like,
        rows=_named(like.rows, found.row_categories),
        columns=_named(like.columns, found.column_categories),
        row_sets=found.row_sets[chosen],
        column_sets=found.column_sets[chosen],
        units=units,
        weight=weight,
        weight_squared=squared,
        weight_parts=parts,
        stratum=types.stratum[chosen],
        strata=types.strata,
        group=None if types.group is None else types.group[chosen],
        groups=types.groups,
        n_groups=None if types.group is None else len(types.groups),
    )
    return selected(incidence, np.ones(len(units), dtype=np.bool_))


def _named(side: Side, categories: tuple[str, ...]) -> Side:
    return replace(side, categories=categories)


def _taxonomy(side: TypeSide, taxonomies: Mapping[str, Taxonomy]) -> Taxonomy:
    """Return the taxonomy of a side; where a config has none each label is a category."""
    found = taxonomies.get(side.taxonomy) or taxonomies.get("")
    return found or Taxonomy(side.taxonomy, (), identity=True)


def _filed(side: TypeSide, taxonomy: Taxonomy) -> tuple[tuple[str, ...], NDArray[np.bool_]]:
    """Return the categories, and those (sets, categories) of each set of types."""
    vocabulary = side.vocabulary
    if taxonomy.identity:
        taxonomy = identity_taxonomy(taxonomy.name, vocabulary, taxonomy.categories)
    if taxonomy.unmatched == "error":
        taxonomy = replace(taxonomy, unmatched="report")
    rules = assign(taxonomy, vocabulary, side.kind).rules
    of_types = [
        taxonomy.derive(frozenset(c for label in labels for c in rules[side.labels[label]])) for labels in side.types
    ]
    sets = np.zeros((len(side.sets), len(taxonomy.categories)), dtype=np.bool_)
    for place, members in enumerate(side.sets):
        sets[place, sorted({category for number in members for category in of_types[number]})] = True
    return taxonomy.categories, sets
