"""Dominance of one category on either side, and the sensitivity of the headline numbers to the unit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..arrays import Bools, over
from ..cells import Estimate
from ..matrices.counts import agreeing
from ..panels import RelationStats
from .finding import Finding, KeyNumber, Study, part_of
from .statements import Answer, FindingKind, Headline, Question, ResampledStudy, Statement, StatementInput, varying

_DOMINANT = 0.5
"""The share of units from which one category dominates."""

Side = Literal["rows", "columns"]


@dataclass(frozen=True, slots=True)
class Leader:
    """The largest category of one side for one unit: `n` of `n_units` have it, which is the share `share`."""

    role: str
    unit: str
    category: str
    n: float
    share: float
    n_units: float


@dataclass(frozen=True, kw_only=True)
class Dominance(Finding):
    """The largest category of a side by the declared unit, then by each other unit."""

    kind = "dominance"
    place = "sizes"
    thresholds = (("dominant", _DOMINANT),)
    side: Side
    leader: Leader
    alternatives: tuple[Leader, ...]

    @property
    def changes(self) -> bool:
        """Whether another unit has a different largest category."""
        return any(other.category != self.leader.category for other in self.alternatives)

    def details(self) -> tuple[str, ...]:
        """Return the blocks that never appear on the first page."""
        return ("observation",) if self.id.endswith(".rows") else ()

    def number(self) -> KeyNumber:
        """Return the key number of the finding."""
        leader = self.leader
        return KeyNumber((leader.category,), Estimate(leader.share), steps=int(self.changes), trials=leader.n_units)


def find_dominance(study: Study) -> list[Dominance]:
    """Return a finding for each side on which a category reaches the threshold, or a null finding if neither has one.

    If both sides are the same items (a kind over a shared key), the columns suffice.
    """
    sides: tuple[Side, ...] = ("columns",) if study.tables.incidence.trivial_diagonal else ("columns", "rows")
    found = [one for side in sides if (one := _dominance(study, side)) is not None]
    return [one for one in found if not one.null] or found[:1]


def _dominance(study: Study, side: Side) -> Dominance | None:
    leader = leader_of(study.tables, side)
    if leader is None:
        return None
    others = (leader_of(tables, side) for tables in study.by_unit.values())
    return Dominance(
        id=f"dominance.{study.numbers.name}{'.rows' if side == 'rows' else ''}",
        null=leader.share < _DOMINANT,
        side=side,
        leader=leader,
        alternatives=tuple(other for other in others if other is not None),
    )


def leader_of(tables: RelationStats, side: Side) -> Leader | None:
    """Return the largest category of a side, the first in a tie, or None if no unit has any."""
    counts, unit = tables.counts, tables.incidence.unit
    sizes, of = (counts.given, counts.given_side) if side == "rows" else (counts.outcome, counts.outcome_side)
    if not counts.n_units or not sizes.any():
        return None
    top = int(np.argmax(sizes))
    n = float(sizes[top])
    return Leader(unit.role, unit.plural, of.categories[top], n, n / counts.n_units, counts.n_units)


_LARGEST, _LARGEST_ROW = "largest", "largest_row"


def _asks(finding: Dominance, study: Study) -> Iterator[Question]:
    category, panel = finding.leader.category, study.panels[0].id
    if finding.side == "rows":
        cells = tuple(ref for column in study.columns for ref in study.refs(category, column))
        yield Question(_LARGEST_ROW, (category,), panel, finding.id, cells)
    else:
        cells = tuple(ref for row in study.rows for ref in study.refs(row, category))
        yield Question(_LARGEST, (category,), panel, finding.id, cells)


def _answer(question: Question, asked: StatementInput) -> Answer | None:
    study, counts, category = asked.study, asked.study.tables.counts, question.categories[0]
    is_row = question.about == _LARGEST_ROW
    top = leader_of(study.tables, "rows" if is_row else "columns")
    if top is None:
        return None
    sizes, names = (counts.given, study.rows) if is_row else (counts.outcome, study.columns)
    share = float(sizes[names.index(category)]) / counts.n_units
    return Answer(share, top.category)


def _fails(headline: Headline, drawn: ResampledStudy) -> Bools | None:
    is_row = headline.question.about == _LARGEST_ROW
    sizes, names = (drawn.of.given, drawn.study.rows) if is_row else (drawn.of.outcome, drawn.study.columns)
    own = names.index(headline.question.categories[0])
    share = over(sizes[:, own], drawn.of.units, np.nan)
    return varying(share, sizes.argmax(axis=1) != own)


@dataclass(frozen=True, slots=True)
class UnitHeadline:
    """The results for one unit: population, agreement (None without a diagonal), largest row and column."""

    role: str
    unit: str
    n_units: float
    agreement: float | None
    top_row: str
    top_row_share: float
    top_column: str
    top_column_share: float


@dataclass(frozen=True, kw_only=True)
class Sensitivity(Finding):
    """The results for the declared unit and the other units; `stable` if the largest categories are the same."""

    kind = "sensitivity"
    place = None
    declared: UnitHeadline
    others: tuple[UnitHeadline, ...]

    @property
    def stable(self) -> bool:
        """Whether every unit has the same largest row and column category."""
        return all((o.top_row, o.top_column) == (self.declared.top_row, self.declared.top_column) for o in self.others)

    def number(self) -> KeyNumber:
        """Return the share of other units for which the largest categories are the same."""
        own = self.declared.top_row, self.declared.top_column
        same = sum((other.top_row, other.top_column) == own for other in self.others)
        return KeyNumber((), part_of(same, len(self.others)), plain=True)


def find_sensitivity(study: Study) -> list[Sensitivity]:
    """Return one finding if the relation can be counted by other units."""
    if not study.by_unit or not study.tables.counts.n_units:
        return []
    declared = _headline(study.tables, diagonal=study.diagonal)
    others = tuple(_headline(tables, diagonal=study.diagonal) for tables in study.by_unit.values())
    return [Sensitivity(id="sensitivity", declared=declared, others=others)]


def _headline(tables: RelationStats, *, diagonal: bool) -> UnitHeadline:
    counts, incidence = tables.counts, tables.incidence
    row, column = int(np.argmax(counts.given)), int(np.argmax(counts.outcome))
    agreement = None
    if diagonal:  # otherwise the two sides have different categories
        labelled, agree = (float(which @ incidence.weight) for which in agreeing(incidence))
        agreement = agree / labelled if labelled else None
    return UnitHeadline(
        role=incidence.unit.role,
        unit=incidence.unit.plural,
        n_units=counts.n_units,
        agreement=agreement,
        top_row=counts.given_side.categories[row],
        top_row_share=float(counts.given[row]) / counts.n_units,
        top_column=counts.outcome_side.categories[column],
        top_column_share=float(counts.outcome[column]) / counts.n_units,
    )


DOMINANCE = FindingKind(
    Dominance,
    find_dominance,
    _asks,
    tuple(Statement(about, _answer, _fails, names=True) for about in (_LARGEST, _LARGEST_ROW)),
)
SENSITIVITY = FindingKind(Sensitivity, find_sensitivity)
