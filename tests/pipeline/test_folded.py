"""Categories without units leave figure, tables and other measures, unless a figure is classic."""

import csv

import pytest

from diptych.cells import empty_categories, folded
from diptych.pipeline.build import build
from tests.figures.demo_panels import CONDITIONAL, COUNTS, NINE, panel
from tests.long_names import write

NOBODY = "Nobody 1, Nobody 2"
FIGURE = "figures:\n  - {id: main, panels: [left, right], form: %s}\noutputs: {html: {}, markdown: true, data: true}\n"


@pytest.fixture(scope="module")
def sites(tmp_path_factory):
    """The folders of one report with a figure of each form."""
    found = {}
    for way in ("plain", "classic"):
        folder = tmp_path_factory.mktemp(way)
        build(write(folder, 4, "en", FIGURE % way, unused=2), folder / "site")
        found[way] = folder / "site"
    return found


def test_empty_rows_and_columns_of_one_taxonomy_leave_a_panel_together():
    left = panel(COUNTS, (NINE, NINE), CONDITIONAL)
    assert empty_categories(left) == (("Tabular", "Time Series"), ("Tabular", "Time Series"))
    short = folded(left)
    assert short.given_categories == short.outcome_categories == tuple(n for n in NINE if n not in short.folded[0])
    assert len(short.cells) == 49
    assert all(short.cell(a, b) == left.cell(a, b) for a in short.given_categories for b in short.outcome_categories)
    assert folded(short) is short


def test_the_data_are_the_same(sites):
    for name in ("left.csv", "right.csv", "coverage.csv"):
        assert (sites["plain"] / "data" / name).read_bytes() == (sites["classic"] / "data" / name).read_bytes()
    with (sites["plain"] / "data" / "left.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == 36


def test_the_page_has_no_square_of_what_is_folded(sites):
    page = (sites["plain"] / "index.html").read_text("utf-8")
    assert 'data-cell="left-3-3"' in page
    assert 'data-cell="left-4-4"' not in page
    assert NOBODY in page
    assert 'data-cell="left-5-5"' in (sites["classic"] / "index.html").read_text("utf-8")
