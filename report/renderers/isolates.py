"""Names written from right to left keep to themselves in prose: without that they would turn around what stands beside.

A name is set between FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE (Unicode 6.3), which pages, PDF and plain text
understand alike; names that run as the text does are left alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace

from ..document import (
    Block,
    Document,
    FigureBlock,
    ItemList,
    Paragraph,
    Section,
    Sentence,
    TableBlock,
)

_FSI, _PDI = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"
_RIGHT_TO_LEFT = frozenset({"R", "AL"})
Change = Callable[[str], str]


def isolated(document: Document, direction: str = "ltr") -> Document:
    """Return the document with names that run against `direction` (ltr or rtl) isolated in running text.

    Fields of tables hold a name alone and are left as they are.
    """
    names = sorted({name for name in _names(document) if _runs(name) not in (None, direction)}, key=len, reverse=True)
    if not names:
        return document
    pattern = re.compile("|".join(map(re.escape, names)))

    def change(text: str) -> str:
        return pattern.sub(lambda match: f"{_FSI}{match[0]}{_PDI}", text)

    return replace(document, sections=tuple(_section(section, change) for section in document.sections))


def _runs(name: str) -> str | None:
    """Return ltr or rtl by the strong characters of a name, rtl where any is; None where it has none."""
    found = {unicodedata.bidirectional(character) for character in name}
    return "rtl" if found & _RIGHT_TO_LEFT else "ltr" if "L" in found else None


def _names(document: Document) -> Iterator[str]:
    for figure in document.figures:
        for panel in figure.panels:
            yield from (*panel.given_categories, *panel.outcome_categories)
            for kind in (panel.given, panel.outcome):
                yield from (kind.label, kind.singular, kind.plural)
            yield from (panel.unit.singular, panel.unit.plural)


def _section(section: Section, change: Change) -> Section:
    return replace(section, blocks=tuple(_block(block, change) for block in section.blocks))


def _block(block: Block, change: Change) -> Block:
    if isinstance(block, Paragraph):
        return _paragraph(block, change)
    if isinstance(block, ItemList):
        return replace(block, items=tuple(_paragraph(item, change) for item in block.items))
    if isinstance(block, FigureBlock):
        return replace(block, caption=_sentences(block.caption, change), alt=change(block.alt))
    if isinstance(block, TableBlock):
        return replace(block, caption=change(block.caption))
    notes = (replace(n, title=change(n.title), texts=tuple(map(change, n.texts))) for n in block.notes)
    return replace(block, notes=tuple(notes))


def _paragraph(paragraph: Paragraph, change: Change) -> Paragraph:
    lead = None if paragraph.lead is None else change(paragraph.lead)
    return replace(paragraph, sentences=_sentences(paragraph.sentences, change), lead=lead)


def _sentences(sentences: tuple[Sentence, ...], change: Change) -> tuple[Sentence, ...]:
    return tuple(
        replace(sentence, spans=tuple(replace(span, text=change(span.text)) for span in sentence.spans))
        for sentence in sentences
    )
