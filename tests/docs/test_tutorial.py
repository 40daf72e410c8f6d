"""The tutorial, word for word: each command is run, what it prints is what the page shows, each edit finds its line."""

import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from diptych.cli.commands import app

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "tutorial.md"
BLOCK = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)

SIZE = re.compile(r"[\d.]+ MB|in [\d.]+ s")
"""What a site weighs and how long it took is said, and not held to be the same."""

pytestmark = pytest.mark.long


def edited(text, change):
    """Return a text in which the lines marked - are those marked + after them."""
    for old, new in re.findall(r"^-(.*\n)((?:\+.*\n)+)", change, re.MULTILINE):
        assert text.count(old) == 1, old
        text = text.replace(old, re.sub(r"^\+", "", new, flags=re.MULTILINE))
    return text


def test_every_step_of_the_tutorial_does_what_it_says(tmp_path, monkeypatch):
    shutil.copyfile(ROOT / "tests" / "public" / "tables" / "penguins.csv", tmp_path / "penguins.csv")
    monkeypatch.chdir(tmp_path)
    kinds = []
    for kind, title, content in BLOCK.findall(PAGE.read_text("utf-8")):
        kinds.append(kind)
        if kind == "console":
            command, _, shown = content.removeprefix("$ diptych ").partition("\n")
            run = CliRunner().invoke(app, command.split())
            assert SIZE.sub("", run.output).strip("\n") == SIZE.sub("", shown).strip("\n"), command
        elif kind == "diff":
            Path("config.yaml").write_text(edited(Path("config.yaml").read_text("utf-8"), content), "utf-8")
        else:
            Path(title).parent.mkdir(exist_ok=True)
            Path(title).write_text(content, "utf-8")
    assert kinds.count("console") == 7
    page = Path("site/report.md").read_text("utf-8").replace("\N{NO-BREAK SPACE}", " ")
    quoted = re.findall(r'"([^"]*\.)"|"(Within [^"]*)"', PAGE.read_text("utf-8"))
    for sentence in (a or b for a, b in quoted):
        assert sentence in page
    assert "Gentoo were seen on Biscoe alone, 124 of them." in page
