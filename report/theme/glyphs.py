"""Which characters a font file has, read from its table of characters (OpenType `cmap`, formats 4 and 12)."""

from __future__ import annotations

import os
import struct
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from .fonts import shipped_characters

_EAST = frozenset({"CJK", "HIRAGANA", "KATAKANA", "HANGUL"})
_OTHER = "OTHER"
_MARKS = frozenset({"COMBINING", "MODIFIER", "VARIATION"})
_IGNORED = frozenset({"Cc", "Cf", "Cn", "Zl", "Zp", "Zs"})


def lacking(texts: Sequence[str], fonts: Sequence[Path]) -> list[str]:
    """Return the characters of texts that neither the shipped font nor these have, in order; each once."""
    known = shipped_characters()
    wanted = dict.fromkeys(
        c for text in texts for c in text if c not in known and unicodedata.category(c) not in _IGNORED
    )
    return [c for c in wanted if not any(ord(c) in characters_of(font) for font in fonts)]


def system_fonts(characters: Sequence[str]) -> list[Path]:
    """Return fonts of this machine that have all characters, one for each script; none where any has no font."""
    by_script: dict[str, set[int]] = {}
    for character in characters:
        script = _script(character)
        by_script.setdefault("CJK" if script in _EAST else script, set()).add(ord(character))
    found = [next((p for p in _system_files() if wanted <= characters_of(p)), None) for wanted in by_script.values()]
    fonts = [path for path in found if path is not None]
    return fonts if len(fonts) == len(by_script) else []


def scripts_of(characters: Sequence[str]) -> list[str]:
    """Return the scripts of characters as people call them, in order.

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
    """Return the script of a character by its name in Unicode; pictures and what belongs to no script as such."""
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
        # a plain face rather than a bold or narrow one
        yield from sorted(found, key=lambda path: (len(path.stem), path.as_posix()))


@cache
def characters_of(path: Path) -> frozenset[int]:
    """Return the code points that a font file has; none for what is no font."""
    try:
        return frozenset(_read(path.read_bytes()))
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
