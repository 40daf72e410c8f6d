"""Noun phrases and verb phrases of units, for phrases as people write them."""

from dataclasses import replace

import pytest

from diptych.words.names import singular_verb, tense_of
from tests.words.statements import links, records, shared, table


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


@pytest.mark.parametrize(
    ("phrase", "category", "again"),
    [
        ("have {} jobs", "Analyst", "Analyst"),
        ("come from {}", "Chad", "from Chad"),
        ("end in room {}", "B", "in room B"),
        ("earn {} thousand", "20-30", "earn 20-30 thousand"),
        ("are a {}", "Baker", "Bakers"),
    ],
)
def test_further_categories_are_no_whole_phrases(phrase, category, again):
    assert side(phrase).again(category) == again


def test_people_are_who():
    assert side("smoke {}", unit=("adult patient", "adult patients")).counted("pipes").startswith("adult patients who ")
    assert side("smoke {}", unit=("kiln", "kilns")).counted("pipes").startswith("kilns that ")


@pytest.mark.parametrize(
    ("role", "x", "y"),
    [
        ("to", "soups cooked in Zug pots", "are Zug soups"),
        ("from", "Zug pots", "are used for Zug soups"),
        ("link", "uses from Zug pots", "lead to Zug soups"),
    ],
)
def test_links(role, x, y):
    voice = links(role).of(table())
    assert (voice.x.counted("Zug"), voice.y.does("Zug")) == (x, y)
    assert not links(role).is_bare
    turned = links(role).of(table(is_flipped=True))
    assert (turned.y, turned.x) == (voice.x, voice.y)


def test_a_kind_with_itself():
    voice = shared().of(table(is_shared=True))
    assert voice.x.counted("wren") == "walks with wren birds"
    assert voice.others == "walks without"


@pytest.mark.parametrize(
    ("names", "plural"),
    [
        (("package",), "packages"), (("home_country",), "home countries"), (("sex",), "sexes"), (("education",), "levels of education"),
        (("sex", "age"), "combinations of sex and age"),
    ],
)  # fmt: skip
def test_plurals_of_strata(names, plural):
    assert records(stratum_names=names).strata == plural


def test_units_of_one_group():
    names = records()
    assert names.alike("package") == "anglers from the same package"
    assert names.alike("sex") == "anglers with the same sex"
    assert names.alike("patient") == "anglers of the same patient"
    assert records(group_names=("a", "b")).groups == "clusters"


@pytest.mark.parametrize(
    ("label", "category", "line"),
    [("home_town", "Bern", "home town Bern"), ("Line", "Line 6", "Line 6"), ("Rooms", "3", "Rooms “3”"),
     ("Do you fish?", "yes", "Do you fish? “yes”"), ("Row option", "radio", "radio")],
)  # fmt: skip
def test_labelled_lines_print_names_of_columns(label, category, line):
    found = replace(side(""), kind=replace(side("").kind, label=label))
    assert found.labelled(category) == line
    assert replace(found, is_brief=True).labelled(category).strip("“”") == category
