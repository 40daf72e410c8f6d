"""How the page looks: dark figures, contrast in them, nothing that moves, both directions, paper."""

from dataclasses import replace

import pytest

from diptych.renderers.html import render_html
from tests.draws import by_night
from tests.renderers.documents import demo

pytestmark = pytest.mark.browser


@pytest.fixture
def open_example(visit, example):
    def opening(*args, **options):
        return visit((example / "index.html").as_uri(), *args, **options)

    return opening


def test_paper_is_light_whatever_the_screen_is(open_example):
    page = open_example(scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    colours = page.evaluate(
        """['body', '.drawing svg > rect'].map(s => document.querySelector(s)).filter(e => e)
             .map(e => e.tagName === 'rect' ? getComputedStyle(e).fill : getComputedStyle(e).backgroundColor)"""
    )
    assert set(colours) == {"rgb(255, 255, 255)"}


def test_print_leaves_out_what_paper_cannot_do(open_example):
    page = open_example()
    page.emulate_media(media="print")
    assert page.locator("nav:visible, .say p:visible, .skip:visible").count() == 0
    assert page.pdf(format="A4", print_background=True).startswith(b"%PDF")


SHIFTS = """() => new Promise(resolve => {
  let sum = 0;
  new PerformanceObserver(list => { for (const e of list.getEntries()) sum += e.value; })
    .observe({type: 'layout-shift', buffered: true});
  setTimeout(() => resolve(sum), 400);
})"""


@pytest.mark.parametrize("width", [320, 1280, *by_night(768, 1920)])
def test_nothing_shifts(open_example, width):
    """Cumulative layout shift, also while the script fills the line below the figure."""
    assert open_example(width, folded=True).evaluate(SHIFTS) == 0


@pytest.mark.parametrize("width", [320, 1280])
def test_right_to_left_mirrors_the_page(visit, tmp_path, width):
    """No language of this kind can be built yet: the document is rendered as if it were Arabic."""
    path = tmp_path / "index.html"
    path.write_bytes(render_html(replace(demo(), language="ar"))["index.html"])
    page = visit(path.as_uri(), width)
    assert page.evaluate("document.documentElement.dir") == "rtl"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    right = "h => { const range = document.createRange(); range.selectNodeContents(h); return range.getBoundingClientRect().right; }"
    assert width - 40 < page.locator("h1").evaluate(right) <= width
    assert page.locator("h1").evaluate("h => getComputedStyle(h).textAlign") == "start"
