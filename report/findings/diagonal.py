"""The diagonal of a panel: in which rows the same category leads, and in which it does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..cells import Cell, CellRef, Panel
from .finding import Finding, Study


@dataclass(frozen=True, kw_only=True)
class Diagonal(Finding):
    """Measured rows of one panel: `leading` diagonal cells, highest first, and where another cell leads.

    `others` are the leading cells of rows whose diagonal is not the highest.
    """

    kind: ClassVar[str] = "diagonal"
    panel: str
    leading: tuple[Cell, ...]
    others: tuple[Cell, ...]


def find(study: Study) -> list[Diagonal]:
    """Return one finding for each conditional panel with one taxonomy and a measured row."""
    found = []
    for panel in study.panels:
        if not study.diagonal or panel.measure.name != "conditional":
            continue
        best = [_best(panel, name) for name in panel.given_categories]
        measured = [cell for cell in best if cell is not None]
        if measured:
            found.append(_diagonal(panel, measured))
    return found


def _diagonal(panel: Panel, best: list[Cell]) -> Diagonal:
    leading = sorted((cell for cell in best if cell.given == cell.outcome), key=lambda cell: -(cell.value or 0))
    others = [cell for cell in best if cell.given != cell.outcome]
    return Diagonal(
        id=f"diagonal.{panel.id}",
        panel=panel.id,
        cells=tuple(CellRef(panel.id, cell.given, cell.outcome) for cell in (*leading, *others)),
        leading=tuple(leading),
        others=tuple(others),
    )


def _best(panel: Panel, given: str) -> Cell | None:
    """Return the highest measured cell of a row, the diagonal in a tie; None for a row that has no unit in any."""
    cells = [cell for cell in panel.row(given) if cell.state == "measured" and cell.value]
    return max(cells, key=lambda cell: (cell.value or 0, cell.given == cell.outcome), default=None)
