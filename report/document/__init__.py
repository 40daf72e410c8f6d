"""The document: what a report says, ready for any renderer; `model` holds the values, the rest builds them."""

from report.document.model import (
    SECTION_IDS,
    AuthorSettings,
    Block,
    Column,
    Document,
    Download,
    Figure,
    FigureBlock,
    ItemList,
    Paragraph,
    ReportSettings,
    Section,
    TableBlock,
    TableCell,
)
from report.prose.sentence import Origin, Sentence, Span

__all__ = [
    "SECTION_IDS",
    "AuthorSettings",
    "Block",
    "Column",
    "Document",
    "Download",
    "Figure",
    "FigureBlock",
    "ItemList",
    "Origin",
    "Paragraph",
    "ReportSettings",
    "Section",
    "Sentence",
    "Span",
    "TableBlock",
    "TableCell",
]
