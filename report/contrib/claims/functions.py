"""The functions available in authored text, each with its call syntax."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from operator import attrgetter

from ... import formats
from ...cells import WITHHELD, Cell, CellRef, Estimate, Panel
from ...ledger.coverage import Coverage, SideCoverage
from . import values
from .values import (
    TIE,
    AuthorError,
    CellValue,
    Material,
    Name,
    Number,
    Row,
    Thing,
    Words,
    counted,
    judged,
    line_of,
    number_of,
    row_count,
)


@dataclass(frozen=True)
class Function:
    """A function with its call syntax, which appears in its error message. Its body checks the arguments."""

    usage: str
    body: Callable[..., Thing]

    @cached_property
    def _signature(self) -> inspect.Signature:
        return inspect.signature(self.body, eval_str=True)

    def __call__(self, material: Material, positional: Sequence[Thing], named: Mapping[str, Thing]) -> Thing:
        """Return the result. Raises Wrong if the arguments do not match the call syntax."""
        try:
            bound = self._signature.bind(material, *positional, **named)
        except TypeError:
            raise self.wrong from None
        takes = self._signature.parameters
        if not all(isinstance(thing, takes[name].annotation) for name, thing in bound.arguments.items()):
            raise self.wrong
        return self.body(*bound.args, **bound.kwargs)

    @property
    def wrong(self) -> AuthorError:
        """Return the error for a call that does not match the call syntax."""
        return AuthorError(f"this call is written {self.usage}")


_A_CELL = 'left["given", "outcome"]'


def as_number(thing: Thing) -> Number:
    """Return a value as a number. For a cell, this is its measure. Raises Wrong if it is not a number."""
    if isinstance(thing, Number):
        return thing
    if isinstance(thing, CellValue):
        return number_of(thing)
    raise AuthorError(f"{_called(thing)} is no number")


def _called(thing: Thing) -> str:
    if isinstance(thing, Words):
        return "text made for reading (compare the value itself)"
    if isinstance(thing, Panel):
        return f'a whole panel (write {thing.id}["given", "outcome"])'
    if isinstance(thing, Row):
        return f'a whole row (write {thing.panel.id}["{thing.given}", "outcome"])'
    return {Name: "a name", bool: "true or false"}[type(thing)]


def _about_cell(name: str, answer: Callable[[CellValue], Number]) -> Function:
    """Return a function that takes one cell and returns a number."""

    def body(_: Material, cell: CellValue) -> Number:
        return answer(cell)

    return Function(f"{name}({_A_CELL})", body)


def _as_text(usage: str, text: Callable[[float, str], str]) -> Function:
    """Return a function that formats a number in the report's language; undefined numbers stay undefined."""

    def write(m: Material, x: Thing) -> Thing:
        number = as_number(x)
        return number if number.value is None else Words(text(number.value, m.language), number.cells)

    return Function(usage, write)


def _interval(m: Material, x: Thing) -> Thing:
    number = as_number(x)
    if number.value is None:
        return number
    text = values.written_interval(number, m.language)
    return Number(None, cells=number.cells, reason="it has no interval") if text is None else Words(text, number.cells)


def _n(_: Material, x: Row | CellValue) -> Number:
    return row_count(x) if isinstance(x, Row) else counted(x, lambda cell: cell.n_joint)


def _count(m: Material, x: Thing) -> Thing:
    number = _n(m, x) if isinstance(x, CellValue | Row) else as_number(x)
    return number if number.value is None else Words(formats.count(number.value, m.language), number.cells)


def _about_ratio(name: str, field: str, *, within: bool = False) -> Function:
    """Return a function for a ratio of a cell with an interval. `within` strata, it needs strata."""
    ends = field.removesuffix("_strata")

    def ratio(cell: Cell) -> Estimate | None:
        value, low, high = attrgetter(field, f"{ends}_low", f"{ends}_high")(cell)
        return None if value is None else Estimate(value, low, high)

    def answer(found: CellValue) -> Number:
        if within and found.cell is not None and found.cell.expected_within_strata is None:
            return Number(None, "ratio", (found.ref,), reason="the relation has no strata")
        return judged(found, "ratio", ratio, None if within else field)

    return _about_cell(name, answer)


def rank_of(found: CellValue) -> Number:
    """Return the rank of a cell among the measured cells of its given category: 1 is the highest, ties share a rank."""
    own = number_of(found)
    if own.value is None:
        return own
    if may_be_beyond(found.panel, found.ref.given):
        return replace(own, estimate=None, reason=HIDDEN)
    higher = sum(value > own.value + TIE for _, value in _measured(line_of(found.panel, found.ref.given)))
    return Number(Estimate(float(higher + 1)), "count", own.cells)


HIDDEN = "a cell that is withheld for confidentiality may be higher or lower"

_RISES_WITH_UNITS = ("conditional", "share", "count")
"""Measures for which, within a row, a cell with fewer units is lower."""


def may_be_beyond(panel: Panel, name: str, *, outcome: bool = False, lowest: bool = False) -> bool:
    """Return whether a withheld cell may be higher (`lowest`: lower) than the measured cells of its row or column."""
    states = [cell.state for cell in line_of(panel, name, outcome=outcome)]
    if not outcome and not lowest and panel.measure.name in _RISES_WITH_UNITS:
        return "withheld_rest" in states
    return any(state in WITHHELD for state in states)


def _measured(cells: Sequence[Cell]) -> list[tuple[Cell, float]]:
    return [(cell, cell.value) for cell in cells if cell.state == "measured" and cell.value is not None]


def _extreme(usage: str, sign: int) -> Function:
    """Return the function for the category with the highest (lowest) measured cell of a row or column."""

    def find(_: Material, panel: Panel, *, given: Name | None = None, outcome: Name | None = None) -> Thing:
        fixed = given if outcome is None else outcome if given is None else None
        if fixed is None:
            raise AuthorError(f"this call is written {usage}")
        return _extreme_of(sign, panel, fixed, by_outcome=given is None)

    return Function(usage, find)


def _extreme_of(sign: int, panel: Panel, fixed: Name, *, by_outcome: bool) -> Thing:
    side = "outcome" if by_outcome else "given"
    known = panel.outcome_categories if by_outcome else panel.given_categories
    if fixed.text is None or fixed.text not in known:
        return Name(None, reason=fixed.reason or f'{panel.id} has no {side} category "{fixed.text}"')
    if may_be_beyond(panel, fixed.text, outcome=by_outcome, lowest=sign < 0):
        return Name(None, reason=HIDDEN)
    line = _measured(line_of(panel, fixed.text, outcome=by_outcome))
    if not line:
        return Name(None, reason=f"nothing is measured with the {side} category {fixed.text}")
    best = max(sign * value for _, value in line)
    first = [cell for cell, value in line if sign * value >= best - TIE]
    refs = tuple(CellRef(panel.id, cell.given, cell.outcome) for cell in first)
    names = [cell.given if by_outcome else cell.outcome for cell in first]
    return Name(names[0], refs) if len(names) == 1 else Name(None, refs, f"{' and '.join(names)} tie")


def _units(_: Material, panel: Panel) -> Number:
    return units_of(panel)


def units_of(panel: Panel) -> Number:
    """Return the number of units of a panel."""
    reason = "" if panel.n_units is not None else "a published matrix has no counts"
    return Number(Estimate.of(panel.n_units), "count", reason=reason)


def _covered(
    m: Material, panel: Panel, kind: Name | None = None, *, category: Name | None = None, year: Number | None = None
) -> Number:
    """Return the share of units that are counted. For a kind, it is the share of its items in a counted unit.

    The share is undefined if its denominator is zero. Raises Wrong for a wrong call or an unknown kind.
    """
    if category is not None and year is not None:
        raise FUNCTIONS["covered"].wrong
    if panel.relation not in m.relations:
        return Number(None, "share", reason="a published matrix has no counts")
    coverage = m.relations[panel.relation].coverage
    if coverage.is_withheld:
        return Number(None, "share", reason="the units left out are withheld for confidentiality (`disclosure:`)")
    if kind is None and category is None and year is None:
        return _part(coverage.n_units, coverage.n_candidates, f"no {panel.unit.singular} could count")
    side = _side(coverage, kind, panel.id, m.language)
    if category is not None:
        return _of_category(side, category)
    if year is not None:
        return _of_year(side, year)
    return _part(side.n_linked, side.n_items, f"there are no {side.side}")


def _side(coverage: Coverage, kind: Name | None, panel: str, language: str) -> SideCoverage:
    if kind is None:
        raise FUNCTIONS["covered"].wrong
    sides = {side.side: side for side in (coverage.rows, coverage.columns)}
    if kind.text not in sides:
        raise AuthorError(f'{panel} has no kind "{kind.text}"; there are {formats.listing(list(sides), language)}')
    return sides[kind.text]


def _of_category(side: SideCoverage, category: Name) -> Number:
    found = next((part for part in side.categories if part.category == category.text), None)
    if found is None:
        return Number(None, "share", reason=category.reason or f'{side.side} have no category "{category.text}"')
    return _part(found.n_linked, found.n_items, f"no {side.side} are {found.category}")


def _of_year(side: SideCoverage, year: Number) -> Number:
    if not year.constant or year.value is None:
        raise FUNCTIONS["covered"].wrong
    found = next((part for part in side.years if part.year == year.value), None)
    reason = f"no {side.side} are dated {year.value:.0f}"
    return Number(None, "share", reason=reason) if found is None else _part(found.n_linked, found.n_items, reason)


def _part(part: float, whole: float, reason: str) -> Number:
    return Number(Estimate(part / whole), "share") if whole else Number(None, "share", reason=reason)


FUNCTIONS: Mapping[str, Function] = {
    "percent": _as_text(f"percent({_A_CELL})", formats.percent),
    "ratio": _as_text(f"ratio(lift({_A_CELL}))", formats.ratio),
    "count": Function(f"count({_A_CELL})", _count),
    "value": _as_text(f"value({_A_CELL})", formats.value),
    "interval": Function(f"interval({_A_CELL})", _interval),
    "n": Function(f'n({_A_CELL}) or n(left["given"])', _n),
    "n_given": _about_cell("n_given", lambda c: counted(c, lambda cell: cell.n_given)),
    "n_outcome": _about_cell("n_outcome", lambda c: counted(c, lambda cell: cell.n_outcome)),
    "expected": _about_cell("expected", lambda c: counted(c, lambda cell: cell.expected, "expected")),
    "baseline": _about_cell("baseline", lambda c: counted(c, lambda cell: cell.baseline, "share")),
    "lift": _about_ratio("lift", "lift"),
    "lift_within": _about_ratio("lift_within", "lift_within_strata", within=True),
    "odds_within": _about_ratio("odds_within", "odds_within_strata", within=True),
    "rank": _about_cell("rank", rank_of),
    "highest": _extreme('highest(left, given="…") or highest(left, outcome="…")', 1),
    "lowest": _extreme('lowest(left, given="…") or lowest(left, outcome="…")', -1),
    "units": Function("units(left)", _units),
    "covered": Function('covered(left), covered(left, "models"), with category="…" or year=2020', _covered),
}
"""Functions that return a value."""

PREDICATES: Mapping[str, str] = {
    "surely": f"surely({_A_CELL} >= 0.75)",
    "about": f"about({_A_CELL}, 0.62, 0.05)",
    "told": 'told("difference", "given", "outcome")',
}
"""Predicates for claims, each with its call syntax. `predicates` evaluates them."""
