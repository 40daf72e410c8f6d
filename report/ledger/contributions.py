"""Who carries each cell of a ledger: items, raw labels, strata and groups.

Each sort is a table of units by candidates (an item or label in one of its categories, or a level), and what a
candidate carries is its product with the categories of units.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from ..contributors import Contribution, Contributors, ItemUse
from ..taxonomy.sets import derived, has, members, packed, signatures, slices

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from ..contributors import By
    from ..taxonomy.categorise import Categorised
    from ..taxonomy.sets import Numbers
    from .ledger import Axis, Ledger

_SHOWN = 10
_MANY = 100_000
"""Contributors of one sort that cells have in all."""

_AT_ONCE = 100_000
"""Units that are multiplied at once."""


Tables = tuple[sparse.csr_array, sparse.csr_array]


@dataclass(frozen=True, eq=False)
class Candidates:
    """q candidates by what they are (`name`, a number in the order of names) and the category that they carry.

    `of` gives two tables (k, q) for k units: 1 where a unit has a candidate, and 1 where it would leave the category
    without it.
    """

    name: Numbers
    category: Numbers
    of: Callable[[Numbers], Tables]


def find_contributors(ledger: Ledger) -> Contributors:
    """Return who carries each cell, the items used most, and how many sets of items there are.

    Counts are units, never weights. Over a shared key no item is named (an item has one key, so it touches one unit),
    nor over records; over links by themselves the items are those at the row end, each sole.
    """
    alive = ledger.alive
    found: list[Contribution] = []
    used: tuple[ItemUse, ...] = ()
    n_sets = n_largest = None
    if ledger.carriers is not None:
        side = ledger.rows if ledger.carriers == "rows" else ledger.columns
        found += _carried(ledger, side, "item", _items(side), side.names.of)
        used = _most_used(side, alive)
        n_sets, n_largest = _item_sets(side, alive)
    for side in ledger.sides:
        if side.categories:
            found += _carried(ledger, side, "label", labels_of(side), _named(side.found.names))
    if ledger.stratum_names:
        found += _levels(ledger, "stratum", ledger.stratum, ledger.strata)
    if ledger.group is not None:
        found += _levels(ledger, "group", ledger.group, ledger.groups)
    return Contributors(tuple(found), used, n_sets, n_largest)


def _named(names: Sequence[str]) -> Callable[[Sequence[int]], list[str]]:
    return lambda numbers: [names[number] for number in numbers]


def _items(side: Axis) -> Candidates:
    """Return the items of a side in each of their categories; alone where a unit has no other in the category."""
    held = members(side.found.words, len(side.categories))
    items, categories = np.nonzero(held)
    ones = np.ones(len(items))
    of_items = sparse.csr_array((ones, (items, np.arange(len(items)))), shape=(len(held), len(items)))

    def of(units: Numbers) -> Tables:
        uses = _uses(side, units)
        table = (uses @ of_items).tocsr()
        n_items = uses @ held
        alone = table.copy()
        alone.data = (n_items[_rows(table), categories[table.indices]] == 1).astype(np.float64)
        return table, alone

    return Candidates(items, categories, of)


def _uses(side: Axis, units: Numbers) -> sparse.csr_array:
    """Return which items some units have (k, a)."""
    places, start = slices(side.start, units)
    return sparse.csr_array((np.ones(len(places)), side.use[places], start), shape=(len(units), side.found.n_items))


def labels_of(side: Axis) -> Candidates:
    """Return the labels of a side in each category that they lead to, by their rule or through derived categories.

    A unit has one where an item of it in the category carries the label; alone where all its items of the category
    would lose it if the label did not exist, and none would gain it (as one may that a derived category no longer
    takes in).
    """
    found, n_categories = side.found, len(side.categories)
    held = members(found.words, n_categories)
    item = np.repeat(np.arange(found.n_items), np.diff(found.start))
    lost, gained = _without(found, item)
    carried = _leading(found)[found.label] & held[item]
    pair, category = np.nonzero(carried | gained)
    code, candidate = np.unique(found.label[pair].astype(np.int64) * n_categories + category, return_inverse=True)
    categories = code % n_categories

    def of_items(marks: NDArray[np.bool_]) -> sparse.csr_array:
        chosen = marks[pair, category]
        places = item[pair[chosen]], candidate[chosen]
        return sparse.csr_array((np.ones(len(places[0])), places), shape=(found.n_items, len(code)))

    has_label, loses, gains = of_items(carried), of_items(carried & lost), of_items(gained)

    def of(units: Numbers) -> Tables:
        uses = _uses(side, units)
        table = (uses @ has_label).tocsr()
        table.sort_indices()
        n_items = uses @ held
        alone = _at(table, (uses @ loses).tocsr()) == n_items[_rows(table), categories[table.indices]]
        if gains.nnz:
            alone &= _at(table, (uses @ gains).tocsr()) == 0
        single = table.copy()
        single.data = alone.astype(np.float64)
        table.data = np.ones(table.nnz)
        return table, single

    return Candidates(code // n_categories, categories, of)


def _at(places: sparse.csr_array, values: sparse.csr_array) -> NDArray[np.float64]:
    """Return the values that stand where a table has entries, 0 where there are none."""
    if not values.nnz:
        return np.zeros(places.nnz)
    width = places.shape[1]
    keys = _rows(places) * width + places.indices
    values.sort_indices()
    theirs = _rows(values) * width + values.indices
    found = np.minimum(np.searchsorted(theirs, keys), len(theirs) - 1)
    return np.where(theirs[found] == keys, values.data[found], 0.0)


def _rows(places: sparse.csr_array) -> Numbers:
    return np.repeat(np.arange(places.shape[0], dtype=np.int64), np.diff(places.indptr))


def _leading(found: Categorised) -> NDArray[np.bool_]:
    """Return which categories a label may bring (l, categories): those of its rule, and derived ones of these."""
    reached = members(found.rules, len(found.taxonomy.categories))
    for rule in found.taxonomy.derived:
        reached[:, rule.category] |= reached[:, sorted(rule.of)].any(axis=1)
    return reached


def _without(found: Categorised, item: Numbers) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which categories the item of each (item, label) loses and gains where the label does not exist."""
    n_categories = len(found.taxonomy.categories)
    rules = members(found.rules, n_categories)
    ones = sparse.csr_array((np.ones(len(item)), found.label, found.start), shape=(found.n_items, len(rules)))
    needed = rules[found.label] & (ones @ rules == 1)[item]
    before = members(found.words, n_categories)[item]
    if not found.taxonomy.derived:
        return needed & before, np.zeros_like(needed)
    raw = members(found.given, n_categories)[item] & ~needed
    after = members(derived(packed(raw), found.taxonomy), n_categories)
    return before & ~after, after & ~before


def _carried(
    ledger: Ledger, side: Axis, by: By, candidates: Candidates, named: Callable[[Sequence[int]], list[str]]
) -> list[Contribution]:
    """Return the largest of each cell among candidates of one side; cells in row-major order."""
    across = ledger.columns if side is ledger.rows else ledger.rows
    shape = (len(candidates.name), len(across.categories))
    touching, sole = np.zeros(shape, dtype=np.int32), np.zeros(shape, dtype=np.int32)
    weight = ledger.n * ledger.alive
    for low in range(0, len(weight), _AT_ONCE):
        units = np.arange(low, min(low + _AT_ONCE, len(weight)))
        there = members(across.words[units], shape[1]) * weight.astype(np.float64)[units, None]
        table, alone = candidates.of(units)
        touching += (table.T @ there).astype(np.int32)
        sole += (alone.T @ there).astype(np.int32)
    rows: list[tuple[int, int, int, int, int]] = []
    for category in range(len(side.categories)):
        own = np.flatnonzero(candidates.category == category)
        for other, place in _largest(touching[own], sole[own], _shown(ledger)):
            one = own[place]
            cell = (category, other) if side is ledger.rows else (other, category)
            rows.append((*cell, int(sole[one, other]), int(touching[one, other]), int(candidates.name[one])))
    rows.sort(key=lambda row: (row[0], row[1], -row[2], -row[3], row[4]))
    return _told(ledger, rows, by, named([row[4] for row in rows]), side.name)


def _levels(ledger: Ledger, by: By, level: NDArray[np.int32], names: Sequence[str]) -> list[Contribution]:
    """Return the levels with most units of each cell."""
    rows: list[tuple[int, int, int, int, int]] = []
    n_columns = len(ledger.columns.categories)
    for category in range(len(ledger.rows.categories)):
        units = np.flatnonzero(has(ledger.rows.words, category) & ledger.alive)
        there = members(ledger.columns.words[units], n_columns) * ledger.n[units, None]
        counts = np.zeros((len(names), n_columns), dtype=np.int32)
        for column in range(n_columns):
            counts[:, column] = np.bincount(level[units], there[:, column], len(names))
        for column, place in _largest(counts, counts, _shown(ledger)):
            n = int(counts[place, column])
            rows.append((category, column, n, n, int(place)))
    return _told(ledger, rows, by, [names[row[4]] for row in rows], None)


def _shown(ledger: Ledger) -> int:
    n_cells = len(ledger.rows.categories) * len(ledger.columns.categories)
    return min(_SHOWN, max(1, _MANY // max(1, n_cells)))


def _largest(touching: NDArray[np.int32], sole: NDArray[np.int32], shown: int) -> Iterator[tuple[int, int]]:
    """Yield (column, place) of the largest of each column: by sole, then touching, then place, which is their order."""
    key = sole.astype(np.int64) * 2**31 + touching
    if not key.size:
        return
    if len(key) > shown:
        least = np.partition(key, len(key) - shown, axis=0)[len(key) - shown]
    else:
        least = np.zeros(key.shape[1], dtype=np.int64)
    place, column = np.nonzero((key >= least) & (touching > 0))
    order = np.lexsort([place, -key[place, column], column])
    place, column = place[order], column[order]
    first = np.searchsorted(column, column)
    kept = np.arange(len(column)) - first < shown
    yield from zip(column[kept].tolist(), place[kept].tolist(), strict=True)


def _told(
    ledger: Ledger, rows: Sequence[tuple[int, int, int, int, int]], by: By, names: Sequence[str], side: str | None
) -> list[Contribution]:
    row_names, column_names = ledger.rows.categories, ledger.columns.categories
    return [
        Contribution(
            row=row_names[row],
            column=column_names[column],
            by=by,
            name=name,
            n_touching=touching,
            n_sole=sole,
            side=side,
        )
        for (row, column, sole, touching, _), name in zip(rows, names, strict=True)
    ]


def _most_used(side: Axis, alive: NDArray[np.bool_]) -> tuple[ItemUse, ...]:
    """Return the ten items that most units have, then by name."""
    counts = np.bincount(side.use[alive[side.unit]], minlength=side.found.n_items)
    largest = np.lexsort([np.arange(len(counts)), -counts])[:_SHOWN]
    largest = largest[counts[largest] > 0]
    names = side.names.of(largest.tolist())
    return tuple(ItemUse(name, int(n)) for name, n in zip(names, counts[largest], strict=True))


def _item_sets(side: Axis, alive: NDArray[np.bool_]) -> tuple[int, int]:
    """Return how many distinct sets of items units have, and how many units share the commonest (0, 0 if none)."""
    having = alive & (np.diff(side.start) > 0)
    found = signatures(side.start, side.use)[having]
    if not len(found):
        return 0, 0
    order = np.lexsort(found.T)
    new = np.any(np.diff(found[order], axis=0) != 0, axis=1)
    starts = np.concatenate([[0], np.flatnonzero(new) + 1, [len(found)]])
    return len(starts) - 1, int(np.diff(starts).max())
