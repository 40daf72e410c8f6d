"""A shared key on data counted by hand: who is left out, and keys whose items disagree."""

from __future__ import annotations

from pathlib import Path

import pytest

from diptych.errors import DataError, Note
from diptych.relations import RelationSettings
from diptych.relations.attributes import item_attributes
from diptych.relations.meet import meet
from diptych.relations.meeting import DeclaredRelation
from tests.counting import count_incidence
from tests.relations.reference import Thing, counted_patterns, make_items


@pytest.fixture
def world(engine):
    datasets = {
        "d1": Thing(frozenset({0}), {"owner": "ann", "land": "fr", "weight": "2"}),
        "d2": Thing(frozenset({1}), {"owner": "ann", "land": "fr", "weight": "2"}),
        "d3": Thing(frozenset({1}), {"owner": None, "land": "de", "weight": "2"}),
    }
    models = {
        "m1": Thing(frozenset({0}), {"owner": "ann", "land": "de"}),
        "m2": Thing(frozenset({1}), {"owner": "bob", "land": "de"}),
        "m3": Thing(frozenset({1}), {"owner": "", "land": "de"}),
        "m4": Thing(frozenset(), {"owner": None, "land": "de"}),
    }
    return {"datasets": make_items(engine, "datasets", datasets, 2), "models": make_items(engine, "models", models, 2)}


def met(world, engine, **more):
    relation = {"shared": {"key": "owner", "entities": ["datasets", "models"]}} | more
    return meet(DeclaredRelation("owners", RelationSettings.model_validate(relation), engine, Path()), world, {})


def test_either_is_the_default(world, engine):
    meeting = met(world, engine)
    assert counted_patterns(count_incidence(meeting, engine)) == {
        ("", None, frozenset({0, 1}), frozenset({0})): (1, 1.0, 1.0),
        ("", None, frozenset(), frozenset({1})): (1, 1.0, 1.0),
    }
    assert meeting.notes == (
        Note("no_key", "owners", "1 of 3 datasets has no owner; left out"),
        Note("unweighted", "owners", "the weights of datasets do not count: the unit is the owner, which has none"),
        Note("no_key", "owners", "2 of 4 models have no owner; left out"),
    )


def test_both(world, engine):
    assert count_incidence(met(world, engine, population="both"), engine).n_units == 1


def test_levels_must_be_the_same_for_all_items_of_a_unit(world, engine):
    with pytest.raises(DataError) as caught:
        met(world, engine, strata="land")
    assert str(caught.value) == (
        "relations.owners: land cannot group or stratify by owner: 1 owner has items with different values of it, "
        'e.g. "ann"'
    )


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            {"shared": {"key": "ownr", "entities": ["datasets", "models"]}},
            (
                'relations.owners.shared.key: "ownr" is not a column or attribute of entity datasets '
                '(did you mean "owner"?)'
            ),
        ),
        (
            {"group": "plot"},
            'relations.owners: "plot" is not a column or attribute of entity datasets nor of entity models',
        ),
    ],
)
def test_faults_in_words(world, engine, more, message):
    with pytest.raises(DataError) as caught:
        met(world, engine, **more)
    assert str(caught.value) == message


def test_what_is_asked_of_the_entities():
    relation = RelationSettings.model_validate(
        {"shared": {"key": "owner", "entities": ["datasets", "models"]}, "strata": ["activity", "land"]}
    )
    assert item_attributes(relation, "models") == ("owner", "land")
    assert item_attributes(relation, "people") == ()
