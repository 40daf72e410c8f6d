"""Numbered rows of a source in file order, to report the position of errors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import narwhals as nw

from . import EngineSettings, SourceSettings
from .duckdb import DuckDBEngine
from .engine import Frame
from .files import format_named, open_table
from .located import FoundSource, PassedSource, located

_WITH_HEADER = ("csv", "tsv", "xlsx")
"""Formats whose first row is the header, so that their data begin at row 2."""

Numbered = tuple[str, int, tuple[str | None, ...]]


def numbered_rows(source: SourceSettings, base: Path, columns: Sequence[str], where: str) -> Iterator[Numbered]:
    """Yield a file's name in messages, a row number as in messages, and the row's fields in some columns.

    A table without numbered rows, such as a frame of another engine, yields nothing.
    """
    chosen = [nw.col(column).cast(nw.String) for column in columns]
    with DuckDBEngine(EngineSettings()) as reader:
        for name, frame, first in _each_file(source, base, where, reader):
            for n, row in enumerate(reader.in_order(frame.select(*chosen)), start=first):
                yield name, n, row


def _each_file(
    source: SourceSettings, base: Path, where: str, reader: DuckDBEngine
) -> Iterator[tuple[str, Frame, int]]:
    """Yield the name and rows of each file of a source, and the number of the first row."""
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
            n_header = 1 if source.header is None else source.header
            yield name, table.frame, 1 + n_header if form in _WITH_HEADER else 1
