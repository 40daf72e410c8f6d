"""The ledger gives what the engine gave: relations of every form, grown from seeds."""

import os
import random

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from diptych.recounts import Change
from diptych.sources.opening import open_engine
from diptych.sources.settings import EngineSettings
from tests.ledger.compare import compare
from tests.recounts.test_recounts_rebuilt import (
    RECORDS,
    RELATIONS,
    SEEDS,
    TAXONOMY,
    World,
    answered,
    edits,
    worlds,
)
from tests.recounts.world import met

MANY = settings(
    max_examples=int(os.environ.get("DIPTYCH_WORLDS", "4")),
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def engine():
    engine = open_engine(EngineSettings(threads=1))
    yield engine
    engine.close()


@pytest.mark.parametrize("form", RELATIONS)
def test_relations(engine, form):
    @MANY
    @given(worlds(form))
    def check(world):
        with engine.scope():
            meeting = met(world, engine)
            compare(meeting, engine, edits(world, meeting))

    check()


@pytest.mark.parametrize("population", [None, "labelled"])
@pytest.mark.parametrize("strata", [["via"], ["activity"]])
def test_records(engine, population, strata):
    @MANY
    @given(SEEDS.map(answered))
    def check(rows):
        with engine.scope():
            world = World(TAXONOMY, {**RECORDS, "population": population, "strata": strata}, {"answers": rows})
            changes = [Change("label", side, label) for side in ("rows", "columns") for label in ("a", "m", "odd")]
            compare(met(world, engine), engine, [*changes, Change("replaces", None, "M")])

    check()


@pytest.mark.parametrize("n_categories", [1, 2, 62, 65, 130, 200])
def test_many_categories(engine, n_categories):
    draw = random.Random(n_categories)
    names = [f"c{i}" for i in range(n_categories)]
    entries = [{"name": name, "match": [f"l{i}", f"m{i}"]} for i, name in enumerate(names)]
    if n_categories > 2:
        entries.append({"name": names[-1], "when_several_of": names[: n_categories // 2 + 1], "replaces": True})
        entries.append({"name": names[0], "when_several_of": [names[-1], names[1]]})
    labels = [f"{letter}{i}" for letter in "lmx" for i in range(n_categories)]

    def items(letter, n):
        plots = [draw.choice("pqrs") for _ in range(n)]
        chosen = [draw.sample(labels, draw.randint(0, min(4, len(labels)))) for _ in range(n)]
        return [{"id": f"{letter}{i}", "labels": chosen[i], "plot": plots[i], "key": ""} for i in range(n)]

    links = sorted({(f"d{draw.randrange(60)}", f"m{draw.randrange(150)}") for _ in range(400)})
    tables = {"datasets": items("d", 60), "models": items("m", 150)}
    tables["links"] = [{"source": s, "target": t, "via": "y", "w": "1"} for s, t in links]
    world = World({"categories": entries}, RELATIONS["to"] | {"strata": ["plot"]}, tables)
    with engine.scope():
        compare(met(world, engine), engine)
