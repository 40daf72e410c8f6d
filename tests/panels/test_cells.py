"""Cells of a panel: columns that are asked for as columns or as cells, always the same numbers."""

from dataclasses import replace

import pytest

from diptych.cells import CELL_FIELDS, Cells
from tests.cells import whole_cells
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


def test_columns_of_cells_give_the_cells_again():
    panel = founding()[0]
    assert whole_cells(panel.cells) == panel.cells
    assert replace(panel, cells=whole_cells(list(panel.cells))) == panel
    halved = panel.cells.replaced(value=[None if v is None else v / 2 for v in panel.column("value")])
    assert halved != panel.cells
    assert list(halved) == [replace(c, value=None if c.value is None else c.value / 2) for c in panel.cells]


def test_a_cell_asks_for_the_columns_of_the_numbers_that_are_asked_of_it():
    asked = []

    def column(name, numbers):
        return lambda: (asked.append(name), numbers)[1]

    cells = Cells("ab", "xy", {"value": column("value", [1, 2, 3, 4]), "low": column("low", [0, 1, 2, 3])})
    cell = cells[2]
    assert (cell.given, cell.outcome, cell.value) == ("b", "x", 3)
    assert asked == ["value"]
    assert (cell.low, cells.at("b", "yx")[1].low) == (2, 2)
    assert asked == ["value", "low"]
    with pytest.raises(AttributeError, match="colour"):
        _ = cell.colour


def test_some_categories_in_another_order():
    cells = small().at("ba", "zx")
    assert [(c.given, c.outcome, c.n_joint) for c in cells] == [
        ("b", "z", 6),
        ("b", "x", 4),
        ("a", "z", 3),
        ("a", "x", 1),
    ]
    whole = small()
    assert whole.at("ab", "xyz") is whole
    with pytest.raises(KeyError, match="c"):
        whole.at("abc", "x")


def test_a_column_of_another_length_is_refused():
    with pytest.raises(ValueError, match="column value holds 5 of 6 cells"):
        small().replaced(value=[1, 2, 3, 4, 5])
