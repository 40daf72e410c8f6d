"""How the page looks: dark figures, contrast in them, nothing that moves, both directions, paper."""

import re
from dataclasses import replace

import pytest

from diptych.renderers.html import HtmlAssets, render_html
from diptych.renderers.outputs import HtmlSettings
from diptych.theme.colours import AA_CONTRAST, DARK, LIGHT, contrast
from tests.browser.waiting import every_figure_live
from tests.renderers.documents import demo

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


PAINTED = """() => [...document.querySelectorAll('.drawing svg text')].map(text => {
  const box = text.getBoundingClientRect();
  const x = box.x + box.width / 2, y = box.y + box.height / 2;
  const below = [...document.querySelectorAll('.drawing svg path, .drawing svg rect')].filter(shape => {
    const b = shape.getBoundingClientRect(), fill = getComputedStyle(shape).fill;
    return fill.startsWith('rgb(') && b.width > 5 && b.height > 5
      && b.left <= x && x <= b.right && b.top <= y && y <= b.bottom && !shape.closest('.role-symbol, .mark-symbol');
  });
  return [text.textContent, getComputedStyle(text).fill, below.length ? getComputedStyle(below.at(-1)).fill
    : getComputedStyle(text.closest('.scroll')).backgroundColor];
})"""


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
        (ink, under) for text, ink, under in painted if re.fullmatch(r"[01]\.\d\d", text) and under != theme["paper"]
    ]
    assert len(numbers) > 100
    assert {ink for ink, _ in numbers} <= {"#000000", "#ffffff"}


def test_cells_keep_their_colours_in_the_dark(open_example):
    cells = """[...document.querySelectorAll('.drawing .mark-rect path')].filter(c => /^#(?!ffffff)/.test(c.getAttribute('fill')))
               .map(c => [getComputedStyle(c).fill, getComputedStyle(c).stroke])"""
    light, dark = (
        open_example(scripts=False).evaluate(cells),
        open_example(scheme="dark", scripts=False).evaluate(cells),
    )
    assert len(light) > 100
    assert [fill for fill, _ in light] == [fill for fill, _ in dark]
    assert {hexed(stroke) for _, stroke in light} == {LIGHT["paper"]}
    assert {hexed(stroke) for _, stroke in dark} == {DARK["paper"]}


def test_nothing_light_is_left_of_the_figures_paper_in_the_dark(open_example):
    page = open_example(scheme="dark", scripts=False)
    left = page.evaluate(
        """[...document.querySelectorAll('.drawing svg *')].flatMap(e => {
             const s = getComputedStyle(e);
             return ['fill', 'stroke'].filter(p => e.hasAttribute(p) && e.tagName !== 'text' && s[p] === 'rgb(255, 255, 255)');
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


@pytest.mark.parametrize("width", SIZES)
def test_nothing_shifts(open_example, width):
    """Cumulative layout shift, also while the live figure takes the place of the drawing."""
    assert open_example(width).evaluate(SHIFTS) == 0


def test_contents_stay_in_sight(open_example):
    page = open_example()
    page.evaluate("document.documentElement.style.scrollBehavior = 'auto'")
    for width in SIZES:
        page.set_viewport_size({"width": width, "height": 800})
        page.evaluate("scrollTo(0, 0); scrollTo(0, 4000)")
        box = page.locator(".contents").bounding_box()
        assert 0 <= box["y"] < 60
        assert page.locator(".contents [aria-current]").count() == 1


@pytest.mark.parametrize("width", [320, 1280])
def test_right_to_left_mirrors_the_page(visit, tmp_path, width):
    """No language of this kind can be built yet: the document is rendered as if it were Arabic."""
    path = tmp_path / "index.html"
    path.write_bytes(render_html(replace(demo(), language="ar"), HtmlSettings(), HtmlAssets())["index.html"])
    page = visit(path.as_uri(), width)
    assert page.evaluate("document.documentElement.dir") == "rtl"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    title, contents = page.locator("h1").bounding_box(), page.locator(".contents").bounding_box()
    if width >= 1280:
        assert contents["x"] > title["x"] + title["width"]
    assert page.locator("h1").evaluate("h => getComputedStyle(h).textAlign") == "start"
    button, block = page.locator(".citation .tool").first.bounding_box(), page.locator(".citation").first.bounding_box()
    assert button["x"] - block["x"] < 5
    # numbers and names of programs keep their direction
    assert page.locator("#cite-bibtex").evaluate("e => getComputedStyle(e).direction") == "ltr"
