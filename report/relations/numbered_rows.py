"""Rows of files by their numbers, for messages: where a text is that is longer than is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import narwhals as nw

from ..errors import DataError
from ..sources import EngineSettings, Limits, SourceSettings
from ..sources.bounds import LongTextError, too_long
from ..sources.duckdb import DuckDBEngine
from ..sources.engine import Frame
from ..sources.files import format_named, open_table
from ..sources.located import FoundSource, PassedSource, located

_WITH_HEADER = ("csv", "tsv", "xlsx")
"""Formats whose first row is the header, so that the first of the others is row 2."""

Numbered = tuple[str, int, tuple[str | None, ...]]


def numbered_rows(source: SourceSettings, base: Path, columns: Sequence[str], where: str) -> Iterator[Numbered]:
    """Yield what a file is called, the number of a row as messages give it, and the row's fields in some columns.

    Nothing is yielded of a table that has no rows to number: a frame of Spark.
    """
    chosen = [nw.col(column).cast(nw.String) for column in columns]
    with DuckDBEngine(EngineSettings()) as reader:
        for name, frame, first in _each_file(source, base, where, reader):
            for n, row in enumerate(reader.in_order(frame.select(*chosen)), start=first):
                yield name, n, row


def _each_file(
    source: SourceSettings, base: Path, where: str, reader: DuckDBEngine
) -> Iterator[tuple[str, Frame, int]]:
    """Yield the name and the rows of each file of a source, and the number of the first of them."""
    if isinstance(source, PassedSource):
        if isinstance(source.passed.content, Path):
            yield source.declared, reader.read_parquet({source.passed.content: source.declared}), 1
    elif source.database is not None:
        table = open_table(source, base, reader, where_declared=where)
        yield table.name, table.frame, 1
    else:
        for path, name in located(source, base, where, reader.limits).items():
            form = source.format or format_named(name)
            alone = FoundSource.made(source, path, name, form)
            table = open_table(alone, base, reader, where_declared=where)
            yield name, table.frame, 2 if form in _WITH_HEADER else 1


@contextmanager
def rows_of_long_texts(
    source: SourceSettings, base: Path, columns: Sequence[str], place: str, limits: Limits
) -> Iterator[None]:
    """Name file, row and column in the message of a `LongTextError` that is raised within.

    `columns` are the columns of the source that may have the text, `place` the key of the config that names them.
    """
    try:
        yield
    except LongTextError as error:
        raise DataError(_found(error, source, base, columns, place, limits) or error.messages[0]) from None


def _found(
    error: LongTextError, source: SourceSettings, base: Path, columns: Sequence[str], place: str, limits: Limits
) -> str | None:
    """Return the message with the first row that has the text; None where no row has it as it is."""
    for name, row, fields in numbered_rows(source, base, columns, f"{place}.source"):
        for column, text in zip(columns, fields, strict=True):
            if text is not None and error.start in text:
                said = too_long(error.start, len(error.start), limits)
                return f"{place}: {name}: row {row:,}, column {column}, {said}"
    return None
