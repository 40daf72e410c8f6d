"""Data files -> what each of their columns holds, whatever they are written in."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import DataError
from ..sources.declared import EngineSettings, SourceSettings
from ..sources.files import first_rows
from ..sources.opening import open_engine
from ..sources.sniffing import sniffed, tables_of
from .columns import Look, column_of
from .options import with_options

if TYPE_CHECKING:
    import pandas as pd

ROWS_LOOKED_AT = 200_000


def look_at(paths: Sequence[Path], separator: str | None = None) -> tuple[Look, ...]:
    """Look at files in the order given; fields are split at `separator`, where one is given, and at nothing else.

    DataError with everything that is wrong with any.
    """
    engine = open_engine(EngineSettings())
    found: list[Look] = []
    messages: list[str] = []
    sources = [source for path in paths for source in _sources(path)]
    names = list(_names([stem for _, stem, _ in sources]))
    try:
        for (path, _, source), name in zip(sources, names, strict=True):
            try:
                rows = first_rows(source, Path(), engine, ROWS_LOOKED_AT, where_declared="init")
                found.append(_look(path, name, rows, source, separator))
            except DataError as error:
                messages += error.messages
    finally:
        engine.close()
    if messages:
        raise DataError(*messages)
    return tuple(found)


def as_source(path: Path, named: Path) -> str:
    """Return what a source calls a path that is `named` from where it stands: a file is no pattern, whatever its name.

    What is no file may be a pattern that a shell has left as it was.
    """
    return glob.escape(named.as_posix()) if path.is_file() else named.as_posix()


def _sources(path: Path) -> Iterator[tuple[Path, str, SourceSettings]]:
    """Yield a file, what its table may be called, and how it is read; of a database each of its tables."""
    tables = tables_of(path)
    for table in tables:
        yield path, table, SourceSettings.model_validate({"database": path.as_posix(), "table": table})
    if not tables:
        yield path, path.name.partition(".")[0], sniffed(path, as_source(path, path))


def _look(path: Path, name: str, rows: pd.DataFrame, source: SourceSettings, separator: str | None) -> Look:
    columns = [column_of(column, rows[column].astype(object).tolist(), separator) for column in rows.columns]
    return with_options(Look(path, name, len(rows), tuple(columns), source))


def _names(stems: Sequence[str]) -> Iterator[str]:
    """Yield a name for each table that a config can use: its own, in letters, digits and underscores."""
    taken: set[str] = set()
    for number, own in enumerate(stems, start=1):
        stem = re.sub(r"[^a-z0-9]+", "_", own.casefold()).strip("_")
        name = stem if re.match(r"[a-z]", stem) and stem not in taken else f"table_{number}"
        taken.add(name)
        yield name
