"""Noun phrases and verb phrases of units, for phrases as people write them."""

import pytest

from diptych.words import singular_verb, tense_of
from tests.words.statements import records, table


def side(phrase, **more):
    return records(phrase, phrase, **more).of(table()).x


@pytest.mark.parametrize(
    ("phrase", "category", "units", "one"),
    [
        ("are {}", "adult", "adult anglers", "adult angler"),
        ("are {}", "at risk", "anglers that are at risk", "angler that is at risk"),
        ("are {}", "65+", "anglers that are 65+", "angler that is 65+"),
        ("are {}", "not in work", "anglers that are not in work", "angler that is not in work"),
        ("are {} anglers", "keen", "keen anglers", "keen angler"),
        ("are a {}", "Baker", "anglers that are Bakers", "angler that is a Baker"),
        ("are aged {}", "65+", "anglers aged 65+", "angler aged 65+"),
        ("are by {}s", "Baker", "anglers by Bakers", "angler by Bakers"),
        ("are flown by {}", "US", "anglers flown by US", "angler flown by US"),
        ("are very {}", "keen", "anglers that are very keen", "angler that is very keen"),
        ("come from {}", "Chad", "anglers from Chad", "angler from Chad"),
        ("have {} skills", "Data", "anglers with Data skills", "angler with Data skills"),
        ("has {} skills", "Data", "anglers with Data skills", "angler with Data skills"),
        ("have a {} permit", "open", "anglers with an open permit", "angler with an open permit"),
        ("have been {}", "ill", "anglers that have been ill", "angler that has been ill"),
        ("have never {}", "rowed", "anglers that have never rowed", "angler that has never rowed"),
        ("had {}", "a stroke", "anglers that had a stroke", "angler that had a stroke"),
        ("were {}", "ill", "anglers that were ill", "angler that was ill"),
        ("answered {}", "yes", "anglers that answered yes", "angler that answered yes"),
        ("would vote for {}", "Ada", "anglers that would vote for Ada", "angler that would vote for Ada"),
        ("live on {}", "Skye", "anglers that live on Skye", "angler that lives on Skye"),
        ("do not {}", "smoke", "anglers that do not smoke", "angler that does not smoke"),
    ],
)
def test_units_with_a_category(phrase, category, units, one):
    assert side(phrase).counted(category) == units
    assert side(phrase).counted(category, 1) == one


@pytest.mark.parametrize(
    ("phrase", "category", "infinitive"),
    [
        ("are {}", "bad", "to be bad"),
        ("are a {}", "Baker", "to be Bakers"),
        ("are not {}", "ill", "not to be ill"),
        ("do not {}", "smoke", "not to smoke"),
        ("have {} jobs", "Writer", "to have Writer jobs"),
        ("need {}", "help", "to need help"),
    ],
)
def test_what_units_are_likely_to(phrase, category, infinitive):
    assert side(phrase).infinitive(category) == infinitive


@pytest.mark.parametrize(
    ("verb", "tense"),
    [("have", "present"), ("need", "present"), ("feed", "present"), ("had", "past"), ("answered", "past"),
     ("went", "past"), ("were", "auxiliary"), ("would", "auxiliary"), ("can", "auxiliary")],
)  # fmt: skip
def test_tenses(verb, tense):
    assert tense_of(verb) == tense
    assert tense == "present" or verb == "were" or singular_verb(verb) == verb
