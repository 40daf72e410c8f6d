"""One writer of a folder at a time: a lock that the system gives up when its holder dies."""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import PublishError

if sys.platform == "win32":
    import msvcrt

    def _try_lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _try_lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


_HELD_ELSEWHERE = {errno.EACCES, errno.EAGAIN, errno.EWOULDBLOCK, errno.EDEADLK}
_PAUSE_SECONDS = 0.02


@contextmanager
def hold(path: Path, wait_seconds: float) -> Iterator[bool]:
    """Hold the lock file `path` for a block, waiting while another process does.

    Gives True where it is held, False where the file system knows no locks: then nobody can tell whether
    another writer lives. The file is gone afterwards. Raises PublishError after `wait_seconds`, OSError
    where the file cannot be made.
    """
    deadline = time.monotonic() + wait_seconds
    while (handle := _take(path)) is None:
        if time.monotonic() > deadline:
            raise PublishError(
                f"{path}: another build has held this lock for {wait_seconds:g} seconds; "
                "wait for it to end, or stop it, and build again"
            )
        time.sleep(_PAUSE_SECONDS)
    number, is_held = handle
    try:
        yield is_held
    finally:
        if sys.platform != "win32":
            path.unlink(missing_ok=True)  # while it is held: who waits for it looks whether it still has its name
        os.close(number)
        if sys.platform == "win32":
            with suppress(OSError):  # an open file cannot be removed there: the next holder has it
                path.unlink(missing_ok=True)


def _take(path: Path) -> tuple[int, bool] | None:
    """Return the open lock file and whether its lock is held; None: try again."""
    number = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
    try:
        _try_lock(number)
    except OSError as error:
        if error.errno not in _HELD_ELSEWHERE:
            return number, False
        os.close(number)
        return None
    if _is_named(number, path):
        return number, True
    os.close(number)
    return None


def _is_named(number: int, path: Path) -> bool:
    """Say whether the open file is still the one of that name: its last holder may have removed it."""
    try:
        return os.path.samestat(os.fstat(number), path.stat())
    except FileNotFoundError:
        return False
