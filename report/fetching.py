"""Fetching: the tables of the Hub that a command asks for, or all that a config reads from the Hub and the web."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from .config.loading import load_config
from .errors import FetchError, Note
from .hub.addresses import scheme_of
from .hub.listed_tables import HubTable
from .hub.store import file_of, files_at, write_table
from .hub.tables import HubFile, Origin, origin_of
from .hub.web import Patience
from .pipeline.inputs import named_sources
from .sources.declared import SourceSettings

_WHERE = "fetch hub"


@dataclass(frozen=True)
class FetchedFile:
    """A file that is here now. `name` is what a person calls it; `n_rows` is None where they were not counted."""

    name: str
    path: Path
    origin: Origin
    n_rows: int | None
    notes: tuple[Note, ...] = ()


def fetch_tables(tables: Sequence[HubTable], folder: Path, patience: Patience) -> Iterator[FetchedFile]:
    """Fetch tables of the Hub into a folder, one after the other. Raises FetchError where one cannot be had."""
    for table in tables:
        yield _fetched(write_table(table, folder, _WHERE, patience), str(folder / f"{table.kind}.parquet"))


def fetch_config(config: Path, patience: Patience) -> Iterator[FetchedFile]:
    """Fetch what a config reads from the Hub and the web, where it is not here; listings of the Hub anew.

    Raises ConfigError where the config is wrong, and FetchError where something cannot be had, or where it reads
    files alone.
    """
    loaded = load_config(config)
    sources = [(where, source) for where, source in named_sources(loaded) if _is_elsewhere(source)]
    if not sources:
        raise FetchError(f"{config}: reads nothing from the Hub or the web")
    for where, source in sources:
        table = source.table
        if table is None:
            for address in filter(scheme_of, source.path):
                yield from _kept(files_at(address, where, patience))
        elif table.snapshot is None:
            folder = loaded.folder / table.folder
            yield _fetched(write_table(table, folder, where, patience), str(folder / f"{table.kind}.parquet"))
        else:
            yield from _kept(file_of(table, loaded.folder, where, patience))


def _is_elsewhere(source: SourceSettings) -> bool:
    return source.hub is not None or any(scheme_of(path) is not None for path in source.path)


def _kept(files: dict[Path, str]) -> Iterator[FetchedFile]:
    for path, name in files.items():
        yield FetchedFile(name, path, origin_of(path) or Origin(address=name), None)


def _fetched(table: HubFile, name: str) -> FetchedFile:
    return FetchedFile(name, table.path, table.origin or Origin(address=name), table.n_rows, tuple(_notes(table, name)))


def _notes(table: HubFile, name: str) -> Iterator[Note]:
    if table.n_kept:
        yield Note(
            "taken_up", name, f"{name}: {table.n_kept:,} rows are of a fetch that was stopped; it went on from there"
        )
    if table.absent:
        columns = ", ".join(table.absent)
        yield Note(
            "absent_columns", name, f"{name}: the snapshot has no column {columns}; what is made of it is left out"
        )
    if table.n_repeated:
        rows = "1 row had an id" if table.n_repeated == 1 else f"{table.n_repeated:,} rows had ids"
        yield Note("repeated_ids", name, f"{name}: {rows} that came before; left out")
