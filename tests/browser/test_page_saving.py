"""What a reader can take out of the page alone, with a network nowhere near."""

import io
import json
import re

import numpy as np
import pytest
from lxml import etree
from PIL import Image
from playwright.sync_api import expect

from diptych.cells import folded
from diptych.config.loading import load_config
from diptych.figures import layout
from diptych.figures.drawing import draw_svg
from diptych.figures.heatmap import heatmap_spec
from diptych.pipeline.counting import count_all
from diptych.pipeline.parts import build_panels
from diptych.renderers.citing import citations
from diptych.renderers.html import render_html
from tests.browser.conftest import CONFIG
from tests.renderers.documents import demo

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def alone(example, tmp_path_factory):
    """The page without the rest of its site, as somebody gets it by mail."""
    path = tmp_path_factory.mktemp("alone") / "index.html"
    path.write_bytes((example / "index.html").read_bytes())
    return path.as_uri()


@pytest.fixture(scope="module")
def drawing():
    """The figure as the page shows it, drawn from the counts anew; that of figures/ is laid out for print."""
    loaded = load_config(CONFIG)
    found, figure = build_panels(loaded.config, count_all(loaded)), loaded.config.figure("main")
    panels = tuple(folded(found[name]) for name in figure.panels)
    return draw_svg(heatmap_spec(figure, panels, layout(figure, panels)), figure.id)


def saved(page, button):
    with page.expect_download() as waiting:
        button.click()
    return waiting.value.suggested_filename, waiting.value.path().read_bytes()


def test_every_file_is_saved_to_the_byte(visit, alone, example):
    page = visit(alone)
    paths = [link.get_attribute("href") for link in page.locator("#files li a").all()]
    assert set(paths) == {f"data/{path.name}" for path in (example / "data").iterdir()}
    for number, path in enumerate(paths):
        if number % 8 == 7:  # after ten files in a row Chromium asks its user, and here nobody answers
            page.reload()
        name, content = saved(page, page.locator(f'#files [data-save="{path}"]'))
        assert name == path.removeprefix("data/")
        assert content == (example / path).read_bytes()
    assert page.complaints == []
    assert [url for url in page.asked if not url.startswith(("file:", "data:", "blob:"))] == []


def test_each_matrix_is_saved_as_csv(visit, alone, example):
    page = visit(alone)
    tables = page.locator(".tablebox:has(table.matrix)")
    assert tables.count() == 2
    for number, side in enumerate(("left", "right")):
        button = tables.nth(number).get_by_role("button", name="Save CSV of table")
        assert saved(page, button) == (f"{side}.csv", (example / f"data/{side}.csv").read_bytes())


def test_the_figure_is_saved_as_svg_that_carries_its_typeface(visit, alone, drawing):
    page = visit(alone, folded=True)
    name, content = saved(page, page.get_by_role("button", name="Save SVG of figure 1"))
    assert name == "main.svg"
    style = re.search(r'<style type="text/css">.*?</style>', content.decode(), re.DOTALL)[0]
    assert style.count("@font-face") == 3
    assert 'font-family: "Diptych Sans"' in style
    assert set(re.findall(r"url\(\"?(\w+:)", style)) == {"data:"}
    assert texts(content.decode().replace(style, "")) == texts(drawing)
    assert page.complaints == []


def texts(svg):
    """The texts of a drawing with where they stand, those that are empty left out."""
    found = etree.fromstring(svg.encode()).iter("{http://www.w3.org/2000/svg}text")
    return sorted((text.text, place(text)) for text in found if text.text)


def place(text):
    """The place of a text, which is a translation or x and y, with a rotation about this point."""
    turn = re.sub(r"(rotate\([^ )]*)[^)]*", r"\1", text.get("transform", ""))
    return f"translate({text.get('x')},{text.get('y')}) {turn}".strip() if "x" in text.attrib else turn


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_figure_is_saved_as_png_twice_as_large_on_white(visit, alone, drawing, scheme):
    page = visit(alone, scheme=scheme, folded=True)
    name, png = saved(page, page.get_by_role("button", name="Save PNG of figure 1"))
    assert name == "main.png"
    picture = np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))
    assert picture.shape[1::-1] == tuple(
        2 * int(side) for side in re.search(r'width="(\d+)" height="(\d+)"', drawing).groups()
    )
    assert (picture[[0, -1], [0, -1]] == 255).all()
    colours = set(np.unique(picture @ np.array([65536, 256, 1])).tolist())
    for colour in set(re.findall(r'fill="rgb\((\d+), (\d+), (\d+)\)"(?![^>]*fill-opacity="0)', drawing)):
        assert int("".join(f"{int(channel):02x}" for channel in colour), 16) in colours
    # the typeface is the page's: letters leave grey and black where labels stand, left of the first panel
    assert (picture[:, :160].max(axis=2) < 90).sum() > 400
    assert page.complaints == []


def test_citations_can_be_copied(visit, alone):
    page = visit(alone, permissions=["clipboard-read", "clipboard-write"])
    for what in ("Text", "BibTeX", "CSL JSON"):
        button = page.get_by_role("button", name=f"Copy {what}")
        button.focus()
        page.keyboard.press("Enter")
        expect(page.locator("#status")).to_have_text(f"Copied: {what}")
        shown = page.locator(f"#{ {'Text': 'cite-text', 'BibTeX': 'cite-bibtex', 'CSL JSON': 'cite-csl'}[what] }")
        assert page.evaluate("navigator.clipboard.readText()") == shown.evaluate("block => block.textContent")


def test_the_blocks_hold_the_citations(visit, tmp_path):
    path = tmp_path / "index.html"
    path.write_bytes(render_html(demo())["index.html"])
    page = visit(path.as_uri(), scripts=False)
    assert [block.text_content() for block in page.locator("#cite pre").all()] == [*citations(demo()).values()]
    assert page.locator("#cite button:visible").count() == 0


def test_json_in_the_page_is_data_and_never_run(visit, alone):
    page = visit(alone)
    kinds = page.evaluate("[...document.scripts].filter(s => s.type).map(s => [s.type, s.textContent])")
    assert all(json.loads(text) for kind, text in kinds if kind != "application/octet-stream")
    assert all(re.fullmatch(r"[\w+/]+=*", text, re.ASCII) for kind, text in kinds if kind == "application/octet-stream")
