"""A site of several reports in a real browser: from a disk, and from a server below a path."""

import functools
import http.server
import re
import shutil
import threading
from pathlib import Path

import pytest

from diptych.pipeline import build_site
from tests.browser.axe import COLOURS, OPTIONS, PLACES, violations
from tests.browser.waiting import quiet, resized
from tests.draws import NIGHTLY, by_night
from tests.long_names import write

pytestmark = pytest.mark.browser

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = ("published", "survey", "small")
PAGES = ("index.html", *(f"{name}/index.html" for name in NAMES))


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """The folder of a site of two examples and a small report, of pages and data alone; its path has a space in it."""
    home = tmp_path_factory.mktemp("served") / "some path"
    for name in NAMES[:2]:
        config = shutil.copytree(EXAMPLES / name, home / name) / "config.yaml"
        config.write_text(f"{config.read_text('utf-8')}\noutputs: [html, data]\n", "utf-8")
    write(home / "small", 4, "en", "outputs: [html, data]\n")
    build_site([home / name / "config.yaml" for name in NAMES], home / "site")
    return home / "site"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="session")
def served(folder):
    """The address of that site on a server of this machine."""
    handler = functools.partial(Quiet, directory=str(folder.parents[1]))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/some%20path/site/"
        server.shutdown()


@pytest.fixture
def base(request, folder):
    """The address of the site, on a disk or a server."""
    return f"{folder.as_uri()}/" if request.param == "disk" else request.getfixturevalue("served")


@pytest.mark.parametrize(
    ("base", "path"),
    [*(("disk", path) for path in PAGES), *(("server", path) for path in (*PAGES[:2], *by_night(*PAGES[2:])))],
    indirect=["base"],
)
def test_a_page_asks_for_nothing_else_and_its_fonts_load(visit, base, path):
    page = visit(base + path)
    quiet(page)
    assert page.complaints == []
    assert [url for url in page.asked if not url.startswith("data:")] == [base + path]
    faces = page.evaluate("document.fonts.ready.then(fonts => [...fonts].map(f => [f.weight, f.style, f.status]))")
    assert ["400", "normal", "loaded"] in faces
    assert ["700", "normal", "loaded"] in faces
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).fontFamily").startswith("Report")
    if path != "index.html":
        page.locator(".part .panels").press("ArrowDown")
        assert page.locator(".say p").text_content()


def follow(page, bar, word, title):
    bars = page.get_by_role("navigation", name=bar, exact=True)
    bars.get_by_role("link", name=re.compile(rf"^{word}:? {re.escape(title)}$")).click()


@pytest.mark.parametrize("base", ["server", *by_night("disk")], indirect=True)
def test_a_reader_goes_from_report_to_report_and_back(visit, base):
    page = visit(base + "index.html")
    titles = page.locator(".report h2 a").all_inner_texts()
    assert len(titles) == 3
    page.get_by_role("link", name=titles[0], exact=True).click()
    assert page.url == f"{base}published/index.html"
    assert page.locator(".series-top a[rel=prev]").count() == 0
    follow(page, "Reports", "Next", titles[1])
    assert page.url == f"{base}survey/index.html"
    assert page.locator(".top p").inner_text().startswith(titles[1])
    follow(page, "Reports, after this one", "Next", titles[2])
    assert page.url == f"{base}small/index.html"
    assert page.locator("a[rel=next]").count() == 0
    page.locator(".series-end a[rel=prev]").click()
    assert page.url == f"{base}survey/index.html"
    page.locator(".series-top").get_by_role("link", name="All reports").click()
    assert page.url == f"{base}index.html"
    assert page.complaints == []


@pytest.mark.parametrize("path", ["index.html", "survey/index.html"])
def test_no_axe_violations_and_nothing_scrolls_sideways(visit, folder, path):
    page = visit((folder / path).as_uri())
    for width in (320, 400, 768, 1024, 1280, 1920):
        resized(page, width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    part = None if NIGHTLY or path == "index.html" else ".series"  # what a report of a site has and others have not
    for width, scheme, options in ((1280, "light", OPTIONS), (320, "light", PLACES), (320, "dark", COLOURS)):
        resized(page, width)
        page.emulate_media(color_scheme=scheme)
        assert violations(page, part, options=options) == []
