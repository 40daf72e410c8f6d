"""docs/audit.md shows what is printed, for a sheet whose judgements are invented."""

import csv
import io
import re
from pathlib import Path

import pytest

from diptych.contrib.audit.audit_tables import told
from diptych.contrib.audit.sample import read_audit
from diptych.contrib.audit.sheet import HOW

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "audit.md").read_text(encoding="utf-8")
SHEET = ROOT / "tests" / "contrib" / "audit" / "default_example_invented.csv"
COMMAND = f"diptych audit --read {SHEET.relative_to(ROOT).as_posix()}"


@pytest.fixture(scope="module")
def shown():
    (block,) = re.findall(rf"```\n\$ {re.escape(COMMAND)}\n(.*?)```", PAGE, re.DOTALL)
    return block


def squeezed(text):
    return [" ".join(line.split()) for line in text.splitlines()]


def test_the_sheet_says_that_it_is_invented():
    rows = list(csv.DictReader(io.StringIO(SHEET.read_text(encoding="utf-8"))))
    assert {row["note"] for row in rows if row["correct"]} == {"invented for a test: nobody has judged this item"}
    assert "The judgements below are invented" in PAGE


def test_the_page_shows_what_is_printed(shown, monkeypatch):
    """All of the agreement, and of the correction what is as built: two hundred draws take their time.

    If this fails because the default example or the words have changed, run the command that the page shows, with
    COLUMNS=100, and put its output into the page. If items have other categories now, draw and fill in a new sheet.
    """
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr("diptych.contrib.audit.effect.MOST_DRAWS", 2)
    monkeypatch.setattr("diptych.contrib.audit.effect.FEWEST_DRAWS", 2)
    result = read_audit(Path("config.yaml"), SHEET.relative_to(ROOT))
    printed = told(result, SHEET.relative_to(ROOT).as_posix(), "never")
    end = "trained_on: the report if every item were in its true categories"
    assert shown.partition(end)[0] == printed.partition(end)[0]
    (effect,) = result.effects
    lines = squeezed(shown.partition(end)[2])
    for headline in effect.headlines:
        assert any(line.startswith(f"{headline.statement} ") for line in lines), headline.statement
    assert any(line.startswith("right Multimodal Multimodal 95% (292 of 308)") for line in lines)


def test_the_messages_of_the_page_are_ours():
    assert f"; {HOW}\n" in PAGE
    assert "was assigned CV when it was drawn and is assigned NLP now; remove the row, or draw a new sample" in PAGE
