"""report.pdf: typeset by Typst, tagged and archival (PDF/UA-1 and PDF/A-3a in one file), same input, same bytes."""

from __future__ import annotations

import datetime as dt
import json
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import typst

from .. import formats
from ..cache import NO_CACHE, Cache
from ..document import Document
from ..errors import RenderError
from ..theme.colours import LIGHT
from ..theme.templates import template_folder
from .escape import clean
from .outline import outline
from .pdf_finish import finished
from .pdf_fonts import PdfFonts, font_hashes, loaded_fonts
from .pdf_view import pdf_view, row_headers
from .plain import Plain
from .settings import PdfSettings

STANDARDS: list[Literal["a-3a", "ua-1"]] = ["a-3a", "ua-1"]
PAPERS = {"a4": "a4", "letter": "us-letter"}
_MISSING = re.compile(r'the text `"(.*?)"` could not be displayed')
_ESCAPE = re.compile(r"\\u\{([0-9a-fA-F]+)\}")


@dataclass(frozen=True)
class Attachment:
    """A file inside the PDF: its name, what it is, and its UTF-8 text.

    `relationship` says how it belongs to the report: "data" for what figures and tables are drawn from,
    "source" for what the report was made from (the config), "supplement" for anything else.
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
    fonts: PdfFonts | None = None,
    cache: Cache = NO_CACHE,
) -> dict[str, bytes]:
    """Return `report.pdf` with `attachments` inside; its dates are the document's, or 1970 where it has none.

    Only the shipped fonts and those of `fonts` are used. Raises RenderError naming every character that none
    of them has, and for an attachment that is not UTF-8 text.
    """
    order = outline(document)
    with loaded_fonts(fonts or PdfFonts()) as (loaded, families):
        payload: dict[str, Plain] = {
            **pdf_view(document, order),
            "settings": {"paper": PAPERS[settings.paper], "columns": settings.columns},
            "fonts": list(families),
            "colours": dict(LIGHT),
            "date": formats.date(document.date) if document.date else None,
            "attachments": [_attached(attachment) for attachment in attachments],
        }
        text, timestamp = json.dumps(_cleaned(payload), ensure_ascii=False), _timestamp(document.date)
        authors = [author.name for author in document.authors]

        def made() -> bytes:
            return finished(_compile(text, timestamp, loaded), row_headers(order), authors)

        key = cache.key("report.pdf", text, timestamp, *row_headers(order), *authors, *font_hashes(fonts or PdfFonts()))
        return {"report.pdf": cache.made(key, made)}


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
        "name a font file that has them under `fonts: {fallback: [...]}`, or leave pdf out of `outputs:`"
    )


def _cleaned(value: Plain) -> Plain:
    """Return data whose texts hold no control characters: neither a font nor an SVG can carry them."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    return {name: _cleaned(item) for name, item in value.items()} if isinstance(value, dict) else value


def _timestamp(date: dt.date | None) -> int:
    """Return seconds since 1970 of a date's midnight, UTC."""
    return int(dt.datetime(date.year, date.month, date.day, tzinfo=dt.UTC).timestamp()) if date else 0


def _attached(attachment: Attachment) -> Plain:
    try:
        text = attachment.content.decode()
    except UnicodeDecodeError as error:
        raise RenderError(f"report.pdf: the attachment {attachment.path} is not UTF-8 text: {error}") from error
    return {
        "path": attachment.path,
        "label": attachment.label,
        "text": text,
        "mime": attachment.mime,
        "relationship": attachment.relationship,
    }
