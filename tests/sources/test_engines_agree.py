"""Polars and Spark count what DuckDB counts, to the last bit: every example, and made-up data of every form."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from diptych.config.loading import load_config
from diptych.ledger.recounts import Change
from diptych.pipeline import build
from diptych.pipeline.counting import compiled, count_all, counted_relations, read_entities
from diptych.relations.meet import meet
from diptych.relations.meeting import DeclaredRelation
from diptych.sources.located import open_engine
from tests.counting import count_incidence, find_contributors, measure_coverage, recount
from tests.draws import NIGHTLY, draws
from tests.sources.engines import OTHERS
from tests.sources.generated import N_TOPICS, write_generated
from tests.sources.same import assert_same

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
EXAMPLES = ["examples/survey", "config.yaml", "examples/published", "examples/rodents"]
"""All but that which needs the network; the first every day, beside made-up data of every form, all every night."""


@pytest.fixture(params=OTHERS)
def other(request):
    """Each engine but DuckDB, with its session active."""
    if request.param == "spark":
        request.getfixturevalue("spark_session")
    return request.param


@cache
def example(config, engine):
    path = ROOT / config
    return count_all(load_config(path if path.suffix else path / "config.yaml", engine=engine))


@pytest.mark.parametrize("config", EXAMPLES[: draws(1, 4)])
def test_examples(config, other):
    assert_same(example(config, "duckdb"), example(config, other))


def test_no_example_is_forgotten():
    folders = {path.parent.relative_to(ROOT).as_posix() for path in ROOT.glob("examples/*/config.yaml")}
    assert folders - set(EXAMPLES) == {"examples/hub"}


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    return write_generated(tmp_path_factory.mktemp("generated"))


CHANGES = [Change("item", "models", "m3"), Change("label", "models", "t5"), Change("replaces", "datasets", "Several")]
"""What a recount of the links by themselves asks."""


NIGHTLY_ALONE = ("by_from", "both", "lists")
"""Relations that another engine counts every night: of the tables of `by_to`, as `either`, and of lists as items have."""


def counted(config, name, left_out=()):
    """Everything that crosses from an engine, of each entity and of relations but those that are left out."""
    loaded = load_config(config, engine=name)
    taxonomies = compiled(loaded.config)
    with open_engine(loaded.config.engine) as engine:
        items = read_entities(loaded.config, taxonomies, engine, loaded.folder)
        found = {entity: (one.labels, one.notes, one.n_items, one.found.taxonomy) for entity, one in items.items()}
        for relation, settings in counted_relations(loaded.config).items():
            if relation in left_out:
                continue
            meeting = meet(
                DeclaredRelation(relation, settings, engine, loaded.folder, loaded.config.public), items, taxonomies
            )
            incidence = count_incidence(meeting, engine)
            carriers = find_contributors(meeting, engine)
            told = (meeting.notes, meeting.labels, meeting.n_resolved, meeting.n_unresolved, meeting.n_candidates)
            found[relation] = (incidence, measure_coverage(meeting, engine), carriers, told)
            if relation == "by_link":
                found["recounts"] = recount(meeting, engine, CHANGES)
        return found


@pytest.fixture(scope="module")
def by_duckdb(generated):
    return counted(generated, "duckdb")


def test_generated_data_is_worth_comparing(by_duckdb):
    incidences = {name: found[0] for name, found in by_duckdb.items() if len(found) == 4 and found[0] is not None}
    incidences = {name: found for name, found in incidences.items() if name not in ("datasets", "models", "weighted")}
    assert len(incidences) == 8
    assert min(incidence.n_units for incidence in incidences.values()) >= 4
    assert incidences["by_to"].column_sets.shape[1] == N_TOPICS
    assert incidences["by_to"].column_sets[:, 124:].any()  # the third word
    assert incidences["by_to"].weight_scale == 10**6
    recounted = [incidence.n_units for incidence in by_duckdb["recounts"].values()]
    assert len(recounted) == 3
    assert min(recounted) < incidences["by_link"].n_units
    assert [note.slug for note in by_duckdb["datasets"][1]] == ["merged_aliases", "near_ids", "unbalanced_brackets"]


@pytest.mark.nightly
def test_generated_data(generated, by_duckdb, other):
    left_out = () if NIGHTLY else NIGHTLY_ALONE
    there = {name: found for name, found in by_duckdb.items() if name not in left_out}
    assert len(there) == len(by_duckdb) - len(left_out)
    assert_same(there, counted(generated, other, left_out))


def test_a_site_is_the_same_to_the_byte(tmp_path, other, monkeypatch, sites):
    counted_before = example("examples/survey", other)
    module = import_module("diptych.pipeline.build")  # whose name in the package is the function's
    monkeypatch.setattr(module, "count_all", lambda _: counted_before)
    folders = [sites("survey"), tmp_path / "site"]
    build(ROOT / "examples" / "survey" / "config.yaml", folders[1], engine=other)
    files = sorted(path.relative_to(folders[0]) for path in folders[0].rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(folders[1]) for path in folders[1].rglob("*") if path.is_file())
    assert Path("report.json") in files
    different = [str(file) for file in files if len({(folder / file).read_bytes() for folder in folders}) > 1]
    assert different == ["manifest.json"]  # which says what counted
