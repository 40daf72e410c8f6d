"""What holds several tables: workbooks of Excel, and databases.

Sheets of .xlsx files are read through python-calamine (the extra `excel`), SQLite by Python itself, Postgres and MySQL
through extensions of DuckDB that are installed: nothing is fetched to read them. Who may read comes from the
environment alone, as the servers' own programs take it; no message, manifest or cache holds it.
"""

from __future__ import annotations

import datetime as dt
import os
import posixpath
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import reduce
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import duckdb

from ..errors import DataError, did_you_mean, listed
from ..hub.addresses import literal, path_literal, scheme_of
from . import Limits, SourceSettings
from .engine import Engine
from .faults import check_names, named, plain
from .sqlite import Opened, open_sqlite
from .text import NO_DOWNLOADS, quoted_name, size

try:
    import python_calamine
except ImportError:
    python_calamine = None  # type: ignore[assignment]

_CHUNK = 2**20
_CELL = re.compile(rb'<c [^>]*?\br="([A-Z]{1,3})([0-9]{1,7})"')
_LONGEST_CELL = 200
"""Bytes of the longest beginning of a cell: its place, its style, its type."""

_FEW_CELLS = 1_000_000
_MOST_EMPTY = 20
"""A sheet that spans more cells than these few must not have so many empty ones for each that holds something."""


def read_sheet(
    path: Path, name: str, source: SourceSettings, limits: Limits
) -> tuple[tuple[str, ...], list[list[str]]]:
    """Return the column names and the rows of a sheet (the first unless `source` names one), every value as text.

    The first row that is not empty is the header; empty rows are passed over. Whole numbers lose their ".0",
    dates are ISO 8601, truth values "true" and "false", empty cells "". Raises `DataError` where the extra is
    not installed, the file is no workbook, the sheet is missing or empty, spans many more cells than it holds, or the
    header is faulty.
    """
    if python_calamine is None:
        raise DataError(f'{name} needs the extra "excel": pip install "diptych[excel]"')
    sheet = source.sheet
    try:
        with python_calamine.CalamineWorkbook.from_path(path) as workbook:
            sheets = workbook.sheet_names
            if sheet is not None and sheet not in sheets:
                raise DataError(f'{name} has no sheet "{sheet}"; it has {listed(sheets)}{did_you_mean(sheet, sheets)}')
            chosen = sheet if sheet is not None else sheets[0]
            _check_size(path, name, chosen, limits)
            table = workbook.get_sheet_by_name(chosen).to_python()
    except (python_calamine.CalamineError, zipfile.BadZipFile, ET.ParseError, LookupError, OSError) as error:
        raise DataError(f"{name} cannot be read as an .xlsx workbook") from error
    rows = [row for values in table if any(row := [_typed(value) for value in values])]
    if not rows:
        raise DataError(f"{name} is empty" if sheet is None else f'{name} is empty in sheet "{sheet}"')
    header = named(rows[0])
    check_names(name, header)
    return tuple(header), rows[1:]


def sheets_of(path: Path) -> list[str]:
    """Return the names of a workbook's sheets."""
    with python_calamine.CalamineWorkbook.from_path(path) as workbook:
        return list(workbook.sheet_names)


def _check_size(path: Path, name: str, sheet: str, limits: Limits) -> None:
    """Raise `DataError` where the workbook unpacks to more than is read, or the cells of a sheet stand far apart.

    The library makes room for the whole rectangle that the cells span before it reads them.
    """
    with zipfile.ZipFile(path) as archive:
        n_bytes, most = sum(entry.file_size for entry in archive.infolist()), limits.most_unpacked(path.stat().st_size)
        if n_bytes > most:
            raise DataError(
                f"{name} unpacks to {size(n_bytes)}, more than {size(most)}; if that is meant, raise engine.unpacked"
            )
        n_cells, rows, columns = 0, [0, 0], [0, 0]
        for column, row in _cells(archive, _part(archive, sheet)):
            rows = [min(rows[0] or row, row), max(rows[1], row)]
            columns = [min(columns[0] or column, column), max(columns[1], column)]
            n_cells += 1
    n_spanned = (rows[1] - rows[0] + 1) * (columns[1] - columns[0] + 1)
    if n_spanned > max(_FEW_CELLS, _MOST_EMPTY * n_cells):
        raise DataError(
            f'{name} has {n_cells:,} cells in sheet "{sheet}" that span {rows[1]:,} rows and {columns[1]:,} columns; '
            "delete what stands far from the table, or save it as CSV"
        )


def _part(archive: zipfile.ZipFile, sheet: str) -> str:
    """Return the file of the archive that holds a sheet; LookupError where there is none."""
    workbook = ET.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 - expat bounds what entities grow to
    entry = [entry for entry in workbook.iterfind(".//{*}sheet") if entry.get("name") == sheet][0]  # noqa: RUF015
    key = next((value for name, value in entry.items() if name.endswith("}id")), "")
    relations = ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    return posixpath.normpath(posixpath.join("/xl", targets[key])).lstrip("/")


def _cells(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[int, int]]:
    """Yield column and row, from 1, of the cells of a sheet that say where they stand."""
    with archive.open(part) as stream:
        kept = b""
        while chunk := stream.read(_CHUNK):
            content, end = kept + chunk, 0
            for found in _CELL.finditer(content):
                end = found.end()
                yield _number(found[1]), int(found[2])
            kept = content[max(end, len(content) - _LONGEST_CELL) :]


def _number(letters: bytes) -> int:
    """Return the number of a column, from 1.

    >>> _number(b"A"), _number(b"XFD")
    (1, 16384)
    """
    return reduce(lambda number, letter: 26 * number + letter - 64, letters, 0)


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
        said = plain(str(error))
        for variable in _VARIABLES[kind]:
            secret = os.environ.get(variable, "")
            said = said.replace(secret, f"${variable}") if secret else said
        hint = f" (who may read is taken from {' and '.join(_VARIABLES[kind])})" if "connect" in said else ""
        raise DataError(f"{name}: {said}{hint}") from None
