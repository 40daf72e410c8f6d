"""A declared source -> the files of this machine that hold it: paths found, addresses and the Hub's tables fetched."""

from __future__ import annotations

from pathlib import Path

from ..errors import DataError, FetchError
from ..hub.addresses import scheme_of
from ..hub.store import file_of, files_at
from . import globs
from .settings import SourceSettings


def located(source: SourceSettings, base: Path, where: str) -> dict[Path, str]:
    """Return the files of a source, in the order declared, none twice, each with the name that messages call it by.

    Paths are relative to `base`. Raises `DataError` with every path that is missing, and `FetchError` where
    something cannot be fetched.
    """
    table = source.table
    if table is not None:
        return file_of(table, base, where)
    files: dict[Path, str] = {}
    errors: list[DataError] = []
    for path in source.path:
        try:
            found = globs.found([path], base, where) if scheme_of(path) is None else files_at(path, where)
            files |= {file: name for file, name in found.items() if file not in files}
        except DataError as error:
            errors.append(error)
    if errors:
        kind = FetchError if any(isinstance(error, FetchError) for error in errors) else DataError
        raise kind(*(message for error in errors for message in error.messages))
    return files
