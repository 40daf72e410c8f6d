"""The shipped fonts: IBM Plex Sans, whole for drawing and typesetting, a subset for embedding into pages.

`tools/fonts.py` makes the files; `fonts/OFL.txt` is their licence.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Literal

Style = Literal["regular", "italic", "bold"]

STYLES: tuple[Style, ...] = ("regular", "italic", "bold")

FONT_FAMILY = "IBM Plex Sans"
"""The family that SVG, PDF and style sheets name. vl-convert drops text whose font it does not know, in silence."""


def font_folder() -> Path:
    """Return the folder of the shipped fonts, as vl-convert and Typst take it."""
    return Path(str(files("report.theme") / "fonts"))


def font_folders(fallback: Sequence[Path] = ()) -> tuple[Path, ...]:
    """Return the folder of the shipped fonts and those of fallback font files, each once, in order."""
    return tuple(dict.fromkeys((font_folder(), *(path.resolve().parent for path in fallback))))


def font_files() -> tuple[Path, ...]:
    """Return the TrueType files: regular, italic, bold (there is no semi-bold: Typst takes it for another family)."""
    return tuple(font_folder() / f"IBMPlexSans-{style.capitalize()}.ttf" for style in STYLES)


def woff2(style: Style) -> bytes:
    """Return the WOFF2 subset of a style (Latin, punctuation, signs), about 17 kB, for an `@font-face` rule."""
    return (font_folder() / f"DiptychSans-{style.capitalize()}.woff2").read_bytes()
