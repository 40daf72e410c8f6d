"""The numbers of a report that the text of a paper may cite, as a tree that knows no format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from itertools import product
from typing import cast

from .. import formats
from ..cells import Cell, CellRef, Estimate, Panel
from ..document.model import Document
from ..findings.finding import Finding
from .outline import blocks_of, refs_of, sentences_of
from .plain import plain

MANY_CELLS = 400
"""Of a panel of more cells only those have numbers that the report names."""

Number = int | float | str | None
"""A number, or a text that goes with it; None where it is undefined."""

Tree = Mapping[str, "Number | Tree"]
"""Numbers by name."""

CELL_NUMBERS = (
    ("value", "value", "the panel's measure"),
    ("low", "low", "the lower end of its interval"),
    ("high", "high", "the upper end"),
    ("percent", None, "the value in whole percent as text, where the measure is a share"),
    ("range", None, "its interval in percent as text"),
    ("count", "n_joint", "units with both categories"),
    ("given", "n_given", "units with the given category"),
    ("outcome", "n_outcome", "units with the outcome category"),
    ("baseline", "baseline", "share of the outcome category among all units"),
    ("lift", "lift", "count over what would be expected were the two unrelated"),
    ("lift_within", "lift_within_strata", "the same, expected within strata"),
    ("q_value", "q_value", "of the test of no association, among pairs of different categories or along the diagonal"),
    ("state", "state", "measured, few, no_given, no_outcome or masked"),
)
"""What each cell has: its name, the attribute of `Cell` that holds it (None: worked out here), and what it means."""

TESTS = frozenset({"p_value", "q_value"})
"""Names of the p and q of tests, which are written by `formats.p_value`."""

_MOST_DECIMALS = 9
_NOT_NUMBERS = frozenset({"id", "cells", "null", "strength"})


@dataclass(frozen=True, slots=True)
class PanelNumbers:
    """The numbers of a panel: all units, groups of them (None where they are taken as independent), and these parts.

    `given` and `outcome` are the sizes of categories in declared order; `cells` are by given and outcome category, each
    with its numbers by the names of CELL_NUMBERS.
    """

    id: str
    unit: str
    units: Number
    groups: Number
    given: Mapping[str, Number]
    outcome: Mapping[str, Number]
    cells: Mapping[str, Mapping[str, Mapping[str, Number]]]


@dataclass(frozen=True, slots=True)
class PaperNumbers:
    """All numbers of a report. `findings` are those that sentences rest on, by the id that they point at."""

    panels: tuple[PanelNumbers, ...]
    findings: Mapping[str, Tree]


def paper_numbers(document: Document) -> PaperNumbers:
    """Return the numbers of every panel and of every finding that a sentence of the report rests on.

    Of a panel of more than MANY_CELLS cells only those are there that sentences speak of or tables show.
    """
    panels = {panel.id: panel for figure in document.figures for panel in figure.panels}
    named = refs_of(document)
    return PaperNumbers(
        panels=tuple(_panel(panel, named) for panel in panels.values()),
        findings=dict(_findings(document)),
    )


def _panel(panel: Panel, named: frozenset[CellRef]) -> PanelNumbers:
    there = {(ref.given, ref.outcome) for ref in named if ref.panel == panel.id}
    is_whole = len(panel.cells) <= MANY_CELLS
    is_share = (panel.measure.lower, panel.measure.upper) == (0, 1)
    cells: dict[str, dict[str, dict[str, Number]]] = {}
    for place, (given, outcome) in enumerate(product(panel.given_categories, panel.outcome_categories)):
        if is_whole or (given, outcome) in there:
            cells.setdefault(given, {})[outcome] = _of_cell(panel.cells[place], is_share=is_share)
    return PanelNumbers(
        id=panel.id,
        unit=panel.unit.plural,
        units=_number(panel.n_units),
        groups=panel.n_groups,
        given=_sizes(panel.given_categories, panel.column("n_given")[:: len(panel.outcome_categories)]),
        outcome=_sizes(panel.outcome_categories, panel.column("n_outcome")),
        cells=cells,
    )


def _sizes(categories: Sequence[str], sizes: Sequence[float | None]) -> dict[str, Number]:
    return {name: _number(size) for name, size in zip(categories, sizes, strict=False)}


def _of_cell(cell: Cell, *, is_share: bool) -> dict[str, Number]:
    texts = {"percent": _percent(cell.value), "range": _range(cell.low, cell.high)} if is_share else {}
    return {
        name: texts.get(name) if attribute is None else _number(getattr(cell, attribute))
        for name, attribute, _ in CELL_NUMBERS
    }


def _findings(document: Document) -> Iterator[tuple[str, Tree]]:
    """Yield the findings that sentences point at; where several parts have one id, their prefix goes before it."""
    cited = {sentence.evidence for block in blocks_of(document) for sentence in sentences_of(block)}
    for found in document.results:
        for figure, finding in found.findings:
            for name in (finding.id, f"{figure}.{found.relation}.{finding.id}"):
                numbers = finding_numbers(finding) if f"evidence.{name}" in cited else {}
                if numbers:
                    yield name, numbers


def finding_numbers(finding: Finding) -> Tree:
    """Return the numbers of a finding by the names of its fields, and the names that go with them.

    An estimate has `value`, `low` and `high`, a record of several numbers its own names. A share has its percent beside
    it as text, and its interval where it has one. Cells are left out, since panels have them, and so are lists, which
    stand in data/findings.json. Nothing is returned where only names are left.
    """
    found = dict(_fields(finding))
    return found if _has_number(found) else {}


def _has_number(tree: Tree) -> bool:
    return any(
        _has_number(value) if isinstance(value, Mapping) else isinstance(value, int | float) for value in tree.values()
    )


def _fields(record: object) -> Iterator[tuple[str, Number | Tree]]:
    for field in fields(cast("Finding", record)):
        value = getattr(record, field.name)
        is_share = field.name.split("_")[-1] == "share"
        if field.name in _NOT_NUMBERS or isinstance(value, bool | tuple | Cell):
            continue
        if isinstance(value, Estimate):
            yield field.name, _estimate(value, is_share=is_share)
        elif is_dataclass(value):
            inner = dict(_fields(value))
            if inner:
                yield field.name, inner
        elif value is None or isinstance(value, int | float | str):
            yield field.name, _number(value)
            if is_share and isinstance(value, int | float):
                yield f"{field.name}_percent", _percent(value)


def _estimate(value: Estimate, *, is_share: bool) -> Tree:
    ends = {name: _number(getattr(value, name)) for name in ("value", "low", "high")}
    return ends | {"percent": _percent(value.value), "range": _range(value.low, value.high)} if is_share else ends


def _number(value: float | str | None) -> Number:
    """Return a number as data files have it: whole ones as integers, None where it is not finite."""
    return cast("Number", plain(value))


def _percent(value: float | None) -> str | None:
    return None if _number(value) is None or value is None else formats.percent(round(value, 12))


def _range(low: float | None, high: float | None) -> str | None:
    return None if low is None or high is None else formats.percent_range(low, high)


def decimals(value: float) -> str:
    """Return a number that is not whole with three decimals, and more where it would look like 0 or 1.

    >>> decimals(0.98128), decimals(0.00042), decimals(0.99997)
    ('0.981', '0.0004', '0.99997')
    """
    texts = [f"{value:.{digits}f}" for digits in range(3, _MOST_DECIMALS + 1)]
    return next((text for text in texts if abs(float(text)) not in (0, 1)), texts[0])
