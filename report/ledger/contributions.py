"""Find the main contributors to each cell of a ledger: items, raw labels, strata and groups.

A candidate is an item or label in one of its categories, or a level in each category. The candidates of units are
listed unit by unit, and counted with each category of the unit on the other side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from .. import portable
from ..taxonomy import ItemNames
from ..taxonomy.categorise import CategorisedItems, Numbers, derived, members, owned, packed, slices
from . import Axis, HeldTypes, Ledger, listed, per_category
from .coverage import By, Contribution, ItemUse, TopContributors

_SHOWN = 10
_MANY = 100_000
"""Total number of contributors of one kind over all cells."""

_AT_ONCE = 50_000
"""Number of units processed at once."""

_COUNTS = 8_000_000
"""Number of pairs of a candidate and a category counted at once, with the most used candidates first. Items and groups,
of which there may be very many, share it."""

_SETS = 1 << 20
"""Maximum number of pairs of a candidate and a set of categories that are counted by set."""

Had = tuple["Numbers", "Numbers", "NDArray[np.bool_]"]
"""Unit (its position), candidate, and whether the unit would leave the category without the candidate."""


Candidates = tuple["Numbers", "Numbers"]
"""The name of each of q candidates, a number in the order of names, and its category."""


class _Some:
    """Some units of a part, and their items on rows and columns."""

    def __init__(self, part: Ledger, units: Numbers) -> None:
        self.part, self.units, self.n = part, units, part.n[units]
        self.sides = HeldTypes(part.rows, units), HeldTypes(part.columns, units)


class _Job:
    """Candidates of one side, or levels (like rows), with the number of units of each category on the other side."""

    def __init__(self, ledger: Ledger, candidates: Candidates, had: Callable[[_Some], Had], *, is_row: bool) -> None:
        self.candidates, self.is_row, self._had = candidates, is_row, had
        shape = len(candidates[0]), len(ledger.sides[is_row].categories)
        # a row of records may contain any number of units
        self.touching, self.sole = np.zeros((2, *shape), np.int64 if ledger.unit.role == "record" else np.int32)

    def add(self, some: _Some) -> None:
        """Add the counts of some units."""
        unit, candidate, alone = self._had(some)
        number, shown = some.sides[self.is_row].sets
        if len(self.candidates[0]) * len(shown) <= _SETS:  # few pairs: count by set instead of by unit and category
            place, shape = candidate * len(shown) + number[unit], (len(self.candidates[0]), len(shown))
            for totals, chosen in ((self.touching, slice(None)), (self.sole, alone)):
                n = None if (some.n == 1).all() else some.n[unit][chosen]
                of_sets = np.bincount(place[chosen], n, shape[0] * shape[1]).reshape(shape)
                totals[:] += portable.matmul(of_sets.astype(np.float64), shown).astype(totals.dtype)
            return
        start, category = some.sides[self.is_row].categories
        places, each = owned(start, unit)
        cell, alone = candidate[each] * self.touching.shape[1] + category[places], alone[each]
        n = None if (some.n == 1).all() else some.n[unit][each]
        _add(self.touching, cell, n)
        _add(self.sole, cell[alone], None if n is None else n[alone])


def _add(counts: NDArray[np.integer], cell: Numbers, n: NDArray[np.integer] | None) -> None:
    """Add 1 or `n` to counts at each position."""
    if counts.size < 8 * len(cell):
        counts += np.bincount(cell, n, counts.size).astype(counts.dtype).reshape(counts.shape)
    else:
        # With another type numpy uses a slow path.
        np.add.at(counts.reshape(-1), cell, counts.dtype.type(1) if n is None else n.astype(counts.dtype))


def _count(ledger: Ledger, jobs: Sequence[_Job]) -> None:
    """Count the units of a ledger for all jobs."""
    for part in ledger.parts if jobs else ():
        units = np.flatnonzero(part.alive & part.rows.words.any(axis=1) & part.columns.words.any(axis=1))
        for low in range(0, len(units), _AT_ONCE):
            some = _Some(part, units[low : low + _AT_ONCE])
            for job in jobs:
                job.add(some)


def find_contributors(ledger: Ledger) -> TopContributors:
    """Return the main contributors to each cell, and the most used items.

    Counts are units, never weights. With a shared key no item is named (an item has one key, so it affects one unit),
    nor with records. If links are the units, the items are at the row end, and each is sole.
    """
    sorts: list[_Sort] = []
    used: tuple[ItemUse, ...] = ()
    if ledger.carriers is not None:
        is_row = ledger.carriers == "rows"
        side = ledger.sides[not is_row]
        uses = _used(ledger, is_row=is_row)
        used = _most_used(side, uses)
        sorts.append(_Sort(ledger, "item", side, side.names, _items(ledger, uses, is_row=is_row)))
    for is_row, side in zip((True, False), ledger.sides, strict=True):
        if side.categories:
            sorts.append(_Sort(ledger, "label", side, side.found.names, _labels(ledger, is_row=is_row)))
    if ledger.stratum_names:
        sorts.append(_Sort(ledger, "stratum", None, ledger.strata, _levels(ledger, "stratum")))
    if ledger.group is not None:
        sorts.append(_Sort(ledger, "group", None, ledger.groups, _levels(ledger, "group")))
    while any(jobs := [sort.next() for sort in sorts]):
        _count(ledger, [job for job in jobs if job is not None])
        for sort, job in zip(sorts, jobs, strict=True):
            sort.take(job)
    return TopContributors(tuple(one for sort in sorts for one in sort.told()), used)


_Source = tuple[NDArray[np.integer], int, Callable[[NDArray[np.int32]], _Job]]
"""Names of one kind: the number of units with each, the maximum number of pairs per name, and a job factory."""


class _Sort:
    """The main contributors of each cell among names of one kind.

    If there are very many names, the most used are counted first. A contribution is at most the number of units with
    the name, so counting stops when no remaining name could be among the largest.
    """

    def __init__(
        self, ledger: Ledger, by: By, side: Axis | None, names: Sequence[str] | ItemNames, source: _Source
    ) -> None:
        self._ledger, self._by, self._side, self._names = ledger, by, side, names
        self._uses, width, self._job = source
        n_cells = len(ledger.rows.categories) * len(ledger.columns.categories)
        self._n_cells, self._shown = n_cells, min(_SHOWN, max(1, _MANY // max(1, n_cells)))
        n_shares = (ledger.carriers is not None) + (ledger.group is not None)
        self._n_names = max(1, _COUNTS // max(1, width) // max(1, n_shares))
        self._left = np.flatnonzero(self._uses).astype(np.int32)
        if len(self._left) > self._n_names:
            self._left = self._left[np.argsort(-self._uses[self._left], kind="stable")]
        self._rows = np.zeros((0, 5), dtype=np.int64)

    def next(self) -> _Job | None:
        """Return the next job, or None if nothing is left to count."""
        if not len(self._left) or self._least() > self._uses[self._left[0]]:
            return None
        chosen, self._left = np.sort(self._left[: self._n_names]), self._left[self._n_names :]
        return self._job(chosen)

    def take(self, job: _Job | None) -> None:
        """Keep the largest contributors found by a job."""
        if job is not None:
            self._rows = _largest(np.concatenate([self._rows, _rows(job, self._shown)]), self._shown)

    def _least(self) -> int:
        """Return the smallest sole count among the last contributors listed for each cell, or 0 if a cell has room."""
        last = self._rows[_places(self._rows[:, 0] << 32 | self._rows[:, 1]) == self._shown - 1, 2]
        return int(last.min()) if len(last) and len(last) == self._n_cells else 0

    def told(self) -> Iterator[Contribution]:
        """Yield the largest contributors, with cells in row-major order."""
        rows, columns = self._ledger.rows.categories, self._ledger.columns.categories
        side, of = None if self._side is None else self._side.name, self._rows[:, 4].tolist()
        names = [self._names[n] for n in of] if isinstance(self._names, Sequence) else self._names.of(of)
        for (row, column, sole, touching, _), name in zip(self._rows.tolist(), names, strict=True):
            yield Contribution(rows[row], columns[column], self._by, name, touching, sole, side)


def _places(cell: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return the rank of each row within its cell, given the cells of rows in order."""
    starts = np.flatnonzero(np.diff(cell, prepend=-1))
    return np.arange(len(cell)) - np.repeat(starts, np.diff(np.append(starts, len(cell))))


def _largest(rows: NDArray[np.int64], shown: int) -> NDArray[np.int64]:
    """Return the largest rows of each cell: by sole count, then touching count, then the number of the name."""
    row, column, sole, touching, name = rows.T
    rows = rows[np.lexsort((name, -touching, -sole, column, row))]
    return rows[_places(rows[:, 0] << 32 | rows[:, 1]) < shown]


def _rows(job: _Job, shown: int) -> NDArray[np.int64]:
    """Return row, column, sole, touching and number of the name (m, 5) for the largest candidates of each cell."""
    n_other = job.touching.shape[1]
    touched = np.flatnonzero(job.touching)
    sole, touching = (counts.reshape(-1)[touched].astype(np.int64) for counts in (job.sole, job.touching))
    candidate, other = np.divmod(touched, n_other)
    name, category = job.candidates
    cell = category[candidate] * n_other + other
    order = np.lexsort((-(sole * 2**31 + touching), cell))  # candidates are in the order of names
    best = order[_places(cell[order]) < shown]
    ends = (category[candidate[best]], other[best])[:: 1 if job.is_row else -1]
    return np.stack([*ends, sole[best], touching[best], name[candidate[best]]], axis=1)


def _items(ledger: Ledger, uses: NDArray[np.integer], *, is_row: bool) -> _Source:
    """Return the items of a side in each of their categories; sole if a unit has no other item in the category."""
    side = ledger.sides[not is_row]
    types = side.found.type
    starts, categories = listed(members(side.found.words, len(side.categories)))
    n_each = np.diff(starts)[types]

    def job(chosen: NDArray[np.int32]) -> _Job:
        sizes = n_each[chosen]
        first = np.full(len(uses), -1, dtype=np.int32)
        first[chosen] = np.cumsum(sizes) - sizes
        places, _ = slices(starts, types[chosen])

        def had(some: _Some) -> Had:
            held = some.sides[not is_row]
            there = np.flatnonzero(first[held.item] >= 0)
            unit, item, type_ = held.unit[there], held.item[there], held.type[there]
            places, each = owned(starts, type_)
            unit = unit[each]
            candidate = places + (first[item] - starts[type_])[each]
            return unit, candidate, held.n_items[unit, categories[places]] == 1

        return _Job(ledger, (np.repeat(chosen, sizes), categories[places]), had, is_row=is_row)

    return uses * (n_each > 0), len(ledger.sides[is_row].categories), job


class Labels:
    """The labels of a side in each category that they assign, by their rule or through derived categories.

    A unit has a label if one of its items in the category has it. The label is sole if all the unit's items of the
    category would lose the category without the label, and no item would gain it (as may happen when a derived category
    no longer replaces it).
    """

    def __init__(self, found: CategorisedItems) -> None:
        """List the labels and categories of the items of each type."""
        n_categories = len(found.taxonomy.categories)
        held = members(found.words, n_categories)
        type_ = np.repeat(np.arange(found.n_types), np.diff(found.start))
        lost, gained = _without(found, type_)
        carried = _leading(found)[found.label] & held[type_]
        pair, category = np.nonzero(carried | gained)
        code, candidate = np.unique(found.label[pair].astype(np.int64) * n_categories + category, return_inverse=True)
        self.candidates = code // max(1, n_categories), code % max(1, n_categories)
        self._start = np.searchsorted(type_[pair], np.arange(found.n_types + 1))
        self._candidate = candidate.astype(np.int64)
        marks = carried, carried & lost, gained
        self._marks = (np.stack([mark[pair, category] for mark in marks]).T << np.arange(3)).sum(axis=1)

    def had(self, held: HeldTypes) -> Had:
        """Return the labels of units."""
        places, each = owned(self._start, held.type)
        unit, candidate = held.unit[each], self._candidate[places]
        (names, category), marks = self.candidates, self._marks[places]
        if not held.is_single:
            most = len(held.units) * len(names) << 3
            code = ((unit * len(names) + candidate) << 3 | marks).astype(np.int32 if most < 2**31 else np.int64)
            code.sort()
            first = np.flatnonzero(np.diff(code >> 3, prepend=-1))
            unit, candidate = np.divmod(code[first] >> 3, max(1, len(names)))
            ends = np.append(first, len(code))
            n_carrying, n_losing, n_gaining = (np.diff(np.append(0, np.cumsum(code >> b & 1))[ends]) for b in range(3))
        else:
            n_carrying, n_losing, n_gaining = (marks >> bit & 1 for bit in range(3))
        alone = (n_losing == held.n_items[unit, category[candidate]]) & (n_gaining == 0)
        there = n_carrying > 0
        return unit[there], candidate[there], alone[there]


def _labels(ledger: Ledger, *, is_row: bool) -> _Source:
    """Return the labels of a side, all at once."""
    labels = Labels(ledger.sides[not is_row].found)
    job = _Job(ledger, labels.candidates, lambda some: labels.had(some.sides[not is_row]), is_row=is_row)
    return np.ones(1, dtype=np.int8), 1, lambda _: job


def _leading(found: CategorisedItems) -> NDArray[np.bool_]:
    """Return the categories that a label may assign (l, categories): by its rule, and derived from these."""
    reached = members(found.rules, len(found.taxonomy.categories))
    for rule in found.taxonomy.derived:
        reached[:, rule.category] |= reached[:, sorted(rule.of)].any(axis=1)
    return reached


def _without(found: CategorisedItems, type_: Numbers) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return the categories that items of the type of each (type, label) lose and gain without the label."""
    n_categories = len(found.taxonomy.categories)
    rules = members(found.rules, n_categories)
    n_giving = per_category(type_, found.label, found.n_types, rules)
    needed = rules[found.label] & (n_giving == 1)[type_]
    before = members(found.words, n_categories)[type_]
    if not found.taxonomy.derived:
        return needed & before, np.zeros_like(needed)
    raw = members(found.given, n_categories)[type_] & ~needed
    after = members(derived(packed(raw), found.taxonomy), n_categories)
    return before & ~after, after & ~before


def _levels(ledger: Ledger, by: By) -> _Source:
    """Return the levels of strata or groups, in each category of rows; each unit has one level."""
    n_names, n_rows = len(ledger.strata if by == "stratum" else ledger.groups), len(ledger.rows.categories)

    def level(part: Ledger) -> NDArray[np.int32]:
        return part.stratum if by == "stratum" or part.group is None else part.group

    def job(chosen: NDArray[np.int32]) -> _Job:
        first = np.full(n_names, -1, dtype=np.int64)
        first[chosen] = np.arange(len(chosen)) * n_rows

        def had(some: _Some) -> Had:
            start, category = some.sides[0].categories
            of_unit = first[level(some.part)[some.units]]
            there = np.flatnonzero(of_unit >= 0)
            places, each = owned(start, there)
            unit = there[each]
            return unit, of_unit[unit] + category[places], np.ones(len(unit), dtype=np.bool_)

        every = np.tile(np.arange(n_rows), len(chosen))
        return _Job(ledger, (np.repeat(chosen, n_rows), every), had, is_row=True)

    uses = np.zeros(n_names, dtype=np.int64)
    for part in ledger.parts:
        uses += np.bincount(level(part)[part.alive], part.n[part.alive], n_names).astype(np.int64)
    return uses, n_rows * len(ledger.columns.categories), job


def _most_used(side: Axis, counts: NDArray[np.integer]) -> tuple[ItemUse, ...]:
    """Return the ten most used items, then by name, given the number of units with each."""
    largest = np.argsort(-counts, kind="stable")[:_SHOWN]
    largest = largest[counts[largest] > 0]
    names = side.names.of(largest.tolist())
    return tuple(ItemUse(name, int(n)) for name, n in zip(names, counts[largest], strict=True))


def _used(ledger: Ledger, *, is_row: bool) -> NDArray[np.integer]:
    """Return the number of units with each item of a side (a,)."""
    counts = np.zeros(ledger.sides[not is_row].found.n_items, dtype=np.int32)
    for part in ledger.parts:
        side = part.sides[not is_row]
        use = side.use if part.alive.all() else side.use[part.alive[side.unit]]
        counts += np.bincount(use, minlength=len(counts)).astype(np.int32)
    return counts
