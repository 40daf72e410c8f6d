"""Every finding of a report against the raw table: each field is worked out anew in pandas (tests/findings/meaning)."""

from __future__ import annotations

import contextlib
import dataclasses
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from diptych.errors import DataError
from diptych.findings.kinds import KINDS
from tests.draws import NIGHTLY, draws
from tests.examples.plain import read
from tests.findings.meaning import published, registry
from tests.findings.meaning.record import UNKNOWN, Held, label, names_of
from tests.findings.meaning.registry import EXCEPTIONS, UNTOLD, meanings, wrong
from tests.prose import generated
from tests.prose.cases import PUBLIC, Case, of_files
from tests.prose.conftest import names
from tests.prose.raw import of_table
from tests.prose.wholes import wholes
from tests.public.projects import Axis, Project
from tests.simulations import catalogue
from tests.simulations.shared import Shared

pytestmark = pytest.mark.slow

WORLDS, AT_ONCE = draws(8, 500), 25
NAMES = names(PUBLIC)
MOST_EXCEPTIONS = 10
"""Fields of findings that no raw table is asked about."""


@pytest.fixture(scope="session")
def held():
    """Return what the tests of this run have compared."""
    return Held(EXCEPTIONS)


@pytest.fixture(scope="session")
def differences(cases, held):
    """Return a function that gives what is wrong with the findings of a report, worked out once."""
    kept = {}

    def of(name):
        if name not in kept:
            kept[name] = list(wrong(cases(name), held))
        return kept[name]

    return of


@pytest.mark.parametrize("name", NAMES)
def test_every_field_of_every_finding_is_so(name, differences):
    assert differences(name) == []


def test_every_field_of_every_kind_is_worked_out_somewhere(differences, held):
    """A new kind, or field, needs its meaning: in `tests/findings/meaning`, or a reason why no table tells it."""
    for name in NAMES:
        differences(name)
    kinds = {kind.name for kind in KINDS.values()} | {"story"}
    assert kinds == set(registry.MEANINGS)
    met = {one.kind for one in held.met if hasattr(one, "kind") and isinstance(one.kind, str)}
    assert kinds | set(published.MEANINGS) <= met
    every = {label(kind, name) for kind in held.met for name in names_of(kind)}
    assert every - set(held.compared) - set(EXCEPTIONS) - set(UNTOLD) == set()
    assert set(UNTOLD) & set(held.compared) == set()
    assert len(EXCEPTIONS) + len(UNTOLD) <= MOST_EXCEPTIONS
    assert all({**EXCEPTIONS, **UNTOLD}.values())


@pytest.mark.parametrize("first", range(0, WORLDS, AT_ONCE))
def test_every_field_in_generated_worlds_is_so(first, tmp_path_factory):
    found, held = {}, Held(EXCEPTIONS)
    for seed in range(first, min(first + AT_ONCE, WORLDS)):
        with contextlib.suppress(DataError):  # no unit has a category of one side
            found[seed] = list(wrong(generated.draw(seed, tmp_path_factory.mktemp("world")), held))
    assert {seed: lines for seed, lines in found.items() if lines} == {}


BY_DAY = (
    "unrelated, 300 records",
    "only sizes and a diagonal, 9 categories",
    "stay or move, 9 categories",
    "two large categories",
    "near-copies in 400 very unequal groups",
    "strata of 3 groups",
    "agreement by strata alone",
    "idle strata of 2 groups",
    "the shadow of a diagonal, 1000 records",
    "activity, strata of activity",
    "a shared key, no strata",
    "one direction",
    "two blocks",
    "collider",
)
"""Of each family of worlds the one whose report says most; every night all of them."""


def drawn(name: str, replication: int, folder) -> Case:
    """Return the report of a replication of a world, through files."""
    records = catalogue.WORLDS[name].draw(replication)
    if isinstance(records, Shared):
        return of_files(records.files(), folder)
    for file, content in records.files().items():
        (folder / file).write_text(content, encoding="utf-8")
    project = Project(
        "record",
        Axis("rows", "Row", separator=";"),
        Axis("columns", "Column", separator=";"),
        group=() if records.group is None else ("team",),
        strata=() if records.activity else records.stratum_names,
        weight=None if records.weight is None else "weight",
        same=records.same,
    )
    names = (list(records.names("rows")), list(records.names("columns")))
    raw = of_table(project, read(folder / "records.csv"), names)
    if records.activity:
        levels = np.array(records.levels())[raw.units.index]
        raw = replace(raw, strata=("activity",), units=raw.units.assign(stratum=levels))
    return Case(wholes(folder / "config.yaml")[0], raw)


@pytest.mark.nightly
@pytest.mark.slow
@pytest.mark.parametrize("name", catalogue.WORLDS if NIGHTLY else BY_DAY)
def test_every_field_in_simulated_worlds_is_so(name, tmp_path_factory):
    found = {
        r: list(wrong(drawn(name, r, tmp_path_factory.mktemp("world")), Held(EXCEPTIONS))) for r in range(draws(1, 3))
    }
    assert {r: lines for r, lines in found.items() if lines} == {}


# The meanings can say no.


def spoilt(record: Any, expected: Any) -> Iterator[tuple[str, Any]]:
    """Yield a record with one of its numbers, names or flags made another, and how lists call that field."""
    for field in dataclasses.fields(record):
        value = getattr(record, field.name)
        full = label(type(record), field.name)
        if full in EXCEPTIONS or not isinstance(expected, dict) or expected.get(field.name, UNKNOWN) is UNKNOWN:
            continue
        meaning = expected[field.name]
        if isinstance(value, bool):
            yield full, replace(record, **{field.name: not value})
        elif isinstance(value, int | float):
            yield full, replace(record, **{field.name: value + 7 if isinstance(value, int) else 1.7 * value + 1})
        elif isinstance(value, str) and value:
            yield full, replace(record, **{field.name: value + "!"})
        elif dataclasses.is_dataclass(value):
            yield from ((name, replace(record, **{field.name: one})) for name, one in spoilt(value, meaning))
        elif isinstance(value, tuple) and value and isinstance(meaning, list | tuple) and len(meaning) == len(value):
            first, *rest = value
            if dataclasses.is_dataclass(first) and isinstance(meaning[0], dict):
                yield from (
                    (name, replace(record, **{field.name: (one, *rest)})) for name, one in spoilt(first, meaning[0])
                )
            yield full, replace(record, **{field.name: tuple(rest)})


LOOSE = frozenset(
    [
        "Block.n_resamples",
        "Cell.lift_high",
        "Cell.lift_low",
        "Cell.lift_within_high",
        "Cell.lift_within_low",
        "Cell.odds_within_high",
        "Cell.odds_within_low",
        "PairAssociations.n_often",
        "PairAssociations.n_tested",
        "Trend.n_sure",
        "Trend.n_tested",
    ]
)
"""Fields that are only bounded: ends of intervals by the side of their number, how often was drawn or tested."""


@pytest.mark.parametrize(
    "name",
    ["default", "survey", "published", "answers", "hub-trained", "public-metro", "public-anes96"],
)
def test_a_spoilt_field_is_noticed(name, cases):
    noticed, missed = Counter(), Counter()
    for _, found, expected in meanings(cases(name)):
        for finding in found:
            for full, other in spoilt(finding, expected[finding.id]):
                try:
                    differs = list(Held(EXCEPTIONS).differences(other, expected[finding.id], finding.id))
                except (AttributeError, IndexError):  # properties cannot be worked out of what is spoilt
                    differs = [full]
                (noticed if differs else missed)[full] += 1
    assert sum(noticed.values()) > 40
    never = {full for full in missed if not noticed[full]}
    assert sum(missed.values()) <= 0.1 * sum(noticed.values()), missed
    assert {
        full for full in never if not full.endswith((".low", ".high", "_low", "_high")) and full not in LOOSE
    } == set(), missed
