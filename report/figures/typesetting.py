"""SVG -> PDF and PNG of a single figure, by Typst: text stays text, fonts are embedded, no clock, no network."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import typst

from ..errors import RenderError
from ..theme.fonts import font_folders
from ..theme.templates import template_folder
from .layout import JournalWidth, width_mm

PDF_STANDARDS: list[typst.PDFStandard] = ["a-3a", "ua-1"]
"""Archival with everything embedded (ISO 19005-3, level a) and accessible (ISO 14289-1), in one file."""

INCH_MM = 25.4
EPOCH = dt.date(1970, 1, 1)
"""Stands in a PDF's metadata where the report has no date: a file made twice is the same file."""


@dataclass(frozen=True, slots=True)
class Plate:
    """A picture with what a file of its own must say of it.

    `alt` describes it to those who cannot see it, `date` is that of the data. `width` is a journal's column
    or a number of millimetres. `transparent` leaves the page without a ground. `fallback_fonts` are font files for
    characters that the shipped font lacks.
    """

    svg: str
    title: str
    alt: str
    width: JournalWidth | float = "double"
    date: dt.date | None = None
    language: str = "en"
    fallback_fonts: tuple[Path, ...] = ()
    transparent: bool = False


def plate_key(plate: Plate) -> str:
    """Return a text that differs wherever files made of a plate may: all of it, and the fallback fonts' bytes."""
    fonts = [hashlib.sha256(path.read_bytes()).hexdigest() for path in plate.fallback_fonts if path.is_file()]
    return json.dumps({**_inputs(plate), "date": str(plate.date), "fonts": fonts}, sort_keys=True)


def plate_pdf(plate: Plate) -> bytes:
    """Return a one-page PDF. Raises RenderError where the fonts lack a character."""
    moment = dt.datetime.combine(plate.date or EPOCH, dt.time(), tzinfo=dt.UTC)
    try:
        return typst.compile(
            _template(),
            font_paths=list(font_folders(plate.fallback_fonts)),
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs=_inputs(plate),
            pdf_standards=PDF_STANDARDS,
            timestamp=moment,
        )
    except typst.TypstError as error:
        raise RenderError(_reason(error)) from error


def plate_png(plate: Plate, dpi: int = 300) -> bytes:
    """Return a PNG, on white or on nothing, the plate's width times `dpi` (pixels an inch) wide."""
    return typst.compile(
        _template(),
        font_paths=list(font_folders(plate.fallback_fonts)),
        ignore_system_fonts=True,
        format="png",
        ppi=float(dpi),
        sys_inputs=_inputs(plate),
    )


def _template() -> Path:
    return template_folder() / "typst" / "figure.typ"


def _inputs(plate: Plate) -> dict[str, str]:
    width = f"{width_mm(plate.width):g}"
    words = {"title": plate.title, "alt": plate.alt, "language": plate.language}
    return words | {"svg": plate.svg, "width": width, "ground": "none" if plate.transparent else "white"}


def _reason(error: typst.TypstError) -> str:
    """Return what a person can do: mostly a name in a script that the shipped font does not have."""
    quoted = error.message.partition("`")[2].partition("`")[0]
    if "could not be displayed" in error.message and quoted:
        return f"no font has {quoted}: name a font file that has it under fonts: fallback: in the config"
    return f"Typst cannot set it: {error.message}"
