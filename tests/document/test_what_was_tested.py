"""The text claims no more than was tested: tables of records, from their counts to the sentences."""

from __future__ import annotations

from itertools import product

import pytest

from tests.simulations.telling import tell

CONFIG = """
version: 1
report: {title: "Records"}
taxonomies:
  rows: {categories: [%s]}
  columns: {categories: [%s]}
relations:
  records:
    records:
      source: data.csv
      rows: {column: row, label: row, taxonomy: rows}
      columns: {column: column, label: column, taxonomy: columns}
      count: n
      independent: true
"""


@pytest.fixture
def told(tmp_path):
    """Return the text of a table of counts, rows A, B, ... by columns X, Y, ..."""

    def make(table):
        rows, columns = "ABCDEFG"[: len(table)], "XYZUVW"[: len(table[0])]
        cells = zip(product(rows, columns), (n for row in table for n in row), strict=True)
        lines = ["row,column,n", *(f"{row},{column},{n}" for (row, column), n in cells)]
        (tmp_path / "data.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        sides = (", ".join(f'{{name: "{c}", match: ["{c}"]}}' for c in names) for names in (rows, columns))
        return tell(tmp_path, CONFIG % tuple(sides), "records")

    return make


PRESEX = [(355, 187), (321, 173)]
"""Gender by marital status in R's vcd::PreSex."""


def test_the_power_is_of_the_difference_between_both_rows(told):
    """By the normal law, sqrt(p q (1/542 + 1/494)) times 1.96 + 0.84 is 8.3 points. The report gave 5."""
    assert "A difference of 9 percentage points between two shares" in told(PRESEX).sections["abstract"]


def test_a_table_of_two_by_two_has_one_test(told):
    assert "4 tests" not in told(PRESEX).sections["methods"]


def test_only_printed_intervals_are_called_adjusted(told):
    """The key findings give shares with their own intervals, and no ratios."""
    text = told([(60, 40, 1), (1, 14, 6), (40, 336, 4)])
    assert "false coverage" not in text.text


def test_a_category_that_resamples_contradict_does_not_lead(told):
    """52% of the records are Married, and 11 of 200 resamples have more Divorced. The report said "Married leads"."""
    assert "A leads" not in told(PRESEX).text


def test_the_statement_on_the_most_common_category_is_the_one_printed(told):
    """It was "Most have ...", which changes where a category keeps the lead and loses the majority."""
    text = told([(60, 40), (20, 20), (30, 10)]).sections["sensitivity"]
    assert "Most have" not in text
