"""Parquet files that are there in part: their footers, their columns, and where these stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from ..errors import FetchError

if TYPE_CHECKING:  # origins of files are read where the extra is not installed, too
    from .partial import Range

MAGIC = b"PAR1"
TAIL = 2**16
"""Bytes at the end of a file that hold its footer, mostly."""

_LAST = 8


def open_database(folder: Path) -> duckdb.DuckDBPyConnection:
    """Return a connection that fetches nothing itself, keeps the order of rows, and spills into a folder."""
    connection = duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "python_enable_replacements": False,
            "temp_directory": str(folder),
        },
    )
    connection.execute("set TimeZone = 'UTC'")
    return connection


def footer_range(tail: bytes, size: int, subject: str) -> Range:
    """Return where the footer of a Parquet file stands, given its last bytes; FetchError where it has none."""
    length = int.from_bytes(tail[-_LAST:-4], "little")
    if tail[-4:] != MAGIC or not 0 < length <= size - _LAST - len(MAGIC):
        raise FetchError(
            f"{subject}: is no whole Parquet file: it does not end as one; whoever published it may have cut it off"
        )
    return size - _LAST - length, size


def columns_of(database: duckdb.DuckDBPyConnection, path: Path, subject: str) -> dict[str, str]:
    """Return the columns of a Parquet file whose footer is there, and their types; FetchError where it is none."""
    try:
        found = database.execute("describe select * from read_parquet(?)", [str(path)]).fetchall()
    except duckdb.Error:
        raise FetchError(f"{subject}: is no readable Parquet file") from None
    return {str(row[0]): str(row[1]) for row in found}


def ranges_of(database: duckdb.DuckDBPyConnection, path: Path, columns: Iterable[str]) -> list[Range]:
    """Return where the data of columns stand in a Parquet file whose footer is there."""
    query = """
        select path_in_schema, data_page_offset, dictionary_page_offset, total_compressed_size
        from parquet_metadata(?)
    """
    wanted = set(columns)
    return [
        (start := min(offset for offset in (data, dictionary) if offset), start + size)
        for schema_path, data, dictionary, size in database.execute(query, [str(path)]).fetchall()
        if size and _named(schema_path, wanted)
    ]


def _named(schema_path: str, columns: set[str]) -> bool:
    """Say whether a column of the file is one of these or stands within one (`tags, list, element`)."""
    return any(schema_path == column or schema_path.startswith(f"{column}, ") for column in columns)


def key_values(path: Path) -> Mapping[str, str]:
    """Return the keys and values that a Parquet file carries beside its rows; none where it is no such file."""
    with duckdb.connect(":memory:") as database:
        try:
            found = database.execute("select key, value from parquet_kv_metadata(?)", [str(path)]).fetchall()
        except duckdb.Error:
            return {}
    return {bytes(key).decode("utf-8", "replace"): bytes(value).decode("utf-8", "replace") for key, value in found}
