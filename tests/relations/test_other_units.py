"""Links that were read are met by another unit: the same as reading them for it."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from diptych import ledger
from diptych.ledger import by_unit
from diptych.ledger.export import ledger_of
from diptych.relations import RelationSettings
from diptych.relations.meet import meet
from diptych.relations.meeting import DeclaredRelation
from tests.counting import count_incidence, counted
from tests.relations.reference import Thing, counted_patterns, make_items
from tests.sources.same import assert_same

pytestmark = pytest.mark.slow

N_CATEGORIES = 130
"""Three words."""


def relation(**more):
    ends = {"from": {"entity": "datasets"}, "to": {"entity": "models", "column": "uses", "separator": ";"}}
    return RelationSettings.model_validate({"links": ends, **more})


@pytest.fixture(scope="module")
def world(engine):
    """Forty datasets and two hundred models that use one to four of them, or one that nobody knows."""
    draw = random.Random(5)  # noqa: S311  a fixed seed is what a test needs
    datasets = {f"d{i}": Thing(frozenset(draw.sample(range(N_CATEGORIES), draw.randint(0, 3)))) for i in range(40)}
    datasets["d0"] = Thing(frozenset({0, 61, 124, 129}))
    models = {f"m{i}": Thing(frozenset(draw.sample(range(3), draw.randint(0, 2)))) for i in range(200)}
    for model in models.values():
        used = [*draw.sample(sorted(datasets), draw.randint(1, 4)), *draw.sample(["gone"], draw.randint(0, 1))]
        model.attributes = {"uses": ";".join(used)}
    return {
        "datasets": make_items(engine, "datasets", datasets, N_CATEGORIES),
        "models": make_items(engine, "models", models, 3),
    }


def met(world, engine, **more):
    return meet(DeclaredRelation("trained_on", relation(**more), engine, Path()), world, {})


@pytest.mark.parametrize("population", ["both", "labelled"])
@pytest.mark.parametrize("declared", ["to", "from", "link"])
def test_links_that_were_read_are_counted_by_another_unit(world, engine, declared, population):
    first = ledger_of(met(world, engine, unit=declared, population=population), engine)
    for unit in ("to", "from", "link"):
        own = count_incidence(met(world, engine, unit=unit, population=population), engine)
        assert_same(own, counted(by_unit(first, unit))[1])


def test_very_many_groups_of_another_unit_are_put_together(world, engine, monkeypatch):
    monkeypatch.setattr(ledger, "MOST_GROUPS", 199)
    monkeypatch.setattr(ledger, "FEWER", 7)
    first = ledger_of(met(world, engine), engine)
    whole = count_incidence(met(world, engine, unit="link"), engine)
    fewer = counted(by_unit(first, "link"))[1]
    assert whole.n_groups == 200
    assert (fewer.n_groups, fewer.groups) == (7, tuple("0123456"))

    def without_groups(incidence):
        found = {}
        for (stratum, _, *sets), (n, *_) in counted_patterns(incidence).items():
            found[stratum, *sets] = found.get((stratum, *sets), 0) + n
        return found

    assert without_groups(fewer) == without_groups(whole)
    monkeypatch.setattr(ledger, "MOST_GROUPS", 200)
    assert_same(counted(by_unit(first, "link"))[1], whole)
