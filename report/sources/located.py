"""A declared source -> the files of this machine that hold it, and the engine that reads them."""

from __future__ import annotations

import os
import stat
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import DataError, FetchError, did_you_mean, raise_if_any
from ..hub.addresses import scheme_of
from ..hub.store import file_of, files_at
from .declared import SourceSettings
from .engine import Engine

if TYPE_CHECKING:
    from .declared import EngineSettings


__all__ = ["Engine", "open_engine"]
"""Who opens an engine hands it on; what is asked of it is asked by sources, relations and the ledger's export."""


def open_engine(settings: EngineSettings) -> Engine:
    """Return the engine that the settings name; `DataError` where it is not installed or does not start."""
    if settings.name == "spark":
        missing = [package for package in ("pyspark", "pyarrow") if find_spec(package) is None]
        if missing:
            verb = "is" if len(missing) == 1 else "are"
            lacking = f"{' and '.join(missing)}, which {verb} not installed"
            raise DataError(f'engine: spark needs {lacking}: pip install "diptych[spark]"')
        from .spark import SparkEngine  # noqa: PLC0415 - an engine is loaded where it is used

        return SparkEngine(settings)
    from .duckdb import DuckDBEngine  # noqa: PLC0415

    return DuckDBEngine(settings)


_SORTS = {stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}


def found_files(pattern: str, base: Path, where: str) -> dict[Path, str]:
    """Return the files that a path or pattern names, sorted.

    It is relative to `base`; the names are written as declared, with `/`. Raises `DataError` with a message for each
    path that is missing, no file, or may not be read, and where a pattern finds nothing.
    """
    matches = _matches(pattern, base) if is_pattern(pattern) else {base / pattern: pattern}
    if not matches:
        raise DataError(f'{where}: no file matches "{pattern}"')
    raise_if_any(f"{where}: {fault}" for path, name in matches.items() if (fault := _fault(path, name)))
    return matches


def is_pattern(path: str) -> bool:
    """Return whether a declared path stands for any number of files."""
    return any(character in path for character in "*?[")


def _matches(pattern: str, base: Path) -> dict[Path, str]:
    """Return the files that a pattern finds, by sorted name; none where the system takes no such name."""
    anchor = Path(pattern).anchor
    root = Path(anchor) if anchor else base
    try:
        matches = sorted(path for path in root.glob(pattern[len(anchor) :]) if path.is_file())
    except (OSError, ValueError, RecursionError):
        return {}
    return {path: path.as_posix() if anchor else path.relative_to(base).as_posix() for path in matches}


def _fault(path: Path, name: str) -> str | None:
    """Say why a file cannot be opened, or return None."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return _missing(path, name)
    except (OSError, ValueError) as error:  # ValueError: a NUL byte
        return f"{name} cannot be read: {getattr(error, 'strerror', None) or 'its name is not one of a file'}"
    may_be_read = stat.S_ISREG(mode) and os.access(path, os.R_OK)
    return None if may_be_read else _no_file(mode, name)


def _no_file(mode: int, name: str) -> str:
    """Say what a path is that cannot be read as a file."""
    if stat.S_ISREG(mode):
        return f"{name} may not be read (permission denied)"
    if stat.S_ISDIR(mode):
        return f"{name} is a folder; name a file in it, or a pattern such as {name.rstrip('/')}/*.csv"
    sort = _SORTS.get(stat.S_IFMT(mode), "a device")
    return f"{name} is no file but {sort}; only files are read: write what it gives into one"


def _missing(path: Path, name: str) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f"{name} does not exist, nor does its folder"
    try:
        names = sorted(entry.name for entry in folder.iterdir())
    except OSError:
        names = []
    return f"{name} does not exist{did_you_mean(path.name, names)}"


def _database(path: str, base: Path, where: str) -> dict[Path, str]:
    """Return the file of a database, and beside it what was written and is not yet in it."""
    files = found_files(path, base, where)
    log = base / f"{path}-wal"
    return files | ({log: f"{path}-wal"} if log.is_file() else {})


def located(source: SourceSettings, base: Path, where: str) -> dict[Path, str]:
    """Return the files of a source, in the order declared, none twice, each with the name that messages call it by.

    Paths are relative to `base`. Raises `DataError` with every path that is missing, and `FetchError` where
    something cannot be fetched.
    """
    if source.database is not None:
        return {} if source.is_server else _database(source.database, base, where)
    table = source.table
    if table is not None:
        return file_of(table, base, where)
    files: dict[Path, str] = {}
    errors: list[DataError] = []
    for path in source.path:
        try:
            found = found_files(path, base, where) if scheme_of(path) is None else files_at(path, where)
            files |= {file: name for file, name in found.items() if file not in files}
        except DataError as error:
            errors.append(error)
    if errors:
        kind = FetchError if any(isinstance(error, FetchError) for error in errors) else DataError
        raise kind(*(message for error in errors for message in error.messages))
    return files
