"""The picture of what moved over time: how much of it is left within strata, the rest being their mix."""

from __future__ import annotations

from .. import formats
from ..figures.changes import ChangeRow, Changes
from ..findings.trend import Moved, Trend
from .history import MOST_ROWS, name_of, points_range
from .illustration import MOST_TOLD, Illustration, picture_block, picture_id
from .material import Part
from .writer import Writer


def of_changes(part: Part, writer: Writer) -> Illustration | None:
    """Return the picture of what moved; None where nothing did, or nothing is known of it within strata."""
    found = part.first(Trend)
    if found is None or part.history is None:
        return None
    told = [m for m in found.moved[:MOST_ROWS] if m.within is not None and m.verdict != "undated"]
    rows = [_row(part, m, writer) for m in told]
    if not rows:
        return None
    level = formats.percent(part.inference.level)
    interval = writer.words("pictures", "interval", level=level, of_ratios=False)
    keys = (
        writer.words("pictures", "over_all"),
        writer.words("pictures", "within"),
        interval if any(row.low is not None for row in rows) else "",
    )
    title = writer.words("pictures", "changes_title")
    items = [
        writer.words("pictures", "change_item", name=r.name, over_all=_points(r.over_all), text=r.text)
        for r in rows[:MOST_TOLD]
    ]
    alt = writer.words("pictures", "changes_alt", items=items)
    behind = (f"{part.figure}-{part.panels[0].relation}-history",)
    block = picture_block(picture_id(part, "changes"), writer.tell("pictures", "changes_caption"), alt, behind)
    return Illustration(block, title, Changes(title, tuple(rows), keys))


def _row(part: Part, m: Moved, writer: Writer) -> ChangeRow:
    within = m.within
    if within is None:
        raise ValueError("nothing is known of it within strata")
    low, high = (None if end is None else 100 * end for end in (within.low, within.high))
    text = _points(100 * within.value)
    ends = points_range(within, writer)
    name = name_of(part, m, writer)
    return ChangeRow(name, 100 * m.change.value, 100 * within.value, low, high, f"{text} ({ends})" if ends else text)


def _points(points: float) -> str:
    return formats.decimal(round(points, 1) + 0.0, 0 if abs(points) >= 1 else 1)
