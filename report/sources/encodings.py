"""Guess the encoding of a text of unknown origin."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from . import Encoding, text

_SINGLE_BYTE: tuple[Encoding, ...] = ("latin-1", "windows-1252", "mac-roman")
"""Encodings in which every byte is a character, narrower encodings first."""

_MOST_DAMAGED = 0.5
"""Maximum share of damaged non-ASCII characters in a text that is still UTF-8."""

_MOST_LOOKED_AT = 20_000
_CLEAR = 0.2
_USUAL = frozenset("–—‘’“”„…€£«»°§©®·•×½¼¾²³ªº¿¡\xa0")
"""Characters that commonly occur outside words."""


@dataclass(frozen=True)
class LikelyEncoding:
    """An encoding, the number of bytes it cannot decode, and whether another one is nearly as likely."""

    encoding: Encoding
    n_wrong: int = 0
    is_sure: bool = True


def likely_encoding(path: Path) -> LikelyEncoding:
    """Return the most likely encoding of a file.

    UTF-16 has a byte order mark. Text is rarely valid UTF-8 by chance, so a text with few invalid bytes is damaged
    UTF-8. Among the other encodings, the function chooses the encoding in which the non-ASCII characters form words.
    """
    with path.open("rb") as file:
        if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return LikelyEncoding("utf-16")
    if text.wrong_byte(path, "utf-8") is None:
        return LikelyEncoding("utf-8")
    n_right, n_wrong = _utf8_characters(path)
    if n_right and n_wrong <= _MOST_DAMAGED * (n_right + n_wrong):
        return LikelyEncoding("utf-8", n_wrong)
    sample = b"\n".join(_lines_beyond_ascii(path))
    possible = [one for one in _SINGLE_BYTE if text.wrong_byte(path, one) is None]
    if "latin-1" in possible:  # then Windows-1252 reads the same text
        possible = [one for one in possible if one != "windows-1252"]
    scores: dict[Encoding, float] = {one: _plausibility(sample.decode(one)) for one in possible}
    best: Encoding = max(scores, key=scores.__getitem__, default="windows-1252")
    others = [score for one, score in scores.items() if one != best]
    return LikelyEncoding(best, is_sure=not others or scores[best] - max(others) > _CLEAR)


def _utf8_characters(path: Path) -> tuple[int, int]:
    """Return the number of non-ASCII characters that are valid UTF-8, and the number of invalid bytes."""
    n_right = n_wrong = 0
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    for chunk in [*text.chunks(path), b""]:
        for character in re.findall(r"[^\x00-\x7f]", decoder.decode(chunk, final=not chunk)):
            is_wrong = "\udc80" <= character <= "\udcff"
            n_wrong += is_wrong
            n_right += not is_wrong
    return n_right, n_wrong


def _lines_beyond_ascii(path: Path) -> Iterator[bytes]:
    """Yield lines with non-ASCII bytes, as many as needed."""
    n_bytes = 0
    for chunk in text.chunks(path):
        for line in re.split(rb"[\r\n]+", chunk):
            if n_bytes < _MOST_LOOKED_AT and any(byte > 0x7F for byte in line):
                n_bytes += len(line)
                yield line
        if n_bytes >= _MOST_LOOKED_AT:
            return


def _plausibility(decoded: str) -> float:
    """Return how well the non-ASCII characters fit their context: 1 if all do, -1 if none does."""
    found = [_fits(decoded, at) for at, character in enumerate(decoded) if character > "\x7f"]
    return sum(1 if fits else -1 for fits in found) / len(found) if found else 0.0


def _fits(decoded: str, at: int) -> bool:
    """Return whether a character is where texts have it: lower case in words, upper case at their start."""
    character = decoded[at]
    before, after = decoded[at - 1 : at], decoded[at + 1 : at + 2]
    if not character.isalpha():
        return character in _USUAL and not (before.isalpha() and after.isalpha() and character not in "’·–—")
    if character in "ªºµƒπΩ∂ﬁﬂ" or not unicodedata.name(character, "").startswith("LATIN"):
        return False
    if character.isupper():
        return not before.isalpha() or (before.isupper() and not after.islower())
    return not before.isupper() or not after.isupper()
