"""Read regular files only, so that the program never waits for a pipe or a device."""

from __future__ import annotations

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
_OF_THE_SYSTEM = ("proc", "sys", "dev")
"""System folders whose files are generated at each reading and may block."""


class NotAFileError(OSError):
    """The path is a pipe, a device or a file that the system generates. `strerror` names the kind."""

    def __init__(self, kind: str) -> None:
        """Take the kind of file."""
        super().__init__(None, f"it is {kind}; only files are read")


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
    """Open a regular file for reading bytes. Raises NotAFileError for other kinds, without waiting.

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
        raise NotAFileError(kind)
    return os.fdopen(handle, "rb")


def read_regular(path: Path) -> bytes:
    """Return the bytes of a regular file. Raises OSError if it cannot be read, including NotAFileError."""
    with open_regular(path) as file:
        return file.read()


def _is_of_the_system(path: Path) -> bool:
    parts = Path(os.path.realpath(path)).parts
    return os.name == "posix" and len(parts) > 2 and parts[1] in _OF_THE_SYSTEM and parts[:3] != ("/", "dev", "shm")
