"""A small picture of a document: what draws it, and the block that shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from .material import Part
from .model import FigureBlock
from .writer import Sentence

MOST_TOLD = 12
"""Lines that an alternative text tells one by one."""


class Drawable(Protocol):
    """What can be drawn on so many pixels, on a ground or none, with lines of words below."""

    @property
    def page_px(self) -> float:
        """How wide it is drawn for a page."""

    def svg(self, width: float, ground: str | None, below: Sequence[str] = ()) -> str:
        """Return the drawing."""


@dataclass(frozen=True)
class Illustration:
    """A picture with the block that shows it; `title` is what it is called where it stands alone."""

    block: FigureBlock
    title: str
    chart: Drawable


def picture_block(figure_id: str, caption: Sentence, alt: str, behind: tuple[str, ...]) -> FigureBlock:
    """Return the block of a picture: its caption, what it is read out as, and the ids of the tables behind it."""
    return FigureBlock(figure_id, (Sentence(f"caption.{figure_id}", caption.spans),), alt, behind)


def picture_id(part: Part, name: str) -> str:
    """Return what a picture is called: by its figure, and by its relation where the figure has several."""
    infix = f"{part.panels[0].relation}-" if len(part.in_figure) > len(part.panels) else ""
    return f"{part.figure}-{infix}{name}"
