"""Dominance: one category that most units have, with the answer that another unit gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..panels import Tables
from .finding import Finding, Study


@dataclass(frozen=True, slots=True)
class Leader:
    """The largest category of one side, counted by one unit, and the runner-up."""

    role: str
    unit: str
    category: str
    n: float
    share: float
    n_units: float


@dataclass(frozen=True, kw_only=True)
class Dominance(Finding):
    """The largest category of the column side by the declared unit, then by each other unit.

    `several`: units may have more than one category there, so that shares do not make up a whole.
    """

    kind: ClassVar[str] = "dominance"
    leader: Leader
    alternatives: tuple[Leader, ...]
    several: bool

    @property
    def changes(self) -> bool:
        """Whether another unit has another largest category."""
        return any(other.category != self.leader.category for other in self.alternatives)


def find(study: Study) -> list[Dominance]:
    """Return one finding; null where no category reaches the threshold by any unit."""
    leader = _leader(study.tables)
    if leader is None:
        return []
    others = tuple(o for tables in study.alternatives.values() if (o := _leader(tables)) is not None)
    return [
        Dominance(
            id=f"dominance.{study.relation}",
            null=leader.share < study.thresholds.dominant,
            leader=leader,
            alternatives=others,
            several=bool((study.tables.incidence.column_sets.sum(axis=1) > 1).any()),
        )
    ]


def _leader(tables: Tables) -> Leader | None:
    counts, unit = tables.counts, tables.incidence.unit
    if not counts.n_units or not counts.outcome.any():
        return None
    top = int(np.argmax(counts.outcome))
    n = float(counts.outcome[top])
    return Leader(unit.role, unit.plural, counts.outcome_side.categories[top], n, n / counts.n_units, counts.n_units)
