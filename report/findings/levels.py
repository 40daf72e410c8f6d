"""What a published matrix without counts shows: its high rows and cells, and how two of them contrast."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from .. import formats
from ..cells import Cell, CellRef, Panel
from .finding import Finding, KeyNumber, Recipe, cell_recipes, slug
from .thresholds import ThresholdSettings


@dataclass(frozen=True, slots=True)
class RowLevel:
    """A row of a matrix and the mean of its values (the mid-points of what was read), and of the ends of its ranges."""

    category: str
    mean: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Levels(Finding):
    """One panel: cells whose whole reading interval is in the high or moderate tier, rows by mean.

    `low_rows` are rows whose every cell lies at or below the low threshold over its whole range, `low_reach` is the
    largest end of these; `nearly_low` are the cells of rows that would be such but for that one cell. The top row
    surely has the highest cell in `n_led` of `n_columns` columns: above every other over the whole ranges.
    """

    kind: ClassVar[str] = "levels"
    thresholds: ClassVar[tuple[str, ...]] = ("high", "moderate", "low")
    panel: str
    n_cells: int
    high: tuple[Cell, ...]
    moderate: tuple[Cell, ...]
    top_row: RowLevel
    next_row: RowLevel | None
    low_rows: tuple[str, ...]
    low_reach: float
    nearly_low: tuple[Cell, ...]
    n_led: int
    n_columns: int
    mean: float

    @property
    def is_level(self) -> bool:
        """Whether the highest row has the mean of all cells, as it is written: where shares in rows add to one."""
        return formats.value(self.top_row.mean) == formats.value(self.mean)

    def number(self) -> KeyNumber:
        """Return the number that it goes by."""
        return KeyNumber((self.top_row.category,), self.n_led / max(self.n_columns, 1), exact=True)

    def evidence(self) -> Iterator[Recipe]:
        """Yield what its numbers are worked out from."""
        yield Recipe("mean", "mean of the values", {"n_cells": "n_cells"}, "mean")
        yield Recipe("row_mean", "mean of the row", {}, "top_row.mean", names=(self.top_row.category,))
        if self.next_row is not None:
            yield Recipe("row_mean", "mean of the row", {}, "next_row.mean", names=(self.next_row.category,))
        yield from cell_recipes("high", self.high)
        yield from cell_recipes("moderate", self.moderate)


@dataclass(frozen=True, kw_only=True)
class PanelContrast(Finding):
    """Two reversed panels without counts: how many mirrored cells surely differ, and which way.

    A cell surely differs where the reading intervals do not meet. `n_unread` mirrored pairs overlap.
    """

    kind: ClassVar[str] = "contrast"
    left: str
    right: str
    left_mean: float
    right_mean: float
    n_left_higher: int
    n_right_higher: int
    n_unread: int

    @property
    def is_level(self) -> bool:
        """Whether both panels have the same mean, as it is written."""
        return formats.value(self.left_mean) == formats.value(self.right_mean)

    def number(self) -> KeyNumber:
        """Return the number that it goes by."""
        n = self.n_left_higher + self.n_right_higher + self.n_unread
        return KeyNumber((), max(self.n_left_higher, self.n_right_higher) / max(n, 1), exact=True)

    def evidence(self) -> Iterator[Recipe]:
        """Yield what its numbers are worked out from."""
        terms = {"mean_L": "left_mean", "mean_R": "right_mean"}
        beside = {"n_left_higher": "n_left_higher", "n_right_higher": "n_right_higher", "n_unread": "n_unread"}
        yield Recipe("means", "mean_L - mean_R", terms | beside)


def find(panels: tuple[Panel, ...], thresholds: ThresholdSettings) -> list[Finding]:
    """Return levels of each panel, then the contrast of each mirrored pair (once)."""
    found: list[Finding] = [levels for panel in panels if (levels := _levels(panel, thresholds)) is not None]
    by_id = {panel.id: panel for panel in panels}
    seen: set[str] = set()
    for panel in panels:
        mirror = by_id.get(panel.mirror or "")
        if mirror is not None and mirror.id not in seen:
            seen.add(panel.id)
            found.append(_contrast(panel, mirror))
    return found


def _levels(panel: Panel, thresholds: ThresholdSettings) -> Levels | None:
    cells = [cell for cell in panel.cells if cell.value is not None]
    if not cells:
        return None
    high = [cell for cell in cells if _low(cell) >= thresholds.high]
    moderate = [cell for cell in cells if thresholds.moderate <= _low(cell) < thresholds.high]
    rows = sorted((_row(panel, name) for name in panel.given_categories), key=lambda row: -row.mean)
    above = {name: [c for c in _valued(panel, name) if _high(c) > thresholds.low] for name in panel.given_categories}
    low_rows = [name for name, higher in above.items() if not higher and _valued(panel, name)]
    nearly = [c for higher in above.values() if len(higher) == 1 for c in higher if _high(c) < thresholds.moderate]
    return Levels(
        id=f"levels.{panel.id}.{slug(rows[0].category)}",
        panel=panel.id,
        cells=tuple(CellRef(panel.id, cell.given, cell.outcome) for cell in (*high, *moderate)),
        n_cells=len(cells),
        high=tuple(high),
        moderate=tuple(moderate),
        top_row=rows[0],
        next_row=rows[1] if len(rows) > 1 else None,
        low_rows=tuple(low_rows),
        low_reach=max((_high(cell) for name in low_rows for cell in _valued(panel, name)), default=0.0),
        nearly_low=tuple(nearly),
        n_led=sum(_leads(panel, rows[0].category, outcome) for outcome in panel.outcome_categories),
        n_columns=len(panel.outcome_categories),
        mean=sum(cell.value or 0 for cell in cells) / len(cells),
    )


def _contrast(left: Panel, right: Panel) -> PanelContrast:
    mirrored = {(cell.outcome, cell.given): cell for cell in right.cells}
    pairs = [(cell, mirrored[key]) for cell in left.cells if (key := (cell.given, cell.outcome)) in mirrored]
    both = [(a, b) for a, b in pairs if a.value is not None and b.value is not None]
    higher = sum(_low(a) > _high(b) for a, b in both)
    lower = sum(_high(a) < _low(b) for a, b in both)
    return PanelContrast(
        id=f"contrast.{left.id}.{right.id}",
        left=left.id,
        right=right.id,
        left_mean=sum(a.value or 0 for a, _ in both) / max(len(both), 1),
        right_mean=sum(b.value or 0 for _, b in both) / max(len(both), 1),
        n_left_higher=higher,
        n_right_higher=lower,
        n_unread=len(both) - higher - lower,
    )


def _valued(panel: Panel, given: str) -> list[Cell]:
    return [cell for cell in panel.row(given) if cell.value is not None]


def _row(panel: Panel, given: str) -> RowLevel:
    cells = _valued(panel, given)
    n = max(len(cells), 1)
    mean, low, high = (sum(end(cell) for cell in cells) / n for end in (_middle, _low, _high))
    return RowLevel(given, mean, low, high)


def _leads(panel: Panel, given: str, outcome: str) -> bool:
    """Return whether a row's cell lies above all others of a column over the whole ranges read."""
    cells = [cell for cell in panel.cells if cell.outcome == outcome and cell.value is not None]
    own = next((cell for cell in cells if cell.given == given), None)
    return own is not None and all(_low(own) > _high(cell) for cell in cells if cell is not own)


def _middle(cell: Cell) -> float:
    return cell.value or 0


def _low(cell: Cell) -> float:
    return cell.low if cell.low is not None else cell.value or 0


def _high(cell: Cell) -> float:
    return cell.high if cell.high is not None else cell.value or 0
