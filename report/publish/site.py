"""Publish: check the folder, write the files beside it, move them in, sweep. DESIGN sections 2 and 4."""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..errors import PublishError
from ..manifest import NAME, claimed_paths, written_paths
from ..temporary import take
from .target import LOCK, check_ours, check_paths, is_unchanged, real_folder
from .ways import (
    Exchange,
    Unmovable,
    Way,
    beside,
    exchange,
    fill,
    fresh,
    move_in,
    remove,
    restore,
    sweep_inside,
    write_tree,
)

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


ARCHIVE = "archive/"
"""The folder of the archive, below the site."""


def with_archive(files: Mapping[str, bytes], place: str, folder: Path) -> dict[str, bytes]:
    """Return a report's files again below `place` (`archive/2026-03-02/`), with what the folder's site has archived.

    What is archived stays as it is: where the former site has this place, its files are kept and these are not. Only
    files that the site's manifest claims are carried over. Raises PublishError where one cannot be read.
    """
    former = _former(folder)
    own = {} if any(path.startswith(place) for path in former) else {f"{place}{p}": c for p, c in files.items()}
    return former | own


def refuse_archive(folder: Path) -> None:
    """Raise PublishError where a folder's site has an archive: an old report that replaces it would take it along."""
    if any(path.startswith(ARCHIVE) for path in written_paths(folder) or ()):
        raise PublishError(
            f"{folder}: is a site with an archive, which an old report in its place would lose; "
            "give another folder with -o"
        )


def _former(folder: Path) -> dict[str, bytes]:
    paths = sorted(path for path in written_paths(folder) or () if path.startswith(ARCHIVE))
    found: dict[str, bytes] = {}
    for path in paths:
        place = folder / path
        try:
            if stat.S_ISREG(place.lstat().st_mode):
                found[path] = place.read_bytes()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise PublishError(f"{place}: cannot be read ({error.strerror}); the archive would lose it") from None
    return found


PublishedHow = Literal["unchanged"] | Way
"""unchanged (nothing was touched); created (there was no folder); exchanged (at once); set aside (a moment
without a folder); file by file (each file at once, the folder as a whole not)."""

_WAIT_SECONDS = 60.0
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


def publish(
    files: Mapping[str, bytes],
    folder: Path,
    *,
    overwrite: bool = False,
    inputs: Iterable[Path] = (),
    exchange: Exchange = exchange,
    wait_seconds: float = _WAIT_SECONDS,
) -> PublishedHow:
    """Make a folder hold exactly these files, whole or not at all; a folder that already does is left alone.

    Args:
        files: path below the folder (forward slashes) -> content, `manifest.json` among them.
        folder: the output folder; links are followed, missing parents are made.
        overwrite: replace files that no build has written (`--force`).
        inputs: files and folders that the build reads, which the folder must not contain.
        exchange: lets two folders trade names.
        wait_seconds: how long to wait for another build that writes the same folder.

    Returns:
        The way that was possible, see PublishedHow.

    Raises:
        PublishError: the folder cannot or must not be written; what it held is still there.
        ValueError: the paths are not such as every system can hold, or the manifest does not list them.

    """
    check_paths(files)
    _check_manifest(files)
    try:
        target = real_folder(folder, inputs)
        site = _Site(files, target, folder, overwrite, wait_seconds)
        try:
            return site.swap(exchange)
        except Unmovable:
            return site.fill()
    except OSError as error:
        raise PublishError(_explain(error, folder, files)) from error


def check_folder(folder: Path, *, overwrite: bool = False, inputs: Iterable[Path] = ()) -> None:
    """Raise PublishError where `publish` would refuse a folder, before there is anything to publish."""
    try:
        target = real_folder(folder, inputs)
        if not overwrite:
            check_ours(target, folder)
    except OSError as error:
        raise PublishError(_explain(error, folder, {})) from error


def recover(folder: Path) -> bool:
    """Put back the site that a stopped build had set aside; returns whether there was one.

    `publish` does this too; called when a build starts, the site is back even if that build fails.
    """
    target = Path(os.path.realpath(folder))
    if not target.name or not beside(target, "journal").exists():  # the root of a disk has no name, and no site
        return False
    try:
        with hold(beside(target, "lock"), _WAIT_SECONDS) as is_held:
            return is_held and restore(target)
    except OSError as error:
        raise PublishError(_explain(error, folder, {})) from error


@dataclass(frozen=True)
class _Site:
    """What goes where: the files, the real folder, and the folder as the person wrote it."""

    files: Mapping[str, bytes]
    target: Path
    shown: Path
    overwrite: bool
    wait_seconds: float

    def swap(self, exchange: Exchange) -> PublishedHow:
        """Write a new folder beside the target and move it in; Unmovable where that cannot be."""
        if os.path.ismount(self.target):
            raise Unmovable
        self.target.parent.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            try:
                is_held = stack.enter_context(hold(beside(self.target, "lock"), self.wait_seconds))
            except OSError as error:
                if error.errno in _FORBIDDEN and self.target.is_dir():  # the folder may be ours where its parent is not
                    raise Unmovable from error
                raise
            if is_held:
                restore(self.target)
            self._check_ours()
            if is_unchanged(self.target, self.files):
                return "unchanged"
            new = fresh(beside(self.target, "new"))
            write_tree(self.files, new)
            try:
                return move_in(new, self.target, exchange)
            except BaseException:
                remove(new)
                raise

    def fill(self) -> PublishedHow:
        """Write into the target, which keeps its name."""
        with hold(self.target / LOCK, self.wait_seconds) as is_held:
            if is_held:
                sweep_inside(self.target)
            self._check_ours()
            if is_unchanged(self.target, self.files, own={LOCK}):
                return "unchanged"
            fill(self.files, self.target)
            return "file by file"

    def _check_ours(self) -> None:
        if not self.overwrite:
            check_ours(self.target, self.shown)


def _check_manifest(files: Mapping[str, bytes]) -> None:
    """Check that the manifest lists all files: a site that it does not own up to could never be replaced."""
    if claimed_paths(files.get(NAME, b"")) != frozenset(files):
        raise ValueError(f"{NAME} does not list exactly the files that are published")


def _explain(error: OSError, folder: Path, files: Mapping[str, bytes]) -> str:
    """Say what the system refused, and what to do."""
    if error.errno in _FULL:
        size = sum(len(content) for content in files.values()) / 1e6
        return f"{folder}: no space left for the report ({size:.1f} MB); free some and build again"
    if error.errno == errno.EROFS:
        return f"{folder}: is on a file system that can only be read; give another folder"
    if error.errno in _FORBIDDEN:
        place = Path(error.filename).parent if error.filename else folder
        return (
            f"{folder}: the system does not permit writing in {place}; change its permissions, "
            "close what is open there, or give another folder"
        )
    if error.errno in {errno.ENOTDIR, errno.EEXIST}:
        return f"{folder}: a part of this path is a file; remove it, or give another folder"
    return f"{folder}: cannot be written ({error.strerror}); give another folder"
