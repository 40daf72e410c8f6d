"""The items of an entity with their categories, kept in the engine: what relations are made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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


@dataclass(frozen=True, eq=False)
class Items:
    """One entity (or one side of records) after its taxonomy.

    `items` has one row an item: `id` (text, aliases applied, unique, never null), NUMBER (its place in the order of
    ids, from 0) and the attributes by their config names and by their column names as far as relations ask for
    them. `members` has one row a (`item`, `category`): item is the number, category the index into `categories`,
    derived categories and replacements done, no duplicates; an item without a row there is unlabelled. Both are
    kept in the engine, which joins and sorts numbers much faster than ids. `found` says how its labels became
    categories, its keys being the numbers; None where items did not come from labels.
    """

    name: str
    kind: Kind
    taxonomy: str
    categories: tuple[str, ...]
    items: Frame
    members: Frame
    n_items: int
    labels: tuple[LabelCount, ...]
    aliases: dict[str, str] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    found: Categorised | None = None
