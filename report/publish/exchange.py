"""The one step that makes a swap whole: two folders trade their names at once, where the system can."""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path

Exchange = Callable[[Path, Path], None]
"""Lets two existing folders of one file system trade names. Raises ExchangeUnavailable, or OSError with its errno."""

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2  # linux/fs.h
_RENAME_SWAP = 2  # macOS sys/stdio.h

_UNAVAILABLE = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOTTY}


class ExchangeUnavailable(Exception):  # noqa: N818 - a fact about the system, not something gone wrong
    """Neither name has changed: the system, or the file system, cannot exchange two."""


def exchange(first: Path, second: Path) -> None:
    """Let two folders trade names, by renameat2 on Linux and renamex_np on macOS; see Exchange."""
    if sys.platform == "win32":
        raise ExchangeUnavailable
    libc = ctypes.CDLL(None, use_errno=True)
    if sys.platform == "linux" and hasattr(libc, "renameat2"):
        renameat2 = libc.renameat2
        renameat2.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint)
        failed = renameat2(_AT_FDCWD, os.fsencode(first), _AT_FDCWD, os.fsencode(second), _RENAME_EXCHANGE)
    elif sys.platform == "darwin" and hasattr(libc, "renamex_np"):
        renamex_np = libc.renamex_np
        renamex_np.argtypes = (ctypes.c_char_p, ctypes.c_char_p, ctypes.c_uint)
        failed = renamex_np(os.fsencode(first), os.fsencode(second), _RENAME_SWAP)
    else:
        raise ExchangeUnavailable
    if failed:
        number = ctypes.get_errno()
        if number in _UNAVAILABLE:
            raise ExchangeUnavailable
        raise OSError(number, os.strerror(number), str(first), None, str(second))
