"""Links on data small enough to count by hand: list columns, kinds with themselves, many categories, faults."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from diptych.cells import Kind, Unit
from diptych.config.checks import PUBLIC
from diptych.errors import DataError, Note
from diptych.ledger.coverage import Unresolved, YearCoverage
from diptych.relations import RelationSettings
from diptych.relations.attributes import link_attributes
from diptych.relations.meet import meet
from diptych.relations.meeting import DeclaredRelation
from tests.counting import count_incidence, find_contributors, measure_coverage
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


def test_to_items_count_once_with_all_their_from_items(world, engine, tmp_path):
    meeting = met(table(), world, engine, write(tmp_path, LINKS))
    incidence = count_incidence(meeting, engine)
    assert counted_patterns(incidence) == {
        ("", None, frozenset({0}), frozenset({0})): (1, 1.0, 1.0),
        ("", None, frozenset({0, 1}), frozenset({1})): (1, 1.0, 1.0),
        ("", None, frozenset({0, 1}), frozenset({0, 1})): (1, 1.0, 1.0),
    }
    assert incidence.unit == Unit("to", "model", "models")
    assert (incidence.strata, incidence.n_groups, incidence.weighted) == (("",), None, False)


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


def test_a_repeated_link_takes_its_first_level_and_the_to_item_is_its_group(world, engine, tmp_path):
    relation = table(unit="link", strata="via")
    incidence = count_incidence(met(relation, world, engine, write(tmp_path, LINKS)), engine)
    assert counted_patterns(incidence) == {
        ("a", 0, frozenset({0}), frozenset({0})): (1, 1.0, 1.0),
        ("b", 0, frozenset(), frozenset({0})): (1, 1.0, 1.0),
        ("a", 1, frozenset({1}), frozenset({0, 1})): (1, 1.0, 1.0),
        ("a", 1, frozenset({0, 1}), frozenset({0, 1})): (1, 1.0, 1.0),
        ("a", 2, frozenset({1}), frozenset({1})): (1, 1.0, 1.0),
        ("a", 2, frozenset({0, 1}), frozenset({1})): (1, 1.0, 1.0),
    }
    assert (incidence.group_names, incidence.stratum_names, incidence.n_groups) == (("models",), ("via",), 3)


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


def test_links_of_a_kind_with_itself(engine):
    models = things(base={0}, tuned={0, 1}, merged={1})
    for name, bases in (("base", None), ("tuned", "base"), ("merged", "base, tuned")):
        models[name].attributes = {"bases": bases}
    relation = {
        "links": {
            "from": {"entity": "models", "label": "Base model"},
            "to": {"entity": "models", "column": "bases", "separator": ","},
        }
    }
    meeting = met(relation, {"models": make_items(engine, "models", models, 2)}, engine)
    incidence = count_incidence(meeting, engine)
    assert (incidence.rows.name, incidence.columns.name) == ("from", "to")
    assert incidence.rows.kind == Kind("from", "Base model", "base model", "base models")
    assert incidence.columns.kind == Kind("to", "Target Model", "target model", "target models")
    assert incidence.unit == Unit("to", "target model", "target models")
    assert not incidence.trivial_diagonal
    assert counted_patterns(incidence) == {
        ("", None, frozenset({0}), frozenset({0, 1})): (1, 1.0, 1.0),
        ("", None, frozenset({0, 1}), frozenset({1})): (1, 1.0, 1.0),
    }


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


def test_no_link_resolves(world, engine, tmp_path):
    meeting = met(table(), world, engine, write(tmp_path, "data,model\nx,y\n"))
    incidence = count_incidence(meeting, engine)
    assert (incidence.n_units, incidence.row_sets.shape, incidence.strata) == (0, (0, 2), ("",))
    contributors = find_contributors(meeting, engine)
    assert (contributors.cells, contributors.items) == ((), ())
    coverage = measure_coverage(meeting, engine)
    assert (coverage.n_units, coverage.n_links, coverage.n_resolved) == (0, 1, 0)


@pytest.mark.parametrize(
    ("relation", "message"),
    [
        (
            table(group="autor"),
            'relations.trained_on: "autor" is not a column or attribute of entity models (did you mean "author"?)',
        ),
        (
            table(links={"where": {"vias": "a"}, "weight": "w"}, unit="link"),
            (
                'relations.trained_on.links.where: links.csv has no column "vias"; it has data, model, via'
                ' (did you mean "via"?)\n'
                'relations.trained_on.links.weight: links.csv has no column "w"; it has data, model, via'
            ),
        ),
        (
            table(unit="link", strata="year"),
            'relations.trained_on: "year" is not a column or attribute of the links, nor of entity models',
        ),
        (
            table(links={"weight": "via"}, unit="link"),
            'relations.trained_on.links.weight: column via: 10 of 10 are not numbers, e.g. "a"',
        ),
    ],
)
def test_faults_in_words(world, engine, tmp_path, relation, message):
    with pytest.raises(DataError) as caught:
        met(relation, world, engine, write(tmp_path, LINKS))
    assert str(caught.value) == message
