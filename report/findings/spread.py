"""Spread: given categories whose units are distributed over the outcome categories as all units are."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from .finding import Finding, KeyNumber, Recipe, Study, slug
from .statements import FindingKind

_LOW, _HIGH = 0.8, 1.25


@dataclass(frozen=True, kw_only=True)
class Spread(Finding):
    """A given category of the first panel whose lifts all lie between 0.8 and 1.25.

    `lowest` and `highest` are the ends of those lifts over `n_outcomes` outcome categories.
    """

    kind: ClassVar[str] = "spread"
    thresholds: ClassVar[tuple[str, ...]] = ("expected",)
    panel: str
    category: str
    lowest: float
    highest: float
    n_outcomes: int

    def number(self) -> KeyNumber:
        """Return the end of its ratios that is further from 1, with both ends as if they were an interval."""
        further = max((self.lowest, self.highest), key=lambda ratio: abs(math.log(max(ratio, 1e-300))))
        return KeyNumber((self.category,), further, "ratio", self.lowest, self.highest, plain=True)

    def evidence(self) -> Iterator[Recipe]:
        """Yield what its numbers are worked out from."""
        for what in ("lowest", "highest"):
            yield Recipe(what, "n_ab / e_ab", {"n_outcomes": "n_outcomes"}, what, names=(self.category,))


def find(study: Study) -> list[Spread]:
    """Return a finding for each such category, where the axes carry different taxonomies."""
    if study.tables.same_taxonomy:
        return []
    panel = study.panels[0]
    found = []
    for name in panel.given_categories:
        lifts = [
            cell.lift
            for cell in panel.row(name)
            if cell.state == "measured" and cell.lift is not None and (cell.expected or 0) >= study.thresholds.expected
        ]
        if len(lifts) > 2 and min(lifts) >= _LOW and max(lifts) <= _HIGH:
            found.append(
                Spread(
                    id=f"spread.{slug(name)}",
                    panel=panel.id,
                    cells=panel.refs(panel.row(name)),
                    category=name,
                    lowest=min(lifts),
                    highest=max(lifts),
                    n_outcomes=len(lifts),
                )
            )
    return found


KIND = FindingKind(Spread, find)
