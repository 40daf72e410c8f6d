"""Tables of the paper kit for Typst: their fields as strings, and how wide columns are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..document import TableBlock, TableCell
from ..theme.colours import SEQUENTIAL_DEFAULT, ink, shade
from .escape import Raw, one_line
from .outline import letters, note_mark, notes_of
from .typst_values import Value, typst_value

LINE = 104
"""Characters of table type that fit side by side across a page of text."""

LONG_FIELD = 26
"""Where a column has a longer field than this many characters, its fields are set in lines."""

SHORT_FIELD = 16
"""Beside such columns one with no longer field than this is as wide as its fields."""

UPRIGHT = 12
"""From more columns than this on, heads of a matrix are turned."""

_GAP = 2
_EM, _HEAD_EM, _INSET_EM = 0.5, 0.63, 1.1
"""The width of a character in em, of one in a head, which is bold, and of the space on both sides of a field."""

_ALIGN = {"left": "start", "right": "end", "center": "center"}


@dataclass(frozen=True)
class TableCode:
    """A table as Typst code: settings by their names, then its rows."""

    settings: tuple[tuple[str, Raw], ...]
    rows: tuple[Raw, ...]


def table_code(block: TableBlock, schemes: Mapping[str, str]) -> TableCode:
    """Return a table as code; `schemes` are the colours of each panel."""
    notes = notes_of(block)
    is_matrix = block.kind == "matrix"
    settings = {
        "size": Raw(f"{_size(block)}pt"),
        "is-matrix": _code(is_matrix),
        "is-upright": _code(is_matrix and len(block.columns) > UPRIGHT),
        "widths": _listed(_widths(block)),
        "aligns": _listed(_ALIGN[column.align] for column in block.columns),
        "heads": _code([one_line(column.header) for column in block.columns]),
        "notes": _code([{"mark": letters(place), "text": one_line(note)} for place, note in enumerate(notes)]),
    }
    rows = (_code([_field(cell, note_mark(notes, cell), schemes) for cell in row]) for row in block.rows)
    return TableCode(tuple(settings.items()), tuple(rows))


def _code(value: Value) -> Raw:
    return Raw(typst_value(value))


def _listed(items: Iterable[str]) -> Raw:
    """Return code as an array, of one item too."""
    return Raw(f"({', '.join(items)},)")


def _field(cell: TableCell, mark: str, schemes: Mapping[str, str]) -> Value:
    """Return a field, as a text alone where it is no more than that."""
    text = one_line(cell.text)
    if not mark and cell.level is None:
        return text
    panel = cell.ref.panel if cell.ref else ""
    paper = None if cell.level is None else shade(cell.level, schemes.get(panel, SEQUENTIAL_DEFAULT))
    return {"text": text, "mark": mark, "paper": paper, "ink": ink(paper) if paper else None}


def _size(block: TableBlock) -> float:
    """Return the type size in points: a matrix must fit the page however many columns it has."""
    columns = len(block.columns)
    if block.kind != "matrix":
        return 8.4 if columns <= 8 else 7.6
    return 7.8 if columns <= UPRIGHT else round(max(4.0, min(7.4, 165 / (columns + 5))), 1)


def _widths(block: TableBlock) -> list[str]:
    """Return a width for each column: `auto`, one in em, or a share (fr) of what is left.

    Columns of a table that fits, and of a matrix, take their own width, long texts aside. In one that does not fit
    columns of numbers and short fields are as wide as their longest number or word; texts share the rest.
    """
    if block.kind == "matrix":
        return ["auto"] * len(block.columns)
    columns = [(column, [row[place].text for row in block.rows]) for place, column in enumerate(block.columns)]
    bodies = [max([1, *map(len, texts)]) for _, texts in columns]
    words = [max([1, *(len(word) for text in texts for word in text.split())]) for _, texts in columns]
    longest = [max(len(column.header), body) for (column, _), body in zip(columns, bodies, strict=True)]
    if sum(min(length, LONG_FIELD) + _GAP for length in longest) <= LINE:
        return ["auto" if length <= LONG_FIELD else f"{min(length, 4 * LONG_FIELD)}fr" for length in longest]
    return [
        f"{max(_EM * body, _HEAD_EM * max([1, *map(len, column.header.split())])) + _INSET_EM:.2f}em"
        if column.align == "right" or body <= SHORT_FIELD
        else f"{max(min(body, 4 * LONG_FIELD), 2 * word)}fr"
        for (column, _), body, word in zip(columns, bodies, words, strict=True)
    ]
