"""The documentation as a site: built without a warning, and every link in it, those of the gallery too, leads somewhere."""

import contextlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest
from lxml import html

import diptych
from diptych.cli import main
from tests.draws import NIGHTLY
from tests.programs import beside_python
from tools import docs_site

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


BY_DAY = ("hotels", "penguins")
"""Reports of the gallery, with strata and without; every night all."""


class Links:
    """The ids of a page, where its links lead, and what it fetches by itself."""

    def __init__(self, text):
        page = html.document_fromstring(text)
        self.ids = {*page.xpath("//@id | //@name")}
        self.links = page.xpath("//a/@href[. != '']")
        self.fetched = page.xpath("//@src | //link[@rel = 'stylesheet']/@href")


@pytest.fixture(scope="module")
def site(tmp_path_factory, sites):
    """The site with the default example as all tests have it, and without pictures of other reports.

    What commands print is printed in this process.
    """
    folder, build = tmp_path_factory.mktemp("docs"), diptych.build

    def built(config, place):
        return shutil.copytree(sites("default"), place) if config == docs_site.DEFAULT else build(config, place)

    def printed(*arguments):
        said = io.StringIO()
        patch.setattr(sys, "argv", ["diptych", *arguments])
        with contextlib.redirect_stdout(said), pytest.raises(SystemExit):
            main()
        return said.getvalue()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(docs_site, "FOLDER", folder / "pages")
        patch.setattr(docs_site, "printed", printed)
        by_day = tuple(path for path in docs_site.SHOWN if path.stem in BY_DAY)
        patch.setattr(docs_site, "SHOWN", docs_site.SHOWN if NIGHTLY else by_day)
        patch.setattr(diptych, "build", built)
        docs_site.main()
    settings = folder / "mkdocs.yml"
    places = {"docs_dir": folder / "pages", "hooks": [ROOT / "tools" / "docs_site.py"]}
    lines = [f"INHERIT: {ROOT / 'mkdocs.yml'}", *(f"{k}: {json.dumps(v, default=str)}" for k, v in places.items())]
    settings.write_text("\n".join(lines), "utf-8")
    command = [beside_python("mkdocs"), "build", "--config-file", str(settings), "--site-dir", str(folder / "site")]
    run = subprocess.run(
        command, check=False, capture_output=True, text=True, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    )
    assert run.returncode == 0, run.stderr
    assert "WARNING" not in run.stderr
    return folder / "site"


@pytest.fixture(scope="module")
def pages(site):
    return {page: Links(page.read_text("utf-8")) for page in sorted(site.rglob("*.html"))}


def test_every_link_leads_somewhere(site, pages):
    lost = []
    for page, found in pages.items():
        for link in (*found.links, *found.fetched):
            if re.match(r"(https?|mailto|data|javascript):", link) or page.name == "404.html":
                continue
            path, _, anchor = unquote(link).partition("#")
            target = (page.parent / path).resolve() if path else page
            target = target / "index.html" if target.is_dir() else target
            there = target.exists() and (not anchor or target not in pages or anchor in pages[target].ids)
            if not there:
                lost.append((str(page.relative_to(site)), link))
    assert lost == []


def test_nothing_is_fetched_from_elsewhere(pages):
    assert [link for found in pages.values() for link in found.fetched if "//" in link] == []


def test_the_gallery_shows_reports_with_their_configs(site):
    gallery = site / "gallery"
    reports = sorted(path.parent.name for path in gallery.glob("*/manifest.json"))
    assert len(reports) == (8 if NIGHTLY else 3)
    text = (gallery / "index.html").read_text("utf-8")
    for name in reports:
        assert f'href="{name}/index.html"' in text
    assert text.count("The config") == len(reports)
