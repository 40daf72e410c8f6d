"""Delimited files as text: for their header, and to say where reading them failed.

The engine reads the rows; Python reads only as far as the header, or, after a failure, the whole file.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import mmap
from collections.abc import Iterator
from pathlib import Path

import duckdb

from .engine import Dialect

_CHUNK = 2**20
_CODECS = {"utf-8": "utf-8-sig"}
_NO_DOWNLOADS: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "threads": 1,
}


def records(path: Path, dialect: Dialect) -> Iterator[list[str]]:
    """Yield the fields of each row, the header first, blank lines as no fields.

    csv.Error at a malformed quote, UnicodeDecodeError at a wrong byte.
    """
    csv.field_size_limit(2**31 - 1)
    return csv.reader(
        lines(path, dialect.encoding),
        delimiter=dialect.delimiter,
        quotechar=dialect.quote,
        doublequote=True,
        strict=True,
    )


def lines(path: Path, encoding: str) -> Iterator[str]:
    """Yield the decompressed lines of a file with their ends, without a byte order mark."""
    if path.suffix == ".zst":
        yield from _zstandard(path, encoding)
        return
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding=_CODECS.get(encoding, encoding), newline="") as stream:
        yield from stream


def _zstandard(path: Path, encoding: str) -> Iterator[str]:
    """Decompress through DuckDB, since Python can do so itself only from 3.14 on. Line ends become LF."""
    with duckdb.connect(":memory:", config=_NO_DOWNLOADS) as connection:
        result = connection.execute(
            "select line from read_csv(?, columns = {'line': 'varchar'}, auto_detect = false, header = false,"
            " delim = '\x01', quote = '', escape = '', encoding = ?)",
            [str(path), encoding],
        )
        while rows := result.fetchmany(4096):
            yield from (f"{row[0] or ''}\n" for row in rows)


def chunks(path: Path) -> Iterator[bytes]:
    """Yield the bytes of a file, a mebibyte at a time, gunzipped by its ending; nothing of a .zst file."""
    if path.suffix == ".zst":
        return
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rb") as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk


def wrong_byte(path: Path, encoding: str) -> tuple[int, int] | None:
    """Return position (from 0) and line (from 1) of the first byte that the encoding cannot have, or None.

    The C1 control characters count as wrong in latin-1: text that holds them was written as windows-1252.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    position, n_ends = 0, 0
    for chunk in chunks(path):
        held = decoder.getstate()[0]
        start: int | None = None
        try:
            text = decoder.decode(chunk)
            if encoding == "latin-1":
                start = next((i for i, character in enumerate(text) if "\x80" <= character <= "\x9f"), None)
        except UnicodeDecodeError as error:
            start = error.start - len(held)
        except UnicodeError:  # UTF-16 without the mark that says which of its two orders
            start = 0
        if start is not None:
            return position + start, n_ends + chunk[: max(start, 0)].count(b"\n") + 1
        position += len(chunk)
        n_ends += chunk.count(b"\n")
    return (position, n_ends + 1) if decoder.getstate()[0] else None


def null_byte(path: Path, encoding: str) -> int | None:
    """Return the position of the first NUL byte (from 0), or None; DuckDB reads them as if they were text."""
    if encoding == "utf-16":
        return None
    if path.suffix not in {".gz", ".zst"} and path.stat().st_size:
        with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
            position = content.find(b"\0")
            return position if position >= 0 else None
    position = 0
    for chunk in chunks(path):
        if b"\0" in chunk:
            return position + chunk.index(b"\0")
        position += len(chunk)
    return None


def mixes_line_ends(path: Path, encoding: str) -> bool:
    """Tell whether some lines end in CRLF and others in LF alone."""
    ends = {line[-2:] == "\r\n" for line in lines(path, encoding) if line.endswith("\n")}
    return len(ends) == 2
