"""Read Postgres in a read-only transaction with a time limit.

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
from urllib.parse import quote, urlsplit

import duckdb
from adbc_driver_manager.dbapi import Cursor
from adbc_driver_postgresql import dbapi

from ...errors import DataError
from ...sources import Limits, SourceSettings
from ...sources.engine import LOCKED, Engine, path_literal
from ...sources.faults import check_files, check_names, query_timeout
from ...sources.files import FileFormat, SourceFiles, Table
from ...sources.text import quoted_name

_VARIABLES = ("PGUSER", "PGPASSWORD")
_CONNECTING = 30
"""Maximum seconds until a server answers."""

_AS_TEXT = frozenset({"BLOB", "BIGINT"})
"""Types that may be another type of Postgres in disguise (inet, citext, money), which the server writes as text."""


def _open(files: SourceFiles, source: SourceSettings, engine: Engine) -> Table:
    """Return a table of a server, or the result of a query, with their types.

    Raises DataError for tables that do not exist, and queries that fail.
    """
    where = files.where
    if source.database is None:
        raise DataError(f"{where}: a server is not read from a file; write source: {{database: ADDRESS, table: NAME}}")
    name = f"{where}: {source.declared}"
    target = engine.folder / f"database_{len(list(engine.folder.iterdir()))}.parquet"
    rows = f"({source.query}\n)" if source.of is None else ".".join(map(quoted_name, source.of.split(".")))
    with _cursor(source.database, name, engine.limits) as cursor:
        _copy(cursor, f"{rows} as source", target, engine.limits.rows + 1)
    check_files({target: name}, "parquet", replace(engine.limits, unpacked=2**62))
    frame = engine.read_parquet({target: name})
    columns = tuple(frame.collect_schema().names())
    check_names(name, columns, is_file=False)
    return Table(source.declared, columns, frame)


def _copy(cursor: Cursor, rows: str, target: Path, most: int) -> None:
    """Write rows into a file. They are read as a subquery, where the server takes nothing but a `select`."""
    with duckdb.connect(":memory:", config=LOCKED) as connection:
        cursor.execute(f"select * from {rows} limit 0")  # noqa: S608 - in a transaction that only reads
        connection.register("given", cursor.fetch_arrow())
        types = {str(row[0]): str(row[1]) for row in connection.execute("describe from given").fetchall()}
        quoted = {column: quoted_name(column) for column in types}
        chosen = [f"cast({q} as text) as {q}" if types[c] in _AS_TEXT else q for c, q in quoted.items()]
        cursor.execute(f"select {', '.join(chosen)} from {rows} limit {most}")  # noqa: S608 - the same
        connection.register("given", cursor.fetch_arrow())
        connection.execute(f"copy given to {path_literal(target)} (format parquet)")


@contextmanager
def _cursor(address: str, name: str, limits: Limits) -> Iterator[Cursor]:
    """Yield a cursor of a server. Errors of the server in this context become our own, without credentials."""
    try:
        with dbapi.connect(uri_of(address, limits.seconds)) as connection, connection.cursor() as cursor:
            yield cursor
    except (dbapi.Error, duckdb.Error) as error:
        said = _said(str(error))
        if "statement timeout" in said:
            raise DataError(f"{name}: {query_timeout(limits)}") from None
        hint = f" (who may read is taken from {' and '.join(_VARIABLES)})" if "connect" in said else ""
        raise DataError(f"{name}: {said}{hint}") from None


def uri_of(address: str, seconds: int) -> str:
    """Return the address that connects, without a user: every transaction only reads, and every statement has an end.

    >>> uri_of("postgres://host:55/shop", 9).partition("?")[0]
    'postgresql://host:55/shop'
    """
    parts = urlsplit(address)
    place = quote(parts.hostname or "", safe="") + (f":{parts.port}" if parts.port else "")
    options = f"-c default_transaction_read_only=on -c statement_timeout={1000 * seconds}"
    keys = f"connect_timeout={_CONNECTING}&options={quote(options, safe='')}"
    return f"postgresql://{place}/{quote(parts.path.strip('/'), safe='')}?{keys}"


def _said(message: str) -> str:
    """Return the first sentence of a server's or driver's message, with the names of variables for their values."""
    found = re.search(r"(?:ERROR|FATAL): +(.*)", message)
    said = found[1] if found else re.sub(r"^([\w ]+: )?(\[libpq\] )?", "", message.strip().split("\n")[0])
    said = f"cannot connect: {said}" if "Failed to connect" in message else said
    for variable in _VARIABLES:
        secret = os.environ.get(variable, "")
        said = said.replace(secret, f"${variable}") if secret else said
    return said


POSTGRES = FileFormat("postgres://", _open)
POSTGRESQL = FileFormat("postgresql://", _open)
