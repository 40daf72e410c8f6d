"""Little room: panels one below the other, what scrolls says so; and words around names from right to left."""

import json
import re

import pytest

from diptych.pipeline.build import build

pytestmark = pytest.mark.browser

PHONES = [(320, 568), (390, 844)]
ARABIC = ("\u0646\u0635\u0648\u0635", "\u0635\u0648\u0631", "\u0635\u0648\u062a", "Text")


@pytest.fixture
def opened(visit, example):
    def opening(width, height=800, **options):
        return visit((example / "index.html").as_uri(), width, height=height, reduced_motion="reduce", **options)

    return opening


def box(page, key):
    return page.locator(f'figure path[data-cell="{key}"]').bounding_box()


DRAWN = """() => [...document.querySelectorAll('figure .scroll')].map(box => {
  const heights = [...box.querySelectorAll('text')].filter(t => t.textContent.trim() && t.getClientRects().length).map(t => {
    const m = t.getScreenCTM();
    return [parseFloat(getComputedStyle(t).fontSize) * Math.sqrt(Math.abs(m.a * m.d - m.b * m.c)), Boolean(t.closest('.role-axis-label'))];
  });
  return [heights, box.scrollWidth - box.clientWidth];
})"""


def test_a_table_that_scrolls_has_a_sign(opened):
    over, shadows = (
        opened(320, 568)
        .locator(".scroll:has(.matrix)")
        .first.evaluate("box => [box.scrollWidth - box.clientWidth, getComputedStyle(box).backgroundImage]")
    )
    assert over > 1
    assert shadows.count("linear-gradient") == 4


SIDES = re.compile(
    r"\b(?:the|on the) (?:left|right)\b|\b(?:left|right)[-, ]+(?:hand|panel|half|over|against)|(?-i:\bL(?:eft|EFT)[,:])",  # not "too few are left,"
    re.IGNORECASE,
)


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_a_box_is_a_region_only_where_it_scrolls(opened, width):
    page = opened(width)
    told = page.locator(".scroll:visible").evaluate_all(
        """all => all.map(e => [e.scrollWidth > e.clientWidth + 1,
             e.getAttribute('tabindex') === '0', e.getAttribute('role') === 'region'])"""
    )
    assert told
    for scrolls, *signs in told:
        assert signs == [scrolls] * 2
    if width == 320:
        assert any(scrolls for scrolls, *_ in told)


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


IN_ORDER = """(names) => [...document.querySelectorAll('.sentence')].filter((one) => one.checkVisibility()).flatMap(sentence => {
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
    assert page.locator(".sentence", has_text=ARABIC[0]).count() >= 1
    assert page.evaluate(IN_ORDER, list(ARABIC)) == []
