"""Recipes of evidence: which fields of a finding each of its numbers is worked out from.

A recipe holds no number, only where in the finding the numbers stand, so evidence cannot print any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ..cells import Cell
from ..measures import MEASURES

Made = Literal[
    "",
    "share",
    "lift",
    "net",
    "excess",
    "through",
    "strata",
    "odds",
    "activity",
    "explained",
    "crossing",
    "read",
    "measure",
    "shift",
]
"""How an interval is made; "" where there is none."""

Terms = Mapping[str, str]

FUNCTIONS = ("log", "log2", "sqrt", "min")
"""What formulas may call."""

_NAME = re.compile(r"[A-Za-z_]\w*")
_CELL_FIELDS: Terms = {"n_ab": "n_joint", "n_a": "n_given", "n_b": "n_outcome", "N": "n_units"}


@dataclass(frozen=True, slots=True)
class Recipe:
    """One calculation: `formula` over names, and the path in the finding of each name and of the value and its ends.

    A path is field names and places joined by points; "#" is how many there are ("leading.0.n_joint", "tried.#").
    Without `value` the formula gives it. `what` names the words for it, `names` the categories (or unit, item) it is
    about. Names that are in `terms` and not in the formula are counts that stand beside it.
    """

    what: str
    formula: str
    terms: Terms = field(default_factory=dict)
    value: str = ""
    ends: tuple[str, str] | None = None
    made: Made = ""
    names: tuple[str, ...] = ()


def names_in(formula: str) -> tuple[str, ...]:
    """Return the names that a formula takes numbers for, in order.

    >>> names_in("log2(N * n_ab / (n_a * n_b))")
    ('N', 'n_ab', 'n_a', 'n_b')
    """
    return tuple(dict.fromkeys(name for name in _NAME.findall(formula) if name not in FUNCTIONS))


def cell_recipe(path: str, cell: Cell, measure: str = "conditional") -> Recipe:
    """Return how a cell's value is made; without its counts (published values) only where the value stands."""
    start = f"{path}." if path else ""
    formula = MEASURES[measure].in_counts if cell.n_joint is not None else "value"
    terms = {name: start + _CELL_FIELDS[name] for name in names_in(formula) if name in _CELL_FIELDS}
    ends = (f"{start}low", f"{start}high") if cell.low is not None else None
    made: Made = "read" if cell.n_joint is None else "share" if measure == "conditional" else "measure"
    return Recipe(
        "cell", formula, terms, f"{start}value", ends, made if ends is not None else "", (cell.given, cell.outcome)
    )


def cell_recipes(name: str, cells: Sequence[Cell], measure: str = "conditional") -> Iterator[Recipe]:
    """Yield how the values of the cells in a field are made."""
    return (cell_recipe(f"{name}.{place}", cell, measure) for place, cell in enumerate(cells))
