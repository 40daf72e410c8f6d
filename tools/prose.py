"""Count marks of stilted English per 1,000 words: `python -m tools.prose PATH ...`.

A mark is a pattern that is rare in good technical prose. The limit is three times its rate in the docstrings of the
standard library of Python 3.11, and it applies from the third occurrence. Prose is the text of docstrings, comments
and Markdown pages, without code, headings, table heads, quotations and addresses.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple


class Mark(NamedTuple):
    """A pattern and its rate per 1,000 words in the docstrings of the standard library."""

    pattern: str
    usual: float


MARKS: Mapping[str, Mark] = {
    "what-clause": Mark(
        r"\bwhat (is|are|was|were|it|they|the|a|one|goes|all|no|departs|carries|has|have|comes|stands"
        r"|its|would|can|may)\b",
        0.04,
    ),
    "stands": Mark(r"\bstands?\b", 0.02),
    "holds": Mark(r"\bholds?\b", 0.1),
    "tells": Mark(r"\b(tells?|told|telling)\b", 0.21),
    "one that, those of": Mark(r"\b(one|those) (that|of)\b|\bthat of\b", 0.54),
    "is said": Mark(r"\b(is|are) (said|called|told|taken|held|asked|named|read)\b", 0.78),
    "would make, rests on": Mark(
        r"\bwould make\b|\brests? on\b|\bcarr(y|ies|ied) most\b|\bmakes? of (it|them)\b|\bno longer so\b|\bnot so\b",
        0.01,
    ),
    "archaic": Mark(r"\b(commonest|seldom|beside|anew|alike|thereof|whoever|dear(er|est)?)\b", 0.02),
    "inversion": Mark(r"\bwere (the|it|they|there)\b[^.]{0,40}, ", 0.02),
    "semicolons": Mark(r";", 2.7),
}

TIMES = 3
LEAST = 3
"""A mark needs at least this many occurrences to be over its limit."""

_QUOTED = re.compile(r"“[^”]*”|\"[^\"\n]*\"")
_BRACKETS = re.compile(r"\([^()]*\)")
_WORD = re.compile(r"[A-Za-z']+")
_NO_PROSE = re.compile(r"<!--.*?-->|```.*?```|^ {4}.*?$|`[^`]*`|\]\([^)]*\)|<[^>\n]+>", re.DOTALL | re.MULTILINE)

_CODE = re.compile(r"`[^`]*`|^ *>>>.*$", re.MULTILINE)


class Rates(NamedTuple):
    """The number of words in a text and of occurrences of each mark."""

    words: int
    found: Mapping[str, int]

    def over(self) -> tuple[str, ...]:
        """Return the marks over their limit."""
        limits = {name: TIMES * mark.usual for name, mark in MARKS.items()}
        return tuple(n for n, k in self.found.items() if k >= LEAST and 1000 * k > limits[n] * max(1, self.words))


def rates(text: str) -> Rates:
    """Count the marks of a prose text, except in quotations. Semicolons in brackets do not count either."""
    text = _QUOTED.sub(" ", text)
    outside = _BRACKETS.sub(" ", text)
    found = {
        name: len(re.findall(mark.pattern, outside if name == "semicolons" else text, re.IGNORECASE))
        for name, mark in MARKS.items()
    }
    return Rates(len(_WORD.findall(text)), found)


def prose(path: Path) -> str:
    """Return the prose of a file: a module or a page."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return "\n".join(_of_module(text))
    return of_markdown(text)


def _of_module(text: str) -> Iterator[str]:
    """Yield the docstrings, those of attributes too, and the comments, without names of code."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield _CODE.sub(" ", node.value.value)
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield _CODE.sub(" ", token.string.lstrip("# "))


def of_markdown(text: str) -> str:
    """Return the prose of a Markdown page."""
    text = _NO_PROSE.sub(" ", text)
    return "\n".join(line for line in text.splitlines() if not line.startswith(("|", "#", "![", "Source:")))


def files(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield the files with prose among the paths and in the folders below."""
    for path in paths:
        if path.is_file():
            yield path
        else:
            yield from sorted(p for suffix in ("py", "md") for p in path.rglob(f"*.{suffix}"))


def main() -> None:
    """Print the rates of the named files, and the marks over their limit."""
    counted = rates("\n".join(prose(path) for path in files(map(Path, sys.argv[1:] or ["."]))))
    print(f"{counted.words:,} words of prose; per 1,000 words (standard library in brackets)")
    for name, n in counted.found.items():
        print(f"  {name:24} {1000 * n / max(1, counted.words):6.2f}  ({MARKS[name].usual})")
    over = counted.over()
    print(f"over the limit: {len(over)} of {len(MARKS)}" + (f" ({', '.join(over)})" if over else ""))


if __name__ == "__main__":
    main()
