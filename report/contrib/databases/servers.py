"""Read Postgres through an installed extension of DuckDB; nothing is downloaded for this.

User names and passwords only come from the environment, as for the server's own programs. No message, manifest or cache
contains them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import duckdb

from ...errors import DataError
from ...sources import Limits, SourceSettings
from ...sources.addresses import scheme_of
from ...sources.bounds import check_files
from ...sources.engine import Engine
from ...sources.faults import check_names, engine_message, query_timeout
from ...sources.files import FileFormat, SourceFiles, Table
from ...sources.sql import literal, path_literal
from ...sources.text import NO_DOWNLOADS, quoted_name

_VARIABLES = ("PGUSER", "PGPASSWORD")
"""Environment variables that the extension uses."""


def _open(files: SourceFiles, source: SourceSettings, engine: Engine) -> Table:
    """Return a table of a server, or the result of a query, with their types.

    Raises DataError for tables that do not exist, queries that fail, and an extension that is not installed.
    """
    where = files.where
    if source.database is None:
        raise DataError(f"{where}: a server is not read from a file; write source: {{database: ADDRESS, table: NAME}}")
    address = urlsplit(source.database)
    name = f"{where}: {source.declared}"
    target = engine.folder / f"database_{len(list(engine.folder.iterdir()))}.parquet"
    attached = _attached(address.hostname, address.port, address.path)
    if attached is None:
        raise DataError(f"{name}: the address has white space, a quote, = or \\; write a plain host and database")
    _copy(source, attached, target, engine.limits, where)
    check_files({target: name}, "parquet", replace(engine.limits, unpacked=2**62))
    frame = engine.read_parquet({target: name})
    columns = tuple(frame.collect_schema().names())
    check_names(name, columns, is_file=False)
    return Table(source.declared, columns, frame)


def _copy(source: SourceSettings, attached: str, target: Path, limits: Limits, where: str) -> None:
    """Write the rows of a table or query into a file. `attached` is the connection string."""
    config = {**NO_DOWNLOADS, "allow_community_extensions": False, "max_execution_time": 1000 * limits.seconds}
    with duckdb.connect(":memory:", config=config) as connection:
        try:
            connection.execute("load postgres")
        except duckdb.Error:
            install = "python -c \"import duckdb; duckdb.sql('install postgres')\""
            lacking = f"needs DuckDB's extension postgres, which is not installed; run once: {install}"
            raise DataError(f"{where}: {scheme_of(source.database or '')}:// {lacking}") from None
        with _said(f"{where}: {source.declared}", limits):
            connection.execute(f"attach {literal(attached)} as given (type postgres, read_only)")
            connection.execute("set lock_configuration = true")
            rows = f"postgres_query('given', {literal(source.query or '')})"
            if source.of is not None:
                rows = ".".join(["given", *map(quoted_name, source.of.split("."))])
            connection.execute(f"copy (from {rows} limit {limits.rows + 1}) to {path_literal(target)} (format parquet)")


_NO_NAME = re.compile(r"[\s'\"=\\]")


def _attached(host: str | None, port: int | None, path: str) -> str | None:
    """Return a connection string for a database without user and password, which the extension reads itself.

    None if a part of the address would add more keys.
    """
    parts = {"host": host, "port": port, "dbname": path.strip("/") or None}
    given = {key: str(value) for key, value in parts.items() if value is not None}
    return None if any(map(_NO_NAME.search, given.values())) else " ".join(f"{k}={v}" for k, v in given.items())


@contextmanager
def _said(name: str, limits: Limits) -> Iterator[None]:
    """Convert a server's errors in this context to our own, without credentials from the environment."""
    try:
        yield
    except duckdb.InterruptException:
        raise DataError(f"{name}: {query_timeout(limits)}") from None
    except duckdb.Error as error:
        said = engine_message(str(error))
        for variable in _VARIABLES:
            secret = os.environ.get(variable, "")
            said = said.replace(secret, f"${variable}") if secret else said
        hint = f" (who may read is taken from {' and '.join(_VARIABLES)})" if "connect" in said else ""
        raise DataError(f"{name}: {said}{hint}") from None


POSTGRES = FileFormat("postgres://", _open)
POSTGRESQL = FileFormat("postgresql://", _open)
