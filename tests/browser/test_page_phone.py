"""Words around names from right to left."""

import json

import pytest

from diptych.pipeline.build import build

pytestmark = pytest.mark.browser

ARABIC = ("\u0646\u0635\u0648\u0635", "\u0635\u0648\u0631", "\u0635\u0648\u062a", "Text")


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
