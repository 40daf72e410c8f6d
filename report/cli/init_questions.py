"""What `diptych init` says at a terminal: at most five questions; at its end the first counts and what to do next."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from ..config.places import one_line
from ..errors import DataError, did_you_mean, listed, shortened
from ..init.columns import Look
from ..init.guess import Guess, GuessedRecords, NamedColumns, guess, relabelled
from .console import closing

if TYPE_CHECKING:
    from ..init.first_counts import FirstCounts
    from ..init.guess import Guess
    from ..init.writing import Started
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


_NONE = "none"


def asked(looks: Sequence[Look], found: Guess, named: NamedColumns) -> Guess:
    """Return the guess as a person wants it, who has been asked for what no option named."""
    if isinstance(found.what, GuessedRecords):
        return _records(looks, found.what, named)
    one, other = found.what.from_, found.what.to
    names = [_column(f"Labels of {e.look.name}", e.look, e.labels.name) for e in dict.fromkeys((one, other))]
    return relabelled(found, names[0], names[-1])


def _records(looks: Sequence[Look], what: GuessedRecords, named: NamedColumns) -> Guess:
    """Ask for rows, columns, count, group and the name of a unit; what follows from an answer is guessed again."""
    if named.rows is None:
        named = replace(named, rows=_column("Rows: the column with the labels of one side", what.look, what.rows.name))
    if named.columns is None:
        again = _again(looks, named, what)
        question = "Columns: the column with the labels of the other side"
        named = replace(named, columns=_column(question, what.look, again.columns.name, but=named.rows))
    again = _again(looks, named, what)
    if named.count is None and again.count is not None:
        name = _column("How many units a row stands for", what.look, again.count.name)
        named = replace(named, count=name)
    if named.group is None:
        default = _NONE if again.group is None else again.group.name
        name = _column("What rows share, such as a person; none for nothing", what.look, default, none=True)
        named = replace(named, group="" if name == _NONE else name)
    if named.unit is None:
        unit = typer.prompt("What one row is called", default="record", err=True).strip()
        named = replace(named, unit=None if unit == "record" else unit)
    return guess(looks, named)


def _again(looks: Sequence[Look], named: NamedColumns, otherwise: GuessedRecords) -> GuessedRecords:
    try:
        what = guess(looks, named).what
    except DataError:  # no other side goes with what was named; the next answer may
        return otherwise
    return what if isinstance(what, GuessedRecords) else otherwise


def _column(question: str, look: Look, default: str, *, but: str | None = None, none: bool = False) -> str:
    names = [column.name for column in look.columns if column.name != but]
    return str(typer.prompt(question, default=one_line(default), value_proc=_one_of(names, none=none), err=True))


def _one_of(names: Sequence[str], *, none: bool) -> Callable[[str], str]:
    """Return what takes an answer; it is asked again where that is no column."""

    def taken(answer: str) -> str:
        found = answer.strip()
        if found in names or (none and found == _NONE):
            return found
        shown = [one_line(name) for name in names]
        raise typer.BadParameter(f"there is no such column; there are {listed(shown)}{did_you_mean(found, shown)}")

    return taken
