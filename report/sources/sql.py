"""DuckDB SQL: texts and paths as literals, and the configuration of connections."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import duckdb

CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
"""Basic DuckDB configuration: no automatic downloads."""

LOCKED: dict[str, str | bool | int | float | list[str]] = {
    **CONFIG,
    "allow_community_extensions": False,
    "allow_persistent_secrets": False,
    "extension_directory": f"{os.devnull}/none",
    "custom_extension_repository": f"{os.devnull}/none",
    "python_enable_replacements": False,
    "allowed_configs": ["TimeZone", "enable_progress_bar", "preserve_insertion_order", "threads"],
    "lock_configuration": True,
}
"""DuckDB configuration without extensions: no SQL can load one, and without one there is no network access.

SQL cannot change these settings. Access to arbitrary files cannot be disabled here: DuckDB needs the complete list of
files before it opens the first, resolves links in it, and accepts no further files afterwards."""


@contextmanager
def duckdb_aside() -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a cursor of a DuckDB separate from all engines, for queries that need none of their tables.

    It is opened once, since opening takes longer than most queries. After an error, which may leave it unusable, the
    next query gets a new connection.
    """
    try:
        with _aside().cursor() as cursor:
            yield cursor
    except duckdb.Error:
        _aside.cache_clear()
        raise


@cache
def _aside() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(":memory:", config={**LOCKED, "threads": 1, "enable_external_file_cache": False})


def literal(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def path_literal(path: Path) -> str:
    """Return a path as an SQL literal in which `*`, `?` and `[` are literal."""
    return literal("".join(f"[{c}]" if c in "*?[" else c for c in str(path)))
