"""Render report.pdf with Typst: tagged and archival (PDF/UA-1 and PDF/A-3a in one file), with reproducible bytes."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import shutil
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pikepdf
import typst

from .. import formats
from ..document.model import Document
from ..errors import RenderError
from ..locks import TemporaryFolder
from ..regular_files import is_regular
from ..theme import clean, template_folder
from ..theme.colours import LIGHT
from ..theme.fonts import FONT_FAMILY, font_folder
from . import PdfSettings
from .outline import outline
from .pdf_view import pdf_view, row_headers
from .plain import Plain, with_texts


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
