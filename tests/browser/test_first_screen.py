"""The default report as it is seen first: sizes on screens, and states of cells by their pixels."""

import io

import pytest
from PIL import Image

from diptych.theme.colours import DARK, LIGHT, contrast
from tests.draws import by_night

pytestmark = pytest.mark.browser

FIGURE = "#figure-main"

TEXTS = """() => [...document.querySelectorAll('#figure-main svg text')].filter(t => t.textContent.trim())
  .map(t => { const m = t.getScreenCTM(); return m && t.getBoundingClientRect().width
    ? [t.textContent, Math.hypot(m.a, m.b) * parseFloat(getComputedStyle(t).fontSize)] : null; }).filter(Boolean)"""


@pytest.fixture
def opened(visit, example):
    def opening(width=1280, height=800, scheme="light", **options):
        options = {"folded": True, "reduced_motion": "reduce", "fresh": True} | options
        return visit((example / "index.html").as_uri(), width, scheme, height=height, **options)

    return opening


def pixels(page, locator):
    return Image.open(io.BytesIO(locator.screenshot(animations="disabled"))).convert("RGB")


def cell(page, key):
    return page.locator(f'{FIGURE} path[data-cell="{key}"]')


def colour(page, key):
    """The colour of a cell a third of its side from its corner, beside its number: as #rrggbb."""
    shown = pixels(page, cell(page, key))
    return "#{:02x}{:02x}{:02x}".format(*shown.getpixel((shown.width // 6, shown.height // 6)))


@pytest.mark.parametrize(("width", "parts"), [(1280, (FIGURE, ".findings")), (390, (f"{FIGURE} .part:has(path)",))])
def test_title_sentence_and_figure_are_on_the_first_screen(opened, width, parts):
    page = opened(width, 844 if width < 768 else 800)
    for part in ("h1", ".lead", *parts):
        box = page.locator(part).first.bounding_box()
        assert 0 <= box["y"] <= page.viewport_size["height"] - box["height"], part


@pytest.mark.parametrize("width", [360, 1280, *by_night(390, 768)])
def test_no_text_of_the_figure_is_under_eleven_pixels(opened, width):
    page = opened(width, 844)
    sizes = page.evaluate(TEXTS)
    assert len(sizes) > 40
    assert [one for one in sizes if one[1] < 10.95] == []


HEADINGS = """() => [...document.querySelectorAll('#figure-main .part:has([data-cell])')]
  .filter(part => part.getBoundingClientRect().width).map(part => {
    const box = element => { const b = element.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom]; };
    const texts = [...part.querySelectorAll('.role-title text')].flatMap(text => [text, ...text.querySelectorAll('tspan')]);
    return [box(part), texts.filter(text => text.textContent.trim()).map(box)]; })"""
"""Of each panel in sight: its own box, and those of the lines above it."""


@pytest.mark.parametrize("width", [360, 768, *by_night(390, 1280)])
def test_lines_above_a_panel_are_within_its_width_and_meet_no_other(opened, width):
    page = opened(width, 844)
    found = page.evaluate(HEADINGS)
    assert len(found) == 2
    for panel, lines in found:
        assert len(lines) >= 2
        assert all(left >= panel[0] - 1 and right <= panel[2] + 1 for left, _, right, _ in lines)
        assert all(left >= 0 and right <= width for left, _, right, _ in lines)
    boxes = [[line for line in lines if line[2] > line[0]] for _, lines in found]
    apart = [a[2] + 8 <= b[0] or b[2] + 8 <= a[0] or a[3] <= b[1] or b[3] <= a[1] for a in boxes[0] for b in boxes[1]]
    assert all(apart)


@pytest.mark.parametrize(("scheme", "tokens"), [("light", LIGHT), ("dark", DARK)])
def test_the_lowest_value_differs_from_an_empty_cell(opened, scheme, tokens):
    page = opened(scheme=scheme)
    lowest, none = colour(page, "left-0-1"), colour(page, "left-1-2")  # 1 of 413; 0 of 435
    assert none == tokens["paper"]
    assert contrast(lowest, none) >= 1.3


def test_a_cell_with_too_little_data_has_its_colour_at_the_foot_alone(opened):
    page = opened()
    shown = pixels(page, cell(page, "left-3-3"))  # Audio with Audio: 97% of models from two groups
    middle = shown.width // 2
    assert shown.getpixel((middle, shown.height // 5)) == (255, 255, 255)
    red, green, blue = shown.getpixel((middle, int(shown.height * 0.78)))
    assert blue > red + 50
    assert green < 120
    labels = page.locator(f"{FIGURE} .p0_rows_0_marks text").all_text_contents()
    assert "181 · 2 groups" in labels
    assert "6 · too few" in labels
