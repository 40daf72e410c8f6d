"""The data of a figure: one row for each cell, and for the baseline row, under fixed field names.

Names of categories are values here, never field names or parts of expressions, so they may hold anything.
A field that a cell has no value for is left out. Numbers keep six digits.
"""

from __future__ import annotations

from ..cells import Cell, Panel
from ..theme import colours
from .scales import DRAWN, ColourScale, number_text

Row = dict[str, str | float]


def cell_rows(panel: Panel, scale: ColourScale, *, values: bool) -> list[Row]:
    """Return a row for each cell, in row-major declared order.

    Fields: `given`, `outcome`, `state`; `value` (only where it is drawn), `low`, `high`, `joint`, `of`
    (units with the given category), `base`, `lift`, `q`; with `values` also `text` and its `ink`.
    """
    return [_cell_row(cell, panel, scale, values=values) for cell in panel.cells]


def has_baseline(panel: Panel) -> bool:
    """Return whether a row of base rates P(b) belongs under the panel."""
    return panel.measure.name == "conditional" and any(cell.baseline is not None for cell in panel.cells)


def baseline_rows(panel: Panel, scale: ColourScale, *, values: bool) -> list[Row]:
    """Return a row for each outcome category: P(b) among all units, blank where the category does not occur.

    Fields: `outcome`, `state`; `value`, `joint` (units with the outcome), `of` (all units), `text`, `ink`.
    """
    rows: list[Row] = []
    for cell in panel.cells[: len(panel.outcome_categories)]:
        absent = cell.n_outcome == 0 or cell.baseline is None
        row: Row = {"outcome": cell.outcome, "state": "no_outcome" if absent else "measured"}
        row |= _numbers(joint=cell.n_outcome, of=cell.n_units)
        if not absent and cell.baseline is not None:
            row |= _numbers(value=cell.baseline)
            row |= _written(cell.baseline, panel, scale) if values else {}
        rows.append(row)
    return rows


def baseline_label(panel: Panel) -> str:
    """Return what the baseline row is called, e.g. "all models"."""
    return f"all {panel.unit.plural}"


def shown_state(cell: Cell, scale: ColourScale) -> str:
    """Return the state a cell is drawn in: its own, or `undefined` where the value has no colour.

    That is a value that does not exist (the logarithm of a lift where nothing has both categories), 0 on a
    scale of ratios, and what is agreed on where nothing has both (an odds ratio of halves, an NPMI of -1): its
    colour would be that of a strong contrast, whatever was to be expected.
    """
    agreed = scale.convention and cell.n_joint == 0
    if cell.state in DRAWN and (cell.value is None or agreed or (scale.log and cell.value <= 0)):
        return "undefined"
    return cell.state


def _cell_row(cell: Cell, panel: Panel, scale: ColourScale, *, values: bool) -> Row:
    row: Row = {"given": cell.given, "outcome": cell.outcome, "state": shown_state(cell, scale)}
    row |= _numbers(joint=cell.n_joint, of=cell.n_given, base=cell.baseline, lift=cell.lift, q=cell.q_value)
    if row["state"] in DRAWN and cell.value is not None:
        row |= _numbers(value=cell.value, low=cell.low, high=cell.high)
        row |= _written(cell.value, panel, scale) if values else {}
    return row


def _written(value: float, panel: Panel, scale: ColourScale) -> Row:
    ink = colours.ink(colours.shade(scale.level(value), scale.scheme))
    return {"text": number_text(value, panel.measure), "ink": ink}


def _numbers(**numbers: float | None) -> Row:
    return {name: _short(number) for name, number in numbers.items() if number is not None}


def _short(number: float) -> float:
    short = float(f"{number:.6g}") if number != int(number) else int(number)
    return short or 0
