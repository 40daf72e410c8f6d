"""What changed, as JSON has it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..history.changes import CellChange, Diff

SCHEMA = "diptych-diff/1"


def as_data(found: Diff) -> dict[str, object]:
    """Return everything that changed as plain values; what is undefined is null."""
    whole = asdict(found)
    for side in ("old", "new"):
        date = getattr(found, side).date
        whole[side]["date"] = None if date is None else date.isoformat()
    whole["cells"] = [_cell(change) for change in found.cells]
    return {"schema": SCHEMA, "matters": found.matters, **whole}


def _cell(change: CellChange) -> dict[str, object]:
    return {**asdict(change), "shares": dict(change.shares)}
