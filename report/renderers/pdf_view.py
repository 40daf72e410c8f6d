"""What the Typst template lays out: the document's parts as plain data, with widths, colours and numbers decided."""

from __future__ import annotations

from collections.abc import Mapping

from report.document import (
    Block,
    Document,
    EvidenceList,
    EvidenceNote,
    FigureBlock,
    ItemList,
    Paragraph,
    Section,
    TableBlock,
    TableCell,
)
from report.renderers.escape import one_line
from report.renderers.outline import Outline, letters, matrix_tables, note_mark, notes_of, runs, schemes_of
from report.renderers.passages import passages
from report.renderers.plain import Plain, plain, plain_mapping
from report.theme.colours import SEQUENTIAL_DEFAULT, ink, shade

Notes = Mapping[str, EvidenceNote]

LINE = 104
"""Characters of table type that a page's full width takes."""

GAP = 2
"""Characters that the space beside a column takes."""

EM = 0.5
"""The width of a character in em, in figures, brackets and spaces."""

HEADER_EM = 0.63
"""The same in a header, which is bold."""

INSET_EM = 1.1
"""The space on both sides of a field in em, as in the template."""

LONG_FIELD = 26
"""A column with a longer field than this many characters shares what width is left; others take their own."""

SHORT_FIELD = 16
"""A column with no longer field than this takes its own width where others share what is left."""

SMALL_MATRIX = 12
"""Up to this many columns a matrix has upright headers."""

WHOLE_MATRIX_ROWS, WHOLE_ROWS = 40, 12
"""Tables of at most this many rows stand on one page; rows of a matrix are one line, others a few."""

FLOATING_ROWS = 24
"""In two columns, tables of at most this many rows span the page; longer ones must break and stay in a column."""


def pdf_view(document: Document, order: Outline) -> dict[str, Plain]:
    """Return the document as the template reads it (without settings, fonts, date and attachments)."""
    maker = _Maker(document, order)
    return {
        "title": one_line(document.title),
        "running": shortened(document.title, 80),
        "subtitle": document.subtitle,
        "description": document.subtitle or document.title,
        "authors": [plain(author) for author in document.authors],
        "lang": document.language.replace("_", "-").split("-")[0],
        "version": document.version,
        "abstract": maker.section(order.abstract) if order.abstract else None,
        "lead": maker.figure(order.lead) if order.lead else None,
        "sections": [maker.section(section) for section in order.sections],
    }


def row_headers(order: Outline) -> tuple[int, ...]:
    """Return how many row headers the rows of each table have, in the order in which tables are set."""
    sections = ((order.abstract,) if order.abstract else ()) + order.sections
    return tuple(block.row_headers for section in sections for block in section.blocks if isinstance(block, TableBlock))


def shortened(text: str, length: int) -> str:
    """Return text on one line, cut at a word with an ellipsis where it is longer than `length` characters.

    >>> shortened("one two three", 9)
    'one two…'
    """
    line = one_line(text)
    return line if len(line) <= length else (line[:length].rsplit(" ", 1)[0] or line[:length]).rstrip() + "…"


class _Maker:
    """Makes the data of blocks."""

    def __init__(self, document: Document, order: Outline) -> None:
        self._document = document
        self._order = order
        self._schemes = schemes_of(document)

    def section(self, section: Section) -> Plain:
        notes = {} if section is self._order.abstract else self._order.notes
        blocks: list[Plain] = []
        for origin, own in passages(section.blocks):
            items = [item for block in own for item in self.block(block, notes)]
            blocks += [{"type": "authored", "blocks": items}] if origin == "authored" else items
        return {"title": section.title, "blocks": blocks}

    def block(self, block: Block, notes: Notes) -> list[Plain]:
        if isinstance(block, Paragraph):
            return self.runs(block, notes)
        if isinstance(block, ItemList):
            items: list[Plain] = [self.runs(item, notes) for item in block.items]
            return [{"type": "list", "numbered": block.numbered, "items": items}]
        if isinstance(block, EvidenceList):
            told: list[Plain] = [
                {"number": note.number, "title": note.title, "text": " ".join(note.texts)} for note in block.notes
            ]
            return [{"type": "evidence", "title": block.title, "notes": told}]
        return [self.figure(block) if isinstance(block, FigureBlock) else self.table(block)]

    def runs(self, paragraph: Paragraph, notes: Notes) -> list[Plain]:
        return [
            {
                "type": "run",
                "origin": run.origin,
                "lead": run.lead,
                "sentences": plain(run.sentences),
                "marks": plain(run.marks),
            }
            for run in runs(paragraph, notes)
        ]

    def figure(self, block: FigureBlock) -> Plain:
        tables = matrix_tables(self._document, block.id)
        return {
            "type": "figure",
            "number": self._order.figures[block.id],
            "svg": self._document.figure(block.id).svg,
            "alt": block.alt,
            "caption": plain(block.caption),
            "tables": [self._order.tables[table.id] for table in tables],
        }

    def table(self, block: TableBlock) -> Plain:
        notes = notes_of(block)
        is_matrix = block.kind == "matrix"
        is_large = is_matrix and len(block.columns) > SMALL_MATRIX
        return {
            "type": "table",
            "number": self._order.tables[block.id],
            "caption": block.caption,
            "is_matrix": is_matrix,
            "is_large": is_large,
            "size": _size(block),
            "breaks": len(block.rows) > (WHOLE_MATRIX_ROWS if is_matrix else WHOLE_ROWS),
            "floats": len(block.rows) <= FLOATING_ROWS,
            "columns": [column.header for column in block.columns],
            "aligns": [{"left": "start", "right": "end"}.get(column.align, "center") for column in block.columns],
            "widths": [plain_mapping(width) for width in _widths(block)],
            "rows": [[self.field(cell, note_mark(notes, cell)) for cell in row] for row in block.rows],
            "notes": [{"mark": letters(index), "text": note} for index, note in enumerate(notes)],
        }

    def field(self, cell: TableCell, mark: str) -> Plain:
        paper = None
        if cell.level is not None:
            paper = shade(cell.level, self._schemes.get(cell.ref.panel if cell.ref else "", SEQUENTIAL_DEFAULT))
        return {"text": cell.text, "mark": mark, "paper": paper, "ink": ink(paper) if paper else None}


def _size(block: TableBlock) -> float:
    """Return the type size of a table in points: a matrix must fit the page however many columns it has."""
    if block.kind != "matrix":
        return 8.4 if len(block.columns) <= 8 else 7.6
    return 7.8 if len(block.columns) <= SMALL_MATRIX else max(4.0, min(7.4, 165 / (len(block.columns) + 5)))


def _widths(block: TableBlock) -> tuple[dict[str, float], ...]:
    """Return a width for each column: its own ({}), a fixed one in em, or a share (fr) of what is left.

    A table that fits has columns of their own width, long texts aside. In one that does not, headers wrap:
    columns of numbers and short fields are as wide as their longest number or word, and texts share the rest, none so
    little that its longest word would not fit.
    """
    if block.kind == "matrix":
        return ({},) * len(block.columns)
    bodies = [max([1, *(len(row[k].text) for row in block.rows)]) for k in range(len(block.columns))]
    words = [max([1, *(len(word) for row in block.rows for word in row[k].text.split())]) for k in range(len(bodies))]
    longest = [max(len(column.header), body) for column, body in zip(block.columns, bodies, strict=True)]
    if sum(min(length, LONG_FIELD) for length in longest) + GAP * len(longest) <= LINE:
        return tuple({} if length <= LONG_FIELD else {"fr": min(length, 4 * LONG_FIELD)} for length in longest)
    return tuple(
        {"em": max(EM * body, HEADER_EM * max(map(len, column.header.split()))) + INSET_EM}
        if column.align == "right" or body <= SHORT_FIELD
        else {"fr": max(min(body, 4 * LONG_FIELD), 2 * word)}
        for column, body, word in zip(block.columns, bodies, words, strict=True)
    )
