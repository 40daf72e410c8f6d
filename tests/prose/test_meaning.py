"""Every sentence of the first page against the raw table, by its plain meaning: of public tables, examples and worlds.

A sentence is read by its own words (`meaning.Reader`), and what it says is worked out of the table in pandas. What is
not worked out: the ends of intervals, what crossings expect of each other, and which of several things a statement
rests on most. That a unit is too coarse to tell categories apart is not read yet.
"""

from __future__ import annotations

import contextlib
import os
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diptych.document.model import FIRST_PAGE
from diptych.errors import DataError
from tests.examples.relations import CONFIGS, relations
from tests.prose.meaning import Reader
from tests.prose.raw import of_project, of_relation, of_table
from tests.prose.wholes import wholes
from tests.public.projects import PROJECTS, Axis, Project, config

NUMBER = re.compile(r"(?<![\w.,$-])\d[\d,]*(?:\.\d+)?(?![\w-])")


def page(whole):
    """Return the sentences of the first page, each statement of the story with those of it that stand behind the page."""
    said = [one for one in whole.said if one.section in FIRST_PAGE and not one.sentence.id.startswith("coarse.")]
    cut = [one for one in whole.said if one.section == "analysis" and one.sentence.id.startswith("story.")]
    found = []
    for place, one in enumerate(said):
        found.append(one.text)
        about = re.sub(r"-(also|within|rests|over-all)$", "", one.sentence.id)
        following = said[place + 1].sentence.id if place + 1 < len(said) else ""
        if about.startswith("story.") and not following.startswith(about):
            found += [two.text for two in cut if two.sentence.id.startswith(f"{about}-")]
    return found


def false(raw, texts):
    """Return the sentences that are not so, or that no reading is known of."""
    reader = Reader(raw)
    return [(verdict, text) for text in texts if (verdict := reader.holds(text)) is not True]


@pytest.mark.parametrize("name", PROJECTS)
def test_every_sentence_of_a_public_table_is_so(name, public):
    (whole,) = public(name)
    assert false(of_project(name), page(whole)) == []


@pytest.mark.parametrize(
    ("name", "said", "plural", "phrases"),
    [
        ("survey", ("skill", "job"), "answers", ("have {} skills", "have {} jobs")),
        ("rodents", ("genus", "plot type"), "captures", None),
    ],
)
def test_every_sentence_of_an_example_of_records_is_so(name, said, plural, phrases):
    raw = of_relation(relations(name)[0], said, plural, phrases)
    assert false(raw, page(wholes(CONFIGS[name])[0])) == []


def world(seed):
    """Return a project and its table, drawn at random: of few or many units and categories, with or without a fact."""
    rng = np.random.default_rng(seed)
    n, same = int(rng.choice([1, 12, 60, 300, 900])), rng.random() < 0.3
    letters = [f"{a}{b}" for a in "ABCDE" for b in "klmnop"]
    rows = letters[: int(rng.choice([2, 3, 5, 8, 30]))]
    columns = rows if same else [name[::-1] for name in letters[: int(rng.choice([2, 3, 6]))]]
    several, strata, groups, weights = rng.random(4) < (0.3, 0.35, 0.3, 0.2)
    level = rng.integers(3, size=n)
    of_rows = rng.dirichlet(np.ones(len(rows)), 3)
    of_columns = rng.dirichlet(np.ones(len(columns)), 3)
    table = {"place": [f"s{k}" for k in level], "team": [f"t{k}" for k in rng.integers(1 + n // 4, size=n)]}
    which = level if strata else np.zeros(n, dtype=int)
    first = [rng.choice(len(rows), p=of_rows[k]) for k in which]
    second = [rng.choice(len(columns), p=of_columns[k]) for k in which]
    if rng.random() < 0.6:  # something goes together
        tied = rng.random(n) < rng.choice([0.2, 0.5, 0.9])
        second = [i % len(columns) if is_ else j for i, j, is_ in zip(first, second, tied, strict=True)]

    def field(chosen, names):
        found = [names[chosen]]
        if several and rng.random() < 0.3:
            found.append(str(rng.choice(names)))
        if rng.random() < 0.03:
            found = ["unknown"] if rng.random() < 0.5 else []
        return ";".join(dict.fromkeys(found))

    table["had"] = [field(i, rows) for i in first]
    table["got"] = [field(j, columns) for j in second]
    table["times"] = rng.integers(1, 5, size=n)
    separator = ";" if several else None
    project = Project(
        "answer",
        Axis("had", "Gift", separator=separator),
        Axis("got", "Wish", "wishes", separator),
        group=("team",) if groups else (),
        strata=("place",) if strata else (),
        weight="times" if weights else None,
        same=same,
    )
    return project, pd.DataFrame(table).astype(str), (rows, columns)


def told_of(seed, folder):
    project, table, names = world(seed)
    table.to_csv(folder / "world.csv", index=False)
    path = folder / "config.yaml"
    path.write_text(config("world", project, names), encoding="utf-8")
    return of_table(project, table, names), page(wholes(path)[0])


@pytest.fixture
def in_world(tmp_path_factory):
    return lambda seed: told_of(seed, tmp_path_factory.mktemp("world"))


@settings(max_examples=30, derandomize=True, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32 - 1))
def test_every_sentence_of_a_generated_world_is_so(seed, in_world):
    try:
        raw, texts = in_world(seed)
    except DataError:  # no unit has a category
        return
    assert false(raw, texts) == []


@pytest.mark.skipif("DIPTYCH_WORLDS" not in os.environ, reason="takes minutes: DIPTYCH_WORLDS=500 asks for so many")
def test_every_sentence_of_many_worlds_is_so(in_world):
    found = {}
    for seed in range(int(os.environ["DIPTYCH_WORLDS"])):
        with contextlib.suppress(DataError):
            found[seed] = false(*in_world(seed))
    assert {seed: wrong for seed, wrong in found.items() if wrong} == {}


def changed(text, n):
    """Return a text with its n-th number made another."""
    found = list(NUMBER.finditer(text))[n]
    value = float(found.group().replace(",", ""))
    other = f"{value + 7:,.0f}" if value.is_integer() else f"{value * 1.7 + 1:.1f}"
    return text[: found.start()] + other + text[found.end() :]


UNCHECKED = re.compile(
    r" \([^()]* to [^()]*\)|(?<=where )[\d.,]+ (?=would be)|[\d.,]+ (?=times as often as (?:chance would make them|expected))|; [\d.,]+ over all"
)
"""Numbers that no table tells by itself: ends of intervals, what crossings expect, what could have been found."""


@pytest.mark.parametrize("name", PROJECTS)
def test_a_spoilt_number_is_noticed(name, public):
    """Each number of each sentence made another is noticed: by what is so, not by how it is written."""
    (whole,) = public(name)
    raw, texts = of_project(name), page(whole)
    missed = []
    for place, text in enumerate(texts):
        held = UNCHECKED.sub(lambda found: re.sub(r"\d", "#", found.group()), text)
        for n, found in enumerate(NUMBER.finditer(text)):
            if not raw.plain and "accounts for" in text:
                continue  # what groups and weights make of chance is worked out by the tests of inference
            if "#" in held[found.start() : found.end()] or _in_name(raw, text, found.span()):
                continue
            reader = Reader(raw)
            for before in texts[:place]:
                reader.holds(before)
            if reader.holds(changed(text, n)) is True:
                missed.append((text, found.group()))
    assert missed == []


def _in_name(raw, text, span):
    names = [*raw.names[0], *raw.names[1], *raw.units["stratum"].unique(), *raw.units["group"].unique()]
    return any(
        found.start() <= span[0] and span[1] <= found.end()
        for name in names
        if name
        for found in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text)
    )


@pytest.mark.parametrize("name", PROJECTS)
def test_a_spoilt_name_is_noticed(name, public):
    """In each statement about pairs the category that it is about made another of its side is noticed."""
    (whole,) = public(name)
    raw, missed, n = of_project(name), [], 0
    reader = Reader(raw)
    for text in page(whole):
        if reader.holds(text) is not True or reader.subject is None:
            continue
        side, name_of = reader.subject
        for other in raw.names[side]:
            phrase = f" with {raw.said[side]} {name_of} "
            if other != name_of and phrase in text and raw.n(raw.has(side, other)):
                spoilt = text.replace(phrase, f" with {raw.said[side]} {other} ")
                n += 1
                if Reader(raw).holds(spoilt) is True and not _alike(raw, side, name_of, other):
                    missed.append(spoilt)
    assert len(missed) <= n / 20, missed  # of another it may happen to be so


def _alike(raw, side, first, second):
    """Return whether two categories have the same number of units, so that a count tells them not apart."""
    return abs(raw.n(raw.has(side, first)) - raw.n(raw.has(side, second))) < 5


def test_what_is_false_is_noticed():
    """The readings can say no: of words that stand for all and none."""
    raw = of_project("penguins")
    true = [
        "All 68 penguins with species Chinstrap have island Dream, against 20 % of the others.",
        "None of the 124 penguins with species Gentoo have island Dream, against 56 % of the others.",
    ]
    untrue = [
        "All 152 penguins with species Adelie have island Dream, against 20 % of the others.",
        "None of the 152 penguins with species Adelie have island Dream, against 56 % of the others.",
        "37 % of penguins with species Adelie have island Dream, against none of the others.",
        "56 % of penguins with species Adelie have island Dream, against 35 % of the others.",
        "No pair of categories surely departs from chance.",
    ]
    assert [Reader(raw).holds(text) for text in true] == [True, True]
    assert [Reader(raw).holds(text) for text in untrue] == [False] * 5
    assert Reader(raw).holds("Something that no reading knows.") is None
