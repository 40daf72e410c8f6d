"""What is in a cell: example units with the items that put them there, and the labels that lead to it."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..ledger.contributions import labels_of
from ..taxonomy.sets import has, members

if TYPE_CHECKING:
    from ..ledger.ledger import Axis, Ledger
    from ..taxonomy.sets import Numbers

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


def look_inside(ledger: Ledger, given: str, outcome: str, seed: int, *, turned: bool) -> Inside:
    """Return what is in the cell of one category given and one as outcome; `turned` panels have columns as given."""
    row, column = (outcome, given) if turned else (given, outcome)
    places = ledger.rows.categories.index(row), ledger.columns.categories.index(column)
    there = ledger.alive.copy()
    for side, place in zip(ledger.sides, places, strict=True):
        there &= has(side.words, place)
    units = np.flatnonzero(there)
    names = dict(zip(units.tolist(), _identified(ledger, units), strict=True))
    weights = None if ledger.weight is None else dict(zip(names, ledger.weight[units].tolist(), strict=True))
    chosen, by = _chosen(names, weights, seed)
    described = tuple(_described(ledger, unit, places, turned=turned) for unit in chosen)
    examples = Examples(by, seed if by == "seed" else None, len(units), described)
    return Inside(examples, tuple(_labels(ledger, units, places)))


def _chosen(names: Mapping[int, str], weights: Mapping[int, int] | None, seed: int) -> tuple[list[int], str]:
    """Return the heaviest, or those whose seeded hash is least: which stays so whatever other units come or go."""

    def place(unit: int) -> bytes:
        return hashlib.blake2b(f"{seed}:{names[unit]}".encode(), digest_size=16).digest()

    every = len(names) <= MOST_EXAMPLES
    if weights is not None:
        heaviest = heapq.nsmallest(MOST_EXAMPLES, names, key=lambda unit: (-weights[unit], names[unit]))
        return heaviest, "all" if every else "weight"
    some = names if every else heapq.nsmallest(MOST_EXAMPLES, names, key=place)
    return sorted(some, key=lambda unit: names[unit]), "all" if every else "seed"


def _identified(ledger: Ledger, units: Numbers) -> list[str]:
    """Return names of units that are theirs whatever others there are; that of a link says where its first ends."""
    role, key = ledger.unit.role, ledger.key[units].tolist()
    if ledger.key_names is not None:
        return ledger.key_names.of(key)
    if role == "record":
        return [str(number) for number in key]
    if role in ("from", "to"):
        return (ledger.rows if role == "from" else ledger.columns).names.of(key)
    return [f"{len(first)}:{first}{second}" for first, second in zip(*_ends(ledger, units), strict=True)]


def _ends(ledger: Ledger, units: Numbers) -> tuple[list[str], list[str]]:
    """Return what stands at both ends of links, or in both fields of records."""
    rows, columns = (side.names.of(side.use[side.start[units]].tolist()) for side in ledger.sides)
    return rows, columns


def _described(ledger: Ledger, unit: int, places: tuple[int, int], *, turned: bool) -> Example:
    """Return a unit with the items that put it in a cell."""
    whole = np.array([unit])
    if ledger.unit.role in ("link", "record"):
        joint = " -> " if ledger.unit.role == "link" else " | "
        name = joint.join(end[0] for end in _ends(ledger, whole))
    else:
        (name,) = _identified(ledger, whole)
    weight = None if ledger.weight is None else int(ledger.weight[unit]) / (ledger.weight_scale or 1)
    part = 1.0
    if ledger.fractional:
        for side in ledger.sides:
            part /= int(members(side.words[whole], len(side.categories)).sum())
    first, second = (_items(side, unit, place) for side, place in zip(ledger.sides, places, strict=True))
    told = (second, first) if turned else (first, second)
    return Example(name, int(ledger.n[unit]), weight, (1.0 if weight is None else weight) * part, *told)


def _items(side: Axis, unit: int, category: int) -> ExampleSide:
    """Return the items of a unit in a category, by id, with the labels that they carry."""
    found = side.found
    held = side.use[side.start[unit] : side.start[unit + 1]]
    having = held[has(found.words[held], category)].tolist()
    shown = having[:MOST_ITEMS]
    items = [
        ExampleItem(name, tuple(found.names[label] for label in found.label[found.start[item] : found.start[item + 1]]))
        for item, name in zip(shown, side.names.of(shown), strict=True)
    ]
    return ExampleSide(side.kind.name, tuple(items), len(having))


def _labels(ledger: Ledger, units: Numbers, places: tuple[int, int]) -> Iterator[LabelUse]:
    """Yield the labels that bring the cell's units its categories, most units first; of one entity twice, its rows."""
    n = ledger.n[units]
    for on_rows, side, place in zip((True, False), ledger.sides, places, strict=True):
        labels = labels_of(side)
        touching, sole = (np.asarray(table.T @ n).astype(np.int64).tolist() for table in labels.of(units))
        told = [
            LabelUse(on_rows, side.found.names[labels.name[q]], touching[q], sole[q])
            for q in np.flatnonzero(labels.category == place).tolist()
            if touching[q]
        ]
        yield from sorted(told, key=lambda use: (-use.n_touching, -use.n_sole, use.label))
