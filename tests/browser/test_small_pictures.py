"""Small pictures in the page: no words meet, nothing leaves the frame, colours follow light and dark."""

import pytest

from tests.draws import by_night

pytestmark = pytest.mark.browser

BOXES = """figure => [...figure.querySelectorAll('svg text')].map(text => {
  const box = text.getBoundingClientRect(), svg = text.ownerSVGElement.getBoundingClientRect();
  return {text: text.textContent, slanted: (text.getAttribute('transform') || '').includes('rotate'),
    left: box.left, right: box.right, top: box.top, bottom: box.bottom,
    out: Math.max(svg.left - box.left, box.right - svg.right, svg.top - box.top, box.bottom - svg.bottom)}})"""
CHARTS = {
    "default": tuple(f"#figure-main-{name}" for name in ("beyond", "strata", "robustness")),
    "survey": ("#figure-main-shares",),
    "rodents": ("#figure-places-shares", "#figure-company-beyond"),
}


def meeting(boxes):
    level = [box for box in boxes if not box["slanted"]]
    return [
        (one["text"], other["text"])
        for k, one in enumerate(level)
        for other in level[k + 1 :]
        if min(one["right"], other["right"]) - max(one["left"], other["left"]) > 1
        and min(one["bottom"], other["bottom"]) - max(one["top"], other["top"]) > 0.35 * (one["bottom"] - one["top"])
    ]


@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.parametrize("width", [320, 1920, *by_night(1280)])
def test_no_words_meet_and_none_leaves_the_picture(visit, sites, name, width):
    page = visit((sites(name) / "index.html").as_uri(), width)
    for chart in CHARTS[name]:
        boxes = page.locator(chart).evaluate(BOXES)
        assert len(boxes) > 10
        assert meeting(boxes) == []
        assert [box["text"] for box in boxes if box["out"] > 2] == []


def luminance(colour):
    channels = [int(part) / 255 for part in colour.removeprefix("rgb(").removesuffix(")").split(",")]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(part * weight for part, weight in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))


PENS = {
    "#figure-main-beyond": ("within", "over-all", "most", "interval"),
    "#figure-main-robustness": ("stays", "changes"),
    "#figure-main-strata": ("units",),
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_signs_and_words_stand_out_from_the_paper(visit, sites, scheme):
    page = visit((sites("default") / "index.html").as_uri(), 1280, scheme)
    paper = luminance(page.evaluate("getComputedStyle(document.body).backgroundColor"))

    def contrast(colour):
        bright, dark = sorted((luminance(colour), paper), reverse=True)
        return (bright + 0.05) / (dark + 0.05)

    for chart, pens in PENS.items():
        for pen in pens:
            stroke = page.locator(f"{chart} path.{pen}").first.evaluate("path => getComputedStyle(path).stroke")
            assert contrast(stroke) >= 3, (chart, pen, stroke)
        holes = page.locator(f"{chart} path.hole").evaluate_all("all => all.map(p => getComputedStyle(p).stroke)")
        assert all(luminance(hole) == paper for hole in holes)
        fills = page.locator(f"{chart} svg text").evaluate_all("all => all.map(t => getComputedStyle(t).fill)")
        assert min(map(contrast, set(fills))) >= 4.5


def test_a_picture_has_words_for_those_who_cannot_see_it_and_leads_to_its_table(visit, sites):
    page = visit((sites("default") / "index.html").as_uri(), 1280, folded=True, reduced_motion="reduce")
    figure = page.locator("#figure-main-beyond")
    assert (
        figure.locator("[role=img]")
        .get_attribute("aria-label")
        .startswith("Observed ÷ expected models, by chance, then given the package. ")
    )
    figure.locator("figcaption a").click()
    table = page.locator("#table-main-trained_on-cells table")
    assert table.is_visible()
    assert table.evaluate(
        "table => { const b = table.getBoundingClientRect(); return b.top < innerHeight && b.bottom > 0; }"
    )
