"""Run a scan from files to a published site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...cache import Cache
from ...errors import DataError, Note, listed
from ...figures.drawing import Drawer
from ...foreign_text import visible
from ...manifest import NAME, build_site_manifest, current_versions
from ...progress import stage
from ...publish.site import check_folder, publish, recover
from ...regular_files import is_text
from ...reuse import usual_cache
from ...sources import EngineSettings, SourceSettings
from ...sources.engines import open_engine
from ...sources.files import first_rows, first_texts
from ..init.tables import tables_at
from .kept_counts import KeptCounts
from .scanning import USUAL_OPTIONS, Scan, ScanOptions, scan_table
from .sentences import ScanWords
from .site import site_files

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 5_000_000
_JOINED = 0.5
"""Minimum share of the first table's keys that another table has."""


@dataclass(frozen=True)
class TableToRead:
    """A table: its name, its source, and the folder of relative paths."""

    name: str
    source: SourceSettings
    folder: Path = Path()


@dataclass(frozen=True)
class ScanJob:
    """The input of a scan: tables, special columns, the name of a row, and whether the first pairs have reports."""

    tables: tuple[TableToRead, ...]
    options: ScanOptions = USUAL_OPTIONS
    unit: str | None = None
    with_reports: bool = True


@dataclass(frozen=True)
class ScannedSite:
    """The results of a scan: its files except the manifest, the headline, lines for the terminal, JSON, and notes."""

    files: Mapping[str, bytes]
    headline: str
    lines: tuple[str, ...]
    data: Mapping[str, Any]
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class ScanDone:
    """The results and files of a scan: the headline, lines for the terminal, results as JSON, and notes."""

    headline: str
    lines: tuple[str, ...]
    data: Mapping[str, Any]
    notes: tuple[Note, ...]


def run(job: ScanJob, output: Path, *, overwrite: bool = False) -> ScanDone:
    """Scan files and publish the site into a folder, atomically.

    Pairs of columns that an earlier scan of the same files has counted are not counted again.
    Raises a DiptychError for any error that a person can correct; the folder is then unchanged.
    """
    recover(output)
    inputs = [path for table in job.tables for file in table.source.path if (path := table.folder / file).exists()]
    check_folder(output, overwrite=overwrite, inputs=inputs)
    site = _scanned(job, usual_cache())
    with stage("publishing"):
        manifest = build_site_manifest({}, current_versions(), site.files)
        publish(dict(site.files) | {NAME: manifest}, output, overwrite=overwrite, inputs=inputs)
    return ScanDone(site.headline, site.lines, {"folder": str(output), **site.data}, site.notes)


def _kept(job: ScanJob, cache: Cache) -> KeptCounts:
    """Return the counts of the last scan of the same files, whatever they contained. Addresses have none."""
    paths = [table.folder / file for table in job.tables for file in table.source.path]
    if not cache.is_on or not all(path.is_file() and is_text(path) for path in paths):
        return KeptCounts()
    return KeptCounts(cache, cache.key("scan counts", *(str(path.resolve()) for path in paths)))


def _scanned(job: ScanJob, cache: Cache) -> ScannedSite:
    with Drawer() as drawer:
        drawer.warm_up()
        with stage("reading"):
            frame = read_tables(job.tables)
        found = scan_table(frame, job.options, _kept(job, cache))
        words = ScanWords(found, job.unit)
        if not job.with_reports:
            files, notes = site_files(found, words, drawer), _notes(found)
        else:
            from .reports import build_reports  # noqa: PLC0415 - reports need most of the program

            reports = build_reports(found, words, frame)
            files = site_files(found, words, drawer, reports.links) | dict(reports.files)
            notes = [*_notes(found), *reports.notes]
    return ScannedSite(files, words.headline, tuple(_lines(found, words)), _data(found, words), tuple(notes))


def tables_of_files(files: Sequence[str]) -> tuple[TableToRead, ...]:
    """Return the tables of files and addresses."""
    return tuple(TableToRead(name, source) for file in files for _, name, source in tables_at(file, "scan"))


def read_tables(tables: Sequence[TableToRead]) -> pd.DataFrame:
    """Return one table of texts; several are joined by the column of their common key.

    Raises DataError: files that cannot be read, or have no common key.
    """
    frames: list[tuple[str, pd.DataFrame]] = []
    messages: list[str] = []
    with closing(open_engine(EngineSettings())) as engine:
        for table in tables:
            try:
                read = first_texts if len(tables) == 1 else first_rows
                frame = read(table.source, table.folder, engine, MOST_ROWS, where_declared="scan")
                frames.append((table.name, frame))
            except DataError as error:
                messages += error.messages
    if messages:
        raise DataError(*messages)
    (_, joined), *others = frames
    for name, frame in others:
        joined = _joined(joined, name, frame)
    return joined.rename(columns=lambda name: visible(str(name)))


def _joined(first: pd.DataFrame, name: str, second: pd.DataFrame) -> pd.DataFrame:
    """Return two tables joined by a column of both whose values are unique in the second."""
    shared = [column for column in first.columns if column in second.columns]
    keys = [
        column
        for column in shared
        if second[column].notna().all()
        and second[column].is_unique
        and first[column].isin(second[column]).mean() >= _JOINED
    ]
    if not keys:
        raise DataError(
            f"scan: {name} has no common key with the first file: a column of the same name whose values are unique "
            f"in {name} and occur in the first file; it has {listed([str(column) for column in second.columns])}"
        )
    renamed = {column: f"{column} ({name})" for column in shared if column != keys[0]}
    return first.merge(second.rename(columns=renamed), on=keys[0], how="left")


def _lines(scan: Scan, words: ScanWords) -> list[str]:
    """Return the first pairs for the terminal."""
    found = []
    for number, ranked in enumerate(scan.ranking, start=1):
        a, b = (words.names[column] for column in scan.columns_of(ranked.place))
        found.append(f"{number:>3}  {a} and {b}: V {words.strength(ranked.place)}, {words.q(ranked.place)}")
    return found


def _data(scan: Scan, words: ScanWords) -> dict[str, Any]:
    return {
        "headline": words.headline,
        "tested": int(scan.is_open.sum()),
        "beyond_chance": int(scan.is_called.sum()),
        "clear": int(scan.is_clear.sum()),
        "by_definition": len(scan.trivial),
        "set_aside": [{"name": one.name, "reason": one.reason} for one in scan.table.aside],
    }


def _notes(scan: Scan) -> list[Note]:
    return [Note("set_aside", one.name, f"{one.name} is set aside: {one.reason}") for one in scan.table.aside]
