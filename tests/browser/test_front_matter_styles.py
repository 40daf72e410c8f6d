"""A page with front matter looks as the fragment does: its style sheet survives the protection from template tags."""

import re
from pathlib import Path

import pytest

from diptych.pipeline import build
from tests.browser.test_site_fragments import LOOKS, NAMES
from tests.browser.waiting import resized

SURVEY = Path(__file__).parents[2] / "examples" / "survey"
HOST = "<!doctype html><html lang=en><head><meta charset=utf-8><title>Host</title></head><body><main>{}</main></body></html>"


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The addresses of two pages of one report: one with its fragment, one with its page for Hugo."""
    folder = tmp_path_factory.mktemp("pages")
    (folder / "answers.csv").write_bytes((SURVEY / "answers.csv").read_bytes())
    given = (SURVEY / "config.yaml").read_text(encoding="utf-8")
    config = re.sub(
        r"^(  title: ).*$", r'\1"A title with {{ tags }} {%- of -%} templates"', given, count=1, flags=re.MULTILINE
    )
    assert config != given
    (folder / "config.yaml").write_text(
        f"{config}\noutputs: [html: {{fragment: true, front_matter: hugo}}]\n", encoding="utf-8"
    )
    build(folder / "config.yaml", folder / "site")
    fragment = (folder / "site" / "fragment.html").read_text(encoding="utf-8")
    page = (folder / "site" / "page.html").read_text(encoding="utf-8")
    body = re.sub(r"\A---\n.*?\n---\n", "", page, flags=re.DOTALL)
    assert body != fragment  # tags of templates are written otherwise
    found = {}
    for name, content in {"fragment": fragment, "page": body}.items():
        path = folder / "site" / f"{name}-host.html"
        path.write_text(HOST.format(content), encoding="utf-8")
        found[name] = path.as_uri()
    return found


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_the_computed_styles_of_page_and_fragment_are_equal(visit, pages, width):
    looks = []
    for name in ("fragment", "page"):
        page = visit(pages[name])
        resized(page, width)
        looks.append(page.evaluate(LOOKS, NAMES))
    assert len(looks[0]) == len(looks[1]) > 500
    assert [pair for pair in zip(*looks, strict=True) if pair[0] != pair[1]][:3] == []
