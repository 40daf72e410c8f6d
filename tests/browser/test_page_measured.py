"""The page as it is measured: what is on the first screen, how large texts are, what is ringed, how it prints."""

import pikepdf
import pytest

from diptych.pipeline.build import build
from tests.browser.waiting import resized
from tests.draws import by_night
from tests.long_names import write

pytestmark = pytest.mark.browser

WIDTHS = (360, 390, 768, 1280, 1920)


@pytest.fixture
def opened(visit, sites):
    def opening(name="default", width=1280, **options):
        options = {"folded": True, "reduced_motion": "reduce"} | options
        return visit((sites(name) / "index.html").as_uri(), width, **options)

    return opening


def bottom(page, selector):
    return max(box["y"] + box["height"] for box in (one.bounding_box() for one in page.locator(selector).all()))


@pytest.mark.parametrize("name", ["default", "survey"])
def test_title_panels_reading_line_and_findings_end_within_the_first_screen(opened, name):
    page = opened(name)
    for selector in ("h1", ".part .panels .drawing", ".part .say", ".findings li"):
        assert bottom(page, selector) <= 720, selector


SIZES = """() => { const out = [];
  for (const text of document.querySelectorAll('svg text')) {
    const m = text.getScreenCTM(), box = text.getBoundingClientRect();
    if (m && box.width && text.textContent.trim())
      out.push([text.textContent, Math.hypot(m.a, m.b) * parseFloat(getComputedStyle(text).fontSize),
                /^[<>≤≥−\\d.,%/×–kMG]+$/.test(text.textContent)]);
  }
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const parent = node.parentElement;
    if (node.data.trim() && !parent.closest('svg, script, sup') && parent.checkVisibility())
      out.push([node.data, parseFloat(getComputedStyle(parent).fontSize), false]);
  }
  return out; }"""

CUT = """() => [...document.querySelectorAll('.drawing text')].filter((text) => {
  const [box, part] = [text.getBoundingClientRect(), text.closest('svg').getBoundingClientRect()];
  return box.width && text.textContent.trim()
    && (box.left < part.left - 2 || box.right > part.right + 2 || box.top < part.top - 2 || box.bottom > part.bottom + 2);
}).map((text) => text.textContent)"""

OVERLAP = """() => { const found = [];
  for (const svg of document.querySelectorAll('.drawing svg')) {
    const texts = [...svg.querySelectorAll('text')].filter((t) => t.textContent.trim()).map((t) => [t.textContent, t.getBoundingClientRect()])
      .filter(([, box]) => box.width);
    // the box of a text is higher than its letters
    const inner = ([, b]) => { const tall = b.height > b.width, d = tall ? b.width * 0.22 : b.height * 0.22;
      return tall ? [b.left + d, b.top, b.right - d, b.bottom] : [b.left, b.top + d, b.right, b.bottom - d]; };
    for (let i = 0; i < texts.length; i++) for (let j = 0; j < i; j++) {
      const [a, b] = [inner(texts[i]), inner(texts[j])];
      if (Math.min(a[2], b[2]) - Math.max(a[0], b[0]) > 1 && Math.min(a[3], b[3]) - Math.max(a[1], b[1]) > 1)
        found.push([texts[i][0], texts[j][0]]);
    }
  }
  return found; }"""


@pytest.mark.parametrize("name", ["default", "survey", "rodents", "published"])
def test_texts_are_large_enough_whole_and_apart_at_every_width(opened, name):
    page = opened(name, WIDTHS[0])
    for width in WIDTHS:
        resized(page, width)
        sizes = page.evaluate(SIZES)
        assert len(sizes) > 40
        assert [one for one in sizes if one[1] < (8.95 if one[2] else 10.95)] == [], width
        assert page.evaluate(CUT) == [], width
        assert page.evaluate("document.documentElement.scrollWidth") <= width, width


KINDS = [
    (2, "de", 200),
    (7, "de", 200),
    (30, "de", 400),
    *by_night((30, "ar", 400), (30, "en", 400), (100, "en", 1000)),
]


@pytest.mark.parametrize(("n", "language", "kilobytes"), KINDS)
def test_long_names_are_neither_cut_nor_on_each_other_and_the_page_is_small(visit, tmp_path, n, language, kilobytes):
    build(write(tmp_path, n, language, "outputs: {html: {}}\n"), tmp_path / "site")
    path = tmp_path / "site" / "index.html"
    assert path.stat().st_size <= 1000 * kilobytes
    page = visit(path.as_uri(), 1280, folded=True, reduced_motion="reduce")
    for width in (390, 1280):
        resized(page, width)
        assert page.evaluate(CUT) == []
        assert page.evaluate(OVERLAP) == []
        assert [one for one in page.evaluate(SIZES) if one[1] < (8.95 if one[2] else 10.95)] == []


SEEN = """(key) => [...document.querySelectorAll(key)].filter((one) => one.checkVisibility()).map((one) => one.getBoundingClientRect())
  .filter((box) => box.width).map((box) => [box.left, box.top, box.right, box.bottom])"""


def test_browsers_print_panels_beside_each_other_and_every_fold_open(opened, tmp_path):
    page = opened()
    path = tmp_path / "page.pdf"
    page.pdf(path=path, format="A4")
    with pikepdf.open(path) as printed:
        assert len(printed.pages) <= 5
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 680, "height": 960})  # A4 without its margins, in CSS pixels
    first, second = page.evaluate(SEEN, "#figure-main .drawing:not(.key)")
    assert first[1] == pytest.approx(second[1], abs=2)
    assert first[2] <= second[0] + 1
    assert first[3] < 960
    folds = page.locator("details").all()
    assert folds
    assert all(
        fold.locator("> :not(summary)").first.evaluate("one => one.getBoundingClientRect().height") > 0
        for fold in folds
    )
