"""The live figure in a real browser: what it shows is what Python works out, by pointer, touch and keys."""

import base64
import io
import json
import re
import zlib
from dataclasses import replace
from urllib.parse import quote

import numpy as np
import pytest
from lxml import etree
from PIL import Image

from diptych import formats
from diptych.cells import NUMBERED, folded
from diptych.config.loading import load_config
from diptych.figures import fitting_value_px, layout
from diptych.figures.drawing import draw_svg
from diptych.figures.heatmap import alt_text, heatmap_spec
from diptych.figures.live import undeclared, within_strata
from diptych.figures.scales import colour_scale, shown_states
from diptych.panels import build_panel
from diptych.pipeline.build import build
from diptych.pipeline.counting import count_all
from diptych.pipeline.parts import build_panels
from diptych.renderers.svg import inline_svg
from tests.browser.axe import COLOURS, OPTIONS, PLACES, violations
from tests.browser.conftest import CONFIG
from tests.browser.waiting import quiet
from tests.draws import by_night

pytestmark = pytest.mark.browser

LIVE = 'figure[data-live="on"]'
TIP = ".celltip"
CARD = ".cellcard"
REGION = "figure .scroll"

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    '"><script>alert(2)</script>',
    "${7*7}",
    "{{7*7}}",
    "\N{HEBREW LETTER SHIN}\N{HEBREW LETTER LAMED}\N{HEBREW LETTER VAV}\N{HEBREW LETTER FINAL MEM} a",
    "\N{GRINNING FACE} e\N{COMBINING ACUTE ACCENT}",
    "long " * 60,
    "__proto__",
    "constructor",
]
"""Names of categories, also of 300 characters; a reader sees each as it is."""


@pytest.fixture
def live(visit, example):
    """Open the default example and wait until its figure is live."""

    def opening(*args, address="", **options):
        place = f"{(example / 'index.html').as_uri()}{address}"
        page = visit(place, *args, folded=True, reduced_motion="reduce", **options)
        page.locator(LIVE).first.wait_for()
        return page

    return opening


@pytest.fixture(scope="session")
def measured():
    """The panels of the default example by measure, each built from the counts anew."""
    loaded = load_config(CONFIG)
    counted, config = count_all(loaded), loaded.config
    declared = build_panels(config, counted)

    def panel(settings, measure):
        tables = counted.relations[settings.relation].tables
        found = build_panel(settings.model_copy(update={"measure": measure}), tables, config.inference)
        return replace(found, mirror=declared[settings.id].mirror)

    names = ("conditional", "share", "count", "lift", "difference")
    panels = {name: tuple(folded(panel(settings, name)) for settings in config.panels) for name in names}
    panels["lift_within_strata"] = tuple(within_strata(panel) for panel in panels["conditional"])
    return config.figure("main"), panels


@pytest.fixture(scope="session")
def hostile(tmp_path_factory):
    """The page of a small report whose categories have hostile names."""
    folder = tmp_path_factory.mktemp("hostile")
    rows = [{"a": a, "b": HOSTILE[(i + step) % len(HOSTILE)]} for i, a in enumerate(HOSTILE) for step in (0, 0, 1)]
    (folder / "r.json").write_text(json.dumps(rows * 12))
    (folder / "config.yaml").write_text(
        "version: 1\nreport: {title: Names}\nrelations:\n  meets:\n    label: meets\n"
        "    records: {source: r.json, rows: {column: a, label: Left}, columns: {column: b, label: Right}}\n"
        "outputs: [html]\n"
    )
    build(folder / "config.yaml", folder / "site")
    return (folder / "site" / "index.html").as_uri()


def choose(page, name, value):
    page.locator(f"select[name={name}]").select_option(value)


def square(page, key):
    return page.locator(f'figure path[data-cell="{key}"]')


def said(page, place=TIP):
    """Return what a tooltip says."""
    return page.locator(place).first.text_content()


def told(page, place=CARD):
    """Return the lines of the card: title -> text."""
    pairs = page.locator(place).first.evaluate(
        "box => [...box.querySelector('dl').children].map(d => [...d.children].map(e => e.textContent))"
    )
    return dict(pairs)


SHOWN = """() => Object.fromEntries(['left', 'right'].map(panel => {
  const place = text => text.hasAttribute('x') ? ['x', 'y'].map(side => Number(text.getAttribute(side)))
    : /translate\\(([-\\d.]+),\\s*([-\\d.]+)\\)/.exec(text.getAttribute('transform')).slice(1).map(Number);
  const squares = [...document.querySelectorAll(`path[data-cell^="${panel}-"]`)];
  const group = squares[0].closest('.role-scope');
  const texts = [...group.querySelectorAll('.mark-text.role-mark text')].map(text => [...place(text), text.textContent]);
  return [panel, Object.fromEntries(squares.map(square => {
    const [x, y, size] = /M([-\\d.]+),([-\\d.]+)h([\\d.]+)/.exec(square.getAttribute('d')).slice(1).map(Number);
    const own = texts.filter(([a, b]) => a > x && a < x + size && b > y && b < y + size);
    return [square.dataset.cell, own.length ? own[0][2] : ''];
  }))];
}))"""
"""What a reader sees in each square: by where texts stand, not by what the script knows."""


def expected_texts(panel, scale):
    n = len(panel.outcome_categories)

    def text(cell, state):
        if state == "avoided" or (scale.log and state in NUMBERED and cell.n_joint == 0):
            return "0"
        if cell.value is None or state not in NUMBERED:
            return ""
        return formats.in_cell(cell.value, panel.measure, percent=scale.percent)

    return {
        f"{panel.id}-{place // n}-{place % n}": text(cell, state)
        for place, (cell, state) in enumerate(zip(panel.cells, shown_states(panel, scale), strict=True))
    }


def test_caption_and_alternative_text_are_those_of_the_measure_that_is_shown(live, measured):
    page = live()
    caption, alt = page.locator("figcaption").first, page.locator("figure .drawing").first
    before = caption.text_content(), alt.get_attribute("aria-label")
    assert "each cell: share" in before[1]
    choose(page, "measure", "lift")
    assert caption.text_content() == re.sub(r"by (model|dataset) category", r"\g<0>, lift", before[0])
    assert alt.get_attribute("aria-label") == alt_text(measured[1]["lift"])
    choose(page, "measure", "declared")
    assert (caption.text_content(), alt.get_attribute("aria-label")) == before


def test_a_figure_is_saved_as_it_is_shown(live):
    page = live()
    texts = "svg => [...svg.querySelectorAll('text')].map(text => text.textContent)"
    for measure, name in (("lift", "main-lift"), ("declared", "main")):
        choose(page, "measure", measure)
        page.locator(".pin").first.click()
        assert page.locator(".drawing .halo").count() >= 1
        square(page, "left-0-0").hover()
        with page.expect_download() as download:
            page.get_by_role("button", name="Save SVG of figure 1").click()
        assert download.value.suggested_filename == f"{name}.svg"
        svg = etree.parse(download.value.path()).getroot()
        words = ["".join(text.itertext()) for text in svg.iter("{http://www.w3.org/2000/svg}text")]
        assert [word for word in words if word] == [
            word for word in page.locator("figure .drawing").first.evaluate(texts) if word
        ]
        assert float(svg.get("width")) > 300
        assert not svg.xpath("//*[contains(@class, 'ring') or contains(@class, 'halo')]")
        assert "Report" not in etree.tostring(svg, encoding="unicode")
        with page.expect_download() as download:
            page.get_by_role("button", name="Save PNG of figure 1").click()
        assert download.value.suggested_filename == f"{name}.png"
        page.locator(".pin").first.click()


def test_it_becomes_live_with_no_request_and_no_word(live):
    page = live()
    assert page.locator("figure path[data-cell]").count() == 98
    quiet(page)
    assert [url for url in page.asked if not url.startswith("data:")] == [page.url]
    assert page.complaints == []
    assert page.evaluate("document.querySelectorAll('[onclick],[onload],[onerror],[style*=expression]').length") == 0


@pytest.mark.parametrize(
    ("width", "scheme"), [(1280, "light"), (768, "dark"), *by_night((1280, "dark"), (768, "light"))]
)
def test_live_and_static_are_the_same_picture(browser, example, scheme, width):
    """Of one page, whose script waits for a moment that comes only when the drawing has been looked at."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.add_init_script("window.waiting = []; window.requestIdleCallback = start => { window.waiting.push(start); }")
    page.goto((example / "index.html").as_uri())
    page.evaluate("document.fonts.ready.then(() => true)")
    shots, boxes = [], []
    for stopped in (True, False):
        if not stopped:
            page.evaluate("window.waiting.forEach(start => start())")
            page.locator(LIVE).wait_for()
        shots.append(page.locator(".drawing").first.screenshot())
        boxes.append(page.evaluate("[...document.querySelectorAll('main *')].map(e => e.getBoundingClientRect().top)"))
        assert page.locator(LIVE).count() == (0 if stopped else 1)
    context.close()
    static, drawn = (np.asarray(Image.open(io.BytesIO(shot)).convert("RGB"), dtype=int) for shot in shots)
    assert static.shape == drawn.shape
    # Equal to the pixel here; a browser that sets text by fractions of one may differ along the edges of letters.
    differing = (np.abs(static - drawn).max(axis=2) > 16).mean()
    assert differing <= 0.0005
    assert boxes[0][9] == boxes[1][9]


def test_pointing_at_a_cell_tells_of_it_in_sentences(live, measured):
    page = live()
    square(page, "left-0-2").hover()
    cell = measured[1]["conditional"][0].cell("Multimodal", "CV")
    assert said(page) == (
        f"{cell.n_joint:,.0f} of {cell.n_given:,.0f} models trained on Multimodal datasets are CV models: "
        f"{formats.percent(cell.value)} ({formats.percent_range(cell.low, cell.high)}). "
        f"Over all models, the share is {formats.percent(cell.baseline)}."
    )
    square(page, "left-1-2").hover()
    none = measured[1]["conditional"][0].cell("NLP", "CV")
    assert said(page).startswith(f"None of {none.n_given:,.0f} models trained on NLP datasets are CV models. Over all")
    page.mouse.move(5, 5)
    page.locator(TIP).wait_for(state="hidden")
    choose(page, "measure", "lift")
    square(page, "left-0-2").hover()
    lift = measured[1]["lift"][0].cell("Multimodal", "CV")
    assert f"Lift: {formats.decimal(lift.value, 2)} (" in said(page)


def test_the_tooltip_can_be_gone_to_and_dismissed(live):
    page = live()
    square(page, "left-2-2").hover()
    page.locator(f"{TIP}.solid").wait_for()
    page.locator(TIP).hover()
    page.wait_for_timeout(300)
    assert page.locator(TIP).is_visible()
    page.keyboard.press("Escape")
    assert not page.locator(TIP).is_visible()


@pytest.mark.parametrize(("width", "height"), [(320, 480), (640, 300), *by_night((1280, 800))])
def test_the_tooltip_is_always_within_the_window(live, width, height):
    page = live(width, height=height)
    for key in ("left-0-0", "left-6-6", "right-0-6", "right-6-0"):
        switch = page.locator(".panels-switch button").nth(int(key.startswith("right")))
        if switch.is_visible():
            switch.click()
        square(page, key).scroll_into_view_if_needed()
        square(page, key).hover()
        box = page.locator(TIP).bounding_box()
        assert box["x"] >= 0
        assert box["y"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["y"] + box["height"] <= height


def test_the_mirrored_cell_and_the_text_light_up_with_a_cell(live):
    page = live()
    square(page, "left-0-2").hover()
    ring, mirrored = page.locator(".ring:not(.mirrored)"), page.locator(".ring.mirrored")
    assert ring.get_attribute("d") == square(page, "left-0-2").get_attribute("d")
    assert mirrored.get_attribute("d") == square(page, "right-2-0").get_attribute("d")
    assert page.locator('td[data-cell="left-0-2"].pointed').count() >= 1
    assert page.locator(".sentence.pointed").count() == page.locator('[data-cells~="left-0-2"]').count() > 0
    page.mouse.move(5, 5)
    page.locator(".ring").first.wait_for(state="detached")
    assert page.locator(".pointed").count() == 0


def test_sentences_and_fields_light_up_the_live_squares(live):
    page = live()
    sentence = page.locator("section:not(.abstract) .sentence[data-cells]").first
    keys = sentence.get_attribute("data-cells").split()
    sentence.hover()
    assert sorted(page.locator("path.pointed").evaluate_all("found => found.map(p => p.dataset.cell)")) == sorted(keys)


def here(page):
    """Return the address as the page has it: what Playwright knows of it may come a moment later."""
    return page.evaluate("window.location.href")


def test_arrow_keys_go_from_cell_to_cell(live):
    page = live()
    page.locator(REGION).first.focus()
    seen = []
    for key in (
        "ArrowRight",
        "ArrowRight",
        "ArrowDown",
        "End",
        "ArrowRight",
        "ArrowLeft",
        "Home",
        "ArrowUp",
        "ArrowUp",
    ):
        page.keyboard.press(key)
        seen.append(re.search(r"cell=([\w-]+)", here(page))[1])
    assert seen == ["left-0-0", "left-0-1", "left-1-1", "left-1-6", "right-1-0", "left-1-6", "left-1-0", "left-0-0",
                    "left-0-0"]  # fmt: skip
    page.keyboard.press("Control+End")
    assert here(page).endswith("#view;cell=left-6-6")
    page.keyboard.press("Tab")
    assert page.locator(TIP).is_hidden()


def test_keys_follow_the_order_shown(live):
    page = live()
    choose(page, "order", "strength")
    page.locator(REGION).first.focus()
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    assert here(page).endswith("cell=left-2-1"), "the row of CV, the column of NLP"
    page.keyboard.press("End")
    assert here(page).endswith("cell=left-2-6")
    page.keyboard.press("Home")
    assert here(page).endswith("cell=left-2-2")


def test_the_focused_cell_is_announced(live):
    page = live()
    region = page.locator(REGION).first
    region.focus()
    page.keyboard.press("ArrowRight")
    spoken = page.locator("figure [role=status]").first
    assert spoken.get_attribute("aria-live") == "polite"
    assert spoken.text_content().startswith("292 of 413 models trained on Multimodal datasets are Multimodal models: ")
    assert page.locator(f"#{region.get_attribute('aria-describedby')}").text_content().startswith("Arrow keys")


def test_a_click_opens_what_a_cell_rests_on_and_escape_gives_the_focus_back(live):
    page = live()
    square(page, "left-1-0").click()
    card = page.locator(CARD)
    assert card.evaluate("card => card === document.activeElement")
    assert page.locator(".cardtitle").text_content() == "Dataset NLP, Model Multimodal"
    page.keyboard.press("Escape")
    assert card.is_hidden()
    assert page.evaluate("document.activeElement.className") == "scroll"


def test_enter_opens_the_card_and_its_links_lead_on(live):
    page = live()
    page.locator(REGION).first.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    links = page.locator(f"{CARD} .where a")
    assert links.first.text_content().startswith("Table ")
    for place in range(links.count()):
        target = links.nth(place).evaluate(
            "a => document.getElementById(decodeURIComponent(a.hash.slice(1)))?.outerHTML ?? ''"
        )
        assert "left-0-2" in target
    links.nth(1).click()
    assert page.locator(".sentence:target").count() == 1
    page.locator(f"{CARD} button").click()
    assert page.locator(CARD).is_hidden()


def test_touch_first_tells_then_opens(live):
    page = live(has_touch=True)
    square(page, "left-0-2").tap()
    assert page.locator(TIP).is_visible()
    assert page.locator(CARD).is_hidden()
    square(page, "left-0-2").tap()
    assert page.locator(CARD).is_visible()


def test_every_measure_shows_the_numbers_that_python_works_out(live, measured):
    page = live()
    figure, panels = measured
    for name in ("conditional", "share", "count", "lift", "difference", "lift_within_strata"):
        choose(page, "measure", "declared" if name == "conditional" else name)
        settings = figure if name == "conditional" else undeclared(figure)
        scale = colour_scale(settings, panels[name])
        assert page.evaluate(SHOWN) == {panel.id: expected_texts(panel, scale) for panel in panels[name]}, name
        title = "% of the row’s models" if name == "conditional" else panels[name][0].measure.label
        assert title in page.locator(".drawing").first.text_content()
    assert page.complaints == []


MARKS = """root => [...root.querySelectorAll('.mark-rect.role-mark path, .mark-symbol path, .mark-text.role-mark text')]
  .filter(mark => !mark.closest('[class*="bar_"], [class*="key_"]')).map(mark => {
    const said = name => mark.closest(`[${name}]`)?.getAttribute(name) ?? null;
    const fill = /^#/.test(said('fill')) ? [1, 3, 5].map(at => parseInt(said('fill').slice(at, at + 2), 16)) : [said('fill')];
    const d = (mark.getAttribute('d') ?? '').replace(/[-\\d.]+/g, number => Number(number).toFixed(1));
    const [x, y, turn] = ['x', 'y', 'transform'].map(name => mark.getAttribute(name));
    const place = x === null ? turn : `translate(${x},${y})${turn ? ' ' + turn.replace(/(rotate\\([^ )]*)[^)]*/, '$1') : ''}`;
    return [d, place, said('font-style'), mark.textContent, said('stroke-width') === '0' ? null : said('stroke'), fill];
  })"""
"""What is drawn of cells: outline, place, style, text, stroke, and the channels of the fill."""


def test_a_measure_is_recoloured_into_what_altair_would_draw(live, measured):
    page = live()
    figure, panels = measured
    sizes = layout(figure, panels["conditional"])
    order = lambda mark: json.dumps(mark[:-1])  # noqa: E731
    for name in ("share", "count", "lift", "difference", "lift_within_strata"):
        choose(page, "measure", name)
        own = replace(sizes, value_px=fitting_value_px(panels[name], sizes.step, percent=True))
        static = draw_svg(heatmap_spec(undeclared(figure), panels[name], own), "main")
        drawn = page.evaluate(
            f"svg => ({MARKS})(new DOMParser().parseFromString(svg, 'image/svg+xml'))", str(inline_svg(static, "main"))
        )
        shown = page.locator(".drawing").first.evaluate(MARKS)
        drawn, shown = (sorted((mark for mark in marks if mark[0] or mark[3]), key=order) for marks in (drawn, shown))
        assert [mark[:-1] for mark in shown] == [mark[:-1] for mark in drawn], name
        for ours, theirs in zip(shown, drawn, strict=True):
            if isinstance(ours[-1][0], int) and isinstance(theirs[-1][0], int):
                assert max(abs(a - b) for a, b in zip(ours[-1], theirs[-1], strict=True)) <= 1, (name, ours, theirs)


def test_going_back_to_the_declared_view_gives_the_static_drawing_back(live):
    page = live()
    before = page.locator(".drawing").first.inner_html()
    choose(page, "measure", "lift")
    choose(page, "order", "strength")
    page.locator("input[name=values]").uncheck()
    assert page.locator(".drawing").first.inner_html() != before
    page.locator("input[name=values]").check()
    choose(page, "order", "declared")
    choose(page, "measure", "declared")
    page.mouse.move(5, 5)
    assert page.locator(".drawing").first.inner_html() == before


def test_another_order_moves_squares_and_keeps_their_names(live, measured):
    page = live()
    before = page.evaluate(SHOWN)
    places = "key => document.querySelector(`path[data-cell='${key}']`).getAttribute('d')"
    first = page.evaluate(places, "left-0-0")
    choose(page, "order", "strength")
    assert page.evaluate(SHOWN) == before
    assert page.evaluate(places, "left-2-2") == first, "CV is the largest"
    names = page.locator(".drawing svg .role-axis-label text").evaluate_all("all => all.map(t => t.textContent)")
    names += page.locator('.drawing svg [class*="_top_"] text').evaluate_all("all => all.map(t => t.textContent)")
    sizes = {}
    for cell in measured[1]["count"][0].cells:
        sizes[cell.given] = sizes.get(cell.given, 0) + cell.n_joint
        sizes[cell.outcome] = sizes.get(cell.outcome, 0) + cell.n_joint
    declared = list(measured[1]["count"][0].given_categories)
    ranked = sorted(declared, key=lambda name: (-sizes[name], declared.index(name)))
    assert [names[start : start + 7] for start in range(0, 28, 7)] == [ranked] * 4
    choose(page, "order", "clustered")
    assert page.evaluate(SHOWN) == before


def test_numbers_can_be_left_out(live):
    page = live()
    page.locator("input[name=values]").uncheck()
    assert set(page.evaluate(SHOWN)["left"].values()) == {""}
    assert here(page).endswith("#view;values=off")
    page.locator("input[name=values]").check()
    assert "99" in page.evaluate(SHOWN)["left"].values()
    assert "#" not in here(page)


def test_cells_with_too_few_units_can_be_hidden(live, measured):
    page = live()
    panel = measured[1]["conditional"][0]
    few = {f"left-{i // 7}-{i % 7}" for i, cell in enumerate(panel.cells) if cell.state == "few"}
    shown = page.evaluate(SHOWN)["left"]
    assert few
    few = {key for key in few if shown[key]}  # the others are dots
    assert len(few) > 4
    page.locator("input[name=min]").check()
    hidden = page.evaluate(SHOWN)["left"]
    assert {key for key in shown if hidden[key] != shown[key]} == few
    assert {hidden[key] for key in few} == {""}
    square(page, min(few)).hover()
    assert said(page).endswith("Too little data: hidden.")
    assert "too little data: hidden" in page.locator(".drawing").first.text_content()


def test_the_address_keeps_the_view_and_gives_it_back(live):
    page = live()
    choose(page, "measure", "lift")
    choose(page, "order", "clustered")
    page.locator("input[name=values]").uncheck()
    page.locator("input[name=min]").check()
    square(page, "left-0-1").click()
    address = "#view;measure=lift;order=clustered;values=off;min=on;cell=left-0-1"
    assert here(page).endswith(address)
    other = live(address=address)
    assert other.locator("select[name=measure]").input_value() == "lift"
    assert other.locator("select[name=order]").input_value() == "clustered"
    assert not other.locator("input[name=values]").is_checked()
    assert other.locator("input[name=min]").is_checked()
    assert other.locator(".ring:not(.mirrored)").get_attribute("d") == square(other, "left-0-1").get_attribute("d")
    assert other.evaluate(SHOWN) == page.evaluate(SHOWN)
    assert other.complaints == page.complaints == []


STRANGE = (
    "#view",
    "#view;",
    "#view;measure=none;order=;cell=left-99-0",
    "#view;measure=%E0%A4;values=maybe;x",
    "#methods",
)


@pytest.mark.parametrize("first", [STRANGE[3], *by_night(*STRANGE[:3], STRANGE[4])])
def test_strange_and_ordinary_addresses_change_nothing(live, first):
    """Opened with one, and led to the others."""
    page = live(address=first)
    led = "async address => { location.hash = address; await new Promise(requestAnimationFrame); }"
    for address in (first, *STRANGE):
        page.evaluate(led, address)
        assert page.locator("select[name=measure]").input_value() == "declared"
        assert page.locator("input[name=values]").is_checked()
        assert here(page).endswith(address)
    assert page.complaints == []


def test_ordinary_anchors_still_lead_where_they_say(live):
    page = live()
    choose(page, "measure", "count")
    page.locator(".contents a", has_text="Files").click()
    assert here(page).endswith("#files")
    assert page.locator("select[name=measure]").input_value() == "count"


def test_a_new_address_is_followed(live):
    page = live()
    page.evaluate("window.location.hash = '#view;measure=count;cell=right-2-0'")
    page.locator('figure[data-measure="count"]').wait_for()
    assert page.locator("select[name=measure]").input_value() == "count"


def test_where_the_script_fails_the_static_figure_stays(browser, example):
    context = browser.new_context()
    page = context.new_page()
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.add_init_script("window.atob = () => { throw new Error('no') }")
    page.goto((example / "index.html").as_uri())
    page.locator('figure[data-live="off"]').wait_for()
    assert page.locator("figure path[data-cell]").count() == 98
    assert page.locator(".controls").is_hidden()
    assert complaints == []
    context.close()


def test_without_scripts_there_are_no_controls(visit, example):
    page = visit((example / "index.html").as_uri(), scripts=False)
    assert page.locator(".controls").is_hidden()
    assert page.locator("figure path[data-cell]").count() == 98


def test_on_paper_there_is_only_the_figure(live):
    page = live()
    square(page, "left-0-2").click()
    page.emulate_media(media="print")
    for part in (".controls", CARD, TIP, ".ring"):
        assert page.locator(part).first.is_hidden(), part


def test_with_forced_colours_cells_can_still_be_told(live):
    page = live(forced_colors="active")
    square(page, "left-0-2").hover()
    assert page.locator(TIP).is_visible()
    assert page.locator(".ring:not(.mirrored)").evaluate("ring => getComputedStyle(ring).stroke") != "none"


@pytest.fixture
def strange(visit, hostile):
    def opening(address="", **options):
        page = visit(f"{hostile}{address}", folded=True, reduced_motion="reduce", **options)
        page.locator(LIVE).first.wait_for()
        return page

    return opening


def test_hostile_names_are_text_in_tooltip_card_table_and_figure(strange):
    page = strange()
    order = page.evaluate("[...document.querySelectorAll('path[data-cell^=\"left-\"]')].map(p => p.dataset.cell)")
    assert len(order) == len(HOSTILE) ** 2
    names = set()
    for place in range(len(HOSTILE)):
        key = f"left-{place}-{place}"
        square(page, key).hover()
        sentence = said(page)
        square(page, key).click()
        given, outcome = list(told(page).values())[:2]
        assert given in sentence
        assert outcome in sentence
        names |= {given, outcome}
        title = page.locator(".cardtitle").text_content()
        assert given in title
        assert here(page).endswith(f"#view;cell={key}")
        assert page.locator("figure [role=status]").count() == 1
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
    assert {name.strip() for name in names} == {name.strip() for name in HOSTILE}
    drawn = page.locator(".drawing").first.text_content()
    for name in HOSTILE[:6]:
        assert name in drawn
    assert page.locator("main img, figure script").count() == 0
    assert page.evaluate("({}).onerror === undefined && Object.prototype.state === undefined")
    assert page.complaints == []
    assert len([url for url in page.asked if not url.startswith("data:")]) == 1


def test_hostile_addresses_are_left_alone(strange):
    for name in (HOSTILE[0], HOSTILE[-2], *by_night(*HOSTILE[1:4])):
        page = strange(f"#view;measure={quote(name, safe='')};cell={quote(name, safe='')}")
        assert page.locator("select[name=measure]").input_value() == "declared"
        assert page.complaints == []


def test_the_model_in_the_page_cannot_end_its_block(hostile, visit):
    page = visit(hostile, scripts=False)
    text = page.locator("#report-data").text_content()
    assert "<" not in text
    [figure] = json.loads(text)["figures"]
    model = json.loads(zlib.decompress(base64.b64decode(figure["model"])))
    assert (
        sorted(model["panels"][0]["given"]) == sorted(name.strip() for name in HOSTILE) or model["panels"][0]["given"]
    )


@pytest.fixture(scope="session")
def large(tmp_path_factory):
    """The page of a report of two figures, the first with so many cells that the static drawing is kept."""
    folder = tmp_path_factory.mktemp("large")
    many = [(f"g{i:02}", f"h{(i + step) % 60:02}") for i in range(60) for step in (0, 0, 0, 7)]
    (folder / "r.csv").write_text("\n".join(["g,h", *(f"{g},{h}" for g, h in many * 6), ""]))
    (folder / "s.csv").write_text("g,h\n" + "a,x\n" * 30 + "a,y\n" * 10 + "b,y\n" * 20)
    sides = "rows: {column: g, label: Guest}, columns: {column: h, label: Host}, label: meeting"
    (folder / "config.yaml").write_text(
        "version: 1\nreport: {title: Large}\nrelations:\n"
        f"  many: {{label: many, records: {{source: r.csv, {sides}}}}}\n"
        f"  some: {{label: some, records: {{source: s.csv, {sides}}}}}\n"
        "panels:\n"
        "  - {id: left, relation: many, given: rows, outcome: columns, measure: conditional}\n"
        "  - {id: right, relation: many, given: columns, outcome: rows, measure: conditional}\n"
        "  - {id: small, relation: some, given: rows, outcome: columns, measure: conditional}\n"
        "figures: [{id: big, panels: [left, right]}, {id: little, panels: [small]}]\noutputs: [html]\n"
    )
    build(folder / "config.yaml", folder / "site")
    return (folder / "site" / "index.html").as_uri()


def test_a_large_figure_shows_other_measures(visit, large):
    """Guest g00 and host h00 share 18 of 24 meetings, 45 times as many as expected by chance."""
    page = visit(large, folded=True, reduced_motion="reduce")
    page.locator('figure[data-figure="big"][data-live="on"]').wait_for()
    measures = page.locator("figure[data-figure=big] select[name=measure]")
    offered = measures.locator("option").evaluate_all("all => all.map(option => option.value)")
    assert offered == ["declared", "share", "count", "lift", "difference"]
    pixel = """async at => { const image = new Image(); image.src = document.querySelector('image[data-panel=left]').getAttribute('href');
      await image.decode(); const size = image.naturalWidth / 60;
      const brush = Object.assign(document.createElement('canvas'), {width: 480, height: 480}).getContext('2d', {willReadFrequently: true});
      brush.drawImage(image, 0, 0); return [...brush.getImageData(at * size + size / 2, size / 2, 1, 1).data].slice(0, 3); }"""
    shares = [page.evaluate(pixel, at) for at in (0, 7)]
    measures.select_option("lift")
    page.locator("figure[data-figure=big] .drawing text", has_text="Lift").first.wait_for()
    lifts = [page.evaluate(pixel, at) for at in (0, 7)]
    assert lifts[0] != shares[0]
    assert lifts[0][2] > lifts[0][0]  # more than expected by chance: blue
    page.locator("figure[data-figure=big] .scroll").focus()
    page.keyboard.press("ArrowRight")
    assert "45" in said(page, "figure[data-figure=big] .celltip")


def test_a_large_figure_keeps_its_drawing_and_tells_of_every_cell(visit, large):
    page = visit(large, folded=True, reduced_motion="reduce")
    page.locator('figure[data-figure="big"][data-live="on"]').wait_for()
    picture = page.locator("figure[data-figure=big] image[data-panel=left]")
    box = picture.bounding_box()
    for given, outcome in ((3, 10), (3, 11), (12, 40), (0, 1)):
        x, y = ((at + 0.5) / 60 * length for at, length in ((outcome, box["width"]), (given, box["height"])))
        page.mouse.move(box["x"] + x, box["y"] + y)
        assert {f"g{given:02}", f"h{outcome:02}"} <= set(
            re.findall(r"[gh]\d\d", said(page, "figure[data-figure=big] .celltip"))
        )
        shape = page.locator("figure[data-figure=big] .ring:not(.mirrored)").bounding_box()
        assert abs(shape["x"] + shape["width"] / 2 - box["x"] - x) < 0.1
        assert abs(shape["y"] + shape["height"] / 2 - box["y"] - y) < 0.1
    page.mouse.move(0, 0)
    page.locator("figure[data-figure=big] .scroll").focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft"):
        page.keyboard.press(key)
    assert "18 of 24 meetings with Guest g00 have Host h00: 75" in said(page, "figure[data-figure=big] .celltip")
    corner = """async panel => { const image = new Image(); image.src = document.querySelector(`image[data-panel=${panel}]`).getAttribute('href');
      await image.decode(); const brush = Object.assign(document.createElement('canvas'), {width: 480, height: 480}).getContext('2d', {willReadFrequently: true});
      brush.drawImage(image, 0, 0); return [0, 7, 20].map(at => [...brush.getImageData(at * 8 + 3, 3, 1, 1).data]); }"""
    before = page.evaluate(corner, "left")
    page.locator("figure[data-figure=big] select[name=order]").select_option("strength")
    assert page.locator("figure[data-figure=big] image[data-panel]").count() == 2
    # all guests are as frequent, so that the order is the declared one, painted by the page
    for static, painted in zip(before, page.evaluate(corner, "left"), strict=True):
        assert painted[3] == 0 or max(abs(a - b) for a, b in zip(static, painted, strict=True)) <= 2
    assert page.complaints == []


def test_with_several_figures_the_address_says_which(visit, large):
    page = visit(large, folded=True, reduced_motion="reduce")
    little = page.locator('figure[data-figure="little"][data-live="on"]')
    little.wait_for()
    little.locator("select[name=measure]").select_option("count")
    page.locator('figure[data-figure="little"][data-measure="count"]').wait_for()
    assert here(page).endswith("#view;figure=little;measure=count")
    other = visit(here(page), folded=True, reduced_motion="reduce")
    other.locator('figure[data-figure="little"][data-measure="count"]').wait_for()
    other.locator('figure[data-figure="little"] path[data-cell="small-0-0"]').hover()
    assert "Count: 30" in said(other, "figure[data-figure=little] .celltip")
    assert other.locator("figure[data-figure=big] select[name=order]").input_value() == "declared"


@pytest.mark.parametrize("width", [1280, 320])
def test_axe_finds_nothing_with_tooltip_and_card_open(live, width):
    page = live(width)
    square(page, "left-0-2").click()
    square(page, "left-0-1").hover()
    assert page.locator(CARD).is_visible()
    assert page.locator(TIP).is_visible()
    assert violations(page, "figure[data-figure]", options=OPTIONS if width == 1280 else PLACES) == []
    if width == 1280:
        page.emulate_media(color_scheme="dark")
        assert violations(page, "figure[data-figure]", options=COLOURS) == []
