"""Lock files that the system gives up when their holder dies."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

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
