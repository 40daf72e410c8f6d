"""Splitting, prefixes, rules, derived categories and sets of words equal sets computed in Python."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diptych.relations.hidden import TextOrigin
from diptych.relations.labels import FieldForm, read_labels
from diptych.sources import EngineSettings
from diptych.sources.located import open_engine
from diptych.taxonomy import TaxonomySettings, compile_taxonomy
from diptych.taxonomy.categorise import members

CATEGORIES = 130
WORDS = [f"w{number}" for number in range(CATEGORIES + 10)]  # ten that no rule knows

labels = st.one_of(st.sampled_from(WORDS), st.sampled_from(WORDS[::61]), st.sampled_from(["", " ", "W1", "x|y"]))
fields = st.lists(st.tuples(st.sampled_from(["", "t:", " t: ", "u:"]), labels), max_size=6)
raws = st.lists(st.one_of(st.none(), fields), max_size=8)
names = st.integers(0, CATEGORIES - 1)
derived = st.lists(st.tuples(names, st.lists(names, min_size=2, max_size=5, unique=True), st.booleans()), max_size=4)


@pytest.fixture(scope="module")
def engine():
    engine = open_engine(EngineSettings(threads=1))
    yield engine
    engine.close()


def taxonomy_of(rules):
    """w0, w1, ... each in its category, w7 also in category 8, those of w that end in 99 in category 129 as well."""
    entries = [
        {"name": f"c{number}", "match": [f"w{number}", *(["w7"] if number == 8 else [])]}
        for number in range(CATEGORIES)
    ]
    entries[99] = {"name": "c99", "pattern": "^w99$"}
    entries.append({"name": "c129", "pattern": "^w.*99$"})
    entries += [
        {"name": f"c{target}", "when_several_of": [f"c{n}" for n in of], "replaces": replaces}
        for target, of, replaces in rules
    ]
    return compile_taxonomy(TaxonomySettings.model_validate({"categories": entries}), "many")


def expected(raw, separator, prefix, rules):
    """The same in plain Python: the set of category numbers of one raw text."""
    found = set()
    for label in raw.split(separator):
        stripped = label.strip()
        if not stripped.startswith(prefix):
            continue
        word = stripped[len(prefix) :].strip()
        if word == "w99":
            found |= {99, 129}
        elif re.fullmatch(r"w(\d|[1-9]\d|1[0-2]\d)", word):
            found |= {int(word[1:])} | ({8} if word == "w7" else set())
    for target, of, replaces in rules:
        if len(found & set(of)) >= 2:
            found = (found - set(of) if replaces else found) | {target}
    return found


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    rows=raws, separator=st.sampled_from(["|", ";", ".", "||", "\\"]), prefix=st.sampled_from(["", "t:"]), rules=derived
)
def test_engine_equals_sets(engine, rows, separator, prefix, rules):
    texts = [None if row is None else separator.join(mark + label for mark, label in row) for row in rows]
    column = FieldForm(separator, prefix or None)
    compiled = taxonomy_of(rules)
    frame = engine.load({"raw": texts, "key": range(len(texts))}, ["key"])
    want = {(n, c) for n, raw in enumerate(texts) if raw is not None for c in expected(raw, separator, prefix, rules)}

    found = read_labels(
        frame, [("raw", column)], np.ones(len(texts), int), compiled, engine, TextOrigin("items", None, Path(), ())
    )
    held = members(found.words[found.type], CATEGORIES)
    assert sorted(want) == [tuple(one) for one in np.argwhere(held).tolist()]
