"""The origin of a fetched file: noted in this process, stored in a file next to it, or inside it if it is Parquet."""

from __future__ import annotations

from pathlib import Path

import duckdb
from pydantic import ValidationError

from ..settings import Settings
from .sql import duckdb_aside

ORIGIN_KEY = "diptych"
"""The key of the origin in the metadata of a Parquet file."""

SUFFIX = ".origin.json"
"""Ending of the file with the origin of a cached file."""


class Origin(Settings):
    """The origin of a file.

    `revision`: the commit, or the ETag of a web address, or None if there is none.
    """

    address: str
    revision: str | None = None

    def text(self) -> str:
        """Return the origin as JSON."""
        return self.model_dump_json(exclude_none=True)


def origin_of(path: Path) -> Origin | None:
    """Return the origin of a file, or None if it was not fetched."""
    return kept_origin(path) or _parsed(_carried(path) if path.suffix == ".parquet" else None)


def _carried(path: Path) -> str | None:
    """Return the origin in the metadata of a Parquet file, or None if it has none or is not a Parquet file."""
    query = "select decode(value) from parquet_kv_metadata(?) where key = encode(?)"
    try:
        with duckdb_aside() as database:
            found = database.execute(query, [str(path), ORIGIN_KEY]).fetchall()
    except duckdb.Error:
        return None
    return next((str(value) for (value,) in found), None)


def kept_origin(path: Path) -> Origin | None:
    """Return the origin of a cached file, or None for any other file."""
    try:
        return _noted.get(path.absolute()) or _parsed(path.with_name(path.name + SUFFIX).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return None


_noted: dict[Path, Origin] = {}


def note_origin(path: Path, origin: Origin) -> None:
    """Note the origin of a file in a foreign cache, for this process."""
    _noted[path.absolute()] = origin


def write_origin(path: Path, origin: Origin) -> None:
    """Write the origin of a file into a file next to it."""
    path.with_name(path.name + SUFFIX).write_text(f"{origin.text()}\n", encoding="utf-8")


def _parsed(text: str | None) -> Origin | None:
    try:
        return Origin.model_validate_json(text) if text else None
    except ValidationError:
        return None
