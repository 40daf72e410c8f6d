"""Fonts of the PDF: the shipped ones, and font files of the user's own; never those of the machine."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import typst

from ..errors import RenderError
from ..temporary import TemporaryFolder
from ..theme.fonts import FONT_FAMILY, font_folder


@dataclass(frozen=True)
class PdfFonts:
    """Font files beside the shipped ones: `text` takes their place, `fallback` fills in what they lack."""

    text: Path | None = None
    fallback: tuple[Path, ...] = ()


@contextmanager
def loaded_fonts(fonts: PdfFonts) -> Iterator[tuple[typst.Fonts, tuple[str, ...]]]:
    """Give the fonts to typeset with and their families in the order in which they are tried.

    Typst looks fonts up by folder, so files of the user's own are copied to one of their own: a neighbour
    of theirs must not change the report. Raises RenderError for a file that is missing or no font.
    """
    with TemporaryFolder() as folder:
        own = [_family(path, folder / str(n)) for n, path in enumerate(_own(fonts))]
        loaded = typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(font_folder()), str(folder)]
        )
        first = own[: fonts.text is not None]
        yield loaded, tuple(dict.fromkeys([*first, FONT_FAMILY, *own[len(first) :]]))


def check_fonts(fonts: PdfFonts) -> None:
    """Raise RenderError with every file that is missing or no font."""
    messages: list[str] = []
    with TemporaryFolder() as folder:
        for n, path in enumerate(_own(fonts)):
            try:
                _family(path, folder / str(n))
            except RenderError as error:
                messages += error.messages
    if messages:
        raise RenderError(*messages)


def font_hashes(fonts: PdfFonts) -> tuple[str, ...]:
    """Return the SHA-256 of each font file of the user's own, in order; those that are missing are left out."""
    return tuple(hashlib.sha256(path.read_bytes()).hexdigest() for path in _own(fonts) if path.is_file())


def _own(fonts: PdfFonts) -> tuple[Path, ...]:
    return ((fonts.text,) if fonts.text else ()) + fonts.fallback


def _family(path: Path, folder: Path) -> str:
    """Copy a font file into a folder of its own and return its family."""
    if not path.is_file():
        raise RenderError(f"font {path}: there is no such file")
    folder.mkdir()
    try:
        shutil.copyfile(path, folder / path.name)
    except OSError as error:
        raise RenderError(f"font {path}: cannot be read ({error.strerror})") from None
    families = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder)]
    ).families()
    if not families:
        raise RenderError(f"font {path}: not a font file (TrueType, OpenType or a collection of these)")
    return families[0]
