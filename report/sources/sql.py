"""SQL of DuckDB: texts and paths as literals, and how DuckDB is opened."""

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
"""How DuckDB is opened: nothing is fetched but what is asked for."""

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
"""How DuckDB is opened where it needs no extension: no SQL can load one, and without one there is no network.

What SQL may not change is locked. That files are read from anywhere cannot be switched off here: DuckDB wants to know
all of them before it opens the first, follows links to where they lead, and takes no further ones afterwards.
"""


@contextmanager
def duckdb_aside() -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a cursor of a DuckDB beside all engines, for questions that need no table of theirs.

    It is opened once for all, since opening takes longer than most questions; after an error, which may leave it
    unusable, the next question gets another.
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
    """Return a text as SQL has it."""
    return "'" + text.replace("'", "''") + "'"


def path_literal(path: Path) -> str:
    """Return a path as SQL has it, in which `*`, `?` and `[` stand for themselves."""
    return literal("".join(f"[{c}]" if c in "*?[" else c for c in str(path)))
