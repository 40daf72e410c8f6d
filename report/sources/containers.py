"""What holds several tables: workbooks of Excel, and databases.

Sheets of .xlsx files are read through python-calamine (the extra `excel`), SQLite by Python itself, Postgres and MySQL
through extensions of DuckDB that are installed: nothing is fetched to read them. Who may read comes from the
environment alone, as the servers' own programs take it; no message, manifest or cache holds it.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import duckdb

from ..errors import DataError, did_you_mean, listed
from ..hub.addresses import literal, path_literal, scheme_of
from . import Limits, SourceSettings
from .bounds import check_files
from .engine import Engine
from .faults import check_names, declared_names, plain, time
from .sqlite import Opened, open_sqlite
from .text import NO_DOWNLOADS, quoted_name
from .workbook_guard import NoWorkbookError, checked_workbook

try:
    import python_calamine
except ImportError:
    python_calamine = None  # type: ignore[assignment]


def read_sheet(
    path: Path, name: str, source: SourceSettings, limits: Limits
) -> tuple[tuple[str, ...], list[list[str]]]:
    """Return the column names and the rows of a sheet (the first unless `source` names one), every value as text.

    Empty rows are passed over. The first of the others is the header, or so many of them as the source says. Whole
    numbers lose their ".0", dates are ISO 8601, truth values "true" and "false", empty cells "". Raises `DataError`
    where the extra is
    not installed, the file is no workbook, the sheet is missing or empty, spans many more cells than it holds, or the
    header is faulty.
    """
    if python_calamine is None:
        raise DataError(f'{name} needs the extra "excel": pip install "diptych[excel]"')
    sheet = source.sheet
    try:
        with checked_workbook(path, name, sheet, limits) as (copy, sheets):
            if sheet is not None and sheet not in sheets:
                raise DataError(f'{name} has no sheet "{sheet}"; it has {listed(sheets)}{did_you_mean(sheet, sheets)}')
            table = _content(copy, sheets[0] if sheet is None else sheet)
    except (python_calamine.CalamineError, NoWorkbookError, OSError) as error:
        raise DataError(f"{name} cannot be read as an .xlsx workbook") from error
    rows = [row for values in table if any(row := [_typed(value) for value in values])]
    if not rows:
        raise DataError(f"{name} is empty" if sheet is None else f'{name} is empty in sheet "{sheet}"')
    rows = rows[source.skip :] or rows[-1:]
    n_header = 1 if source.header is None else source.header
    header = declared_names(rows[: max(1, n_header)], source.header)
    check_names(name, header)
    return tuple(header), rows[n_header:]


def _content(copy: Path, sheet: str) -> Sequence[Sequence[object]]:
    """Return the values of the cells of a sheet, row by row."""
    try:
        with python_calamine.CalamineWorkbook.from_path(copy) as workbook:
            return workbook.get_sheet_by_name(sheet).to_python()
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # a fault of the library, which it does not derive from Exception
            raise NoWorkbookError(str(error)) from error
        raise


def _typed(value: object) -> str:
    """Return the value of a cell as a person would type it into a CSV file."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat()
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value)


SERVERS = {"postgres": "postgres", "postgresql": "postgres", "mysql": "mysql"}
"""Schemes of addresses of servers, and the extension of DuckDB that reads each."""

_VARIABLES = {
    "postgres": ("PGUSER", "PGPASSWORD"),
    "mysql": ("MYSQL_USER", "MYSQL_PWD"),
}
"""What each extension takes from the environment."""


def open_database(source: SourceSettings, path: Path | None, engine: Engine, where: str) -> Opened:
    """Return the columns and rows of a table, or of what a query gives; `path` is the file, None of a server.

    Values of SQLite are text, since its columns have no type of their own; those of servers have their types. Raises
    DataError for what is no database, tables that are not there, queries that fail, and what is not installed.
    """
    return _of_server(source, engine, where) if path is None else open_sqlite(source, path, engine, where)


def _of_server(source: SourceSettings, engine: Engine, where: str) -> Opened:
    address = urlsplit(source.database or "")
    kind = SERVERS[scheme_of(source.database or "") or ""]
    name = f"{where}: {source.declared}"
    target = engine.folder / f"database_{len(list(engine.folder.iterdir()))}.parquet"
    attached = _attached(address.hostname, address.port, address.path, kind)
    if attached is None:
        raise DataError(f"{name}: the address has white space, a quote, = or \\; write a plain host and database")
    if kind == "mysql" and _WRITES_FILES.search(source.query or ""):
        raise DataError(f"{name} writes a file on the server, or has a comment that MySQL runs; write a plain select")
    config = {**NO_DOWNLOADS, "allow_community_extensions": False, "max_execution_time": 1000 * engine.limits.seconds}
    with duckdb.connect(":memory:", config=config) as connection:
        try:
            connection.execute(f"load {kind}")
        except duckdb.Error:
            install = f"python -c \"import duckdb; duckdb.sql('install {kind}')\""
            lacking = f"needs DuckDB's extension {kind}, which is not installed; run once: {install}"
            raise DataError(f"{where}: {address.scheme}:// {lacking}") from None
        with _said(name, kind, engine.limits):
            connection.execute(f"attach {literal(attached)} as given (type {kind}, read_only)")
            connection.execute("set lock_configuration = true")
            rows = f"{kind}_query('given', {literal(source.query or '')})"
            if source.of is not None:
                rows = ".".join(["given", *map(quoted_name, source.of.split("."))])
            most = engine.limits.rows + 1
            connection.execute(f"copy (from {rows} limit {most}) to {path_literal(target)} (format parquet)")
    check_files({target: name}, "parquet", replace(engine.limits, unpacked=2**62))
    frame = engine.read_parquet({target: name})
    columns = tuple(frame.collect_schema().names())
    check_names(name, columns, is_file=False)
    return columns, frame


_WRITES_FILES = re.compile(r"\binto\b.*\b(outfile|dumpfile)\b|/\*!", re.IGNORECASE | re.DOTALL)
"""Queries of MySQL that write files though their transaction only reads, and comments that it runs."""

_NO_NAME = re.compile(r"[\s'\"=\\]")


def _attached(host: str | None, port: int | None, path: str, kind: str) -> str | None:
    """Return what an extension takes to find a database: no user and no password, which it reads itself.

    None where a part of the address would add further keys.
    """
    database = "dbname" if kind == "postgres" else "database"
    parts = {"host": host, "port": port, database: path.strip("/") or None}
    given = {key: str(value) for key, value in parts.items() if value is not None}
    return None if any(map(_NO_NAME.search, given.values())) else " ".join(f"{k}={v}" for k, v in given.items())


@contextmanager
def _said(name: str, kind: str, limits: Limits) -> Iterator[None]:
    """Say what a server says, without what the environment holds of who may read."""
    try:
        yield
    except duckdb.InterruptException:
        raise DataError(f"{name}: {time(limits)}") from None
    except duckdb.Error as error:
        said = plain(str(error))
        for variable in _VARIABLES[kind]:
            secret = os.environ.get(variable, "")
            said = said.replace(secret, f"${variable}") if secret else said
        hint = f" (who may read is taken from {' and '.join(_VARIABLES[kind])})" if "connect" in said else ""
        raise DataError(f"{name}: {said}{hint}") from None
