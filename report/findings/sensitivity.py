"""Sensitivity: the headline numbers under other choices of unit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..panels import Tables
from .finding import Finding, KeyNumber, Recipe, Study, part_of
from .statements import FindingKind


@dataclass(frozen=True, slots=True)
class UnitHeadline:
    """What one choice of unit gives: population, agreement (None without a diagonal), largest row and column."""

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
    """The declared unit's headline and those of the others; `stable` where the largest categories stay."""

    kind: ClassVar[str] = "sensitivity"
    declared: UnitHeadline
    others: tuple[UnitHeadline, ...]

    @property
    def stable(self) -> bool:
        """Whether every unit has the same largest row and column category."""
        return all((o.top_row, o.top_column) == (self.declared.top_row, self.declared.top_column) for o in self.others)

    def number(self) -> KeyNumber:
        """Return in how many of the other units the largest categories are the same."""
        own = self.declared.top_row, self.declared.top_column
        same = sum((other.top_row, other.top_column) == own for other in self.others)
        return KeyNumber((), part_of(same, len(self.others)), plain=True)

    def evidence(self) -> Iterator[Recipe]:
        """Yield what its numbers are worked out from."""
        others = ((f"others.{place}", other) for place, other in enumerate(self.others))
        for path, one in (("declared", self.declared), *others):
            beside = {"N": f"{path}.n_units"}
            if one.agreement is not None:
                yield Recipe("agree_by", "n_agree / n_labelled", beside, f"{path}.agreement", names=(one.unit,))
            for side, name in (("row", one.top_row), ("column", one.top_column)):
                yield Recipe(f"top_{side}", "share of N", beside, f"{path}.top_{side}_share", names=(name, one.unit))


def find(study: Study) -> list[Sensitivity]:
    """Return one finding where the relation can be counted by other units."""
    if not study.by_unit or not study.tables.counts.n_units:
        return []
    declared = _headline(study.tables, diagonal=study.diagonal)
    others = tuple(_headline(tables, diagonal=study.diagonal) for tables in study.by_unit.values())
    return [Sensitivity(id="sensitivity", declared=declared, others=others)]


def _headline(tables: Tables, *, diagonal: bool) -> UnitHeadline:
    counts, incidence = tables.counts, tables.incidence
    row, column = int(np.argmax(counts.given)), int(np.argmax(counts.outcome))
    return UnitHeadline(
        role=incidence.unit.role,
        unit=incidence.unit.plural,
        n_units=counts.n_units,
        agreement=_agreement(tables) if diagonal else None,
        top_row=counts.given_side.categories[row],
        top_row_share=float(counts.given[row]) / counts.n_units,
        top_column=counts.outcome_side.categories[column],
        top_column_share=float(counts.outcome[column]) / counts.n_units,
    )


def _agreement(tables: Tables) -> float | None:
    incidence = tables.incidence
    labelled = incidence.row_sets.any(axis=1) & incidence.column_sets.any(axis=1)
    total = float(labelled @ incidence.weight)
    agree = labelled & (incidence.row_sets == incidence.column_sets).all(axis=1)
    return float(agree @ incidence.weight) / total if total else None


KIND = FindingKind(Sensitivity, find)
