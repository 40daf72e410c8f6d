"""Sentences: words with a stable id and the cells they speak of. No markup; renderers escape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..cells import CellRef

Origin = Literal["computed", "authored"]


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text. `strong` marks the lead words of an observation, `emphasis` a title or foreign word."""

    text: str
    style: Literal["plain", "strong", "emphasis"] = "plain"


@dataclass(frozen=True, slots=True)
class LinkSpan(Span):
    """A run of authored text that leads somewhere: to an http(s) address, or to a section as "#interpretation"."""

    href: str = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence with a stable id (kind and categories, never rank or number) and the cells it speaks of.

    `evidence` is the id of the note that says what its numbers rest on, None where it is about no finding.
    """

    id: str
    spans: tuple[Span, ...]
    cells: tuple[CellRef, ...] = ()
    origin: Origin = "computed"
    evidence: str | None = None

    @property
    def text(self) -> str:
        """The words without styles."""
        return "".join(span.text for span in self.spans)
