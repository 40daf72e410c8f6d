"""The items of an entity with their categories, kept in the engine: what relations are made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ..cells import Kind
    from ..errors import Note
    from ..sources.engine import Frame
    from .categorise import Categorised


NUMBER = "number of the item"
"""The column of `Items.items` that numbers them."""


@dataclass(frozen=True, slots=True)
class LabelCount:
    """A raw label of one kind: how many items carry it, which categories it gives, by which rule.

    `categories` is empty where no rule knows the label; `rule` says which one did ("match", "pattern ^video",
    "preset hub-figure9@2026-08", "unmatched: NLP", "none").
    """

    kind: str
    label: str
    n_items: int
    categories: tuple[str, ...]
    rule: str


class Names(Protocol):
    """What items are called: they are numbered in the order of their names."""

    def of(self, numbers: Sequence[int]) -> list[str]:
        """Return the names of items."""
        ...

    def numbers(self, names: Collection[str]) -> dict[str, int]:
        """Return the numbers of those names that an item has."""
        ...


@dataclass(frozen=True, eq=False)
class Items:
    """One entity (or one side of records) after its taxonomy.

    `items` has one row an item: `id` (text, aliases applied, unique, never null), NUMBER (its place in the order of
    ids, from 0) and the attributes by their config names and by their column names as far as relations ask for
    them. It is kept in the engine, which joins and sorts numbers much faster than ids. `found` has the labels and
    categories of each item, by its number.
    """

    name: str
    kind: Kind
    taxonomy: str
    items: Frame
    found: Categorised
    aliases: dict[str, str] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()

    @property
    def categories(self) -> tuple[str, ...]:
        """The categories in declared order."""
        return self.found.taxonomy.categories

    @property
    def n_items(self) -> int:
        """How many items there are."""
        return self.found.n_items

    @property
    def labels(self) -> tuple[LabelCount, ...]:
        """The raw labels, by falling number of items."""
        return self.found.labels
