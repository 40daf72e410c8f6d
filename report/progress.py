"""Progress: named stages of long work for optional watchers. Freed memory is returned at the end of a stage.

A stage costs a millisecond if nobody watches. Watchers belong to the context (thread) that set them. A build uses only
the memory that it needs at the time.
"""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol

STAGES = (
    "what was built before",
    "loading the program",
    "config",
    "counting",
    "authored text",
    "figures: specifications",
    "statements and words",
    "data files",
    "figures: drawing",
    "document",
    "pages",
    "figures: files",
    "publishing",
)
"""The stages of a build of one report, in order of their start."""


class Watcher(Protocol):
    """An observer of stages. Stages nest: each ends before its enclosing stage."""

    def began(self, name: str) -> None:
        """Note the start of a stage."""
        ...

    def told(self, detail: str) -> None:
        """Note the progress of the innermost open stage."""
        ...

    def ended(self, seconds: float) -> None:
        """Note the end of the innermost open stage and its duration."""
        ...


@dataclass
class Timings:
    """The duration of each stage: (depth, name, seconds), in order of their start."""

    stages: list[tuple[int, str, float]] = field(default_factory=list)
    _open: list[int] = field(default_factory=list, repr=False)

    def began(self, name: str) -> None:
        """Open a stage."""
        self._open.append(len(self.stages))
        self.stages.append((len(self._open) - 1, name, 0.0))

    def told(self, detail: str) -> None:
        """Ignore the detail."""

    def ended(self, seconds: float) -> None:
        """Close the innermost open stage."""
        place = self._open.pop()
        depth, name, _ = self.stages[place]
        self.stages[place] = (depth, name, seconds)


_watchers: ContextVar[tuple[Watcher, ...]] = ContextVar("watchers", default=())


@contextmanager
def watched(*watchers: Watcher) -> Iterator[None]:
    """Notify watchers of the stages within the block."""
    token = _watchers.set((*_watchers.get(), *watchers))
    try:
        yield
    finally:
        _watchers.reset(token)


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Report a stage for the time of the block, and return freed memory to the system at its end."""
    watchers = _watchers.get()
    for watcher in watchers:
        watcher.began(name)
    start = time.perf_counter()
    try:
        yield
        give_back()
    finally:
        seconds = time.perf_counter() - start
        for watcher in watchers:
            watcher.ended(seconds)


def tell(detail: str) -> None:
    """Report the progress of the current stage, such as the file read, its size, or how many of how many are done."""
    for watcher in _watchers.get():
        watcher.told(detail)


READERS_OF_PLANS: list[Callable[[str], None]] = []
"""Functions that are called with the query plans of engines."""


def tell_plan(plan: Callable[[], str]) -> None:
    """Report the query plan of an engine. The text is made only if somebody reads it."""
    for read in READERS_OF_PLANS:
        read(plan())


_ARENA_MAX = -8
"""M_ARENA_MAX of malloc.h."""


def be_sparing() -> None:
    """Reduce the memory use of our own process. Call this before DuckDB is imported and threads start.

    DuckDB's allocator (jemalloc) keeps freed memory until its next use, which may never come. With this setting, a
    background thread returns it within a fifth of a second (an immediate return would cost twice the page faults).
    glibc has a heap for each thread, and memory freed in one heap is not used by another. With this setting, there is
    one heap.
    """
    os.environ.setdefault("DUCKDB_JE_MALLOC_CONF", "background_thread:true,dirty_decay_ms:200,muzzy_decay_ms:0")
    library = _glibc()
    if library is not None and "MALLOC_ARENA_MAX" not in os.environ:
        library.mallopt(_ARENA_MAX, 1)


def give_back() -> None:
    """Give freed memory that glibc keeps back to the system. Called at the end of stages. Takes milliseconds.

    With another C library, this does nothing.
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
