"""Crossings: the cells off the diagonal that are large enough to be named, and how many are not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..cells import Cell, CellRef
from .finding import Finding, Study


@dataclass(frozen=True, kw_only=True)
class Crossings(Finding):
    """Measured cells of a conditional panel off the diagonal from `threshold` on, highest first.

    Where the axes carry different taxonomies every measured cell counts. `n_below` are the other measured
    cells with any unit in them, `n_few` those from `threshold` on that have too few units to be judged.
    """

    kind: ClassVar[str] = "crossings"
    panel: str
    threshold: float
    listed: tuple[Cell, ...]
    n_below: int
    n_few: int = 0


def find(study: Study) -> list[Crossings]:
    """Return one finding for each conditional panel."""
    found = []
    threshold = study.thresholds.listed
    for panel in study.panels:
        if panel.measure.name != "conditional":
            continue
        there = [c for c in panel.cells if c.value and not (panel.same_taxonomy and c.given == c.outcome)]
        cells = [cell for cell in there if cell.state == "measured"]
        listed = sorted((cell for cell in cells if (cell.value or 0) >= threshold), key=lambda cell: -(cell.value or 0))
        found.append(
            Crossings(
                id=f"crossings.{panel.id}",
                null=not listed,
                panel=panel.id,
                cells=tuple(CellRef(panel.id, cell.given, cell.outcome) for cell in listed),
                threshold=threshold,
                listed=tuple(listed),
                n_below=len(cells) - len(listed),
                n_few=sum(cell.state == "few" and (cell.value or 0) >= threshold for cell in there),
            )
        )
    return found
