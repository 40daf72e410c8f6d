"""Limits for tables: the size of Parquet and JSON files before they are read, and the length of texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ..errors import DataError, raise_if_any
from . import Limits
from .faults import MOST_COLUMNS, too_many
from .sql import duckdb_aside, path_literal
from .text import size

_SHOWN = 40
"""Characters shown in a message about a text that is too long."""

_MENDED = "name another column or a separator, or, if that is meant, raise engine.limits"

_BYTES_OF_A_VALUE = 4
"""Minimum size of a value in memory, since equal values take almost no space in a Parquet file."""


@dataclass(frozen=True, slots=True)
class FileShape:
    """Number of columns and rows of a file, and the minimum size of its unpacked values in bytes."""

    n_columns: int = 0
    n_rows: int = 0
    n_bytes: int = 0


def check_files(files: Mapping[Path, str], form: str, limits: Limits) -> None:
    """Raise `DataError` if the files of one source have too many columns or rows, or unpack to too much.

    `files` gives the name of each file in messages.
    """
    shapes = {name: _shape(path, form, limits) for path, name in files.items()}
    raise_if_any([too_many(name, shape.n_columns) for name, shape in shapes.items() if shape.n_columns > MOST_COLUMNS])
    if form == "parquet":
        most = {name: limits.most_unpacked(path.stat().st_size) for path, name in files.items()}
        raise_if_any(
            [
                f"{name} unpacks to at least {size(shape.n_bytes)} ({shape.n_rows:,} rows), more than {size(bound)}; "
                "if that is meant, raise engine.limits"
                for (name, shape), bound in zip(shapes.items(), most.values(), strict=True)
                if shape.n_bytes > bound
            ]
        )
    check_rows(shapes, (shape.n_rows for shape in shapes.values()), limits)


def check_number(n_files: int, name: str, limits: Limits) -> None:
    """Raise `DataError` if a source names too many files."""
    if n_files > limits.files:
        raise DataError(
            f"{name} names {n_files:,} files, more than {limits.files:,}; if that is meant, raise engine.limits"
        )


def check_rows(names: Iterable[str], n_rows: Iterable[int], limits: Limits) -> None:
    """Raise `DataError` if the files of one source together have too many rows."""
    total, called = sum(n_rows), list(names)
    if total > limits.rows:
        whose = called[0] if len(called) == 1 else f"{called[0]} and the {len(called) - 1:,} files after it"
        verb = "has" if len(called) == 1 else "have"
        raise_if_any(
            [f"{whose} {verb} {total:,} rows, more than {limits.rows:,}; if that is meant, raise engine.limits"]
        )


def _shape(path: Path, form: str, limits: Limits) -> FileShape:
    """Return the shape of a file, or an empty shape if it cannot be read, which the engine will report.

    The time that DuckDB takes to open a table grows with the square of its columns, so they are counted first.
    """
    try:
        with duckdb_aside() as connection:
            if form == "parquet":
                return _of_parquet(path, connection)
            return _of_json(path, form, limits, connection)
    except duckdb.Error:
        return FileShape()


def _of_parquet(path: Path, connection: duckdb.DuckDBPyConnection) -> FileShape:
    """Return the shape of a Parquet file from its footer, without reading anything else."""
    file = path_literal(path)
    found = connection.execute(f"select num_children from parquet_schema({file}) limit 1").fetchone()  # noqa: S608
    n_columns = int(found[0] or 0) if found else 0
    if n_columns > MOST_COLUMNS:
        return FileShape(n_columns)
    rows = f"(select sum(num_rows) from parquet_file_metadata({file}))"  # noqa: S608
    query = f"select {rows}, sum(total_uncompressed_size), sum(num_values) from parquet_metadata({file})"  # noqa: S608
    n_rows, n_bytes, n_values = connection.execute(query).fetchone() or (0, 0, 0)
    return FileShape(n_columns, int(n_rows or 0), max(int(n_bytes or 0), _BYTES_OF_A_VALUE * int(n_values or 0)))


def _of_json(path: Path, form: str, limits: Limits, connection: duckdb.DuckDBPyConnection) -> FileShape:
    kind = "newline_delimited" if form == "jsonl" else "array"
    objects = f"read_json_objects({path_literal(path)}, format = '{kind}', maximum_object_size = {limits.row})"
    keys = f"select unnest(json_keys(json)) as key, unnest(range(len(json_keys(json)))) as place from {objects}"  # noqa: S608
    query = f"select count(distinct key), count(*) filter (place = 0) from ({keys})"  # noqa: S608
    n_columns, n_rows = connection.execute(query).fetchone() or (0, 0)
    return FileShape(int(n_columns), int(n_rows))


class LongTextError(DataError):
    """A text is longer than the limit. `text` is that text, to find its row; `quoted`: the message quotes it."""

    def __init__(self, what: str, text: str, limits: Limits, *, quoted: bool) -> None:
        super().__init__(f"{what} {too_long(text, limits, quoted=quoted)}")
        self.text = text
        self.quoted = quoted


def check_length(texts: Iterable[str | None], limits: Limits, what: str, *, quoted: bool) -> None:
    """Raise `LongTextError` if a text has more characters than the limit; `what` begins the message.

    The message quotes the start of the text if `quoted` (`diptych.pseudonyms.may_quote`). The limit exists because the
    time to classify, draw and typeset a text grows faster than its length.
    """
    longest = max((text for text in texts if text is not None), key=len, default="")
    if len(longest) > limits.characters:
        raise LongTextError(what, longest, limits, quoted=quoted)


def too_long(text: str, limits: Limits, *, quoted: bool) -> str:
    """Return the message about a text that is too long, which follows the name of the column."""
    start = f': "{text[:_SHOWN]}…"' if quoted else ""
    return f"has a text of {len(text):,} characters, more than {limits.characters:,}{start}; {_MENDED}"
