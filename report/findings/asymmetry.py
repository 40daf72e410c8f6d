"""Asymmetry: what two panels that reverse each other differ by.

For two conditional panels over the same units L[a,b] / R[b,a] = n_b / n_a exactly: the contrast is a
statement about sizes of categories and carries nothing about direction.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from report.cells import Cell, CellRef, Panel
from report.findings.finding import Finding, Study


@dataclass(frozen=True, kw_only=True)
class Asymmetry(Finding):
    """The identity checked over all cells, and the pair of mirrored cells that differ most.

    `largest_error` is the largest |log(L/R) - log(n_b/n_a)| over cells where both are defined and not 0;
    `left_cell` and `right_cell` are the mirrored cells that differ most in value.
    """

    kind: ClassVar[str] = "asymmetry"
    left: str
    right: str
    n_compared: int
    largest_error: float
    left_cell: Cell
    right_cell: Cell


def find(study: Study) -> list[Asymmetry]:
    """Return one finding for the first pair of mutually reversed conditional panels."""
    by_id = {panel.id: panel for panel in study.panels}
    for panel in study.panels:
        mirror = by_id.get(panel.mirror or "")
        if mirror is not None and panel.measure.name == "conditional":
            return _compare(panel, mirror)
    return []


def _compare(left: Panel, right: Panel) -> list[Asymmetry]:
    pairs = [(cell, right.cell(cell.outcome, cell.given)) for cell in left.cells]
    both = [(a, b) for a, b in pairs if a.value and b.value and a.n_given and a.n_outcome]
    measured = [(a, b) for a, b in both if a.state == b.state == "measured"]
    if not both or not measured:
        return []
    error = max(abs(math.log(a.value / b.value) - math.log(a.n_outcome / a.n_given)) for a, b in both)  # type: ignore[operator]
    a, b = max(measured, key=lambda pair: abs((pair[0].value or 0) - (pair[1].value or 0)))
    return [
        Asymmetry(
            id=f"asymmetry.{left.id}.{right.id}",
            cells=(CellRef(left.id, a.given, a.outcome), CellRef(right.id, b.given, b.outcome)),
            left=left.id,
            right=right.id,
            n_compared=len(both),
            largest_error=error,
            left_cell=a,
            right_cell=b,
        )
    ]
