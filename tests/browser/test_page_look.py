"""How the page looks: dark figures, contrast in them, nothing that moves, both directions, paper."""

import re
from dataclasses import replace

import pytest

from diptych.renderers.html import render_html
from diptych.theme.colours import AA_CONTRAST, DARK, LIGHT, contrast
from tests.browser.axe import violations
from tests.browser.waiting import every_figure_live, resized
from tests.draws import by_night
from tests.renderers.documents import demo

pytestmark = pytest.mark.browser

SIZES = (320, 768, 1280, 1920)


def hexed(colour):
    """A computed colour as #rrggbb."""
    return "#" + "".join(f"{int(channel):02x}" for channel in re.findall(r"\d+", colour)[:3])


@pytest.fixture
def open_example(visit, example):
    def opening(*args, **options):
        page = visit((example / "index.html").as_uri(), *args, **options)
        if options.get("scripts", True):
            every_figure_live(page)
        return page

    return opening


PAINTED = """() => {
  const shapes = [...document.querySelectorAll('.drawing svg path, .drawing svg rect')].map(shape => {
    const { fill, fillOpacity } = getComputedStyle(shape);
    return { shape, fill, fillOpacity, b: shape.getBoundingClientRect() };
  }).filter(({ shape, fill, b }) => fill.startsWith('rgb(') && b.width > 5 && b.height > 5
    && !shape.closest('.role-symbol, .mark-symbol'));
  return [...document.querySelectorAll('.drawing svg text')].map(text => {
    const box = text.getBoundingClientRect();
    const x = box.x + box.width / 2, y = box.y + box.height / 2;
    const below = shapes.findLast(({ b }) => b.left <= x && x <= b.right && b.top <= y && y <= b.bottom);
    const ground = getComputedStyle(text.closest('.scroll')).backgroundColor;
    const channels = colour => colour.match(/[0-9]+/g).slice(0, 3).map(Number);
    const { fill, fillOpacity } = below ?? { fill: ground, fillOpacity: 1 };
    const mixed = channels(fill).map((one, at) => Math.round(one * fillOpacity + channels(ground)[at] * (1 - fillOpacity)));
    return [text.textContent, getComputedStyle(text).fill, `rgb(${mixed})`];
  });
}"""


@pytest.mark.parametrize("scripts", [True, False], ids=["live", "static"])
@pytest.mark.parametrize(("scheme", "theme"), [("light", LIGHT), ("dark", DARK)])
def test_every_text_of_the_figure_can_be_read_on_what_is_under_it(open_example, scheme, theme, scripts):
    page = open_example(scheme=scheme, scripts=scripts)
    painted = [(text, hexed(ink), hexed(under)) for text, ink, under in page.evaluate(PAINTED) if text.strip()]
    low = [(text, ink, under) for text, ink, under in painted if contrast(ink, under) < AA_CONTRAST]
    assert low == []
    labels = [(ink, under) for text, ink, under in painted if text == "Multimodal"]
    assert set(labels) == {(theme["ink"], theme["paper"])}
    numbers = [
        (ink, under) for text, ink, under in painted if re.fullmatch(r"[<>]?\d+", text) and under != theme["paper"]
    ]
    assert len(numbers) > 30
    assert {ink for ink, _ in numbers} <= {"#000000", "#ffffff"}


CELLS = """[...document.querySelectorAll('.drawing path[data-cell]')].map(c => [c.dataset.cell, getComputedStyle(c)])
  .map(([key, style]) => [key, [style.fill, style.stroke]])"""


@pytest.mark.parametrize("scripts", [True, False], ids=["live", "static"])
def test_nothing_is_near_the_paper_and_one_far_from_it_in_the_light_and_in_the_dark(open_example, scripts):
    for scheme, theme in (("light", LIGHT), ("dark", DARK)):
        page = open_example(scheme=scheme, scripts=scripts, folded=True)
        if scripts:
            page.locator("select[name=measure]").select_option("share")
            page.locator("select[name=measure]").select_option("declared")
        cells = dict(page.evaluate(CELLS))
        assert len(cells) == 98
        little, much = (hexed(cells[key][0]) for key in ("left-0-1", "left-5-5"))  # <1 and 100
        assert 1.3 <= contrast(little, theme["paper"]) < 1.5, scheme
        assert contrast(much, theme["paper"]) > 8, scheme
        assert hexed(cells["left-1-2"][0]) == theme["paper"]
        assert {hexed(stroke) for _, stroke in cells.values()} == {theme["paper"], theme["grid"]}


def test_another_measure_is_as_dark_as_the_page(open_example):
    page = open_example(scheme="dark", folded=True)
    page.locator("select[name=measure]").select_option("difference")
    cells = dict(page.evaluate(CELLS))
    none, strong = (hexed(cells[key][0]) for key in ("left-5-6", "left-5-5"))
    assert 1.3 <= contrast(none, DARK["paper"]) < 1.5  # near the ground, and not an empty cell
    assert contrast(strong, DARK["paper"]) > 6


SYSTEM = """names => { const probe = document.body.appendChild(document.createElement('p'));
  const found = names.map(name => { probe.style.cssText = `forced-color-adjust: none; color: ${name}`; return getComputedStyle(probe).color; });
  probe.remove(); return found; }"""
"""What system colours are here, by name."""
COLOURS_OF = """(part, names) => names.map(name => getComputedStyle(part)[name])"""


@pytest.mark.parametrize("scheme", ["dark", *by_night("light")])
def test_with_forced_colours_tooltip_and_card_have_an_edge_and_bars_that_can_be_seen(open_example, scheme):
    page = open_example(scheme=scheme, forced_colors="active", folded=True)
    canvas, ink, highlight = page.evaluate(SYSTEM, ["Canvas", "CanvasText", "Highlight"])
    assert canvas != ink
    page.locator("figure path[data-cell='left-0-2']").hover()
    parts = ["backgroundColor", "color", "borderTopColor", "borderTopStyle"]
    assert page.locator(".celltip").evaluate(COLOURS_OF, parts) == [canvas, ink, ink, "solid"]
    page.locator("figure path[data-cell='left-0-2']").click()
    assert page.locator(".cellcard").evaluate(COLOURS_OF, parts) == [canvas, ink, ink, "solid"]
    ring = page.locator(".ring:not(.mirrored)")
    assert ring.evaluate("ring => getComputedStyle(ring).stroke") == highlight
    track = page.locator(".track:has(.length):has(.base)").first
    ground = hexed(track.evaluate("e => getComputedStyle(e).backgroundColor"))
    for mark in (".length", ".base"):
        filled = hexed(track.locator(mark).evaluate("e => getComputedStyle(e).backgroundColor"))
        assert contrast(filled, ground) >= 3
    assert violations(page, ".cellcard") == []


def test_nothing_light_is_left_of_the_figures_paper_in_the_dark(open_example):
    page = open_example(scheme="dark", scripts=False)
    left = page.evaluate(
        """[...document.querySelectorAll('.drawing svg *')].flatMap(e => {
             const s = getComputedStyle(e);
             return ['fill', 'stroke'].filter(p => e.hasAttribute(p) && e.tagName !== 'text' && !e.matches('.mark-text') && s[p] === 'rgb(255, 255, 255)');
           })"""
    )
    assert left == []


def test_paper_is_light_whatever_the_screen_is(open_example):
    page = open_example(scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    colours = page.evaluate(
        """['body', 'figure .scroll', '.drawing svg > rect'].map(s => document.querySelector(s)).filter(e => e)
             .map(e => e.tagName === 'rect' ? getComputedStyle(e).fill : getComputedStyle(e).backgroundColor)"""
    )
    assert set(colours) == {"rgb(255, 255, 255)"}


def test_print_leaves_out_what_paper_cannot_do(open_example):
    page = open_example()
    page.emulate_media(media="print")
    assert (
        page.locator("button:not(.sorter):visible, select:visible, input:visible, nav:visible, .skip:visible").count()
        == 0
    )
    assert page.pdf(format="A4", print_background=True).startswith(b"%PDF")


SHIFTS = """() => new Promise(resolve => {
  let sum = 0;
  new PerformanceObserver(list => { for (const e of list.getEntries()) sum += e.value; })
    .observe({type: 'layout-shift', buffered: true});
  setTimeout(() => resolve(sum), 400);
})"""


@pytest.mark.parametrize("width", [320, 1280, *by_night(768, 1920)])
def test_nothing_shifts(open_example, width):
    """Cumulative layout shift, also while the live figure takes the place of the drawing."""
    assert open_example(width, fresh=True).evaluate(SHIFTS) == 0


def test_contents_stay_in_sight(open_example):
    page = open_example()
    page.evaluate("document.documentElement.style.scrollBehavior = 'auto'")
    for width in SIZES:
        resized(page, width)
        page.evaluate("scrollTo(0, 0); scrollTo(0, 4000)")
        box = page.locator(".contents").bounding_box()
        assert 0 <= box["y"] < 60
        assert page.locator(".contents [aria-current]").count() == 1


@pytest.mark.parametrize("width", [320, 1280])
def test_right_to_left_mirrors_the_page(visit, tmp_path, width):
    """No language of this kind can be built yet: the document is rendered as if it were Arabic."""
    path = tmp_path / "index.html"
    path.write_bytes(render_html(replace(demo(), language="ar"))["index.html"])
    page = visit(path.as_uri(), width)
    assert page.evaluate("document.documentElement.dir") == "rtl"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    first, last = (page.locator(".contents a").nth(place).bounding_box() for place in (0, -1))
    assert first["x"] > last["x"]
    assert width - 70 < first["x"] + first["width"] <= width
    right = "h => { const range = document.createRange(); range.selectNodeContents(h); return range.getBoundingClientRect().right; }"
    assert width - 40 < page.locator("h1").evaluate(right) <= width
    assert page.locator("h1").evaluate("h => getComputedStyle(h).textAlign") == "start"
    button, block = page.locator(".citation .tool").first.bounding_box(), page.locator(".citation").first.bounding_box()
    assert button["x"] - block["x"] < 5
    # numbers and names of programs keep their direction
    assert page.locator("#cite-bibtex").evaluate("e => getComputedStyle(e).direction") == "ltr"
