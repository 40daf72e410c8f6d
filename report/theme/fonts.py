"""The included font (IBM Plex Sans) and the settings of other fonts. Drawing uses the full font, pages a subset.

`tools/fonts.py` makes the files, and `fonts/OFL.txt` is their licence.
"""

from __future__ import annotations

import json
import os
import struct
import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

from ..disk import read_regular

_EAST = frozenset({"CJK", "HIRAGANA", "KATAKANA", "HANGUL"})
_OTHER = "OTHER"
_MARKS = frozenset({"COMBINING", "MODIFIER", "VARIATION"})
_IGNORED = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs"})


def lacking(texts: Sequence[str], fonts: Sequence[Path]) -> list[str]:
    """Return the characters of texts that neither the included font nor `fonts` have, in order, each once."""
    known = shipped_characters()
    wanted = dict.fromkeys(
        c for text in texts for c in text if c not in known and unicodedata.category(c) not in _IGNORED
    )
    return [c for c in wanted if not any(ord(c) in characters_of(font) for font in fonts)]


def system_fonts(characters: Sequence[str]) -> list[Path]:
    """Return fonts of this machine with all characters, one for each script, or none if a script has no font."""
    by_script: dict[str, set[int]] = {}
    for character in characters:
        script = _script(character)
        by_script.setdefault("CJK" if script in _EAST else script, set()).add(ord(character))
    found = [next((p for p in _system_files() if wanted <= characters_of(p)), None) for wanted in by_script.values()]
    fonts = [path for path in found if path is not None]
    return fonts if len(fonts) == len(by_script) else []


def scripts_of(characters: Sequence[str]) -> list[str]:
    """Return the usual names of the scripts of characters, in order.

    >>> scripts_of("数据ا")
    ['Chinese', 'Arabic']
    >>> scripts_of("数かな")
    ['Japanese']
    >>> scripts_of("ש👩🦖"), scripts_of("\N{COMBINING X ABOVE}")
    (['Hebrew', 'Emoji'], ['Other'])
    """
    first = dict.fromkeys(map(_script, characters))
    if len(first) > 1:
        first.pop(_OTHER, None)
    east = _EAST & set(first)
    named = "Korean" if "HANGUL" in east else "Japanese" if east - {"CJK"} else "Chinese"
    return list(dict.fromkeys(named if name in east else name.capitalize() for name in first))


def _script(character: str) -> str:
    """Return the script of a character by its Unicode name: EMOJI for pictures, OTHER if it has no script."""
    if unicodedata.category(character) == "So":
        return "EMOJI"
    word = unicodedata.name(character, _OTHER).split("-")[0].split()[0]
    return word if unicodedata.category(character)[0] in "LMN" and word not in _MARKS else _OTHER


def _system_files() -> Iterator[Path]:
    home = Path.home()
    folders = {
        "darwin": [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts"],
        "win32": [Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts"],
    }.get(
        sys.platform,
        [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), home / ".local/share/fonts", home / ".fonts"],
    )
    for folder in folders:
        found = (path for path in folder.rglob("*") if path.suffix.lower() in (".ttf", ".otf", ".ttc", ".otc"))
        # a plain face before a bold or narrow one
        yield from sorted(found, key=lambda path: (len(path.stem), path.as_posix()))


@cache
def characters_of(path: Path) -> frozenset[int]:
    """Return the code points in a font file, or none if it is not a font."""
    try:
        return frozenset(_read(read_regular(path)))
    except (OSError, struct.error, IndexError):
        return frozenset()


def _read(font: bytes) -> Iterator[int]:
    start = struct.unpack_from(">I", font, 12)[0] if font[:4] == b"ttcf" else 0
    for number in range(struct.unpack_from(">H", font, start + 4)[0]):
        tag, _, offset, _ = struct.unpack_from(">4sIII", font, start + 12 + 16 * number)
        if tag == b"cmap":
            for table in range(struct.unpack_from(">H", font, offset + 2)[0]):
                where = offset + struct.unpack_from(">I", font, offset + 8 + 8 * table)[0]
                kind = struct.unpack_from(">H", font, where)[0]
                yield from _segments(font, where) if kind == 4 else _groups(font, where) if kind == 12 else ()


def _segments(font: bytes, at: int) -> Iterator[int]:
    n = struct.unpack_from(">H", font, at + 6)[0] // 2
    ends = struct.unpack_from(f">{n}H", font, at + 14)
    starts = struct.unpack_from(f">{n}H", font, at + 16 + 2 * n)
    for first, last in zip(starts, ends, strict=True):
        if first != 0xFFFF:
            yield from range(first, last + 1)


def _groups(font: bytes, at: int) -> Iterator[int]:
    for number in range(struct.unpack_from(">I", font, at + 12)[0]):
        first, last, _ = struct.unpack_from(">III", font, at + 16 + 12 * number)
        yield from range(first, min(last, 0x10FFFF) + 1)


SYSTEM = "system"
"""The entry among fallback fonts that means a font of the machine."""


Style = Literal["regular", "italic", "bold"]
"""An included style. There is no semi-bold, because Typst treats it as another family."""

FONT_FAMILY = "Diptych Sans"
"""The family name in PDF and style sheets. vl-convert silently drops text in an unknown font.

It is IBM Plex Sans under a name of our own: vl-convert may also read the fonts of the machine, and another font of the
same name would change figures.
"""

FAMILIES = f"{FONT_FAMILY}, IBM Plex Sans, sans-serif"
"""The family names in SVG. The second is the same font on a machine of a reader who has it."""


def font_folder() -> Path:
    """Return the folder of the included fonts for vl-convert and Typst."""
    return Path(str(files("diptych.theme") / "fonts"))


def settings_of_fontconfig() -> dict[str, str]:
    """Return the environment variables that hide the fonts of the machine from vl-convert, which measures texts.

    Where there is no fontconfig (macOS, Windows), only the name of the included font keeps others away.
    """
    return {"FONTCONFIG_FILE": str(font_folder() / "fonts.conf")}


@contextmanager
def included_fonts_alone() -> Iterator[None]:
    """Set them in this process within the block."""
    settings = settings_of_fontconfig()
    before = {name: os.environ[name] for name in settings if name in os.environ}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name in settings:
            del os.environ[name]
        os.environ.update(before)


def font_folders(fallback: Sequence[Path] = ()) -> tuple[Path, ...]:
    """Return the folders of the included fonts and of fallback font files, each once, in order."""
    return tuple(dict.fromkeys((font_folder(), *(path.resolve().parent for path in fallback))))


def woff2(style: Style, text: str | None = None) -> bytes:
    """Return a WOFF2 subset of a style for an `@font-face` rule.

    It has Latin, punctuation and signs (about 17 kB). If `text` needs no more, it has the characters of western Europe
    (11 kB).
    """
    whole = font_folder() / f"DiptychSans-{style.capitalize()}.woff2"
    is_basic = text is not None and not (set(text) & shipped_characters()) - basic_characters()
    return (whole.with_stem(f"{whole.stem}-Basic") if is_basic else whole).read_bytes()


@cache
def basic_characters() -> frozenset[str]:
    """Return the characters of the smaller subsets, as listed by `tools/fonts.py`."""
    return frozenset((font_folder() / "basic.txt").read_text("utf-8"))


def shipped_characters() -> frozenset[str]:
    """Return the characters of the included font."""
    return frozenset(_advances())


WIDEST = 1.0
"""The assumed width in em of a wide character that the included font lacks, such as Chinese."""

UNKNOWN = 0.7
"""The assumed width in em of any other missing character: the highest mean of Arabic, Hebrew and Devanagari fonts."""


BOLD = 1.07
"""How much wider a text is in the bold style, at most."""


@lru_cache(maxsize=1 << 14)
def text_em(text: str) -> float:
    """Return the width of a text in the regular style, in em, without kerning.

    >>> text_em("0.25"), text_em("中")
    (2.072, 1.0)
    """
    return round(sum(_advances().get(character) or _foreign_em(character) for character in text), 3)


def _foreign_em(character: str) -> float:
    """Return the width of a character from another font, or 0 for a mark on the previous character."""
    if unicodedata.combining(character):
        return 0.0
    return WIDEST if unicodedata.east_asian_width(character) in "WF" else UNKNOWN


@cache
def _advances() -> Mapping[str, float]:
    by_width: dict[str, str] = json.loads((font_folder() / "advances.json").read_text("utf-8"))
    return {character: int(width) / 1000 for width, characters in by_width.items() for character in characters}
