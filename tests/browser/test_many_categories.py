"""Twelve to thirty categories with long names, in several scripts: nothing is cut without a sign, at any width."""

import io

import pytest
from PIL import Image

from diptych.pipeline.build import build
from tests.browser.waiting import resized
from tests.draws import by_night
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
        return visit(many(n, language).as_uri(), width, folded=True, reduced_motion="reduce", **options)

    return opening


OUTSIDE = """() => [...document.querySelectorAll('figure .drawing text')].filter((text) => {
  const [box, part] = [text.getBoundingClientRect(), text.closest('svg').getBoundingClientRect()];
  return box.width && text.textContent.trim()
    && (box.left < part.left - 1 || box.right > part.right + 1 || box.top < part.top - 1 || box.bottom > part.bottom + 1);
}).map((text) => text.textContent)"""
UNSIGNED = """() => [...document.querySelectorAll('.scroll')].filter((box) => box.checkVisibility()
  && box.scrollWidth > box.clientWidth + 1 && !getComputedStyle(box).backgroundImage.includes('gradient')).length"""
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


def test_folded_categories_are_left_out_and_a_line_names_them(visit, tmp_path):
    more = "figures:\n  - {id: main, panels: [left, right], empty: fold}\n" + PAGE_ALONE
    build(write(tmp_path, 4, "en", more, unused=2), tmp_path / "site")
    page = visit((tmp_path / "site" / "index.html").as_uri(), 1280)
    assert page.locator("figure path[data-cell]").count() == 2 * 16
    assert "Nobody 1, Nobody 2" in " ".join(
        page.locator("figure").first.locator('[class*=" key_"] text').all_text_contents()
    )
    assert page.locator("table.matrix").first.locator("tbody tr").count() == 4
