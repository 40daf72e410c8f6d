"""Findings from published matrices without counts: high cells, contrasts, clusters and isolated categories."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from .. import formats
from ..cells import Cell, Estimate, Panel
from . import HIGH, LOW, MODERATE
from .finding import Finding, KeyNumber, mirrored, slug

_MOST_TRIED = 12
"""The largest number of categories with a large cell for which all sets of members are tried."""


@dataclass(frozen=True, slots=True)
class RowLevel:
    """A row of a matrix with the mean of its values (mid-points of the values read) and of their range ends."""

    category: str
    mean: Estimate


@dataclass(frozen=True, kw_only=True)
class PublishedLevels(Finding):
    """One panel: cells whose whole reading interval is in the high or moderate tier, rows by mean.

    `low_rows` are rows in which the whole range of every cell is at or below the low threshold, and `low_reach` is the
    largest end of these ranges. `nearly_low` are cells that alone prevent a row from being low. The top row is clearly
    highest in `n_led` of `n_columns` columns, which means that its whole range is above the range of every other cell.
    """

    kind = "levels"
    place = None
    thresholds = (("high", HIGH), ("moderate", MODERATE), ("low", LOW))
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
        """Whether the top row has the mean of all cells, as printed, because shares in rows add to one."""
        return formats.value(self.top_row.mean.value) == formats.value(self.mean)

    def number(self) -> KeyNumber:
        """Return the key number of the finding."""
        return KeyNumber((self.top_row.category,), Estimate(self.n_led / max(self.n_columns, 1)))


@dataclass(frozen=True, kw_only=True)
class PanelContrast(Finding):
    """Two reversed panels without counts: the number of mirrored cells that clearly differ, by direction.

    Two cells clearly differ if their reading intervals do not overlap. `n_unread` mirrored pairs overlap.
    """

    kind = "contrast"
    place = None
    left: str
    right: str
    left_mean: float
    right_mean: float
    n_left_higher: int
    n_right_higher: int
    n_unread: int

    @property
    def is_level(self) -> bool:
        """Whether both panels have the same mean, as printed."""
        return formats.value(self.left_mean) == formats.value(self.right_mean)

    def details(self) -> tuple[str, ...]:
        """Return the blocks that never appear on the first page."""
        return ("meaning", "silent")

    def number(self) -> KeyNumber:
        """Return the key number of the finding."""
        sure = self.n_left_higher, self.n_right_higher
        return KeyNumber((), Estimate(max(sure) / max(sum(sure) + self.n_unread, 1)))


@dataclass(frozen=True, kw_only=True)
class Cluster(Finding):
    """One panel with one taxonomy: of `n_cells` cells clearly at or above `moderate`, `n_within` join two `members`.

    `members` are the smallest set of two or more categories with the share `high` of these cells, but at most half of
    all categories. `outside` are the other cells. The finding is null and `members` are empty if there is no such set.
    """

    kind = "cluster"
    place = None
    thresholds = (("moderate", MODERATE), ("high", HIGH))
    panel: str
    members: tuple[str, ...]
    n_within: int
    n_cells: int
    outside: tuple[Cell, ...]
    moderate: float

    def number(self) -> KeyNumber:
        """Return the key number of the finding."""
        return KeyNumber(self.members, Estimate(self.n_within / self.n_cells) if self.members else None)


@dataclass(frozen=True, kw_only=True)
class IsolatedGroup(Finding):
    """Categories whose off-diagonal row cells are all at or below `low` over their whole range, in every panel.

    `rows_reach` is the largest end of these ranges. `columns_reach` is the largest end of the cells in their columns,
    in rows of other categories. The categories are isolated on both axes (`is_isolated`) only if it is also at most
    `low`. Null if no category meets the condition, or if all do.
    """

    kind = "apart"
    place = None
    thresholds = (("low", LOW),)
    panels: tuple[str, ...]
    members: tuple[str, ...]
    rows_reach: float
    columns_reach: float
    low: float

    @property
    def is_isolated(self) -> bool:
        """Whether the cells in their columns are low too."""
        return self.columns_reach <= self.low

    def number(self) -> KeyNumber:
        """Return the largest end of the rows; strong if the columns are low too."""
        reach = None if self.null else Estimate(self.rows_reach)
        return KeyNumber(self.members, reach)


def find_published(panels: tuple[Panel, ...]) -> Iterator[Finding]:
    """Yield the levels of each panel, the contrast of each mirrored pair, then clusters and isolated categories."""
    yield from (_levels(panel, cells) for panel in panels if (cells := panel.measured()))
    yield from (_contrast(*pair) for pair in mirrored(panels))
    for panel in panels:
        large = [cell for cell in panel.measured() if cell.least >= MODERATE]
        if panel.same_taxonomy and len(large) > 1:
            yield _cluster(panel, large)
    if shown := [panel for panel in panels if panel.same_taxonomy and panel.measure.name == "conditional"]:
        yield _apart(shown, LOW)


def _levels(panel: Panel, cells: Sequence[Cell]) -> PublishedLevels:
    high = [cell for cell in cells if cell.least >= HIGH]
    moderate = [cell for cell in cells if MODERATE <= cell.least < HIGH]
    of = {name: [cell for cell in cells if cell.given == name] for name in panel.given_categories}
    rows = sorted((_row(name, own) for name, own in of.items()), key=lambda row: -row.mean.value)
    above = {name: [cell for cell in own if cell.most > LOW] for name, own in of.items()}
    low_rows = [name for name, own in of.items() if own and not above[name]]
    nearly = [c for higher in above.values() if len(higher) == 1 for c in higher if c.most < MODERATE]
    return PublishedLevels(
        id=f"levels.{panel.id}.{slug(rows[0].category)}",
        panel=panel.id,
        cells=panel.refs((*high, *moderate)),
        n_cells=len(cells),
        high=tuple(high),
        moderate=tuple(moderate),
        top_row=rows[0],
        next_row=rows[1] if len(rows) > 1 else None,
        low_rows=tuple(low_rows),
        low_reach=max((cell.most for name in low_rows for cell in of[name]), default=0.0),
        nearly_low=tuple(nearly),
        n_led=sum(_leads(cells, rows[0].category, outcome) for outcome in panel.outcome_categories),
        n_columns=len(panel.outcome_categories),
        mean=sum(cell.value or 0 for cell in cells) / len(cells),
    )


def _row(name: str, cells: Sequence[Cell]) -> RowLevel:
    n = max(len(cells), 1)
    mean, low, high = (sum(getattr(cell, end) for cell in cells) / n for end in ("value", "least", "most"))
    return RowLevel(name, Estimate(mean, low, high))


def _leads(cells: Sequence[Cell], given: str, outcome: str) -> bool:
    """Return whether a row's cell is above all other cells of a column over the whole ranges read."""
    column = [cell for cell in cells if cell.outcome == outcome]
    own = next((cell for cell in column if cell.given == given), None)
    return own is not None and all(own.least > cell.most for cell in column if cell is not own)


def _contrast(left: Panel, right: Panel) -> PanelContrast:
    there = {(cell.outcome, cell.given): cell for cell in right.measured()}
    both = [(a, there[key]) for a in left.measured() if (key := (a.given, a.outcome)) in there]
    higher, lower = sum(a.least > b.most for a, b in both), sum(a.most < b.least for a, b in both)
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


def _cluster(panel: Panel, cells: Sequence[Cell]) -> Cluster:
    members = _members(panel, cells, HIGH)
    within = _within(cells, members)
    return Cluster(
        id=".".join(("cluster", panel.id, *([slug(*members)] if members else []))),
        null=not members,
        cells=panel.refs(cells),
        panel=panel.id,
        members=members,
        n_within=len(within),
        n_cells=len(cells),
        outside=tuple(cell for cell in cells if cell not in within),
        moderate=MODERATE,
    )


def _members(panel: Panel, cells: Sequence[Cell], share: float) -> tuple[str, ...]:
    """Return the smallest set of categories, in declared order, with the given share of the cells, or an empty one."""
    ends = {name for cell in cells for name in (cell.given, cell.outcome)}
    names = [name for name in panel.given_categories if name in ends]
    if len(names) > _MOST_TRIED:
        return ()
    for size in range(2, len(panel.given_categories) // 2 + 1):
        best = max(combinations(names, size), key=lambda chosen: len(_within(cells, chosen)), default=())
        if len(_within(cells, best)) >= share * len(cells):
            return best
    return ()


def _within(cells: Sequence[Cell], members: Sequence[str]) -> list[Cell]:
    return [cell for cell in cells if cell.given in members and cell.outcome in members]


def _apart(panels: Sequence[Panel], limit: float) -> IsolatedGroup:
    names = panels[0].given_categories
    off = [(panel, [cell for cell in panel.measured() if cell.given != cell.outcome]) for panel in panels]

    def rows(name: str) -> list[list[Cell]]:
        return [[cell for cell in cells if cell.given == name] for _, cells in off]

    low = [name for name in names if all(own and _reach(own) <= limit for own in rows(name))]
    members = tuple(low) if len(low) < len(names) else ()
    in_columns = [c for _, cells in off for c in cells if c.outcome in members and c.given not in members]
    return IsolatedGroup(
        id=".".join(("apart", *([slug(*members)] if members else []))),
        null=not members,
        cells=tuple(ref for panel, cells in off for ref in panel.refs(c for c in cells if c.given in members)),
        panels=tuple(panel.id for panel in panels),
        members=members,
        rows_reach=_reach([cell for name in members for own in rows(name) for cell in own]),
        columns_reach=_reach(in_columns),
        low=limit,
    )


def _reach(cells: Sequence[Cell]) -> float:
    """Return the largest end of the cells' ranges; 0 without cells."""
    return max((cell.most for cell in cells), default=0.0)
