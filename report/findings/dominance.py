"""Dominance: on either side one category that most units have, with the answer that another unit gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from ..panels import Tables
from .finding import Finding, Study

Side = Literal["rows", "columns"]


@dataclass(frozen=True, slots=True)
class Leader:
    """The largest category of one side, counted by one unit: `n` of `n_units` have it, the share `share`."""

    role: str
    unit: str
    category: str
    n: float
    share: float
    n_units: float


@dataclass(frozen=True, kw_only=True)
class Dominance(Finding):
    """The largest category of a side by the declared unit, then by each other unit."""

    kind: ClassVar[str] = "dominance"
    side: Side
    leader: Leader
    alternatives: tuple[Leader, ...]

    @property
    def changes(self) -> bool:
        """Whether another unit has another largest category."""
        return any(other.category != self.leader.category for other in self.alternatives)


def find(study: Study) -> list[Dominance]:
    """Return a finding for each side on which a category reaches the threshold; a null one where neither has such.

    Where both sides are the same items (a kind over a shared key), the columns tell all.
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
        id=f"dominance.{study.relation}{'.rows' if side == 'rows' else ''}",
        null=leader.share < study.thresholds.dominant,
        side=side,
        leader=leader,
        alternatives=tuple(other for other in others if other is not None),
    )


def leader_of(tables: Tables, side: Side) -> Leader | None:
    """Return the largest category of a side, the first of those alike; None where no unit has any."""
    counts, unit = tables.counts, tables.incidence.unit
    sizes, of = (counts.given, counts.given_side) if side == "rows" else (counts.outcome, counts.outcome_side)
    if not counts.n_units or not sizes.any():
        return None
    top = int(np.argmax(sizes))
    n = float(sizes[top])
    return Leader(unit.role, unit.plural, of.categories[top], n, n / counts.n_units, counts.n_units)
