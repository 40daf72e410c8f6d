"""report.md: the report in GitHub-flavoured Markdown, with its figures as links."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import zip_longest
from urllib.parse import quote

from .. import formats
from ..document import (
    Block,
    Document,
    EvidenceList,
    EvidenceNote,
    FigureBlock,
    ItemList,
    Paragraph,
    Section,
    Sentence,
    Span,
    TableBlock,
)
from ..theme.templates import template_folder
from .environment import fill, text_environment
from .escape import Raw, clean, markdown
from .outline import Outline, Run, address, letters, note_mark, notes_of, outline, passages, runs

Notes = Mapping[str, EvidenceNote]

_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
"""Marks of notes: Markdown has none of its own."""

_RULES = {"left": ":--", "right": "--:", "center": ":-:"}


def render_markdown(document: Document) -> dict[str, bytes]:
    """Return `report.md`; what people wrote stands in quotation blocks, opened by the word Authors."""
    order = outline(document)
    sections = ((order.abstract,) if order.abstract else ()) + order.sections
    text = fill(
        text_environment(template_folder() / "markdown", markdown),
        "report.md",
        document=document,
        date=formats.date(document.date) if document.date else None,
        before=Raw(_figure(order.lead, document, order)) if order.lead and not order.abstract else None,
        sections=[(section, Raw("\n\n".join(_section(section, document, order)))) for section in sections],
        downloads=[(Raw(quote(download.path)), download) for download in document.downloads],
    )
    return {"report.md": clean(text).encode()}


def _section(section: Section, document: Document, order: Outline) -> list[str]:
    """Return a section's blocks; the lead figure follows the abstract."""
    notes = {} if section is order.abstract else order.notes
    parts = []
    for origin, blocks in passages(section.blocks):
        texts = [_block(block, document, order, notes) for block in blocks]
        parts += [_framed(texts)] if origin == "authored" else texts
    if order.lead and section is order.abstract:
        parts.append(_figure(order.lead, document, order))
    return parts


def _framed(texts: Iterable[str]) -> str:
    """Return what people wrote as one quotation block."""
    first, *rest = "\n\n".join(texts).split("\n")
    lines = (
        [f"**Authors:** {first}", *rest] if not first.startswith(("- ", "1. ")) else ["**Authors:**", "", first, *rest]
    )
    return "\n".join(f"> {line}".rstrip() for line in lines)


def _block(block: Block, document: Document, order: Outline, notes: Notes) -> str:
    if isinstance(block, Paragraph):
        return "\n\n".join(_run(run) for run in runs(block, notes))
    if isinstance(block, ItemList):
        numbered = enumerate(block.items, 1)
        return "\n".join(_item(item, number if block.numbered else None, notes) for number, item in numbered)
    if isinstance(block, EvidenceList):
        return "\n\n".join([f"### {markdown(block.title)}", "\n".join(map(_note, block.notes))])
    return _figure(block, document, order) if isinstance(block, FigureBlock) else _table(block, order)


def _note(note: EvidenceNote) -> str:
    title = f"**{markdown(note.title)}** " if note.title else ""
    return f"{note.number}. {title}{markdown(' '.join(note.texts))}"


def _run(run: Run) -> str:
    text = (f"**{markdown(run.lead)}** " if run.lead else "") + _sentences(run.sentences, run.marks)
    return f"> **Authors:** {text}" if run.origin == "authored" else text


def _item(item: Paragraph, number: int | None, notes: Notes) -> str:
    """Return a list item; runs after the first are indented below it."""
    mark = f"{number}. " if number else "- "
    return mark + f"\n\n{' ' * len(mark)}".join(_run(run) for run in runs(item, notes))


def _sentences(sentences: Iterable[Sentence], marks: Iterable[int | None] = ()) -> str:
    texts = ("".join(_span(span) for span in sentence.spans) for sentence in sentences)
    pairs = zip_longest(texts, marks)
    return " ".join(text if mark is None else f"{text}{str(mark).translate(_RAISED)}" for text, mark in pairs)


def _span(span: Span) -> str:
    """Return a run of text; spaces at its ends stay outside the marks, which would not hold them."""
    if address(span):
        href = address(span)
        return f"[{markdown(span.text)}]({href})" if not href.startswith("#") else markdown(span.text)
    mark = {"strong": "**", "emphasis": "*"}.get(span.style, "")
    core = span.text.strip()
    if not mark or not core:
        return markdown(span.text)
    before, _, after = span.text.partition(core)
    return f"{markdown(before)}{mark}{markdown(core)}{mark}{markdown(after)}"


def _figure(block: FigureBlock, document: Document, order: Outline) -> str:
    title = f"**Figure {order.figures[block.id]}.** {_sentences(block.caption)}"
    name = quote(document.figure(block.id).id)
    alt = markdown(block.alt)
    return f"![{alt}](figures/{name}.svg)\n\n{title} (as [SVG](figures/{name}.svg) and [PNG](figures/{name}.png))"


def _table(block: TableBlock, order: Outline) -> str:
    notes = notes_of(block)
    lines = [
        _row(markdown(column.header) for column in block.columns),
        _row(_RULES[column.align] for column in block.columns),
    ]
    for row in block.rows:
        marks = [note_mark(notes, cell) for cell in row]
        texts = [_field(cell.text, mark) for cell, mark in zip(row, marks, strict=True)]
        lines.append(
            _row(f"**{text}**" if place < block.row_headers and text else text for place, text in enumerate(texts))
        )
    parts = [f"**Table {order.tables[block.id]}.** {markdown(block.caption)}", "\n".join(lines)]
    below = [f"({letters(index)}) {markdown(note)}" for index, note in enumerate(notes)]
    if block.source:
        below.append(f"Source: [{markdown(block.source)}]({quote(block.source)})")
    return "\n\n".join([*parts, "; ".join(below)] if below else parts)


def _field(text: str, mark: str) -> str:
    return " ".join(part for part in (markdown(text), f"({mark})" if mark else "") if part)


def _row(fields: Iterable[str]) -> str:
    return f"| {' | '.join(fields)} |"
