"""Sentences: words with a stable id and the cells they speak of. No markup; renderers escape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from report.cells import CellRef

Origin = Literal["computed", "authored"]


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text. `strong` marks the lead words of an observation, `emphasis` a title or foreign word."""

    text: str
    style: Literal["plain", "strong", "emphasis"] = "plain"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence with a stable id (kind and categories, never rank or number) and the cells it speaks of."""

    id: str
    spans: tuple[Span, ...]
    cells: tuple[CellRef, ...] = ()
    origin: Origin = "computed"

    @property
    def text(self) -> str:
        """The words without styles."""
        return "".join(span.text for span in self.spans)
