"""Prepare the data of the Typst template: parts of the document as plain data, with widths, colours and numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from ..document.model import (
    Document,
    Figure,
    FigureBlock,
    ItemList,
    Paragraph,
    Section,
    TableBlock,
)
from ..figures.heatmap import alt_text
from ..theme import clean, one_line
from .citing import web_address
from .outline import BlockWriter, Outline, runs
from .plain import Plain, plain, plain_fields, with_texts

LONGEST = 5
"""Number of texts per column that the template measures to find the widest."""

LONG_WORD = re.compile(r"\S{25,}")
"""Words that can be broken, such as file paths and names without spaces."""

PIECE = re.compile(r"[^-_/.:,;=|&(\[]{1,18}[-_/.:,;=|&(\[]*|[-_/.:,;=|&(\[]{1,18}")
"""Pieces into which long words are broken."""

_BETWEEN = "\ufffe"  # does not occur in clean text

_AS_IT_STANDS = frozenset({"svg", "alt", "href", "type", "words", "header-words"})
_THIN, _WIDE = " .,:;'|()[]iljtfrI", "mwMW@%—…"

LONG_FIELD = 1200
"""Rows can continue on the next page in a table with a cell of more characters than this."""


def pdf_view(document: Document, order: Outline) -> dict[str, Plain]:
    """Return the document as data for the template, without settings, fonts, date and attachments."""
    maker = _PdfMaker(document, order)
    return {
        "title": one_line(document.title),
        "headline": breakable(one_line(document.printed_title)),
        "running": shortened(document.title, 80),
        "deck": document.printed_deck,
        "description": document.subtitle or document.title,
        "authors": [plain(author) for author in document.authors],
        "keywords": [*_keywords(document)],
        "url": web_address(document.url),
        "lang": document.language.replace("_", "-").split("-")[0],
        "version": document.version,
        "abstract": _with_breaks(maker.section(order.abstract)) if order.abstract else None,
        "lead": _with_breaks(maker.figure(order.lead)) if order.lead else None,
        "sections": [_with_breaks(maker.section(section)) for section in limits_first(order.sections)],
    }


def limits_first(sections: Sequence[Section]) -> list[Section]:
    """Return sections whose limits precede the table of findings, so that they are on the first page."""
    found: list[Section] = []
    for section in sections:
        last = found[-1] if found else None
        if last is not None and last.name == "findings" and section.name == "interpretation":
            place = next((k for k, block in enumerate(last.blocks) if isinstance(block, TableBlock)), len(last.blocks))
            found[-1] = replace(last, blocks=last.blocks[:place])
            found.append(replace(section, blocks=section.blocks + last.blocks[place:]))
        else:
            found.append(section)
    return found


def row_headers(order: Outline) -> tuple[int, ...]:
    """Return the number of row headers in each table, in printed order."""
    sections = ((order.abstract,) if order.abstract else ()) + order.sections
    blocks = [block for section in limits_first(sections) for block in section.blocks]
    tables = (block for block in blocks if isinstance(block, TableBlock))
    return tuple(table.row_headers for table in tables)


def shortened(text: str, length: int) -> str:
    """Return text on one line. If it is longer than `length` characters, it is cut at a word, with an ellipsis.

    >>> shortened("one two three", 9)
    'one two…'
    """
    line = one_line(text)
    return line if len(line) <= length else (line[:length].rsplit(" ", 1)[0] or line[:length]).rstrip() + "…"


class _PdfMaker(BlockWriter[Plain]):
    """Writer of the blocks of a document as data for the template."""

    def section(self, section: Section) -> Plain:
        return {
            "title": section.title,
            "blocks": self.sequence(section.blocks),
            "is-provenance": section.id == "provenance",
            "is-detail": section.detail,
        }

    def authored(self, parts: list[Plain]) -> Plain:
        return {"type": "authored", "blocks": parts}

    def paragraph(self, paragraph: Paragraph) -> list[Plain]:
        return [{"type": "run", **plain_fields(run)} for run in runs(paragraph)]

    def item_list(self, block: ItemList) -> Plain:
        items: list[Plain] = [self.paragraph(item) for item in block.items]
        return {"type": "list", "numbered": block.numbered, "items": items}

    def figure(self, block: FigureBlock) -> Plain:
        figure = self.document.figure(block.id)
        return {
            "type": "figure",
            "number": self.order.figures[block.id],
            "pictures": [{"svg": svg, "alt": alt} for svg, alt in pictures(figure, block.alt)],
            "caption": plain(block.caption),
        }

    def table(self, block: TableBlock) -> Plain:
        return {
            "type": "table",
            "number": self.order.tables[block.id],
            "caption": block.caption,
            "size": 8.2 if len(block.columns) <= 8 else 7.6,
            "columns": [_column(block, k) for k in range(len(block.columns))],
            "has-long": any(len(text) > LONG_FIELD for row in block.rows for text in row),
            "rows": plain(block.rows),
        }


def pictures(figure: Figure, alt: str) -> list[tuple[str, str]]:
    """Return the pictures of a figure on paper with alternative texts: the whole, or its panels if it is tall."""
    size = _SIZE.search(figure.svg)
    if size is None or len(figure.views) < 2 or float(size[2]) < _TALL * float(size[1]):
        return [(figure.svg, alt)]
    panels = {panel.id: panel for panel in figure.shown}
    own = [(view.wide, alt_text((panels[view.panel],))) for view in figure.views]
    return [*own, *([(figure.key, "Key")] if figure.key else [])]


_SIZE = re.compile(r'width="([\d.]+)" height="([\d.]+)"')
_TALL = 1.1


def _keywords(document: Document) -> dict[str, None]:
    """Return the distinct keywords of the report: the two kinds of each panel and their categories."""
    panels = [panel for figure in document.figures for panel in figure.panels]
    kinds = [kind.label for panel in panels for kind in (panel.given, panel.outcome)]
    categories = [name for panel in panels for name in (*panel.given_categories, *panel.outcome_categories)]
    return dict.fromkeys(map(one_line, [*kinds, *categories]))


def _column(block: TableBlock, k: int) -> dict[str, Plain]:
    """Return a column: header, alignment, and the texts that determine its width."""
    column = block.columns[k]
    texts = dict.fromkeys(row[k] for row in block.rows)
    words = dict.fromkeys(piece for text in texts for piece in _pieces(text))
    return {
        "header": column.header,
        "header-words": [*_longest(_pieces(column.header))],
        "align": column.align,
        "longest": [*_longest(texts)],
        "words": [*_longest(words)],
    }


def _longest(texts: Iterable[str]) -> list[str]:
    """Return the widest texts by a rough measure, in which narrow letters count half and wide letters more."""
    return sorted(texts, key=_rough_width, reverse=True)[:LONGEST]


def _rough_width(text: str) -> float:
    return len(text) - sum(map(text.count, _THIN)) / 2 + sum(map(text.count, _WIDE)) / 2


def _pieces(text: str) -> list[str]:
    """Return the unbreakable parts of a text: its words, and the pieces of long words.

    >>> _pieces("in data/a_file_with_a_long_name.csv")
    ['in', 'data/', 'a_', 'file_', 'with_', 'a_', 'long_', 'name.', 'csv']
    """
    return [piece for word in text.split() for piece in (PIECE.findall(word) if LONG_WORD.fullmatch(word) else [word])]


def breakable(text: str) -> Plain:
    """Return a text unchanged or, if it has long words, as parts between which a line can end.

    >>> breakable("no long word"), breakable("in data/names_without_a_space.csv here")
    ('no long word', ['in data/', 'names_', 'without_', 'a_', 'space.', 'csv here'])
    """
    parts = LONG_WORD.sub(lambda word: _BETWEEN.join(PIECE.findall(word[0])), clean(text)).split(_BETWEEN)
    return [*parts] if len(parts) > 1 else text


def _with_breaks(value: Plain) -> Plain:
    """Return data in which long words of texts can be broken."""
    return with_texts(value, breakable, _AS_IT_STANDS)
