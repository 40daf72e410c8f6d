"""Matrices in small, with the cells marked that an observation speaks of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..cells import CellRef, Panel
from ..document import Document, Paragraph
from ..theme.colours import LIGHT

MARKED = "#d9480f"
MOST_MARKED = 40
"""Cells of a larger matrix could not be told apart at this size."""


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A matrix of squares of one unit: its view box, the paths of its grid and of its marked cells."""

    box: str
    lines: str
    marked: str

    def svg(self) -> str:
        """Return the drawing as a picture of its own, on nothing."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{self.box}">'
            f'<path fill="none" stroke="{LIGHT["grid"]}" stroke-width="0.06" d="{self.lines}"/>'
            f'<path fill="{MARKED}" d="{self.marked}"/></svg>'
        )


def thumbnail(panel: Panel, refs: Iterable[CellRef]) -> Thumbnail:
    """Return a panel in small with some of its cells marked."""
    rows, columns = panel.given_categories, panel.outcome_categories
    marked = "".join(f"M{columns.index(r.outcome)},{rows.index(r.given)}h1v1h-1Z" for r in refs)
    lines = "".join(f"M0,{y}h{len(columns)}" for y in range(len(rows) + 1))
    lines += "".join(f"M{x},0v{len(rows)}" for x in range(len(columns) + 1))
    return Thumbnail(f"-.1 -.1 {len(columns) + 0.2:g} {len(rows) + 0.2:g}", lines, marked)


def thumbnails(document: Document, item: Paragraph) -> tuple[Thumbnail, ...]:
    """Return small matrices with the cells marked that a list's item speaks of, one for each panel it names."""
    refs = dict.fromkeys(ref for sentence in item.sentences for ref in sentence.cells)
    panels = (panel for figure in document.figures for panel in figure.shown)
    return tuple(thumbnail(panel, own) for panel in panels if (own := _of(panel, list(refs))))


def _of(panel: Panel, refs: Sequence[CellRef]) -> list[CellRef]:
    """Return which cells are the panel's; none of a panel that is too large."""
    given, outcome = panel.given_categories, panel.outcome_categories
    if max(len(given), len(outcome)) > MOST_MARKED:
        return []
    return [ref for ref in refs if ref.panel == panel.id and ref.given in given and ref.outcome in outcome]
