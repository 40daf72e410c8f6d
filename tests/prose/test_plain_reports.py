"""Plain English in generated reports: their sentences have no mark of stilted English, and the default one is short."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tests.examples.relations import CONFIGS
from tests.prose.sentences import told
from tests.prose.wholes import wholes
from tools.prose import rates

ROOT = Path(__file__).parents[2]
GALLERY = sorted((ROOT / "examples" / "gallery").glob("*.yaml"))
ABSENT = ("what-clause", "stands", "would make, rests on", "archaic", "inversion")
"""Marks that no sentence of a report has. The others have the limit of pages of documentation."""

NO_PROSE = frozenset({"methods.references", "pictures.alt", "departures.caption"})

MOST_WORDS, MOST_TABLES = 700, 6
"""Words of running text before Method and tables outside the section on data, in the default report."""


def marks(text: str) -> list[str]:
    """Return the marks in a sentence that no sentence of a report has."""
    found = rates(text).found
    return [name for name in ABSENT if found[name]]


def kind_of(block: str) -> str:
    """Return the kind of "isolation.observation" or of "surprises.observation, strata"."""
    return block.partition(".")[0]


@pytest.mark.parametrize("config", [*CONFIGS.values(), *GALLERY], ids=lambda config: config.parent.name + config.stem)
def test_sentences_of_a_report_have_no_mark(config):
    said = [(block, text) for whole in wholes(config) for block, text in told(whole) if block not in NO_PROSE]
    assert [(block, text) for block, text in said if marks(text)] == []
    over = rates("\n".join(text for _, text in said)).over(report=True)
    assert set(over) <= {"one that, those of"}  # "one of 10 packages" is a number


def golden() -> dict[str, list[str]]:
    """Return all golden sentences by kind."""
    kept = yaml.safe_load((ROOT / "tests" / "prose" / "sentences.yaml").read_text(encoding="utf-8"))
    found: dict[str, list[str]] = {}
    for block, text in (kept["by hand"] | kept["by form"]).items():
        found.setdefault(kind_of(block), []).append(text)
    for block, entries in kept["of data"].items():
        found.setdefault(kind_of(block), []).extend(entry["text"] for entry in entries)
    return found


def test_golden_sentences_have_no_mark():
    marked = [(kind, text) for kind, texts in golden().items() for text in texts if marks(text)]
    assert marked == []


def test_a_marked_sentence_is_found():
    assert marks("This rests on one item, X: without it CV stands at 46%.") == ["stands", "would make, rests on"]
    assert marks("Were the two unrelated, 40 would be expected.") == ["inversion"]
    assert marks("The commonest is what departs.") == ["what-clause", "archaic"]


def sections_of(text: str) -> dict[str, list[str]]:
    """Return the lines of a Markdown report by section; "" for the lines before the first."""
    found: dict[str, list[str]] = {"": []}
    for line in text.splitlines():
        if line.startswith("## "):
            found[line.removeprefix("## ")] = []
        else:
            found[list(found)[-1]].append(line)
    return found


def test_the_default_report_is_short(sites):
    """Running text: without headings, captions, pictures, tables and authors' passages."""
    sections = sections_of((sites("default") / "report.md").read_text(encoding="utf-8"))
    before = [line for name in list(sections)[: list(sections).index("Method")] for line in sections[name]]
    running = [line for line in before if not line.startswith(("#", "|", ">", "![", "**Figure", "**Table", "Source:"))]
    assert len(re.findall(r"[A-Za-z']+", re.sub(r"\]\([^)]*\)", "]", "\n".join(running)))) <= MOST_WORDS
    tables = [
        line for name, lines in sections.items() for line in lines if line.startswith("**Table") and "Data" not in name
    ]
    assert len(tables) <= MOST_TABLES, tables
