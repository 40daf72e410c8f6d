"""Records against plain Python, on random small data: equal rows, empty fields, unknown labels, weights."""

from __future__ import annotations

import csv
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diptych.config.checks import PUBLIC
from diptych.relations import RelationSettings
from diptych.relations.meet import meet
from diptych.relations.meeting import DeclaredRelation
from diptych.taxonomy import TaxonomySettings, compile_taxonomy
from tests.counting import count_incidence, find_contributors, measure_coverage
from tests.draws import draws
from tests.relations.reference import (
    PlainUnit,
    counted_contributions,
    counted_patterns,
    key_of,
    plain_levels,
    plain_patterns,
)

pytestmark = pytest.mark.slow

QUICK = settings(max_examples=draws(12, 40), deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
COLUMNS = ["skills", "jobs", "place", "sex", "w"]
SKILLS = TaxonomySettings.model_validate(
    {"categories": [{"name": "A", "match": ["a", "aa"]}, {"name": "B", "match": "b"}]}
)
JOBS = TaxonomySettings.model_validate(
    {"categories": [{"name": "X", "match": "x"}, {"name": "Y", "match": ["y", "x"]}]}
)


def fields(*labels):
    return st.lists(st.sampled_from(labels), max_size=4).map("; ".join)


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "skills": fields("a", "aa", "b", "unheard of"),
            "jobs": fields("x", "y", "unknown", ""),
            "place": st.sampled_from(["here", "there", ""]),
            "sex": st.sampled_from(["f", "m"]),
            "w": st.sampled_from(["1", "0.5", "3"]),
        }
    ),
    min_size=1,
    max_size=20,
)


def labels(field):
    return frozenset(part.strip() for part in field.split(";") if part.strip())


def sets(field, taxonomy):
    return frozenset(i for i, c in enumerate(taxonomy.categories) if labels(field) & set(c.match))


def plain_units(whole, group, strata, *, labelled, weighted):
    units = []
    for number, row in enumerate(whole):
        row_set, column_set = sets(row["skills"], SKILLS), sets(row["jobs"], JOBS)
        if labelled and not (row_set and column_set):
            continue
        activity = f"{len(labels(row['skills']))} x {len(labels(row['jobs']))}"
        units.append(
            PlainUnit(
                number,
                frozenset(),
                frozenset(),
                row_set,
                column_set,
                key_of(strata, row | {"activity": activity}) if strata else "",
                key_of(group, row) if group else None,
                Fraction(row["w"]) if weighted else Fraction(1),
            )
        )
    return units


def check_coverage(coverage, read, whole, units):
    assert (coverage.n_links, coverage.n_resolved, coverage.n_units) == (len(read), len(whole), len(units))
    assert coverage.n_unlabelled_units == sum(not (u.row_set and u.column_set) for u in units)
    for side, column, taxonomy, own in (
        (coverage.rows, "skills", SKILLS, "row_set"),
        (coverage.columns, "jobs", JOBS, "column_set"),
    ):
        found = [sets(row[column], taxonomy) for row in read]
        assert (side.n_items, side.n_labelled, side.n_linked) == (len(read), sum(map(bool, found)), len(units))
        for i, category in enumerate(side.categories):
            assert category.n_items == sum(i in one for one in found)
            assert category.n_exclusive == sum(one == {i} for one in found)
            assert category.n_linked == sum(i in getattr(u, own) for u in units)


@QUICK
@given(rows=ROWS, data=st.data())
def test_records(engine, tmp_path_factory, rows, data):
    group = data.draw(st.sampled_from([(), ("place",), ("place", "sex")]))
    strata = data.draw(st.sampled_from([(), ("sex",), ("place", "activity")]))
    where = data.draw(st.sampled_from([{}, {"sex": ["f"]}, {"place": ["here", None]}]))
    labelled, weighted = data.draw(st.booleans()), data.draw(st.booleans())
    folder = tmp_path_factory.mktemp("records")
    with (folder / "survey.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    relation = RelationSettings.model_validate(
        {
            "records": {
                "source": "survey.csv",
                "rows": {"column": "skills", "separator": ";", "taxonomy": "skills"},
                "columns": {"column": "jobs", "separator": ";", "taxonomy": "jobs", "label": "Job"},
                "label": "answer",
                "where": where,
                "weight": "w" if weighted else None,
            },
            "population": "labelled" if labelled else None,
            "group": list(group),
            "strata": strata,
        }
    )
    taxonomies = {"skills": compile_taxonomy(SKILLS, "skills"), "jobs": compile_taxonomy(JOBS, "jobs")}
    meeting = meet(DeclaredRelation("survey", relation, engine, folder, PUBLIC), {}, taxonomies)

    read = [row for row in rows if all((row[c] or None) in values for c, values in where.items())]
    whole = [row for row in read if labels(row["skills"]) and labels(row["jobs"])]
    units = plain_units(whole, group, strata, labelled=labelled, weighted=weighted)
    incidence = count_incidence(meeting, engine)
    assert counted_patterns(incidence) == plain_patterns(units)
    assert (incidence.unit.role, incidence.unit.plural) == ("record", "answers")
    assert [incidence.rows.name, incidence.rows.kind.label, incidence.columns.kind.label] == ["rows", "skills", "Job"]
    contributors = find_contributors(meeting, engine)
    for by, names in (("stratum", strata), ("group", group)):
        expected = plain_levels(units, by) if names else {}
        assert counted_contributions(contributors, incidence, by) == expected
    check_coverage(measure_coverage(meeting, engine), read, whole, units)
    heard = {count.label: count.n_items for count in meeting.labels if count.kind == "rows"}
    assert heard == {one: sum(one in labels(r["skills"]) for r in read) for r in read for one in labels(r["skills"])}
