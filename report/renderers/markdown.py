"""report.md: the report in GitHub-flavoured Markdown, with its figures as links."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from report import formats
from report.document import (
    Block,
    Document,
    FigureBlock,
    ItemList,
    Paragraph,
    Section,
    Sentence,
    Span,
    TableBlock,
)
from report.renderers.environment import fill, text_environment
from report.renderers.escape import Raw, clean, markdown
from report.renderers.outline import Outline, Run, letters, note_mark, notes_of, outline, runs
from report.theme.templates import template_folder

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
    parts = [_block(block, document, order) for block in section.blocks]
    if order.lead and section is order.abstract:
        parts.append(_figure(order.lead, document, order))
    return parts


def _block(block: Block, document: Document, order: Outline) -> str:
    if isinstance(block, Paragraph):
        return "\n\n".join(_run(run) for run in runs(block))
    if isinstance(block, ItemList):
        return "\n".join(_item(item, number if block.numbered else None) for number, item in enumerate(block.items, 1))
    return _figure(block, document, order) if isinstance(block, FigureBlock) else _table(block, order)


def _run(run: Run) -> str:
    text = (f"**{markdown(run.lead)}** " if run.lead else "") + _sentences(run.sentences)
    return f"> **Authors:** {text}" if run.origin == "authored" else text


def _item(item: Paragraph, number: int | None) -> str:
    """Return a list item; runs after the first are indented below it."""
    mark = f"{number}. " if number else "- "
    return mark + f"\n\n{' ' * len(mark)}".join(_run(run) for run in runs(item))


def _sentences(sentences: Iterable[Sentence]) -> str:
    return " ".join("".join(_span(span) for span in sentence.spans) for sentence in sentences)


def _span(span: Span) -> str:
    """Return a run of text; spaces at its ends stay outside the marks, which would not hold them."""
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
