"""The page in a real browser, opened from a file as a reader without a network does."""

import pytest

from diptych.renderers.html import render_html
from tests.browser.axe import COLOURS, OPTIONS, PLACES, violations
from tests.browser.waiting import quiet, resized
from tests.draws import by_night
from tests.renderers.documents import demo, nasty

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", params=[nasty, *by_night(demo)], ids=lambda document: document.__name__)
def address(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("site") / "index.html"
    path.write_bytes(render_html(request.param(), (("report.pdf", "PDF"),))["index.html"])
    return path.as_uri()


@pytest.fixture
def open_page(visit, address):
    """Open the page."""
    return lambda *args, **options: visit(address, *args, **options)


def test_no_requests_no_complaints_no_axe_violations(open_page):
    page = open_page()
    for width, scheme, options in ((1280, "light", OPTIONS), (320, "light", PLACES), (320, "dark", COLOURS)):
        resized(page, width)
        page.emulate_media(color_scheme=scheme)
        assert violations(page, options=options) == []
    quiet(page)
    assert [url for url in page.asked if not url.startswith(("file:", "data:"))] == []
    assert len([url for url in page.asked if url.startswith("file:")]) == 1
    assert page.complaints == []


def test_without_scripts_nothing_is_missing(open_page):
    with_scripts, without = open_page(), open_page(scripts=False)
    with_scripts.evaluate("document.querySelectorAll('.say p').forEach(e => e.replaceChildren())")
    assert without.locator(".say p:visible").count() == 0
    texts = [" ".join(page.locator("body").inner_text().split()) for page in (without, with_scripts)]
    assert texts[0] == texts[1]
