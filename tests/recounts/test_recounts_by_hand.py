"""Recounts counted by hand: items, labels, derived categories, and which changes are asked by default."""

from __future__ import annotations

import pytest

from diptych.ledger.coverage import Contribution
from diptych.ledger.export import ledger_of
from diptych.ledger.recounts import Change, default_changes
from tests.counting import recount
from tests.recounts.world import World, assert_same, counted, patterns

pytestmark = pytest.mark.slow

TAXONOMY = {
    "categories": [
        {"name": "NLP", "match": ["text", "chat"]},
        {"name": "CV", "match": ["image"]},
        {"name": "Multimodal", "when_several_of": ["NLP", "CV"], "replaces": True},
    ]
}
LINKS = {
    "links": {
        "source": "links.csv",
        "from": {"entity": "datasets", "column": "source"},
        "to": {"entity": "models", "column": "target"},
    }
}
WORLD = World(
    TAXONOMY,
    LINKS,
    {
        "datasets": [
            {"id": "squad", "labels": ["text", "chat"]},
            {"id": "coco", "labels": ["image"]},
            {"id": "webli", "labels": ["text", "image"]},
        ],
        "models": [
            {"id": "bert", "labels": ["text"]},
            {"id": "vit", "labels": ["image"]},
            {"id": "clip", "labels": ["text", "image"]},
        ],
        "links": [
            {"source": s, "target": t}
            for s, t in (("squad", "bert"), ("coco", "vit"), ("webli", "vit"), ("webli", "clip"))
        ],
    },
)
DECLARED = {("NLP", "NLP"): 1, ("CV+Multimodal", "CV"): 1, ("Multimodal", "Multimodal"): 1}


@pytest.fixture(scope="module")
def world(engine):
    return counted(WORLD, engine)


def test_each_change(engine, world):
    meeting, incidence, _ = world
    assert patterns(incidence) == DECLARED
    expected = {
        # clip has no other data set; vit keeps coco.
        Change("item", "datasets", "webli"): {("NLP", "NLP"): 1, ("CV", "CV"): 1},
        # A model is a unit: the others stay as they are.
        Change("item", "models", "bert"): {k: n for k, n in DECLARED.items() if k != ("NLP", "NLP")},
        # squad still chats; webli has pictures alone.
        Change("label", "datasets", "text"): {("NLP", "NLP"): 1, ("CV", "CV"): 1, ("CV", "Multimodal"): 1},
        # coco is left without a category and stays, as does vit.
        Change("label", "datasets", "image"): {
            ("NLP", "NLP"): 1,
            ("NLP", "CV"): 1,
            ("NLP", "Multimodal"): 1,
        },
        Change("label", "models", "image"): {("NLP", "NLP"): 1, ("CV+Multimodal", ""): 1, ("Multimodal", "NLP"): 1},
    }
    found = recount(meeting, engine, list(expected))
    assert {change: patterns(one) for change, one in found.items()} == expected


def test_what_is_not_there_changes_nothing(engine, world):
    meeting, incidence, _ = world
    changes = [Change("item", "datasets", "gone"), Change("label", "models", "gone")]
    for one in recount(meeting, engine, changes).values():
        assert_same(one, incidence)
    assert recount(meeting, engine, []) == {}


def test_unknown_sides_are_refused(engine, world):
    meeting, _, _ = world
    with pytest.raises(ValueError, match=r'^"people" is no side of relation r$'):
        recount(meeting, engine, [Change("item", "people", "ann")])


def test_labels_that_carry_cells(world):
    contributors = world[2]
    labels = [c for c in contributors.cells if c.by == "label"]
    assert [c for c in labels if (c.row, c.column) == ("NLP", "NLP")] == [
        # squad would still be NLP by its other label.
        Contribution("NLP", "NLP", "label", "chat", 1, 0, "datasets"),
        Contribution("NLP", "NLP", "label", "text", 1, 0, "datasets"),
        Contribution("NLP", "NLP", "label", "text", 1, 1, "models"),
    ]
    # Without pictures webli is no longer both, and neither is clip.
    assert [c for c in labels if (c.row, c.column) == ("Multimodal", "Multimodal")] == [
        Contribution("Multimodal", "Multimodal", "label", "image", 1, 1, "datasets"),
        Contribution("Multimodal", "Multimodal", "label", "text", 1, 1, "datasets"),
        Contribution("Multimodal", "Multimodal", "label", "image", 1, 1, "models"),
        Contribution("Multimodal", "Multimodal", "label", "text", 1, 1, "models"),
    ]
    # Text does not lead to CV, though webli (which then would be CV) keeps vit there.
    assert [c.name for c in labels if (c.row, c.column, c.side) == ("CV", "CV", "datasets")] == ["image"]


def test_default_changes(engine, world):
    meeting, incidence, contributors = world
    assert default_changes(ledger_of(meeting, engine), incidence, contributors) == (
        Change("item", "datasets", "webli"),  # most models have it
        Change("item", "datasets", "squad"),
        Change("label", "datasets", "chat"),
        Change("label", "models", "text"),
        Change("item", "datasets", "coco"),
        Change("label", "datasets", "image"),
        Change("label", "models", "image"),
    )
