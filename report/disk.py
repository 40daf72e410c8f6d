"""Lock files, temporary folders that do not outlive a process, and reading of regular files only.

The system releases a lock file when its process ends, and leftover temporary folders are soon removed. Pipes and
devices are refused, so that the program never waits for one.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import stat
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from types import TracebackType

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
_OF_THE_SYSTEM = ("proc", "sys", "dev")
"""System folders whose files are generated at each reading and may block."""


def kind_of_file(path: Path) -> str | None:
    """Return the kind of a path that cannot be read as a file ("a pipe"), or None for a file.

    Raises OSError if nothing is there or it cannot be examined.
    """
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        return _KINDS.get(stat.S_IFMT(mode), "no file")
    return "a file of the system" if _is_of_the_system(path) else None


NOT_UTF_8 = "its name is not UTF-8; rename it"
"""The fault of a path that `is_text` refuses."""


def is_text(path: Path) -> bool:
    """Return whether a path can be written as text: on Linux, names are bytes, which need not be UTF-8."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def is_regular(path: Path) -> bool:
    """Return whether a path is a file that can be read."""
    try:
        return kind_of_file(path) is None
    except (OSError, ValueError):
        return False


def open_regular(path: Path) -> BufferedReader:
    """Open a regular file for reading bytes. Raises OSError for other kinds, without waiting.

    A folder raises IsADirectoryError with the system's own message.
    """
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    mode = os.fstat(handle).st_mode
    if stat.S_ISDIR(mode):
        os.close(handle)
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    kind = "a file of the system" if _is_of_the_system(path) else None
    if not stat.S_ISREG(mode):
        kind = _KINDS.get(stat.S_IFMT(mode), "no file")
    if kind is not None:
        os.close(handle)
        raise OSError(None, f"it is {kind}; only files are read")
    return os.fdopen(handle, "rb")


def read_regular(path: Path) -> bytes:
    """Return the bytes of a regular file. Raises OSError if it cannot be read."""
    with open_regular(path) as file:
        return file.read()


def _is_of_the_system(path: Path) -> bool:
    parts = Path(os.path.realpath(path)).parts
    return os.name == "posix" and len(parts) > 2 and parts[1] in _OF_THE_SYSTEM and parts[:3] != ("/", "dev", "shm")


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
