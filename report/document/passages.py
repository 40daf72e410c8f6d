"""Passages that packs and other packages add to sections of the document, and the claims in them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ..cells import CellRef
from .model import (
    SECTION_IDS,
    Block,
    Document,
    FigureBlock,
    LinkSpan,
    Section,
    Sentence,
    Span,
    with_sentences,
)

Where = Literal["before", "after", "instead"]


@dataclass(frozen=True)
class Passage:
    """Blocks for one section, placed before, after or instead of its computed text."""

    section: str
    where: Where
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim of a text about the data, or a value that it shows and that is unavailable, with its location.

    `holds` is False for such a value. `where` names the enclosing loops: `c = "NLP"`. With `has_otherwise` the text
    has alternative words for a false claim. `cells` are the cells that decide the claim.
    """

    kind: Literal["claim", "value"]
    file: str
    line: int
    column: int
    predicate: str
    holds: bool
    reason: str = ""
    where: str = ""
    has_otherwise: bool = False
    cells: tuple[CellRef, ...] = ()

    @property
    def place(self) -> str:
        """File, line and column, in the form that editors parse."""
        return f"{self.file}:{self.line}:{self.column}"

    @property
    def fails(self) -> bool:
        """Whether it is false and the text has no alternative words for it."""
        return not self.holds and not self.has_otherwise

    @property
    def message(self) -> str:
        """The error message of a false claim."""
        said = "claim is false" if self.kind == "claim" else "value cannot be given"
        where = f", with {self.where}" if self.where else ""
        return f"{self.place}: {said}: {self.predicate}{where} ({self.reason})"


def with_passages(document: Document, passages: Sequence[Passage], title: Callable[[str], str]) -> Document:
    """Return the document with passages in their sections. A missing section is created, with the given title.

    `instead` replaces everything except figures. Links to sections that the report does not have become plain text.
    """
    sections = list(document.sections)
    for passage in passages:
        old = next((section for section in sections if section.id == passage.section), None)
        if old is None:
            place = _place(sections, passage.section)
            sections.insert(place, Section(passage.section, title(passage.section), passage.blocks))
        else:
            sections[sections.index(old)] = replace(old, blocks=_placed(passage, old.blocks))
    there = {section.id for section in sections}
    return replace(document, sections=tuple(_linking(section, there) for section in sections))


def _placed(passage: Passage, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    if passage.where == "after":
        return (*blocks, *passage.blocks)
    if passage.where == "before":
        return (*passage.blocks, *blocks)
    return (*passage.blocks, *(block for block in blocks if isinstance(block, FigureBlock)))


def _place(sections: Sequence[Section], section: str) -> int:
    """Return the position of a new section: before the first later section of its figure in the outline."""
    figure, _, name = section.rpartition(".")
    for place, other in enumerate(sections):
        of, _, known = other.id.rpartition(".")
        if of in (figure, "") and SECTION_IDS.index(known) > SECTION_IDS.index(name):
            return place
    return len(sections)


def _linking(section: Section, there: Collection[str]) -> Section:
    def live(span: Span) -> Span:
        if isinstance(span, LinkSpan) and span.href.startswith("#") and span.href[1:] not in there:
            return replace(span, href="")
        return span

    def checked(sentence: Sentence) -> Sentence:
        return replace(sentence, spans=tuple(map(live, sentence.spans)))

    return replace(section, blocks=with_sentences(section.blocks, checked))
