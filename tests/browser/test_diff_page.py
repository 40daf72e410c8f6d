"""The page of `diptych diff`: a matrix for each panel, with a number only where a cell moved by more than noise."""

import re

import pytest

from diptych.contrib.history.changes import as_data
from diptych.contrib.history.comparing import diff
from diptych.contrib.history.diff_text import page_of
from diptych.contrib.history.sides import source_of
from diptych.pipeline import build
from tests.browser.axe import COLOURS, PLACES, violations
from tests.browser.waiting import resized

pytestmark = pytest.mark.browser

CONFIG = """version: 1
report: {title: Years, date: 2026-01-01}
taxonomy: {categories: [{name: A, match: a}, {name: B, match: b}, {name: C, match: c}]}
relations:
  survey:
    records: {source: r.csv, rows: {column: x}, columns: {column: y}}
snapshots: {folder: history/}
outputs: [data]
"""
BEFORE = "a,a\n" * 90 + "a,b\n" * 30 + "b,b\n" * 100 + "b,a\n" * 20 + "c,c\n" * 60 + "c,a\n" * 30


@pytest.fixture(scope="module")
def changed(tmp_path_factory):
    """What changed between two builds: pairs (a, b) came, and a single (c, a)."""
    folder = tmp_path_factory.mktemp("diff")
    (folder / "config.yaml").write_text(CONFIG)
    for name, rows in (("old", BEFORE), ("new", BEFORE + "a,b\n" * 70 + "c,a\n")):
        (folder / "r.csv").write_text("x,y\n" + rows)
        build(folder / "config.yaml", folder / name)
    old, new = (source_of(str(folder / name), folder / "config.yaml") for name in ("old", "new"))
    return diff(old, new)


@pytest.fixture
def page(visit, tmp_path, changed):
    path = tmp_path / "diff.html"
    path.write_text(page_of(changed), encoding="utf-8")
    return visit(path.as_uri())


def test_numbers_stand_where_more_than_noise_moved_and_are_those_of_the_data(page, changed):
    assert page.locator("table.matrix").count() == 2
    cells = as_data(changed)["cells"]
    for table, panel in zip(page.locator("table.matrix").all(), ("left", "right"), strict=True):
        own = {(c["given"], c["outcome"]): c for c in cells if c["panel"] == panel}
        names = table.locator("thead th").all_text_contents()
        for row in table.locator("tbody tr").all():
            given = row.locator("th").text_content()
            for outcome, text in zip(names, row.locator("td").all_text_contents(), strict=True):
                change = own.get((given, outcome))
                if change is None:
                    assert text == ""
                elif change["noise"]:
                    assert text == "·"
                else:
                    assert text == f"{change['difference']['value']:+.2f}"
        assert table.locator("td").filter(has_text=re.compile(r"^[+-]")).count() >= 1
        assert table.locator("td").filter(has_text="·").count() >= 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_rose_what_fell_and_what_did_not_move_differ_in_colour(page, scheme):
    page.emulate_media(color_scheme=scheme)
    for table in page.locator("table.matrix").all():
        up, down, still = (
            table.locator(f"td{kind}").first.evaluate("e => getComputedStyle(e).backgroundColor")
            for kind in (".up", ".down", ":not([class])")
        )
        assert len({up, down, still}) == 3
    assert violations(page, options=COLOURS) == []


def test_the_page_can_be_read_in_any_width(page):
    for width in (320, 1280):
        resized(page, width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert violations(page, options=PLACES) == []
