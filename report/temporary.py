"""Lock files that the system gives up when their holder dies, and temporary folders that outlive no build for long."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

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
    """An open lock file. `is_held` is False where the file system knows no locks: nobody can tell who lives."""

    path: Path
    handle: int
    is_held: bool

    def release(self) -> None:
        """Remove the file and let go of it."""
        if sys.platform != "win32":
            self.path.unlink(missing_ok=True)  # while it is held: who waits for it looks whether it still has its name
        os.close(self.handle)
        if sys.platform == "win32":
            with suppress(OSError):  # an open file cannot be removed there: the next holder has it
                self.path.unlink(missing_ok=True)


def take(path: Path, *, make: bool = True) -> Lock | None:
    """Return the lock file `path`, made where `make` allows it; None where another holds it, or has just let go of it.

    Raises OSError where the file cannot be made or opened; a link is not followed.
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
    """Say whether the open file is still the one of that name: its last holder may have removed it."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


_PREFIX = "diptych-"
_LOCK = ".lock"


class TemporaryFolder:
    """A folder that is gone when the block ends, or `remove` is called.

    Beside it stands a lock file of the same name, held while this process lives. Making a folder first removes those
    of this user beside it whose lock nobody holds any more.
    """

    def __init__(self, parent: str | Path | None = None) -> None:
        """Make it in `parent`, None: where the system has such folders. Raises OSError where that cannot be."""
        place = Path(tempfile.gettempdir() if parent is None else parent)
        _sweep(place)
        lock = None
        while lock is None:  # a name that another start takes for one left behind is given up for a new one
            path = place / f"{_PREFIX}{secrets.token_hex(8)}"
            lock = take(path.with_name(path.name + _LOCK))
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
        """Remove the folder as far as that goes; harmless when repeated."""
        if self._is_there:
            self._is_there = False
            shutil.rmtree(self.path, ignore_errors=True)
            self._lock.release()


def _sweep(place: Path) -> None:
    """Remove the folders of this user in `place` whose process has ended; nothing here may stop a build."""
    with suppress(OSError):
        for file in sorted(place.glob(f"{_PREFIX}*{_LOCK}")):
            with suppress(OSError):
                _sweep_one(file)


def _sweep_one(file: Path) -> None:
    if hasattr(os, "getuid") and file.lstat().st_uid != os.getuid():
        return
    lock = take(file, make=False)
    if lock is None:
        return
    if lock.is_held:
        shutil.rmtree(file.with_name(file.name.removesuffix(_LOCK)), ignore_errors=True)
        lock.release()
    else:
        os.close(lock.handle)
