"""Cells of a panel: columns that are asked for as columns or as cells, always the same numbers."""

import pytest

from diptych.cells import CELL_FIELDS, Cells
from tests.figures.demo_panels import founding


def small():
    return Cells("ab", "xyz", {"n_joint": [1, 2, 3, 4, 5, 6], "value": [0.5, None, 1, 0, 0.25, None]})


def test_cells_stand_row_by_row_and_lack_what_no_column_has():
    cells = small()
    assert [(c.given, c.outcome, c.n_joint, c.value, c.q_value) for c in cells] == [
        ("a", "x", 1, 0.5, None), ("a", "y", 2, None, None), ("a", "z", 3, 1, None),
        ("b", "x", 4, 0, None), ("b", "y", 5, 0.25, None), ("b", "z", 6, None, None),
    ]  # fmt: skip


def test_every_field_is_a_column():
    panel = founding()[0]
    for name in CELL_FIELDS:
        assert list(panel.column(name)) == [getattr(cell, name) for cell in panel.cells], name
    with pytest.raises(KeyError, match="colour"):
        panel.column("colour")


def test_a_column_of_another_length_is_refused():
    with pytest.raises(ValueError, match="column value holds 5 of 6 cells"):
        small().replaced(value=[1, 2, 3, 4, 5])
