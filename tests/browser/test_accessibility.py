"""WCAG 2.2 AA as far as a program can tell (axe), and what it cannot: the keyboard, zoom, reflow, motion."""

import re

import pytest

from tests.browser.axe import COLOURS, PLACES, violations
from tests.browser.waiting import every_figure_live
from tests.draws import by_night

pytestmark = pytest.mark.browser

NARROW = {"width": 320}
ZOOMED = {"width": 640, "height": 400, "device_scale_factor": 2}  # 1280 by 800 at 200 %


@pytest.fixture(scope="module")
def plain(example, tmp_path_factory):
    """The page as browsers without scripts have it: axe itself needs them, so the page's own are taken out."""
    path = tmp_path_factory.mktemp("plain") / "index.html"
    text, n = re.subn(r"<script>.*?</script>", "", (example / "index.html").read_text("utf-8"), flags=re.DOTALL)
    assert n >= 2
    path.write_text(text, "utf-8")
    return path.parent


def opened(visit, folder, **options):
    page = visit((folder / "index.html").as_uri(), **options)
    if page.evaluate("document.documentElement.classList.contains('js')"):
        every_figure_live(page)
    return page


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


def test_axe_finds_nothing_while_things_are_pointed_at_sorted_and_copied(visit, example):
    page = opened(visit, example, reduced_motion="reduce")
    page.get_by_role("button", name="Copy BibTeX").click()
    page.locator("table.matrix").first.get_by_role("button", name="NLP").click()
    page.mouse.move(2, 2)  # not over a cell, wherever the page scrolls to
    page.locator("p .sentence[tabindex]").first.focus()
    assert page.locator(".sentence.pointed").count() == 1
    changed = [
        "#status",
        "figure[data-figure]",
        "table.matrix:has([aria-sort])",
        "p:has(.pointed)",
        ":has(> [data-copy])",
    ]
    assert all(page.locator(part).count() for part in changed)
    changed = {"include": [[part] for part in changed]}
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


def test_what_has_the_focus_is_not_under_the_contents(visit, example):
    page = opened(visit, example, width=768)
    page.emulate_media(reduced_motion="reduce")
    covered = page.evaluate(
        """() => {
             const bar = document.querySelector('.contents');
             return [...document.querySelectorAll('main a[href], main button')].reverse().filter(e => {
               if (!e.checkVisibility()) return false;
               e.focus();
               const b = e.getBoundingClientRect(), c = bar.getBoundingClientRect();
               return b.top < c.bottom && b.bottom > c.top;
             }).map(e => e.outerHTML.slice(0, 120));
           }"""
    )
    assert covered == []


def test_nothing_moves_for_those_who_want_no_motion(visit, example):
    page = opened(visit, example, reduced_motion="reduce")
    moving = page.evaluate(
        """[document.documentElement, ...document.querySelectorAll('*')].filter(e => {
             const s = getComputedStyle(e);
             return s.scrollBehavior === 'smooth' || parseFloat(s.transitionDuration) > 0 || s.animationName !== 'none';
           }).map(e => e.className)"""
    )
    assert moving == []


def test_the_figure_is_one_picture_with_words_and_has_its_tables(visit, plain):
    page = opened(visit, plain)
    figure = page.locator("figure").first
    picture = figure.get_by_role("img")
    assert picture.count() == 1
    assert len(picture.get_attribute("aria-label")) > 100
    for link in figure.locator(".numbers a").all():
        assert page.locator(link.get_attribute("href")).locator("table").count() == 1
