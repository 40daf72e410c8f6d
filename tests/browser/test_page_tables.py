"""Tables of panels: real tables, with the numbers of data/*.csv."""

import csv
import io
import math

import pytest

pytestmark = pytest.mark.browser


@pytest.fixture
def page(visit, example):
    return visit((example / "index.html").as_uri())


def shown(table):
    """The body as texts: row by row, without the marks of notes."""
    return table.evaluate(
        """table => [...table.tBodies[0].rows].map(row => [...row.cells].map(cell => {
             const copy = cell.cloneNode(true);
             copy.querySelectorAll('sup').forEach(mark => mark.remove());
             return copy.textContent.trim();
           }))"""
    )


def as_shown(value):
    """Return a share in per cent as a table shows it; halves are rounded up."""
    return "<1" if 0 < value < 0.005 else ">99" if 0.995 <= value < 1 else str(math.floor(100 * value + 0.5))


def test_every_field_has_a_row_header_and_a_column_header(page):
    for table in page.locator("table.matrix").all():
        columns = table.locator("thead tr > *")
        assert table.locator("thead th[scope=col]").count() == columns.count()
        assert table.locator("tbody tr").count() == table.locator("tbody tr > th[scope=row]:first-child").count()
        assert {row.locator("> *").count() for row in table.locator("tbody tr").all()} == {columns.count()}


def test_a_table_has_the_numbers_of_its_file(page, example):
    for side, table in zip(("left", "right"), page.locator("table.matrix").all(), strict=True):
        heads = table.locator("thead th").all_inner_texts()
        rows = list(csv.DictReader(io.StringIO((example / f"data/{side}.csv").read_text("utf-8"))))
        folded = ("no_given", "no_outcome")
        expected = {(r["given"], r["outcome"]): as_shown(float(r["value"])) for r in rows if r["state"] not in folded}
        assert len(expected) == 49
        assert {(row[0], heads[i]): row[i] for row in shown(table) for i in range(2, len(heads))} == expected
