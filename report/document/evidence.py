"""Calculations behind a cell, as frozen values: formulas with names and with numbers, counts, intervals and methods."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, StrictUndefined

from .. import formats
from ..cells import Cell, Estimate, Panel
from ..measures import MEASURES
from .material import RelationReport
from .writer import Writer

FUNCTIONS = ("log", "log2", "sqrt", "min")
"""Functions that formulas may call."""

_NAME = re.compile(r"[A-Za-z_]\w*")
_CELL_FIELDS: Mapping[str, str] = {"n_ab": "n_joint", "n_a": "n_given", "n_b": "n_outcome", "N": "n_units"}


@dataclass(frozen=True, slots=True)
class _Recipe:
    """One calculation: a formula over names, and the fields of the cell for each name, the value and its ends.

    `what` is the block of `evidence.j2` that describes it, about the categories `names`. `made` is the method of the
    interval, as in the block `made_...`, or empty without one.
    """

    what: str
    formula: str
    terms: Mapping[str, str]
    value: str
    ends: tuple[str, str] | None = None
    made: str = ""
    names: tuple[str, ...] = ()


def names_in(formula: str) -> tuple[str, ...]:
    """Return the names of the numbers that a formula uses, in order.

    >>> names_in("log2(N * n_ab / (n_a * n_b))")
    ('N', 'n_ab', 'n_a', 'n_b')
    """
    return tuple(dict.fromkeys(name for name in _NAME.findall(formula) if name not in FUNCTIONS))


@dataclass(frozen=True, slots=True)
class Term:
    """A number in a calculation: its name there, and the field of the cell it comes from."""

    name: str
    value: float
    field: str


@dataclass(frozen=True, slots=True)
class Calculation:
    """One number with its formula.

    `what` describes the number in words. `numbers` is the formula with numbers in place of names, "" if its numbers are
    not fields of the cell. `estimate` is None if undefined. `interval` names the method of its interval, "" without
    an interval. `terms` are the numbers of the formula and the counts shown next to it.
    """

    what: str
    formula: str
    numbers: str
    estimate: Estimate | None
    interval: str
    terms: tuple[Term, ...]

    @property
    def beside(self) -> tuple[Term, ...]:
        """The counts that are shown next to the formula but are not in it."""
        return tuple(term for term in self.terms if term.name not in names_in(self.formula))


def cell_evidence(part: RelationReport, panel: Panel, cell: Cell, writer: Writer) -> tuple[Calculation, ...]:
    """Return the calculations of a cell: value, base rate, expected count and lift, overall and within strata."""
    recipes = [_cell_recipe(cell, panel.measure.name)]
    names = (cell.given, cell.outcome)
    if cell.n_joint is not None and cell.expected is not None:
        counts = {"n_a": "n_given", "n_b": "n_outcome", "N": "n_units"}
        lift = "lift" if cell.lift_low is not None else ""
        within = "strata" if cell.lift_within_low is not None else ""
        recipes += [
            _Recipe("baseline", "n_b / N", {"n_b": "n_outcome", "N": "n_units"}, "baseline", names=names[1:]),
            _Recipe("expected", "n_a * n_b / N", counts, "expected", names=names),
            _ratio("over_all", "expected", "lift", lift, names),
        ]
        if cell.expected_within_strata is not None:
            total = "sum of n_a × n_b / N over strata"
            recipes.append(_Recipe("expected_within", total, {}, "expected_within_strata", names=names))
            recipes.append(_ratio("within", "expected_within_strata", "lift_within_strata", within, names))
    return tuple(_calculation(part, cell, recipe, writer) for recipe in recipes)


def _cell_recipe(cell: Cell, measure: str) -> _Recipe:
    """Return the calculation of a cell's value. Published values without counts have no formula."""
    formula = MEASURES[measure].in_counts if cell.n_joint is not None else "value"
    terms = {name: _CELL_FIELDS[name] for name in names_in(formula) if name in _CELL_FIELDS}
    made = "read" if cell.n_joint is None else "share" if measure == "conditional" else "measure"
    ends = ("low", "high") if cell.low is not None else None
    return _Recipe("cell", formula, terms, "value", ends, made if ends else "", (cell.given, cell.outcome))


def _ratio(what: str, expected: str, lift: str, made: str, names: tuple[str, ...]) -> _Recipe:
    start = lift.removesuffix("_strata")
    ends = (f"{start}_low", f"{start}_high") if made else None
    return _Recipe(what, "n_ab / e_ab", {"n_ab": "n_joint", "e_ab": expected}, lift, ends, made, names)


def _calculation(part: RelationReport, cell: Cell, recipe: _Recipe, writer: Writer) -> Calculation:
    found = {name: (field_, _number(cell, field_)) for name, field_ in recipe.terms.items()}
    terms = tuple(Term(name, value, field_) for name, (field_, value) in found.items() if value is not None)
    numbers = {term.name: term.value for term in terms}
    whole = set(names_in(recipe.formula)) <= numbers.keys()
    given = evaluated(recipe.formula, numbers) if whole else None
    value = _number(cell, recipe.value)
    # A formula whose numbers do not give the value (effective counts of weights, a half added to an empty cell) would
    # mislead, so it is shown with names only.
    agrees = given is not None and value is not None and math.isclose(given, value, rel_tol=1e-6, abs_tol=1e-9)
    low, high = (_number(cell, end) for end in recipe.ends) if recipe.ends else (None, None)
    return Calculation(
        what=writer.words("evidence", recipe.what, names=recipe.names),
        formula=written(recipe.formula),
        numbers=filled(recipe.formula, numbers) if agrees else "",
        estimate=None if value is None else Estimate(value, low, high),
        interval="" if low is None and high is None else _made(part, recipe.made, writer),
        terms=terms,
    )


def _number(cell: Cell, name: str) -> float | None:
    """Return a field of a cell as a number, or None if it is undefined."""
    found = getattr(cell, name)
    return float(found) if isinstance(found, int | float) and math.isfinite(found) else None


def _made(part: RelationReport, made: str, writer: Writer) -> str:
    """Return the method of an interval in words."""
    n_groups = part.panels[0].n_groups
    return writer.words(
        "evidence",
        f"made_{made}",
        grouped=n_groups is not None,
        n_groups=n_groups,
        weighted=part.wording.weighted,
        dispersed=part.wording.dispersion is not None,
    )


_ARITHMETIC = Environment(undefined=StrictUndefined, autoescape=True)
_ARITHMETIC.globals |= {"log": math.log, "log2": math.log2, "sqrt": math.sqrt, "min": min}
_expression = cache(_ARITHMETIC.compile_expression)


def written(formula: str) -> str:
    """Return a formula as shown to a reader.

    >>> written("2 * n_ab / (n_a + n_b)")
    '2 × n_ab / (n_a + n_b)'
    """
    return formula.replace("*", "×")


def filled(formula: str, numbers: Mapping[str, float]) -> str:
    """Return a formula with numbers in place of names.

    >>> filled("n_ab / n_a", {"n_ab": 392.0, "n_a": 4350.0})
    '392 / 4,350'
    """
    return written(_NAME.sub(lambda m: _operand(numbers[m[0]]) if m[0] in numbers else m[0], formula))


def _operand(number: float) -> str:
    text = formats.calculated(number)
    return f"({text})" if number < 0 else text


def evaluated(formula: str, numbers: Mapping[str, float]) -> float | None:
    """Return the value of a formula, or None if it is undefined (division by 0, logarithm of 0).

    >>> evaluated("n_ab / n_a", {"n_ab": 9.0, "n_a": 10.0}), evaluated("n_ab / n_a", {"n_ab": 0.0, "n_a": 0.0})
    (0.9, None)
    """
    try:
        value = float(_expression(formula)(numbers) or 0)  # a name without a number raises
    except (ZeroDivisionError, ValueError):
        return None
    return value if math.isfinite(value) else None


def estimate_texts(estimate: Estimate | None) -> tuple[str | None, str | None, str | None]:
    """Return a number and the ends of its interval as printed in evidence, each None if there is none."""
    numbers = (None, None, None) if estimate is None else (estimate.value, estimate.low, estimate.high)
    value, low, high = (None if number is None else formats.calculated(number) for number in numbers)
    return value, low, high
