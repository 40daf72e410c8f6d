"""Twelve to thirty categories with long names, in several scripts: nothing is cut without a sign, at any width."""

import io

import pytest
from PIL import Image

from diptych.pipeline.build import build
from diptych.theme.colours import LIGHT
from tests.browser.axe import COLOURS, violations
from tests.browser.waiting import every_figure_live, resized
from tests.draws import NIGHTLY, by_night
from tests.long_names import write

pytestmark = pytest.mark.browser

KINDS = [(16, "de"), *by_night((30, "en"), (12, "ar"))]
PAGE_ALONE = "outputs: {html: {}}\n"


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """A function of how many categories in which language; each page is built once."""
    built = {}

    def page(n, language):
        if (n, language) not in built:
            folder = tmp_path_factory.mktemp(f"{language}{n}")
            build(write(folder, n, language, PAGE_ALONE), folder / "site")
            built[n, language] = folder / "site" / "index.html"
        return built[n, language]

    return page


@pytest.fixture
def opened(visit, many):
    def opening(n, language, width, **options):
        page = visit(many(n, language).as_uri(), width, folded=True, reduced_motion="reduce", **options)
        every_figure_live(page)
        return page

    return opening


OUTSIDE = """() => [...document.querySelectorAll('figure .drawing text')].filter((text) => {
  const [box, part] = [text.getBoundingClientRect(), text.closest('svg').getBoundingClientRect()];
  return box.width && text.textContent.trim()
    && (box.left < part.left - 1 || box.right > part.right + 1 || box.top < part.top - 1 || box.bottom > part.bottom + 1);
}).map((text) => text.textContent)"""
UNSIGNED = """() => [...document.querySelectorAll('.scroll')].filter((box) => box.checkVisibility()
  && box.scrollWidth > box.clientWidth + 1 && getComputedStyle(box).maskImage === 'none').length"""
LEAST = """() => [...document.querySelectorAll('figure .part:has([data-cell], image)')].slice(0, 2)
  .map((part) => parseFloat(getComputedStyle(part).minInlineSize))"""
PANELS = "() => [...document.querySelectorAll('figure .part:has([data-cell], image)')].slice(0, 2).map((part) => part.getBoundingClientRect())"


@pytest.mark.parametrize("widths", [(320, 390, 768), (1280, 1400, 1920)], ids=str)
@pytest.mark.parametrize(("n", "language"), KINDS)
def test_nothing_is_cut_without_a_sign(opened, n, language, widths):
    """The window is made wider: of the page as it is opened in a narrow one, and in a wide one."""
    page = opened(n, language, widths[0])
    for width in widths:
        resized(page, width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(OUTSIDE) == []
        assert page.evaluate(UNSIGNED) == 0
        if width >= 1400:
            tables = page.locator(".story .scroll:visible").evaluate_all(
                "all => all.map(e => e.scrollWidth - e.clientWidth)"
            )
            assert max(tables) <= 1


@pytest.mark.parametrize(("n", "language"), KINDS)
def test_panels_stand_side_by_side_up_to_sixteen_at_1280_pixels(opened, n, language):
    """As far as there is room for both with words of 11 pixels: not for sixteen long names."""
    page = opened(n, language, 1280)
    left, right = page.evaluate(PANELS)
    least = page.evaluate(LEAST)
    room = page.locator("figure .scroll").first.bounding_box()["width"]
    assert (right["left"] >= left["right"] - 1) == (n <= 16 and sum(least) + 12 <= room)
    assert left["width"] >= least[0] - 1
    assert n >= 16 or sum(least) + 12 <= room


NUMBERS = """() => [...document.querySelectorAll('figure [class*=_cell_] text')].filter(t => t.textContent.trim())
  .map(t => { const m = t.getScreenCTM(), b = t.getBoundingClientRect();
    return [Math.hypot(m.a, m.b) * parseFloat(getComputedStyle(t).fontSize), b.width]; })"""


def test_thirty_categories_have_numbers_of_eleven_pixels_in_cells_of_twenty_and_no_dots(opened):
    page = opened(30, "en", 1280)
    numbers = page.evaluate(NUMBERS)
    side = page.locator('figure [data-cell="left-9-9"]').bounding_box()["width"]
    assert len(numbers) > 600
    assert min(size for size, _ in numbers) >= 11
    assert side >= 20
    assert max(width for _, width in numbers) < side
    none = page.evaluate(
        """() => { const at = e => { const b = e.getBoundingClientRect();
            return [Math.round(b.left + b.width / 2), Math.round(b.top + b.height / 2)]; };
          const texts = [...document.querySelectorAll('figure [class*=_cell_] text')].filter(t => t.textContent.trim()).map(at);
          return [...document.querySelectorAll('figure [data-cell^=left-]')].find(c => { const [x, y] = at(c);
            return !texts.some(([a, b]) => Math.abs(a - x) < 9 && Math.abs(b - y) < 9); }).dataset.cell; }"""
    )
    shown = Image.open(io.BytesIO(page.locator(f'figure [data-cell="{none}"]').screenshot())).convert("RGB")
    inside = shown.crop((9, 9, shown.width - 9, shown.height - 9))
    assert inside.getcolors() == [(inside.width * inside.height, (255, 255, 255))]


def test_numbers_that_would_be_too_small_are_left_out(opened):
    page = opened(30, "en", 1280)
    page.locator("select[name=measure]").select_option("lift")
    assert page.evaluate(NUMBERS) == []


def test_thirty_categories_take_at_most_twelve_screens_before_details_are_opened(opened):
    page = opened(30, "en", 1280)
    assert page.evaluate("document.documentElement.scrollHeight / innerHeight") <= 12


def test_a_figure_higher_than_the_window_scrolls_to_the_cell_of_a_sentence(opened):
    page = opened(30, "en", 1400)
    for cell in page.locator(".story td[data-cell^='right-']").all()[:3]:
        cell.scroll_into_view_if_needed()
        cell.hover()
        ring = page.locator(".ring").first.bounding_box()
        assert ring["y"] >= 0
        assert ring["y"] + ring["height"] <= 800


def test_folded_categories_are_in_no_measure_and_a_line_names_them(visit, tmp_path):
    more = "figures:\n  - {id: main, panels: [left, right], empty: fold}\n" + PAGE_ALONE
    build(write(tmp_path, 4, "en", more, unused=2), tmp_path / "site")
    page = visit((tmp_path / "site" / "index.html").as_uri(), 1280)
    every_figure_live(page)
    for measure in ("declared", "count", "lift"):
        page.locator("select[name=measure]").select_option(measure)
        assert page.locator("figure [data-cell]").count() == 2 * 16
        key = page.locator("figure").first.locator('[class*=" key_"] text').all_text_contents()
        assert "Not shown, no answers: Nobody 1, Nobody 2" in key
    assert page.locator("table.matrix").first.locator("tbody tr").count() == 4


def bands(page, kind):
    """The frames of a kind, by what they frame: rows are wider than high."""
    boxes = page.locator(f".band.{kind}").evaluate_all("all => all.map(b => b.getBoundingClientRect())")
    return [("row" if box["width"] > box["height"] else "column", box) for box in boxes]


def test_with_forced_colours_what_is_found_is_framed_in_the_colour_of_what_is_chosen(opened):
    page = opened(30, "en", 1280, forced_colors="active")
    field = page.get_by_label("Find", exact=True)
    field.fill("plants 3")
    strokes = page.locator(".band.found").evaluate_all("all => all.map(b => getComputedStyle(b).stroke)")
    field.evaluate("f => { f.style.forcedColorAdjust = 'none'; f.style.color = 'Highlight'; }")
    assert set(strokes) == {field.evaluate("f => getComputedStyle(f).color")}
    field.evaluate("f => f.removeAttribute('style')")
    assert field.evaluate("f => getComputedStyle(f).borderTopStyle") == "solid"
    assert violations(page, ".explore") == []


@pytest.mark.parametrize("width", [390, 1280])
def test_a_category_is_found_by_its_name_and_framed_in_sight(opened, width):
    page = opened(30, "en", width)
    page.get_by_label("Find", exact=True).fill("plants 3")
    found = bands(page, "found")
    assert [kind for kind, _ in found] == ["row", "column"] * 2
    assert page.locator(".explore .told").text_content() == "Molecular Biology of Plants 3"
    row, column = found[0][1], found[1][1]
    cell = page.locator('figure [data-cell="left-15-15"]').bounding_box()
    assert row["top"] + row["height"] / 2 == pytest.approx(cell["y"] + cell["height"] / 2, abs=1)
    assert column["left"] + column["width"] / 2 == pytest.approx(cell["x"] + cell["width"] / 2, abs=1)
    assert cell["x"] >= 0
    assert cell["x"] + cell["width"] <= width
    assert 0 <= cell["y"] <= 800 - cell["height"]
    mark = f"rgb{tuple(bytes.fromhex(LIGHT['mark'][1:]))}"
    assert set(page.locator(".band.found").evaluate_all("all => all.map(b => getComputedStyle(b).stroke)")) == {mark}


def test_enter_shows_the_next_of_several_and_escape_none(opened):
    page = opened(30, "en", 1280)
    field = page.get_by_label("Find", exact=True)
    field.fill("history")
    first = bands(page, "found")[0][1]
    assert "(1 of 4;" in page.locator(".explore .told").text_content()
    field.press("Enter")
    assert bands(page, "found")[0][1]["top"] != first["top"]
    assert "(2 of 4;" in page.locator(".explore .told").text_content()
    field.fill("no such name")
    assert bands(page, "found") == []
    assert page.locator(".explore .told").text_content() == "No category has this in its name."
    field.press("Escape")
    assert page.locator(".explore .told").text_content() == ""


def test_a_cross_follows_the_pointer_and_the_arrow_keys(opened):
    page = opened(30, "en", 1280)
    page.locator('figure [data-cell="left-4-7"]').hover()
    cell = page.locator('figure [data-cell="left-4-7"]').bounding_box()
    (_, row), (_, column) = bands(page, "cross")
    middle = cell["x"] + cell["width"] / 2, cell["y"] + cell["height"] / 2
    assert row["top"] + row["height"] / 2 == pytest.approx(middle[1], abs=1)
    assert column["left"] + column["width"] / 2 == pytest.approx(middle[0], abs=1)
    page.mouse.move(5, 5)
    page.wait_for_timeout(250)
    assert bands(page, "cross") == []
    page.locator("figure .scroll").first.focus()
    page.keyboard.press("ArrowDown")
    assert [kind for kind, _ in bands(page, "cross")] == ["row", "column"]


def test_the_figure_is_enlarged_by_buttons_and_by_keys_about_the_cell_with_the_focus(opened):
    page = opened(30, "en", 1280)
    side = "() => document.querySelector('figure [data-cell=\"left-9-9\"]').getBoundingClientRect().width"
    before = page.evaluate(side)
    page.get_by_role("button", name="Zoom in").click()
    assert page.evaluate(side) == pytest.approx(1.5 * before, rel=0.05)
    page.get_by_role("button", name="Show the whole figure").click()
    assert page.evaluate(side) == pytest.approx(before, rel=0.01)
    page.locator("figure .scroll").first.focus()
    for key in ("End", "+", "+"):
        page.keyboard.press(key)
    ring = page.locator(".ring").last.bounding_box()
    box = page.locator("figure .scroll").first.bounding_box()
    assert box["x"] <= ring["x"] <= box["x"] + box["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    page.keyboard.press("0")
    assert page.evaluate(side) == pytest.approx(before, rel=0.01)


def test_by_touch_too(opened):
    page = opened(30, "en", 390, has_touch=True)
    page.get_by_role("button", name="Zoom in").tap()
    assert page.locator("figure[data-zoomed]").count() == 1
    page.locator('figure [data-cell="left-1-1"]').tap()
    assert len(bands(page, "cross")) == 2


def test_nothing_of_it_without_scripts_nor_with_few_categories(visit, many, example):
    page = visit(many(30, "en").as_uri(), 1280, scripts=False)
    assert page.locator(".explore").count() == 0
    path = example / "index.html"
    few = visit(path.as_uri(), 1280)
    every_figure_live(few)
    assert few.locator(".explore").count() == 0
    assert "a row or column" not in path.read_text("utf-8")


def test_no_violations(opened):
    page = opened(30, "en", 1280)
    page.get_by_label("Find", exact=True).fill("plants")
    page.get_by_role("button", name="Zoom in").click()
    part = None if NIGHTLY else ".explore"
    assert violations(page, part) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, part, options=COLOURS) == []
