"""docs/homes.md, word for word: its commands run, and its outputs write the files that the page names.

The recipes for site generators are followed in tests/browser/test_recipes.py.
"""

import json
import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from diptych.cli.app import app

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "homes.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))

pytestmark = pytest.mark.slow


def run(command):
    """Run a command of the page; no picture is needed."""
    done = CliRunner().invoke(app, command.removeprefix("diptych ").split())
    assert done.exit_code == 0, f"{command}\n{done.output}"


def table(text):
    """Return the paths in the first column of the tables of a section."""
    return [path for row in re.findall(r"^\| (`.*?) \|", text, re.MULTILINE) for path in re.findall(r"`([^`]+)`", row)]


@pytest.fixture
def examples(tmp_path, monkeypatch):
    """The working directory, with the examples of the repository."""
    for name in ("published", "survey"):
        shutil.copytree(ROOT / "examples" / name, tmp_path / "examples" / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_site_of_several_reports(examples):
    text = SECTIONS["A site of several reports"]
    (command,) = re.findall(r"^```sh\n(.*)\n```$", text, re.MULTILINE)
    run(command)
    paths = table(text)
    assert len(paths) == 4
    assert [path for path in paths if not (examples / "site" / path).exists()] == []
    assert list(json.loads((examples / "site" / "manifest.json").read_text("utf-8"))["reports"]) == [
        path.strip("/") for path in paths if path in ("published/", "survey/")
    ]
    run(command.replace("build", "check").replace("-o site", ""))
