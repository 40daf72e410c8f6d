"""The ledger of a relation: which items each unit has and which labels each item carries, as whole numbers.

Everything that is counted, and everything that would be counted if something were otherwise, is made of it without
the engine.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

from .sets import Numbers, derived, has, slices, table, union, words_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from ..cells import Kind, Unit
    from ..taxonomy.compile import Taxonomy
    from .sets import Words


class Names(Protocol):
    """What items are called: they are numbered in the order of their names."""

    def of(self, numbers: Sequence[int]) -> list[str]:
        """Return the names of items."""
        ...

    def numbers(self, names: Collection[str]) -> dict[str, int]:
        """Return the numbers of those names that an item has."""
        ...


@dataclass(frozen=True, eq=False)
class Labelled:
    """a items with the labels that they carry.

    `labels` are sorted, `n_items` says how many items (records) carry each, `rules` (l, W) which categories each gives.
    Item i carries label[start[i]:start[i + 1]], ascending.
    """

    taxonomy: Taxonomy
    labels: tuple[str, ...]
    n_items: tuple[int, ...]
    rules: Words
    start: Numbers
    label: NDArray[np.int32]

    @cached_property
    def given(self) -> Words:
        """The categories that labels give each item (a, W), before derived ones."""
        return union(self.rules, self.label, self.start)

    @cached_property
    def words(self) -> Words:
        """The categories of each item (a, W)."""
        return derived(self.given, self.taxonomy)

    @cached_property
    def carriers(self) -> tuple[Numbers, NDArray[np.int32]]:
        """Which items carry each label, as a table: where those of each label begin (l + 1,), and the items."""
        items = np.repeat(np.arange(len(self.start) - 1, dtype=np.int32), np.diff(self.start))
        return table(self.label, items, len(self.labels))


@dataclass(frozen=True, eq=False)
class Axis:
    """One side of a relation: the items that each unit has there, and what they carry.

    Unit u has the items use[start[u]:start[u + 1]], ascending. `items` are the numbers (k,) of those that could take
    part, `n` (k,) how many each stands for (1; of texts in a field how many records hold it), `n_nameless` how many
    records left the field empty; `year` (k,) the year of each, -1 where it has none, None where items are not dated.
    `kind` and `name` are what panels call the side, `entity` what the items are: one entity may stand on both sides.
    """

    name: str
    kind: Kind
    entity: str
    taxonomy: str
    found: Labelled
    names: Names
    start: Numbers
    use: NDArray[np.int32]
    items: NDArray[np.int32]
    n: Numbers
    n_nameless: int
    year: NDArray[np.int32] | None

    @property
    def categories(self) -> tuple[str, ...]:
        """The categories in declared order."""
        return self.found.taxonomy.categories

    @cached_property
    def words(self) -> Words:
        """The categories of each unit (u, W)."""
        return union(self.found.words, self.use, self.start)

    @cached_property
    def units_of(self) -> tuple[Numbers, NDArray[np.int32]]:
        """Which units have each item, as a table: where those of each item begin (a + 1,), and the units."""
        return table(self.use, self.unit, len(self.found.start) - 1)

    @cached_property
    def unit(self) -> NDArray[np.int32]:
        """The unit of each use."""
        return np.repeat(np.arange(len(self.start) - 1, dtype=np.int32), np.diff(self.start))

    def touching(self, items: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return the units that have any of some items, ascending."""
        start, unit = self.units_of
        places, _ = slices(start, items)
        return np.unique(unit[places])

    def words_at(self, units: NDArray[np.int32], words: Words) -> Words:
        """Return the categories of some units (k, W) where their items have those of `words` (a, W)."""
        places, start = slices(self.start, units)
        return union(words, self.use[places], start)


@dataclass(frozen=True, eq=False)
class Ledger:
    """A relation of u units, of which `n` (u,) says how many each stands for (1; of records how many are equal).

    `stratum` (u,) and `group` (u,) number `strata` and `groups`, sorted; without strata there is the one level "",
    without groups `group` is None. `weight` (u,) are whole numbers, `weight_scale` times what the config calls weight,
    or None. `day` (u,) is the date of each as it stands in the data, where the relation is dated. `key` (u,) tells
    units apart in the data (see `diptych.relations.meeting`).

    `counts` is what makes a unit count: items on "both" sides, on "either", or a category on both ("labelled").
    `carriers` is the side whose items can be named as carrying a cell. Other fields as in `Incidence`.
    """

    relation: str
    unit: Unit
    rows: Axis
    columns: Axis
    n: Numbers
    key: Numbers
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
    day: NDArray[np.object_] | None

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


def holding(words: Words, n_categories: int) -> NDArray[np.float64]:
    """Return sets as 0 and 1 (n, categories), to be summed."""
    columns = [has(words, category) for category in range(n_categories)]
    return np.stack(columns, axis=1).astype(np.float64) if columns else np.zeros((len(words), 0))


def relabelled(found: Labelled, rules: Words, taxonomy: Taxonomy, items: NDArray[np.int32]) -> Words:
    """Return the categories of some items (k, W) where labels give others, or derived categories are otherwise."""
    places, start = slices(found.start, items)
    return derived(union(rules, found.label[places], start), taxonomy)


def rules_of(sets: Sequence[Collection[int]], taxonomy: Taxonomy) -> Words:
    """Return which categories labels give, as words."""
    return words_of(sets, len(taxonomy.categories))
