"""The shipped fonts, and settings of one's own: IBM Plex Sans, whole for drawing, a subset for embedding into pages.

`tools/fonts.py` makes the files; `fonts/OFL.txt` is their licence.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

from ..settings import Names, Settings

SYSTEM = "system"
"""Stands among fallback fonts for one of the machine's own."""


class FontSettings(Settings):
    """A text font of the user's own, and fallback fonts for characters that the shipped one lacks: font files."""

    text: str | None = None
    """The font file of the text (not available yet)."""
    fallback: Names = ()
    """Font files for characters that the shipped font lacks, or system: a font of this machine that has them."""


Style = Literal["regular", "italic", "bold"]

STYLES: tuple[Style, ...] = ("regular", "italic", "bold")

FONT_FAMILY = "IBM Plex Sans"
"""The family that SVG, PDF and style sheets name. vl-convert drops text whose font it does not know, in silence."""


def font_folder() -> Path:
    """Return the folder of the shipped fonts, as vl-convert and Typst take it."""
    return Path(str(files("diptych.theme") / "fonts"))


def font_folders(fallback: Sequence[Path] = ()) -> tuple[Path, ...]:
    """Return the folder of the shipped fonts and those of fallback font files, each once, in order."""
    return tuple(dict.fromkeys((font_folder(), *(path.resolve().parent for path in fallback))))


def font_files() -> tuple[Path, ...]:
    """Return the TrueType files: regular, italic, bold (there is no semi-bold: Typst takes it for another family)."""
    return tuple(font_folder() / f"IBMPlexSans-{style.capitalize()}.ttf" for style in STYLES)


def woff2(style: Style, text: str | None = None) -> bytes:
    """Return a WOFF2 subset of a style for an `@font-face` rule.

    It has Latin, punctuation and signs (about 17 kB); where a `text` needs no more, those of western Europe (11 kB).
    """
    whole = font_folder() / f"DiptychSans-{style.capitalize()}.woff2"
    is_basic = text is not None and not (set(text) & shipped_characters()) - basic_characters()
    return (whole.with_stem(f"{whole.stem}-Basic") if is_basic else whole).read_bytes()


@cache
def basic_characters() -> frozenset[str]:
    """Return the characters of the smaller subsets, as `tools/fonts.py` wrote them down."""
    return frozenset((font_folder() / "basic.txt").read_text("utf-8"))


def shipped_characters() -> frozenset[str]:
    """Return the characters that the shipped font has."""
    return frozenset(_advances())


WIDEST = 1.0
"""What a wide character that the shipped font lacks (Chinese, say) is taken to be, in em."""

UNKNOWN = 0.7
"""The same of any other: letters of Arabic, Hebrew or Devanagari fonts are about that wide at most, in the mean."""


@lru_cache(maxsize=1 << 14)
def text_em(text: str) -> float:
    """Return how wide a text is in the regular style, in em, without kerning.

    >>> text_em("0.25"), text_em("中")
    (2.072, 1.0)
    """
    return round(sum(_advances().get(character) or _foreign_em(character) for character in text), 3)


def _foreign_em(character: str) -> float:
    """Return the width of a character that another font will draw, 0 for a mark upon the one before."""
    if unicodedata.combining(character):
        return 0.0
    return WIDEST if unicodedata.east_asian_width(character) in "WF" else UNKNOWN


@cache
def _advances() -> Mapping[str, float]:
    by_width: dict[str, str] = json.loads((font_folder() / "advances.json").read_text("utf-8"))
    return {character: int(width) / 1000 for width, characters in by_width.items() for character in characters}
