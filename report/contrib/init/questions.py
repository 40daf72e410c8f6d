"""The terminal dialogue of `diptych init`: at most five questions, then the first counts and the next steps.

The counts come from the guess and the rows examined, so that the user sees them before anything is built.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import typer

from ...cli.console import closing
from ...config.places import printable
from ...errors import DataError, did_you_mean, listed, shortened
from .columns import Look, LookedColumn
from .guess import Guess, GuessedLinks, GuessedRecords, GuessedShared, NamedColumns, guess, relabelled
from .units import name_of_rows

if TYPE_CHECKING:
    from ...reuse import Built
    from .writing import StarterConfig


_MOST = 6


@dataclass(frozen=True)
class FirstCounts:
    """Units with a row label and a column label, for the most frequent labels. `n_units` have both sides."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[int, ...], ...]
    n_units: int
    n_more: tuple[int, int]
    """Number of other labels of rows and of columns."""


def first_counts(found: Guess) -> FirstCounts:
    """Return the counts of the six most frequent labels of each side."""
    what = found.what
    if isinstance(what, GuessedRecords):
        units = list(_of_records(what))
    else:
        units = list(_of_links(what) if isinstance(what, GuessedLinks) else _of_key(what))
    sides: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    cells: Counter[tuple[str, str]] = Counter()
    for n, first, second in units:
        sides[0].update(dict.fromkeys(first, n))
        sides[1].update(dict.fromkeys(second, n))
        cells.update(dict.fromkeys(((a, b) for a in first for b in second), n))
    rows, columns = (tuple(sorted(side, key=lambda label: (-side[label], label))[:_MOST]) for side in sides)
    return FirstCounts(
        rows,
        columns,
        tuple(tuple(cells[a, b] for b in columns) for a in rows),
        sum(n for n, _, _ in units),
        (len(sides[0]) - len(rows), len(sides[1]) - len(columns)),
    )


Unit = tuple[int, set[str], set[str]]


def _of_records(what: GuessedRecords) -> Iterator[Unit]:
    if what.columns.ticked is not None and what.columns.amounts is not None:
        for first, amounts in zip(what.rows.rows, what.columns.amounts, strict=True):
            options = zip(what.columns.ticked.options, amounts, strict=True)
            yield from ((n, set(first), {option}) for option, n in options if first and n)
        return
    counts = [("1",)] * what.look.n_rows if what.count is None else what.count.rows
    for n, first, second in zip(counts, what.rows.rows, what.columns.rows, strict=True):
        if first and second and n:
            yield int(float(n[0])), set(first), set(second)


def _of_links(what: GuessedLinks) -> Iterator[Unit]:
    firsts = _labels_of(what.from_.key, what.from_.labels)
    seconds = _labels_of(what.to.key, what.to.labels)
    if what.table is None:
        ends = zip(what.columns[0].rows, what.to.key.rows, strict=True)
    else:
        ends = zip(what.columns[0].rows, what.columns[1].rows, strict=True)
    found: dict[str, set[str]] = {}
    for sources, targets in ends:
        for target in targets:
            if target in seconds and any(source in firsts for source in sources):
                found.setdefault(target, set()).update(*(firsts.get(source, set()) for source in sources))
    for target, labels in found.items():
        yield 1, labels, seconds[target]


def _of_key(what: GuessedShared) -> Iterator[Unit]:
    first = _labels_of(what.columns[0], what.from_.labels)
    second = _labels_of(what.columns[1], what.to.labels)
    for key in first.keys() & second.keys():
        yield 1, first[key], second[key]


def _labels_of(key: LookedColumn, labels: LookedColumn) -> dict[str, set[str]]:
    """Return the labels of all items that have a value in a column."""
    found: dict[str, set[str]] = {}
    for names, of_item in zip(key.rows, labels.rows, strict=True):
        for name in names:
            found.setdefault(name, set()).update(of_item)
    return found


_WIDEST = 18


def counts_table(found: Guess, counts: FirstCounts) -> Iterator[str]:
    """Yield the lines of a table of counts, with the number of units and of omitted labels."""
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


def next_steps(started: StarterConfig, built: Built | None, seconds: float) -> Iterator[str]:
    """Yield the file to open, and possible next steps."""
    path = printable(str(started.path))
    if built is None:
        yield f"wrote  {path}"
        yield f"next   diptych build {path}"
        return
    folder = printable(str(built.folder))
    yield from closing(built, seconds)
    yield f"edit   {path}: the guesses, their reasons and the alternatives"
    yield f"next   diptych serve {path}"
    yield f"       diptych build {path} -o {folder}"


def _units(found: Guess) -> str:
    if isinstance(found.what, GuessedRecords):
        named = None if found.what.unit is not None else name_of_rows(found.what.look, found.what.group)
        return named.several if named is not None else "records" if found.what.count is None else "units"
    return "units" if found.what.to is found.what.from_ else printable(found.what.to.look.name)


def _line(name: str, fields: Sequence[str], left: int, widths: Sequence[int]) -> str:
    cells = (field.rjust(width) for field, width in zip(fields, widths, strict=True))
    return "  ".join([name.ljust(left), *cells]).rstrip()


def _short(label: str) -> str:
    return shortened(printable(label), _WIDEST, 4)


_NONE = "none"
_RECORD = "record"


def asked(looks: Sequence[Look], found: Guess, named: NamedColumns) -> Guess:
    """Return the guess after questions to the user about everything that no option named."""
    if isinstance(found.what, GuessedRecords):
        return _records(looks, found.what, named)
    one, other = found.what.from_, found.what.to
    names = [_column(f"Labels of {e.look.name}", e.look, e.labels.name) for e in dict.fromkeys((one, other))]
    return relabelled(found, names[0], names[-1])


def _records(looks: Sequence[Look], what: GuessedRecords, named: NamedColumns) -> Guess:
    """Ask for rows, columns, count, group and the name of a unit. Each answer updates the remaining guesses."""
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
        guessed = name_of_rows(again.look, again.group)
        default = _RECORD if guessed is None else guessed.one
        unit = typer.prompt("What one row is called", default=default, err=True).strip()
        named = replace(named, unit=None if unit == default else unit)
    return guess(looks, named)


def _again(looks: Sequence[Look], named: NamedColumns, otherwise: GuessedRecords) -> GuessedRecords:
    try:
        what = guess(looks, named).what
    except DataError:  # no other side fits the named columns; the next answer may
        return otherwise
    return what if isinstance(what, GuessedRecords) else otherwise


def _column(question: str, look: Look, default: str, *, but: str | None = None, none: bool = False) -> str:
    names = [column.name for column in look.columns if column.name != but]
    return str(typer.prompt(question, default=printable(default), value_proc=_one_of(names, none=none), err=True))


def _one_of(names: Sequence[str], *, none: bool) -> Callable[[str], str]:
    """Return a parser for an answer. The question is repeated if the answer is not a column."""

    def taken(answer: str) -> str:
        found = answer.strip()
        if found in names or (none and found == _NONE):
            return found
        shown = [printable(name) for name in names]
        raise typer.BadParameter(f"there is no such column; there are {listed(shown)}{did_you_mean(found, shown)}")

    return taken
