"""Lines for a person: of a file, with a caret below what is wrong, as compilers do; and the last ones of a build."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import TYPE_CHECKING

from rich.cells import cell_len

from ..config.places import one_line

if TYPE_CHECKING:
    from ..errors import Problem
    from ..reuse import Built


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


_FIRST = re.compile(r'<meta name="description" content="([^"]*)"')
_HEAD = 20_000


def headline(folder: Path) -> str | None:
    """Return the first sentence of the report in a folder; None where it has no page."""
    try:
        with (folder / "index.html").open(encoding="utf-8") as page:
            return first_sentence(page.read(_HEAD))
    except (OSError, ValueError):
        return None


def first_sentence(page: str) -> str | None:
    """Return what a page says of itself in its head."""
    found = _FIRST.search(page[:_HEAD])
    return one_line(plain_spaces(html.unescape(found[1]))) if found and found[1] else None


def plain_spaces(text: str) -> str:
    """Return a text with the spaces that keep a number and its unit together as plain ones, for the terminal."""
    return re.sub(r"(?<=\w)[\u00a0\u202f](?=[\w%])", " ", text)


def closing(built: Built, seconds: float) -> list[str]:
    """Return the last lines: the headline, then the page, how much was written, and after how long."""
    said = headline(built.folder)
    size = f"{built.n_files} files, {built.n_bytes / 1e6:.1f} MB, {built.how} in {seconds:.1f} s"
    lines = [] if said is None else [said, ""]
    return [*lines, f"open   {one_line(str(built.folder))}/index.html   ({size})"]
