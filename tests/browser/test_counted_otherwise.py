"""A cross of the robustness picture, pressed, shows the figure counted as it stands for; the measures lead back."""

import re

import pytest

from diptych import formats
from diptych.config.loading import load_config
from diptych.panels import build_panel, tables_of
from diptych.pipeline.counting import count_all
from tests.browser.axe import violations
from tests.browser.conftest import CONFIG
from tests.browser.waiting import every_figure_live

pytestmark = pytest.mark.browser

CROSS = "#figure-main-robustness [data-view='{}']"


@pytest.fixture
def opened(visit, example):
    def opening(width=1280, **options):
        page = visit((example / "index.html").as_uri(), width, reduced_motion="reduce", **options)
        if options.get("scripts", True):
            every_figure_live(page)
        return page

    return opening


@pytest.fixture(scope="module")
def counted():
    """The panels of the default example counted otherwise, each built anew from the tables or incidence of that way."""
    loaded = load_config(CONFIG)
    found = count_all(loaded)
    (numbers,) = found.relations.values()
    recounts = {change.name: incidence for change, incidence in numbers.recounts.items()}
    tables = {
        "unit:datasets": numbers.alternatives["from"],
        "unit:links": numbers.alternatives["link"],
        "label:models:image-classification": tables_of(recounts["image-classification"], numbers.tables),
        "replaces:Multimodal": tables_of(recounts["Multimodal"], numbers.tables),
    }
    return {
        name: {panel.id: build_panel(panel, own, loaded.config.inference) for panel in loaded.config.panels}
        for name, own in tables.items()
    }


def numbers_of(page, panel):
    named = ", ".join(f"[class*='_{part}']" for part in ("rows_", "whole_", "all_", "top_", "corner"))
    texts = part(page, panel).locator(f".mark-text.role-mark:not({named}) text").all_text_contents()
    return sorted(text for text in texts if re.fullmatch(r"[<>]?\d+", text))


def part(page, panel):
    return page.locator("#figure-main .part:has([data-cell])").nth(panel)


def test_a_cross_shows_the_figure_so_and_in_sight(opened, counted):
    page = opened()
    for name, panels in counted.items():
        page.locator(CROSS.format(name)).first.click()
        assert page.locator("select[name=data]").input_value() == name
        assert page.locator("select[name=measure]").input_value() == "declared"
        box = page.locator("#figure-main .drawing").bounding_box()
        assert 0 <= box["y"] < 400
        for place, (_, panel) in enumerate(panels.items()):
            values = (*panel.column("value"), *panel.column("baseline")[: len(panel.outcome_categories)])
            expected = [formats.in_cell(v, panel.measure, percent=True) for v in values if v]
            assert len(expected) > 10
            assert numbers_of(page, place) == sorted(expected), name
            base = part(page, place).locator("[class*='_whole_'] text").text_content()
            assert base == f"{panel.n_units:,.0f}"
            label = part(page, place).locator("[class*='_all_'] text").text_content()
            assert label == f"All {panel.unit.plural}"
        caption = page.locator("#figure-main figcaption").text_content()
        assert "Alternative analysis: " in caption
        assert f"{panel.n_units:,.0f} {panel.unit.plural}" in caption
        assert "One cell" not in page.locator("#figure-main figcaption").inner_text()
    page.locator("select[name=data]").select_option("declared")
    assert "One cell" in page.locator("#figure-main figcaption").inner_text()
    assert part(page, 0).locator("[class*='_whole_'] text").text_content() == "4,285"
    assert "Alternative analysis" not in page.locator("#figure-main figcaption").text_content()


def test_every_cross_of_a_way_that_can_be_shown_is_a_clear_square_on_it_and_is_reached_by_the_choice_of_data_too(
    opened,
):
    page = opened()
    ways = page.locator("#figure-main-robustness [data-view]").evaluate_all("all => all.map(e => e.dataset.view)")
    offered = page.locator("select[name=data] option").evaluate_all("all => all.slice(1).map(o => o.value)")
    assert sorted(set(ways)) == sorted(offered)
    style = page.locator("#figure-main-robustness [data-view]").first.evaluate(
        "e => [getComputedStyle(e).fill, getComputedStyle(e).cursor, getComputedStyle(e).pointerEvents]"
    )
    assert style == ["none", "pointer", "all"]


def test_tooltip_and_card_tell_of_these_counts_and_give_no_formula_of_others(opened, counted):
    page = opened(390, height=844, has_touch=True)
    page.locator(f"{CROSS.format('unit:datasets')}:visible").first.tap()  # of the drawing for narrow boxes
    page.locator("#figure-main path[data-cell='left-0-0']").tap()
    tip = page.locator(".celltip").text_content()
    cell = counted["unit:datasets"]["left"].cells[0]
    assert f"{cell.n_joint:,.0f} of {cell.n_given:,.0f} datasets" in tip
    page.locator("#figure-main path[data-cell='left-0-0']").tap()
    card = page.locator(".cellcard")
    assert "datasets" in card.text_content()
    assert card.locator(".formulas").count() == 0
    assert card.locator(".behind").count() == 0
    assert violations(page, "#figure-main") == []


def test_without_scripts_a_cross_is_a_mark_and_nothing_that_can_be_pressed(opened):
    page = opened(scripts=False)
    style = page.locator("#figure-main-robustness [data-view]").first.evaluate("e => getComputedStyle(e).cursor")
    assert style == "auto"
