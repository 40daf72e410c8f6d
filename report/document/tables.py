"""The table of cells that matter, and the full matrices of the appendix."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from heapq import nsmallest

from .. import formats
from ..cells import Cell, CellRef, Panel, folded
from ..coverage import Contribution
from ..figures.scales import folded_lines
from ..findings.agreement import Activity
from ..findings.departures import Departures
from ..findings.story import Story
from ..findings.surprises import Surprises
from .material import Part
from .model import Block, Column, TableBlock, TableCell, right, table
from .writer import Writer, position

MOST_CATEGORIES = 30
"""Up to here the appendix holds whole matrices; beyond, tagged PDF tables are slow and large."""
STRONGEST = 300
_LONGEST_NAME = 22
_HALF_STEP = 0.005


def cells_that_matter(part: Part, writer: Writer) -> tuple[Block, ...]:
    """Return the table beside the figure, what departs most first; nothing where nothing does.

    Columns: n, each panel's value, expected, within strata, carried by.
    """
    found = part.first(Departures)
    if part.counted is None or found is None:
        return ()
    names, strata = part.wording, part.wording.stratum_names
    by_item = any(c.by == "item" for c in part.counted.contributors.cells)
    headings = [
        Column(writer.words("headings", "pair_header", rows=names.rows, columns=names.columns)),
        right(writer.words("headings", "units", plural=names.unit.plural)),
        *(right(_panel_header(part, panel, writer)) for panel in part.panels),
        Column(writer.words("headings", "expected"), "right", spare=bool(strata)),
        *([right(writer.words("headings", "within", strata=strata))] if strata else []),
        *([Column(writer.words("headings", "carried"), spare=True)] if by_item else []),
    ]
    return (
        table(
            cells_id(part),
            writer.words("departures", "caption", f=found, sure=_is_sure(part)),
            headings,
            (_pair_row(part, (pair.row, pair.column), writer, by_item=by_item) for pair in found.pairs),
            source=f"data/{part.panels[0].id}.csv",
        ),
    )


def cells_id(part: Part) -> str:
    """Return the id of the table of cells that matter."""
    return part.table_id("cells")


def _is_sure(part: Part) -> bool:
    """Return whether any pair surely departs from chance: told by the story or left untold, or all by activity."""
    by_activity = any(activity.is_clear for activity in part.found(Activity))
    return part.first(Story) is not None or by_activity or any(f.basis != "crossing" for f in part.found(Surprises))


def _panel_header(part: Part, panel: Panel, writer: Writer) -> str:
    place = position(part.in_figure, panel.id)
    return writer.words("headings", "in_panel", place=place) if place else writer.words("headings", "lone")


def _pair_row(part: Part, pair: tuple[str, str], writer: Writer, *, by_item: bool) -> list[TableCell | str]:
    row, column = pair
    shown = [(panel, cell_of(part, panel, pair)) for panel in part.panels]
    first = shown[0][1]
    fields: list[TableCell | str] = [
        writer.words("headings", "pair", row=row, column=column),
        _or_blank(first.n_joint, formats.count),
        *(TableCell(_value(panel, cell), CellRef(panel.id, cell.given, cell.outcome)) for panel, cell in shown),
        _or_blank(first.expected, formats.expected),
    ]
    if part.wording.stratum_names:
        fields.append(_or_blank(first.expected_within_strata, formats.expected))
    if by_item and part.counted is not None:
        fields.append(_carried(part.counted.contributors.largest(row, column, "item")))
    return fields


def _or_blank(number: float | None, written: Callable[[float], str]) -> str:
    return "" if number is None else written(number)


def cell_of(part: Part, panel: Panel, pair: tuple[str, str]) -> Cell:
    """Return the cell of a (row, column) pair in a panel, whichever way round this is."""
    return panel.cell(*pair) if panel.given == part.wording.rows else panel.cell(*pair[::-1])


def _carried(contribution: Contribution | None) -> str:
    if contribution is None:
        return formats.DASH
    return f"{formats.shortened(contribution.name, _LONGEST_NAME)} ({formats.count(contribution.n_touching)})"


def _value(panel: Panel, cell: Cell) -> str:
    """Return a cell's value as the figure writes it, with its interval where it has one."""
    if cell.value is None:
        return ""
    shown = partial(shown_value, panel)
    return formats.with_ends(shown(cell.value), cell.low, cell.high, shown)


def shown_value(panel: Panel, value: float) -> str:
    """Return a value as figure and tables write it: counts whole, all else with two decimals.

    What is not 0 is never written so, nor a share that is not 1 as 1.
    """
    if panel.measure.name == "count":
        return formats.count(value)
    if 0 < value < _HALF_STEP:
        return "<0.01"
    if panel.measure.upper == 1 and 1 - _HALF_STEP <= value < 1:
        return ">0.99"
    return formats.value(value)


def matrices(part: Part, writer: Writer) -> tuple[Block, ...]:
    """Return each panel as a table; beyond 30 categories its strongest cells."""
    panels = map(folded, part.panels) if part.folds else part.panels
    return tuple(
        _matrix(part, panel, writer)
        if max(len(panel.given_categories), len(panel.outcome_categories)) <= MOST_CATEGORIES
        else _strongest(part, panel, writer)
        for panel in panels
    )


def _matrix(part: Part, panel: Panel, writer: Writer) -> TableBlock:
    notes = {state: writer.words("caption", f"state_{state}") for state in ("few", "no_given", "no_outcome", "masked")}
    units = writer.words("headings", "units", plural=part.wording.unit.plural)
    made = table(
        f"matrix-{panel.id}",
        with_lines(writer.words("caption", "matrix", panel=panel), folded_lines(panel)),
        (panel.given_title, *map(right, (*([units] if part.counted is not None else []), *panel.outcome_categories))),
        (_matrix_row(part, panel, name, notes) for name in panel.given_categories),
        source=f"data/{panel.id}.csv",
    )
    return replace(made, kind="matrix")


def with_lines(caption: str, lines: Iterable[str]) -> str:
    """Return a caption with what is folded behind it.

    >>> with_lines("Share", ["folded: 1 row and column without models (Graph)"])
    'Share; folded: 1 row and column without models (Graph)'
    """
    return "; ".join((caption, *lines))


def _matrix_row(part: Part, panel: Panel, given: str, notes: Mapping[str, str]) -> list[TableCell | str]:
    row = panel.row(given)
    cells: list[TableCell | str] = [given]
    if part.counted is not None:
        cells.append(formats.count(row[0].n_given or 0))
    for cell in row:
        text = _or_blank(cell.value, partial(shown_value, panel))
        ref = CellRef(panel.id, cell.given, cell.outcome)
        level = None if cell.value is None else part.scale.level(cell.value)
        cells.append(TableCell(text, ref, level, notes.get(cell.state)))
    return cells


def _strongest(part: Part, panel: Panel, writer: Writer) -> TableBlock:
    columns = zip(panel.column("n_joint"), panel.column("value"), strict=True)
    known = ((-(joint or 0), -value, place) for place, (joint, value) in enumerate(columns) if value is not None)
    cells = [panel.cells[place] for *_, place in nsmallest(STRONGEST, known)]
    units = writer.words("headings", "units", plural=part.wording.unit.plural)
    return table(
        f"matrix-{panel.id}",
        writer.words("caption", "strongest", n=len(cells), panel=panel),
        (panel.given_title, panel.outcome_title, right(units), right(panel.measure.label)),
        (
            (
                cell.given,
                cell.outcome,
                _or_blank(cell.n_joint, formats.count),
                TableCell(_value(panel, cell), CellRef(panel.id, cell.given, cell.outcome)),
            )
            for cell in cells
        ),
        source=f"data/{panel.id}.csv",
        row_headers=2,
    )
