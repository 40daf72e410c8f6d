"""Render report.md: the report in GitHub-flavoured Markdown, with links to its figures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import quote

from ..document.model import (
    Document,
    FigureBlock,
    ItemList,
    Paragraph,
    Section,
    Sentence,
    Span,
    TableBlock,
)
from ..document.writer import fill_each
from ..theme import Raw, clean, markdown
from .outline import BlockWriter, Run, address, letters, note_mark, notes_of, outline, runs

_RULES = {"left": ":--", "right": "--:", "center": ":-:"}


def render_markdown(document: Document) -> dict[str, bytes]:
    """Return `report.md`. Authors' text is in block quotes that begin with the word Authors."""
    order = outline(document)
    writer = _MarkdownWriter(document, order)
    sections = [*filter(None, (order.abstract, *map(_without_tables, order.sections)))]
    files = fill_each(
        ("report.md",),
        "markdown",
        markdown,
        document=document,
        headline=order.abstract,
        before=Raw(writer.figure(order.lead)) if order.lead and not order.abstract else None,
        sections=[(section, Raw("\n\n".join(writer.section(section)))) for section in sections],
        has_data=bool(document.downloads),
    )
    return {name: clean(text).encode() for name, text in files.items()}


def _without_tables(section: Section) -> Section | None:
    """Return a section; the appendix without its tables, which data files have, or None if nothing is left."""
    if section.name != "appendix":
        return section
    blocks = tuple(block for block in section.blocks if not isinstance(block, TableBlock))
    return replace(section, blocks=blocks) if blocks else None


class _MarkdownWriter(BlockWriter[str]):
    """Writer of the blocks of a document in Markdown."""

    def section(self, section: Section) -> list[str]:
        """Return the blocks of a section. The lead figure follows the headline."""
        lead = [self.figure(self.order.lead)] if self.order.lead and section is self.order.abstract else []
        return self.sequence(section.blocks) + lead

    def authored(self, parts: list[str]) -> str:
        return _framed(parts)

    def paragraph(self, paragraph: Paragraph) -> list[str]:
        return [_run(run) for run in runs(paragraph)]

    def item_list(self, block: ItemList) -> str:
        """Return a list. In each item, runs after the first are indented."""
        marks = [f"{number}. " if block.numbered else "- " for number in range(1, len(block.items) + 1)]
        items = zip(marks, block.items, strict=True)
        return "\n".join(mark + f"\n\n{' ' * len(mark)}".join(self.paragraph(item)) for mark, item in items)

    def figure(self, block: FigureBlock) -> str:
        title = f"**Figure {self.order.figures[block.id]}.** {_sentences(block.caption)}".rstrip()
        name = quote(self.document.figure(block.id).id)
        alt = markdown(block.alt)
        return f"![{alt}](figures/{name}.png)\n\n{title} (as [SVG](figures/{name}.svg) and [PNG](figures/{name}.png))"

    def table(self, block: TableBlock) -> list[str]:
        notes = notes_of(block)
        lines = [
            _row(markdown(column.header) for column in block.columns),
            _row(_RULES[column.align] for column in block.columns),
        ]
        for row in block.rows:
            marks = [note_mark(notes, cell) for cell in row]
            texts = [_field(cell.text, mark) for cell, mark in zip(row, marks, strict=True)]
            lines.append(_row(texts))
        parts = [f"**Table {self.order.tables[block.id]}.** {markdown(block.caption)}", "\n".join(lines)]
        below = [f"({letters(index)}) {markdown(note)}" for index, note in enumerate(notes)]
        if block.source:
            below.append(f"Source: [{markdown(block.source)}]({quote(block.source)})")
        return [*parts, *(["; ".join(below)] if below else [])]


def _framed(texts: Iterable[str]) -> str:
    """Return authors' text as one block quote."""
    first, *rest = "\n\n".join(texts).split("\n")
    lines = (
        [f"**Authors:** {first}", *rest] if not first.startswith(("- ", "1. ")) else ["**Authors:**", "", first, *rest]
    )
    return "\n".join(f"> {line}".rstrip() for line in lines)


def _run(run: Run) -> str:
    text = _sentences(run.sentences)
    return f"> **Authors:** {text}" if run.origin == "authored" else text


def _sentences(sentences: Iterable[Sentence]) -> str:
    return " ".join("".join(_span(span) for span in sentence.spans) for sentence in sentences)


def _span(span: Span) -> str:
    """Return a span of text. Spaces at its ends are outside the markup, which Markdown would otherwise ignore."""
    if address(span):
        href = address(span)
        return f"[{markdown(span.text)}]({href})" if not href.startswith("#") else markdown(span.text)
    mark = {"strong": "**", "emphasis": "*"}.get(span.style, "")
    core = span.text.strip()
    if not mark or not core:
        return markdown(span.text)
    before, _, after = span.text.partition(core)
    return f"{markdown(before)}{mark}{markdown(core)}{mark}{markdown(after)}"


def _field(text: str, mark: str) -> str:
    return " ".join(part for part in (markdown(text), f"({mark})" if mark else "") if part)


def _row(fields: Iterable[str]) -> str:
    return f"| {' | '.join(fields)} |"
