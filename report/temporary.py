"""Temporary folders that outlive no build for long: what a killed one leaves, the next start removes."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from .locks import take

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
