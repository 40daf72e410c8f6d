"""The page in a real browser, opened from a file as a reader without a network does."""

import shutil

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from report.renderers.html import HtmlAssets, render_html
from report.renderers.settings import HtmlSettings
from tests.renderers.documents import demo, nasty

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt-get install chromium")


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture(scope="module", params=[demo, nasty], ids=["demo", "nasty"])
def address(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("site") / "index.html"
    path.write_bytes(render_html(request.param(), HtmlSettings(), HtmlAssets((("report.pdf", "PDF"),)))["index.html"])
    return path.as_uri()


@pytest.fixture
def open_page(browser, address):
    """Open the page; what it asks for and what it complains about is kept."""
    contexts = []

    def opening(width=1280, scheme="light", *, scripts=True):
        context = browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme=scheme, java_script_enabled=scripts
        )
        contexts.append(context)
        page = context.new_page()
        page.asked, page.complaints = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("dialog", lambda dialog: (page.complaints.append(dialog.message), dialog.dismiss()))
        page.goto(address)
        page.wait_for_load_state("networkidle")
        return page

    yield opening
    for context in contexts:
        context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
def test_no_requests_no_complaints_no_axe_violations(open_page, width, scheme):
    page = open_page(width, scheme)
    result = Axe().run(page)
    assert result.violations_count == 0, result.generate_report()
    assert [url for url in page.asked if not url.startswith(("file:", "data:"))] == []
    assert len([url for url in page.asked if url.startswith("file:")]) == 1
    assert page.complaints == []


@pytest.mark.parametrize("width", [320, 400, 768, 1024, 1280, 1920])
def test_the_page_does_not_scroll_sideways(open_page, width):
    page = open_page(width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_text_is_set_in_the_embedded_font(open_page):
    page = open_page()
    faces = page.evaluate("document.fonts.ready.then(fonts => [...fonts].map(f => [f.weight, f.style, f.status]))")
    assert ["400", "normal", "loaded"] in faces
    assert ["700", "normal", "loaded"] in faces


def test_figure_and_abstract_are_on_the_first_screen(open_page):
    page = open_page()
    boxes = page.evaluate("['#abstract', '.drawing'].map(s => document.querySelector(s).getBoundingClientRect().top)")
    assert boxes == sorted(boxes)
    assert boxes[1] < 500


def test_pointing_at_a_sentence_marks_its_cells(open_page):
    page = open_page()
    sentence = page.locator("section:not(.abstract) [data-cells]").first
    [key, *_] = sentence.get_attribute("data-cells").split()
    cells = page.locator(f'[data-cell="{key}"]')
    pointed = page.locator(f'[data-cell="{key}"].pointed')
    sentence.hover()
    assert pointed.count() == cells.count() >= 2
    page.mouse.move(0, 0)
    assert pointed.count() == 0
    sentence.focus()
    assert pointed.count() == cells.count()


def test_pointing_at_a_square_of_the_figure_marks_sentences_and_fields(open_page):
    page = open_page()
    page.locator('path[data-cell="left-0-1"]').hover()
    assert page.locator('td[data-cell="left-0-1"].pointed').count() >= 1
    assert page.locator(".sentence.pointed").count() == page.locator('[data-cells~="left-0-1"]').count()


def test_without_scripts_nothing_is_missing(open_page):
    with_scripts, without = open_page(), open_page(scripts=False)
    assert without.locator("body").inner_text() == with_scripts.locator("body").inner_text()


def test_in_the_dark_the_figure_keeps_its_light_card(open_page):
    page = open_page(scheme="dark")
    colours = page.evaluate(
        "['body', 'figure .scroll'].map(s => getComputedStyle(document.querySelector(s)).backgroundColor)"
    )
    assert colours == ["rgb(20, 23, 27)", "rgb(255, 255, 255)"]


def test_the_skip_link_comes_first_and_can_be_seen(open_page):
    page = open_page()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
