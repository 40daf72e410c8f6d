"""A figure in words, for those who cannot see it: its parts, its range, its strongest cells. Facts only."""

from __future__ import annotations

from collections.abc import Sequence

from .. import formats
from ..cells import Cell, Panel
from .heatmap import panel_letters
from .scales import number_text

STRONGEST = 3


def alt_text(panels: Sequence[Panel]) -> str:
    """Return the description of a figure: a sentence on the whole and some on each panel."""
    count = formats.small(len(panels)).capitalize()
    whole = "One heatmap." if len(panels) == 1 else f"{count} heatmaps on one colour scale."
    parts = (_panel(panel, letter) for panel, letter in zip(panels, panel_letters(panels), strict=True))
    return " ".join((whole, *parts))


def _panel(panel: Panel, letter: str) -> str:
    rows, columns = len(panel.given_categories), len(panel.outcome_categories)
    name = f"Panel {letter}: rows" if letter else "Rows"
    over = "" if panel.n_units is None else f", over {formats.count(panel.n_units)} {panel.unit.plural}"
    axes = f"{name} {panel.given_title} ({rows}), columns {panel.outcome_title} ({columns})"
    return f"{axes}; each cell: {panel.measure.phrase}{over}. {_values(panel)}"


def _values(panel: Panel) -> str:
    """Return the range of the measured cells and the strongest of them, ties in the order of the rows."""
    measured = [(cell, cell.value or 0.0) for cell in panel.measured()]
    if not measured:
        return "No cell has a value that can be judged."
    observed = [pair for pair in measured if not (panel.measure.convention and pair[0].n_joint == 0)] or measured
    values = [value for _, value in observed]
    low, high = (number_text(end, panel.measure) for end in (min(values), max(values)))
    null = panel.measure.null or 0.0
    strongest = sorted(observed, key=lambda pair: -abs(pair[1] - null))[:STRONGEST]
    named = formats.listing([_named(cell, value, panel) for cell, value in strongest])
    return f"{len(measured)} of {len(panel.cells)} cells can be judged, from {low} to {high}; the strongest: {named}."


def _named(cell: Cell, value: float, panel: Panel) -> str:
    return f"{cell.given} with {cell.outcome} {number_text(value, panel.measure)}"
