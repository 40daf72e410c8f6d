"""Links of every unit against plain Python, on random small data."""

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
from tests.counting import count_incidence, find_contributors, measure_coverage
from tests.draws import draws
from tests.relations.reference import (
    PlainUnit,
    Thing,
    counted_contributions,
    counted_patterns,
    key_of,
    make_items,
    plain_contributions,
    plain_levels,
    plain_patterns,
    union,
)

pytestmark = pytest.mark.slow

QUICK = settings(max_examples=draws(10, 40), deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
WEIGHTS = ["0", "1", "2.5", "7", "0.1", "3000000000"]


@st.composite
def worlds(draw, n_categories=4):
    """Two kinds, aliases of each, and rows of links, some of which find nothing."""
    sets = st.frozensets(st.integers(0, n_categories - 1), max_size=3)
    author = st.sampled_from(["x", "y", None])
    things = {}
    for kind, letter in (("datasets", "d"), ("models", "m")):
        n = draw(st.integers(1, 5))
        things[kind] = {
            f"{letter}{i}": Thing(
                draw(sets), {"author": draw(author), "weight": draw(st.sampled_from(WEIGHTS)), "day": "2020"}
            )
            for i in range(n)
        }
    names = {
        "from": st.sampled_from([*things["datasets"], "D0", "gone", "lost", ""]),
        "to": st.sampled_from([*things["models"], "M0", "nowhere", ""]),
    }
    row = st.fixed_dictionaries(
        {
            "source": names["from"],
            "target": names["to"],
            "via": st.sampled_from(["p", "q", ""]),
            "how": st.sampled_from(["trained", "tested", ""]),
            "w": st.sampled_from(WEIGHTS),
        }
    )
    return things, draw(st.lists(row, max_size=25))


def plain_links(rows, where):
    """Distinct links after aliases: (from, to) -> via levels, largest weight."""
    alias = {"D0": "d0", "M0": "m0"}
    links = {}
    for row in rows:
        if any((row[c] or None) not in values for c, values in where.items()) or not (row["source"] and row["target"]):
            continue
        pair = (alias.get(row["source"], row["source"]), alias.get(row["target"], row["target"]))
        via, weight = links.get(pair, ("\uffff", Fraction(0)))
        links[pair] = (min(via, row["via"] or "(none)"), max(weight, Fraction(row["w"])))
    return links


def plain_units(things, links, unit, *, weighted, group, strata, labelled):
    datasets, models = things["datasets"], things["models"]
    resolved = {pair: facts for pair, facts in links.items() if pair[0] in datasets and pair[1] in models}
    keys = {"to": {t for _, t in resolved}, "from": {f for f, _ in resolved}, "link": set(resolved)}[unit]
    units = []
    for key in sorted(keys):
        pairs = [p for p in resolved if {"to": p[1], "from": p[0], "link": p}[unit] == key]
        rows, columns = frozenset(f for f, _ in pairs), frozenset(t for _, t in pairs)
        if unit == "link":
            via, weight = resolved[key]
            values = {"via": None if via == "(none)" else via, "author": models[key[1]].attributes["author"]}
        else:
            own = (models if unit == "to" else datasets)[key]
            values, weight = own.attributes, Fraction(own.attributes["weight"])
        default = key[1] if unit == "link" else None
        units.append(
            PlainUnit(
                key,
                rows,
                columns,
                union(datasets, rows),
                union(models, columns),
                key_of(strata, values) if strata else "",
                key_of(group, values) if group else default,
                weight if weighted else Fraction(1),
            )
        )
    return [u for u in units if (u.row_set and u.column_set) or not labelled]


def check_against(meeting, units, things, engine, carriers):
    incidence = count_incidence(meeting, engine)
    assert counted_patterns(incidence) == plain_patterns(units)
    assert incidence.n_units == len(units)
    contributors = find_contributors(meeting, engine)
    side, opposite, kind = carriers
    assert counted_contributions(contributors, incidence, "item") == plain_contributions(
        units, side, opposite, things[kind], "item"
    )
    expected = plain_levels(units, "group") if meeting.grouped else {}
    assert counted_contributions(contributors, incidence, "group") == expected
    sets = [getattr(u, side) for u in units]
    uses = sorted((-sum(one in s for s in sets), one) for one in {one for s in sets for one in s})
    assert [(use.name, use.n_units) for use in contributors.items] == [(one, -n) for n, one in uses[:10]]
    return incidence


@pytest.mark.parametrize("unit", ["to", "from", "link"])
@QUICK
@given(world=worlds(), data=st.data())
def test_links_in_a_table(engine, tmp_path_factory, unit, world, data):
    things, rows = world
    where = data.draw(st.sampled_from([{}, {"how": ["trained"]}, {"how": ["trained", None]}, {"how": [None]}]))
    names = st.sampled_from(
        [(), ("author",), ("via", "author")] if unit == "link" else [(), ("author",), ("author", "day")]
    )
    group, strata = data.draw(names), data.draw(names)
    labelled, weighted = data.draw(st.booleans()), data.draw(st.booleans())
    if not weighted:
        for kind in things.values():
            for thing in kind.values():
                thing.attributes.pop("weight")
    path = tmp_path_factory.mktemp("links") / "links.csv"
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, ["source", "target", "via", "how", "w"])
        writer.writeheader()
        writer.writerows([*rows, {"source": "gone", "target": "nowhere", "via": "p", "how": "trained", "w": "1"}])
    rows = [*rows, {"source": "gone", "target": "nowhere", "via": "p", "how": "trained", "w": "1"}]
    links = {
        "source": "links.csv",
        "from": {"entity": "datasets", "column": "source"},
        "to": {"entity": "models", "column": "target"},
        "where": where,
    }
    if unit == "link" and weighted:
        links["weight"] = "w"
    relation = RelationSettings.model_validate(
        {
            "links": links,
            "unit": unit,
            "group": list(group),
            "strata": strata,
            **({"population": "labelled"} if labelled else {}),
        }
    )
    items = {
        "datasets": make_items(engine, "datasets", things["datasets"], 4, {"D0": "d0"}),
        "models": make_items(engine, "models", things["models"], 4, {"M0": "m0"}),
    }
    meeting = meet(DeclaredRelation("trained_on", relation, engine, path.parent, PUBLIC), items, {})
    plain = plain_links(rows, where)
    if not weighted:
        for kind in things.values():
            for thing in kind.values():
                thing.attributes["weight"] = "1"
    units = plain_units(things, plain, unit, weighted=weighted, group=group, strata=strata, labelled=labelled)
    carriers = ("column_items", "row_set", "models") if unit == "from" else ("row_items", "column_set", "datasets")
    check_against(meeting, units, things, engine, carriers)
    check_coverage(measure_coverage(meeting, engine), plain, things, units, unit)


def check_coverage(coverage, links, things, units, unit):
    resolved = [p for p in links if p[0] in things["datasets"] and p[1] in things["models"]]
    assert (coverage.n_links, coverage.n_resolved) == (len(links), len(resolved))
    sizes = {"to": len(things["models"]), "from": len(things["datasets"]), "link": len(links)}
    assert (coverage.n_candidates, coverage.n_units) == (sizes[unit], len(units))
    assert coverage.n_unlabelled_units == sum(not (u.row_set and u.column_set) for u in units)
    names = [("datasets", f) for f, _ in links if f not in things["datasets"]]
    names += [("models", t) for _, t in links if t not in things["models"]]
    expected = sorted((-names.count(name), name[1], name[0]) for name in set(names))
    assert [(-u.n_links, u.name, u.side) for u in coverage.unresolved] == expected
    for side, kind, used in ((coverage.rows, "datasets", "row_items"), (coverage.columns, "models", "column_items")):
        linked = {one for u in units for one in getattr(u, used)}
        have = things[kind]
        assert (side.side, side.n_items, side.n_linked) == (kind, len(have), len(linked))
        assert side.n_labelled == sum(bool(thing.categories) for thing in have.values())
        for i, category in enumerate(side.categories):
            members = [one for one, thing in have.items() if i in thing.categories]
            assert (category.category, category.n_items) == (f"C{i}", len(members))
            assert category.n_linked == len(linked.intersection(members))
            assert category.n_exclusive == sum(have[one].categories == {i} for one in members)
