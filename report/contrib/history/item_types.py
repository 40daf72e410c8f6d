"""Units by the raw labels of their items, so that another taxonomy can be applied without the data.

An item type is the set of raw labels of an item. A unit has a set of types on each side. The incidence over item types
is the number of units with each combination, by stratum and group.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ...arrays import laid
from ...findings.finding import RelationCounts as CountedRelation
from ...incidence import IF_SET, Incidence, Side, pattern_keys, selected
from ...ledger import Axis, Ledger
from ...ledger.patterns import unit_combinations
from ...taxonomy import Taxonomy, identity_taxonomy
from ...taxonomy.categorise import assign
from ...taxonomy.sets import distinct_rows, rows_of_values

LARGEST_VOCABULARY = 20_000
"""Maximum number of distinct labels of a side for item types."""

MOST_PATTERNS = 50_000
"""Maximum number of item types of a side, of their sets, and of patterns; item types are left out beyond it."""

Numbers = NDArray[np.int64]
Sets = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, eq=False)
class TypeSide:
    """One side: `labels` sorted, with the number of items of each; `types` sets of labels; `sets` sets of types.

    `kind` is the owner of the labels (an entity, or a side of records), and `taxonomy` the name of their taxonomy.
    """

    kind: str
    taxonomy: str
    labels: tuple[str, ...]
    n_items: tuple[int, ...]
    types: Sets
    sets: Sets

    @property
    def vocabulary(self) -> dict[str, int]:
        """Label -> number of items with it."""
        return dict(zip(self.labels, self.n_items, strict=True))


@dataclass(frozen=True, eq=False)
class KeyedUnits:
    """Units with a public key: `key` (u,), distinct and ascending, is its fingerprint, `pattern` (u,) its pattern."""

    key: Numbers
    pattern: Numbers


@dataclass(frozen=True, eq=False)
class ItemTypes:
    """q distinct (stratum, group, set of row types, set of column types) with their numbers of units.

    `row_set`, `column_set` (q,) index the sets of their sides; `stratum`, `group` (q,) number `strata`, `groups` (None
    without groups). `units` (q,); `weight_parts` (q, 10) as in `Incidence`. `counts` is the condition for a unit to
    count. With "labelled" it depends on the taxonomy, so units without a category are included.
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
    keyed: KeyedUnits | None = field(default=None, metadata=IF_SET)


_Shown = tuple[int, int, tuple[int, ...], tuple[int, ...]]
"""Stratum, group (0 without groups), and the types of items, numbered as in `CategorisedItems`, on both sides."""


def count_item_types(ledger: Ledger) -> ItemTypes | None:
    """Return the incidence of a ledger over item types, or None if it has too many of them.

    Also None if labels are private: other rules could not classify their pseudonyms.
    """
    if any(side.found.hidden for side in ledger.sides):
        return None
    if any(len(side.found.names) > LARGEST_VOCABULARY for side in ledger.sides):
        return None
    found: dict[_Shown, list[Numbers]] = {}
    for part in ledger.parts:
        if any(len(np.unique(side.found.type[side.use])) > MOST_PATTERNS for side in part.sides):
            return None
        for shown, sums in _shown(part):
            found.setdefault(shown, []).append(sums)
        if len(found) > MOST_PATTERNS:
            return None
    row_sets, column_sets = {rows for _, _, rows, _ in found}, {columns for _, _, _, columns in found}
    sides = _typed(ledger.rows, row_sets), _typed(ledger.columns, column_sets)
    if any(len(side.types) > MOST_PATTERNS for side, _ in sides):
        return None
    (rows, row_number), (columns, column_number) = sides
    keys = {shown: (*shown[:2], row_number[shown[2]], column_number[shown[3]]) for shown in found}
    ordered = sorted(found, key=lambda shown: keys[shown])
    numbers = np.array([keys[shown] for shown in ordered], dtype=np.int64).reshape(-1, 4)
    sums = np.array([np.sum(found[shown], axis=0) for shown in ordered], dtype=np.int64).reshape(len(ordered), -1)
    strata, stratum = _used(ledger.strata, numbers[:, 0])
    groups, group = ((), None) if ledger.group is None else _used(ledger.groups, numbers[:, 1])
    return ItemTypes(
        rows=rows,
        columns=columns,
        row_set=numbers[:, 2],
        column_set=numbers[:, 3],
        stratum=stratum,
        strata=strata,
        group=group,
        groups=groups,
        units=sums[:, 0],
        weight_parts=None if ledger.weight is None else sums[:, 1:],
        counts=ledger.counts,
        keyed=_keyed(ledger, {shown: place for place, shown in enumerate(ordered)}),
    )


def types_of(relation: CountedRelation) -> ItemTypes | None:
    """Return the units of a relation by item types, or None if they were not counted."""
    return relation.for_history if isinstance(relation.for_history, ItemTypes) else None


def _keyed(ledger: Ledger, place_of: Mapping[_Shown, int]) -> KeyedUnits | None:
    """Return the records of a ledger by their key, or None without public keys, with weights or too many units."""
    keyed = ledger.unit.role == "record" and ledger.key_names is not None and "unit" not in ledger.private
    if not keyed or ledger.key_names is None or ledger.split is not None or ledger.weight is not None:
        return None
    if len(ledger.key) > MOST_PATTERNS:
        return None
    sets, numbers = _sets(ledger)
    group = np.zeros(len(ledger.n), dtype=np.int64) if ledger.group is None else ledger.group
    each = zip(ledger.stratum.tolist(), group.tolist(), *(number.tolist() for number in numbers), strict=True)
    pattern = [place_of[stratum, own, sets[0][row], sets[1][column]] for stratum, own, row, column in each]
    key = np.array([fingerprint(name) for name in ledger.key_names.of(ledger.key.tolist())], dtype=np.int64)
    order = np.argsort(key)
    if (np.diff(key[order]) == 0).any():
        return None  # two keys with one fingerprint
    return KeyedUnits(key[order], np.array(pattern, dtype=np.int64)[order])


def fingerprint(name: str) -> int:
    """Return a number of 48 bits for a key."""
    return int.from_bytes(hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()[:6], "big")


def _shown(ledger: Ledger) -> Iterator[tuple[_Shown, Numbers]]:
    """Yield the combinations of types in a part, with the number of units and the parts of their weight sums."""
    sets, numbers = _sets(ledger)
    first, _, units, parts = unit_combinations(ledger, np.arange(len(ledger.n)), *numbers)
    if len(first) > MOST_PATTERNS:
        units = units[: MOST_PATTERNS + 1]  # already too many
    for place, n_units in enumerate(units.tolist()):
        unit = int(first[place])
        group = 0 if ledger.group is None else int(ledger.group[unit])
        shown = sets[0][numbers[0][unit]], sets[1][numbers[1][unit]]
        sums = np.array([n_units]) if parts is None else np.concatenate([[n_units], parts[place]])
        yield (int(ledger.stratum[unit]), group, *shown), sums


def _sets(ledger: Ledger) -> tuple[list[list[tuple[int, ...]]], list[Numbers]]:
    """Return the distinct sets of types on both sides, and the number of each unit's set (u,)."""
    sets, numbers = [], []
    for side in ledger.sides:
        start, type_ = rows_of_values(side.unit, side.found.type[side.use], len(side.start) - 1)
        first, members, number = distinct_rows(start, type_)
        sets.append([tuple(members[low:high].tolist()) for low, high in pairwise(first.tolist())])
        numbers.append(number.astype(np.int64))
    return sets, numbers


def _used(names: tuple[str, ...], number: Numbers) -> tuple[tuple[str, ...], Numbers]:
    there, place = np.unique(number, return_inverse=True)
    return tuple(names[i] for i in there), place.astype(np.int64)


def _typed(side: Axis, shown: Collection[tuple[int, ...]]) -> tuple[TypeSide, dict[tuple[int, ...], int]]:
    """Return a side by the types of its units, and the number of each set of types."""
    found = side.found
    n_items = tuple(found.vocabulary[name] for name in found.names)
    labels = {
        type_: tuple(found.label[found.start[type_] : found.start[type_ + 1]].tolist())
        for type_ in {type_ for types in shown for type_ in types}
    }
    types = tuple(sorted({(), *labels.values()}))
    place = {own: number for number, own in enumerate(types)}
    renumbered = {own: tuple(sorted(place[labels[type_]] for type_ in own)) for own in shown}
    sets = tuple(sorted({(), *renumbered.values()}))
    number_of = {own: number for number, own in enumerate(sets)}
    numbers = {own: number_of[new] for own, new in renumbered.items()}
    return TypeSide(side.entity, side.taxonomy, found.names, n_items, types, sets), numbers


@dataclass(frozen=True, eq=False)
class TypeFiling:
    """The categories of q patterns under given taxonomies: names, and the sets (q, R) and (q, C) of each pattern.

    `counts` (q,) marks the units that count: with `population: labelled` they need a category on both sides.
    """

    row_categories: tuple[str, ...]
    column_categories: tuple[str, ...]
    row_sets: NDArray[np.bool_]
    column_sets: NDArray[np.bool_]
    counts: NDArray[np.bool_]


def filing(types: ItemTypes, taxonomies: Mapping[str, Taxonomy]) -> TypeFiling:
    """Return the categories of each pattern under taxonomies, by name. Unmatched labels raise no error here."""
    sides = [_filed(side, _taxonomy(side, taxonomies)) for side in (types.rows, types.columns)]
    (row_names, row_sets), (column_names, column_sets) = sides
    of_rows, of_columns = row_sets[types.row_set], column_sets[types.column_set]
    counts: NDArray[np.bool_] = np.ones(len(of_rows), dtype=np.bool_)
    if types.counts == "labelled":
        counts = np.asarray(of_rows.any(axis=1) & of_columns.any(axis=1))
    return TypeFiling(row_names, column_names, of_rows, of_columns, counts)


def filed(types: ItemTypes, like: Incidence, taxonomies: Mapping[str, Taxonomy]) -> Incidence:
    """Return the incidence of item types under taxonomies, by name.

    `like` provides the properties that do not depend on categories: unit, kinds, the scale of weights, fractional
    counting.
    """
    found = filing(types, taxonomies)
    keys = pattern_keys(types.stratum, types.group, found.row_sets, found.column_sets)
    kept = np.flatnonzero(found.counts)
    _, first, inverse = np.unique(keys[kept], return_index=True, return_inverse=True)
    units = np.bincount(inverse, types.units[kept], minlength=len(first)).astype(np.int64)
    parts = None if types.weight_parts is None else laid(types.weight_parts[kept], inverse, len(first))
    chosen = kept[first]
    incidence = replace(
        like.shown_by(units, parts),
        rows=_named(like.rows, found.row_categories),
        columns=_named(like.columns, found.column_categories),
        row_sets=found.row_sets[chosen],
        column_sets=found.column_sets[chosen],
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
    """Return the taxonomy of a side; if a config has none, each label is a category."""
    found = taxonomies.get(side.taxonomy) or taxonomies.get("")
    return found or Taxonomy(side.taxonomy, (), identity=True)


def _filed(side: TypeSide, taxonomy: Taxonomy) -> tuple[tuple[str, ...], NDArray[np.bool_]]:
    """Return the categories, and those (sets, categories) of each set of types."""
    vocabulary = side.vocabulary
    if taxonomy.identity:
        taxonomy = identity_taxonomy(taxonomy, vocabulary)
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
