"""All sentences by kind and form in one file that a person can read: `sentences.yaml`.

`make accept` writes it anew. Its difference is how a new wording is reviewed: tests know no phrases.
"""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from tests.golden import is_accepting
from tests.prose import handmade
from tests.prose.cases import BY_DAY
from tests.prose.conftest import names
from tests.prose.first_page import NAME, names_of, replaced
from tests.prose.sentences import told
from tests.prose.test_words import WRONG

GOLDEN = Path(__file__).with_name("sentences.yaml")
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?(?: %)?|\b(?:one|two|three|four|five|six|seven|eight|nine)\b")
_LIST = re.compile(rf"\W*{NAME}\W*(?:(?:,|and|or) \W*{NAME}\W*)+")


def shape(text: str, known: tuple[str, ...]) -> str:
    """Return a sentence without its names and numbers."""
    return _LIST.sub(NAME, _NUMBER.sub("N", replaced(text, known)))


def form_of(whole) -> str:
    """Return how a report counts: its unit, weights, strata, groups, and whether both axes carry one taxonomy."""
    part, w = whole.written.part, whole.written.part.wording
    words = [w.form, w.unit.role]
    words += ["weights"] * w.weighted + [*w.stratum_names] + ["groups"] * bool(w.group_names)
    return ", ".join([*words, "one taxonomy" if part.diagonal else "two taxonomies"])


def of_data(cases) -> dict[str, list[dict[str, str]]]:
    """Return every sentence of the reports of fixed data whose shape no report before has, by kind and block."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for name in names(BY_DAY):
        whole = cases(name).whole
        known, form = names_of(whole), form_of(whole)
        for block, text in told(whole):
            entry = {"data": name, "form": form, "text": text}
            found.setdefault(block, {}).setdefault(shape(text, known), entry)
    return {block: list(of.values()) for block, of in sorted(found.items())}


def test_sentences_are_what_they_were_golden(cases):
    now = {"by hand": dict(handmade.sentences()), "of data": of_data(cases)}
    text = yaml.safe_dump(now, allow_unicode=True, sort_keys=False, width=10_000)
    if is_accepting("words"):
        GOLDEN.write_text(text, encoding="utf-8")
    kept = yaml.safe_load(GOLDEN.read_text(encoding="utf-8"))
    assert now["by hand"] == kept["by hand"]
    assert now["of data"] == kept["of data"]


def test_english_is_right_at_its_edges_of_sentences_by_hand():
    wrong = {
        name: (fault, text)
        for name, text in handmade.sentences()
        for fault, pattern in WRONG.items()
        if pattern.search(text) and not name.endswith((", 1", "of 1"))
    }
    assert wrong == {}


def test_a_name_by_hand_is_given_once():
    given = [name for name, _ in handmade.sentences()]
    assert sorted(set(given)) == sorted(given)
