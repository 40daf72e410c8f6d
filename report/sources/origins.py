"""Where a file came from that was fetched: written beside it, or within it if it is a Parquet file."""

from __future__ import annotations

from pathlib import Path

import duckdb
from pydantic import ConfigDict, ValidationError

from ..settings import Settings
from .sql import duckdb_aside

ORIGIN_KEY = "diptych"
"""The key of an origin among those of a Parquet file."""

SUFFIX = ".origin.json"
"""What the name of the file beside one that stands in a cache ends in."""


class Origin(Settings):
    """Where a file came from.

    `revision`: the commit, or of a web address its ETag; None where there is none. A kind of address may add keys.
    """

    model_config = ConfigDict(extra="allow")

    address: str
    revision: str | None = None

    def text(self) -> str:
        """Return it as JSON."""
        return self.model_dump_json(exclude_none=True)


def origin_of(path: Path) -> Origin | None:
    """Return where a file came from; None where it is nobody's but its owner's."""
    return kept_origin(path) or _parsed(_carried(path) if path.suffix == ".parquet" else None)


def _carried(path: Path) -> str | None:
    """Return the origin that a Parquet file carries beside its rows; None where it has none, or is no such file."""
    query = "select decode(value) from parquet_kv_metadata(?) where key = encode(?)"
    try:
        with duckdb_aside() as database:
            found = database.execute(query, [str(path), ORIGIN_KEY]).fetchall()
    except duckdb.Error:
        return None
    return next((str(value) for (value,) in found), None)


def kept_origin(path: Path) -> Origin | None:
    """Return where a file came from that stands in a cache; None for any other."""
    try:
        return _parsed(path.with_name(path.name + SUFFIX).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return None


def write_origin(path: Path, origin: Origin) -> None:
    """Write where a file came from into a file beside it."""
    path.with_name(path.name + SUFFIX).write_text(f"{origin.text()}\n", encoding="utf-8")


def _parsed(text: str | None) -> Origin | None:
    try:
        return Origin.model_validate_json(text) if text else None
    except ValidationError:
        return None
