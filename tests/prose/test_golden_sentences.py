"""All sentences by kind and form in one file that a person can read: `sentences.yaml`.

`make accept` writes it anew. Its difference is how a new wording is reviewed: tests know no phrases.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from diptych.theme import template_folder
from tests.golden import is_accepting
from tests.prose import handmade, handmade_forms
from tests.prose.cases import BY_DAY
from tests.prose.conftest import names
from tests.prose.first_page import NAME, names_of, numbers_in, replaced, sentences_in, words_in
from tests.prose.sentences import told
from tests.prose.test_words import WRONG

GOLDEN = Path(__file__).with_name("sentences.yaml")
TEMPLATES = [template_folder() / place / "prose" / "en" for place in ("", "contrib/blocks", "contrib/square")]
MOST_WORDS, MOST_NUMBERS = 30, 3
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
    now = {
        "by hand": dict(handmade.sentences()),
        "by form": dict(handmade_forms.sentences()),
        "of data": of_data(cases),
    }
    text = yaml.safe_dump(now, allow_unicode=True, sort_keys=False, width=10_000)
    if is_accepting("words"):
        GOLDEN.write_text(text, encoding="utf-8")
    kept = yaml.safe_load(GOLDEN.read_text(encoding="utf-8"))
    assert now["by hand"] == kept["by hand"]
    assert now["by form"] == kept["by form"]
    assert now["of data"] == kept["of data"]


def test_english_is_right_at_its_edges_of_sentences_by_hand():
    wrong = {
        name: (fault, text)
        for name, text in by_hand()
        for fault, pattern in WRONG.items()
        if pattern.search(text)
        and not name.endswith((", 1", "of 1"))
        and not name.startswith(("methods.", "reading.withheld"))
    }
    assert wrong == {}


def by_hand() -> Iterator[tuple[str, str]]:
    """Yield every sentence that is made by hand."""
    yield from handmade.sentences()
    yield from handmade_forms.sentences()


def test_a_name_by_hand_is_given_once():
    for made in (handmade, handmade_forms):
        given = [name for name, _ in made.sentences()]
        assert sorted(set(given)) == sorted(given)


def test_every_form_by_hand_is_short_and_has_few_numbers():
    """Outside the method: at most 30 words and three numbers outside brackets in a sentence."""
    said = [(name, one) for name, text in handmade_forms.sentences() for one in sentences_in(text)]
    said = [(name, one) for name, one in said if not name.startswith(("methods.", "panel.told"))]
    assert [of for of in said if len(words_in(of[1])) > MOST_WORDS or len(numbers_in(of[1])) > MOST_NUMBERS] == []


BLOCK = re.compile(r"\{%-? block (\w+) %\}")
LABELS = re.compile(
    r"\.(title|name|statement|lead\w*|\w+_header|\w+_title|evidence_\w+|made_\w+|card_\w+|reference(_\w+)?)$"
    r"|^(glossary|evidence|headings|pictures|survey|choices|caption)\."
)
"""Blocks that are labels of tables, charts, notes and the glossary: they are no sentences."""
INSIDE = frozenset(
    [
        "asymmetry.rest",
        "composition.named",
        "cluster.outside",
        "composition.item",
        "crossings.given",
        "crossings.item",
        "dependence.item",
        "dependence.sort",
        "dependence.thing",
        "diagonal.item",
        "diagonal.other_item",
        "direction.supports",
        "interpretation.confined_supports",
        "interpretation.none_supports",
        "interpretation.population_supports",
        "interpretation.unasked_supports",
        "levels.item",
        "levels.item_value",
        "panel.of_row",
        "panel.that_are",
        "population.few_item",
        "population.size",
        "reading.gives_share",
        "reading.opening",
        "reading.taken",
        "robustness.contradicted",
        "robustness.gone_item",
        "spread.item",
        "surprises.item",
        "surprises.power",
    ]
)
"""Blocks that other blocks contain, and empty ones."""


def test_every_sentence_of_the_templates_is_golden():
    kept = yaml.safe_load(GOLDEN.read_text(encoding="utf-8"))
    found = {name.partition(",")[0] for of in ("by hand", "by form") for name in kept[of]} | set(kept["of data"])
    blocks = {
        f"{path.stem}.{name}"
        for folder in TEMPLATES
        for path in sorted(folder.glob("[a-z]*.j2"))
        for name in BLOCK.findall(path.read_text(encoding="utf-8"))
    }
    missing = {block for block in blocks - INSIDE - found if not LABELS.search(block) and not block.endswith(".none")}
    assert missing == set()
