"""The first counts of a guess, of the rows that were looked at: what a person sees before anything is built."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from .columns import LookedColumn
from .guess import Guess, GuessedLinks, GuessedRecords, GuessedShared

_MOST = 6


@dataclass(frozen=True)
class FirstCounts:
    """Units with a label of the rows and one of the columns, for the commonest of each; `n_units` have both sides."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[int, ...], ...]
    n_units: int
    n_more: tuple[int, int]
    """How many labels of rows and of columns are not among these."""


def first_counts(found: Guess) -> FirstCounts:
    """Return the counts of the six commonest labels of each side."""
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
