"""Little room: one panel at a time, what scrolls says so, a cell stays in sight of its card; and where the Tab key goes."""

import json
import re

import pytest

from diptych.pipeline.build import build
from tests.browser.waiting import every_figure_live

pytestmark = pytest.mark.browser

PHONES = [(320, 568), (390, 844)]
ARABIC = ("\u0646\u0635\u0648\u0635", "\u0635\u0648\u0631", "\u0635\u0648\u062a", "Text")


@pytest.fixture
def opened(visit, example):
    def opening(width, height=800, **options):
        page = visit((example / "index.html").as_uri(), width, height=height, reduced_motion="reduce", **options)
        if options.get("scripts", True):
            every_figure_live(page)
        return page

    return opening


def box(page, key):
    return page.locator(f'figure path[data-cell="{key}"]').bounding_box()


@pytest.mark.parametrize("scripts", [True, False], ids=["live", "static"])
@pytest.mark.parametrize(("width", "height"), PHONES)
def test_panels_have_the_whole_width_one_at_a_time_or_one_below_the_other(opened, width, height, scripts):
    page = opened(width, height, scripts=scripts)
    left = box(page, "left-6-6")
    if scripts:
        first = box(page, "left-0-0")
        assert box(page, "right-0-0") is None
        in_panel(page, "right-0-0")
        assert box(page, "left-6-6") is None
        assert box(page, "right-0-0") == pytest.approx(first, abs=2.5)
    else:
        right = box(page, "right-0-0")
        assert right["y"] > left["y"] + left["height"]
        assert right["x"] < left["x"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def in_panel(page, key):
    """Turn to the panel of a cell, where one is shown at a time."""
    turn = page.locator(".panels-switch button").nth(int(key.startswith("right")))
    if turn.is_visible():
        turn.click()


DRAWN = """() => [...document.querySelectorAll('figure .scroll')].map(box => {
  const heights = [...box.querySelectorAll('text')].filter(t => t.textContent.trim() && t.getClientRects().length).map(t => {
    const m = t.getScreenCTM();
    return [parseFloat(getComputedStyle(t).fontSize) * Math.sqrt(Math.abs(m.a * m.d - m.b * m.c)), Boolean(t.closest('.role-axis-label'))];
  });
  return [heights, box.scrollWidth - box.clientWidth];
})"""

SCROLLED = """box => {
  const { maskImage, backgroundImage } = getComputedStyle(box);
  return [box.scrollWidth - box.clientWidth, maskImage, backgroundImage];
}"""


@pytest.mark.parametrize("scripts", [True, False], ids=["live", "static"])
@pytest.mark.parametrize(("width", "height"), [*PHONES, (768, 1024)])
def test_every_text_in_a_picture_can_be_read_without_scrolling(opened, width, height, scripts):
    page = opened(width, height, scripts=scripts)
    drawn = page.evaluate(DRAWN)
    assert len(drawn) == 1
    for heights, over in drawn:
        assert min(px for px, _ in heights) >= 9
        assert min((px for px, is_name in heights if is_name), default=11) >= 10.95
        assert over <= 1


@pytest.mark.parametrize("scripts", [True, False], ids=["live", "static"])
def test_a_table_that_scrolls_has_a_sign(opened, scripts):
    page = opened(320, 568, scripts=scripts)
    over, mask, shadows = page.locator(".scroll:has(.matrix)").first.evaluate(SCROLLED)
    assert over > 1
    if scripts:
        assert "gradient" in mask
    else:
        assert shadows.count("linear-gradient") == 4


SIDES = re.compile(
    r"\b(?:the|on the) (?:left|right)\b|\b(?:left|right)[-, ]+(?:hand|panel|half|over|against)|(?-i:\bL(?:eft|EFT)[,:])",  # not "too few are left,"
    re.IGNORECASE,
)


@pytest.mark.parametrize("scripts", [True, False], ids=["live", "static"])
def test_no_text_says_left_or_right_of_panels_since_they_stack_and_their_letters_stand_in_the_drawing(opened, scripts):
    page = opened(390, 844, scripts=scripts)
    texts = page.locator("main").inner_text()
    assert SIDES.findall(texts) == []
    titles = page.locator("#figure-main .role-title-text text").all_text_contents()
    assert [title.strip()[:3] for title in titles] == ["(a)", "(b)"]


@pytest.mark.parametrize("width", [768, 1280, 1920])
def test_panels_stand_side_by_side_at_one_size(opened, width):
    page = opened(width)
    left, right = box(page, "left-0-0"), box(page, "right-0-0")
    assert right["x"] > left["x"] + 7 * left["width"]
    assert right["y"] == pytest.approx(left["y"], abs=0.5)
    assert right["width"] == pytest.approx(left["width"], rel=0.01)


@pytest.mark.parametrize(("width", "height"), [*PHONES, (1280, 800), (1920, 1080)])
def test_a_cell_stays_in_sight_of_its_card(opened, width, height):
    page = opened(width, height, folded=True)
    for key in ("left-0-0", "right-6-6"):
        in_panel(page, key)
        page.locator(f'figure path[data-cell="{key}"]').scroll_into_view_if_needed()
        page.locator(f'figure path[data-cell="{key}"]').click()
        card, cell = page.locator(".cellcard").bounding_box(), box(page, key)
        beside = cell["x"] + cell["width"] <= card["x"] or card["x"] + card["width"] <= cell["x"]
        assert cell["y"] >= 0
        assert beside or cell["y"] + cell["height"] <= card["y"]
        assert card["y"] + card["height"] <= height + 1
        page.keyboard.press("Escape")


def test_what_its_links_lead_to_is_not_under_the_card(opened):
    page = opened(390, 844, folded=True)
    page.locator('figure path[data-cell="left-0-0"]').click()
    page.locator(".cellcard .where a").nth(1).click()
    target, card = page.locator(".sentence:target").bounding_box(), page.locator(".cellcard").bounding_box()
    assert 0 <= target["y"] < card["y"]


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_a_box_is_a_region_only_where_it_scrolls(opened, width):
    page = opened(width)
    told = page.locator(".scroll:visible").evaluate_all(
        """all => all.filter(e => !e.closest('figure[data-live="on"]')).map(e => [e.scrollWidth > e.clientWidth + 1,
             e.getAttribute('tabindex') === '0', e.getAttribute('role') === 'region',
             getComputedStyle(e).maskImage !== 'none'])"""
    )
    assert told
    for scrolls, *signs in told:
        assert signs == [scrolls] * 3
    if width == 320:
        assert any(scrolls for scrolls, *_ in told)


def test_the_fade_goes_to_the_other_side_at_the_end(opened):
    page = opened(320)
    fades = page.locator(".scroll.after").last.evaluate(
        """async box => { const look = () => getComputedStyle(box).maskImage; const before = look();
             box.scrollLeft = box.scrollWidth; await new Promise(r => setTimeout(r, 100)); return [before, look()]; }"""
    )
    assert "to right" in fades[0]
    assert "to left" in fades[1]


def test_a_sentence_that_is_a_stop_has_a_role_and_a_name(opened):
    page = opened(1280)
    stops = page.locator(".sentence[tabindex]")
    assert stops.count()
    for role, name in stops.evaluate_all("all => all.map(s => [s.getAttribute('role'), s.getAttribute('aria-label')])"):
        assert role == "group"
        assert name.startswith("Points at ")
    stops.first.focus()
    assert page.locator(".sentence.pointed").count() == 1
    stops.first.evaluate("stop => stop.blur()")
    assert page.locator(".sentence.pointed").count() == 0


@pytest.fixture(scope="module")
def arabic(tmp_path_factory):
    folder = tmp_path_factory.mktemp("arabic")
    rows = [{"a": ARABIC[i], "b": ARABIC[(i + step) % 4]} for i in range(4) for step in (0, 0, 0, 1)] * 12
    (folder / "r.json").write_text(json.dumps(rows))
    (folder / "config.yaml").write_text(
        "version: 1\nreport: {title: Names}\nrelations:\n  meets:\n    label: meets\n"
        "    records: {source: r.json, rows: {column: a, label: Left}, columns: {column: b, label: Right}}\n"
        "outputs: [html]\n"
    )
    build(folder / "config.yaml", folder / "site")
    return (folder / "site" / "index.html").as_uri()


IN_ORDER = """(names) => [...document.querySelectorAll('p .sentence')].flatMap(sentence => {
  const walker = document.createTreeWalker(sentence, NodeFilter.SHOW_TEXT);
  const found = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    for (const match of node.data.matchAll(/[\\p{L}\\p{N}]+/gu)) {
      const range = document.createRange();
      range.setStart(node, match.index);
      range.setEnd(node, match.index + match[0].length);
      const box = range.getBoundingClientRect();
      found.push([match[0], box.left, box.top]);
    }
  }
  return found.flatMap(([word, left, top], at) => {
    const [before, from, line] = found[at - 1] ?? [];
    return before !== undefined && Math.abs(line - top) < 3 && from >= left ? [`${before} ${word}`] : [];
  });
})"""


def test_arabic_names_do_not_turn_the_words_around_them(visit, arabic):
    page = visit(arabic)
    assert page.locator("p .sentence", has_text=ARABIC[0]).count() >= 1
    assert page.evaluate(IN_ORDER, list(ARABIC)) == []
