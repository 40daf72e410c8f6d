"""Tutorial and how-tos, word for word: each command is run and prints what the page shows, each edit finds its line.

No page says what a picture looks like, so none is drawn.
"""

import csv
import json
import re
import shutil
from collections import Counter
from pathlib import Path

import pytest
from typer.testing import CliRunner

from diptych.cli.app import app
from tests.doc_pages import DOCS, section

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)

SIZE = re.compile(r"[\d.]+ MB|in [\d.]+ s")
"""What a site weighs and how long it took is said, and not held to be the same."""

pytestmark = pytest.mark.slow


def edited(text, change):
    """Return a text in which the lines marked - are those marked + after them."""
    for old, new in re.findall(r"^-(.*\n)((?:\+.*\n)+)", change, re.MULTILINE):
        assert text.count(old) == 1, old
        text = text.replace(old, re.sub(r"^\+", "", new, flags=re.MULTILINE))
    return text


def follow(folder, text):
    """Do what a text says in a folder with the tables that it links to. Return what it ran, and each report's text."""
    for table in dict.fromkeys(re.findall(r"\]\((\S+\.csv)\)", text)):
        shutil.copy(folder / table, Path(table).name)
    ran, reports, config = [], [], Path("config.yaml")
    for kind, title, content in BLOCK.findall(text):
        if kind == "console":
            command, _, shown = content.removeprefix("$ diptych ").partition("\n")
            run = CliRunner().invoke(app, command.split())
            assert SIZE.sub("", run.output).strip("\n") == SIZE.sub("", shown).strip("\n"), command
            ran.append(command)
            if Path("site/report.md").is_file():
                reports.append(Path("site/report.md").read_text("utf-8").replace("\N{NO-BREAK SPACE}", " "))
        elif kind == "diff":
            config.write_text(edited(config.read_text("utf-8"), content), "utf-8")
        elif title:
            Path(title).parent.mkdir(exist_ok=True)
            Path(title).write_text(content, "utf-8")
            config = Path(title) if title.endswith(".yaml") else config
    return ran, reports


@pytest.mark.parametrize(
    ("name", "title", "commands"),
    [
        ("tutorial.md", None, 7),
        ("choosing.md", "Several answers to a question", 3),
        ("choosing.md", "A table of counts", 2),
        ("choosing.md", "Two tables and their links", 1),
    ],
)
def test_every_step_does_what_it_says(name, title, commands, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = (DOCS / name).read_text("utf-8") if title is None else section(name, title)
    ran, reports = follow(DOCS, text)
    assert len(ran) == commands
    for sentence in re.findall(r'"((?:\d|All |Every )[^"]*\.)"', text):
        assert any(" ".join(sentence.split()) in report for report in reports), sentence
    if name == "tutorial.md":
        assert "Most people who get much exercise are very active (74% of 317)." in reports[-1]


def test_the_paper_of_the_page_uses_names_that_there_are(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert len(follow(DOCS, section("homes.md", "Papers"))[0]) == 1
    content = json.loads(Path("report/paper/numbers.json").read_text("utf-8"))
    used = re.findall(r"\\Diptych(Table)?\{([^}]+)\}", Path("paper.tex").read_text("utf-8"))
    assert len(used) == 4
    assert {known for table, known in used if known not in content["tables" if table else "numbers"]} == set()


def test_the_numbers_of_the_page_on_reading_are_those_of_the_penguins():
    with (ROOT / "tests/public/tables/penguins.csv").open(encoding="utf-8", newline="") as file:
        n = Counter((row["species"], row["island"]) for row in csv.DictReader(file))
    gentoo, adelie = (sum(k for (kind, _), k in n.items() if kind == name) for name in ("Gentoo", "Adelie"))
    biscoe = sum(k for (_, island), k in n.items() if island == "Biscoe")
    both, share = n["Gentoo", "Biscoe"], n["Adelie", "Biscoe"] / adelie
    text = " ".join((DOCS / "statements.md").read_text("utf-8").split())
    for number in (
        *(f"{both} of {gentoo} Gentoo", f"{both} of {biscoe} penguins", f"{both / biscoe:.0%} are Gentoo"),
        *(
            f"{share:.0%} of the {adelie} Adelie",
            f"{biscoe / n.total():.0%} of all penguins",
            f"the {n.total()} penguins",
        ),
    ):
        assert number in text
