"""The documentation as a site: built without a warning, and every link in it, those of the gallery too, leads somewhere."""

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import diptych
from diptych.cli import main
from tests.draws import NIGHTLY
from tests.pages import lost, pages_of
from tests.programs import beside_python
from tools import docs_site

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


BY_DAY = ("hotels", "penguins")
"""Reports of the gallery, with strata and without; every night all."""


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


def test_every_link_leads_somewhere(site):
    assert [link for page, link in lost(site) if page != "404.html"] == []


def test_nothing_is_fetched_from_elsewhere(site):
    assert [link for page in pages_of(site).values() for link in page.fetched if "//" in link] == []


def test_the_gallery_shows_reports_with_their_configs(site):
    gallery = site / "gallery"
    reports = sorted(path.parent.name for path in gallery.glob("*/manifest.json"))
    assert len(reports) == (8 if NIGHTLY else 3)
    text = (gallery / "index.html").read_text("utf-8")
    for name in reports:
        assert f'href="{name}/index.html"' in text
    assert text.count("The config") == len(reports)
