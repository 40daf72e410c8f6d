"""The counts behind two panels, from a site and from a peer. They must be equal."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

Counts: TypeAlias = dict[tuple[str, str], tuple[int, int, int, int]]
"""(given, outcome) -> number of units with both, with the given, with the outcome, and in total."""


class PeerError(RuntimeError):
    """A peer's counts differ from the report, so their times cannot be compared."""


def require_same(site: Path, counts: Path, peer: str, *, left: str, right: str, relation: str | None = None) -> None:
    """Compare a peer's counts with both panels of a site. The right panel is the left one reversed.

    `relation` selects the peer's rows if it has counted several relations. Raise `PeerError` with the first cell that
    differs.
    """
    theirs = _counts(counts, relation)
    for panel, turned in ((left, False), (right, True)):
        ours = _counts(site / "data" / f"{panel}.csv", turned=turned)
        if ours.keys() != theirs.keys():
            raise PeerError(f"{peer} has other cells than {panel}: {sorted(ours.keys() ^ theirs.keys())[:3]}")
        for cell, numbers in ours.items():
            if numbers != theirs[cell]:
                raise PeerError(f"{peer} counts {theirs[cell]} for {cell} where {panel} has {numbers}")


def _counts(path: Path, relation: str | None = None, *, turned: bool = False) -> Counts:
    """Return the counts of a table. `turned`: swap given and outcome."""
    given, outcome = ("outcome", "given") if turned else ("given", "outcome")
    return {
        (row[given], row[outcome]): (
            int(row["n_joint"]),
            int(row[f"n_{given}"]),
            int(row[f"n_{outcome}"]),
            int(row["n_units"]),
        )
        for row in _rows(path)
        if relation is None or row["relation"] == relation
    }


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
