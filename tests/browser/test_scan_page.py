"""The page of `diptych scan` in a browser: accessible in both schemes, no requests, not too wide, searchable."""

from types import SimpleNamespace

import numpy as np
import pytest

from diptych.contrib.scan.association_map import map_spec
from diptych.contrib.scan.running import ScanJob, run, tables_of_files
from tests.browser.axe import violations
from tests.contrib.scan.worlds import cut, texts

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A scan of 600 rows with an association, a pair that is determined with exceptions, and an identifier."""
    folder = tmp_path_factory.mktemp("scan")
    rng = np.random.default_rng(1)
    left = rng.normal(size=600)
    town = rng.integers(0, 4, 600)
    county = np.where(np.arange(600) % 40 == 0, 2, town // 2)
    size = rng.normal(size=600)
    data = {
        "id": [f"p{n}x" for n in range(600)],
        "party": np.array(["Left", "Centre", "Right"])[cut(left + 0.7 * rng.normal(size=600), 3)],
        "vote": np.array(["yes", "no"])[cut(left + 0.7 * rng.normal(size=600), 2)],
        "town": np.array(["Ayton", "Beeton", "Ceeton", "Deeton"])[town],
        "county": np.array(["North", "South", "West"])[county],
        "What is your age in years, please?": rng.integers(18, 90, 600),
        **{f"size {name}": np.round(size + 0.2 * rng.normal(size=600), 3) for name in "abcdefghijkl"},
    }
    texts(data).to_csv(folder / "survey.csv", index=False)
    run(ScanJob(tables_of_files([str(folder / "survey.csv")]), with_reports=False), folder / "site")
    return folder / "site/index.html"


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_nothing_is_wrong_and_nothing_is_asked_of_the_net(browser, site, scheme, width):
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    asked, errors = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: errors.append(message.text))
    page.goto(site.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    assert violations(page) == []
    assert [url for url in asked if not url.startswith("data:")] == [site.as_uri()]
    assert errors == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.close()


SCROLLED_TO = """selector => new Promise(done => {
  const start = performance.now();
  const look = () => {
    const { y } = document.querySelector(selector).getBoundingClientRect();
    if ((y >= 0 && y < innerHeight) || performance.now() - start > 10_000) done(y); else requestAnimationFrame(look);
  };
  look(); })"""
"""Where an element is, once it is on the screen, or after ten seconds."""

SIZES = """() => [...document.querySelectorAll('body *')].filter(e => e.getClientRects().length
  && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())).map(e => {
    const m = e instanceof SVGGraphicsElement ? e.getScreenCTM() : null;
    return (m ? Math.hypot(m.a, m.b) : 1) * parseFloat(getComputedStyle(e).fontSize); })"""


@pytest.mark.parametrize("width", [360, 768, 1264, 1280])
def test_no_text_is_under_eleven_pixels_and_the_first_pairs_are_beside_the_map_if_there_is_room(browser, site, width):
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(site.as_uri())
    assert min(page.evaluate(SIZES)) >= 10.99
    assert page.evaluate("document.documentElement.scrollWidth") == width
    first = page.locator(".first li").first
    assert first.is_visible() is (width >= 1264)
    if width >= 1264:
        drawn, listed = page.locator(".map svg").bounding_box(), first.bounding_box()
        assert drawn["x"] + drawn["width"] < listed["x"]
        assert listed["y"] + listed["height"] <= 800
        assert page.locator(".map").evaluate("box => box.scrollWidth - box.clientWidth") <= 1
        first.locator("a").click()
        assert 0 <= page.evaluate(SCROLLED_TO, "#pair-1") < 800
    page.close()


def test_the_map_has_a_sign_on_a_phone_that_it_scrolls(browser, site):
    page = browser.new_page(viewport={"width": 320, "height": 568})
    page.goto(site.as_uri())
    over, shadows = page.locator(".map").evaluate(
        "box => [box.scrollWidth - box.clientWidth, getComputedStyle(box).backgroundImage]"
    )
    assert over > 1
    assert shadows.count("linear-gradient") == 4
    page.close()


def test_the_printed_page_has_all_pairs_and_no_search(browser, site):
    page = browser.new_page(viewport={"width": 794, "height": 1123})
    page.goto(site.as_uri())
    page.emulate_media(media="print")
    assert not page.locator(".search").is_visible()
    assert page.locator(".ranking > li").first.is_visible()
    assert page.locator("#close").is_visible()
    assert page.evaluate(
        "[...document.querySelectorAll('.scroll')].every(b => getComputedStyle(b).overflowX === 'visible')"
    )
    page.close()


def test_groups_of_close_columns_are_listed_and_found(browser, site):
    page = browser.new_page()
    page.goto(site.as_uri())
    entry = page.locator("#close ~ ul > li")
    assert entry.count() == 1
    assert "These 12 columns are closely associated with one another" in entry.inner_text()
    page.fill("#search", "size b")
    assert entry.is_visible()
    page.fill("#search", "county")
    assert not entry.is_visible()
    page.close()


def test_the_largest_map_has_readable_names_and_room_for_pairs():
    """Fifty columns: cells of 13 pixels, names of 11."""
    n = 50
    table = tuple(SimpleNamespace(name=f"column {at}") for at in range(n))
    first, second = np.triu_indices(n, 1)
    statistics = SimpleNamespace(first=first, second=second, low=np.full(len(first), 0.3))
    called = np.ones(len(first), dtype=bool)
    scan = SimpleNamespace(
        table=SimpleNamespace(columns=table), statistics=statistics, is_called=called, is_open=called, trivial={}
    )
    spec = map_spec(scan, [one.name for one in table], range(n))
    assert spec["width"] == 13 * n
    assert spec["width"] + 190 + 32 + 316 <= 1216
    assert spec["layer"][0]["encoding"]["y"]["axis"]["labelFontSize"] >= 11


def test_the_search_keeps_the_entries_with_all_words(browser, site):
    page = browser.new_page()
    page.goto(site.as_uri())
    assert page.locator(".ranking > li").count() == 1
    page.fill("#search", "VOTE párty")
    assert page.inner_text("#found") == "2 entries found"
    assert page.locator(".ranking > li").is_visible()
    page.fill("#search", "county")
    assert not page.locator(".ranking > li").is_visible()
    assert "Town nearly determines County: 15 exceptions" in page.inner_text("main")
    page.fill("#search", "")
    assert page.inner_text("#found") == ""
    assert page.locator(".ranking > li").is_visible()
    page.close()
