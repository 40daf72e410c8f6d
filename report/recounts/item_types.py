"""Units by the raw labels of their items: what any taxonomy can be applied to, without the data.

An item type is the set of raw labels that an item has. A unit shows a set of types on each side; how many units show
which, in which stratum and group, is the incidence over item types. It is made in the engine; only distinct types and
patterns leave it. What a set is, is told by two sums of 40 bits of hashes, so that no engine need build lists: two of
10^5 sets are taken for one with a chance of about 10^-14.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from ..incidence import Side, parts_of, sums, weights_of
from ..taxonomy.assign import assign
from ..taxonomy.compile import Taxonomy, identity_taxonomy
from .levels import selected
from .merging import pattern_keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

    from ..incidence import Incidence
    from ..relations.meeting import Meeting, MeetingSide
    from ..sources.engine import Engine, Frame

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


def count_item_types(meeting: Meeting, engine: Engine) -> ItemTypes | None:
    """Return the incidence of a meeting over item types; None where it has too many of them to be kept."""
    sides = (meeting.rows, meeting.columns)
    if any(side.found is None or len(side.found.vocabulary) > LARGEST_VOCABULARY for side in sides):
        return None
    units = meeting.units if meeting.unfiltered is None else meeting.unfiltered
    typed: list[_Typed] = []
    for name, side in zip(("row", "column"), sides, strict=True):
        found = _typed(name, side, units, engine)
        if found is None:
            return None
        typed.append(found)
        units = units.join(found.hashes, on="unit", how="left").with_columns(
            nw.col(part).fill_null(0) for part in found.parts
        )
    keys = ["stratum", *(["group"] if meeting.grouped else []), *typed[0].parts, *typed[1].parts]
    weighted = meeting.weight_scale is not None
    counted = engine.keep(units.group_by(*keys).agg(*sums(weighted=weighted), unit=nw.col("unit").min()))
    if _rows(counted, engine) > MOST_PATTERNS:
        return None
    table = engine.collect(counted)
    strata, stratum = _numbered(table["stratum"])
    groups, group = _numbered(table["group"]) if meeting.grouped else ((), None)
    of_sides = [_sets(one, table, counted, engine) for one in typed]
    (rows, row_set), (columns, column_set) = of_sides
    order = np.lexsort([column_set, row_set, *([] if group is None else [group]), stratum])
    return ItemTypes(
        rows=rows,
        columns=columns,
        row_set=row_set[order],
        column_set=column_set[order],
        stratum=stratum[order],
        strata=strata,
        group=None if group is None else group[order],
        groups=groups,
        units=table["units"].to_numpy(np.int64)[order],
        weight_parts=parts_of(table)[order] if weighted else None,
        counts=meeting.counts,
    )


@dataclass(frozen=True, eq=False)
class _Typed:
    """One side in the engine: (`unit`, `type`) distinct, and the hash of each unit's set in `parts`."""

    side: TypeSide
    parts: tuple[str, str]
    members: Frame
    hashes: Frame


def _typed(name: str, side: MeetingSide, units: Frame, engine: Engine) -> _Typed | None:
    """Return the types of a side's items in use, and the set of each unit; None where there are too many."""
    if side.found is None:
        raise AssertionError("sides without labels are left out before")
    vocabulary = dict(sorted(side.found.vocabulary.items()))
    hashes = engine.load(
        {"label": list(vocabulary), **_columns([(label,) for label in vocabulary], "h1", "h2")}, ["h1", "h2"]
    )
    uses = engine.keep(side.uses.join(units.select("unit"), on="unit", how="semi").select("unit", "item"))
    pairs = side.found.pairs.select("label", item=nw.col("key")).unique()
    pairs = pairs.join(uses.select("item").unique(), on="item", how="semi")
    of_items = engine.keep(pairs.join(hashes, on="label").group_by("item").agg(h1=_sum("h1"), h2=_sum("h2")))
    distinct = engine.keep(of_items.group_by("h1", "h2").agg(item=nw.col("item").min()))
    if _rows(distinct, engine) > MOST_PATTERNS:
        return None
    names = list(vocabulary)
    number = {label: place for place, label in enumerate(names)}
    shown = engine.collect(pairs.join(distinct, on="item").select("h1", "h2", "label"))
    types = _gathered(shown, [number[label] for label in shown["label"].tolist()])
    ordered = sorted({(), *types.values()})
    table = _table_of(types, ordered, names, engine)
    found = uses.join(of_items, on="item", how="left").with_columns(nw.col(part).fill_null(0) for part in ("h1", "h2"))
    members = engine.keep(found.join(table, on=["h1", "h2"]).select("unit", "type", "t1", "t2").unique())
    parts = (f"{name}_1", f"{name}_2")
    of_units = members.group_by("unit").agg(_sum("t1").alias(parts[0]), _sum("t2").alias(parts[1]))
    kind = TypeSide(side.entity, side.taxonomy, tuple(vocabulary), tuple(vocabulary.values()), tuple(ordered), ())
    return _Typed(kind, parts, members, engine.keep(of_units))


def _table_of(
    types: Mapping[tuple[int, int], tuple[int, ...]],
    ordered: Sequence[tuple[int, ...]],
    names: list[str],
    engine: Engine,
) -> Frame:
    """Return the types by the hashes of their labels (`h1`, `h2`): the number of each, and the hashes of its own."""
    place = {labels: i for i, labels in enumerate(ordered)}
    keyed = {(0, 0): (), **types}
    return engine.load(
        {
            "h1": [key[0] for key in keyed],
            "h2": [key[1] for key in keyed],
            "type": [place[labels] for labels in keyed.values()],
            **_columns([tuple(names[i] for i in labels) for labels in keyed.values()], "t1", "t2"),
        },
        ["h1", "h2", "type", "t1", "t2"],
    )


def _sets(typed: _Typed, table: pd.DataFrame, counted: Frame, engine: Engine) -> tuple[TypeSide, Numbers]:
    """Return the side with the sets of types that patterns show, and the number (q,) of each pattern's set."""
    first, second = typed.parts
    shown = counted.group_by(first, second).agg(unit=nw.col("unit").min())
    rows = engine.collect(shown.join(typed.members, on="unit").select("type", h1=nw.col(first), h2=nw.col(second)))
    sets = _gathered(rows, rows["type"].tolist())
    ordered = tuple(sorted({(), *sets.values()}))
    place = {types: i for i, types in enumerate(ordered)}
    keys = zip(table[first].tolist(), table[second].tolist(), strict=True)
    return replace(typed.side, sets=ordered), np.array([place[sets.get(key, ())] for key in keys], dtype=np.int64)


def _gathered(rows: pd.DataFrame, numbers: Iterable[int]) -> dict[tuple[int, int], tuple[int, ...]]:
    """Return hash -> the numbers that stand with it, ascending."""
    found: dict[tuple[int, int], list[int]] = {}
    for first, second, number in zip(rows["h1"].tolist(), rows["h2"].tolist(), numbers, strict=True):
        found.setdefault((int(first), int(second)), []).append(int(number))
    return {key: tuple(sorted(set(values))) for key, values in found.items()}


def _columns(texts: Sequence[tuple[str, ...]], first: str, second: str) -> dict[str, list[int]]:
    """Return two hashes of 40 bits, above 0, of each list of texts: a sum of 2^22 of them stays within 62 bits."""
    digests = [hashlib.blake2b(repr(text).encode(), digest_size=10).digest() for text in texts]
    return {
        first: [1 + int.from_bytes(digest[:5], "big") for digest in digests],
        second: [1 + int.from_bytes(digest[5:], "big") for digest in digests],
    }


def _sum(column: str) -> nw.Expr:
    return nw.col(column).sum().cast(nw.Int64)


def _rows(frame: Frame, engine: Engine) -> int:
    return int(engine.collect(frame.select(n=nw.len().cast(nw.Int64)))["n"].iloc[0])


def _numbered(keys: pd.Series[str]) -> tuple[tuple[str, ...], Numbers]:
    names = tuple(sorted(set(keys.astype(str))))
    number = {name: i for i, name in enumerate(names)}
    return names, np.array([number[text] for text in keys.astype(str)], dtype=np.int64)


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
