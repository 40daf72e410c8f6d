"""All tables of a report as facts: those of the document, read from the texts of their fields, and the data files.

A fact is a quantity of some cells with what the table says of it: a range of numbers that are printed alike, a name, or
whether something is so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations

from diptych import formats
from diptych.cells import Refusal
from diptych.document.compose import BUILDERS
from diptych.document.material import RelationReport, RelationResults
from diptych.document.model import TableBlock, TableCell
from diptych.document.pictures import cells_that_matter
from diptych.findings.population import NEAR
from diptych.renderers.data import _TABLES
from tests.prose.consistency.printed import Printed, exactly, numbers
from tests.prose.wholes import Whole

Key = tuple[str, ...]
"""A quantity, and of what it is: ("joint", row, column), ("low", panel, given, outcome)."""
Fact = Printed | str | bool


@dataclass
class Facts:
    """What one table says."""

    name: str
    of: dict[Key, Fact] = field(default_factory=dict)

    def add(self, key: Key, value: Fact | float | None) -> None:
        """Take a fact; nothing where the table has none."""
        if value is not None:
            self.of[key] = exactly(value) if isinstance(value, float | int) and not isinstance(value, bool) else value

    def take(self, key: Key, text: str, *, percent: bool = False) -> None:
        """Take the first number of a text, if it has one. `percent`: it is in per cent without a sign."""
        if found := numbers(text):
            self.add(key, _parts(found[0]) if percent else found[0])

    def take_interval(self, key: Key, text: str, *, percent: bool = False) -> None:
        """Take the value of a text and, where three numbers are in it, the ends of its interval."""
        found = [_parts(one) if percent else one for one in numbers(text)]
        self.take(key, text, percent=percent)
        if len(found) == 3:
            self.add((f"{key[0]} low", *key[1:]), found[1])
            self.add((f"{key[0]} high", *key[1:]), found[2])


def _parts(of: Printed) -> Printed:
    """Return a number in per cent as a part of 1."""
    return Printed(of.low / 100, of.high if of.high == 1 < of.low else of.high / 100)  # ">99" ends at 1


def blocks_of(whole: Whole) -> list[TableBlock]:
    """Return the tables of the document, with the table of cells whether or not the page has room for it."""
    part, writer = whole.written.part, whole.written.writer
    found = [block for build in BUILDERS.values() for block in build(part, writer)]
    blocks = [block for block in (*cells_that_matter(part, writer), *found) if isinstance(block, TableBlock)]
    return list({block.id: block for block in blocks}.values())


def facts_of(whole: Whole) -> Iterator[Facts]:
    """Yield what each table and each data file of a report says."""
    part = whole.written.part
    for block in blocks_of(whole):
        yield of_block(part, block)
    yield from _files(part)


def of_block(part: RelationReport, block: TableBlock) -> Facts:
    """Return what a table says; nothing of a table that no reader here knows."""
    found = Facts(block.id)
    read = next((reader for name, reader in _READERS.items() if name in block.id), None)
    if read is not None:
        for row in block.rows:
            read(part, found, block, row)
    return found


Fields = tuple[TableCell, ...]


def pair_of(part: RelationReport, panel: str, given: str, outcome: str) -> tuple[str, str]:
    """Return the (row, column) of a cell of a panel."""
    shown = next(one for one in part.panels if one.id == panel)
    return (given, outcome) if shown.given == part.wording.rows else (outcome, given)


def _matrix(part: RelationReport, found: Facts, block: TableBlock, row: Fields) -> None:
    cells = [cell for cell in row if cell.ref is not None and cell.text]
    if not cells or block.kind != "matrix":
        return
    if row[1].ref is None:
        panel, given, _ = _ref(cells[0])
        found.take(("n", panel, given), row[1].text)
    for cell in cells:
        found.take(("value", *_ref(cell)), cell.text, percent=" in %" in block.caption)
    measured = [cell for cell in cells if cell.note is None]

    def high(cell: TableCell) -> float:
        of = numbers(cell.text)[0]
        return (_parts(of) if " in %" in block.caption else of).high

    values = sorted(map(high, measured), reverse=True)
    if len(values) > 1 and values[0] > values[1]:
        first = max(measured, key=high)
        found.add(("highest", *_ref(first)[:2]), _ref(first)[2])


def _ref(cell: TableCell) -> tuple[str, str, str]:
    assert cell.ref is not None
    return cell.ref.panel, cell.ref.given, cell.ref.outcome


def _cells(part: RelationReport, found: Facts, block: TableBlock, row: Fields) -> None:
    pair = next(pair_of(part, *_ref(cell)) for cell in row if cell.ref is not None)
    names = {"Expected by chance": "expected"}
    found.take(("joint", *pair), row[1].text)
    for column, cell in zip(block.columns, row, strict=True):
        if cell.ref is not None:
            found.take_interval(("value", *_ref(cell)), cell.text, percent="%" in column.header.partition(" (")[0])
        elif column.header.startswith("Expected given"):
            found.take(("within", *pair), cell.text)
        elif column.header in names and cell.text != formats.DASH:
            found.take((names[column.header], *pair), cell.text)
    q = next(cell for column, cell in zip(block.columns, row, strict=True) if column.header.split(" ")[0] == "q")
    if q.text != formats.DASH:
        found.take(("q", *pair), q.text)
        found.add(("significant", *pair), q.note is None)
    if block.columns[-1].header.startswith("Largest contributor") and row[-1].text != formats.DASH:
        found.add(("contributor", *pair), row[-1].text)


def _fates(part: RelationReport, found: Facts, block: TableBlock, row: Fields) -> None:
    fields = {column.header: cell.text for column, cell in zip(block.columns, row, strict=True)}
    statement = row[0].text
    found.take(("declared", statement), row[1].text)
    if (holds := fields.get("Holds in")) is not None:
        found.add(("unchanged", statement), holds)
        changes = fields.get("Analyses that change it", formats.DASH)
        for entry in changes.split("; "):
            if entry != formats.DASH:
                found.take(("otherwise", statement, entry.rpartition(": ")[0]), entry.rpartition(": ")[2])
        found.add(("changes", statement), changes != formats.DASH)


_READERS = {
    "matrix-": _matrix,
    "-cells": _cells,
    "-robustness": _fates,
}
"""By a part of the id of a table."""


def _files(part: RelationReport) -> Iterator[Facts]:
    for panel in part.panels:
        found = Facts(f"data/{panel.id}.csv")
        for cell in panel.cells:
            at, pair = (panel.id, cell.given, cell.outcome), pair_of(part, panel.id, cell.given, cell.outcome)
            for name in ("value", "low", "high"):
                found.add((name if name == "value" else f"value {name}", *at), getattr(cell, name))
            found.add(("n", panel.id, cell.given), cell.n_given)
            found.add(("joint", *pair), cell.n_joint)
            found.add(("q", *pair), cell.q_value)
            found.add(("odds", *pair), cell.odds_within_strata)
            if cell.q_value is not None:
                found.add(("significant", *pair), cell.q_value <= part.inference.fdr)
        measured = [cell.value for cell in panel.cells if cell.state == "measured" and cell.value is not None]
        found.add(("near one", panel.id), sum(value >= 1 - NEAR for value in measured))
        yield found
    if isinstance(part.results, RelationResults):
        for file in _TABLES:
            yield _file(Facts(file.path), file.header.split(","), file.rows(part.results))
        yield _pairs(part.results)


def _pairs(results: RelationResults) -> Facts:
    found = Facts("report.json: pairs")
    pairs = results.further["pairs"]
    for pair in () if isinstance(pairs, Refusal) else pairs:
        first, second, net = pair.first, pair.second, pair.net_flow
        found.add(("joint", first, second), pair.n_forward)
        found.add(("joint", second, first), pair.n_back)
        found.add(("net", first, second), net.value)
        found.add(("net low", first, second), net.low)
        found.add(("net high", first, second), net.high)
        if net.low is not None and net.high is not None:
            found.add(("one way", *sorted((first, second))), net.low > 0 or net.high < 0)
    return found


def _file(found: Facts, header: list[str], rows: Iterator[tuple]) -> Facts:  # type: ignore[type-arg]
    lines = [dict(zip(header, row, strict=True)) for row in rows]
    largest: dict[Key, tuple[float, float, str]] = {}
    for line in lines:
        if found.name.endswith("counts.csv"):
            pair = line["row"], line["column"]
            found.add(("joint", *pair), line["n_joint"])
            found.add(("expected", *pair), line["expected"])
            found.add(("within", *pair), line["expected_within_strata"])
        elif found.name.endswith("strata.csv"):
            found.add(("joint in", line["stratum"], line["row"], line["column"]), line["n_joint"])
        elif found.name.endswith("contributors.csv") and line["by"] == "item":
            key = line["row"], line["column"]
            if line["n_sole"] > largest.get(key, (1, 0, ""))[0]:
                largest[key] = line["n_sole"], line["n_touching"], line["name"]
    for key, (n, having, name) in largest.items():
        text = f"{formats.shortened(name, 22)} ({formats.count(n)} of {formats.count(having)})"
        found.add(("contributor", *key), text)
    return found


def crossings_of(names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield each two categories once, by name."""
    yield from combinations(sorted(names), 2)
