"""docs/config.md has every sort of error, every note and every exit status."""

import re
from pathlib import Path

import pytest

from diptych import errors
from diptych.cli import console
from tests.doc_pages import section

ROOT = Path(__file__).parents[2]
PAGE = section("config.md", "Errors")


def sorts(kind: type[errors.DiptychError]):
    for below in kind.__subclasses__():
        yield below.slug
        yield from sorts(below)


def test_every_sort_of_error_has_a_heading():
    headings = re.findall(r"^### Errors: (.*)$", PAGE, re.MULTILINE)
    sources = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "report").rglob("*.py")))
    without_class = re.findall(r'\bslug="(\w+)"', sources)
    assert set(headings) == {*sorts(errors.DiptychError), *without_class, "internal"}


def test_every_note_has_a_row():
    sources = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "report").rglob("*.py")))
    slugs = set(re.findall(r'\bNote\(\s*"(\w+)"', sources))
    rows = re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)
    assert rows == sorted(slugs)
    assert len(rows) > 5


@pytest.mark.parametrize("status", [0, 1, 2, 3, 4, console.FAULT, console.INTERRUPTED, console.CLOSED])
def test_every_exit_status_has_a_row(status):
    assert f"\n| {status} | " in PAGE
