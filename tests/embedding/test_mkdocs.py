"""A report in a site that MkDocs builds: the page comes through Markdown whole, and its links lead somewhere."""

import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from diptych.pipeline import build
from tests.pages import Page, lost
from tests.programs import beside_python
from tests.world import CONFIG, FILES, write

pytestmark = pytest.mark.slow

SETTINGS = """\
site_name: Our site
docs_dir: docs
site_dir: public
plugins: []
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """A site with a report as one of its pages, built strictly: a warning of MkDocs is an error."""
    folder = tmp_path_factory.mktemp("mkdocs")
    hostile = CONFIG.replace("name: A", 'name: "A *b* `c` {{ d }} <i>"').replace(
        "outputs: [html, data]", "outputs: [html: {front_matter: mkdocs}, data]"
    )
    write(folder / "study", FILES | {"config.yaml": hostile, "text/coverage.md": ""})
    build(folder / "study" / "config.yaml", folder / "docs" / "study")
    write(folder, {"mkdocs.yml": SETTINGS, "docs/index.md": "# Home\n\n[The study](study/index.md)\n"})
    done = subprocess.run(
        [beside_python("mkdocs"), "build", "--strict", "--quiet"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    return folder


def test_the_page_has_the_cards_whole(site):
    source = (site / "docs" / "study" / "index.md").read_text(encoding="utf-8")
    cards = Page(re.sub(r"^#.*$", "", source.partition("\n---\n")[2], flags=re.MULTILINE))
    page = Page((site / "public" / "study" / "index.html").read_text(encoding="utf-8"))
    theme = Page((site / "public" / "index.html").read_text(encoding="utf-8"))
    for tag in ("svg", "table", "style", "p", "i"):
        of_report = cards.tags.count(tag)
        assert page.tags.count(tag) - of_report in (theme.tags.count(tag), theme.tags.count(tag) - (tag == "p")), tag
    assert cards.tags.count("svg") >= 1
    assert {*cards.ids} <= {*page.ids}
    said, shown = (Counter(re.findall(r"\S+", " ".join(one.text))) for one in (cards, page))
    assert said - shown == Counter()
    assert "A *b* `c`" in " ".join(page.text)


def test_every_link_of_the_report_leads_to_a_file_or_an_id(site):
    assert len(Page((site / "docs" / "study" / "index.md").read_text(encoding="utf-8")).links) > 10
    assert [link for page, link in lost(site / "public") if page == "study/index.html" and link != "/."] == []
