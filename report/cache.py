"""The folder in which builds keep counts for later builds. It is never needed, and nothing in it is run.

The name of an entry is the SHA-256 of everything that determines its content. An entry begins with the SHA-256 of its
body; a damaged or foreign file counts as absent and is written again. Entries are written under a temporary name and
then renamed, so that any number of builds can share a folder. Nothing is read or written in a folder that somebody else
could have filled: it must be a folder of this user that nobody else can write to, and no link.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from .errors import Note

FOLDER_VARIABLE = "DIPTYCH_CACHE"
"""The environment variable that names the cache folder. If it is empty, nothing is kept."""

LIMIT = 512 * 2**20
"""The maximum size of all entries in bytes. The least recently used entries are removed first."""

_HEAD = b"diptych-cache-2\n"
_DIGEST = 32
_ABANDONED_SECONDS = 3600
_TEMPORARY = ".part"
_ENTRY = ".kept"


@dataclass(frozen=True)
class Cache:
    """Entries in a folder, which need not exist yet. With None, nothing is found or kept.

    `salt` identifies the program in every key. `limit` is the size of all entries in bytes.
    """

    folder: Path | None = None
    salt: str = ""
    limit: int = LIMIT

    @cached_property
    def fault(self) -> str | None:
        """Why the folder is not used, or None."""
        return None if self.folder is None else _fault(self.folder)

    @property
    def is_on(self) -> bool:
        """Whether anything is kept."""
        return self.folder is not None and self.fault is None

    @property
    def notes(self) -> tuple[Note, ...]:
        """A note for the user if the folder is not used."""
        if self.fault is None:
            return ()
        advice = f"nothing is kept; give another folder in {FOLDER_VARIABLE}, or chmod 700"
        return (Note("cache", "cache", f"cache: {self.folder} {self.fault}: {advice}"),)

    def key(self, *parts: str | bytes | float | None) -> str:
        """Return the key for these parts in this program. Different lists of parts have different keys."""
        return key_of(self.salt, *parts)

    def get(self, key: str) -> bytes | None:
        """Return the bytes kept under a key, or None if there is no intact entry."""
        if self.folder is None or not self.is_on:
            return None
        path = self.folder / f"{key}{_ENTRY}"
        try:
            if path.is_symlink() or path.stat().st_size > self.limit:
                return None
            content = path.read_bytes()
        except OSError:
            return None
        start = len(_HEAD) + _DIGEST
        body = content[start:]
        if content[:start] != _HEAD + hashlib.sha256(body).digest():
            return None
        with suppress(OSError):
            os.utime(path)
        return body

    def put(self, key: str, body: bytes) -> None:
        """Keep bytes under a key, and remove old entries over the limit. If they cannot be written, do nothing."""
        if self.folder is None or not self.is_on or len(body) > self.limit:
            return
        part = None
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, part = tempfile.mkstemp(suffix=_TEMPORARY, dir=self.folder)
            with os.fdopen(handle, "wb") as file:
                file.write(_HEAD + hashlib.sha256(body).digest() + body)
            os.replace(part, self.folder / f"{key}{_ENTRY}")  # noqa: PTH105 - both are names of the same folder
        except OSError:
            if part is not None:
                _remove(Path(part))
        self._prune(self.folder)

    def _prune(self, folder: Path) -> None:
        """Remove the least recently used entries over the limit, and files left by interrupted builds."""
        entries = sorted(_entries(folder))
        total = sum(size for _, size, _ in entries)
        for _, size, path in entries:
            if total <= self.limit:
                break
            _remove(path)
            total -= size


NO_CACHE = Cache()


def _fault(folder: Path) -> str | None:
    """Return why entries of a folder cannot be trusted, or None. A folder that does not exist can be made."""
    try:
        found = folder.lstat()
    except OSError:
        return None
    if not stat.S_ISDIR(found.st_mode):
        return "is a link" if stat.S_ISLNK(found.st_mode) else "is no folder"
    if hasattr(os, "getuid"):
        if found.st_uid != os.getuid():
            return "belongs to another user"
        if found.st_mode & 0o022:
            return "can be written by other users"
    return None


def _entries(folder: Path) -> Iterator[tuple[float, int, Path]]:
    """Yield the time of last use, the size and the path of each entry."""
    with suppress(OSError):
        for path in folder.iterdir():
            with suppress(OSError):
                found = path.lstat()
                if path.suffix == _ENTRY:
                    yield found.st_mtime, found.st_size, path
                elif path.suffix == _TEMPORARY and time.time() - found.st_mtime > _ABANDONED_SECONDS:
                    _remove(path)


def usual_folder() -> Path | None:
    """Return the usual folder of our cache on this system, or None if caching is switched off."""
    named = os.environ.get(FOLDER_VARIABLE)
    if named is not None:
        return Path(named) if named else None
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA")
        return Path(base) / "diptych" / "cache" if base else None
    if sys.platform == "darwin":
        return _home("Library", "Caches", "diptych")
    base = os.environ.get("XDG_CACHE_HOME")
    return Path(base) / "diptych" if base and Path(base).is_absolute() else _home(".cache", "diptych")


def key_of(*parts: str | bytes | float | None) -> str:
    """Return the key for these parts. Different lists of parts have different keys.

    >>> key_of("svg", "ab", "c") == key_of("svg", "a", "bc")
    False
    """
    digest = hashlib.sha256()
    for part in parts:
        content = part if isinstance(part, bytes) else repr(part).encode()
        digest.update(f"{type(part).__name__}:{len(content)}:".encode() + content)
    return digest.hexdigest()


def _home(*parts: str) -> Path | None:
    try:
        return Path.home().joinpath(*parts)
    except RuntimeError:  # no home folder
        return None


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink()
