"""Which square of a drawing is which cell, so that a sentence can point at it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from xml.etree import ElementTree as ET

from ..cells import CellRef, Panel

# Vega names the groups of marks after their place in the specification: a panel's, then its first layer.
_MATRIX = re.compile(r"\bmark-rect\b.*\b((?:concat_\d+_)+)layer_0_layer_\d+_marks\b")
_SQUARE = re.compile(r"M(-?[\d.]+),(-?[\d.]+)h([\d.]+)v([\d.]+)h-[\d.]+Z")


def name_cells(root: ET.Element, panels: Sequence[Panel], key: Callable[[CellRef], str | None]) -> None:
    """Give the square of each cell the attribute `data-cell` with the cell's short name, in place.

    Squares are found by where they lie: column and row are position over size. A drawing of another build
    is left as it is, since pointing at cells is an extra.
    """
    drawn: dict[str, int] = {}  # panels stand in the drawing in their order, in rows of one or two
    for group in root.iter():
        found = _MATRIX.search(group.get("class", ""))
        if found and drawn.setdefault(found[1], len(drawn)) < len(panels):
            panel = panels[drawn[found[1]]]
            for square, row, column in _squares(group):
                if row < len(panel.given_categories) and column < len(panel.outcome_categories):
                    ref = CellRef(panel.id, panel.given_categories[row], panel.outcome_categories[column])
                    square.set("data-cell", key(ref) or "")


def _squares(group: ET.Element) -> Iterator[tuple[ET.Element, int, int]]:
    """Give each square with its row and column, counted from 0; others than squares on a grid are passed over."""
    for path in group:
        place = _SQUARE.fullmatch(path.get("d", ""))
        if not place:
            continue
        x, y, width, height = (float(number) for number in place.groups())
        row, column = y / height, x / width
        if min(row, column) >= 0 and row.is_integer() and column.is_integer():
            yield path, int(row), int(column)
