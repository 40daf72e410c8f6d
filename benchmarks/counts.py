"""The counts behind two panels: what a site says of them, and what a peer has counted. They must be the same."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

Counts: TypeAlias = dict[tuple[str, str], tuple[int, int, int, int]]
"""(given, outcome) -> how many units have both, the given, the outcome, and how many there are."""


class PeerError(RuntimeError):
    """A peer has not counted what the report has, so their times cannot be compared."""


def require_same(site: Path, counts: Path, peer: str, *, left: str, right: str, relation: str | None = None) -> None:
    """Hold what a peer has counted to both panels of a site, the right one of which is the left one reversed.

    `relation` chooses among a peer's rows, where it has counted several. Raises `PeerError`, with the first cell that
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
    """Return the counts of a table; `turned`: as if its outcome were given."""
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
