"""The tables of a file or an address without a config."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterator
from pathlib import Path

from ...errors import DataError
from ...sources import SourceSettings
from ...sources.addresses import Fetching, fetched, scheme_of
from ...sources.files import FORMATS
from .sniffing import sniffed


def as_source(path: Path, named: Path) -> str:
    """Return the path `named` for a source, with special characters of an existing file escaped.

    A path that is not a file may be a pattern that the shell did not expand.
    """
    return glob.escape(named.as_posix()) if path.is_file() else named.as_posix()


def tables_at(named: str, where: str) -> Iterator[tuple[Path, str, SourceSettings]]:
    """Yield a file, a suggested name for its table, and its source settings; for a database, each of its tables.

    For an address, the file is the fetched file. `where` begins messages. DataError for the address of a server.
    """
    scheme = scheme_of(named)
    if f"{scheme}://" in FORMATS:
        address = re.sub("//[^/]*@", "//", named)  # without user and password
        line = f'source: {{database: "{address}", table: NAME}}'
        raise DataError(f"{where}: {address} is a server, which is not looked through; write into a config: {line}")
    if scheme is not None:
        files = fetched(named, Fetching(where, Path()))
        yield from ((file, file.name.partition(".")[0], sniffed(file, named)) for file in files)
        return
    path = Path(named)
    tables = tables_in(path)
    for table in tables:
        yield path, table, SourceSettings.model_validate({"database": path.as_posix(), "table": table})
    if not tables:
        yield path, path.name.partition(".")[0], sniffed(path, as_source(path, path))


_SQLITE = b"SQLite format 3\0"
"""First bytes of every SQLite database, whatever its name."""


def tables_in(path: Path) -> tuple[str, ...]:
    """Return the tables of a database, or none if a file is not a database."""
    try:
        if not path.is_file():  # opening a pipe would wait for its other end
            return ()
        with path.open("rb") as file:
            if file.read(len(_SQLITE)) != _SQLITE:
                return ()
    except OSError:
        return ()
    tables = FORMATS["sqlite"].tables
    return () if tables is None else tables(path)
