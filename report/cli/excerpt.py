"""The line of a file that a problem stands in, with a caret below what it is about, as compilers show it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from rich.cells import cell_len

from ..config.places import one_line

if TYPE_CHECKING:
    from ..errors import Problem

_WIDEST = 100
_BEFORE = 40
_TOKEN = re.compile(r"\"[^\"]*\"|'[^']*'|[^\s:,\[\]{}#]+|\S")


def excerpt(problem: Problem) -> list[str]:
    """Return the lines that show where a problem is; nothing where the file or the line is not there."""
    if problem.line < 1 or problem.column < 1:
        return []
    try:
        lines = Path(problem.file).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, ValueError):
        return []
    if problem.line > len(lines) or problem.column > len(lines[problem.line - 1]) + 1:
        return []
    line = lines[problem.line - 1].replace("\t", " ")
    start = problem.column - 1
    found = _TOKEN.match(line, start)
    length = len(found.group()) if found else 1
    cut = max(0, start - _BEFORE) if len(line) > _WIDEST else 0
    shown = line[cut : cut + _WIDEST]
    before = one_line(shown[: start - cut])
    about = one_line(shown[start - cut : start - cut + length]) or " "
    number = str(problem.line)
    edge = " " * len(number)
    return [
        f"  {edge} |",
        f"  {number} | {one_line(shown)}",
        f"  {edge} | {' ' * cell_len(before)}{'^' * max(1, cell_len(about))}",
    ]
