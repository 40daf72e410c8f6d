"""Links on data small enough to count by hand: list columns, kinds with themselves, many categories, faults."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from diptych.config.checks import PUBLIC
from diptych.errors import Note
from diptych.ledger.coverage import Unresolved, YearCoverage
from diptych.relations import RelationSettings
from diptych.relations.attributes import link_attributes
from diptych.relations.meet import meet
from diptych.relations.meeting import DeclaredRelation
from tests.counting import count_incidence, measure_coverage
from tests.relations.reference import Thing, counted_patterns, make_items


def things(**categories):
    return {name: Thing(frozenset(found)) for name, found in categories.items()}


def write(folder, text):
    (folder / "links.csv").write_text(text, encoding="utf-8")
    return folder


def table(**more):
    return {
        "links": {
            "source": "links.csv",
            "from": {"entity": "datasets", "column": "data"},
            "to": {"entity": "models", "column": "model"},
            **more.pop("links", {}),
        },
        **more,
    }


def met(relation, items, engine, base=Path()):
    return meet(
        DeclaredRelation("trained_on", RelationSettings.model_validate(relation), engine, base, PUBLIC), items, {}
    )


@pytest.fixture
def world(engine):
    """Three datasets (text, pictures, both) and three models; dates for the models."""
    datasets = things(squad={0}, coco={1}, webli={0, 1}, blank=set())
    models = things(bert={0}, vit={1}, clip={0, 1})
    for name, date in (("bert", "2018-10-11"), ("vit", "2020"), ("clip", "soon")):
        models[name].attributes = {"date": date, "author": "lab"}
    return {
        "datasets": make_items(engine, "datasets", datasets, 2, {"SQuAD": "squad"}),
        "models": make_items(engine, "models", models, 2),
    }


LINKS = """data,model,via
squad,bert,a
SQuAD,bert,b
coco,vit,a
webli,vit,a
coco,clip,a
webli,clip,a
imagenet,vit,a
imagenet,gpt,b
,bert,b
blank,bert,b
"""


def test_coverage_tells_distinct_links_from_rows(world, engine, tmp_path):
    meeting = met(table(), world, engine, write(tmp_path, LINKS))
    coverage = measure_coverage(meeting, engine)
    assert (coverage.n_links, coverage.n_resolved, coverage.n_candidates, coverage.n_units) == (8, 6, 3, 3)
    assert coverage.unresolved == (Unresolved("datasets", "imagenet", 2), Unresolved("models", "gpt", 1))
    assert (coverage.rows.n_items, coverage.rows.n_labelled, coverage.rows.n_linked) == (4, 3, 4)
    assert coverage.columns.years == (
        YearCoverage(2018, 1, 1, 1),
        YearCoverage(2020, 1, 1, 1),
        YearCoverage(None, 1, 1, 1),
    )
    assert meeting.notes == (Note("empty_end", "trained_on", "1 row of links names nothing in data; left out"),)


def test_list_column_of_one_entity_names_items_of_the_other(engine, tmp_path):
    path = tmp_path / "models.parquet"
    duckdb.sql(
        "select * from (values ('bert', ['dataset:squad', 'licence:mit', 'dataset:gone', 'dataset:']),"
        " ('vit', ['coco']), ('clip', null)) t(id, tags)"
    ).write_parquet(str(path))
    models = make_items(engine, "models", things(bert={0}, vit={1}, clip={0}), 2)
    models = replace(models, table=engine.read_parquet({path: "models.parquet"}))
    items = {"datasets": make_items(engine, "datasets", things(squad={0}, coco={1}), 2), "models": models}
    relation = {
        "links": {"from": {"entity": "datasets"}, "to": {"entity": "models", "column": "tags", "prefix": "dataset:"}}
    }
    meeting = met(relation, items, engine)
    assert counted_patterns(count_incidence(meeting, engine)) == {
        ("", None, frozenset({0}), frozenset({0})): (1, 1.0, 1.0)
    }
    coverage = measure_coverage(meeting, engine)
    assert (coverage.n_links, coverage.n_resolved, coverage.n_candidates) == (2, 1, 3)
    assert coverage.unresolved == (Unresolved("datasets", "gone", 1),)
    assert link_attributes(RelationSettings.model_validate(relation), "models") == ("tags",)


def test_of_a_kind_with_itself_each_side_has_the_items_that_play_its_role(engine):
    # Of six models three name a base: one of them itself, one a base that nobody has.
    names = {"base": None, "tuned": "base", "own": "own, base", "lost": "nowhere", "alone": None, "other": None}
    models = things(**{name: {0} for name in names})
    for name, bases in names.items():
        models[name].attributes = {"bases": bases}
    relation = {
        "links": {
            "from": {"entity": "models", "label": "Base model"},
            "to": {"entity": "models", "column": "bases", "separator": ",", "label": "Derived model"},
        }
    }
    meeting = met(relation, {"models": make_items(engine, "models", models, 1)}, engine)
    coverage = measure_coverage(meeting, engine)
    assert (coverage.n_links, coverage.n_resolved, coverage.n_itself) == (4, 3, 1)
    # tuned, own and lost are derived; base and own are bases
    assert (coverage.n_candidates, coverage.n_named, coverage.n_units) == (3, 3, 2)
    assert (coverage.columns.n_items, coverage.columns.n_linked) == (3, 2)
    assert (coverage.rows.n_items, coverage.rows.n_linked) == (2, 2)


def test_activity_of_links_is_the_number_of_from_items(world, engine, tmp_path):
    meeting = met(table(strata=["activity", "author"]), world, engine, write(tmp_path, LINKS))
    incidence = count_incidence(meeting, engine)
    assert incidence.strata == ("2 x 1 · lab",)
    assert incidence.stratum_names == ("activity", "author")
