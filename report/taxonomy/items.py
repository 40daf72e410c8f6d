"""Items as taxonomies know them: what they are called, and the raw labels that they carry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


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


class ItemNames(Protocol):
    """What items are called: they are numbered in the order of their names."""

    def of(self, numbers: Sequence[int]) -> list[str]:
        """Return the names of items."""
        ...

    def numbers(self, names: Collection[str]) -> dict[str, int]:
        """Return the numbers of those names that an item has."""
        ...
