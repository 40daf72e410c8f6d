"""Surprises against base rates: pairs off the diagonal that meet more, or less, often than expected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from report.cells import Cell
from report.findings.finding import Finding, Study

_SHOWN = 3


@dataclass(frozen=True, kw_only=True)
class Surprises(Finding):
    """Cells of the first panel whose lift interval lies wholly above or below 1.

    Ranked by the interval's end nearer to 1; only where `expected` reaches the threshold, else a ratio says
    nothing. `n_tested` cells were looked at.
    """

    kind: ClassVar[str] = "surprises"
    panel: str
    above: tuple[Cell, ...]
    below: tuple[Cell, ...]
    n_tested: int
    n_above: int
    n_below: int


def find(study: Study) -> list[Surprises]:
    """Return one finding; null where no cell's interval excludes 1."""
    panel = study.panels[0]
    cells = [
        cell
        for cell in panel.cells
        if cell.state == "measured"
        and (cell.expected or 0) >= study.thresholds.expected
        and not (panel.same_taxonomy and cell.given == cell.outcome)
        and cell.lift_low is not None
        and cell.lift_high is not None
        and (cell.q_value is None or cell.q_value <= study.inference.fdr)
    ]
    above = sorted((c for c in cells if (c.lift_low or 0) > 1), key=lambda c: -(c.lift_low or 0))
    below = sorted((c for c in cells if (c.lift_high or 1) < 1), key=lambda c: c.lift_high or 0)
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
            n_tested=len(cells),
            n_above=len(above),
            n_below=len(below),
        )
    ]
