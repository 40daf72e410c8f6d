"""The page as it is measured: what is on the first screen, how large texts are, what is ringed, how it prints."""

import io
import re
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from diptych.pipeline.build import build
from diptych.theme.colours import contrast
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


WORDS = """() => { const own = [...document.querySelectorAll('header, .part')].map((part) => {
  const copy = part.cloneNode(true);
  copy.querySelectorAll('svg, table, figcaption, nav').forEach((one) => one.remove());
  return copy.textContent; }); return own.join(' '); }"""


@pytest.mark.parametrize(("name", "most"), [("default", 180), ("survey", 180), ("rodents", 300)])
def test_words_above_the_folds(opened, name, most):
    assert len(opened(name).evaluate(WORDS).split()) <= most


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


@pytest.mark.parametrize("how", ["click", "tap", "key"])
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_cells_of_a_finding_are_ringed_while_its_text_is_in_view(opened, how, width, height):
    page = opened(width=width, height=height, has_touch=how == "tap", fresh=True)
    button = page.locator(".findings button").first
    if how == "key":
        button.focus()
        page.keyboard.press("Enter")
    else:
        button.tap() if how == "tap" else button.click()
    wanted = button.get_attribute("data-cells").split()
    cells = [box for key in wanted for box in page.evaluate(SEEN, f"path[data-cell='{key}']")]
    rings = page.evaluate(SEEN, ".ring.on")
    assert len(rings) == len(cells) == len(wanted)
    for ring, cell in zip(rings, cells, strict=True):
        assert all(abs(a - b) <= 3 for a, b in zip(ring, cell, strict=True))
    [text] = page.evaluate(SEEN, ".findings button[aria-pressed=true]")
    assert text[1] >= 0
    assert text[3] <= height
    assert any(ring[1] >= 0 and ring[3] <= height for ring in rings)


def test_arrow_keys_go_down_to_the_rows_below_the_rule(opened):
    page = opened(fresh=True)
    page.locator(".panels").first.focus()
    names = [box.get_attribute("data-cell") for box in page.locator(".wide [data-cell$='-0']").all()]
    order = list(dict.fromkeys(name for name in names if name.startswith("left-")))
    page.keyboard.press("ArrowRight")
    start = page.evaluate("document.querySelector('.say p').textContent")
    for _ in order:
        page.keyboard.press("ArrowDown")
    last = page.evaluate("document.querySelector('.say p').textContent")
    assert start != last
    [ring] = page.evaluate(SEEN, ".wide .ring.here")
    [cell] = page.evaluate(SEEN, f".wide [data-cell='{order[-1]}']")
    assert abs(ring[1] - cell[1]) <= 3
    assert page.locator(".say p").first.get_attribute("aria-live") == "polite"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_numbers_can_be_read_on_their_cells(opened, scheme):
    page = opened(scheme=scheme, fresh=True)
    shown = 0
    for square in page.locator("#figure-main .wide [data-cell]").all():
        picture = Image.open(io.BytesIO(square.screenshot(animations="disabled"))).convert("RGB")
        inner = picture.crop((3, 3, picture.width - 3, picture.height - 3))
        colours = sorted(inner.getcolors(10_000), reverse=True)
        ground = "#{:02x}{:02x}{:02x}".format(*colours[0][1])
        best = max(contrast("#{:02x}{:02x}{:02x}".format(*colour), ground) for _, colour in colours)
        if len(colours) > 8:  # a number, whose edges are smooth
            shown += 1
            assert best >= 4.5, (square.get_attribute("data-cell"), best)
    assert shown >= 20


def test_browsers_print_panels_beside_each_other_and_every_fold_open(opened, tmp_path):
    page = opened(fresh=True)
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


def test_scripts_and_styles_are_short():
    folder = Path(__file__).parents[2] / "templates" / "html"
    lines = {kind: sum(_code(path) for path in folder.glob(f"*.{kind}")) for kind in ("js", "css")}
    assert lines["js"] <= 300
    assert lines["css"] <= 200


def _code(path):
    return len(re.findall(r"^.*\S.*$", path.read_text("utf-8"), re.MULTILINE))
