"""The default report as it is seen first: sizes on screens, states of cells by their pixels, pinned findings, print."""

import io

import pytest
from PIL import Image, ImageChops

from diptych.theme.colours import DARK, LIGHT, contrast
from tests.browser.waiting import every_figure_live
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
        page = visit((example / "index.html").as_uri(), width, scheme, height=height, **options)
        if options.get("scripts", True):
            every_figure_live(page)
        return page

    return opening


def pixels(page, locator):
    return Image.open(io.BytesIO(locator.screenshot(animations="disabled"))).convert("RGB")


def cell(page, key):
    return page.locator(f'{FIGURE} path[data-cell="{key}"]')


def colour(page, key):
    """The colour of a cell a third of its side from its corner, beside its number: as #rrggbb."""
    shown = pixels(page, cell(page, key))
    return "#{:02x}{:02x}{:02x}".format(*shown.getpixel((shown.width // 6, shown.height // 6)))


def test_the_whole_figure_with_its_caption_is_on_the_first_screen(opened):
    page = opened(1280, 800)
    figure = page.locator(FIGURE).bounding_box()
    assert figure["y"] + figure["height"] <= 800
    for part in ("h1", ".abstract", f"{FIGURE} .controls", f"{FIGURE} figcaption", ".items > li"):
        box = page.locator(part).first.bounding_box()
        assert 0 <= box["y"] <= 800, part
    assert page.locator(".contents a").count() <= 8


@pytest.mark.parametrize("width", [360, 1280, *by_night(390, 768)])
def test_no_text_of_the_figure_is_under_eleven_pixels(opened, width):
    page = opened(width, 844)
    sizes = page.evaluate(TEXTS)
    assert len(sizes) > 40
    assert [one for one in sizes if one[1] < 10.95] == []
    if width == 360:
        page.locator(".panels-switch button").nth(1).click()
        assert [one for one in page.evaluate(TEXTS) if one[1] < 10.95] == []


HEADINGS = """() => [...document.querySelectorAll('#figure-main .part:has([data-cell])')]
  .filter(part => part.getBoundingClientRect().width).map(part => {
    const box = element => { const b = element.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom]; };
    const texts = [...part.querySelectorAll('.role-title text')].flatMap(text => [text, ...text.querySelectorAll('tspan')]);
    return [box(part), texts.filter(text => text.textContent.trim()).map(box)]; })"""
"""Of each panel in sight: its own box, and those of the lines above it."""


@pytest.mark.parametrize("scripts", [True, False], ids=["live", "static"])
@pytest.mark.parametrize("width", [360, 768, *by_night(390, 1280)])
def test_lines_above_a_panel_are_within_its_width_and_meet_no_other(opened, width, scripts):
    page = opened(width, 844, scripts=scripts)
    found = page.evaluate(HEADINGS)
    assert len(found) == (1 if scripts and width < 768 else 2)
    for panel, lines in found:
        assert len(lines) >= 2
        assert all(left >= panel[0] - 1 and right <= panel[2] + 1 for left, _, right, _ in lines)
        assert all(left >= 0 and right <= width for left, _, right, _ in lines)
    boxes = [[line for line in lines if line[2] > line[0]] for _, lines in found]
    if len(boxes) == 2:
        apart = [
            a[2] + 8 <= b[0] or b[2] + 8 <= a[0] or a[3] <= b[1] or b[3] <= a[1] for a in boxes[0] for b in boxes[1]
        ]
        assert all(apart)


KEY = """() => [...document.querySelectorAll('#figure-main [class*=" key_"] :is(text, path)')]
  .filter(mark => mark.getBoundingClientRect().width).map(mark => {
    const b = mark.getBoundingClientRect(); return [mark.textContent, b.left, b.right, b.top, b.bottom]; })"""


@pytest.mark.parametrize("width", [320, *by_night(360, 390)])
def test_the_whole_key_is_in_sight_on_a_phone_in_each_measure(opened, width):
    page = opened(width, 844)
    page.locator(".options").first.click()
    bottom = page.locator(f"{FIGURE} .turns").bounding_box()
    for measure in ("declared", "lift", "lift_within_strata", "declared"):
        page.locator("select[name=measure]").select_option(measure)
        marks = page.evaluate(KEY)
        words = " ".join(text for text, *_ in marks)
        assert "Not shown, no models: Tabular, Time Series" in words
        assert ("models expected" in words) == (measure != "declared")
        assert all(left >= 16 and right <= width - 15 for _, left, right, *_ in marks), measure
        texts = sorted((top, bottom) for text, _, _, top, bottom in marks if text)
        assert texts[-1][1] <= page.locator(f"{FIGURE} .turns").bounding_box()["y"]
    assert page.locator(f"{FIGURE} .turns").bounding_box() == bottom
    page.set_viewport_size({"width": 844, "height": 390})
    page.set_viewport_size({"width": width, "height": 844})
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert all(right <= width - 15 for _, _, right, *_ in page.evaluate(KEY))


def test_a_phone_shows_one_panel_at_full_width_with_a_switch(opened):
    page = opened(390, 844)
    panels = page.locator(f"{FIGURE} .part:has([data-cell])")
    assert [panels.nth(k).is_visible() for k in (0, 1)] == [True, False]
    box = panels.nth(0).bounding_box()
    assert box["width"] >= 0.95 * (390 - 32)
    buttons = page.locator(".panels-switch button")
    assert all(buttons.nth(k).bounding_box()["height"] >= 44 for k in (0, 1))
    buttons.nth(1).click()
    assert [panels.nth(k).is_visible() for k in (0, 1)] == [False, True]


def test_the_first_screen_of_a_phone_has_title_switch_bar_and_a_whole_panel(opened):
    page = opened(390, 844)
    for part in ("h1", ".brief", ".abstract", ".panels-switch", ".options"):
        box = page.locator(part).first.bounding_box()
        assert 0 <= box["y"] <= 844 - box["height"], part
    base = page.locator(f'{FIGURE} [class*="p0_base_"] path').first.bounding_box()
    assert base["y"] + base["height"] <= 844


@pytest.mark.parametrize("width", [320, 767, 1280, *by_night(390, 768)])
def test_controls_are_behind_one_button_on_a_phone_and_in_one_row_on_wide_screens(opened, width):
    page = opened(width, 844)
    button, controls = page.locator(f"{FIGURE} .options"), page.locator(f"{FIGURE} .controls")
    if width >= 768:
        assert not button.is_visible()
        middles = controls.locator("select, input").evaluate_all(
            "all => all.map(e => e.getBoundingClientRect()).map(b => (b.top + b.bottom) / 2)"
        )
        assert width < 1264 or max(middles) - min(middles) < 4
        return
    assert not controls.is_visible()
    assert button.bounding_box()["height"] >= 44
    before = pixels(page, page.locator(f"{FIGURE} .drawing"))
    button.focus()
    page.keyboard.press("Enter")
    assert button.get_attribute("aria-expanded") == "true"
    page.get_by_label("Show").first.select_option("lift")
    assert changed(before, pixels(page, page.locator(f"{FIGURE} .drawing"))) > 1000
    button.click()
    assert not controls.is_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["live", "static"])
def test_the_deck_of_a_phone_is_folded_to_units_and_measure(opened, scripts):
    page = opened(390, 844, scripts=scripts)
    front, about = page.locator("#front"), page.get_by_role("button", name="About")
    assert front.is_visible() is not scripts
    assert about.is_visible() is scripts
    if scripts:
        assert page.locator(".brief").inner_text().startswith("4,285 models About")
        about.click()
        assert about.get_attribute("aria-expanded") == "true"
    assert front.locator(".formats a").first.is_visible()


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


def test_in_the_view_of_ratios_zeros_are_loud_or_quiet_and_fixed_ratios_have_no_number(opened):
    page = opened()
    page.locator("select[name=measure]").select_option("lift")
    avoided, quiet = colour(page, "left-1-2"), colour(page, "left-5-6")  # 345 models expected; 0.01
    assert quiet == "#ffffff"
    assert contrast(avoided, quiet) > 5
    page.locator("select[name=measure]").select_option("lift_within_strata")
    graph = cell(page, "left-5-5").bounding_box()  # all models of one package
    inside = page.evaluate(
        """([x, y, w, h]) => [...document.querySelectorAll('#figure-main svg text')].filter(t => {
          const b = t.getBoundingClientRect(), [a, c] = [b.x + b.width / 2, b.y + b.height / 2];
          return a > x && a < x + w && c > y && c < y + h; }).map(t => t.textContent)""",
        [graph["x"], graph["y"], graph["width"], graph["height"]],
    )
    assert inside == []
    assert len(pixels(page, cell(page, "left-5-5")).getcolors(100_000)) > 2  # a dashed square


def changed(before, after):
    difference = ImageChops.difference(before, after).convert("L").point(lambda level: 255 if level > 24 else 0)
    return difference.histogram()[255]


@pytest.mark.parametrize("how", ["click", "Enter", "tap"])
def test_each_finding_rings_its_cells_in_sight_until_it_is_cleared(opened, how):
    page = opened(1280, 800, has_touch=True) if how == "tap" else opened(1280, 800)
    findings = page.locator(".story > section .items > li:has(.thumbs)")
    assert findings.count() >= 2
    for number in range(findings.count()):
        finding, button = findings.nth(number), findings.nth(number).locator(".pin")
        finding.scroll_into_view_if_needed()
        page.mouse.move(2, 2)
        before = pixels(page, page.locator(f"{FIGURE} .drawing"))
        if how == "Enter":
            button.focus()
            page.keyboard.press("Enter")
        elif how == "tap":
            button.tap()
        else:
            button.click()
        page.mouse.move(2, 2)
        assert button.get_attribute("aria-pressed") == "true"
        rings = page.locator(".ring.pinned").evaluate_all("all => all.map(r => r.getBoundingClientRect())")
        assert rings
        assert all(box["top"] >= 0 and box["bottom"] <= 800 for box in rings)
        assert changed(before, pixels(page, page.locator(f"{FIGURE} .drawing"))) >= 250
        page.keyboard.press("Escape")
        assert page.locator(".ring.pinned").count() == 0


def test_on_paper_every_section_is_open(opened):
    page = opened()
    assert page.locator("details:not([open])").count() > 0
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details:not([open])").count() > 0
