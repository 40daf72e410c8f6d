"""One writer of a folder at a time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import PublishError
from ..locks import take

_PAUSE_SECONDS = 0.02


@contextmanager
def hold(path: Path, wait_seconds: float) -> Iterator[bool]:
    """Hold the lock file `path` for a block, waiting while another process does.

    Gives True where it is held, False where the file system knows no locks: then nobody can tell whether
    another writer lives. The file is gone afterwards. Raises PublishError after `wait_seconds`, OSError
    where the file cannot be made.
    """
    deadline = time.monotonic() + wait_seconds
    while (lock := take(path)) is None:
        if time.monotonic() > deadline:
            raise PublishError(
                f"{path}: another build has held this lock for {wait_seconds:g} seconds; "
                "wait for it to end, or stop it, and build again"
            )
        time.sleep(_PAUSE_SECONDS)
    try:
        yield lock.is_held
    finally:
        lock.release()
