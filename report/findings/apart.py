"""Apart: categories whose rows of published matrices are low towards every other category."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from ..cells import Cell, CellRef, Panel
from .finding import Finding, KeyNumber, Recipe, slug
from .thresholds import ThresholdSettings


@dataclass(frozen=True, kw_only=True)
class Apart(Finding):
    """Categories of which, in every panel, each cell of the row off the diagonal is `low` or less over its whole range.

    `rows_reach` is the largest end of those ranges, `columns_reach` that of the cells in their columns, in rows of
    other categories: only where it is `low` too do they stand apart on both axes (`is_isolated`). Null where no
    category is such, or every one.
    """

    kind: ClassVar[str] = "apart"
    thresholds: ClassVar[tuple[str, ...]] = ("low",)
    panels: tuple[str, ...]
    members: tuple[str, ...]
    rows_reach: float
    columns_reach: float
    low: float

    @property
    def is_isolated(self) -> bool:
        """Whether nothing in their columns is higher either."""
        return self.columns_reach <= self.low

    def number(self) -> KeyNumber:
        """Return how high the rows reach; strong where the columns stay low too."""
        value = None if self.null else self.rows_reach
        return KeyNumber(self.members, value, "value", step=1 + int(self.is_isolated))

    def evidence(self) -> Iterator[Recipe]:
        """Yield what its numbers are worked out from."""
        for side in ("rows", "columns"):
            yield Recipe(f"{side}_reach", "largest upper end", {}, f"{side}_reach", names=self.members)


def find(panels: tuple[Panel, ...], thresholds: ThresholdSettings) -> list[Apart]:
    """Return one finding over the panels of shares that carry one taxonomy."""
    shown = [panel for panel in panels if panel.same_taxonomy and panel.measure.name == "conditional"]
    if not shown:
        return []
    names = shown[0].given_categories
    low = [
        name
        for name in names
        if all((most := _reach(_row(panel, name))) is not None and most <= thresholds.low for panel in shown)
    ]
    members = tuple(low) if len(low) < len(names) else ()
    rows = [cell for panel in shown for name in members for cell in _row(panel, name)]
    columns = [cell for panel in shown for name in members for cell in _column(panel, name, members)]
    return [
        Apart(
            id=".".join(("apart", *([slug(*members)] if members else []))),
            null=not members,
            cells=tuple(
                CellRef(panel.id, cell.given, cell.outcome)
                for panel in shown
                for name in members
                for cell in _row(panel, name)
            ),
            panels=tuple(panel.id for panel in shown),
            members=members,
            rows_reach=_reach(rows) or 0.0,
            columns_reach=_reach(columns) or 0.0,
            low=thresholds.low,
        )
    ]


def _row(panel: Panel, name: str) -> list[Cell]:
    return [cell for cell in panel.row(name) if cell.outcome != name and cell.value is not None]


def _column(panel: Panel, name: str, members: tuple[str, ...]) -> Iterator[Cell]:
    return (c for c in panel.cells if c.outcome == name and c.given not in members and c.value is not None)


def _reach(cells: list[Cell]) -> float | None:
    """Return the largest end of the cells' ranges, None without cells."""
    return max((cell.high if cell.high is not None else cell.value or 0 for cell in cells), default=None)
