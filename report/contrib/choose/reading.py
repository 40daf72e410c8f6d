"""Read a table of which nothing is known: its source settings, and every field as text."""

from __future__ import annotations

import glob
import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...arrays import Ints
from ...errors import DataError, listed
from ...sources import EngineSettings, SourceSettings
from ...sources.addresses import Fetching, fetched, scheme_of
from ...sources.engines import open_engine
from ...sources.files import FORMATS, drawn_texts
from .sniffing import sniffed

MOST_FIELDS = 6_000_000
"""Maximum number of fields that are read; of larger tables, rows are drawn."""

FEWEST_ROWS = 30
"""Minimum number of rows of which shares mean anything."""

_SQLITE = b"SQLite format 3\0"


@dataclass(frozen=True, eq=False)
class RawColumn:
    """A column: its distinct texts, and the place of each row's text (n,), -1 for an empty field.

    `is_list`: fields are lists, whose texts are JSON.
    """

    name: str
    texts: tuple[str, ...]
    codes: Ints
    is_list: bool = False

    @property
    def counts(self) -> Ints:
        """The number of rows with each text."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.texts))


@dataclass(frozen=True, eq=False)
class RawTable:
    """A table as text: its name, its source, its columns, and the numbers of rows drawn and of all rows."""

    name: str
    path: Path
    source: SourceSettings
    columns: tuple[RawColumn, ...]
    n_rows: int
    n_all: int


def read_table(named: str) -> RawTable:
    """Return a table by its path or address. Raises DataError if it cannot be read, or has nothing to cross."""
    path, source = _source_of(named)
    with open_engine(EngineSettings()) as engine:
        drawn = drawn_texts(source, Path(), engine, MOST_FIELDS, where_declared=named)
    columns = tuple(RawColumn(name, *drawn.columns[name], name in drawn.lists) for name in drawn.columns)
    n_rows = len(columns[0].codes) if columns else 0
    name = path.name
    if drawn.n_rows < FEWEST_ROWS:
        rows = "1 row" if drawn.n_rows == 1 else f"{drawn.n_rows} rows"
        raise DataError(
            f"{name}: {rows} are too few: shares need at least {FEWEST_ROWS}; for a table of counts, write a config "
            "with count: values (docs/choosing.md#a-table-of-counts)"
        )
    if source.header == 0:
        raise DataError(f"{name}: the first row has data and no names of columns; add a header (docs/config.md)")
    return RawTable(name, path, source, columns, n_rows, drawn.n_rows)


def _source_of(named: str) -> tuple[Path, SourceSettings]:
    """Return the file of a table, and the settings that read it."""
    scheme = scheme_of(named)
    if f"{scheme}://" in FORMATS:
        line = "source: {database: ADDRESS, table: NAME}"
        raise DataError(f"{scheme}://…: is a server, which is not looked through; write into a config: {line}")
    if scheme is not None:
        file = next(iter(fetched(named, Fetching(named, Path()))))
        return file, sniffed(file, named)
    path = Path(named)
    if _is_sqlite(path):
        tables = FORMATS["sqlite"].tables
        names = listed([] if tables is None else list(tables(path)))
        line = f'source: {{database: "{path.as_posix()}", table: NAME}}'
        raise DataError(f"{path}: is a database; write one of its tables into a config ({line}): {names}")
    # a name without a file may be a pattern that the shell did not expand
    return path, sniffed(path, glob.escape(path.as_posix()) if path.is_file() else path.as_posix())


def _is_sqlite(path: Path) -> bool:
    """Return whether a file is an SQLite database, whatever its name."""
    if not path.is_file():  # opening a pipe would wait for its other end
        return False
    try:
        with path.open("rb") as content:
            return content.read(len(_SQLITE)) == _SQLITE
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from None


def relative_source(table: RawTable, folder: Path) -> dict[str, object]:
    """Return the source of a table as in a config in a folder: its path, and the settings that are not defaults."""
    named = table.source.path[0]
    if scheme_of(named) is None:
        try:
            path = Path(os.path.relpath(table.path, folder))
        except ValueError:  # another drive
            path = table.path.resolve()
        named = glob.escape(path.as_posix()) if table.path.is_file() else path.as_posix()
    said = table.source.model_dump(exclude_defaults=True, exclude={"path"})
    return {"path": named, **{key: list(value) if isinstance(value, tuple) else value for key, value in said.items()}}


def parts_of_list(text: str) -> list[str]:
    """Return the texts of a list written as JSON."""
    try:
        found = json.loads(text)
    except ValueError:
        return [text]
    return [str(one) for one in found if one is not None] if isinstance(found, list) else [str(found)]
