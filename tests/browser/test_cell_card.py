"""What the card of a cell has beside numbers: bars against the base rate, in all and within strata, and units by name."""

import csv
import re

import pytest

from diptych.pipeline.build import build
from tests.browser.axe import violations
from tests.browser.waiting import every_figure_live

pytestmark = pytest.mark.browser

MODELS = [  # a package, data, task
    ("p", "text 1", "NLP"), ("p", "text 2", "NLP"), ("p", "text 1", "CV"), ("q", "text 2", "NLP"), ("q", "image 1", "CV"),
    ("q", "image 1", "CV"), ("q", "image 1", "NLP"), ("r", "image 1", "CV"),
]  # fmt: skip
CONFIG = """\
version: 1
report: {title: Models and data}
entities:
  models: {source: models.csv, id: id, labels: task, label: Model}
  datasets: {source: datasets.csv, id: id, labels: task, label: Dataset}
taxonomy: {categories: [{name: NLP, match: [NLP]}, {name: CV, match: [CV]}]}
relations:
  trained_on:
    label: trained on
    label_reversed: used for
    links: {from: {entity: datasets}, to: {entity: models, column: data}}
    strata: [package]
    EXAMPLES
inference: {minimum_units: 1}
outputs: {html: {}}
"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """A function of lines of the relation that gives the page of eight models; each is built once."""
    built = {}

    def page(more):
        if more in built:
            return built[more]
        folder = tmp_path_factory.mktemp("small")
        rows = [("id", "package", "data", "task"), *((f"model {n}", *row) for n, row in enumerate(MODELS, 1))]
        datasets = [("id", "task"), ("text 1", "NLP"), ("text 2", "NLP"), ("image 1", "CV")]
        for name, table in (("models.csv", rows), ("datasets.csv", datasets)):
            with (folder / name).open("w", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows(table)
        config = folder / "config.yaml"
        config.write_text(CONFIG.replace("EXAMPLES", more), "utf-8")
        build(config, folder / "site")
        built[more] = (folder / "site" / "index.html").as_uri()
        return built[more]

    return page


@pytest.fixture
def small(visit, pages):
    """Open the page of eight models; `more` are lines of the relation."""

    def opening(more="unit: to", **options):
        page = visit(pages(more), folded=True, **options)
        every_figure_live(page)
        return page

    return opening


def card(page, key):
    page.locator(f'path[data-cell="{key}"]').click()
    return page.locator(".cellcard")


def test_a_bar_for_each_stratum_has_the_counts_of_the_table(small):
    opened = card(small(), "left-0-0")  # NLP data, NLP models: 2 of 3 in p, 1 of 1 in q, nobody in r
    names, words = opened.locator(".bars dt").all_text_contents(), opened.locator(".bars dd").all_text_contents()
    assert names == ["all models", "q", "p"]
    assert words[1:] == ["1 of 1: 100%", "2 of 3: 67%"]
    assert words[0].startswith("75% (")
    lengths = opened.locator(".bars .track").evaluate_all(
        "all => all.map(t => [...t.children].map(c => [c.className, c.getBoundingClientRect(), t.getBoundingClientRect()]))"
        ".map(parts => Object.fromEntries(parts.map(([k, c, t]) => [k, [(c.left - t.left) / t.width, c.width / t.width]])))"
    )
    assert lengths[2]["length"][1] == pytest.approx(2 / 3, abs=0.02)
    assert lengths[2]["base"][0] == pytest.approx(2 / 3, abs=0.02)  # 2 of 3 models of p are NLP models
    assert lengths[1]["base"][0] == pytest.approx(2 / 4, abs=0.02)
    low, high = (float(end) for end in re.findall(r"\d+", words[0])[1:3])
    assert lengths[0]["ends"][0] == pytest.approx(low / 100, abs=0.02)
    assert lengths[0]["ends"][1] == pytest.approx((high - low) / 100, abs=0.03)


def test_the_mirrored_panel_has_the_same_counts_of_its_own_rows(small):
    opened = card(small(), "right-0-1")  # NLP models, CV data: none of 2 in p, 1 of 2 in q
    assert opened.locator(".bars dd").all_text_contents()[1:] == ["1 of 2: 50%", "0 of 2: 0%"]


def test_units_behind_a_cell_are_named(small):
    page = small()
    behind = {"left-0-0": ["model 1", "model 2", "model 4"], "left-1-0": ["model 7"], "right-0-1": ["model 7"]}
    for key, names in behind.items():
        assert card(page, key).locator(".behind li").all_text_contents() == names, key
        page.keyboard.press("Escape")


@pytest.mark.parametrize(("n", "names"), [(2, ["model 1", "model 2"]), (0, [])])
def test_as_many_as_the_config_says_and_none_in_the_page_for_private_data(small, n, names):
    page = small(f"examples: {n}")
    opened = card(page, "left-0-0")
    assert opened.locator(".behind li").all_text_contents() == names
    shown = "models of this cell, the first 2 of 3" in opened.text_content()
    assert shown == bool(names)


def test_units_are_searched_in_the_default_example(visit, example):
    page = visit((example / "index.html").as_uri(), folded=True)
    every_figure_live(page)
    opened = card(page, "left-0-2")
    items = opened.locator(".behind li")
    assert items.count() == 20
    assert "models of this cell, the first 20 of 100" in opened.text_content()
    names = items.all_text_contents()
    opened.get_by_label("Search these").fill(names[0].upper())
    assert items.locator("visible=true").all_text_contents() == [name for name in names if names[0] in name]
    assert violations(page, ".cellcard") == []


def test_every_number_of_the_strata_adds_up_to_the_cell(visit, example):
    page = visit((example / "index.html").as_uri(), folded=True)
    every_figure_live(page)
    for key in ("left-0-0", "left-0-2", "right-0-1", "right-2-2"):
        opened = card(page, key)
        words = opened.locator(".bars dd").all_text_contents()[1:]
        counts = [tuple(int(n.replace(",", "")) for n in re.findall(r"[\d,]+", text)[:2]) for text in words]
        joint, of = re.search(r"Counts([\d,]+) of ([\d,]+) models", opened.text_content()).groups()
        assert [sum(column) for column in zip(*counts, strict=True)] == [int(n.replace(",", "")) for n in (joint, of)]
        page.keyboard.press("Escape")
