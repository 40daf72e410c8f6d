"""What an engine keeps, and lets go of where its scope ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from .engine import Frame

T = TypeVar("T")


class Kept(Generic[T]):
    """The tables that frames read, by scope; `drop` lets go of one."""

    def __init__(self, drop: Callable[[T], object]) -> None:
        """Begin with none, in a scope without end."""
        self._drop = drop
        self._scopes: list[list[tuple[object, T]]] = [[]]

    def add(self, frame: Frame, table: T) -> Frame:
        """Take a table into the innermost scope and return the frame that reads it."""
        self._scopes[-1].append((frame.to_native(), table))
        return frame

    def forget(self, frame: Frame) -> None:
        """Let go of the table that a frame reads; of no other, and of none that is gone."""
        native = frame.to_native()
        for tables in self._scopes:
            for place, (reader, table) in enumerate(tables):
                if reader is native:
                    del tables[place]
                    self._drop(table)
                    return

    @contextmanager
    def scope(self) -> Iterator[None]:
        """Let go at the end of all that was taken in since."""
        self._scopes.append([])
        try:
            yield
        finally:
            for _, table in self._scopes.pop():
                self._drop(table)
