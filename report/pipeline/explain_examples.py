"""What is in a cell: example units with the items that put them there, and the labels that lead to it."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import narwhals as nw

from ..contributors.labels import label_counts

if TYPE_CHECKING:
    from ..relations.meeting import Meeting, MeetingSide
    from ..sources.engine import Engine, Frame

MOST_EXAMPLES = 10
MOST_ITEMS = 5
"""Items of one example that are named, on each side."""


@dataclass(frozen=True, slots=True)
class ExampleItem:
    """An item of a unit that has the cell's category, with its raw labels in order."""

    id: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExampleSide:
    """The items of a unit that have the cell's category on one side: the first few by id, and how many there are."""

    kind: str
    items: tuple[ExampleItem, ...]
    n_items: int


@dataclass(frozen=True, slots=True)
class Example:
    """A unit of a cell. `id` is as the data have it: an item, a key, "from -> to" of a link, both fields of a record.

    `n` is how many equal records it stands for, 1 otherwise; `weight` is None without weights; `counts_as` is how much
    one such unit adds to this cell: 1, its weight, or its part where links count fractionally.
    """

    id: str
    n: int
    weight: float | None
    counts_as: float
    given: ExampleSide
    outcome: ExampleSide


@dataclass(frozen=True, slots=True)
class Examples:
    """Up to ten units of the `n_units` (records: of the `n_units` different ones) of a cell, and how they are chosen.

    `by` is "weight" (the heaviest), "seed" (a choice that rests on the seed and each id alone) or "all".
    """

    by: str
    seed: int | None
    n_units: int
    units: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class LabelUse:
    """A raw label that brings units of a cell a category on one side.

    `on_rows` says on which side of the relation; `n_touching` units have an item of that category with the label, of
    which `n_sole` would leave the cell if the label did not exist.
    """

    on_rows: bool
    label: str
    n_touching: int
    n_sole: int


@dataclass(frozen=True, slots=True)
class Inside:
    """What is in a cell: example units, and the labels that lead there, most units first on each side."""

    examples: Examples
    labels: tuple[LabelUse, ...]


@dataclass(frozen=True, slots=True)
class _Unit:
    """A unit by its number (`key`) and by what names it: an id, a key, the number of a record, both ids of a link."""

    key: int
    name: str
    n: int
    weight: int | None


def look_inside(meeting: Meeting, given: str, outcome: str, seed: int, engine: Engine, *, turned: bool) -> Inside:
    """Return what is in the cell of one category given and one as outcome; `turned` panels have columns as given."""
    row, column = (outcome, given) if turned else (given, outcome)
    places = meeting.rows.categories.index(row), meeting.columns.categories.index(column)
    units = meeting.units
    for side, place in zip((meeting.rows, meeting.columns), places, strict=True):
        having = side.memberships().filter(nw.col("category") == place).select("unit").unique()
        units = units.join(having, on="unit", how="semi")
    units = engine.keep(units)
    found = _units(meeting, units, engine)
    chosen, by = _chosen(found, seed)
    keys = engine.keep(engine.load({"unit": [unit.key for unit in chosen]}, ["unit"]))
    described = _described(meeting, chosen, places, keys, engine, turned=turned)
    examples = Examples(by, seed if by == "seed" else None, len(found), tuple(described))
    return Inside(examples, tuple(_labels(meeting, units, places, engine)))


def _units(meeting: Meeting, units: Frame, engine: Engine) -> list[_Unit]:
    weighted = meeting.weight_scale is not None
    table = engine.collect(_identified(meeting, units).select("unit", "name", "n", *(["weight"] if weighted else [])))
    weights = [int(weight) for weight in table["weight"]] if weighted else [None] * len(table)
    columns = (table[column].tolist() for column in ("unit", "name", "n"))
    rows = zip(*columns, weights, strict=True)
    return [_Unit(key, str(name), int(n), weight) for key, name, n, weight in rows]


def _identified(meeting: Meeting, units: Frame) -> Frame:
    """Return units with a `name` that is theirs whatever others there are; that of a link says where its first ends."""
    role = meeting.unit.role
    if meeting.keys is not None:
        return units.join(meeting.keys, on="unit")
    if role == "record":
        return units.with_columns(name=nw.col("unit"))
    if role in ("from", "to"):
        side = meeting.rows if role == "from" else meeting.columns
        return side.named(units.with_columns(item=nw.col("unit")))
    for end, side in (("from", meeting.rows), ("to", meeting.columns)):
        units = units.join(side.named(side.uses).select("unit", nw.col("name").alias(end)), on="unit")
    length = nw.col("from").str.len_chars().cast(nw.String)
    return units.with_columns(name=nw.concat_str([length, nw.lit(":"), nw.col("from"), nw.col("to")]))


def _chosen(found: Sequence[_Unit], seed: int) -> tuple[list[_Unit], str]:
    """Return the heaviest, or those whose seeded hash is least: which stays so whatever other units come or go."""

    def place(unit: _Unit) -> bytes:
        return hashlib.blake2b(f"{seed}:{unit.name}".encode(), digest_size=16).digest()

    if any(unit.weight is not None for unit in found):
        heaviest = heapq.nsmallest(MOST_EXAMPLES, found, key=lambda unit: (-(unit.weight or 0), unit.name))
        return heaviest, "all" if len(found) <= MOST_EXAMPLES else "weight"
    some = found if len(found) <= MOST_EXAMPLES else heapq.nsmallest(MOST_EXAMPLES, found, key=place)
    return sorted(some, key=lambda unit: unit.name), "all" if len(found) <= MOST_EXAMPLES else "seed"


def _described(
    meeting: Meeting, chosen: Sequence[_Unit], places: tuple[int, int], keys: Frame, engine: Engine, *, turned: bool
) -> Iterator[Example]:
    both = meeting.rows, meeting.columns
    sides = [_sides(side, place, keys, engine) for side, place in zip(both, places, strict=True)]
    parts, names = _parts(meeting, keys, engine), _names(meeting, chosen, keys, engine)
    for unit in chosen:
        own = [side.get(unit.key, ()) for side in sides]
        told = [
            ExampleSide(side.kind.name, items[:MOST_ITEMS], len(items)) for side, items in zip(both, own, strict=True)
        ]
        weight = None if unit.weight is None else unit.weight / (meeting.weight_scale or 1)
        counts_as = (1.0 if weight is None else weight) * parts.get(unit.key, 1.0)
        first, second = told[::-1] if turned else told
        yield Example(names[unit.key], unit.n, weight, counts_as, first, second)


def _labels(meeting: Meeting, units: Frame, places: tuple[int, int], engine: Engine) -> Iterator[LabelUse]:
    """Yield the labels that bring the cell's units its categories, most units first; of one entity twice, its rows."""
    n_units = units.select("unit", "n")
    for on_rows, side, place in ((True, meeting.rows, places[0]), (False, meeting.columns, places[1])):
        found = label_counts(side, units, engine)
        if found is None:
            continue
        own = found.filter(nw.col("category") == place).select("unit", "name", "alone").join(n_units, on="unit")
        counts = own.group_by("name").agg(
            touching=nw.col("n").sum().cast(nw.Int64), sole=(nw.col("n") * nw.col("alone")).sum().cast(nw.Int64)
        )
        rows = engine.collect(counts.select("name", "touching", "sole")).itertuples(index=False)
        told = [LabelUse(on_rows, str(name), int(touching), int(sole)) for name, touching, sole in rows]
        yield from sorted(told, key=lambda use: (-use.n_touching, -use.n_sole, use.label))


def _sides(side: MeetingSide, category: int, keys: Frame, engine: Engine) -> dict[object, tuple[ExampleItem, ...]]:
    """Return for each unit its items in a category, by id, with the labels that they carry."""
    having = side.members.filter(nw.col("category") == category).select("item").unique()
    held = side.uses.join(keys, on="unit").join(having, on="item").select("unit", "item").unique()
    uses = engine.keep(side.named(held))
    labels: dict[str, list[str]] = {}
    if side.found is not None:
        items = uses.select("item", "name").unique()
        pairs = side.found.pairs.select(item=nw.col("key"), label=nw.col("label")).join(items, on="item").unique()
        for item, label in engine.collect(pairs.select("name", "label")).itertuples(index=False):
            labels.setdefault(str(item), []).append(str(label))
    found: dict[object, list[str]] = {}
    for unit, item in engine.collect(uses.select("unit", "name")).itertuples(index=False):
        found.setdefault(unit, []).append(str(item))
    return {
        unit: tuple(ExampleItem(item, tuple(sorted(labels.get(item, ())))) for item in sorted(items))
        for unit, items in found.items()
    }


def _parts(meeting: Meeting, keys: Frame, engine: Engine) -> Mapping[object, float]:
    """Return what part of each unit falls to one pair of categories; empty where units count whole."""
    if not meeting.fractional:
        return {}
    parts: dict[object, float] = {}
    for side in (meeting.rows, meeting.columns):
        numbers = side.uses.join(keys, on="unit").join(side.members, on="item").select("unit", "category").unique()
        counts = numbers.group_by("unit").agg(n=nw.len().cast(nw.Int64))
        for unit, n in engine.collect(counts).itertuples(index=False):
            parts[unit] = parts.get(unit, 1.0) / int(n)
    return parts


def _names(meeting: Meeting, chosen: Sequence[_Unit], keys: Frame, engine: Engine) -> dict[object, str]:
    """Return what each unit is called: links and records by what they join."""
    if meeting.unit.role not in ("link", "record"):
        return {unit.key: unit.name for unit in chosen}
    ends: list[dict[object, str]] = []
    for side in (meeting.rows, meeting.columns):
        used = engine.collect(side.named(side.uses.join(keys, on="unit")).select("unit", "name"))
        ends.append({unit: str(item) for unit, item in used.itertuples(index=False)})
    joint = " -> " if meeting.unit.role == "link" else " | "
    return {unit: f"{ends[0][unit]}{joint}{ends[1][unit]}" for unit in ends[0]}
