"""Make a table from published snapshots of the Hub's metadata. Only the necessary columns are fetched.

A partially fetched file has the length of the whole file, and a journal of the received ranges. Little is lost if the
process is killed.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TypeAlias

import duckdb

from ...errors import FetchError
from ...sources.addresses import TooMuchError
from ...sources.origins import Origin
from ...sources.sql import CONFIG, path_literal
from .addresses import HubFile, work_folder, write_table
from .connection import Connection, RemoteFile
from .listed_tables import Chosen, HubTable, choose, mapped
from .web import TransientError

MAGIC = b"PAR1"
TAIL = 2**16
"""Bytes at the end of a file that usually contain its footer."""

_LAST = 8


def open_database(folder: Path) -> duckdb.DuckDBPyConnection:
    """Return a connection that fetches nothing itself, preserves the order of rows, and spills into a folder."""
    config = {**CONFIG, "python_enable_replacements": False, "temp_directory": str(folder)}
    connection = duckdb.connect(":memory:", config=config)
    connection.execute("set TimeZone = 'UTC'")
    return connection


def footer_range(tail: bytes, size: int, subject: str) -> Range:
    """Return the position of the footer of a Parquet file, given its last bytes. Raises FetchError if it has none."""
    length = int.from_bytes(tail[-_LAST:-4], "little")
    if tail[-4:] != MAGIC or not 0 < length <= size - _LAST - len(MAGIC):
        raise FetchError(f"{subject}: is no whole Parquet file: it does not end as one; it may have been cut off")
    return size - _LAST - length, size


def columns_of(database: duckdb.DuckDBPyConnection, path: Path, subject: str) -> dict[str, str]:
    """Return columns and types of a Parquet file whose footer is present. Raises FetchError if it is not Parquet."""
    try:
        found = database.execute("describe select * from read_parquet(?)", [str(path)]).fetchall()
    except duckdb.Error:
        raise FetchError(f"{subject}: is no readable Parquet file") from None
    return {str(row[0]): str(row[1]) for row in found}


def ranges_of(database: duckdb.DuckDBPyConnection, path: Path, columns: Collection[str]) -> list[Range]:
    """Return the positions of the data of columns in a Parquet file whose footer is present."""
    query = """
        select path_in_schema, least(nullif(data_page_offset, 0), nullif(dictionary_page_offset, 0)),
            total_compressed_size
        from parquet_metadata(?) where total_compressed_size > 0
    """
    return [
        (start, start + size)
        for schema_path, start, size in database.execute(query, [str(path)]).fetchall()
        # a column of the file is one of these, or nested in one (`tags, list, element`)
        if any(schema_path == column or schema_path.startswith(f"{column}, ") for column in columns)
    ]


Range: TypeAlias = tuple[int, int]
"""From a byte up to, but not including, another."""

_GAP = 2**18
"""Maximum gap in bytes between two ranges fetched together, because another request would cost more."""


class PartialFile:
    """Bytes of a remote file at their positions in `path`. `path`.journal records the ranges and the file.

    If the journal belongs to another file, or to another state of it, it is started again. Data are recorded after they
    are written, so the journal never names missing data.
    """

    def __init__(self, remote: RemoteFile, path: Path) -> None:
        """Open the remains of an earlier fetch, or start."""
        self.path = path
        self.remote = remote
        self._journal = path.with_name(f"{path.name}.journal")
        self._head = json.dumps({"file": str(remote.address), "etag": remote.etag, "size": remote.size})
        self._have = self._opened()

    @property
    def n_bytes(self) -> int:
        """Return the number of bytes present."""
        return sum(end - start for start, end in self._have)

    def missing(self, wanted: Iterable[Range]) -> list[Range]:
        """Return the missing parts of ranges, joined over small gaps, in order."""
        gaps = [gap for span in merged(wanted, _GAP) for gap in _without(span, self._have)]
        return [(start, end) for start, end in gaps if end > start]

    def add(self, position: int, content: bytes) -> None:
        """Write bytes at their position and record them."""
        with self.path.open("r+b") as file:
            file.seek(position)
            file.write(content)
        end = position + len(content)
        with self._journal.open("a", encoding="ascii") as journal:
            journal.write(f"{position} {end}\n")
        self._have = merged([*self._have, (position, end)])

    def read(self, start: int, end: int) -> bytes:
        """Return bytes that are present."""
        with self.path.open("rb") as file:
            file.seek(start)
            return file.read(end - start)

    def _opened(self) -> list[Range]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            head, *noted = self._journal.read_text(encoding="ascii").splitlines()
            known = head == self._head and self.path.stat().st_size == self.remote.size
        except (OSError, ValueError):
            known, noted = False, []
        if known:
            return merged(_ranges(noted))
        self._journal.unlink(missing_ok=True)
        with self.path.open("wb") as file:
            file.truncate(self.remote.size)
        self._journal.write_text(f"{self._head}\n", encoding="ascii")
        return []


def download(connection: Connection, partial: PartialFile, wanted: Iterable[Range]) -> None:
    """Download ranges of a remote file. Interrupted connections are resumed.

    Raises FetchError if the Hub does not provide them, or if they cannot be written.
    """
    address, size = partial.remote.address, partial.remote.size
    attempts = connection.attempts(address)
    gaps = partial.missing(wanted)
    missing = sum(end - start for start, end in gaps)
    connection.expect(missing, address)
    total = partial.n_bytes + missing
    while gaps:
        try:
            for position, content in connection.read(partial.remote, *gaps[0]):
                connection.count(len(content), address)
                if position + len(content) > size:
                    raise FetchError(
                        f"{connection.said(address)}: the Hub sends more than the {size:,} bytes that it announced"
                    )
                partial.add(position, content)
                attempts.succeeded()
                connection.patience.watch.moved(address.path, partial.n_bytes, total, "bytes")
        except TransientError as error:
            attempts.wait(error)
        gaps = partial.missing(gaps)


def merged(ranges: Iterable[Range], gap: int = 0) -> list[Range]:
    """Return sorted ranges, merging ranges that touch or are at most `gap` apart.

    >>> merged([(5, 9), (0, 3), (3, 4), (20, 30)], gap=1)
    [(0, 9), (20, 30)]
    """
    result: list[Range] = []
    for start, end in sorted(ranges):
        if result and start <= result[-1][1] + gap:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


def _without(span: Range, have: Iterable[Range]) -> Iterator[Range]:
    """Yield the parts of a range outside other ranges, which are sorted and disjoint."""
    position, last = span
    for start, end in have:
        if end <= position or start >= last:
            continue
        yield position, start
        position = end
    yield position, last


def _ranges(lines: Iterable[str]) -> Iterator[Range]:
    """Yield the ranges of a journal, ignoring an incomplete line from a killed process."""
    for line in lines:
        start, _, end = line.partition(" ")
        if start.isdecimal() and end.isdecimal():
            yield int(start), int(end)


def fetch_snapshot(
    files: Sequence[RemoteFile | Path],
    table: HubTable,
    target: Path,
    connection: Connection,
    origin: Origin | None = None,
) -> HubFile:
    """Fetch the columns for a table, and write it into a file, with its origin if given.

    An interrupted fetch is resumed. Raises FetchError if files are not Parquet, lack columns, or are not available.
    """
    folder = work_folder(target)
    with closing(open_database(folder)) as database:
        chosen: dict[Path, Chosen] = {}
        for number, file in enumerate(files):
            if isinstance(file, Path):
                chosen[file] = _chosen(file, table, database, connection.said(file))
            else:
                path = folder / f"{number}.parquet"
                try:
                    chosen[path] = _fetched(file, path, table, database, connection)
                except TooMuchError:
                    shutil.rmtree(folder, ignore_errors=True)
                    raise
        queries = [mapped(table.kind, f"read_parquet({path_literal(path)})", here) for path, here in chosen.items()]
        absent = tuple(dict.fromkeys(column for here in chosen.values() for column in here.absent))
        try:
            made = write_table(database, queries, target, origin, connection.said(files[0]), absent)
        except FetchError:
            shutil.rmtree(folder, ignore_errors=True)  # unreadable data must be fetched again
            raise
    shutil.rmtree(folder, ignore_errors=True)
    return made


def _fetched(
    file: RemoteFile, path: Path, table: HubTable, database: duckdb.DuckDBPyConnection, connection: Connection
) -> Chosen:
    """Fetch the necessary parts of one snapshot file, first the footer, which locates the columns."""
    subject = connection.said(file)
    partial = PartialFile(file, path)
    tail = max(file.size - TAIL, 0), file.size
    download(connection, partial, [tail])
    download(connection, partial, [footer_range(partial.read(*tail), file.size, subject)])
    chosen = _chosen(path, table, database, subject)
    download(connection, partial, ranges_of(database, path, chosen.columns.values()))
    return chosen


def _chosen(path: Path, table: HubTable, database: duckdb.DuckDBPyConnection, subject: str) -> Chosen:
    types = columns_of(database, path, subject)
    return choose(table.kind, types, table.columns.named, card=table.card, subject=subject)
