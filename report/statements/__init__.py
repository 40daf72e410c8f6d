"""Statements: the assertions that a report may make about a relation, as records of numbers and cells.

Every assertion has one of the closed list of forms (`Form`) and is measured by one function of a table, a subject and
an outcome (`measures`). So it can be measured again on any other table: a stratum, without a group, counted otherwise,
another build (`scope`). Nothing here knows a word of English.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

import numpy as np

from ..arrays import Bools, Floats, Ints
from ..cells import CellRef
from ..ledger.incidence import Incidence
from ..stats.pairs import design_of
from ..stats.shares import Certainty, Design, Totals, alike_within, table_totals
from . import rules

Form = Literal[
    "difference", "rare_pair", "only_here", "trend", "turn", "overall", "no_link", "agreement", "weakest", "mismatch",
    "direction", "isolation", "strata_same", "strata_less", "strata_reversed", "groups", "depends", "recount",
    "missing", "few", "contained", "cell", "totals", "method", "highest_row", "low_rows", "one_table", "not_shown",
]  # fmt: skip
"""The closed list of assertions that a report may make."""

Comparison = Literal["", "others", "chance", "strata", "sizes", "order", "reverse", "totals"]

Number = float | int | bool | str | tuple["Number", ...]
"""A value that a sentence may print or choose its words by; tuples run over categories, levels or pairs."""


@dataclass(frozen=True, eq=False)
class Statement:
    """One assertion: the numbers that its sentence may print, and the statements that limit it.

    `subject` is a category of the explanatory side ("" for all units), and `outcome` one of the other side. `numbers`
    are unrounded. `certainty` is None for counts. `q` is p adjusted over all statements that were tested, nan if it was
    not tested. `scope` is "all", or says on which other table it was measured. `cells` are the cells that it is about,
    and `notes` the statements that limit it.
    """

    form: Form
    subject: str = ""
    outcome: str = ""
    comparison: Comparison = ""
    numbers: Mapping[str, Number] = field(default_factory=dict)
    certainty: Certainty | None = None
    q: float = np.nan
    scope: str = "all"
    cells: tuple[tuple[str, str], ...] = ()
    notes: tuple[Statement, ...] = ()

    @property
    def key(self) -> tuple[str, ...]:
        """What stays the same when only numbers change."""
        return self.form, self.subject, self.outcome, self.comparison, self.scope

    @property
    def id(self) -> str:
        """Its key as one word, for addresses and commands: "difference.programming.engineer"."""
        parts = (self.form, self.subject, self.outcome, "" if self.scope == "all" else self.scope)
        return ".".join(slug(one) for one in parts if one)

    @property
    def effect(self) -> float:
        """The difference that is told, 0 for forms without one."""
        found = self.numbers.get("difference", 0.0)
        return float(found) if isinstance(found, int | float) else 0.0

    @property
    def p(self) -> float:
        """The level at which the interval just touches no effect, nan for counts."""
        return np.nan if self.certainty is None else float(self.certainty.p)

    def interval(self, alpha: float = 0.05) -> tuple[float, float]:
        """Return the ends of the interval of the difference at the level 1 - alpha; nan for counts."""
        if self.certainty is None:
            return np.nan, np.nan
        low, high = self.certainty.interval(alpha)
        return float(low), float(high)

    def nearest(self, alpha: float) -> float:
        """Return the distance from no effect to the nearest end of the interval, 0 if it includes no effect."""
        low, high = self.interval(alpha)
        return min(abs(low), abs(high)) if low * high > 0 else 0.0

    def number(self, name: str) -> float:
        """Return one number. Raise KeyError if the statement has none of this name."""
        found = self.numbers[name]
        if isinstance(found, str | tuple):
            raise KeyError(name)
        return float(found)

    def note(self, *forms: Form) -> Statement | None:
        """Return the first note of one of these forms."""
        return next((one for one in self.notes if one.form in forms), None)


def slug(name: str) -> str:
    """Return a name as the part of an id: lower-case words and hyphens, other letters kept.

    >>> slug("Time Series"), slug("C++"), slug("+")
    ('time-series', 'c', 'category')
    """
    return re.sub(r"[^\w]+", "-", name.lower()).strip("-") or "category"


@dataclass(frozen=True, eq=False)
class Table:
    """Patterns of units with their categories on the explanatory side `x` (p, R) and on the other side `y` (p, C).

    `rows` and `columns` are the names of the categories. `ordered`: the explanatory categories are in order. `is_same`:
    both sides have the same categories. `is_shared`: a kind with itself, whose diagonal is true by construction and
    whose pairs have no direction. `is_flipped`: the columns of the relation explain its rows. `stratum` (p,) is None
    without strata. `minimum_groups` is the smallest effective number of clusters of a category. `residual` are
    categories such as "Other", which are never the subject or outcome of a finding. `withheld` (R, C) are cells whose
    numbers are confidential, or None. `undeclared` is as in `Incidence`.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    x: Bools
    y: Bools
    design: Design
    ordered: bool = False
    columns_ordered: bool = False
    clusters: tuple[str, ...] = ()
    stratum: Ints | None = None
    strata: tuple[str, ...] = ()
    is_same: bool = False
    is_shared: bool = False
    is_flipped: bool = False
    minimum_groups: float = 5.0
    residual: frozenset[str] = frozenset()
    withheld: Bools | None = None
    undeclared: str = ""

    @property
    def is_clustered(self) -> bool:
        """Whether units belong to groups."""
        return self.design.cluster is not None

    @property
    def n_units(self) -> float:
        """The number of units, without weights."""
        return float(self.design.units.sum())

    @property
    def several_rows(self) -> bool:
        """Whether a unit has several explanatory categories."""
        return bool((self.x.sum(axis=1) > 1).any())

    @property
    def several_columns(self) -> bool:
        """Whether a unit has several categories of the other side."""
        return bool((self.y.sum(axis=1) > 1).any())

    @cached_property
    def totals(self) -> Totals:
        """The totals of all pairs of categories."""
        return table_totals(self.x, self.y, self.design)

    @cached_property
    def alike(self) -> Mapping[str, Floats]:
        """The correlation of each outcome among units of one cluster and explanatory category."""
        found = alike_within(self.totals)
        return {name: found[j] for j, name in enumerate(self.columns)}

    @cached_property
    def strata_there(self) -> tuple[int, ...]:
        """The numbers of strata with units; empty without strata, or if all units are in one."""
        if self.stratum is None:
            return ()
        found = np.unique(self.stratum[self.design.units > 0])
        return tuple(found.tolist()) if len(found) > 1 else ()

    def row(self, category: str) -> Bools:
        """Return which patterns have an explanatory category."""
        return np.asarray(self.x[:, self.rows.index(category)])

    def column(self, category: str) -> Bools:
        """Return which patterns have a category of the other side."""
        return np.asarray(self.y[:, self.columns.index(category)])

    def kept(self, mask: Bools) -> Table:
        """Return the table of some patterns."""
        stratum = None if self.stratum is None else self.stratum[mask]
        return replace(self, x=self.x[mask], y=self.y[mask], design=self.design.kept(mask), stratum=stratum)

    def turned(self) -> Table:
        """Return the table with the other side explaining."""
        return replace(
            self,
            rows=self.columns,
            columns=self.rows,
            x=self.y,
            y=self.x,
            ordered=self.columns_ordered,
            columns_ordered=self.ordered,
            is_flipped=not self.is_flipped,
            withheld=None if self.withheld is None else self.withheld.T,
        )

    def cell(self, panel: str, subject: str, outcome: str) -> CellRef:
        """Return the reference to a cell of a panel whose given side is the explanatory one."""
        return CellRef(panel, subject, outcome)


def table_of(incidence: Incidence, minimum_groups: float, residual: Sequence[str] = (), explains: str = "") -> Table:
    """Return the table of an incidence, oriented.

    The explanatory side is `explains` ("rows" or "columns"). Without it, it is the side that is constant within groups
    if the other is not, else the side with one category a unit if the other has several, else the rows.
    """
    is_shared = incidence.trivial_diagonal
    table = Table(
        rows=incidence.rows.categories,
        columns=incidence.columns.categories,
        x=incidence.row_sets,
        y=incidence.column_sets,
        design=design_of(incidence),
        ordered=incidence.rows.ordered is not None,
        columns_ordered=incidence.columns.ordered is not None,
        clusters=incidence.groups,
        stratum=incidence.stratum if len(incidence.strata) > 1 else None,
        strata=incidence.strata,
        is_same=incidence.same_taxonomy and not is_shared,
        is_shared=is_shared,
        minimum_groups=minimum_groups,
        residual=frozenset(residual),
        withheld=incidence.withheld,
        undeclared=incidence.undeclared,
    )
    return table.turned() if _explaining(table, explains) == "columns" else table


def _explaining(table: Table, explains: str) -> str:
    if explains or table.is_same or table.is_shared:
        return explains or "rows"
    if table.design.cluster is not None:
        rows_fixed, columns_fixed = (_is_constant(sets, table.design.cluster) for sets in (table.x, table.y))
        if rows_fixed != columns_fixed:
            return "rows" if rows_fixed else "columns"
    return "columns" if table.several_rows and not table.several_columns else "rows"


def _is_constant(sets: Bools, cluster: Ints) -> bool:
    """Return whether the categories of a side are the same within all clusters with several patterns, ten or more."""
    order = np.argsort(cluster, kind="stable")
    alike = cluster[order][1:] == cluster[order][:-1]
    same = (sets[order][1:] == sets[order][:-1]).all(axis=1)
    return bool(len(np.unique(cluster[order][1:][alike])) >= rules.FEWEST_GROUPS and same[alike].all())
