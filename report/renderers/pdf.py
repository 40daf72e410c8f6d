"""Render report.pdf with Typst: tagged and archival (PDF/UA-1 and PDF/A-3a in one file), with reproducible bytes."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import shutil
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import pikepdf
import typst

from .. import formats
from ..disk import TemporaryFolder, is_regular
from ..document import Document, Figure, FigureBlock, ItemList, Paragraph, Section, TableBlock
from ..errors import RenderError
from ..figures.heatmap import alt_text
from ..theme import LIGHT, clean, one_line, template_folder
from ..theme.fonts import FONT_FAMILY, font_folder
from . import PdfSettings
from .citing import web_address
from .outline import BlockWriter, Outline, Plain, outline, plain, runs, with_texts

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
        return [{"type": "run", "origin": origin, "sentences": plain(own)} for origin, own in runs(paragraph)]

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


@contextmanager
def loaded_fonts(fonts: Sequence[Path]) -> Iterator[tuple[typst.Fonts, tuple[str, ...]]]:
    """Yield the shipped fonts with additional font files, and the font families in order of preference.

    Typst loads fonts by folder, so additional files are copied to a temporary folder. Otherwise, other fonts in their
    folder could change the report. Raises RenderError if a file is missing or not a font.
    """
    with TemporaryFolder() as folder:
        own = [_family(path, folder / str(n)) for n, path in enumerate(fonts)]
        yield _fonts_in(font_folder(), folder), tuple(dict.fromkeys([FONT_FAMILY, *own]))


def _fonts_in(*folders: Path) -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[*map(str, folders)])


def check_fonts(fonts: Sequence[Path]) -> None:
    """Raise RenderError that lists every file that is missing or not a font."""
    messages: list[str] = []
    with TemporaryFolder() as folder:
        for n, path in enumerate(fonts):
            try:
                _family(path, folder / str(n))
            except RenderError as error:
                messages += error.messages
    if messages:
        raise RenderError(*messages)


def _family(path: Path, folder: Path) -> str:
    """Copy a font file to a new folder and return its family."""
    if not is_regular(path):
        raise RenderError(f"font {path}: there is no such file")
    folder.mkdir()
    try:
        shutil.copyfile(path, folder / path.name)
    except OSError as error:
        raise RenderError(f"font {path}: cannot be read ({error.strerror})") from None
    families = _fonts_in(folder).families()
    if not families:
        raise RenderError(f"font {path}: not a font file (TrueType, OpenType or a collection of these)")
    return families[0]


_PLACE_ALONE = re.compile(r"Section, (page \d+)")
"""Typst's description of a link to a heading, with only its page."""

_RETURN_AT_END = re.compile(rb"\r\nendstream\s+endobj\s+startxref")
"""Cross references whose last byte is a carriage return.

Some programs read it and the following line feed as the end of a line, and the table as truncated.
"""

_TAIL = 200


def finished(pdf: bytes, row_headers: Sequence[int], authors: Sequence[str]) -> bytes:
    """Return the PDF for publication, about a third as large.

    In the i-th table, in reading order, the first `row_headers[i]` cells of each body row become headers. Thus, a
    screen reader can announce the category of a number. Rows below a header that spans several rows are unchanged.
    `authors` are separate entries in the metadata. The result is reproducible, because ids and dates do not change.
    """
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        if any(row_headers):
            _tag_row_headers(opened, row_headers)
        _make_destinations_direct(opened)
        if len(authors) > 1:
            with opened.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
                metadata["dc:creator"] = list(authors)
        content = _saved(opened)
        while _RETURN_AT_END.search(content[-_TAIL:]):
            _pad_metadata(opened)
            content = _saved(opened)
    return content


def _saved(pdf: pikepdf.Pdf) -> bytes:
    out = io.BytesIO()
    pdf.save(
        out,
        deterministic_id=True,
        fix_metadata_version=False,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
    )
    return out.getvalue()


def _pad_metadata(pdf: pikepdf.Pdf) -> None:
    """Add a space to the XMP metadata, in its padding, so that subsequent offsets change."""
    stream = pdf.Root.Metadata
    stream.write(stream.read_bytes().replace(b"<?xpacket end", b" <?xpacket end"))


def _tag_row_headers(pdf: pikepdf.Pdf, counts: Sequence[int]) -> None:
    tables = list(_elements(pdf.Root.StructTreeRoot, "/Table"))
    for table, count in zip(tables, counts, strict=True):
        rows = [list(_elements(row, "/TD")) for body in _elements(table, "/TBody") for row in _elements(body, "/TR")]
        widest = max(map(len, rows), default=0)
        for row in rows:
            for cell in row[:count] if len(row) == widest else ():
                _make_header(cell)


def _make_header(cell: pikepdf.Object) -> None:
    cell.S = pikepdf.Name.TH
    others = cell.get("/A", pikepdf.Array())
    others = others if isinstance(others, pikepdf.Array) else pikepdf.Array([others])
    cell.A = pikepdf.Array([*others, pikepdf.Dictionary(O=pikepdf.Name.Table, Scope=pikepdf.Name.Row)])


def _elements(parent: pikepdf.Object, kind: str) -> Iterator[pikepdf.Object]:
    """Yield the nearest structure elements of a kind below an element, in reading order."""
    children = parent.get("/K")
    if children is None:
        return
    for child in children if isinstance(children, pikepdf.Array) else [children]:
        if not isinstance(child, pikepdf.Dictionary) or "/S" not in child:
            continue
        if kind == child.S:
            yield child
        else:
            yield from _elements(child, kind)


def _make_destinations_direct(pdf: pikepdf.Pdf) -> None:
    """Write each destination inline, because JHOVE and PDFBox do not follow Typst's indirect destinations.

    The description of a link in the table of contents also gets the title of its section.
    """
    titles: dict[str, str] = {}
    for item in _bookmarks(pdf.Root.get("/Outlines")):
        titles.setdefault(_make_direct(item), str(item.Title))
    for page in pdf.pages:
        for annotation in page.get("/Annots", ()):
            if "/Dest" not in annotation:
                continue
            title = titles.get(_make_direct(annotation))
            found = _PLACE_ALONE.fullmatch(str(annotation.get("/Contents", "")))
            if title is not None and found is not None:
                annotation.Contents = pikepdf.String(f"{title}, {found[1]}")


def _make_direct(linking: pikepdf.Object) -> str:
    """Give a bookmark or link a direct destination; return a text that identifies the destination."""
    page, *place = linking.Dest
    linking.Dest = pikepdf.Array([page, *place])
    return " ".join([str(page.objgen), *map(str, place)])


def _bookmarks(parent: pikepdf.Object | None) -> Iterator[pikepdf.Object]:
    """Yield all bookmarks below a bookmark or the outline root, depth first."""
    item = parent.get("/First") if parent is not None else None
    while item is not None:
        yield item
        yield from _bookmarks(item)
        item = item.get("/Next")


STANDARDS: list[Literal["a-3a", "ua-1"]] = ["a-3a", "ua-1"]
PAPERS = {"a4": "a4", "letter": "us-letter"}
_MISSING = re.compile(r'the text `"(.*?)"` could not be displayed')
_ESCAPE = re.compile(r"\\u\{([0-9a-fA-F]+)\}")


@dataclass(frozen=True)
class Attachment:
    """A file attached to the PDF: its path, a label, and its UTF-8 text.

    `relationship` is its relation to the report: "data" for the data of figures and tables, "source" for the source of
    the report (the config), "supplement" for anything else.
    """

    path: str
    label: str
    content: bytes
    mime: str = "text/csv"
    relationship: str = "data"


def render_pdf(
    document: Document,
    settings: PdfSettings,
    attachments: Sequence[Attachment],
    fonts: Sequence[Path] = (),
) -> dict[str, bytes]:
    """Return `report.pdf` with `attachments`, dated by the document, or 1970 if the document has no date.

    Only the shipped fonts and the files in `fonts` are used. Raises RenderError that lists every character that these
    fonts lack, and for an attachment that is not UTF-8 text.
    """
    order = outline(document)
    with loaded_fonts(fonts) as (loaded, families):
        payload: dict[str, Plain] = {
            **pdf_view(document, order),
            "settings": {"paper": PAPERS[settings.paper]},
            "fonts": list(families),
            "colours": dict(LIGHT),
            "date": formats.date(document.date) if document.date else None,
            "attachments": [_attached(attachment) for attachment in attachments],
        }
        # neither fonts nor SVG can contain control characters
        text = json.dumps(with_texts(payload, clean), ensure_ascii=False)
        timestamp = _timestamp(document.date)
        authors = [author.name for author in document.authors]
        return {"report.pdf": finished(_compile(text, timestamp, loaded), row_headers(order), authors)}


def _compile(document: str, timestamp: int, fonts: typst.Fonts) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", typst.TypstWarning)
        try:
            compiled = typst.compile(
                template_folder() / "typst" / "report.typ",
                format="pdf",
                font_paths=fonts,
                ignore_system_fonts=True,
                sys_inputs={"document": document},
                pdf_standards=[*STANDARDS],
                timestamp=timestamp,
            )
        except typst.TypstError as error:
            raise RenderError(_explained(error)) from error
    assert isinstance(compiled, bytes)  # noqa: S101 - one file, since the format is PDF
    return compiled


def _explained(error: typst.TypstError) -> str:
    characters = dict.fromkeys(
        character
        for text in _MISSING.findall(error.diagnostic)
        for character in _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    )
    if not characters:
        return f"report.pdf: {error.message}"
    named = ", ".join(f"{character} (U+{ord(character):04X})" for character in characters)
    return (
        f"report.pdf: no font has the characters {named}; "
        "name a font file that has them under `fonts: [...]`, or leave pdf out of `outputs:`"
    )


def _timestamp(date: dt.date | None) -> int:
    """Return midnight of a date (UTC) in seconds since 1970; 0 for None."""
    return int(dt.datetime(date.year, date.month, date.day, tzinfo=dt.UTC).timestamp()) if date else 0


def _attached(attachment: Attachment) -> Plain:
    try:
        text = attachment.content.decode()
    except UnicodeDecodeError as error:
        raise RenderError(f"report.pdf: the attachment {attachment.path} is not UTF-8 text: {error}") from error
    return {**vars(attachment), "content": text}
