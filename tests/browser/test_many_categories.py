"""Twelve to thirty categories with long names, in several scripts: nothing is cut without a sign, at any width."""

import pytest

from diptych.pipeline.build import build
from tests.browser.waiting import every_figure_live
from tests.long_names import write

KINDS = [(12, "ar"), (16, "de"), (30, "en")]
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
PANELS = "() => [...document.querySelectorAll('figure .part')].slice(0, 2).map((part) => part.getBoundingClientRect())"


@pytest.mark.parametrize("width", [320, 390, 768, 1280, 1400, 1920])
@pytest.mark.parametrize(("n", "language"), KINDS)
def test_nothing_is_cut_without_a_sign(opened, n, language, width):
    page = opened(n, language, width)
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
    left, right = opened(n, language, 1280).evaluate(PANELS)
    assert (right["left"] >= left["right"] - 1) == (n <= 16)


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
    for measure in ("declared", "count", "log2_lift"):
        page.locator("select[name=measure]").select_option(measure)
        assert page.locator("figure [data-cell]").count() == 2 * 16
        key = " ".join(page.locator("figure .part").last.locator("text").all_text_contents())
        assert "folded: 2 rows and columns without answers (Nobody 1, Nobody 2)" in key
    assert page.locator("table.matrix").first.locator("tbody tr").count() == 4
