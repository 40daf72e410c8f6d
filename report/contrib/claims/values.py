"""Values available in authored text: panels, their cells and rows, and numbers linked to their cells."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from ... import formats
from ...cells import WITHHELD, Cell, CellRef, Estimate, Panel
from ...errors import did_you_mean
from ...statements.select import Told
from ...stats.measures import MEASURES
from ...stats.panels import RelationCounts

TIE = 1e-9
"""Numbers that differ by at most this are equal."""


class AuthorError(Exception):
    """An error in authored text that its author must correct, whatever the data."""


@dataclass(frozen=True, slots=True)
class MeasuredCell:
    """A measure of one cell, for differences: the panel's own measure, or another by name."""

    ref: CellRef
    measure: str


@dataclass(frozen=True, slots=True)
class Number:
    """A number with its sources. `estimate` is None if it is undefined; `reason` then says why.

    `measured` is set for a measure of a single cell, and `parts` for the difference of two such numbers. A `constant`
    was written by the author.
    """

    estimate: Estimate | None
    sort: formats.Scale = "value"
    cells: tuple[CellRef, ...] = ()
    reason: str = ""
    measured: MeasuredCell | None = None
    parts: tuple[Number, Number] | None = None
    constant: bool = False

    @property
    def value(self) -> float | None:
        """The number, or None if it is undefined."""
        return None if self.estimate is None else self.estimate.value


@dataclass(frozen=True, slots=True)
class Name:
    """The name of a category, found in the data (`text` is None if there is none) or written by the author."""

    text: str | None
    cells: tuple[CellRef, ...] = ()
    reason: str = ""
    constant: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """A number or list in display form, which cannot be compared."""

    text: str
    cells: tuple[CellRef, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one given category of a panel. If there are none, `reason` says why."""

    panel: Panel
    given: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CellValue:
    """One cell of a panel. `cell` is None if a category no longer exists, and `reason` names it."""

    panel: Panel
    ref: CellRef
    cell: Cell | None
    reason: str = ""


Thing = Number | Name | Words | Row | CellValue | Panel | bool
"""Any value that an expression of authored text can have."""


@dataclass(frozen=True)
class Material:
    """The numbers that authored text is checked against.

    `date` is the report's date or None. `relations` are the counts of relations by name. `told` returns what
    the report tells of one of them.
    """

    panels: Mapping[str, Panel]
    date: dt.date | None = None
    language: str = "en"
    relations: Mapping[str, RelationCounts] = field(default_factory=dict)
    told: Callable[[str], Told] | None = None


@dataclass(frozen=True, slots=True)
class Operand:
    """A number in a predicate, with its expression. `estimate` is None if it is undefined."""

    text: str
    estimate: Estimate | None


@dataclass(frozen=True, slots=True)
class Judgement:
    """The truth of a predicate. `detail` gives the reason if false."""

    holds: bool
    detail: str = ""
    operands: tuple[Operand, ...] = ()
    cells: tuple[CellRef, ...] = ()
    undefined: str = ""


def line_of(panel: Panel, name: str, *, outcome: bool = False) -> tuple[Cell, ...]:
    """Return the cells of one given category or one outcome category, which must belong to the panel."""
    n = len(panel.outcome_categories)
    if outcome:
        return panel.cells[panel.outcome_categories.index(name) :: n]
    start = panel.given_categories.index(name) * n
    return panel.cells[start : start + n]


def cell_of(panel: Panel, given: str, outcome: str) -> CellValue:
    """Return a cell by its category names, or the reason why there is none."""
    ref = CellRef(panel.id, given, outcome)
    lacking = _lacking(panel, "given", given) or _lacking(panel, "outcome", outcome)
    return CellValue(panel, ref, None if lacking else panel.cell(given, outcome), lacking)


def row_of(panel: Panel, given: str) -> Row:
    """Return a row by its given category, or the reason why there is none."""
    return Row(panel, given, _lacking(panel, "given", given))


def _lacking(panel: Panel, side: str, name: str) -> str:
    known = panel.given_categories if side == "given" else panel.outcome_categories
    return "" if name in known else f'{panel.id} has no {side} category "{name}"{did_you_mean(name, known)}'


def number_of(found: CellValue) -> Number:
    """Return a cell's own measure with its interval."""
    measure = found.panel.measure.name
    return judged(found, MEASURES[measure].written, lambda cell: cell.estimate, measure)


def judged(
    found: CellValue,
    sort: formats.Scale,
    pick: Callable[[Cell], Estimate | None],
    measure: str | None = None,
) -> Number:
    """Return a number that only a measured cell has, selected by `pick`."""
    reason = found.reason or (_state(found.panel, found.cell) if found.cell else "")
    if reason or found.cell is None:
        return Number(None, sort, (found.ref,), reason=reason)
    estimate = pick(found.cell)
    if estimate is None:
        return Number(None, sort, (found.ref,), reason="these data give it no value")
    return Number(estimate, sort, (found.ref,), measured=MeasuredCell(found.ref, measure) if measure else None)


def counted(found: CellValue, pick: Callable[[Cell], float | None], sort: formats.Scale = "count") -> Number:
    """Return a count of a cell, which is available even for few units."""
    if found.cell is None:
        return Number(None, sort, (found.ref,), reason=found.reason)
    value = pick(found.cell)
    if value is None:
        reason = _state(found.panel, found.cell) if found.cell.state in WITHHELD else "a published matrix has no counts"
        return Number(None, sort, (found.ref,), reason=reason)
    return Number(Estimate(value), sort, (found.ref,))


def row_count(row: Row) -> Number:
    """Return the number of units with the given category of a row."""
    panel = row.panel
    if row.reason or not panel.outcome_categories:
        return Number(None, "count", reason=row.reason)
    refs = tuple(CellRef(panel.id, row.given, outcome) for outcome in panel.outcome_categories)
    value = panel.cells[panel.places(row.given).start].n_given
    hidden = panel.n_units is not None
    lacking = "the row is withheld for confidentiality" if hidden else "a published matrix has no counts"
    return Number(Estimate.of(value), "count", refs, reason="" if value is not None else lacking)


def _state(panel: Panel, cell: Cell) -> str:  # noqa: PLR0911 - one for each state
    """Return the reason why a cell is not measured, or ""."""
    unit = panel.unit
    if cell.state == "measured":
        return ""
    if cell.state == "few":
        groups = ", or groups of them," if panel.n_groups is not None else ""
        return f"too few {unit.plural}{groups} have the given category {cell.given}"
    if cell.state == "uncertain":
        return f"the share of {cell.outcome} for {cell.given} is too uncertain: its interval is wider than 60 points"
    if cell.state in WITHHELD:
        return f"the cell is withheld for confidentiality: too few {unit.plural}"
    if cell.state == "masked":
        return "the diagonal of a kind with itself says nothing"
    if panel.n_units is None:
        return "the published matrix has no value there"
    side, name = ("given", cell.given) if cell.state == "no_given" else ("outcome", cell.outcome)
    return f"no {unit.singular} has the {side} category {name}"


def combine(first: Number, operator: str, second: Number) -> Number:
    """Return the sum, difference, product or quotient of two numbers. Only differences of cells have an interval."""
    cells = tuple(dict.fromkeys((*first.cells, *second.cells)))
    reason = first.reason or second.reason
    constant = first.constant and second.constant
    sort: formats.Scale = first.sort if first.sort == second.sort == "count" and operator in "+-" else "value"
    if first.value is None or second.value is None:
        return Number(None, sort, cells, reason=reason)
    if operator == "/" and abs(second.value) <= TIE:
        return Number(None, sort, cells, reason="it divides by zero")
    a, b = first.value, second.value
    value = {"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "/": lambda: a / b}[operator]()
    if not math.isfinite(value):
        return Number(None, sort, cells, reason="it is too large")
    both = operator == "-" and first.measured is not None and second.measured is not None
    return Number(Estimate(value), sort, cells, parts=(first, second) if both else None, constant=constant)


def negated(number: Number) -> Number:
    """Return a number with its sign reversed."""
    if number.value is None:
        return number
    return replace(combine(Number(Estimate(0.0), constant=True), "-", number), constant=number.constant)


def written(number: Number, language: str) -> str:
    """Return a defined number in the format of generated text."""
    assert number.value is not None  # noqa: S101 - callers have asked
    return formats.on_scale(number.value, number.sort, language)


def written_interval(number: Number, language: str) -> str | None:
    """Return the interval of a number in the format of generated text, or None."""
    low, high = (None, None) if number.estimate is None else (number.estimate.low, number.estimate.high)
    if low is None:
        return None
    # Only ratios may have no upper end.
    return formats.range_on_scale(low, math.inf if high is None else high, number.sort, language)
