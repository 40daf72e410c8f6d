"""Tables of panels: real tables, in the order of any column, and the numbers of data/*.csv whatever the order."""

import csv
import io
import math

import pytest
from playwright.sync_api import expect

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


def as_number(text):
    return {"<1": 0.5, ">99": 99.5}.get(text) or float(text)


def as_shown(value):
    """Return a share in per cent as a table shows it; halves are rounded up."""
    return "<1" if 0 < value < 0.005 else ">99" if 0.995 <= value < 1 else str(math.floor(100 * value + 0.5))


def column(table, name):
    heads = table.locator("thead th").all_inner_texts()
    return [row[heads.index(name)] for row in shown(table)]


def test_every_field_has_a_row_header_and_a_column_header(page):
    for table in page.locator("table.matrix").all():
        columns = table.locator("thead tr > *")
        assert table.locator("thead th[scope=col]").count() == columns.count()
        assert table.locator("tbody tr").count() == table.locator("tbody tr > th[scope=row]:first-child").count()
        assert {row.locator("> *").count() for row in table.locator("tbody tr").all()} == {columns.count()}


def test_pressing_a_header_sorts_up_down_and_back(page):
    table = page.locator("table.matrix").first
    # where there is nothing to compare a row stays last either way
    blank = "table => [3, 4].forEach(row => { table.tBodies[0].rows[row].cells[3].textContent = ''; })"
    assert table.locator("thead th").all_inner_texts()[3] == "NLP"
    table.evaluate(blank)
    declared = shown(table)
    head = table.locator("thead th", has_text="NLP")
    assert head.get_attribute("aria-sort") is None
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "descending"
    assert column(table, "NLP")[0] == "90"
    assert column(table, "NLP")[-2:] == ["", ""]
    numbers = [as_number(text) for text in column(table, "NLP") if text]
    assert 0.5 in numbers  # "<1" is between 0 and 1
    assert numbers == sorted(numbers, reverse=True)
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    assert [as_number(text) for text in column(table, "NLP") if text] == sorted(numbers)
    assert column(table, "NLP")[-2:] == ["", ""]
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") is None
    assert shown(table) == declared


def test_equal_numbers_keep_the_declared_order(page):
    table = page.locator("table.matrix").first
    names = [row[0] for row in shown(table)]
    table.get_by_role("button", name="Graph").click()
    place = table.locator("thead th").all_inner_texts().index("Graph")
    zeros = [row[0] for row in shown(table) if row[place] == "0"]
    assert len(zeros) > 2
    assert zeros == [name for name in names if name in zeros]


def test_bounds_are_sorted_beyond_the_number_of_their_bound(page):
    table = page.locator("table.matrix").first
    texts = ["99", "<1", "1", ">99", "0", "99", "100"]
    table.evaluate(
        "(table, texts) => texts.forEach((t, row) => { table.tBodies[0].rows[row].cells[3].textContent = t; })", texts
    )
    assert len(shown(table)) == len(texts)
    table.locator("thead th").nth(3).get_by_role("button").click()
    assert [row[3] for row in shown(table)] == ["100", ">99", "99", "99", "1", "<1", "0"]


def test_numbers_with_separators_and_names_sort_too_one_column_at_a_time(page):
    table = page.locator("table.matrix").first
    heads = table.locator("thead th")
    heads.nth(1).get_by_role("button").click()
    counts = [int(row[1].replace(",", "")) for row in shown(table)]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > 1000
    heads.nth(0).get_by_role("button").click()
    names = [row[0] for row in shown(table)]
    assert names == sorted(names, key=str.lower)
    assert [head.get_attribute("aria-sort") for head in heads.all()][:2] == ["ascending", None]


def test_the_keyboard_sorts(page):
    table = page.locator("table.matrix").last
    button = table.locator("thead th").nth(2).get_by_role("button")
    button.focus()
    page.keyboard.press("Enter")
    expect(table.locator("thead th").nth(2)).to_have_attribute("aria-sort", "descending")
    page.keyboard.press("Space")
    expect(table.locator("thead th").nth(2)).to_have_attribute("aria-sort", "ascending")
    assert button.evaluate("button => button === document.activeElement")


def test_sorting_changes_the_order_and_no_number(page, example):
    for side, table in zip(("left", "right"), page.locator("table.matrix").all(), strict=True):
        heads = table.locator("thead th").all_inner_texts()
        rows = list(csv.DictReader(io.StringIO((example / f"data/{side}.csv").read_text("utf-8"))))
        folded = ("no_given", "no_outcome")
        expected = {(r["given"], r["outcome"]): as_shown(float(r["value"])) for r in rows if r["state"] not in folded}
        assert len(expected) == 49
        for press in range(3):
            table.get_by_role("button", name="CV").click()
            found = {(row[0], heads[i]): row[i] for row in shown(table) for i in range(2, len(heads))}
            assert found == expected, press


def test_headers_keep_their_place_when_they_become_buttons(visit, example):
    address = (example / "index.html").as_uri()
    boxes = "[...document.querySelectorAll('table.matrix tr')].map(r => r.getBoundingClientRect().height)"
    assert visit(address).evaluate(boxes) == visit(address, scripts=False).evaluate(boxes)
