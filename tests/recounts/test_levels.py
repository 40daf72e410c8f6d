"""Levels left out, counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from diptych.incidence import without_level
from tests.recounts.world import World, assert_same, counted, patterns, rebuilt

pytestmark = pytest.mark.slow

TAXONOMY = {"categories": [{"name": "A", "match": ["a"]}, {"name": "B", "match": ["b"]}]}
MODELS = [
    {"id": "m1", "labels": ["a"], "key": "k", "plot": "p"},
    {"id": "m2", "labels": ["a", "b"], "key": "k", "plot": "q"},
    {"id": "m3", "labels": ["b"], "key": "l", "plot": "p"},
    {"id": "m4", "labels": ["b"], "key": "n", "plot": "r"},
]
LINKS = {
    "links": {
        "source": "links.csv",
        "from": {"entity": "datasets", "column": "source"},
        "to": {"entity": "models", "column": "target"},
    },
    "strata": ["key"],
    "group": {"columns": ["plot"], "public": True},
}
WORLD = World(
    TAXONOMY,
    LINKS,
    {
        "datasets": [{"id": "d1", "labels": ["a"]}, {"id": "d2", "labels": ["b"]}],
        "models": MODELS,
        "links": [{"source": s, "target": t} for s, t in (("d1", "m1"), ("d1", "m2"), ("d2", "m3"), ("d2", "m4"))],
    },
)


@pytest.fixture
def incidence(engine):
    return counted(WORLD, engine)[1]


def test_a_stratum_goes_with_its_units(incidence):
    less = without_level(incidence, "stratum", "k")
    assert patterns(less) == {("B", "B"): 2}
    assert (less.strata, less.stratum.tolist()) == (("l", "n"), [0, 1])
    # Group q stood in k alone.
    assert (less.groups, less.n_groups, less.group.tolist()) == (("p", "r"), 2, [0, 1])


def test_a_group_goes_with_its_units(incidence):
    less = without_level(incidence, "group", "p")
    assert patterns(less) == {("A", "A+B"): 1, ("B", "B"): 1}
    assert (less.strata, less.groups, less.n_groups) == (("k", "n"), ("q", "r"), 2)


@pytest.mark.parametrize(("by", "column"), [("stratum", "key"), ("group", "plot")])
def test_it_is_what_counting_the_rest_gives(engine, incidence, by, column):
    for level in {row[column] for row in MODELS}:
        rest = World(TAXONOMY, LINKS, {**WORLD.tables, "models": [row for row in MODELS if row[column] != level]})
        assert_same(without_level(incidence, by, level), rebuilt(rest, engine))


def test_what_is_not_there_leaves_all(incidence):
    assert without_level(incidence, "stratum", "gone") is incidence
    assert without_level(incidence, "group", "gone") is incidence


def test_the_last_level_leaves_nothing(incidence):
    less = incidence
    for name in incidence.strata:
        less = without_level(less, "stratum", name)
    assert (less.n_units, less.strata, less.groups, less.n_groups) == (0, ("",), (), 0)
    assert less.row_sets.shape == (0, 2)
    assert np.array_equal(less.weight, np.zeros(0))
