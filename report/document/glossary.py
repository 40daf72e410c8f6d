"""Words of the trade behind the first page: told at the end of a report that has any, linked where each comes first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from .model import Block, ItemList, Paragraph, Section, TableBlock
from .writer import LinkSpan, Sentence, Span, Writer

ID = "glossary"
WORDS: dict[str, re.Pattern[str]] = {
    name: re.compile(rf"(?<![\w-])(?:{forms})(?![\w-])")
    for name, forms in {
        "base_rate": "[Bb]ase rates?",
        "deviance": "[Dd]eviance",
        "design_effect": "[Dd]esign effects?",
        "effective": "[Ee]ffective (?:groups|units)",
        "lift": "[Ll]ifts?",
        "linearised": "[Ll]ineari[sz]ed",
        "mirrored": "[Mm]irrored",
        "odds_ratio": "[Oo]dds ratios?",
        "q": "q",
        "quasi_independence": "[Qq]uasi-independence",
        "quasi_symmetry": "[Qq]uasi-symmetry",
        "resamples": "[Rr]esampl(?:es?|ed|ing)",
        "strata": "[Ss]trat(?:a|um)",
    }.items()
}
"""Entry of `glossary.j2` -> its forms in a text, as whole words."""
_IN_FULL = {"effective": "effective groups or units"}


def with_glossary(sections: Sequence[Section], writer: Writer) -> list[Section]:
    """Return the sections with the glossary last; as they are where no word of it stands behind the first page."""
    entries = {name: writer.words(ID, name) for name in WORDS}
    open_, found = dict(entries), set()
    shown = []
    for section in sections:
        if not section.detail:
            shown.append(section)
            continue
        found |= {name for text in _texts(section.blocks) for name in WORDS if WORDS[name].search(text)}
        shown.append(replace(section, blocks=tuple(_linked(block, open_) for block in section.blocks)))
    if not found:
        return shown
    items = tuple(
        Paragraph((Sentence(f"{ID}.{name}", (Span(entries[name]),)),), lead=f"{_called(name)}.")
        for name in WORDS
        if name in found
    )
    return [*shown, Section(ID, writer.words(ID, "title"), (ItemList(items, numbered=False),))]


def _called(name: str) -> str:
    """Return an entry's word as a lead: "Base rate", "Quasi-symmetry"; a letter stays as it is."""
    word = _IN_FULL.get(name, name).replace("quasi_", "quasi-").replace("_", " ")
    return word if len(word) == 1 else word.capitalize()


def _texts(blocks: Sequence[Block]) -> Iterator[str]:
    for block in blocks:
        for paragraph in block.items if isinstance(block, ItemList) else (block,):
            if isinstance(paragraph, Paragraph):
                yield from (s.text for s in paragraph.sentences if s.origin == "computed")
        if isinstance(block, TableBlock) and not block.id.endswith("-references"):  # titles of papers are not ours
            yield block.caption
            yield from (column.header for column in block.columns)
            yield from (cell.text for row in block.rows for cell in row if cell.ref is None)


def _linked(block: Block, open_: dict[str, str]) -> Block:
    """Return a block with each word that is still `open_` a link to its entry, once; `open_` loses it."""
    if isinstance(block, ItemList):
        return replace(block, items=tuple(_paragraph(item, open_) for item in block.items))
    return _paragraph(block, open_) if isinstance(block, Paragraph) else block


def _paragraph(paragraph: Paragraph, open_: dict[str, str]) -> Paragraph:
    if not open_:
        return paragraph
    return replace(paragraph, sentences=tuple(_sentence(sentence, open_) for sentence in paragraph.sentences))


def _sentence(sentence: Sentence, open_: dict[str, str]) -> Sentence:
    if sentence.origin != "computed":
        return sentence
    spans: list[Span] = []
    for span in sentence.spans:
        spans += [span] if isinstance(span, LinkSpan) else _spans(span, open_)
    return replace(sentence, spans=tuple(spans))


def _spans(span: Span, open_: dict[str, str]) -> Iterator[Span]:
    """Yield a run of text, cut where a word comes first."""
    first = min(
        ((m.start(), name, m) for name in open_ if (m := WORDS[name].search(span.text)) is not None), default=None
    )
    if first is None:
        yield span
        return
    start, name, match = first
    hint = open_.pop(name)
    if start:
        yield replace(span, text=span.text[:start])
    yield LinkSpan(match.group(), span.style, f"#{ID}", hint)
    if rest := span.text[match.end() :]:
        yield from _spans(replace(span, text=rest), open_)
