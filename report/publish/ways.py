"""The methods of publishing, best first: exchange names, set aside and move in, or file by file.

docs/ci.md describes the state after an interruption at each step. The tests interrupt every step.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import re
import secrets
import shutil
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

from ..errors import PublishError
from .manifest import files_below, written_paths

_THREADS = 8  # flushes wait for the disk and run in parallel: 35 files took 20 ms one by one, 5 ms with threads


def fresh(path: Path) -> Path:
    """Return a unique name that begins as `path` does. No two writers get the same name."""
    return path.with_name(f"{path.name}-{secrets.token_hex(8)}")


def write_tree(files: Mapping[str, bytes], folder: Path) -> None:
    """Make `folder`, write the files into it and flush them. After an error, the folder is removed.

    Modes are 0666 and 0777 reduced by the umask (usually 0644 and 0755).
    """
    folder.mkdir()
    try:
        made = {folder}
        for path, content in files.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            made.update(parent for parent in file.parents if folder in parent.parents)
            file.write_bytes(content)
        flush([folder / path for path in files])
        for parent in sorted(made):
            flush_folder(parent)
    except BaseException:
        remove(folder)
        raise


def write_file(path: Path, content: bytes) -> None:
    """Write one file atomically."""
    temporary = fresh(path)
    try:
        temporary.write_bytes(content)
        _flush_file(temporary)
        temporary.replace(path)
    except BaseException:
        remove(temporary)
        raise
    flush_folder(path.parent)


def flush(files: Iterable[Path]) -> None:
    """Wait until the bytes of these files are on the disk."""
    with ThreadPoolExecutor(_THREADS) as pool:
        for _ in pool.map(_flush_file, files):
            pass


def flush_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk, if folders can be flushed (not on Windows)."""
    if os.name == "nt":
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some network file systems do not support this
            os.fsync(number)
    finally:
        os.close(number)


def remove(path: Path) -> None:
    """Remove a folder or file of ours as far as possible. The next build removes the rest."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _flush_file(path: Path) -> None:
    with path.open("rb+") as file:  # Windows flushes only files that are open for writing
        os.fsync(file.fileno())


Exchange = Callable[[Path, Path], None]
"""Exchange the names of two existing folders of one file system. Raises OSError with its errno."""

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2  # linux/fs.h
_RENAME_SWAP = 2  # macOS sys/stdio.h

_UNAVAILABLE = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOTTY}
"""Errors of a system or file system that cannot exchange two names. Neither name has changed."""


def exchange(first: Path, second: Path) -> None:
    """Exchange the names of two folders, by renameat2 on Linux and renamex_np on macOS; see Exchange."""
    if sys.platform == "win32":
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
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
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    if failed:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(first), None, str(second))


Way = Literal["created", "exchanged", "set aside", "file by file"]

OWN_PREFIX = ".diptych-"
"""The prefix of publishing's own files inside a folder during file-by-file writing."""


STOPPED = f"{OWN_PREFIX}journal"
"""A file in such a folder during renaming: the paths that an interrupted build may leave there."""


def is_ours(target: Path) -> bool:
    """Return whether a build has written this folder."""
    return written_paths(target) is not None


def visible_files(target: Path) -> frozenset[str]:
    """Return the paths of the files in a folder without publishing's own, or none if there is no folder."""
    if not target.is_dir():
        return frozenset()
    return frozenset(path for path in files_below(target) if not path.startswith(OWN_PREFIX))


_LAST = "index.html"
_UNMOVABLE = {errno.EBUSY, errno.EXDEV}
_LEFTOVER = r"(new|old|journal)-[0-9a-f]{16}"


class Unmovable(Exception):  # noqa: N818 - a fact about the place, not an error
    """The folder can be written but not renamed: a mount point, or a lower layer of an overlay."""


def beside(target: Path, what: str) -> Path:
    """Return the hidden name next to the folder for publishing's own `what` (lock, journal, new, old)."""
    return target.with_name(f".{target.name}{OWN_PREFIX}{what}")


def move_in(new: Path, target: Path, exchange: Exchange) -> Way:
    """Rename the complete folder `new` to `target`, remove the former target, and return the way that was possible.

    Raises Unmovable, with both unchanged, if the target can only be written file by file.
    """
    if not target.exists():
        new.rename(target)
        flush_folder(target.parent)
        return "created"
    with suppress(OSError):  # some file systems have no modes
        shutil.copymode(target, new)
    try:
        exchange(new, target)
    except OSError as error:
        if error.errno in _UNAVAILABLE:
            _set_aside(new, target)
            return "set aside"
        _check_movable(error)
        raise
    flush_folder(target.parent)
    remove(new)
    return "exchanged"


def _set_aside(new: Path, target: Path) -> None:
    """Move the old folder aside and the new one in. Between these steps a journal lets `restore` recover."""
    old, journal = fresh(beside(target, "old")), beside(target, "journal")
    write_file(journal, json.dumps({"old": old.name}).encode())
    try:
        target.rename(old)
    except OSError as error:
        remove(journal)
        _check_movable(error)
        raise
    try:
        new.rename(target)
    except BaseException:
        old.rename(target)
        remove(journal)
        raise
    flush_folder(target.parent)
    remove(journal)
    remove(old)


def _check_movable(error: OSError) -> None:
    """Raise Unmovable if the system's error means this."""
    if error.errno in _UNMOVABLE:
        raise Unmovable from error


def restore(target: Path) -> bool:
    """Put back a site that an interrupted build had set aside, and remove the files of dead writers next to it.

    Call this only with the lock. Returns whether a site was put back. Raises PublishError if somebody else has filled
    the folder meanwhile; both are kept.
    """
    journal = beside(target, "journal")
    old = _set_aside_by(journal, target)
    is_missed = old is not None and not (target.exists() and any(visible_files(target)))
    if old is not None and is_missed:
        remove(target)
        old.rename(target)
        flush_folder(target.parent)
    elif old is not None and not is_ours(target):
        raise PublishError(
            f"{target}: contains files that no build has written, and a build that was stopped left the earlier "
            f"site in {old}; move one of the two away and remove {journal}"
        )
    remove(journal)
    _sweep(target.parent, f".{target.name}{OWN_PREFIX}")
    return is_missed


def _set_aside_by(journal: Path, target: Path) -> Path | None:
    """Return the folder that was set aside according to a journal, if it exists."""
    try:
        name = json.loads(journal.read_bytes())["old"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if not re.fullmatch(re.escape(f".{target.name}{OWN_PREFIX}") + _LEFTOVER, str(name)):
        return None
    old = target.with_name(name)
    return old if old.is_dir() and not old.is_symlink() else None


def _sweep(folder: Path, prefix: str) -> None:
    leftover = re.compile(re.escape(prefix) + _LEFTOVER)
    for path in list(folder.iterdir()) if folder.is_dir() else ():
        if leftover.fullmatch(path.name):
            remove(path)


def sweep_inside(target: Path) -> None:
    """Remove files of dead writers inside a folder that is written file by file. Call this only with its lock."""
    _sweep(target, OWN_PREFIX)


def fill(files: Mapping[str, bytes], target: Path) -> None:
    """Write new files under unique names, rename each into place, index.html last, and remove old files.

    Call this only with the lock inside the folder. Everything is on the disk before the first rename, so a full disk
    changes nothing. After an interruption each file is complete, old or new, and the next build finishes the work.
    """
    present = visible_files(target)
    with _renaming(files, present - files.keys(), target, sorted(present | files.keys())):
        _remove_empty_folders(target)


def fill_partly(files: Mapping[str, bytes], gone: Collection[str], target: Path) -> None:
    """Do the same in a folder with files of others: remove only the files in `gone`, and folders that are then empty.

    Call this only with the lock inside the folder.
    """
    with _renaming(files, gone, target, sorted(files.keys() | {*gone})):
        for path in sorted(gone):
            for parent in [(target / path).parent, *(target / path).parent.parents]:
                if parent == target:
                    break
                with suppress(OSError):  # not empty
                    parent.rmdir()


@contextmanager
def _renaming(
    files: Mapping[str, bytes], gone: Iterable[str], target: Path, may_be_there: Sequence[str]
) -> Iterator[None]:
    """Rename new files into place and remove old ones. The journal is removed after the block."""
    staged, journal = fresh(target / f"{OWN_PREFIX}new"), target / STOPPED
    write_tree(files, staged)
    try:
        write_file(journal, json.dumps(may_be_there).encode())
        for path in sorted(files, key=lambda path: (path == _LAST, path)):
            _make_room(target, path)
            (staged / path).replace(target / path)
        for path in visible_files(target).intersection(gone):  # a file may have replaced a folder, or the reverse
            (target / path).unlink()
    finally:
        remove(staged)
    yield
    remove(journal)
    flush_folder(target)


def _make_room(target: Path, path: str) -> None:
    """Make the folders of a file, replacing links and files with their names."""
    *folders, _ = path.split("/")
    place = target
    for folder in folders:
        place /= folder
        if place.is_symlink() or not place.is_dir():
            remove(place)
            place.mkdir()
    file = target / path
    if file.is_dir() and not file.is_symlink():
        remove(file)


def _remove_empty_folders(target: Path) -> None:
    for place, _, _ in os.walk(target, topdown=False):
        if Path(place) != target:
            with suppress(OSError):  # not empty
                Path(place).rmdir()
