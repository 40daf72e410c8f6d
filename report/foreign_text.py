r"""Display of text from other people: labels, ids, names of groups, strata and columns.

Invisible characters, and characters that reorder the text around them, become escapes such as `\u200b`. Letters of
every script stay as they are. So do the joiners and variation selectors that scripts and emoji need.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

CONTROL = "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\x0b\x0c"
"""C0 and C1 controls except tab and the line ends (U+0085 is a line end)."""

BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
"""Characters that set or change the direction of the text around them."""

REORDERING = "\u202a-\u202e\u2066-\u2069"
"""Direction characters that reorder the text after them. The others are single marks."""

NO_TEXT = "\ud800-\udfff\ufdd0-\ufdef\ufffc\ufff9-\ufffb" + "".join(
    f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000)
)
"""Halves of surrogate pairs, noncharacters, and placeholders for objects and annotations."""

PRIVATE = "\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd"
"""Characters for private use, which have no meaning outside one program. PDF/A does not allow them."""

_INVISIBLE = (
    "\xad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_JOINERS = "\u200c\u200d"
_SELECTORS, _MORE_SELECTORS = range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0)
_SPACES = re.compile(r"[\s\x85\u2028\u2029]+")
_ALONE = re.compile(f"[{CONTROL}\x85\u2028\u2029{BIDI}{NO_TEXT}{PRIVATE}{_INVISIBLE}{_JOINERS}\ufe00-\ufe0f]")
_CANNOT_BE_CARRIED = re.compile(f"[{CONTROL}\x85{NO_TEXT}{PRIVATE}]")
_UNSEEN = re.compile(f"[{CONTROL}{BIDI}{NO_TEXT}{_INVISIBLE}{_JOINERS}\ufe00-\ufe0f]")
_ESCAPED = re.compile(r"\\(?:u([0-9a-f]{4})|U([0-9a-f]{8}))")

# The flag of a region is a black flag followed by invisible tag letters.
_FLAG = "\U0001f3f4"
_TAGS = range(0xE0020, 0xE0080)
_WITHOUT_SPACES = ("THAI", "LAO", "KHMER", "MYANMAR", "TAI", "BALINESE", "JAVANESE")


def visible(text: str) -> str:
    r"""Return a text in which every invisible or reordering character is an escape.

    >>> print(visible("a\x07"), visible("NL\u200bP"), visible("\u202eabc"), visible("Zürich"))
    a\u0007 NL\u200bP \u202eabc Zürich
    >>> visible("می\u200cروم") == "می\u200cروم"
    True
    """
    if text.isascii() and text.isprintable():
        return text
    return _ALONE.sub(lambda found: _as_shown(found, text), text)


def carried(text: str) -> str:
    r"""Return a text in which the characters that no format can represent are escapes.

    >>> print(carried("a\x00b"))
    a\u0000b
    """
    return _CANNOT_BE_CARRIED.sub(lambda found: _escape(found[0]), text)


def has_hidden(text: str) -> bool:
    """Return whether `visible` would change a text."""
    return visible(text) != text


def seen_as(text: str) -> str:
    r"""Return a text as it appears: composed, without invisible characters, each run of spaces as one space.

    Texts with equal results look equal.

    >>> seen_as(" NL\u200bP\xa0 x") == seen_as("NLP x"), seen_as("e\u0301") == seen_as("é")
    (True, True)
    """
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    seen = unicodedata.normalize("NFC", _UNSEEN.sub("", text))
    return _SPACES.sub(" ", seen).strip()


def spelled(text: str) -> str:
    r"""Return a text with only plain spaces, visible letters and signs unescaped, to compare look-alikes.

    >>> print(spelled("a\xa0b"), spelled("e\u0301"), spelled("a  b"), spelled("é"))
    a\u00a0b e\u0301 a\u0020\u0020b é
    """
    several = re.sub(r"^ +| +$| {2,}", lambda found: "".join(map(_escape, found[0])), text)
    return "".join(
        _escape(c) if c != " " and (unicodedata.category(c)[0] in "ZC" or unicodedata.combining(c)) else c
        for c in _ALONE.sub(lambda found: _escape(found[0]), several)
    )


def written_from(shown: str) -> str:
    r"""Return the text that `visible` displays as `shown`, provided that the text contains no such escapes itself.

    >>> written_from(r"NL\u200bP") == "NL\u200bP"
    True
    """
    return _ESCAPED.sub(lambda found: _character(found[1] or found[2], found[0]), shown)


def runs_right_to_left(text: str) -> bool:
    """Return whether a text has right-to-left letters, so that it can reorder the text next to it.

    >>> runs_right_to_left("עברית (1)"), runs_right_to_left("Zürich 1")
    (True, False)
    """
    return not text.isascii() and any(unicodedata.bidirectional(character) in ("R", "AL") for character in text)


def isolate(text: str) -> str:
    """Return a text between FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE, which confine its direction."""
    return f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}"


def look_alikes(texts: Iterable[str]) -> list[tuple[str, ...]]:
    """Return the groups of different texts that look equal, each sorted, in the order of their first member."""
    groups: dict[str, set[str]] = {}
    for text in texts:
        groups.setdefault(seen_as(text), set()).add(text)
    return sorted(tuple(sorted(group)) for group in groups.values() if len(group) > 1)


def _character(code: str, otherwise: str) -> str:
    number = int(code, 16)
    return chr(number) if number < 0x110000 else otherwise


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _as_shown(found: re.Match[str], text: str) -> str:
    character = found[0]
    before, after = text[: found.start()][-1:], text[found.end() :][:1]
    return character if _is_needed(character, before, after, text[: found.start()]) else _escape(character)


def _is_needed(character: str, before: str, after: str, start: str) -> bool:
    """Return whether an invisible character changes the look of its neighbours."""
    if not before:
        return False
    category = unicodedata.category(before)
    if character in _JOINERS:
        return _may_join(before) and _may_join(after)
    if ord(character) in _SELECTORS:
        return category in ("Lo", "So", "Sm", "Po") or after == "\u20e3"
    if ord(character) in _MORE_SELECTORS:
        return category == "Lo"
    if ord(character) in _TAGS:
        return start.rstrip("".join(map(chr, _TAGS))).endswith(_FLAG)
    return character == "\u200b" and all(
        unicodedata.name(c, "").startswith(_WITHOUT_SPACES) for c in (before, after or " ")
    )


def _may_join(character: str) -> bool:
    """Return whether joiners have a meaning next to a character: in scripts without capitals, and in emoji."""
    return bool(character) and unicodedata.category(character) in ("Lo", "Mn", "Mc", "So", "Sk")
