"""What `diptych init` prints at its end: the first counts, and what to do with what was made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..config.places import one_line
from ..errors import shortened
from ..init.guess import GuessedRecords
from .closing import closing

if TYPE_CHECKING:
    from ..init.first_counts import FirstCounts
    from ..init.guess import Guess
    from ..init.starting import Started
    from ..reuse import Built

_WIDEST = 18


def counts_table(found: Guess, counts: FirstCounts) -> Iterator[str]:
    """Yield the lines of a table of counts: rows down, columns across, then how many units and what is left out."""
    header = [_short(label) for label in counts.columns]
    names = [_short(label) for label in counts.rows]
    left = max(map(len, names), default=0)
    widths = [
        max(len(name), *(len(f"{row[at]:,}") for row in counts.cells)) for at, name in enumerate(header)
    ] if counts.cells else []  # fmt: skip
    yield _line("", header, left, widths)
    for name, row in zip(names, counts.cells, strict=True):
        yield _line(name, [f"{n:,}" for n in row], left, widths)
    more = [f"{n:,} more {side}" for n, side in zip(counts.n_more, ("rows", "columns"), strict=True) if n]
    yield ", ".join([f"{counts.n_units:,} {_units(found)} with a label on both sides", *more])


def next_steps(started: Started, built: Built | None, seconds: float) -> Iterator[str]:
    """Yield what to open, and what can be done next."""
    path = one_line(str(started.path))
    if built is None:
        yield f"wrote  {path}"
        yield f"next   diptych build {path}"
        return
    folder = one_line(str(built.folder))
    yield from closing(built, seconds)
    yield f"edit   {path}: what was guessed, why, and what else it could be"
    yield f"next   diptych serve {path}"
    yield f"       diptych build {path} -o {folder}"


def _units(found: Guess) -> str:
    if isinstance(found.what, GuessedRecords):
        return "records" if found.what.count is None else "units"
    return "units" if found.what.to is found.what.from_ else one_line(found.what.to.look.name)


def _line(name: str, fields: Sequence[str], left: int, widths: Sequence[int]) -> str:
    cells = (field.rjust(width) for field, width in zip(fields, widths, strict=True))
    return "  ".join([name.ljust(left), *cells]).rstrip()


def _short(label: str) -> str:
    return shortened(one_line(label), _WIDEST, 4)
