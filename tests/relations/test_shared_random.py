"""Shared keys of every population against plain Python, on random small data."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diptych.config.checks import PUBLIC
from diptych.relations import RelationSettings
from diptych.relations.meet import meet
from diptych.relations.meeting import DeclaredRelation
from tests.counting import count_incidence, find_contributors, measure_coverage
from tests.draws import draws
from tests.relations.reference import (
    PlainUnit,
    Thing,
    counted_contributions,
    counted_patterns,
    key_of,
    make_items,
    plain_levels,
    plain_patterns,
    union,
)

pytestmark = pytest.mark.slow

QUICK = settings(max_examples=draws(6, 30), deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def things(letter):
    sets = st.frozensets(st.integers(0, 3), max_size=2)
    rows = st.lists(st.tuples(sets, st.sampled_from(["a", "b", "c", "d", None])), min_size=1, max_size=12)
    return rows.map(
        lambda found: {
            f"{letter}{i}": Thing(categories, {"owner": owner, "plot": None if owner == "d" else f"plot {owner}"})
            for i, (categories, owner) in enumerate(found)
        }
    )


def level(n):
    """The activity level of a number of items, by a table written out by hand."""
    table = {0: "0", 1: "1", 2: "2", 3: "3", 4: "4", 5: "5", 6: "6-7", 7: "6-7"}
    return table.get(n) or ("8-11" if n < 12 else "12-15")


def plain_units(sides, population, group, strata):
    """The units of a shared key, and how many keys there are at all."""
    rows, columns = sides
    held = [
        {key: frozenset(one for one, thing in of.items() if thing.attributes["owner"] == key) for key in "abcd"}
        for of in (rows, columns)
    ]
    units = []
    for key in "abcd":
        row_items, column_items = held[0][key], held[1][key]
        row_set, column_set = union(rows, row_items), union(columns, column_items)
        counts = {
            "either": row_items or column_items,
            "both": row_items and column_items,
            "labelled": row_set and column_set,
        }[population]
        if counts:
            plot = None if key == "d" else f"plot {key}"
            alone = rows is columns  # of the same items the number is said once
            activity = level(len(row_items)) if alone else f"{level(len(row_items))} x {level(len(column_items))}"
            levels = {"plot": plot, "activity": activity}
            units.append(
                PlainUnit(
                    key,
                    row_items,
                    column_items,
                    row_set,
                    column_set,
                    key_of(strata, levels) if strata else "",
                    key_of(group, levels) if group else None,
                )
            )
    return units, sum(bool(held[0][key] or held[1][key]) for key in "abcd")


@pytest.mark.parametrize("population", ["either", "both", "labelled"])
@pytest.mark.parametrize("entities", [["datasets", "models"], ["models", "models"]])
@QUICK
@given(datasets=things("d"), models=things("m"), data=st.data())
def test_shared_key(engine, population, entities, datasets, models, data):
    world = {"datasets": datasets, "models": models}
    group = data.draw(st.sampled_from([(), ("plot",)]))
    strata = data.draw(st.sampled_from([(), ("activity",), ("activity", "plot")]))
    relation = RelationSettings.model_validate(
        {
            "shared": {"key": "owner", "entities": entities},
            "population": population,
            "group": list(group),
            "strata": strata,
        }
    )
    items = {name: make_items(engine, name, of, 4) for name, of in world.items()}
    meeting = meet(DeclaredRelation("owners", relation, engine, Path(), PUBLIC), items, {})
    units, n_keys = plain_units([world[entity] for entity in entities], population, group, strata)
    incidence = count_incidence(meeting, engine)
    assert counted_patterns(incidence) == plain_patterns(units)
    assert incidence.trivial_diagonal == (entities == ["models", "models"])
    assert (incidence.unit.role, incidence.unit.singular, incidence.unit.plural) == ("key", "owner", "owners")
    contributors = find_contributors(meeting, engine)
    assert contributors.items == ()
    assert counted_contributions(contributors, incidence, "item") == {}
    expected = plain_levels(units, "stratum") if strata else {}
    assert counted_contributions(contributors, incidence, "stratum") == expected
    coverage = measure_coverage(meeting, engine)
    assert (coverage.n_links, coverage.n_resolved, coverage.n_units) == (0, 0, len(units))
    assert coverage.n_candidates == n_keys
    assert coverage.rows.n_linked == sum(len(u.row_items) for u in units)
    assert coverage.columns.n_linked == sum(len(u.column_items) for u in units)
    lacking = {
        world[name][one].attributes["owner"] is None: name for name in dict.fromkeys(entities) for one in world[name]
    }
    assert bool([note for note in meeting.notes if note.slug == "no_key"]) == (True in lacking)
