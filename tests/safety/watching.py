"""What this process touches: files that Python opens or lists, and hosts that it asks, seen by an audit hook.

DuckDB opens files by itself, unseen. `engines` counts the engines that were opened, since none reads without one.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

from diptych.sources import duckdb

_FILES = frozenset({"open", "os.listdir", "os.scandir", "os.mkdir", "os.remove", "os.rename", "sqlite3.connect"})


@dataclass
class Touched:
    """Paths with links resolved, and addresses of connections, in the order touched."""

    paths: list[str] = field(default_factory=list)
    connections: list[tuple[str, int]] = field(default_factory=list)
    engines: int = 0

    def below(self, folder: Path) -> list[str]:
        top = os.path.realpath(folder)
        return [path for path in self.paths if path == top or path.startswith(top + os.sep)]


_watching: list[Touched] = []
_busy: list[bool] = []


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if not _watching or _busy:
        return
    _busy.append(True)
    try:
        if event in _FILES and arguments and isinstance(arguments[0], str | bytes | Path):
            name = os.fsdecode(arguments[0]).removeprefix("file:").partition("?")[0]
            _watching[-1].paths.append(os.path.realpath(name))
        elif event == "socket.connect" and isinstance(arguments[1], tuple):
            _watching[-1].connections.append(arguments[1][:2])
    finally:
        _busy.pop()


sys.addaudithook(_hook)


@contextmanager
def watched() -> Iterator[Touched]:
    """Give what is touched within."""
    touched = Touched()
    opened = duckdb.DuckDBEngine.__init__

    def counted(self, settings):
        touched.engines += 1
        opened(self, settings)

    _watching.append(touched)
    with mock.patch.object(duckdb.DuckDBEngine, "__init__", counted):
        try:
            yield touched
        finally:
            _watching.pop()
