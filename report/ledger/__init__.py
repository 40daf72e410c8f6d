"""The ledger of a relation: the items of each unit and the labels of each item, as whole numbers.

All counts, and all counts of alternative analyses, are computed from it without the engine. Links counted by another
unit are the same links, read from the other end or one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..cells import Dispersion, Unit
from ..relations import PrivateName, SideTerms, Terms
from ..taxonomy import ItemNames
from ..taxonomy.categorise import Numbers, Words, members, numbered, owned, slices, turned, union
from .coverage import Unresolved


@dataclass(frozen=True, eq=False, kw_only=True)
class Axis(SideTerms):
    """One side of a relation: the items of each unit, and their labels.

    Unit u has the items use[start[u]:start[u + 1]], ascending. `items` are the numbers (k,) of items that could take
    part, `n` (k,) the number of units in each (1, or for texts in a field the number of records with it), and `year`
    (k,) the year of each, -1 without a year, None if items are not dated. `weight` (a,) is the weight of each if it is
    the unit, as in `Ledger.weight`, or None without weights. `known` (u, W) are the categories of units that are known
    without `use`.
    """

    names: ItemNames
    start: Numbers
    use: NDArray[np.int32]
    items: NDArray[np.int32]
    n: NDArray[np.integer]
    year: NDArray[np.int32] | None
    weight: Numbers | None
    known: Words | None = None

    @property
    def categories(self) -> tuple[str, ...]:
        """The categories in declared order."""
        return self.found.taxonomy.categories

    @cached_property
    def words(self) -> Words:
        """The categories of each unit (u, W)."""
        if self.known is not None:
            return self.known
        return union(self.found.words, self.found.type[self.use], self.start)

    @cached_property
    def units_of(self) -> tuple[Numbers, NDArray[np.int32]]:
        """The units with each item, as a table: the start of each item's units (a + 1,), and the units."""
        return turned(self.start, self.use, self.found.n_items)

    @cached_property
    def unit(self) -> NDArray[np.int32]:
        """The unit of each use."""
        return np.repeat(np.arange(len(self.start) - 1, dtype=np.int32), np.diff(self.start))

    def touching(self, items: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Return which units (u,) have any of the given items."""
        start, unit = self.units_of
        places, _ = slices(start, items)
        there = np.zeros(len(self.start) - 1, dtype=np.bool_)
        there[unit[places]] = True
        return there

    def words_at(self, units: NDArray[np.int32], words: Words) -> Words:
        """Return the categories of some units (k, W) if the items of each type had the categories `words` (t, W)."""
        places, start = slices(self.start, units)
        return union(words, self.found.type[self.use[places]], start)


@dataclass(frozen=True, eq=False, kw_only=True)
class Ledger(Terms):
    """A relation of u units, or a part of them.

    `n` (u,) is the number of units in each row (1, or the number of equal records). `stratum` (u,) and `group` (u,)
    number the sorted `strata` and `groups`. Without strata there is the one level "", and without groups `group` is
    None. `weight` (u,) are whole numbers, or None. `key` (u,) identifies units in the data (see
    `diptych.relations.meeting`), and `key_names` are the names of values of a shared key. `unresolved` is as in
    `Coverage`. `dispersion` is as in `Incidence`.

    A large relation has no units itself. Its `parts` are ledgers of some units each, read one after the other and
    otherwise equal. Counts of a ledger are sums over its parts.
    """

    rows: Axis
    columns: Axis
    n: NDArray[np.integer]
    key: Numbers
    key_names: ItemNames | None
    stratum: NDArray[np.int32]
    strata: tuple[str, ...]
    group: NDArray[np.int32] | None
    groups: tuple[str, ...]
    weight: Numbers | None
    unresolved: tuple[Unresolved, ...] = ()
    dispersion: Dispersion | None = None
    split: Callable[[], Iterator[Ledger]] | None = None

    @property
    def parts(self) -> Iterable[Ledger]:
        """Ledgers that together have all its units: the ledger itself, or the results of `split`."""
        return (self,) if self.split is None else self.split()

    @property
    def sides(self) -> tuple[Axis, Axis]:
        """Rows and columns."""
        return self.rows, self.columns

    @cached_property
    def alive(self) -> NDArray[np.bool_]:
        """Which units count (u,)."""
        return self.living(self.rows.words, self.columns.words)

    def living(self, rows: Words, columns: Words) -> NDArray[np.bool_]:
        """Return which units count (k,), given their categories."""
        if self.counts == "labelled":
            return np.asarray(rows.any(axis=1) & columns.any(axis=1))
        return np.ones(len(rows), dtype=np.bool_)

    def side(self, name: str) -> Axis:
        """Return a side by its name in panels, or raise ValueError if there is none."""
        found = next((side for side in self.sides if side.name == name), None)
        if found is None:
            raise ValueError(f'"{name}" is no side of relation {self.relation}')
        return found


Table = tuple[Numbers, Numbers]


def ends_of(ledger: Ledger, units: Numbers) -> tuple[list[str], list[str]]:
    """Return the names at both ends of links, or in both fields of records."""
    rows, columns = (side.names.of(side.use[side.start[units]].tolist()) for side in ledger.sides)
    return rows, columns


class HeldTypes:
    """The items of k units on one side: `unit` (its position), `item` and `type` of each use, and the categories."""

    def __init__(self, side: Axis, units: Numbers) -> None:
        """Read the items of some units of a side."""
        self._side, self.units = side, units
        places, self.unit = owned(side.start, units)
        self.item = side.use[places]
        self.type = side.found.type[self.item]

    @property
    def is_single(self) -> bool:
        """Whether each unit has one item."""
        return len(self.unit) == len(self.units) and bool((np.diff(self.unit) == 1).all())

    @cached_property
    def categories(self) -> Table:
        """The categories of each unit, as a table."""
        return listed(members(self._side.words[self.units], len(self._side.categories)))

    @cached_property
    def sets(self) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """The set of categories of each unit (k,), as an index into the s distinct sets (s, categories)."""
        distinct, number = numbered(self._side.words[self.units])
        return number, members(distinct, len(self._side.categories))

    @cached_property
    def n_items(self) -> NDArray[np.integer]:
        """The number of items of each category for each unit (k, categories)."""
        held = members(self._side.found.words, len(self._side.categories))
        return per_category(self.unit, self.type, len(self.units), held)


def per_category(
    unit: Numbers, type_: NDArray[np.integer], n_units: int, held: NDArray[np.bool_]
) -> NDArray[np.integer]:
    """Return the number of items per category of units (k, categories), given the unit and type of each use."""
    start, category = listed(held)
    places, each = owned(start, type_)
    cell = unit[each] * held.shape[1] + category[places]
    return np.bincount(cell, minlength=n_units * held.shape[1]).reshape(n_units, held.shape[1])


def listed(held: NDArray[np.bool_]) -> Table:
    """Return truth values as a table: the start of the true values of each row, and their columns."""
    return np.concatenate([[0], np.cumsum(held.sum(axis=1))]), np.nonzero(held)[1]


MOST_GROUPS = 50_000
"""Maximum number of target items as groups of links; beyond it, links are grouped more coarsely."""

FEWER = 1_024

_AT_ONCE = 1_000_000
"""Number of links processed at once."""

LinkUnit = Literal["to", "from", "link"]

LINK_UNITS: tuple[LinkUnit, ...] = ("to", "from", "link")


def by_unit(ledger: Ledger, unit: LinkUnit) -> Ledger:
    """Return the ledger of links by another unit, without strata, and with only the groups that links need.

    Links by themselves are grouped by the item that they lead to. For units at another end, only the categories of
    their items are kept.
    """
    return _each_link(ledger) if unit == "link" else _by_end(ledger, unit)


def _by_end(ledger: Ledger, unit: Literal["to", "from"]) -> Ledger:
    own, other = ledger.sides if unit == "from" else ledger.sides[::-1]
    there = np.zeros(own.found.n_items, dtype=np.bool_)
    across = np.zeros((len(there), other.found.words.shape[1]), dtype=np.uint64)
    for part in ledger.parts:
        mine, theirs = part.sides if unit == "from" else part.sides[::-1]
        start, units = mine.units_of
        there |= np.diff(start) > 0
        across |= union(theirs.words, units, start)
    key = np.flatnonzero(there).astype(np.int32)
    start = np.arange(len(key) + 1)
    single = replace(own, start=start, use=key)
    joined = replace(other, start=start, use=key, known=across[key])
    rows, columns = (single, joined) if unit == "from" else (joined, single)
    weight = None if own.weight is None else own.weight[key]
    whole = _plain(ledger, Unit(unit, own.kind.singular, own.kind.plural), rows, columns, key.astype(np.int64))
    scale = None if weight is None else own.weight_scale
    return replace(whole, weight=weight, weight_scale=scale, carriers="columns" if unit == "from" else "rows")


def _each_link(ledger: Ledger) -> Ledger:
    groups, group_of = _by_target(ledger.columns)
    nobody = np.zeros(0, dtype=np.int32)

    def some(part: Ledger, sources: NDArray[np.int32], targets: NDArray[np.int32]) -> Ledger:
        each = np.arange(len(sources) + 1)
        rows, columns = replace(part.rows, start=each, use=sources), replace(part.columns, start=each, use=targets)
        whole = _plain(part, Unit("link", "link", "links"), rows, columns, each[:-1])
        names = (columns.kind.name,)
        private = frozenset[PrivateName](("group",) if columns.private else ())
        grouped = replace(whole, group=group_of[targets], groups=groups, group_names=names, carriers="rows")
        return replace(grouped, private=ledger.private - {"group"} | private)

    def split() -> Iterator[Ledger]:
        for part in ledger.parts:
            sources, targets = _ends(part)
            for low in range(0, max(1, len(sources)), _AT_ONCE):
                yield some(part, sources[low : low + _AT_ONCE], targets[low : low + _AT_ONCE])

    return replace(some(ledger, nobody, nobody), split=split)


def _by_target(side: Axis) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    """Return the groups of links, and the group of each item that they lead to.

    A group is the item itself, or one of 1,024 groups to which very many such items are assigned in turn. Independent
    groups remain independent if they are merged without regard to their content. Variances between groups are estimated
    as before, with 1,023 degrees of freedom (random groups: Wolter, Introduction to Variance Estimation, 2007, chapter
    2). Each has some hundred patterns at most, whatever the number of units. The names of the groups are lost, so this
    is for counts whose groups are never named.
    """
    items = np.arange(side.found.n_items, dtype=np.int32)
    if len(items) <= MOST_GROUPS:
        return tuple(side.names.of(items.tolist())), items
    names = sorted(map(str, range(FEWER)))
    place = np.zeros(FEWER, dtype=np.int32)
    place[[int(name) for name in names]] = np.arange(FEWER)
    return tuple(names), place[items % FEWER]


def _ends(ledger: Ledger) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the items at both ends of each link."""
    n_links = np.maximum(*(np.diff(side.start) for side in ledger.sides))
    first, second = (
        side.use if side.start[-1] == n_links.sum() else np.repeat(side.use, n_links) for side in ledger.sides
    )
    return first, second


def _plain(ledger: Ledger, unit: Unit, rows: Axis, columns: Axis, key: Numbers) -> Ledger:
    return replace(
        ledger,
        unit=unit,
        rows=rows,
        columns=columns,
        n=np.ones(len(key), dtype=np.int8),
        key=key,
        stratum=np.zeros(len(key), dtype=np.int32),
        strata=("",),
        stratum_names=(),
        group=None,
        groups=(),
        group_names=(),
        weight=None,
        weight_scale=None,
        split=None,
    )
