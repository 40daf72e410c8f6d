"""WCAG 2.2 AA as far as a program can tell (axe), and what it cannot: the keyboard, zoom, reflow, motion."""

import re

import pytest

from tests.browser.axe import COLOURS, PLACES, violations
from tests.draws import by_night

pytestmark = pytest.mark.browser

NARROW = {"width": 320}
ZOOMED = {"width": 640, "height": 400, "device_scale_factor": 2}  # 1280 by 800 at 200 %


@pytest.fixture(scope="module")
def plain(example, tmp_path_factory):
    """The page as browsers without scripts have it: axe itself needs them, so the page's own are taken out."""
    path = tmp_path_factory.mktemp("plain") / "index.html"
    text, n = re.subn(r"<script>.*?</script>", "", (example / "index.html").read_text("utf-8"), flags=re.DOTALL)
    assert n == 2
    path.write_text(text, "utf-8")
    return path.parent


def opened(visit, folder, **options):
    return visit((folder / "index.html").as_uri(), **options)


@pytest.mark.parametrize("folder", ["example", "plain"])
def test_axe_finds_nothing(visit, request, folder):
    page = opened(visit, request.getfixturevalue(folder), reduced_motion="reduce")
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, options=COLOURS) == []


def test_axe_finds_nothing_on_paper(visit, example):
    page = opened(visit, example, reduced_motion="reduce")
    page.emulate_media(media="print")
    for options in (COLOURS, *by_night(PLACES)):
        assert violations(page, options=options) == []


@pytest.mark.parametrize("size", [NARROW, *by_night(ZOOMED)], ids=str)
def test_axe_finds_nothing_where_there_is_little_room(visit, example, size):
    page = opened(visit, example, **size)
    assert violations(page, options=PLACES) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_axe_finds_nothing_while_a_cell_is_read_and_a_finding_pressed(visit, example):
    page = opened(visit, example, reduced_motion="reduce")
    page.locator(".findings button").first.click()
    page.locator(".part .panels").press("ArrowRight")
    assert page.locator(".ring.on").count()
    assert page.locator(".ring.here:visible").count() == 1
    changed = {"include": [["figure"], [".findings"]]}
    assert violations(page, changed) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, changed, options=COLOURS) == []


def stops(page, limit=700):
    """What the Tab key comes to, in order, from the top to where it leaves the page."""
    page.evaluate("document.activeElement.blur()")
    found = []
    for _ in range(limit):
        page.keyboard.press("Tab")
        stop = page.evaluate(
            """() => { const e = document.activeElement; if (e === document.body) return null;
                 const b = e.getBoundingClientRect(), s = getComputedStyle(e);
                 return [e.tagName, e.className, s.outlineStyle, s.outlineWidth, b.bottom > 0 && b.top < innerHeight]; }"""
        )
        if stop is None:
            return found
        found.append(stop)
    raise AssertionError("the keyboard does not get through the page")


def test_the_keyboard_reaches_everything_and_shows_where_it_is(visit, example):
    page = opened(visit, example)
    page.emulate_media(reduced_motion="reduce")
    expected = page.evaluate(
        """[...document.querySelectorAll('a[href], button, select, input, summary, [tabindex="0"]')]
             .filter(e => !e.disabled && e.checkVisibility({visibilityProperty: true})).length"""
    )
    found = stops(page)
    assert len(found) == expected
    assert [stop for stop in found if stop[2] == "none" or stop[3] == "0px"] == []
    assert [stop for stop in found if not stop[4]] == []


def test_nothing_moves_for_those_who_want_no_motion(visit, example):
    page = opened(visit, example, reduced_motion="reduce")
    moving = page.evaluate(
        """[document.documentElement, ...document.querySelectorAll('*')].filter(e => {
             const s = getComputedStyle(e);
             return s.scrollBehavior === 'smooth' || parseFloat(s.transitionDuration) > 0 || s.animationName !== 'none';
           }).map(e => e.className)"""
    )
    assert moving == []


def test_the_figure_is_one_picture_with_words(visit, plain):
    page = opened(visit, plain)
    picture = page.locator("figure").first.get_by_role("img")
    assert picture.count() == 1
    assert len(picture.get_attribute("aria-label")) > 100
