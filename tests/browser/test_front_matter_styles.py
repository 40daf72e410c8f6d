"""A page with front matter looks as the fragment does, apart from the headings, which the generator gets."""

import re
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from diptych.pipeline import build
from tests.browser.test_site_fragments import LOOKS, NAMES
from tests.browser.waiting import resized

pytestmark = pytest.mark.browser

SURVEY = Path(__file__).parents[2] / "examples" / "survey"
HOST = "<!doctype html><html lang=en><head><meta charset=utf-8><title>Host</title></head><body><main>{}</main></body></html>"

WITHIN = LOOKS.replace('(".diptych, .diptych *:not(style)")', '(".diptych *")').replace(
    "].map((element) => {",
    "].filter((e) => !e.matches('style, link, section, details, summary, h2:not(.label), .diptych-report')).map((element) => {",
    1,
)
"""The looks of everything in a report but headings and the boxes around whole sections."""


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The addresses of pages of one report: its fragment, and its pages for Hugo (Markdown) and Jekyll (HTML)."""
    folder = tmp_path_factory.mktemp("pages")
    (folder / "answers.csv").write_bytes((SURVEY / "answers.csv").read_bytes())
    given = (SURVEY / "config.yaml").read_text(encoding="utf-8")
    config = re.sub(
        r"^(  title: ).*$", r'\1"A title with {{ tags }} {%- of -%} templates"', given, count=1, flags=re.MULTILINE
    )
    assert config != given
    found = {}
    for generator, file in (("hugo", "index.md"), ("jekyll", "index.html")):
        site = folder / generator
        (folder / "config.yaml").write_text(
            f"{config}\noutputs: [html: {{fragment: true, front_matter: {generator}}}]\n", encoding="utf-8"
        )
        build(folder / "config.yaml", site)
        body = re.sub(r"\A---\n.*?\n---\n", "", (site / file).read_text(encoding="utf-8"), flags=re.DOTALL)
        if file.endswith(".md"):
            body = MarkdownIt("commonmark", {"html": True}).render(body)
        fragment = (site / "fragment.html").read_text(encoding="utf-8")
        for name, content in {"fragment": fragment, generator: body}.items():
            path = site / f"{name}-host.html"
            path.write_text(HOST.format(content), encoding="utf-8")
            found[name] = path.as_uri()
    return found


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_the_computed_styles_of_page_and_fragment_are_equal(visit, pages, width):
    looks = {}
    for name, address in pages.items():
        page = visit(address)
        resized(page, width)
        looks[name] = page.evaluate(WITHIN, NAMES)
    fragment = looks.pop("fragment")
    assert len(fragment) > 500
    for generator, found in looks.items():
        assert len(found) == len(fragment), generator
        assert [pair for pair in zip(fragment, found, strict=True) if not equal(*pair)][:3] == [], generator


def equal(first, second):
    """Return whether styles are equal and boxes differ by at most a pixel: rows of tables begin at whole pixels."""
    (*name, width, height), (*other_name, other_width, other_height) = (one.split("|")[:4] for one in (first, second))
    near = all(abs(int(a) - int(b)) <= 1 for a, b in ((width, other_width), (height, other_height)))
    return name == other_name and near and first.split("|")[4:] == second.split("|")[4:]
