"""Names that would do something if they were not text: in the page, its reading line and its data."""

import json

import pytest
import yaml

from diptych.pipeline.build import build
from tests.browser.waiting import resized

pytestmark = pytest.mark.browser

NAMES = (
    "<img src=x onerror=alert(1)>",
    '"><script>alert(1)</script>',
    "${7*7}",
    "{{7*7}}",
    "\u05e9\u05dc\u05d5\u05dd RTL",
    "e\u0301\u0323\u0302 Z\u0351\u0343a\u0334",
    "n" * 300,
    "\U0001f469\u200d\U0001f52c \U0001f996",
)
TITLE = f"{NAMES[0]} {NAMES[1]} {NAMES[2]} {NAMES[3]}"
AUTHOR = f"{NAMES[1]} {NAMES[7]}"


def project(folder, outputs):
    """A report of records: each of the names with itself five times, with the next once."""
    config = {
        "version": 1,
        "url": "https://example.org/r/",
        "report": {"title": TITLE, "subtitle": NAMES[4], "authors": [AUTHOR], "date": "2026-03-02"},
        "taxonomy": {"categories": [{"name": name, "match": f"k{i}"} for i, name in enumerate(NAMES)]},
        "relations": {
            "met": {
                "records": {
                    "source": "r.csv",
                    "rows": {"column": "x", "label": NAMES[0]},
                    "columns": {"column": "y", "label": NAMES[3]},
                }
            }
        },
        "outputs": outputs,
    }
    pairs = [(i, i) for i in range(8) for _ in range(5)] + [(i, (i + 1) % 8) for i in range(8)]
    (folder / "r.csv").write_text("x,y\n" + "".join(f"k{i},k{j}\n" for i, j in pairs), "utf-8")
    (folder / "config.yaml").write_text(yaml.safe_dump(config, allow_unicode=True, sort_keys=False), "utf-8")
    return folder / "config.yaml"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    build(project(folder, ["html", "data"]), folder / "site")
    return folder / "site"


@pytest.fixture
def page(visit, site):
    page = visit((site / "index.html").as_uri())
    yield page
    assert page.complaints == []
    assert [url for url in page.asked if not url.startswith(("file:", "data:", "blob:"))] == []


def test_nothing_in_a_name_becomes_markup(page):
    assert page.locator("img, iframe, object, embed, form").count() == 0
    kinds = page.evaluate("[...document.scripts].map(s => s.type)")
    assert sorted(filter(None, kinds)) == ["application/json", "application/ld+json"]
    assert (
        page.evaluate(
            "[...document.querySelectorAll('*')].flatMap(e => e.getAttributeNames()).filter(n => n.startsWith('on'))"
        )
        == []
    )
    assert page.title() == page.locator("h1").text_content()
    assert page.locator(".top p").text_content().startswith(TITLE)
    assert page.locator(".author").text_content() == AUTHOR


def test_long_names_do_not_break_the_page(page):
    for width in (320, 768, 1280):
        resized(page, width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_line_below_the_figure_reads_names_as_they_are(page):
    for place, name in enumerate(NAMES):
        page.locator(f'path[data-cell="left-{place}-{place}"]:visible').hover()
        assert page.locator(".say p").text_content().count(name) >= 2
    assert page.locator(".say p :not(b)").count() == 0


def test_data_for_programs_and_citations_have_the_title(page):
    dataset = json.loads(page.locator("script[type='application/ld+json']").text_content())
    assert (dataset["name"], dataset["creator"][0]["name"]) == (TITLE, AUTHOR)
    assert page.locator("meta[name='citation_title']").get_attribute("content") == TITLE
    assert page.locator("meta[name='citation_author']").get_attribute("content") == AUTHOR
    assert TITLE in page.locator("#cite").text_content()
