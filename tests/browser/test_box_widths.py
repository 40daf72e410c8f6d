"""Windows from 300 to 900 pixels wide: nothing of a figure scrolls sideways, and every text can be read."""

import pytest

pytestmark = pytest.mark.browser

WIDTHS = range(300, 901, 20)
WIDE = (1024, 1263, 1264, 1440)
LEAST_PX, LEAST_NUMBER_PX = 10.95, 9

OVER = """() => [...document.querySelectorAll('figure .scroll, .tablebox .scroll:not(:has(.matrix))')]
  .filter(box => box.clientWidth && box.scrollWidth > box.clientWidth)
  .map(box => [box.closest('[id]').id, box.scrollWidth - box.clientWidth])"""
TEXTS = """() => [...document.querySelectorAll('figure svg text')]
  .filter(t => t.textContent.trim() && t.getClientRects().length && t.getBoundingClientRect().width)
  .map(t => { const m = t.getScreenCTM(); return [t.textContent, t.closest('figure').id,
    Math.hypot(m.a, m.b) * parseFloat(getComputedStyle(t).fontSize), t.matches('[class*=_cell_] *, [class*=_base_] *, .mark-text.role-mark:not([class*=_]) *')]; })"""
CELLS = """() => [...document.querySelectorAll('#figure-main path[data-cell^=left]')].map(c => c.getBoundingClientRect())
  .map(b => [b.left, b.right])"""
NUMBERS = """() => [...document.querySelectorAll('#figure-main .part:has([data-cell^=left]) .mark-text > text[x]:not([transform])')]
  .map(t => t.getBoundingClientRect()).filter(b => b.width).map(b => [b.left, b.right])"""


@pytest.fixture(scope="module")
def report(sites):
    return sites("default") / "index.html"


def test_no_box_scrolls_sideways_and_no_text_is_small(visit, report):
    page = visit(report.as_uri(), 900, reduced_motion="reduce")
    for width in (*WIDTHS, *WIDE):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, width
        if width in WIDE:
            continue
        assert page.evaluate(OVER) == [], width
        texts = page.evaluate(TEXTS)
        assert len(texts) > 50
        small = [text for text in texts if text[2] < (LEAST_NUMBER_PX if text[3] else LEAST_PX)]
        assert small == [], width


@pytest.mark.parametrize("box", [280, 330])
def test_a_panel_fits_its_box_and_numbers_fit_their_cells(visit, report, box):
    page = visit(report.as_uri(), box + 28, reduced_motion="reduce", height=800)
    cells = page.evaluate(CELLS)
    assert len(cells) == 49
    assert max(right for _, right in cells) <= 14 + box
    columns = sorted({(round(left), round(right)) for left, right in cells})
    assert len(columns) == 7
    for left, right in page.evaluate(NUMBERS):
        assert any(start - 1 <= left and right <= end + 1 for start, end in columns)
