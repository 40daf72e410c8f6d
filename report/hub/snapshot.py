"""Published snapshots of the Hub's metadata -> a table: only the columns that it is made from are fetched."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
from huggingface_hub import try_to_load_from_cache

from ..errors import FetchError
from .addresses import HubAddress
from .columns import Chosen, choose, mapped
from .connection import Connection, RemoteFile
from .origins import Origin
from .parquet import TAIL, columns_of, footer_range, open_database, ranges_of
from .partial import PartialFile, download
from .patience import Patience
from .settings import HubTable
from .tables import Table, literal, work_folder, write_table


@dataclass(frozen=True)
class _Part:
    """A Parquet file that is there, with what is needed of it."""

    path: Path
    subject: str
    types: Mapping[str, str]
    chosen: Chosen


def snapshot_files(address: HubAddress, commit: str, connection: Connection) -> list[RemoteFile | Path]:
    """Return the files of a snapshot at a commit: as the Hub has them, or where the library's own cache has them.

    Raises FetchError where there are none.
    """
    pinned = address.at(commit)
    paths = connection.paths(pinned, commit) if address.is_pattern else [address.path]
    return [_file(replace(pinned, path=path), connection) for path in paths]


def fetch_snapshot(
    files: Sequence[RemoteFile | Path],
    table: HubTable,
    target: Path,
    connection: Connection,
    patience: Patience,
    origin: Origin | None = None,
) -> Table:
    """Fetch the columns that a table is made from, and write it into a file, with its origin where that is given.

    What a stopped fetch had brought is taken up again. Raises FetchError where files are no Parquet, lack columns,
    or cannot be had.
    """
    folder = work_folder(target)
    with closing(open_database(folder)) as database:
        parts = [
            _chosen(file, table, database, f"{connection.where}: {file}")
            if isinstance(file, Path)
            else _fetched(file, folder / f"{number}.parquet", table, database, connection, patience)
            for number, file in enumerate(files)
        ]
        made = _made(database, parts, table, target, origin)
    shutil.rmtree(folder, ignore_errors=True)
    return made


def _file(address: HubAddress, connection: Connection) -> RemoteFile | Path:
    kept = try_to_load_from_cache(address.repository, address.path, revision=address.revision, repo_type=address.kind)
    return Path(kept) if isinstance(kept, str) else connection.file(address)


def _fetched(
    file: RemoteFile,
    path: Path,
    table: HubTable,
    database: duckdb.DuckDBPyConnection,
    connection: Connection,
    patience: Patience,
) -> _Part:
    """Return one file of a snapshot with its needed columns fetched: first the footer, which says where they are."""
    subject = f"{connection.where}: {file.address}"
    partial = PartialFile(file, path)
    tail = max(file.size - TAIL, 0), file.size
    download(connection, partial, [tail], patience, subject)
    download(connection, partial, [footer_range(partial.read(*tail), file.size, subject)], patience, subject)
    part = _chosen(path, table, database, subject)
    download(connection, partial, ranges_of(database, path, part.chosen.columns.values()), patience, subject)
    return part


def _chosen(path: Path, table: HubTable, database: duckdb.DuckDBPyConnection, subject: str) -> _Part:
    types = columns_of(database, path, subject)
    return _Part(path, subject, types, choose(table.kind, types, table.columns.named, card=table.card, subject=subject))


def _made(
    database: duckdb.DuckDBPyConnection, parts: Sequence[_Part], table: HubTable, target: Path, origin: Origin | None
) -> Table:
    queries = [
        mapped(table.kind, f"read_parquet({literal(_itself(part.path))})", part.chosen, part.types, part.subject)
        for part in parts
    ]
    absent = tuple(dict.fromkeys(column for part in parts for column in part.chosen.absent))
    try:
        return write_table(database, queries, target, origin, parts[0].subject, absent)
    except FetchError:
        shutil.rmtree(work_folder(target), ignore_errors=True)  # what cannot be read must come anew
        raise


def _itself(path: Path) -> str:
    """Return a path for DuckDB, in which `*`, `?` and `[` stand for themselves."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in str(path))
