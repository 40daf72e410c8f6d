"""The table of cells that matter, and the full matrices of the appendix."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .. import formats
from ..cells import Cell, CellRef, Panel, folded
from ..coverage import Contribution
from ..figures.rows import folded_lines
from ..findings.activity import Activity
from ..findings.departures import Departures
from ..findings.story import Story
from ..findings.surprises import Surprises
from .material import Part
from .model import Block, Column, TableBlock, TableCell
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
    strata = part.wording.stratum_names
    headings = [
        Column(writer.words("headings", "pair_header", rows=part.wording.rows, columns=part.wording.columns)),
        Column(writer.words("headings", "units", plural=part.wording.unit.plural), "right"),
        *(Column(_panel_header(part, panel, writer), "right") for panel in part.panels),
        Column(writer.words("headings", "expected"), "right", spare=bool(strata)),
    ]
    if strata:
        headings.append(Column(writer.words("headings", "within", strata=strata), "right"))
    by_item = any(c.by == "item" for c in part.counted.contributors.cells)
    if by_item:
        headings.append(Column(writer.words("headings", "carried"), spare=True))
    return (
        TableBlock(
            id=cells_id(part),
            caption=writer.words("departures", "caption", f=found, sure=_is_sure(part)),
            columns=tuple(headings),
            rows=tuple(_pair_row(part, (pair.row, pair.column), writer, by_item=by_item) for pair in found.pairs),
            source=f"data/{part.panels[0].id}.csv",
        ),
    )


def cells_id(part: Part) -> str:
    """Return the id of the table of cells that matter."""
    return f"{part.figure}-{part.panels[0].relation}-cells"


def _is_sure(part: Part) -> bool:
    """Return whether any pair surely departs from chance: told by the story or left untold, or all by activity."""
    by_activity = any(activity.is_clear for activity in part.found(Activity))
    return part.first(Story) is not None or by_activity or any(f.basis != "crossing" for f in part.found(Surprises))


def _panel_header(part: Part, panel: Panel, writer: Writer) -> str:
    place = position(part.in_figure, panel.id)
    return writer.words("headings", "in_panel", place=place) if place else writer.words("headings", "lone")


def _pair_row(part: Part, pair: tuple[str, str], writer: Writer, *, by_item: bool) -> tuple[TableCell, ...]:
    row, column = pair
    shown = [(panel, cell_of(part, panel, pair)) for panel in part.panels]
    first = shown[0][1]
    cells = [
        TableCell(writer.words("headings", "pair", row=row, column=column)),
        TableCell("" if first.n_joint is None else formats.count(first.n_joint)),
        *(TableCell(_value(panel, cell), CellRef(panel.id, cell.given, cell.outcome)) for panel, cell in shown),
        TableCell("" if first.expected is None else formats.expected(first.expected)),
    ]
    if part.wording.stratum_names:
        within = first.expected_within_strata
        cells.append(TableCell("" if within is None else formats.expected(within)))
    if by_item and part.counted is not None:
        cells.append(TableCell(_carried(part.counted.contributors.largest(row, column, "item"))))
    return tuple(cells)


def cell_of(part: Part, panel: Panel, pair: tuple[str, str]) -> Cell:
    """Return the cell of a (row, column) pair in a panel, whichever way round this is."""
    return panel.cell(*pair) if panel.given == part.wording.rows else panel.cell(*pair[::-1])


def _carried(contribution: Contribution | None) -> str:
    if contribution is None:
        return "–"
    name = contribution.name
    short = name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
    return f"{short} ({formats.count(contribution.n_touching)})"


def _value(panel: Panel, cell: Cell) -> str:
    """Return a cell's value as the figure writes it, with its interval where it has one."""
    if cell.value is None:
        return ""
    text = shown_value(panel, cell.value)
    if cell.low is None or cell.high is None:
        return text
    return f"{text} ({shown_value(panel, cell.low)} to {shown_value(panel, cell.high)})"


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
    counted = part.counted is not None
    notes = {state: writer.words("caption", f"state_{state}") for state in ("few", "no_given", "no_outcome", "masked")}
    columns = [Column(panel.given_title), *(Column(name, "right") for name in panel.outcome_categories)]
    if counted:
        columns.insert(1, Column(writer.words("headings", "units", plural=part.wording.unit.plural), "right"))
    return TableBlock(
        id=f"matrix-{panel.id}",
        caption=with_lines(writer.words("caption", "matrix", panel=panel), folded_lines(panel)),
        columns=tuple(columns),
        rows=tuple(_matrix_row(part, panel, name, notes) for name in panel.given_categories),
        source=f"data/{panel.id}.csv",
        kind="matrix",
    )


def with_lines(caption: str, lines: Iterable[str]) -> str:
    """Return a caption with what is folded behind it.

    >>> with_lines("Share", ["folded: 1 row and column without models (Graph)"])
    'Share; folded: 1 row and column without models (Graph)'
    """
    return "; ".join((caption, *lines))


def _matrix_row(part: Part, panel: Panel, given: str, notes: Mapping[str, str]) -> tuple[TableCell, ...]:
    row = panel.row(given)
    cells = [TableCell(given)]
    if part.counted is not None:
        cells.append(TableCell(formats.count(row[0].n_given or 0)))
    for cell in row:
        text = "" if cell.value is None else shown_value(panel, cell.value)
        ref = CellRef(panel.id, cell.given, cell.outcome)
        level = None if cell.value is None else part.scale.level(cell.value)
        cells.append(TableCell(text, ref, level, notes.get(cell.state)))
    return tuple(cells)


def _strongest(part: Part, panel: Panel, writer: Writer) -> TableBlock:
    cells = sorted(
        (cell for cell in panel.cells if cell.value is not None), key=lambda c: (-(c.n_joint or 0), -(c.value or 0))
    )[:STRONGEST]
    return TableBlock(
        id=f"matrix-{panel.id}",
        caption=writer.words("caption", "strongest", n=len(cells), panel=panel),
        columns=(
            Column(panel.given_title),
            Column(panel.outcome_title),
            Column(writer.words("headings", "units", plural=part.wording.unit.plural), "right"),
            Column(panel.measure.label, "right"),
        ),
        rows=tuple(
            (
                TableCell(cell.given),
                TableCell(cell.outcome),
                TableCell("" if cell.n_joint is None else formats.count(cell.n_joint)),
                TableCell(_value(panel, cell), CellRef(panel.id, cell.given, cell.outcome)),
            )
            for cell in cells
        ),
        row_headers=2,
        source=f"data/{panel.id}.csv",
    )
