"""Memory that was let go of goes back to the system: a build holds what it needs, not what it once needed."""

from __future__ import annotations

import ctypes
import os
from functools import cache
from typing import Any

_ARENA_MAX = -8
"""M_ARENA_MAX of malloc.h."""


def be_sparing() -> None:
    """Set how a program that is ours alone holds memory; to be called before DuckDB is imported and threads start.

    DuckDB's allocator (jemalloc) keeps what it frees until it is next asked, which may be never: here a thread of its
    own gives it back within a fifth of a second (at once would cost twice the page faults).
    glibc has a heap for each thread, and what one of them lets go of no other uses: here there is one heap.
    """
    os.environ.setdefault("DUCKDB_JE_MALLOC_CONF", "background_thread:true,dirty_decay_ms:200,muzzy_decay_ms:0")
    library = _glibc()
    if library is not None and "MALLOC_ARENA_MAX" not in os.environ:
        library.mallopt(_ARENA_MAX, 1)


def give_back() -> None:
    """Give the system what glibc keeps of memory that was freed: where a stage ends that held much. Takes milliseconds.

    Nothing happens where C's library is another.
    """
    library = _glibc()
    if library is not None:
        library.malloc_trim(0)


@cache
def _glibc() -> Any:  # noqa: ANN401
    try:
        library = ctypes.CDLL(None)
    except (OSError, TypeError):  # TypeError on Windows
        return None
    return library if hasattr(library, "gnu_get_libc_version") else None
