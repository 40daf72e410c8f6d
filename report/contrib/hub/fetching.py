"""Work of `diptych fetch`: fetch tables of the Hub, or all remote data that a config reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ...config.loading import load_config
from ...errors import FetchError, Note
from ...pipeline.inputs import named_sources
from ...sources import SourceSettings
from ...sources.addresses import DownloadBounds, Fetching, Origin, fetched, origin_of, scheme_of
from .listed_tables import HubFile, HubTable
from .network import Patience
from .store import write_table

BY_HAND = DownloadBounds(50 * 10**9, 24 * 3600, "fetch less of it (--author, --tag, --since, --limit)")
"""Limits for a fetch requested on the command line, such as the listing of the whole Hub."""


@dataclass(frozen=True)
class FetchedFile:
    """A file that is now local.

    `name` is its name in messages. `n_rows` is None if rows were not counted. `kind` is the kind of its rows.
    """

    name: str
    path: Path
    origin: Origin
    n_rows: int | None
    kind: str | None = None
    notes: tuple[Note, ...] = ()


def fetch_tables(
    tables: Sequence[HubTable], folder: Path, patience: Patience, where: str = "fetch hub"
) -> Iterator[FetchedFile]:
    """Fetch tables of the Hub into a folder, in order. Raises FetchError if one is not available."""
    for table in tables:
        yield _fetched(write_table(table, folder, where, patience), str(folder / f"{table.kind}.parquet"), table.kind)


def fetch_config(config: Path, patience: Patience) -> Iterator[FetchedFile]:
    """Fetch the missing remote data of a config. Listings of the Hub are always fetched again.

    Raises ConfigError for an invalid config, and FetchError if data are not available or the config only reads local
    files.
    """
    loaded = load_config(config)
    patience = replace(patience, bounds=loaded.config.engine.limits.download)
    sources = [(where, source) for where, source in named_sources(loaded) if _is_elsewhere(source)]
    if not sources:
        raise FetchError(f"{config}: reads nothing from the Hub or the web")
    for where, source in sources:
        table = source.own
        asked = Fetching(where, loaded.folder, patience.bounds, patience.watch)
        if isinstance(table, HubTable) and table.snapshot is None:
            yield from fetch_tables((table,), loaded.folder / table.place, patience, where)
        elif table is not None:
            yield from _kept(table.files(asked))
        for address in filter(scheme_of, source.path):
            yield from _kept(fetched(address, asked))


def _is_elsewhere(source: SourceSettings) -> bool:
    return source.own is not None or any(scheme_of(path) is not None for path in source.path)


def _kept(files: Mapping[Path, str]) -> Iterator[FetchedFile]:
    for path, name in files.items():
        yield FetchedFile(name, path, origin_of(path) or Origin(address=name), None)


def _fetched(table: HubFile, name: str, kind: str) -> FetchedFile:
    return FetchedFile(
        name, table.path, table.origin or Origin(address=name), table.n_rows, kind, tuple(_notes(table, name))
    )


def _notes(table: HubFile, name: str) -> Iterator[Note]:
    if table.absent:
        columns = ", ".join(table.absent)
        yield Note(
            "absent_columns",
            name,
            f"{name}: the snapshot has no column {columns}; values that depend on it are left out",
        )
    if table.n_repeated:
        rows = "1 row had an id" if table.n_repeated == 1 else f"{table.n_repeated:,} rows had ids"
        yield Note("repeated_ids", name, f"{name}: {rows} that came before; left out")
