"""The header of a delimited file: read and checked in Python, since an engine repairs it in silence."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..errors import DataError, listed
from . import faults, text
from .declared import Limits
from .engine import Dialect

MOST_COLUMNS = 10_000
"""The time that DuckDB takes to open a table grows with the square of its columns: half a minute at 100,000."""

_DELIMITERS = (",", ";", "\t", "|")
UNNAMED = "(unnamed)"
"""What the first column is called where its header is empty: row names of R, the index of pandas."""


def read_header(path: Path, name: str, dialect: Dialect, limits: Limits) -> tuple[tuple[str, ...], bool]:
    """Return the column names of a delimited file, and whether any row follows.

    Raises `DataError` where the file is empty or not text in its encoding, holds more than is read, where a NUL byte
    is in it, where the header has empty or repeated names, or one name that seems to hold another delimiter, and where
    rows have more fields than the header, be they empty.
    """
    try:
        seen = text.survey(path, dialect, limits)
        if seen.nul is not None:
            raise DataError(
                f"{name} holds a NUL byte (byte {seen.nul + 1:,}): it is no text file, or was damaged, or is UTF-16 "
                f"(then write {faults.as_source(name, encoding='utf-16')})"
            )
        rows = text.records(path, dialect, limits)
        n_empty, header = next(((n, fields) for n, fields in enumerate(rows) if fields), (0, None))
        has_rows = _has_more(fields for fields in rows if fields)
    except UnicodeError:
        raise DataError(faults.encoding(path, name, dialect.encoding)) from None
    except csv.Error as error:
        raise DataError(faults.quote(name, 1, str(error), dialect)) from None
    except text.UNREADABLE as error:
        raise DataError(f"{name} cannot be read: {faults.compression(path, error)}") from None
    except text.TooMuch as error:
        raise DataError(f"{name} {error}") from None
    if header is None:
        raise DataError(f"{name} is empty")
    if n_empty:  # an engine takes the first of them for the header
        before = "an empty line" if n_empty == 1 else f"{n_empty:,} empty lines"
        raise DataError(f"{name} has {before} before its header; take out what stands before the names of the columns")
    header = named(header)
    check_names(name, header, dialect)
    if seen.may_have_longer_rows(len(header)) and text.may_have_longer_rows(path, dialect, len(header), limits):
        raise_if_any(faults.delimited({path: name}, header, dialect, limits))
    return tuple(header), has_rows


def named(header: Sequence[str]) -> list[str]:
    """Return a header whose first column has a name: row names of R and the index of pandas have none.

    >>> named(["", "job"]), named(["id", ""])
    (['(unnamed)', 'job'], ['id', ''])
    """
    first, *others = header
    return [UNNAMED if not first.strip() and others else first, *others]


def raise_if_any(messages: Sequence[str]) -> None:
    """Raise `DataError` with messages, if there are any."""
    if messages:
        raise DataError(*messages)


def _has_more(rows: Iterator[list[str]]) -> bool:
    """Tell whether a row follows, be it a faulty one: the engine will come upon that."""
    try:
        return next(rows, None) is not None
    except csv.Error:
        return True


def too_many(name: str, n_columns: int) -> str:
    """Say that a table has more columns than are read."""
    return (
        f"{name} has {n_columns:,} columns, of which at most {MOST_COLUMNS:,} are read; take out those that are not "
        "needed, or turn it on its side"
    )


def check_names(name: str, header: Sequence[str], dialect: Dialect | None = None) -> None:
    """Raise `DataError` for every fault of a header: empty names, repeated names, an unlikely lone name."""
    if len(header) > MOST_COLUMNS:
        raise DataError(too_many(name, len(header)))
    messages = []
    empty = [n for n, column in enumerate(header, start=1) if not column.strip()]
    if empty and len(header) - len(empty) == 1 and header[0] not in (UNNAMED, ""):
        messages.append(f'{name} begins with a row of one field, "{header[0]}"; {faults.TITLE}')
    elif empty:
        columns = "column " if len(empty) == 1 else "columns "
        places = listed(list(map(str, empty)))
        messages.append(
            f"{name} has no name for {columns}{places} in its header; give each column a name, or take it out"
        )
    folded = [column.casefold() for column in header]
    named: dict[str, list[int]] = {}
    for n, column in enumerate(folded, start=1):
        named.setdefault(column, []).append(n)
    for numbers in named.values():
        spelled = list(dict.fromkeys(header[n - 1] for n in numbers))
        at = " and ".join(map(str, numbers))
        if len(numbers) > 1 and spelled[0].strip():
            what = (
                f'calls columns {at} "{spelled[0]}"'
                if len(spelled) == 1
                else f"has columns {at} whose names differ in case alone ({', '.join(spelled)})"
            )
            messages.append(f"{name} {what}; give each column a name of its own")
    if dialect is not None and len(header) == 1:
        other = next((d for d in _DELIMITERS if d != dialect.delimiter and d in header[0]), None)
        if other is not None:
            line = faults.as_source(name, delimiter=other)
            messages.append(f'{name} has one column named "{header[0]}"; to split it, write {line}')
    raise_if_any(messages)
