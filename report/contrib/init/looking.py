"""Read data files, examine each column, and find columns that are options of one question."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from itertools import groupby, takewhile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ... import portable
from ...errors import DataError
from ...sources import EngineSettings, SourceSettings
from ...sources.engines import open_engine
from ...sources.files import first_rows
from .columns import FLAGS, YES, Look, LookedColumn, TickedColumns, column_of
from .missing_codes import without_missing_codes
from .scoring import are_different, can_be, is_code, is_dummy_of
from .tables import tables_at
from .vocabulary import AGES, CODES, COUNTS, IDS, LIFE, OUTCOMES, RESULTS, TIMES

if TYPE_CHECKING:
    import pandas as pd


_FEWEST_ALIKE, _FEWEST = 3, 5
"""Minimum number of adjacent columns that are options: with similar names, and with any names."""

_MOST_TICKED, _LEAST_CHOOSING = 0.4, 0.6
"""Maximum share of options that a row has on average, and minimum share of rows with an option, for any names."""

_MANY = 8
"""Number of adjacent yes/no columns from which they are options although a row may have any number of them."""

_COMPETING = 0.9
"""Maximum variance of the number of options of a row, relative to options that are independent of each other."""

_SHORTEST = 3
_LEFT = 2
"""Maximum number of columns in a table of counts that are neither counts nor ids: row names, and one more."""


def with_options(look: Look) -> Look:
    """Return a table with an additional column for each set of columns that are options of one question."""
    return replace(look, columns=(*look.columns, *_questions(look), *_matrix(look)))


def _questions(look: Look) -> Iterator[LookedColumn]:
    """Yield columns combined from adjacent columns with ticks, or with the option's text if it was selected.

    Columns that start with the same question are combined, even if nobody selected one of them.
    """
    of_questions: set[str] = set()
    codes = [column for column in look.columns if is_code(column)]
    for question, run in groupby(look.columns, key=_question):
        members = list(run)
        kinds = Counter(ticks for column in members if (ticks := _ticks(column)) is not None)
        if question and kinds and kinds.total() >= _FEWEST_ALIKE:
            [(kind, _)] = kinds.most_common(1)
            options = [column for column in members if _ticks(column) == kind]
            texts = tuple(column.name for column in members if column.counts and _ticks(column) != kind)
            of_questions.update(column.name for column in members)
            yield replace(_column(options, repeats=kind == "text"), name=question, left_out=texts)
    for ticks, run in groupby(look.columns, key=_ticks):
        if ticks is not None:
            others = [column for column in run if column.name not in of_questions]
            if len(others) >= _FEWEST_ALIKE:
                others = [column for column in others if not any(is_dummy_of(column, code) for code in codes)]
            for found, is_exclusive in _parted(others) if ticks != "text" else [(others, False)]:
                sets = [found] if is_exclusive else _alike(found)
                yield from (_column(one, repeats=ticks == "text") for one in sets)


_BEFORE_OPTION = re.compile(r"(?P<question>.{3,}?)(?:: | - |\? ?\[| \[)(?=.)")


def _question(column: LookedColumn) -> str:
    """Return the question at the start of a column's name, before its option, or an empty text."""
    found = _BEFORE_OPTION.match(column.name)
    return found["question"] if found else ""


def _ticks(column: LookedColumn) -> str | None:
    """Return the values that tick a column, or its own text, or None if it is not ticked."""
    if column.words & (OUTCOMES | IDS) or not column.is_single:
        return None
    if column.is_flag:
        values = {value.casefold() for value in column.counts}
        return next((f"flag {n}" for n, pair in enumerate(FLAGS) if values <= pair), None)
    only = next(iter(column.counts), "")
    is_text = len(column.counts) == 1 and not column.is_number and column.n_filled < len(column.rows)
    return "text" if is_text and only.casefold() in column.name.casefold() else None


def _parted(columns: Sequence[LookedColumn]) -> Iterator[tuple[Sequence[LookedColumn], bool]]:
    """Yield adjacent yes/no columns in runs, and whether each row has yes in exactly one of a run, as in dummies."""
    if not columns:
        return
    ticked = np.array([[bool(row) and row[0].casefold() in YES for row in column.rows] for column in columns])
    start = free = 0
    while start < len(columns):
        n = np.cumsum(ticked[start:], axis=0)
        ends = [
            end for end in range(_FEWEST_ALIKE, len(n) + 1) if n[end - 1].max() == 1 and n[end - 1].mean() >= _ONE_EACH
        ]
        if ends:
            if start > free:
                yield columns[free:start], False
            yield columns[start : start + ends[0]], True
            start = free = start + ends[0]
        else:
            start += 1
    if free < len(columns):
        yield columns[free:], False


_ONE_EACH = 0.98
"""Minimum share of rows with yes in one of several columns that are the dummies of one question."""


def _alike(columns: Sequence[LookedColumn]) -> Iterator[Sequence[LookedColumn]]:
    """Yield at least three adjacent columns whose names share a first or last word.

    Otherwise yield all, if they are at least five and compete as the answers to one question do.
    """
    found: list[list[LookedColumn]] = []
    for place in (0, -1):
        found += [list(run) for word, run in groupby(columns, key=partial(_word_of, place)) if word]
    alike = [run for run in found if len(run) >= _FEWEST_ALIKE]
    if alike:
        yield from alike
    elif len(columns) >= _FEWEST and (any(_ticks(column) == "text" for column in columns) or _compete(columns)):
        yield from [columns] if _are_of_one_question(columns) else []


_EXPECTED_BOTH, _FEW_NEVER, _NEARLY_ALL_NEVER = 5.0, 0.2, 0.8
"""Expected number of rows with two options from which none is evidence, and the shares of such pairs that never occur
below and above which options are of one question."""


def _are_of_one_question(columns: Sequence[LookedColumn]) -> bool:
    """Return whether any two of the columns occur together, or hardly any two do.

    If some pairs never occur and others do, the columns are dummies of several questions, such as region and industry.
    """
    ticked = np.array([[bool(row) and row[0].casefold() in YES for row in column.rows] for column in columns], float)
    both, sums = portable.matmul(ticked, ticked.T), ticked.sum(axis=1)
    one, other = np.triu_indices(len(columns), 1)
    is_frequent = sums[one] * sums[other] / max(1, ticked.shape[1]) >= _EXPECTED_BOTH
    if not is_frequent.any():
        return True
    never = float((both[one, other][is_frequent] == 0).mean())
    return never <= _FEW_NEVER or never >= _NEARLY_ALL_NEVER


def _compete(columns: Sequence[LookedColumn]) -> bool:
    """Return whether yes/no columns look like the options of one question: few per row, and rather one than another.

    Adjacent questions with yes and no, such as diseases and habits, are independent or occur together.
    """
    ticked = [[bool(row) and row[0].casefold() in YES for row in column.rows] for column in columns]
    shares = [sum(of) / max(1, len(of)) for of in ticked]
    n = [sum(of_row) for of_row in zip(*ticked, strict=True)]
    mean = sum(n) / max(1, len(n))
    variance = sum(portable.squared(one - mean) for one in n) / max(1, len(n))
    return (
        mean <= _MOST_TICKED * len(columns)
        and sum(map(bool, n)) >= _LEAST_CHOOSING * len(n)
        and (len(columns) >= _MANY or variance <= _COMPETING * sum(share * (1 - share) for share in shares))
    )


def _word_of(place: int, column: LookedColumn) -> str:
    """Return the first (0) or last (-1) word of a column's name; nothing if it is the only word."""
    words = re.split(r"[\W_]+", column.name)
    return words[place] if len(words) > 1 else ""


def _column(columns: Sequence[LookedColumn], *, repeats: bool) -> LookedColumn:
    values = dict.fromkeys(v for c in columns for v in c.counts)
    chosen = tuple(value for value in values if repeats or value.casefold() in YES)
    wanted = set(chosen)
    ticked = _ticked(columns, ("not empty",) if repeats else chosen)
    rows = tuple(
        tuple(option for option, field in zip(ticked.options, fields, strict=True) if field and field[0] in wanted)
        for fields in zip(*(column.rows for column in columns), strict=True)
    )
    common = re.sub(r"[\W_]+", " ", ticked.prefix or ticked.suffix).strip()
    return LookedColumn(common or f"{columns[0].name} to {columns[-1].name}", rows, ticked=ticked)


def _ticked(columns: Sequence[LookedColumn], values: tuple[str, ...] | None) -> TickedColumns:
    """Return columns as options of one question, without the common start of their names."""
    names = tuple(column.name for column in columns)
    return TickedColumns(names, values, *_affixes(names))


def _affixes(names: Sequence[str]) -> tuple[str, str]:
    """Return the common start or end of all names, in whole words. With a start, a closing bracket is the end."""
    prefix = _whole_words(_start(names))
    suffix = _whole_words(_start([name[::-1] for name in names]))[::-1]
    if prefix:
        ends = {name[-1] for name in names}
        return prefix, ends.pop() if len(ends) == 1 and not names[0][-1].isalnum() else ""
    return "", suffix


def _start(names: Sequence[str]) -> str:
    """Return the common start of all names."""
    return "".join(place[0] for place in takewhile(lambda place: len(set(place)) == 1, zip(*names, strict=False)))


def _whole_words(start: str) -> str:
    cut = re.match(r".*[\W_]", start)
    return cut.group() if cut and len(cut.group()) >= _SHORTEST else ""


def _matrix(look: Look) -> Iterator[LookedColumn]:
    """Yield one column that combines all counts, in a table with hardly any other columns."""
    counts = [column for column in look.columns if _counts(column)]
    others = [
        c for c in look.columns if c not in counts and not (c.is_whole and (c.is_key or c.words & (TIMES | CODES)))
    ]
    named = [c for c in others if not c.is_number and c.is_single]
    if len(counts) < _FEWEST_ALIKE or not 0 < len(named) <= _LEFT or len(named) < len(others):
        return
    labels = [column for column in look.columns if column not in counts and not (column.is_key and column.is_whole)]
    if not any(column.words & COUNTS for column in counts) and not are_different(labels):  # ratings by persons
        return
    ticked = _ticked(counts, None)
    amounts = tuple(
        tuple(int(float(field[0])) if field else 0 for field in fields)
        for fields in zip(*(column.rows for column in counts), strict=True)
    )
    rows = tuple(tuple(o for o, amount in zip(ticked.options, of, strict=True) if amount) for of in amounts)
    yield LookedColumn("option", rows, ticked=replace(ticked, amounts=amounts))


def _counts(column: LookedColumn) -> bool:
    """Return whether a column contains counts: non-negative whole numbers that are not ids."""
    if not column.is_whole or column.is_flag or not can_be(column, "count") or column.words & _NO_COUNTS:
        return False
    is_id = column.is_key and (bool(column.words & IDS) or _goes_up(column))
    return not is_id and not any(value.startswith("-") for value in column.counts)


_NO_COUNTS = TIMES | CODES | AGES | LIFE | (RESULTS - frozenset({"goals", "sales", "visits", "trips"}))
"""Words for numbers that are not added up: years, codes, ages, years of education, ratings."""


def _goes_up(column: LookedColumn) -> bool:
    """Return whether a column numbers the rows."""
    numbers = [int(float(field[0])) for field in column.rows if field]
    return numbers == sorted(numbers) and len(set(numbers)) == len(numbers)


ROWS_LOOKED_AT = 200_000


def look_at(paths: Sequence[Path | str], separator: str | None = None) -> tuple[Look, ...]:
    """Read files and addresses in the given order. Fields are split at `separator`, or at one that fits.

    Raises DataError with all problems of all files.
    """
    sources = [source for path in paths for source in tables_at(str(path), "init")]
    found: list[Look] = []
    messages: list[str] = []
    names = _names([stem for _, stem, _ in sources])
    with closing(open_engine(EngineSettings())) as engine:
        for (path, _, source), name in zip(sources, names, strict=True):
            try:
                rows = first_rows(source, Path(), engine, ROWS_LOOKED_AT, where_declared="init")
                found.append(_look(path, name, rows, source, separator))
            except DataError as error:
                messages += error.messages
    if messages:
        raise DataError(*messages)
    return tuple(found)


def _look(path: Path, name: str, rows: pd.DataFrame, source: SourceSettings, separator: str | None) -> Look:
    columns = [
        without_missing_codes(column_of(column, rows[column].astype(object).tolist(), separator))
        for column in rows.columns
    ]
    return with_options(Look(path, name, len(rows), tuple(columns), source))


def _names(stems: Sequence[str]) -> Iterator[str]:
    """Yield a name for each table that a config can use: its own name, in letters, digits and underscores."""
    taken: set[str] = set()
    for number, own in enumerate(stems, start=1):
        stem = re.sub(r"[^a-z0-9]+", "_", own.casefold()).strip("_")
        name = stem if re.match(r"[a-z]", stem) and stem not in taken else f"table_{number}"
        taken.add(name)
        yield name
