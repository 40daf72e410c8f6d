"""What changed in each panel as a matrix: a number where a cell moved by more than noise, else a dot or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .. import formats
from .changes import DATA, CellChange, Diff

_MATRIX_LIMIT = 40
"""Categories on a side beyond which a panel's changes are no matrix."""


@dataclass(frozen=True)
class MatrixBlock:
    """A panel's changes, for pages alone: `cells` in rows of (what is said, how it is drawn)."""

    caption: str
    outcomes: tuple[str, ...]
    rows: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


def matrices_of(found: Diff) -> Iterator[MatrixBlock]:
    """Yield each panel in which a cell moved by more than noise: a number there, a dot where one moved by no more."""
    for panel, (given, outcome) in found.axes.items():
        changes = {(c.given, c.outcome): c for c in found.cells if c.panel == panel}
        if not changes or max(len(given), len(outcome)) > _MATRIX_LIMIT:
            continue
        rows = tuple((a, tuple(_mark(changes.get((a, b))) for b in outcome)) for a in given)
        n = sum(bool(how) for _, cells in rows for _, how in cells)
        if not n:
            continue
        count, more = formats.count(n), formats.count(len(changes) - n)
        size = formats.count(len(given) * len(outcome))
        yield MatrixBlock(
            f"{panel}: {count} of {size} cells changed by more than noise, {more} by no more (·)", outcome, rows
        )


def _mark(change: CellChange | None) -> tuple[str, str]:
    """Return what a matrix says of a cell, and how: "up" or "down", strongly where it is large; nothing for noise."""
    if change is None:
        return "", ""
    if change.noise is not False and (change.noise or DATA in change.causes):
        return "·", ""
    if change.difference is None or change.how != "changed":
        return ("new" if change.how == "appeared" else "gone"), "came"
    way = "up" if change.difference > 0 else "down"
    return signed(change.difference), f"{way} large" if change.large else way


def signed(number: float) -> str:
    """Return a difference with its sign; none before what rounds to 0."""
    text = formats.value(abs(number))
    return text if float(text.replace(",", "")) == 0 else f"{'+' if number > 0 else '-'}{text}"
