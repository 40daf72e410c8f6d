"""Recount a relation in alternative analyses, reading only the affected units again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .. import portable
from ..taxonomy.categorise import CategorisedItems, Words, derived, slices, union
from . import Axis, Ledger
from .coverage import TopContributors
from .incidence import Incidence
from .patterns import PatternDifference, Patterns, blank, difference_of, filled, merged, patched, patterns

Items = NDArray[np.int32]

By = Literal["item", "label"]


@dataclass(frozen=True, slots=True)
class Change:
    """An item or a raw label, by its name, that is left out. `side` is the name of its side of the relation.

    If one entity is on both sides, its items and labels change on both, whichever is named.
    """

    by: By
    side: str
    name: str


@dataclass(frozen=True, eq=False)
class AlteredLedger:
    """Changed items of a side: they are removed, or have other categories.

    `words` (t, W) are the categories of all types of items, in which the types of `items` have changed. They are None
    if the items are removed.
    """

    items: Items
    words: Words | None = None

    @property
    def gone(self) -> bool:
        """Whether the items are removed."""
        return self.words is None

    def of(self, side: Axis, units: Items) -> Words:
        """Return the categories (k, W) of some units of a side."""
        if self.words is not None:
            return side.words_at(units, self.words)
        places, start = slices(side.start, units)
        held = side.use[places]
        words = side.found.words[side.found.type[held]]
        words[np.isin(held, self.items)] = 0
        return union(words, np.arange(len(held)), start)


class Recounts(Mapping[Change, "Incidence"]):
    """The incidence after each change. Only the differences are stored, and an incidence is computed on demand.

    item: it is removed, and units without any item left on a side (over a shared key with population `either`: on both)
    leave the population. label: it does not exist. Items keep their other labels, derived categories are evaluated
    again, and an item without a category stays (a record too: its text counts as unknown, not as left out). With
    `population: labelled`, units enter and leave according to their categories. The group, stratum and weight of a unit
    do not change, nor do strata of `activity`, so that a recount measures the effect of the item or label within the
    same strata.

    A change of a missing item or label gives the incidence itself.
    """

    def __init__(self, ledger: Ledger, base: Patterns, counted: Incidence, changes: Sequence[Change]) -> None:
        """Find the differences made by changes, given the current patterns. ValueError for an unknown side."""
        self._blank, self._base, self._counted = blank(ledger), base, counted
        numbers = _numbers(ledger, changes)
        altered = [[_altered(side, change, numbers) for side in _sides(ledger, change)] for change in changes]
        self._moved = dict(zip(changes, differences(ledger, base, altered), strict=True))

    def __getitem__(self, change: Change) -> Incidence:
        difference = self._moved[change]
        return self._counted if difference is None else filled(self._blank, patched(self._base, difference))

    def __iter__(self) -> Iterator[Change]:
        return iter(self._moved)

    def __len__(self) -> int:
        return len(self._moved)


MovedPatterns = tuple[Patterns, Patterns]
"""The patterns of the affected units, before and after a change."""


def differences(
    ledger: Ledger, base: Patterns, alterations: Sequence[Sequence[AlteredLedger | None]]
) -> list[PatternDifference | None]:
    """Return the changes of patterns if items are altered, on rows and columns, or None if no unit is affected."""
    if ledger.split is None:
        at_once = (_moved(ledger, altered) for altered in alterations)
        return [None if one is None else difference_of(base, *one) for one in at_once]
    found: list[list[MovedPatterns]] = [[] for _ in alterations]
    for part in ledger.parts:
        for own, altered in zip(found, alterations, strict=True):
            difference = _moved(part, altered)
            if difference is not None:
                own.append(difference)
    return [
        difference_of(base, merged([g for g, _ in own]), merged([c for _, c in own])) if own else None for own in found
    ]


def _moved(ledger: Ledger, alterations: Sequence[AlteredLedger | None]) -> MovedPatterns | None:
    touched = np.zeros(len(ledger.n), dtype=np.bool_)
    for side, one in zip(ledger.sides, alterations, strict=True):
        if one is not None:
            touched |= side.touching(one.items)
    units = np.flatnonzero(touched).astype(np.int32)
    if not len(units):
        return None
    before, after, left = [], [], []
    for side, one in zip(ledger.sides, alterations, strict=True):
        before.append(side.words[units])
        after.append(before[-1] if one is None else one.of(side, units))
        left.append(_left(side, units, one))
    stays = np.ones(len(units), dtype=np.bool_)
    if ledger.counts == "both":
        stays = np.logical_and(*left)
    elif ledger.counts == "either":
        stays = np.logical_or(*left)
    going, *_ = patterns(ledger, before[0], before[1], units)
    coming, *_ = patterns(ledger, after[0][stays], after[1][stays], units[stays])
    return going, coming


def _left(side: Axis, units: Items, one: AlteredLedger | None) -> NDArray[np.bool_]:
    """Return which units have an item left on a side."""
    n_left = side.start[units + 1] - side.start[units]
    if one is not None and one.gone:
        places, start = slices(side.start, units)
        gone = np.isin(side.use[places], one.items)
        n_left = n_left - np.diff(np.concatenate([[0], np.cumsum(gone)])[start])
    return np.asarray(n_left > 0)


def _sides(ledger: Ledger, change: Change) -> list[Axis | None]:
    """Return the sides on which a change alters items, None for a side that it does not affect."""
    entity = ledger.side(change.side).entity
    return [side if side.entity == entity else None for side in ledger.sides]


def _numbers(ledger: Ledger, changes: Sequence[Change]) -> dict[tuple[str, str], int]:
    """Return the number of each item that a change removes, by its entity and name."""
    names: dict[str, set[str]] = {}
    for change in changes:
        if change.by == "item":
            names.setdefault(ledger.side(change.side).entity, set()).add(change.name)
    found: dict[tuple[str, str], int] = {}
    for side in ledger.sides:
        if side.entity in names:
            found |= {(side.entity, name): n for name, n in side.names.numbers(names[side.entity]).items()}
    return found


def _altered(side: Axis | None, change: Change, numbers: Mapping[tuple[str, str], int]) -> AlteredLedger | None:
    """Return the effect of a change on the items of a side, or None if there is none."""
    if side is None:
        return None
    if change.by == "item":
        number = numbers.get((side.entity, change.name))
        if number is None:
            return None
        return AlteredLedger(np.array([number], dtype=np.int32))
    otherwise = _without_label(side.found, change.name) if side.categories else None
    if otherwise is None:
        return None
    changed = (otherwise != side.found.words).any(axis=1)
    return AlteredLedger(np.flatnonzero(changed[side.found.type]).astype(np.int32), otherwise)


def _without_label(found: CategorisedItems, name: str) -> Words | None:
    """Return the categories of all types of items of a side without a label; None if no item has it."""
    if name not in found.vocabulary:
        return None
    label = found.names.index(name)
    rules = found.rules.copy()
    rules[label] = 0
    start, carriers = found.carriers
    types = carriers[start[label] : start[label + 1]]
    places, begin = slices(found.start, types)
    words = found.words.copy()
    words[types] = derived(union(rules, found.label[places], begin), found.taxonomy)
    return words


_CELLS = 40
_OF_A_SORT = 60
_BYTES = 200_000_000
"""Approximate maximum memory of all recounts together; each is a separate incidence."""
_FREE = 100_000
_TIMES = 1.5
"""Maximum number of units affected by all recounts of items and labels, in populations: it determines the cost."""


def default_changes(ledger: Ledger, incidence: Incidence, contributors: TopContributors) -> tuple[Change, ...]:
    """Return the items and labels to leave out, by decreasing importance.

    The first is the most used item, then the largest item and label of each side of the 40 largest cells and of all
    diagonal cells, larger cells first: at most 60 items and 60 labels, each once. For large populations there are
    fewer: together they affect at most one and a half times the number of units (or 100,000 if that is more), where
    each counts the units that it affects in its largest cell. They use about 200 MB.
    """
    candidates: list[tuple[Change, int]] = []
    if contributors.items and ledger.carriers is not None:
        side = ledger.rows if ledger.carriers == "rows" else ledger.columns
        most = contributors.items[0]
        candidates.append((Change("item", side.name, most.name), most.n_units))
    place = _cells(incidence)
    largest: dict[tuple[str, str, str, str], Change] = {}
    touching: dict[Change, int] = {}
    for part in contributors.cells:
        if part.side is None or part.by not in ("item", "label"):
            continue
        change = Change(part.by, part.side, part.name)
        touching[change] = max(part.n_touching, touching.get(change, 0))
        if (part.row, part.column) in place:
            largest.setdefault((part.row, part.column, part.by, part.side), change)
    for _, change in sorted(largest.items(), key=lambda one: place[one[0][:2]]):
        candidates.append((change, touching[change]))
    changes = tuple(_afforded(candidates, max(_FREE, _TIMES * incidence.n_units)))
    p, n_rows = incidence.row_sets.shape
    size = max(1, p) * (n_rows + incidence.column_sets.shape[1] + 48)
    return changes[: max(1, _BYTES // size)]


def _afforded(candidates: Sequence[tuple[Change, int]], n_units: float) -> Iterator[Change]:
    """Yield the first changes of each kind, each once, that together affect at most `n_units` units."""
    n_of = {"item": 0, "label": 0}
    seen: set[Change] = set()
    for change, n_touching in candidates:
        if change not in seen and n_of[change.by] < _OF_A_SORT and n_touching <= n_units:
            n_of[change.by] += 1
            n_units -= n_touching
            yield change
        seen.add(change)


def _cells(incidence: Incidence) -> dict[tuple[str, str], int]:
    """Return (row, column) -> its position, for the largest cells and the diagonal, if they have units."""
    rows, columns = incidence.rows, incidence.columns
    units = incidence.units[:, None].astype(np.float64)
    joint = portable.matmul(incidence.row_sets.T.astype(np.float64), incidence.column_sets * units).ravel()
    order = np.argsort(-joint, kind="stable").tolist()
    chosen = set(order[:_CELLS])
    if (rows.taxonomy, rows.categories) == (columns.taxonomy, columns.categories) and not incidence.trivial_diagonal:
        chosen |= {i * len(columns.categories) + i for i in range(len(rows.categories))}
    n_columns = len(columns.categories)
    found = [i for i in order if i in chosen and joint[i]]
    return {(rows.categories[i // n_columns], columns.categories[i % n_columns]): n for n, i in enumerate(found)}
