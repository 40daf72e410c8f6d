"""Text as GitHub's Markdown: names out of data reach no person, close no issue, and end no block."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..renderers.escape import markdown, one_line

SUMMARY_LIMIT = 500_000
"""Bytes that are shown of a comparison in a summary; GitHub takes 1 MiB for each step."""

BODY_LIMIT = 50_000
"""Bytes that are shown of it in an issue, a pull request or a comment; GitHub takes 65,536 characters."""

_NOTHING = "\N{ZERO WIDTH SPACE}"
_REACHING = re.compile(r"(?<=[@#])(?=\w)|(?<=\bGH-)(?=\d)|(?<=://)(?=(?:www\.)?github\.com\b)", re.IGNORECASE)


def plain(text: str) -> str:
    r"""Return text that says nothing in Markdown but itself.

    >>> plain("a*b\n# <i>c</i>")
    'a\\*b \\# \\<i\\>c\\</i\\>'
    """
    return quiet(markdown(text.strip()))


def code(text: str) -> str:
    """Return text as code in a line, whatever back-quotes it holds.

    >>> code("a``b")
    '``` a``b ```'
    """
    text = one_line(text).strip()
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {text} {fence}" if longest else f"`{text or ' '}`"


def quiet(text: str) -> str:
    """Return Markdown that mentions nobody and refers to no issue, so that it can close none.

    >>> quiet("fixes #1, @all").replace(chr(0x200B), "|")
    'fixes #|1, @|all'
    """
    return _REACHING.sub(_NOTHING, text)


def cut(text: str, limit: int, notice: str) -> str:
    """Return text of at most about `limit` bytes, cut after a line, with a notice where something is missing."""
    if len(text.encode()) <= limit:
        return text
    kept = text.encode()[:limit].decode(errors="ignore").rpartition("\n")[0]
    fences = re.findall(r"^ {0,3}(`{3,}|~{3,})", kept, re.MULTILINE)
    closing = f"\n{fences[-1]}" if len(fences) % 2 else ""
    return f"{kept}{closing}\n\n{notice}\n"


def below(text: str, levels: int) -> str:
    r"""Return Markdown with its headings so many levels lower, where that is possible.

    >>> below("# a\n## b\n#c", 3)
    '#### a\n##### b\n#c'
    """
    return re.sub(r"^(#{1,6})(?= )", lambda found: ("#" * levels + found[1])[:6], text, flags=re.MULTILINE)


def bullets(texts: Iterable[str]) -> str:
    """Return lines of a list."""
    return "\n".join(f"- {text}" for text in texts)
