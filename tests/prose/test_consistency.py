"""No table of a report contradicts what its findings state: every pair of a stated finding and a table is compared."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from diptych.document.model import TableBlock
from diptych.findings.kinds import KINDS
from tests.draws import NIGHTLY
from tests.prose.cases import EXAMPLES, HUB, PUBLIC
from tests.prose.conftest import names
from tests.prose.consistency.claims import Claim, claims_about, claims_of
from tests.prose.consistency.printed import Printed, numbers
from tests.prose.consistency.tables import _READERS, Facts, blocks_of, facts_of, of_block
from tests.prose.tiny_projects import TINY
from tests.prose.wholes import Whole, wholes
from tests.simulations.catalogue import WORLDS

DRAWN = ("two rows as all records are", "opposite strata, 1.6 and 0.4")
"""Worlds whose reports have findings that no other has."""
REPLICATION = 1
SOME = (*PUBLIC[::4], "anes96")
"""Every fourth public table, and the one with a gradient."""
NAMES = (*(names(PUBLIC) if NIGHTLY else (*EXAMPLES, *HUB, *TINY, *(f"public-{n}" for n in SOME))), *DRAWN)
NO_TABLE = {
    "agreement": "the table of statements has its share, which is compared as an answer of choices",
    "activity": "no table has how many categories units have",
    "gaps": "coverage by category is in a data file only",
    "sensitivity": "it is of other units, of which no other table is; choices has the same statements",
    "concentration": "contributors are of cells, not of all units",
    "overdispersion": "it is of the rows of a table of counts, of which no table of the report is",
    "uneven_coverage": "it has no numbers of its own",
    "trend": "tables of the history are of periods",
}
"""Kinds that state only what no table gives of the same cells."""


def contradictions(whole: Whole) -> Iterator[tuple[str, Claim, object]]:
    claims = list(claims_of(whole))
    for table in facts_of(whole):
        yield from against(claims, table)


def against(claims: list[Claim], table: Facts) -> Iterator[tuple[str, Claim, object]]:
    for claim in claims:
        if claim.key in table.of and claim.contradicts(table.of[claim.key]):
            yield table.name, claim, table.of[claim.key]


@pytest.fixture(scope="module")
def whole_of(cases, tmp_path_factory):
    """Return a function that gives a report by the name of its case, or of its world."""

    def of(name: str) -> Whole:
        if name not in WORLDS:
            return cases(name).whole
        if name not in folders:
            folders[name] = tmp_path_factory.mktemp("world")
            for file, content in WORLDS[name].draw(REPLICATION).files().items():
                (folders[name] / file).write_text(content, encoding="utf-8")
        return wholes(folders[name] / "config.yaml")[0]

    folders: dict[str, Path] = {}
    return of


@pytest.mark.parametrize("name", NAMES)
def test_no_table_contradicts_what_is_stated(name, whole_of):
    assert list(contradictions(whole_of(name))) == []


def test_every_kind_and_every_table_is_compared(whole_of):
    kinds, tables = Counter(), Counter()
    for name in NAMES:
        whole = whole_of(name)
        kind_of = {finding.id: finding.kind for finding in whole.written.part.findings}
        claims = list(claims_of(whole))
        for table in facts_of(whole):
            met = [claim for claim in claims if claim.key in table.of]
            kinds.update(kind_of[claim.finding] for claim in met if not claim.key[0].startswith("number"))
            reader = next((part for part in _READERS if part in table.name), table.name)
            tables[reader] += len(met)
    assert {kind.name for kind in KINDS.values()} - set(kinds) - set(NO_TABLE) == set()
    assert {
        part for part in (*_READERS, "data/counts.csv", "report.json: pairs", "data/strata.csv") if not tables[part]
    } == set()


def test_numbers_are_read_as_they_are_printed():
    assert numbers("0.71 (0.55 to >0.99)") == [Printed(0.705, 0.715), Printed(0.545, 0.555), Printed(0.99, 1.0)]
    assert numbers("WebLI: 93\N{NO-BREAK SPACE}% ✓") == [Printed(0.925, 0.935)]
    assert numbers("1,809") == [Printed(1808.5, 1809.5)]
    assert numbers("−8 to 112") == [Printed(-8.5, -7.5), Printed(111.5, 112.5)]
    assert Printed(0.705, 0.715).agrees(0.7149)
    assert not Printed(0.705, 0.715).agrees(0.716)


def test_a_pair_that_is_told_with_all_its_numbers_is_told_once(cases):
    (told,) = (said.text for said in cases("public-hotels").whole.said if said.sentence.id.startswith("surprises."))
    assert told.endswith("the clearest pair is A–C: 53 bookings (3.8 expected from the other pairs).")


# The walk can fail.


CHANGED = ("default", "survey", "three apart, a package each")


def other_text(text: str) -> str:
    """Return a text of a field with its first digit, or its mark, made another."""
    if text.endswith(("✓", "×")):
        return text[:-1] + ("×" if text[-1] == "✓" else "✓")
    return re.sub(r"\d", lambda digit: str((int(digit[0]) + 4) % 10), text, count=1)


def changed_tables(block: TableBlock) -> Iterator[TableBlock]:
    """Yield a table with one field other than it is: a number, a mark, or whether it is significant."""
    for i, row in enumerate(block.rows):
        for j, cell in enumerate(row[1:], start=1):
            others = [replace(cell, text=other_text(cell.text))]
            if block.columns[j].header.split(" ")[0] == "q":
                others.append(replace(cell, note=None if cell.note else "not significant"))
            for other in others:
                if other != cell:
                    rows = (*block.rows[:i], (*row[:j], other, *row[j + 1 :]), *block.rows[i + 1 :])
                    yield replace(block, rows=rows)


def test_a_table_with_one_field_changed_is_noticed(cases):
    noticed, missed = Counter(), Counter()
    for name in CHANGED:
        whole = cases(name).whole
        part, claims = whole.written.part, list(claims_of(whole))
        keys = {claim.key for claim in claims}
        for block in blocks_of(whole):
            reader = next((part for part in _READERS if part in block.id), "")
            before = of_block(part, block).of
            for changed in changed_tables(block):
                now = of_block(part, changed)
                moved = {key for key, fact in now.of.items() if before.get(key) != fact and key in keys}
                if moved:
                    (noticed if any(against(claims, now)) else missed)[reader] += 1
    assert set(noticed) == {part for part in _READERS if part != ""}
    assert sum(noticed.values()) > 150
    assert sum(missed.values()) <= 0.05 * sum(noticed.values()), missed


def changed_numbers(record: Any) -> Iterator[tuple[str, Any]]:
    """Yield a record with one of its numbers made another, and the field's name; records in it too."""
    for field in dataclasses.fields(record):
        value, full = getattr(record, field.name), f"{type(record).__name__}.{field.name}"
        if isinstance(value, bool):
            continue
        if isinstance(value, int | float):
            yield full, replace(record, **{field.name: 1.7 * value + 7})
        elif dataclasses.is_dataclass(value):
            yield from ((name, replace(record, **{field.name: one})) for name, one in changed_numbers(value))
        elif isinstance(value, tuple):
            for place, entry in enumerate(value[:2]):
                if dataclasses.is_dataclass(entry):
                    for name, one in changed_numbers(entry):
                        yield name, replace(record, **{field.name: (*value[:place], one, *value[place + 1 :])})


NOTICED = frozenset(
    [
        "Cell.high",
        "Cell.low",
        "Cell.n_given",
        "Cell.value",
        "PairDeviation.expected",
        "PairDeviation.n",
        "Direction.n_back",
        "Direction.n_forward",
        "Estimate.low",
        "Estimate.value",
        "Leader.n",
        "NamedPair.n_given",
        "NamedPair.n_joint",
        "Outcome.value",
        "Pair.expected",
        "Pair.n_joint",
        "Pair.q_value",
        "Size.n",
        "StrataChange.expected_within",
        "StrataChange.observed",
        "StratumRatio.n_joint",
    ]
)
"""Numbers of findings that tables give too."""


def test_a_finding_with_one_number_changed_is_noticed(cases):
    noticed, missed = Counter(), Counter()
    for name in CHANGED:
        whole = cases(name).whole
        tables = list(facts_of(whole))
        known = {key for table in tables for key in table.of}
        for finding in whole.written.part.findings:
            if finding.null:
                continue
            before = claims_about(whole, finding)
            for full, other in changed_numbers(finding):
                try:
                    claims = [claim for claim in claims_about(whole, other) if claim not in before]
                except (ArithmeticError, ValueError):  # what is derived from it is undefined
                    continue
                if any(claim.key in known for claim in claims):
                    (noticed if any(any(against(claims, table)) for table in tables) else missed)[full] += 1
    assert NOTICED - set(noticed) == set()
    assert sum(missed.values()) <= 0.1 * sum(noticed.values()), missed


def test_what_is_all_or_surely_so_is_noticed(cases):
    """Claims without a number: a direction that may be chance, a category as all are, the highest of a row."""
    whole = cases("default").whole
    tables = {table.name: table for table in facts_of(whole)}
    flow = tables["report.json: pairs"]
    assert flow.of["one way", "Multimodal", "NLP"] is True
    assert Claim("direction", ("one way", "Multimodal", "NLP"), False).contradicts(True)
    assert tables["matrix-left"].of["highest", "left", "NLP"] == "NLP"
    cells = next(table for name, table in tables.items() if name.endswith("-cells"))
    assert ("significant", "CV", "Multimodal") not in cells.of  # its direction differs between packages
    assert cells.of["significant", "NLP", "CV"] is False
    assert Claim("surprises", ("significant", "NLP", "CV"), True).contradicts(False)
