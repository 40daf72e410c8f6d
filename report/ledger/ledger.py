"""The ledger of a relation: which items each unit has and which labels each item carries, as whole numbers.

Everything that is counted, and everything that would be counted if something were otherwise, is made of it without
the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..cells import Kind, Unit
from ..coverage import Unresolved
from ..taxonomy import ItemNames
from ..taxonomy.categorise import Categorised
from ..taxonomy.sets import Numbers, Words, slices, turned, union


@dataclass(frozen=True, eq=False)
class Axis:
    """One side of a relation: the items that each unit has there, and what they carry.

    Unit u has the items use[start[u]:start[u + 1]], ascending. `items` are the numbers (k,) of those that could take
    part, `n` (k,) how many each stands for (1; of texts in a field how many records hold it), `n_nameless` how many
    records left the field empty; `year` (k,) the year of each, -1 where it has none, None where items are not dated.
    `weight` (a,) is what each weighs where it is the unit, as `Ledger.weight`; None where items weigh alike.
    `known` (u, W) are the categories of units where they are known otherwise than by `use`.
    `kind` and `name` are what panels call the side, `entity` what the items are: one entity may stand on both sides.
    """

    name: str
    kind: Kind
    entity: str
    taxonomy: str
    found: Categorised
    names: ItemNames
    start: Numbers
    use: NDArray[np.int32]
    items: NDArray[np.int32]
    n: NDArray[np.integer]
    n_nameless: int
    year: NDArray[np.int32] | None
    weight: Numbers | None
    weight_scale: int | None
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
        """Which units have each item, as a table: where those of each item begin (a + 1,), and the units."""
        return turned(self.start, self.use, self.found.n_items)

    @cached_property
    def unit(self) -> NDArray[np.int32]:
        """The unit of each use."""
        return np.repeat(np.arange(len(self.start) - 1, dtype=np.int32), np.diff(self.start))

    def touching(self, items: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Return which units (u,) have any of some items."""
        start, unit = self.units_of
        places, _ = slices(start, items)
        there = np.zeros(len(self.start) - 1, dtype=np.bool_)
        there[unit[places]] = True
        return there

    def words_at(self, units: NDArray[np.int32], words: Words) -> Words:
        """Return the categories of some units (k, W) where the items of each type have those of `words` (t, W)."""
        places, start = slices(self.start, units)
        return union(words, self.found.type[self.use[places]], start)


@dataclass(frozen=True, slots=True)
class Facts:
    """What never became a unit: see `Coverage`.

    `n_unresolved` links find no item at an end; `n_resolved` do (None: as many as units have uses of them), and
    `n_candidates` units could count (None: as many as there are links).
    """

    n_resolved: int | None
    n_unresolved: int
    n_candidates: int | None
    n_named: int | None
    n_itself: int
    unresolved: tuple[Unresolved, ...]


@dataclass(frozen=True, eq=False)
class Ledger:
    """A relation of u units, or a part of them.

    `n` (u,) says how many each of the units stands for (1; of records how many are equal). `stratum` (u,) and `group`
    (u,) number `strata` and `groups`, sorted; without strata there is the one level "", without groups `group` is None.
    `weight` (u,) are whole numbers, `weight_scale` times what the config calls weight,
    or None. `day` (u,) numbers `days`, dates as they stand in the data, where the relation is dated. `key` (u,) tells
    units apart in the data (see `diptych.relations.meeting`), `key_names` what values of a shared key are.

    `counts` is what makes a unit count: items on "both" sides, on "either", or a category on both ("labelled").
    `carriers` is the side whose items can be named as carrying a cell. Other fields as in `Incidence`.

    A large relation has no unit itself: `parts` reads ledgers with some units each, one after the other, of which all
    else is the same. What is counted of a ledger is the sum over its parts.
    """

    relation: str
    unit: Unit
    rows: Axis
    columns: Axis
    n: NDArray[np.integer]
    key: Numbers
    key_names: ItemNames | None
    stratum: NDArray[np.int32]
    strata: tuple[str, ...]
    stratum_names: tuple[str, ...]
    group: NDArray[np.int32] | None
    groups: tuple[str, ...]
    group_names: tuple[str, ...]
    weight: Numbers | None
    weight_scale: int | None
    fractional: bool
    trivial_diagonal: bool
    counts: Literal["both", "either", "labelled"]
    carriers: Literal["rows", "columns"] | None
    day: NDArray[np.int32] | None
    days: tuple[str, ...]
    facts: Facts
    split: Callable[[], Iterator[Ledger]] | None = None

    @property
    def parts(self) -> Iterable[Ledger]:
        """Ledgers that have all its units: itself, or what `split` gives."""
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
        """Return which units count (k,) by the categories that they have."""
        if self.counts == "labelled":
            return np.asarray(rows.any(axis=1) & columns.any(axis=1))
        return np.ones(len(rows), dtype=np.bool_)

    def side(self, name: str) -> Axis:
        """Return a side by what panels call it; ValueError where there is none."""
        found = next((side for side in self.sides if side.name == name), None)
        if found is None:
            raise ValueError(f'"{name}" is no side of relation {self.relation}')
        return found
