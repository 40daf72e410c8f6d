"""Caches of earlier results, keyed by their inputs, and temporary folders.

A cache is never trusted and never needed. The name of an entry is its key, the SHA-256 of everything that determines
its content. The entry begins with the SHA-256 of its body. A damaged entry counts as absent and is removed. Entries are
written under a temporary name and then renamed, so that any number of builds can share a folder. If the folder cannot
be written, nothing is kept.

The system releases a lock file when its process ends, and leftover temporary folders are soon removed.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import pickle
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TypeVar, cast

FOLDER_VARIABLE = "DIPTYCH_CACHE"
"""The environment variable that names the cache folder. If it is empty, nothing is kept."""

LIMIT = 512 * 2**20
"""The maximum size of a cache in bytes. The least recently used entries are removed first."""

_HEAD = b"diptych-cache-1\n"
_DIGEST = 32
_ABANDONED_SECONDS = 3600
_TEMPORARY = ".part"


Made = TypeVar("Made")


class Memory:
    """Results of recent builds that a long-running program keeps in memory, by cache key."""

    def __init__(self, most: int = 0) -> None:
        """Keep the `most` most recently used results. With 0, every result is computed on each request."""
        self._most = most
        self._kept: dict[str, object] = {}

    @property
    def is_on(self) -> bool:
        """Whether anything is kept."""
        return self._most > 0

    def forget(self) -> None:
        """Remove everything."""
        self._kept.clear()

    def made(self, key: str | None, make: Callable[[], Made]) -> Made:
        """Return the result kept under a key, or make it and keep it. Without a key, make it and keep nothing."""
        if key is None or not self._most:
            return make()
        found = self._kept.pop(key, None)
        made = make() if found is None else cast("Made", found)
        self._kept[key] = made
        for old in list(self._kept)[: -self._most]:
            del self._kept[old]
        return made


class Cache:
    """Entries in a folder. With None, nothing is found or kept. `memory` also keeps results as Python objects."""

    def __init__(self, folder: Path | None, salt: str = "", limit: int = LIMIT, memory: Memory | None = None) -> None:
        """Take a folder, which need not exist yet, and `salt`, which identifies the program in every key."""
        self._folder = folder
        self._salt = salt
        self._limit = limit
        self.memory = memory or Memory()

    @property
    def is_on(self) -> bool:
        """Whether the folder keeps anything."""
        return self._folder is not None

    def with_memory(self, memory: Memory) -> Cache:
        """Return this cache with a memory."""
        return Cache(self._folder, self._salt, self._limit, memory)

    @property
    def is_kept(self) -> bool:
        """Whether the folder or the memory keeps anything, so that computing keys is worthwhile."""
        return self.is_on or self.memory.is_on

    @property
    def is_empty(self) -> bool:
        """Whether there are no entries."""
        return next(self._entries(), None) is None

    def key(self, *parts: str | bytes | float | None) -> str:
        """Return the key for these parts in this program. Different lists of parts have different keys."""
        return key_of(self._salt, *parts)

    def get(self, key: str) -> bytes | None:
        """Return the bytes kept under a key, or None if there is no intact entry."""
        if self._folder is None:
            return None
        path = self._path(key)
        try:
            content = path.read_bytes()
        except OSError:
            return None
        start = len(_HEAD) + _DIGEST
        body = content[start:]
        if content[:start] != _HEAD + hashlib.sha256(body).digest():
            _remove(path)
            return None
        with suppress(OSError):
            os.utime(path)
        return body

    def put(self, key: str, body: bytes) -> None:
        """Keep bytes under a key. If they cannot be written, do nothing."""
        if self._folder is None or len(body) > self._limit:
            return
        path = self._path(key)
        part = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, part = tempfile.mkstemp(suffix=_TEMPORARY, dir=path.parent)
            with os.fdopen(handle, "wb") as file:
                file.write(_HEAD + hashlib.sha256(body).digest() + body)
            os.replace(part, path)  # noqa: PTH105 - both are names of the same folder
        except OSError:
            if part is not None:
                _remove(Path(part))

    def made(self, key: str, make: Callable[[], bytes]) -> bytes:
        """Return the bytes kept under a key, or make and keep them."""
        found = self.get(key)
        if found is None:
            found = make()
            self.put(key, found)
        return found

    def object(self, key: str | None, make: Callable[[], Made], sort: type[Made]) -> Made:
        """Return the object kept under a key, or make it and keep it. `sort` is its required type.

        An entry contains pickled Python objects, so a cache is trusted as much as the compiled modules of the program.
        Without a key, nothing is kept.
        """
        return self.memory.made(key, lambda: self._object(key, make, sort))

    def _object(self, key: str | None, make: Callable[[], Made], sort: type[Made]) -> Made:
        kept = None if key is None else self.get(key)
        if kept is not None:
            found = pickle.load(io.BytesIO(kept))  # noqa: S301 - our own file, verified by its hash
            if isinstance(found, sort):
                return found
        made = make()
        if key is not None and self.is_on:
            self.put(key, pickle.dumps(made, protocol=5))
        return made

    def prune(self) -> None:
        """Remove the least recently used entries over the limit, and files left by interrupted builds."""
        entries = sorted(self._entries())
        total = sum(size for _, size, _ in entries)
        for _, size, path in entries:
            if total <= self._limit:
                break
            _remove(path)
            total -= size

    def _entries(self) -> Iterator[tuple[float, int, Path]]:
        """Yield the time of last use, the size and the path of each entry."""
        if self._folder is None:
            return
        for path in self._folder.glob("??/*"):
            try:
                found = path.stat()
            except OSError:
                continue
            if path.suffix != _TEMPORARY:
                yield found.st_mtime, found.st_size, path
            elif time.time() - found.st_mtime > _ABANDONED_SECONDS:
                _remove(path)

    def _path(self, key: str) -> Path:
        assert self._folder is not None  # noqa: S101 - callers check this
        return self._folder / key[:2] / key


NO_CACHE = Cache(None)


@dataclass(frozen=True)
class CachedResults:
    """A cache and a base key for all results made within it. If the key is None, nothing is kept."""

    cache: Cache = NO_CACHE
    key: str | None = None

    def made(self, what: str, make: Callable[[], Made]) -> Made:
        """Return the result in memory, or make it. `what` names everything else that determines the result."""
        return self.cache.memory.made(self._key(what), make)

    def lasting(self, what: str, make: Callable[[], Made], sort: type[Made]) -> Made:
        """Return the result from memory or the folder, or make it, as `Cache.object` does."""
        return self.cache.object(self._key(what), make, sort)

    def _key(self, what: str) -> str | None:
        return None if self.key is None else key_of(self.key, what)


NOTHING_KEPT = CachedResults()


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


if sys.platform == "win32":
    import msvcrt

    def _try_lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _try_lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


_HELD_ELSEWHERE = {errno.EACCES, errno.EAGAIN, errno.EWOULDBLOCK, errno.EDEADLK}


@dataclass(frozen=True, slots=True)
class Lock:
    """An open lock file. `is_held` is False if the file system has no locks, so other holders are unknown."""

    path: Path
    handle: int
    is_held: bool

    def release(self) -> None:
        """Remove the file and release the lock."""
        if sys.platform != "win32":
            self.path.unlink(missing_ok=True)  # while locked: a waiting process checks that the file still has its name
        os.close(self.handle)
        if sys.platform == "win32":
            with suppress(OSError):  # on Windows this fails if the next holder has the file open
                self.path.unlink(missing_ok=True)


def take_lock(path: Path, *, make: bool = True) -> Lock | None:
    """Return the lock on the file `path`, or None if another process has it or has just released it.

    The file is created if `make` is true. Raises OSError if it cannot be created or opened. Symbolic links are not
    followed.
    """
    flags = os.O_RDWR | (os.O_CREAT if make else 0) | getattr(os, "O_NOFOLLOW", 0)
    handle = os.open(path, flags, 0o666)
    try:
        _try_lock(handle)
    except OSError as error:
        if error.errno not in _HELD_ELSEWHERE:
            return Lock(path, handle, is_held=False)
        os.close(handle)
        return None
    if _is_named(handle, path):
        return Lock(path, handle, is_held=True)
    os.close(handle)
    return None


def _is_named(handle: int, path: Path) -> bool:
    """Return whether the path still names the open file. Its last holder may have removed it."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


_PREFIX = "diptych-"
_LOCK = ".lock"


class TemporaryFolder:
    """A temporary folder. It is removed when the block ends or `remove` is called.

    A lock file of the same name is next to it and is locked while this process lives. Before a folder is made, folders
    of this user whose lock is free are removed from the same place.
    """

    def __init__(self, parent: str | Path | None = None) -> None:
        """Make the folder in `parent`, or in the system's temporary folder if it is None. Raises OSError on failure."""
        place = Path(tempfile.gettempdir() if parent is None else parent)
        _sweep(place)
        lock = None
        while lock is None:  # try a new name if another process has taken this one for a leftover
            path = place / f"{_PREFIX}{secrets.token_hex(8)}"
            lock = take_lock(path.with_name(path.name + _LOCK))
        self._lock, self._is_there = lock, True
        try:
            path.mkdir(mode=0o700)
        except BaseException:
            lock.release()
            raise
        self.path = path

    def __enter__(self) -> Path:
        return self.path

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()

    def remove(self) -> None:
        """Remove the folder as far as possible. Repeated calls do nothing."""
        if self._is_there:
            self._is_there = False
            shutil.rmtree(self.path, ignore_errors=True)
            self._lock.release()


def _sweep(place: Path) -> None:
    """Remove the folders of this user in `place` whose process has ended. Errors never stop a build."""
    with suppress(OSError):
        for file in sorted(place.glob(f"{_PREFIX}*{_LOCK}")):
            with suppress(OSError):
                _sweep_one(file)


def _sweep_one(file: Path) -> None:
    if hasattr(os, "getuid") and file.lstat().st_uid != os.getuid():
        return
    lock = take_lock(file, make=False)
    if lock is None:
        return
    if lock.is_held:
        shutil.rmtree(file.with_name(file.name.removesuffix(_LOCK)), ignore_errors=True)
        lock.release()
    else:
        os.close(lock.handle)
