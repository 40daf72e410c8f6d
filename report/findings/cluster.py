"""Cluster: the few categories among which nearly all of a published matrix's large cells lie."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import ClassVar

from ..cells import Cell, CellRef, Panel
from .finding import Finding, KeyNumber, Recipe, slug
from .thresholds import ThresholdSettings

_HALF = 0.5
_MOST_TRIED = 12
"""Categories with a large cell up to which every choice of members is tried."""


@dataclass(frozen=True, kw_only=True)
class Cluster(Finding):
    """One panel on one taxonomy: of the `n_cells` cells that surely reach `moderate`, `n_within` join two of `members`.

    `members` are the fewest categories, two or more, that hold the share `high` of these cells, so many that they are
    at most half of all; `outside` are the other cells. Null where there are none so few: `members` is then empty.
    """

    kind: ClassVar[str] = "cluster"
    thresholds: ClassVar[tuple[str, ...]] = ("moderate", "high")
    panel: str
    members: tuple[str, ...]
    n_within: int
    n_cells: int
    outside: tuple[Cell, ...]
    moderate: float

    def number(self) -> KeyNumber:
        """Return the number that it goes by."""
        return KeyNumber(self.members, self.n_within / self.n_cells if self.members else None, exact=True)

    def evidence(self) -> Iterator[Recipe]:
        """Yield what its numbers are worked out from."""
        yield Recipe(
            "cluster", "n_within / n_cells", {"n_within": "n_within", "n_cells": "n_cells"}, names=self.members
        )


def find(panels: tuple[Panel, ...], thresholds: ThresholdSettings) -> list[Cluster]:
    """Return one finding for each panel of shares on one taxonomy with two cells or more that surely are moderate."""
    found = []
    for panel in panels:
        cells = [cell for cell in panel.cells if cell.value is not None and _least(cell) >= thresholds.moderate]
        if panel.same_taxonomy and len(cells) > 1:
            found.append(_cluster(panel, cells, thresholds))
    return found


def _cluster(panel: Panel, cells: Sequence[Cell], thresholds: ThresholdSettings) -> Cluster:
    members = _members(panel, cells, thresholds.high)
    within = [cell for cell in cells if _is_within(cell, members)]
    return Cluster(
        id=".".join(("cluster", panel.id, *([slug(*members)] if members else []))),
        null=not members,
        cells=tuple(CellRef(panel.id, cell.given, cell.outcome) for cell in cells),
        panel=panel.id,
        members=members,
        n_within=len(within),
        n_cells=len(cells),
        outside=tuple(cell for cell in cells if cell not in within),
        moderate=thresholds.moderate,
    )


def _members(panel: Panel, cells: Sequence[Cell], share: float) -> tuple[str, ...]:
    """Return the fewest categories, in declared order, among which the share of the cells lies; none where many."""
    ends = {name for cell in cells for name in (cell.given, cell.outcome)}
    names = [name for name in panel.given_categories if name in ends]
    if len(names) > _MOST_TRIED:
        return ()
    for size in range(2, int(_HALF * len(panel.given_categories)) + 1):
        best = max(combinations(names, size), key=lambda chosen: _count(cells, chosen), default=())
        if _count(cells, best) >= share * len(cells):
            return best
    return ()


def _count(cells: Sequence[Cell], members: Sequence[str]) -> int:
    return sum(_is_within(cell, members) for cell in cells)


def _is_within(cell: Cell, members: Sequence[str]) -> bool:
    return cell.given in members and cell.outcome in members


def _least(cell: Cell) -> float:
    return cell.low if cell.low is not None else cell.value or 0
