"""What is under way: stages that long work names, for whoever watches; nobody has to. What a stage let go of goes back.

A stage costs a millisecond where nobody watches. Watchers belong to the context (thread) that set them. A build holds
the memory that it needs, not what it once needed.
"""

from __future__ import annotations

import ctypes
import logging
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
    "findings and words",
    "snapshot",
    "data files",
    "figures: drawing",
    "document",
    "pages",
    "figures: files",
    "publishing",
)
"""The stages of a build of one report, in the order in which they begin."""


class Watcher(Protocol):
    """Is told of stages. They nest: one ends before the one that it began in."""

    def began(self, name: str) -> None:
        """Note that a stage began."""
        ...

    def told(self, detail: str) -> None:
        """Note how far the last stage that began has come."""
        ...

    def ended(self, seconds: float) -> None:
        """Note that the last stage that began has ended, after so long."""
        ...


@dataclass
class Timings:
    """Keeps how long each stage took: (depth, name, seconds), in the order in which they began."""

    stages: list[tuple[int, str, float]] = field(default_factory=list)
    _open: list[int] = field(default_factory=list, repr=False)

    def began(self, name: str) -> None:
        """Open a stage."""
        self._open.append(len(self.stages))
        self.stages.append((len(self._open) - 1, name, 0.0))

    def told(self, detail: str) -> None:
        """Keep nothing of it."""

    def ended(self, seconds: float) -> None:
        """Close the last that is open."""
        place = self._open.pop()
        depth, name, _ = self.stages[place]
        self.stages[place] = (depth, name, seconds)


_watchers: ContextVar[tuple[Watcher, ...]] = ContextVar("watchers", default=())


@contextmanager
def watched(*watchers: Watcher) -> Iterator[None]:
    """Let watchers hear of the stages within."""
    token = _watchers.set((*_watchers.get(), *watchers))
    try:
        yield
    finally:
        _watchers.reset(token)


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Say what is under way within; what it held and let go of goes back to the system at its end."""
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
    """Say how far the stage that is under way has come: what is read, how much of it, how many of how many."""
    for watcher in _watchers.get():
        watcher.told(detail)


LOGGER = "diptych.plans"


def log_plan(plan: Callable[[], str]) -> None:
    """Log what an engine is about to compute; the text is made only where somebody reads it."""
    logger = logging.getLogger(LOGGER)
    if logger.isEnabledFor(logging.DEBUG):
        logger.debug("%s", plan())


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
