"""The rows of a source one after the other, with their numbers: to say where something stands that was found wrong.

Engines read rows in any order; here a file is read again, alone and from its beginning.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import narwhals as nw

from .declared import EngineSettings
from .duckdb import DuckDBEngine
from .files import format_named, open_table
from .located import located
from .passed import PassedSource

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .declared import SourceSettings

_WITH_HEADER = ("csv", "tsv", "xlsx")
"""Formats whose first row is the header, so that the first of the others is row 2."""

Numbered = tuple[str, int, tuple[str | None, ...]]


def numbered_rows(source: SourceSettings, base: Path, columns: Sequence[str], where: str) -> Iterator[Numbered]:
    """Yield what a file is called, the number of a row as messages give it, and the row's fields in some columns.

    Nothing is yielded of a table that has no rows to number: a frame of Spark.
    """
    chosen = [nw.col(column).cast(nw.String) for column in columns]
    with DuckDBEngine(EngineSettings()) as reader:
        if isinstance(source, PassedSource):
            content = source.passed.content
            if isinstance(content, Path):
                frame = reader.read_parquet({content: source.declared})
                for n, row in enumerate(reader.in_order(frame.select(*chosen)), start=1):
                    yield source.declared, n, row
            return
        if source.database is not None:
            table = open_table(source, base, reader, where_declared=where)
            for n, row in enumerate(reader.in_order(table.frame.select(*chosen)), start=1):
                yield table.name, n, row
            return
        for path, name in located(source, base, where).items():
            form = source.format or format_named(name)
            alone = {"path": (str(path.absolute()),), "format": form, "hub": None}
            table = open_table(source.model_copy(update=alone), base, reader, where_declared=where)
            first = 2 if form in _WITH_HEADER else 1
            for n, row in enumerate(reader.in_order(table.frame.select(*chosen)), start=first):
                yield name, n, row
