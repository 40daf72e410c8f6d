"""The appendix: the full matrices."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from heapq import nsmallest

from .. import formats
from ..cells import WITHHELD, CellRef, Panel, folded
from ..figures.scales import folded_lines
from ..words.sentences import said
from .model import Block, TableBlock, TableCell, right, table
from .part import Part

MOST_CATEGORIES = 30
"""Up to this size the appendix contains whole matrices. Beyond it, tagged PDF tables are slow and large."""
STRONGEST = 300


def _text(part: Part, block: str, **values: object) -> str:
    return said("tables", block, w=part.names, **values)


def or_blank(number: float | None, written: Callable[[float], str]) -> str:
    """Return a number as written by `written`, or an empty text for None."""
    return "" if number is None else written(number)


def header(panel: Panel, title: str) -> str:
    """Return the head of a column of values, with the sign of per cent for shares."""
    return f"{title}, %" if panel.measure.is_share else title


def matrices(part: Part) -> tuple[Block, ...]:
    """Return each panel as a table. With more than 30 categories, return its strongest cells."""
    panels = map(folded, part.panels) if part.folds else part.panels
    return tuple(
        _matrix(part, panel)
        if max(len(panel.given_categories), len(panel.outcome_categories)) <= MOST_CATEGORIES
        else _strongest(part, panel)
        for panel in panels
    )


def _matrix(part: Part, panel: Panel) -> TableBlock:
    notes: dict[str, str] = {
        state: _text(part, "state_masked_empty" if state == "masked" and panel.is_masked_empty else f"state_{state}")
        for state in ("few", "uncertain", "no_given", "no_outcome", "masked", *WITHHELD)
    }
    units = _text(part, "units")
    bases = [units] if part.coverage is not None else []
    made = table(
        f"matrix-{panel.id}",
        with_lines(
            _text(part, "matrix", panel=panel, in_percent=panel.measure.is_share),
            folded_lines(panel),
        ),
        (panel.given_title, *map(right, (*bases, *panel.outcome_categories))),
        (_matrix_row(part, panel, name, notes) for name in panel.given_categories),
        source=f"data/{panel.id}.csv",
    )
    return replace(made, kind="matrix")


def with_lines(caption: str, lines: Iterable[str]) -> str:
    """Return a caption followed by the lines that explain a matrix.

    >>> with_lines("Share", ["Not shown, no models: Graph"])
    'Share. Not shown, no models: Graph'
    """
    return ". ".join((caption, *lines))


def _matrix_row(part: Part, panel: Panel, given: str, notes: Mapping[str, str]) -> list[TableCell | str]:
    row = panel.row(given)
    cells: list[TableCell | str] = [given]
    if part.coverage is not None:
        cells.append(formats.count(row[0].n_given or 0))
    for cell in row:
        text = or_blank(cell.value, partial(formats.in_table, measure=panel.measure))
        ref = CellRef(panel.id, cell.given, cell.outcome)
        level = None if cell.value is None else part.scale.level(cell.value)
        cells.append(TableCell(text, ref, level, notes.get(cell.state)))
    return cells


def _strongest(part: Part, panel: Panel) -> TableBlock:
    columns = zip(panel.column("n_joint"), panel.column("value"), strict=True)
    known = ((-(joint or 0), -value, place) for place, (joint, value) in enumerate(columns) if value is not None)
    cells = [panel.cells[place] for *_, place in nsmallest(STRONGEST, known)]
    units = _text(part, "units")
    return table(
        f"matrix-{panel.id}",
        _text(part, "strongest", n=len(cells), panel=panel),
        (panel.given_title, panel.outcome_title, right(units), right(header(panel, panel.measure.label))),
        (
            (
                cell.given,
                cell.outcome,
                or_blank(cell.n_joint, formats.count),
                TableCell(formats.in_table_with_ends(cell, panel.measure), CellRef(panel.id, cell.given, cell.outcome)),
            )
            for cell in cells
        ),
        source=f"data/{panel.id}.csv",
        row_headers=2,
    )
