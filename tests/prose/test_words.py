"""Words of every output of every example and simulation: none that are banned, and English that is right at its edges."""

from __future__ import annotations

import re

import pytest

from tests.examples.relations import CONFIGS
from tests.prose.wholes import wholes
from tests.simulations import worlds

BANNED = re.compile(r"\b(correlat\w*|performance|transfer\w*|generali[sz]\w*|better)\b", re.IGNORECASE)
WRONG = {
    "one of many": re.compile(
        r"(?<![\d.,])\b(?:1|one) (?:models|datasets|links|records|answers|captures|visits|users|groups|sets|pairs|cells|crossings"
        r"|statements|categories|labels|names|items|constraints|columns|rows|levels|resamples|panels"
        r"|times)\b|(?<![\d.,])\b(?:1|one) (?:are|have|stay|lie)\b|\b(?:[Aa]ll|[Nn]one of|[Tt]he) 1\b(?![,.]\d)"
    ),
    "false nothing or all": re.compile(r"(?<![\d.,])(?<!up to )(?<!than )(?:0|100)%"),
    "spaces": re.compile(r" {2}| [.,;:)]|\( "),
    "marks": re.compile(r"\.\.|,,|;;|,\.|;\.|:\.|\(\)"),
    "nothing there": re.compile(r"\b(?:None|nan|inf|True|False|Undefined)\b(?! of| is\b)"),
    "twice": re.compile(r"\b(the|a|an|of|in|and|with|is|are|to) \1\b"),
}
SIMULATED = {
    "likes": lambda: worlds.draw_likes(1).files(activity=True),
    "trained": lambda: worlds.draw_trained(1).files(strata=True),
    "answers": lambda: worlds.draw_answers(1).files(strata=True),
    "crossings": lambda: worlds.draw_crossings(1, block=True).files(strata=False),
    "turned": lambda: worlds.draw_planted(1, worlds.Planted(turned=("CV", "NLP"))).files(strata=False),
    "isolated": lambda: worlds.draw_planted(1, worlds.Planted(isolated=("Graph", "Robotics"))).files(strata=False),
    "dominant": lambda: worlds.draw_planted(1, worlds.Planted(dominant="CV")).files(strata=False),
}


@pytest.fixture(params=[*CONFIGS, *SIMULATED], scope="module")
def parts(request, simulated):
    """Return each part of the report of each example and simulated world in turn."""
    if request.param in CONFIGS:
        return wholes(CONFIGS[request.param])
    return wholes(simulated(request.param) / "config.yaml")


def texts(parts):
    plain = str.maketrans({"\u00a0": " "})
    return [text.translate(plain) for whole in parts for text in (*(s.text for s in whole.said), *whole.table_texts)]


def test_no_output_has_a_banned_word(parts):
    assert [text for text in texts(parts) if BANNED.search(text)] == []


def test_every_sentence_is_a_sentence(parts):
    for whole in parts:
        for said in whole.said:
            assert said.text.endswith("."), said
            assert said.text[0].isupper() or said.text[0].isdigit() or said.sentence.id.startswith("methods."), said


def test_ids_are_unique_and_hold_no_number(parts):
    for whole in parts:
        ids = [said.sentence.id for said in whole.said]
        assert [name for name in ids if ids.count(name) > 1] == []
        names = " ".join(
            whole.written.part.panels[0].given_categories + whole.written.part.panels[0].outcome_categories
        )
        assert [name for name in ids if re.search(r"\d", name) and not re.search(r"\d", names)] == []


@pytest.mark.parametrize("fault", WRONG)
def test_english_is_right_at_its_edges(parts, fault):
    said = [s.text for whole in parts for s in whole.said if not s.sentence.id.startswith(("methods.", "note."))]
    assert [text for text in said if WRONG[fault].search(text)] == []


def test_what_is_banned_and_wrong_is_noticed():
    """The tests above can fail."""
    faults = {
        "one of many": "1 models are",
        "false nothing or all": "about 100% of",
        "spaces": "a  b",
        "marks": "so..",
        "nothing there": "of nan models",
        "twice": "of the the",
    }
    assert faults.keys() == WRONG.keys()
    assert all(WRONG[name].search(text) for name, text in faults.items())
    assert BANNED.search("a Better one")
    assert not WRONG["false nothing or all"].search("over 99%, 10 to 50%")
