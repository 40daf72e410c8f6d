"""What changed, as text for a terminal and as Markdown for a comment. Labels are of strangers: all is escaped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..config.places import one_line
from ..renderers.escape import markdown
from .diff_blocks import Grid, Items, Part, Text, parts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ..history.changes import Diff

LARGEST_COMMENT = 60_000
"""Characters of Markdown that are written: GitHub takes comments of up to 65,536."""

_WIDEST = 40


def text_of(found: Diff) -> str:
    """Return what changed as text for a terminal."""
    return "\n".join(_lines(parts_of(found), one_line, _aligned)).rstrip()


def markdown_of(found: Diff) -> str:
    """Return what changed in GitHub-flavoured Markdown, cut at the end of a line where it is longer than a comment."""
    lines = list(_lines(parts_of(found), lambda text: markdown(one_line(text)), _table))
    text = "\n".join(lines).rstrip() + "\n"
    if len(text) <= LARGEST_COMMENT:
        return text
    kept = text[:LARGEST_COMMENT].rpartition("\n")[0]
    return f"{kept}\n\nMore changed than fits here; `diptych diff` prints it all.\n"


def _lines(
    parts: Sequence[Part], escape: Callable[[str], str], table: Callable[[Grid, Callable[[str], str]], Iterator[str]]
) -> Iterator[str]:
    for place, part in enumerate(parts):
        yield f"{'##' if place else '#'} {escape(part.heading)}"
        yield ""
        for block in part.blocks:
            if isinstance(block, Text):
                yield escape(block.text)
            elif isinstance(block, Items):
                yield from (f"- {escape(item)}" for item in block.items)
            else:
                yield from table(block, escape)
            yield ""


def _table(grid: Grid, escape: Callable[[str], str]) -> Iterator[str]:
    yield f"| {' | '.join((*grid.words, *grid.numbers))} |"
    yield f"|{'|'.join([*(['---'] * len(grid.words)), *(['---:'] * len(grid.numbers))])}|"
    for row in grid.rows:
        yield f"| {' | '.join(escape(cell) for cell in row)} |"


def _aligned(grid: Grid, escape: Callable[[str], str]) -> Iterator[str]:
    rows = [(*grid.words, *grid.numbers), *(tuple(_cut(escape(cell)) for cell in row) for row in grid.rows)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [
            cell.ljust(width) if column < len(grid.words) else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()


def _cut(text: str) -> str:
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 3]}..."
