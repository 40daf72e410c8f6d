"""Tables of databases: SQLite by Python itself, Postgres and MySQL through extensions of DuckDB that are installed.

Nothing is fetched to read them. Who may read comes from the environment alone, as the servers' own programs take it;
no message, manifest or cache holds it.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import duckdb

from ..errors import DataError, did_you_mean, listed
from ..hub.addresses import literal, scheme_of
from . import faults
from .engine import Engine, Frame
from .faults import check_names
from .text import NO_DOWNLOADS, path_literal, quoted_name

if TYPE_CHECKING:
    from . import SourceSettings

SERVERS = {"postgres": "postgres", "postgresql": "postgres", "mysql": "mysql"}
"""Schemes of addresses of servers, and the extension of DuckDB that reads each."""

_VARIABLES = {
    "postgres": ("PGUSER", "PGPASSWORD"),
    "mysql": ("MYSQL_USER", "MYSQL_PWD"),
}
"""What each extension takes from the environment."""

_SQLITE = b"SQLite format 3\0"


Opened = tuple[tuple[str, ...], Frame]
"""Columns, and the rows."""


def open_database(source: SourceSettings, path: Path | None, engine: Engine, where: str) -> Opened:
    """Return the columns and rows of a table, or of what a query gives; `path` is the file, None of a server.

    Values of SQLite are text, since its columns have no type of their own; those of servers have their types. Raises
    DataError for what is no database, tables that are not there, queries that fail, and what is not installed.
    """
    return _of_server(source, engine, where) if path is None else _of_sqlite(source, path, engine, where)


def _of_sqlite(source: SourceSettings, path: Path, engine: Engine, where: str) -> Opened:
    name = f"{where}: {source.declared}"
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", uri=True)) as connection:
            tables = _tables(connection)
            if source.of is not None and source.of not in tables:
                raise DataError(
                    f'{where}: {source.database} has no table "{source.of}"; it has {listed(tables)}'
                    f"{did_you_mean(source.of, tables)}"
                )
            table = f"select * from {quoted_name(source.of or '')}"  # noqa: S608 - the name is quoted
            cursor = connection.execute(source.query or table)
            if cursor.description is None:
                raise DataError(f"{name}: gives no rows; a query begins with select or with")
            columns = tuple(str(column[0]) for column in cursor.description)
            check_names(name, columns)
            rows = cursor.fetchall()
    except sqlite3.Error as error:
        raise DataError(f"{name}: {error}") from None
    if not rows:
        raise DataError(f"{name} has no rows")
    data = {column: [_text(row[place]) for row in rows] for place, column in enumerate(columns)}
    return columns, engine.load(data)


def _tables(connection: sqlite3.Connection) -> list[str]:
    """Return the names of tables and views, sorted."""
    query = "select name from sqlite_master where type in ('table', 'view') and name not like 'sqlite_%' order by name"
    return [str(name) for (name,) in connection.execute(query)]


def tables_of(path: Path) -> tuple[str, ...]:
    """Return the tables and views of an SQLite database; none where the file is no such thing."""
    try:
        with path.open("rb") as file:
            if file.read(len(_SQLITE)) != _SQLITE:
                return ()
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            return tuple(_tables(connection))
    except (OSError, sqlite3.Error):
        return ()


def _text(value: object) -> str | None:
    if value is None:
        return None
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _of_server(source: SourceSettings, engine: Engine, where: str) -> Opened:
    address = urlsplit(source.database or "")
    kind = SERVERS[scheme_of(source.database or "") or ""]
    name = f"{where}: {source.declared}"
    target = engine.folder / f"database_{len(list(engine.folder.iterdir()))}.parquet"
    with duckdb.connect(":memory:", config=NO_DOWNLOADS) as connection:
        try:
            connection.execute(f"load {kind}")
        except duckdb.Error:
            install = f"python -c \"import duckdb; duckdb.sql('install {kind}')\""
            lacking = f"needs DuckDB's extension {kind}, which is not installed; run once: {install}"
            raise DataError(f"{where}: {address.scheme}:// {lacking}") from None
        with _said(name, kind):
            found = literal(_attached(address.hostname, address.port, address.path, kind))
            connection.execute(f"attach {found} as given (type {kind}, read_only)")
            rows = f"{kind}_query('given', {literal(source.query or '')})"
            if source.of is not None:
                rows = ".".join(["given", *map(quoted_name, source.of.split("."))])
            connection.execute(f"copy (from {rows}) to {path_literal(target)} (format parquet)")
    frame = engine.read_parquet({target: name})
    columns = tuple(frame.collect_schema().names())
    check_names(name, columns)
    return columns, frame


def _attached(host: str | None, port: int | None, path: str, kind: str) -> str:
    """Return what an extension takes to find a database: no user and no password, which it reads itself."""
    database = "dbname" if kind == "postgres" else "database"
    parts = {"host": host, "port": port, database: path.strip("/") or None}
    return " ".join(f"{key}={value}" for key, value in parts.items() if value is not None)


@contextmanager
def _said(name: str, kind: str) -> Iterator[None]:
    """Say what a server says, without what the environment holds of who may read."""
    try:
        yield
    except duckdb.Error as error:
        said = faults.plain(str(error))
        for variable in _VARIABLES[kind]:
            secret = os.environ.get(variable, "")
            said = said.replace(secret, f"${variable}") if secret else said
        hint = f" (who may read is taken from {' and '.join(_VARIABLES[kind])})" if "connect" in said else ""
        raise DataError(f"{name}: {said}{hint}") from None
