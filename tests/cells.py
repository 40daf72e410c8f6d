"""The cells of a panel, given one by one."""

from collections.abc import Iterable

from diptych.cells import CELL_FIELDS, Cell, Cells


def whole_cells(cells: Iterable[Cell]) -> Cells:
    """Return the columns of the cells of a panel, row by row."""
    made = tuple(cells)
    given, outcome = (tuple(dict.fromkeys(getattr(cell, side) for cell in made)) for side in ("given", "outcome"))
    assert [(cell.given, cell.outcome) for cell in made] == [(a, b) for a in given for b in outcome]
    return Cells(given, outcome, {name: tuple(getattr(cell, name) for cell in made) for name in CELL_FIELDS[2:]})
