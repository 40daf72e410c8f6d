"""A file that is there in part: as long as the whole, with what has come written down, so that a kill loses little."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeAlias

from ..errors import FetchError
from .connection import SERVER, Connection, RemoteFile
from .patience import Attempts, Patience, TransientError

Range: TypeAlias = tuple[int, int]
"""From a byte to before another."""

_GAP = 2**18
"""Bytes between two wanted ranges that are read along, since a request of its own would cost more."""


class PartialFile:
    """Bytes of a remote file at their places in `path`; `path`.journal says which, and of which file.

    A journal of another file, or of another state of it, is begun anew. What was written is only noted afterwards, so
    that the journal never names what is not there.
    """

    def __init__(self, remote: RemoteFile, path: Path) -> None:
        """Open what an earlier fetch left, or begin."""
        self.path = path
        self.remote = remote
        self._journal = path.with_name(f"{path.name}.journal")
        self._head = json.dumps({"file": str(remote.address), "etag": remote.etag, "size": remote.size})
        self._have = self._opened()

    @property
    def n_bytes(self) -> int:
        """How much of it is there."""
        return sum(end - start for start, end in self._have)

    def missing(self, wanted: Iterable[Range]) -> list[Range]:
        """Return the parts of ranges that are not there, joined over small gaps, in order."""
        gaps = [gap for span in merged(wanted, _GAP) for gap in _without(span, self._have)]
        return [(start, end) for start, end in gaps if end > start]

    def add(self, position: int, content: bytes) -> None:
        """Write bytes at their place and note them."""
        with self.path.open("r+b") as file:
            file.seek(position)
            file.write(content)
        end = position + len(content)
        with self._journal.open("a", encoding="ascii") as journal:
            journal.write(f"{position} {end}\n")
        self._have = merged([*self._have, (position, end)])

    def read(self, start: int, end: int) -> bytes:
        """Return bytes that are there."""
        with self.path.open("rb") as file:
            file.seek(start)
            return file.read(end - start)

    def forget(self) -> None:
        """Remove it and its journal."""
        self.path.unlink(missing_ok=True)
        self._journal.unlink(missing_ok=True)

    def _opened(self) -> list[Range]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            head, *noted = self._journal.read_text(encoding="ascii").splitlines()
            known = head == self._head and self.path.stat().st_size == self.remote.size
        except (OSError, ValueError):
            known, noted = False, []
        if known:
            return merged(_ranges(noted))
        self._journal.unlink(missing_ok=True)
        with self.path.open("wb") as file:
            file.truncate(self.remote.size)
        self._journal.write_text(f"{self._head}\n", encoding="ascii")
        return []


def download(
    connection: Connection, partial: PartialFile, wanted: Iterable[Range], patience: Patience, subject: str
) -> None:
    """Bring ranges of a remote file here; a cut connection goes on where it was.

    Raises FetchError where the Hub does not give them, and where they cannot be written.
    """
    attempts = Attempts(patience, subject, SERVER)
    gaps = partial.missing(wanted)
    total = partial.n_bytes + sum(end - start for start, end in gaps)
    while gaps:
        try:
            for position, content in connection.read(partial.remote, *gaps[0]):
                _write(partial, position, content, subject)
                attempts.succeeded()
                patience.watch.moved(partial.remote.address.path, partial.n_bytes, total, "bytes")
        except TransientError as error:
            attempts.wait(error)
        gaps = partial.missing(gaps)


def _write(partial: PartialFile, position: int, content: bytes, subject: str) -> None:
    if position + len(content) > partial.remote.size:
        raise FetchError(f"{subject}: the Hub sends more than the {partial.remote.size:,} bytes that it announced")
    partial.add(position, content)


def merged(ranges: Iterable[Range], gap: int = 0) -> list[Range]:
    """Return ranges in order, those that touch, or are at most `gap` apart, as one.

    >>> merged([(5, 9), (0, 3), (3, 4), (20, 30)], gap=1)
    [(0, 9), (20, 30)]
    """
    result: list[Range] = []
    for start, end in sorted(ranges):
        if result and start <= result[-1][1] + gap:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


def _without(span: Range, have: Iterable[Range]) -> Iterator[Range]:
    """Yield what a range has beyond others that are in order and apart."""
    position, last = span
    for start, end in have:
        if end <= position or start >= last:
            continue
        yield position, start
        position = end
    yield position, last


def _ranges(lines: Iterable[str]) -> Iterator[Range]:
    """Yield the ranges of a journal; a line that a kill cut short counts for nothing."""
    for line in lines:
        start, _, end = line.partition(" ")
        if start.isdecimal() and end.isdecimal():
            yield int(start), int(end)
