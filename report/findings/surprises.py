"""Surprises against base rates: pairs off the diagonal that meet more, or less, often than expected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from report.cells import Cell, Panel
from report.findings.finding import Finding, Study

_SHOWN = 3


@dataclass(frozen=True, kw_only=True)
class Surprises(Finding):
    """Cells of the first panel whose lift interval lies wholly above or below 1.

    Only where `expected` reaches the threshold, else a ratio says nothing; ranked by the interval's end
    nearer to 1. `n_tested` cells were looked at. `together`: those shown have q at or under `fdr`, so they
    hold when all are tested together; where none does, those whose intervals taken one by one exclude 1
    are shown, and must be worded so.
    """

    kind: ClassVar[str] = "surprises"
    panel: str
    above: tuple[Cell, ...]
    below: tuple[Cell, ...]
    together: bool
    n_tested: int
    n_above: int
    n_below: int


def find(study: Study) -> list[Surprises]:
    """Return one finding; null where no cell's interval excludes 1."""
    panel = study.panels[0]
    tested = [cell for cell in panel.cells if _is_tested(study, panel, cell)]
    outside = [cell for cell in tested if (cell.lift_low or 0) > 1 or (cell.lift_high or 1) < 1]
    surviving = [cell for cell in outside if cell.q_value is not None and cell.q_value <= study.inference.fdr]
    kept = surviving or outside
    above = sorted((cell for cell in kept if (cell.lift_low or 0) > 1), key=lambda cell: -(cell.lift_low or 0))
    below = sorted((cell for cell in kept if (cell.lift_high or 1) < 1), key=lambda cell: cell.lift_high or 0)
    shown = (*above[:_SHOWN], *below[:_SHOWN])
    rows = study.tables.incidence.rows.kind
    pairs = [(c.given, c.outcome) if panel.given == rows else (c.outcome, c.given) for c in shown]
    return [
        Surprises(
            id=f"surprises.{panel.id}",
            null=not shown,
            panel=panel.id,
            cells=tuple(ref for pair in pairs for ref in study.refs(*pair)),
            above=tuple(above[:_SHOWN]),
            below=tuple(below[:_SHOWN]),
            together=bool(surviving),
            n_tested=len(tested),
            n_above=len(above),
            n_below=len(below),
        )
    ]


def _is_tested(study: Study, panel: Panel, cell: Cell) -> bool:
    """Return whether a cell can surprise: measured, off the diagonal, expected often enough, seen once."""
    if panel.same_taxonomy and cell.given == cell.outcome:
        return False
    # A kind with itself over a shared key: each pair stands in two cells.
    if study.tables.incidence.trivial_diagonal and study.rows.index(cell.given) > study.rows.index(cell.outcome):
        return False
    enough = (cell.expected or 0) >= study.thresholds.expected
    return cell.state == "measured" and enough and cell.lift_low is not None and cell.lift_high is not None
