"""What authored text says without a value or claim behind it: numbers and superlatives, written by hand."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Literal

from .parsing import Parsed
from .verdicts import Unbound

_NUMBER = r"(?<![\w.,-])[-+\N{MINUS SIGN}]?\d[\d.,]*(?:\s?%)?(?![\w-])(?<![.,])"
_WORDS = (
    "two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty hundred thousand million "
    "half third quarter twice double dozen"
)
_SUPERLATIVES = (
    "most least highest lowest largest smallest biggest greatest strongest weakest fewest commonest rarest best worst "
    "all every none never always only majority minority"
)
_FOUND = re.compile(
    rf"(?P<number>{_NUMBER}|\b(?:{'|'.join(_WORDS.split())})\b)|(?P<superlative>\b(?:{'|'.join(_SUPERLATIVES.split())})\b)",
    re.IGNORECASE,
)
_NOT_PROSE = re.compile(r"^[ \t]*\d{1,9}[.)](?=\s)|\]\([^)\n]*\)|<https?:[^>\n]*>", re.MULTILINE)
"""Numbers of list items and addresses of links: no prose."""

_SENTENCE = re.compile(r"[^.!?\n]*(?:\.(?=\d)[^.!?\n]*|\n(?!\s*\n)[^.!?\n]*)*[.!?\n]?")


def unbound(parsed: Parsed, categories: Sequence[str]) -> Iterator[Unbound]:
    """Yield numbers and superlatives that stand outside values and claims, in the order of the file.

    A number in a sentence that names a category is a statement about the data with nothing behind it, and is
    called so. Words such as ImageNet-1k are no numbers, nor are names of categories that hold some.
    """
    names = [name for name in categories if name.strip()]
    known = re.compile("|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in sorted(names, key=len, reverse=True)))
    for stretch in parsed.stretches:
        if stretch.claimed:
            continue
        prose = _blanked(_NOT_PROSE, stretch.text)
        plain = _blanked(known, prose) if names else prose
        sentences = [
            (m.start(), bool(names) and known.search(m.group()) is not None) for m in _SENTENCE.finditer(prose)
        ]
        for found in _FOUND.finditer(plain):
            named = sentences[bisect_right(sentences, (found.start(), True)) - 1][1]
            line, column = parsed.place(stretch.offset + found.start())
            yield Unbound(parsed.file, line, column, _sort(found, named=named), found.group().strip())


def _sort(found: re.Match[str], *, named: bool) -> Literal["number", "superlative", "category with number"]:
    if found.group("superlative"):
        return "superlative"
    return "category with number" if named else "number"


def _blanked(pattern: re.Pattern[str], text: str) -> str:
    """Return text with spaces in place of matches, so that places stay."""
    return pattern.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)
