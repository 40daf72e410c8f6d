"""The time control: the figure at earlier times, by keys and by the address; without a series there is none."""

import csv

import pytest
from playwright.sync_api import expect

from diptych.pipeline.build import build
from tests.browser.axe import violations
from tests.browser.waiting import every_figure_live

pytestmark = pytest.mark.browser

CONFIG = """version: 1
report: {title: Skills over time}
taxonomy: {categories: [{name: A, match: a}, {name: B, match: b}]}
relations:
  survey: {records: {source: survey.csv, rows: {column: had}, columns: {column: got}}}
inference: {minimum_units: 5}
outputs: [html]
"""
SERIES = "snapshots: {folder: history/, by: day, every: year}\n"
YEARS = {"2020": (("a", "a", 10), ("b", "b", 10)), "2021": (("a", "b", 10),), "2022": (("b", "a", 30),)}
"""What came in each year: with a, got a in 10 of 10, 10 of 20, 10 of 20; with b, got a in 0 of 10, 0 of 10, 30 of 40."""


@pytest.fixture(scope="module")
def sites(tmp_path_factory):
    """The same report with a series and without."""
    folder = tmp_path_factory.mktemp("time")
    rows = [(had, got, f"{year}-07-01") for year, came in YEARS.items() for had, got, n in came for _ in range(n)] + [
        ("a", "a", "")
    ] * 4
    with (folder / "survey.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("had", "got", "day"), *rows])
    for name, series in (("with", SERIES), ("without", "")):
        (folder / f"{name}.yaml").write_text(CONFIG + series)
        build(folder / f"{name}.yaml", folder / name)
    return folder


@pytest.fixture
def opened(visit, sites):
    def opening(name="with", address="", *, folded=True, **options):
        place = f"{(sites / name / 'index.html').as_uri()}{address}"
        page = visit(place, folded=folded, reduced_motion="reduce", **options)
        if options.get("scripts", True):
            every_figure_live(page)
        return page

    return opening


def at_time(page, name):
    page.locator(f'figure[data-time="{name}"]').first.wait_for()


def said_of(page, key):
    """Return the lines of a cell's tooltip."""
    page.locator(f'figure[data-live="on"] path[data-cell="{key}"]').hover()
    page.locator(".celltip").first.wait_for()
    texts = page.locator(".celltip:not([hidden])").all_inner_texts()
    return [" ".join(text.split()) for text in texts]


def control(page):
    return page.get_by_role("slider", name="Time")


def test_keys_go_back_in_time_and_figure_tooltip_and_words_follow(opened):
    page = opened()
    slider = control(page)
    expect(slider).to_have_attribute("aria-valuetext", "this report")
    colour = page.locator('figure[data-live="on"] path[data-cell="left-1-0"]').get_attribute("fill")
    assert "30 of 40" in " ".join(said_of(page, "left-1-0"))
    slider.focus()
    for name, words in (("2022", "2022: 60 records"), ("2021", "2021: 30 records"), ("2020", "2020: 20 records")):
        page.keyboard.press("ArrowLeft")
        at_time(page, name)
        expect(slider).to_have_attribute("aria-valuetext", words)
        expect(page.locator(".controls output")).to_have_text(words)
        expect(page.get_by_role("status").filter(has_text=words)).to_have_count(1)
    assert "none of 10" in " ".join(said_of(page, "left-1-0"))
    assert "10 of 10" in " ".join(said_of(page, "left-0-0"))
    then = page.locator('figure[data-live="on"] path[data-cell="left-1-0"]').get_attribute("fill")
    assert then != colour
    slider.focus()
    page.keyboard.press("ArrowRight")
    at_time(page, "2021")
    assert "10 of 20" in " ".join(said_of(page, "left-0-0"))
    assert page.complaints == []


def test_the_time_stands_in_the_address_and_comes_from_it(opened):
    page = opened(address="#view;time=2021")
    at_time(page, "2021")
    expect(control(page)).to_have_value("1")
    control(page).focus()
    page.keyboard.press("Home")
    at_time(page, "2020")
    assert page.url.endswith("#view;time=2020")
    page.keyboard.press("End")
    at_time(page, "")
    assert "#" not in page.url


def test_a_time_that_is_not_there_is_this_report(opened):
    page = opened(address="#view;time=1789")
    at_time(page, "")
    expect(control(page)).to_have_value("3")


def test_another_measure_and_an_earlier_time_take_each_other_back(opened):
    page = opened(address="#view;time=2020")
    at_time(page, "2020")
    page.get_by_label("Show").first.select_option("count")
    page.locator('figure[data-measure="count"][data-time=""]').wait_for()
    expect(control(page)).to_have_value("3")
    control(page).focus()
    page.keyboard.press("ArrowLeft")
    page.locator('figure[data-measure="declared"][data-time="2022"]').wait_for()
    expect(page.get_by_label("Show").first).to_have_value("declared")


def test_the_card_of_a_cell_has_no_formulas_of_another_time(opened):
    page = opened()
    page.locator('figure[data-live="on"] path[data-cell="left-0-0"]').click()
    expect(page.locator(".cellcard .formulas")).to_have_count(1)
    control(page).focus()
    page.keyboard.press("ArrowLeft")
    at_time(page, "2022")
    expect(page.locator(".cellcard .formulas")).to_have_count(0)
    expect(page.locator(".cellcard")).to_contain_text("10 of 20")


def test_without_scripts_the_section_shows_the_figure_over_time_and_no_control(opened):
    page = opened(scripts=False, folded=False)
    expect(page.locator("#history")).to_be_visible()
    expect(page.locator("#figure-main-over-time svg, figure[id*='over-time'] svg").first).to_be_visible()
    expect(page.locator("input[type=range]")).to_be_hidden()


def test_without_a_series_there_is_no_control_and_no_section(opened, sites):
    page = opened("without")
    expect(page.locator("input[type=range]")).to_have_count(0)
    expect(page.locator("#history")).to_have_count(0)
    assert "times" not in (sites / "without" / "index.html").read_text().split("<script")[0]


def test_the_page_with_a_time_control_has_no_violation(opened):
    page = opened(address="#view;time=2020", folded=False)
    at_time(page, "2020")
    assert violations(page, {"include": [["figure[data-figure]"], ["#history"]]}) == []
