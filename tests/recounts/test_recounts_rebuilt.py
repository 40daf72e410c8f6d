"""Every recount equals building anew from files or rules edited by hand, whatever the relation."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from diptych.ledger.recounts import Change
from tests.counting import recount
from tests.draws import by_night, draws
from tests.recounts.world import World, assert_same, counted, rebuilt

pytestmark = pytest.mark.slow

QUICK = settings(
    max_examples=draws(1, 20),
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
SEEDS = st.integers(0, 10**6).map(random.Random)

TAXONOMY = {
    "categories": [
        {"name": "M", "match": ["m"]},
        {"name": "A", "match": ["a", "a2"]},
        {"name": "B", "match": ["b"], "pattern": "^x?b"},
        {"name": "C", "match": ["c"]},
        {"name": "M", "when_several_of": ["M", "A", "B"], "replaces": True},
        {"name": "D", "when_several_of": ["M", "C"]},
    ]
}
LABELS = ["m", "a", "a2", "b", "xb", "c", "odd"]
LEFT_OUT = ("a", "b")
"""Of the rows and of the columns."""
WEIGHTS = ["0", "1", "2.5", "0.1", "3000000000"]
LINKS = {
    "source": "links.csv",
    "from": {"entity": "datasets", "column": "source"},
    "to": {"entity": "models", "column": "target"},
}
RELATIONS = {
    "to": {"links": LINKS, "unit": "to", "group": ["plot"], "strata": ["key"]},
    "from": {"links": LINKS, "unit": "from"},
    "link": {"links": {**LINKS, "weight": "w"}, "unit": "link", "strata": ["via"]},
    "links": {"links": LINKS, "unit": "link"},
    "labelled": {
        "links": LINKS,
        "unit": "to",
        "population": "labelled",
        "group": ["plot"],
    },
    "either": {"shared": {"key": "key", "entities": ["datasets", "models"]}, "population": "either"},
    "both": {
        "shared": {"key": "key", "entities": ["datasets", "models"]},
        "population": "both",
        "group": ["key"],
    },
    "labelled keys": {"shared": {"key": "key", "entities": ["datasets", "models"]}, "population": "labelled"},
    "kind with itself": {
        "links": {
            "source": "links.csv",
            "from": {"entity": "models", "column": "source"},
            "to": {"entity": "models", "column": "target"},
        }
    },
    "key with itself": {"shared": {"key": "key", "entities": ["models", "models"]}},
}


def worlds(form):
    """Strategy: worlds grown from a seed, since drawing their parts one by one begins with empty ones."""
    return SEEDS.map(lambda draw: grown(form, draw))


def grown(form, draw):
    """Items with up to four labels, weights where units take them, and links, some to nothing.

    The first item of each kind has the label that is edited in the rows, the second the one in the columns.
    """
    relation, tables = RELATIONS[form], {}
    weighted = "links" in relation and relation.get("unit", "to") != "link"
    for entity, letter in (("datasets", "d"), ("models", "m")):
        tables[entity] = [
            {
                "id": f"{letter}{i}",
                "labels": [*dict.fromkeys([*LEFT_OUT[i : i + 1], *draw.sample(LABELS, draw.randint(0, 3))])],
                "key": draw.choice(["k", "l", "n", ""]),
                "plot": draw.choice(["p", "q", ""]),
                **({"w": draw.choice(WEIGHTS)} if weighted else {}),
            }
            for i in range(6)
        ]
    sources = [row["id"] for row in tables["models" if form == "kind with itself" else "datasets"]]
    targets = [row["id"] for row in tables["models"]]
    links = {(draw.choice([*sources, "gone"]), draw.choice([*targets, "lost"])) for _ in range(16)}
    tables["links"] = [
        {"source": s, "target": t, "via": draw.choice("yz"), "w": draw.choice(WEIGHTS)} for s, t in sorted(links)
    ]
    used = {"datasets", "models", "links"} if form != "kind with itself" else {"models", "links"}
    used = {"models"} if form == "key with itself" else used
    return World(TAXONOMY, relation, {name: rows for name, rows in tables.items() if name in used})


def edits(world, meeting):
    """Change -> the same world with its files or rules edited."""
    found = {}
    for side, label in zip((meeting.rows, meeting.columns), LEFT_OUT, strict=True):
        item = world.tables[side.entity][0]["id"]
        found[Change("item", side.name, item)] = world.without_item(side.entity, item)
        found[Change("label", side.name, label)] = world.without_label(side.entity, "labels", label)
    return found


@pytest.mark.parametrize("form", RELATIONS)
def test_a_recount_is_what_edited_files_give(engine, form):
    # All four are asked at once; one of them, by night two, are built anew, since that is what takes time: of each
    # relation others.
    first = [*RELATIONS].index(form)

    @QUICK
    @given(worlds(form), st.permutations(range(4)))
    def check(world, order):
        meeting, incidence, contributors = counted(world, engine)
        edited = edits(world, meeting)
        changes = [[*edited][(place + first) % len(edited)] for place in order if place < len(edited)]
        found = recount(meeting, engine, changes)
        assert list(found) == changes
        for change in changes[: draws(1, 2)]:
            assert_same(found[change], rebuilt(edited[change], engine))
            assert_same(found[change], recount(meeting, engine, [change])[change])
        check_soles(contributors, incidence, found, meeting)

    check()


def check_soles(contributors, incidence, found, meeting):
    """`n_sole` is what the cell loses without the label or item, where it stands on one side only."""
    if meeting.rows.entity == meeting.columns.entity:
        return
    for part in contributors.cells:
        change = Change(part.by, part.side, part.name)
        if change in found:
            cells = [joint(one, part.row, part.column) for one in (incidence, found[change])]
            # An item that is itself the unit is not among contributors, so each loss is of this part alone.
            gained = part.by == "label" and cells[1] > cells[0] - part.n_sole
            assert gained or part.n_sole == cells[0] - cells[1]


def joint(incidence, row, column):
    a, b = incidence.rows.categories.index(row), incidence.columns.categories.index(column)
    return int(incidence.units[incidence.row_sets[:, a] & incidence.column_sets[:, b]].sum())


RECORDS = {
    "records": {
        "source": "answers.csv",
        "rows": {"column": "skills", "separator": "|"},
        "columns": {"column": "jobs", "separator": "|"},
        "weight": "w",
    },
    "group": ["plot"],
    "strata": ["via"],
}


COLUMNS = {"rows": "skills", "columns": "jobs"}
WITHOUT = [
    ("rows", "a"),
    ("columns", "m"),
    ("rows", "odd"),
    *by_night(("rows", "m"), ("columns", "a"), ("columns", "odd")),
]


def answered(draw):
    return [
        {
            "skills": draw.sample(LABELS, draw.randint(0, 3)),
            "jobs": draw.sample(LABELS, draw.randint(0, 3)),
            "w": draw.choice(WEIGHTS),
            "plot": draw.choice("pq"),
            "via": draw.choice("yz"),
        }
        for _ in range(14)
    ]


@pytest.mark.parametrize("population", [None, "labelled"])
def test_records_without_a_label_keep_their_place(engine, population):
    @QUICK
    @given(SEEDS.map(answered))
    def check(rows):
        world = World(TAXONOMY, {**RECORDS, "population": population}, {"answers": rows})
        meeting, _, _ = counted(world, engine)
        edited = {
            Change("label", side, label): world.without_label("answers", COLUMNS[side], label, instead="never heard of")
            for side, label in WITHOUT
        }
        found = recount(meeting, engine, list(edited))
        for change, other in edited.items():
            assert_same(found[change], rebuilt(other, engine))

    check()


def test_more_categories_than_one_word_holds(engine):
    names = [f"c{i:02}" for i in range(70)]
    entries = [{"name": name, "match": [name]} for name in names]
    entries.append({"name": "c69", "when_several_of": ["c00", "c63", "c68"], "replaces": True})
    datasets = [{"id": f"d{i}", "labels": [names[i], names[(7 * i + 3) % 70]]} for i in range(70)]
    models = [{"id": f"m{i}", "labels": [names[69 - i]]} for i in range(70)]
    links = [{"source": f"d{i}", "target": f"m{(i * j) % 70}"} for i in range(70) for j in (1, 3)]
    world = World({"categories": entries}, RELATIONS["from"], {"datasets": datasets, "models": models, "links": links})
    meeting, _, _ = counted(world, engine)
    edited = {
        Change("item", "datasets", "d65"): world.without_item("datasets", "d65"),
        Change("item", "models", "m6"): world.without_item("models", "m6"),
        Change("label", "datasets", "c63"): world.without_label("datasets", "labels", "c63"),
    }
    found = recount(meeting, engine, list(edited))
    for change, other in edited.items():
        assert_same(found[change], rebuilt(other, engine))
