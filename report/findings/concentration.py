"""Concentration: how much of the population one item touches, and how many distinct sets of items there are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from .finding import Finding, KeyNumber, Recipe, Study
from .statements import FindingKind


@dataclass(frozen=True, kw_only=True)
class Concentration(Finding):
    """The item that most units have, and how often sets of items repeat."""

    kind: ClassVar[str] = "concentration"
    thresholds: ClassVar[tuple[str, ...]] = ("concentrated",)
    item: str
    n_units: int
    share: float
    n_item_sets: int | None
    n_largest_set: int | None
    n_population: int

    def number(self) -> KeyNumber:
        """Return the number that it goes by."""
        return KeyNumber((self.item,), self.share, trials=self.n_population)

    def evidence(self) -> Iterator[Recipe]:
        """Yield what its numbers are worked out from."""
        terms = {"n": "n_units", "N": "n_population"}
        yield Recipe("touched", "n / N", terms, "share", names=(self.item,))
        if self.n_item_sets:
            yield Recipe("item_sets", "n_sets / N", {"n_sets": "n_item_sets", "N": "n_population"})


def find(study: Study) -> list[Concentration]:
    """Return one finding where units have items; null where the largest touches few of them."""
    items = study.contributors.items
    if not items or not study.coverage.n_units or study.tables.incidence.unit.role not in ("to", "from"):
        return []
    top = items[0]
    share = top.n_units / study.coverage.n_units
    return [
        Concentration(
            id="concentration",
            null=share < study.thresholds.concentrated,
            item=top.name,
            n_units=top.n_units,
            share=share,
            n_item_sets=study.contributors.n_item_sets,
            n_largest_set=study.contributors.n_largest_set,
            n_population=study.coverage.n_units,
        )
    ]


KIND = FindingKind(Concentration, find)
