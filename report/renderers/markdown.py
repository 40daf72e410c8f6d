"""Render report.md: the report in GitHub-flavoured Markdown, with links to its figures."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from ..document import Document, FigureBlock, ItemList, Paragraph, Section, Sentence, Span, TableBlock
from ..document.writer import fill_each
from ..theme import Raw, clean, markdown
from .outline import BlockWriter, Run, address, outline, runs

_RULES = {"left": ":--", "right": "--:"}


def render_markdown(document: Document) -> dict[str, bytes]:
    """Return `report.md`. Authors' text is in block quotes that begin with the word Authors."""
    order = outline(document)
    writer = _MarkdownWriter(document, order)
    sections = [*filter(None, (order.abstract, *order.sections))]
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

    def table(self, block: TableBlock) -> str:
        lines = [
            _row(markdown(column.header) for column in block.columns),
            _row(_RULES[column.align] for column in block.columns),
            *(_row(map(markdown, row)) for row in block.rows),
        ]
        parts = [f"**Table {self.order.tables[block.id]}.** {markdown(block.caption)}", "\n".join(lines)]
        if block.source:
            parts.append(f"Source: [{markdown(block.source)}]({quote(block.source)})")
        return "\n\n".join(parts)


def _framed(texts: Iterable[str]) -> str:
    """Return authors' text as one block quote."""
    first, *rest = "\n\n".join(texts).split("\n")
    lines = (
        [f"**Authors:** {first}", *rest] if not first.startswith(("- ", "1. ")) else ["**Authors:**", "", first, *rest]
    )
    return "\n".join(f"> {line}".rstrip() for line in lines)


def _run(run: Run) -> str:
    origin, sentences = run
    return f"> **Authors:** {_sentences(sentences)}" if origin == "authored" else _sentences(sentences)


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


def _row(fields: Iterable[str]) -> str:
    return f"| {' | '.join(fields)} |"
