"""Write the files of a report next to a folder, then swap them in. Only this stage writes a site.

Links to the output folder are followed. It may be replaced if it contains only files written by builds, and no file
that a build reads. In a folder that also contains files of others, such as the sources of a site generator, the
manifest lists the files that a build may replace. A file that is not listed, or that somebody has changed since, is
never touched: if a build needs its name, the build stops and names it. docs/ci.md lists the guarantees.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import stat
import time
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..confine import link_out_of
from ..disk import read_regular, take_lock
from ..errors import PublishError, listed
from .manifest import NAME, claimed_paths, files_below, is_own_file, mark_partial, written_hashes, written_paths
from .ways import (
    OWN_PREFIX,
    STOPPED,
    Exchange,
    Unmovable,
    Way,
    beside,
    exchange,
    fill,
    fill_partly,
    fresh,
    move_in,
    remove,
    restore,
    sweep_inside,
    visible_files,
    write_tree,
)

_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
_NO_NAME = re.compile(r'[\x00-\x1f\x7f<>:"\\|?*]')
_LONGEST_NAME = 200  # bytes; file systems end at 255, and names get a suffix while they are written


def check_paths(paths: Iterable[str]) -> None:
    """Check that paths are relative, with forward slashes, and name the same files on every system.

    Raises ValueError for the first invalid path. A program wrote these paths, so there is no advice.
    """
    files: dict[str, str] = {}
    folders: dict[str, str] = {}
    for path in sorted(paths):
        parts = path.split("/")
        for part in parts:
            _check_name(part, path)
        # Windows and macOS fold case, and macOS composes accents: paths that fold to one name are one file there
        folded = unicodedata.normalize("NFC", path).casefold().split("/")
        earlier = files.setdefault("/".join(folded), path)
        if earlier != path:
            raise ValueError(f"{earlier!r} and {path!r} are one file where case does not count")
        for depth in range(1, len(parts)):
            folder = "/".join(parts[:depth])
            earlier = folders.setdefault("/".join(folded[:depth]), folder)
            if earlier != folder:
                raise ValueError(f"{path!r} spells the folder {earlier!r} in another case")
    for both in sorted(files.keys() & folders.keys()):
        raise ValueError(f"{files[both]!r} is a file and a folder")


def _check_name(name: str, path: str) -> None:
    if name in {"", ".", ".."}:
        raise ValueError(f"{path!r} is not a plain relative path")
    if _NO_NAME.search(name):
        raise ValueError(f"{path!r} has a character that file names cannot contain on every system")
    if name[-1] in " .":
        raise ValueError(f"{path!r} has a name that ends with a space or a point, which Windows drops")
    if _RESERVED.fullmatch(name):
        raise ValueError(f"{path!r} has a name that Windows keeps for a device")
    if name.casefold().startswith(".diptych-"):
        raise ValueError(f"{path!r} has a name that publishing keeps for itself")
    if len(name.encode()) > _LONGEST_NAME:
        raise ValueError(f"{path!r} has a name of more than {_LONGEST_NAME} bytes")


LOCK = f"{OWN_PREFIX}lock"
"""The lock of the only writer in the folder."""


_SHOWN = 3


def plain_folder(folder: Path, inputs: Iterable[Path] = ()) -> Path:
    """Return the real path of a folder that need not exist. Raises PublishError if it cannot be a folder to write.

    Under `--confine`, no link may lead out of the root of the working folder, of the folder itself, or of `inputs`.
    """
    if (link := link_out_of(folder, [Path(), folder.parent, *(path.parent for path in inputs)])) is not None:
        raise PublishError(
            f"{folder}: {link} is a link out of the folder that --confine allows; remove it, or give the folder to "
            "which it leads"
        )
    target = Path(os.path.realpath(folder))
    if target.is_symlink():
        raise PublishError(f"{folder}: is a link that leads back to itself; remove it, or give another folder")
    if os.path.lexists(target) and not target.is_dir():
        raise PublishError(f"{folder}: is not a folder; remove it, or give another name")
    if target.is_dir() and not os.access(target, os.W_OK | os.X_OK):
        raise PublishError(f"{folder}: cannot be written; change its permissions, or give another folder")
    return target


def real_folder(folder: Path, inputs: Iterable[Path]) -> Path:
    """Return the real path of the output folder after following links. It need not exist.

    `inputs` are the files and folders that the build reads. Raises PublishError if the place is not a folder, or
    contains something that no build may replace under any option.
    """
    inputs = [*inputs]
    target = plain_folder(folder, inputs)
    if target.parent == target:
        raise PublishError(f"{folder}: is the top of the file system; give a folder in it")
    for place, what in ((_home(), "your home folder"), (Path.cwd(), "the folder you work in")):
        if place is not None and _contains(target, place):
            verb = "is" if target == place else "contains"
            raise PublishError(f"{folder}: {verb} {what}, which a build would replace; give a folder of its own")
    if os.path.lexists(target / ".git"):
        raise PublishError(
            f"{folder}: is the top of a git checkout, which a build would replace; give a folder of its own"
        )
    for path in inputs:
        if _contains(target, Path(os.path.realpath(path))):
            raise PublishError(f"{folder}: contains {path}, which this report is built from; give a folder of its own")
    return target


def check_ours(target: Path, shown: Path) -> None:
    """Raise PublishError if the folder contains a file that no build of ours has written.

    Missing and empty folders pass. `shown` is the folder as the person wrote it.
    """
    present = visible_files(target)
    if not present:
        return
    written = written_paths(target)
    stopped = stopped_paths(target)
    if written is None and not stopped:
        raise PublishError(
            f"{shown}: contains files but no {NAME} of this program, so it was not built by it; "
            "give another folder, or --force to replace everything in it"
        )
    foreign = sorted(present - (written or set()) - stopped)
    if foreign:
        raise PublishError(
            f"{shown}: contains files that no build has written ({listed(foreign, _SHOWN)}); "
            "move them away, or give --force to replace everything in it"
        )


def is_unchanged(target: Path, files: Mapping[str, bytes], own: Collection[str] = ()) -> bool:
    """Return whether the folder contains exactly these files with these bytes, apart from `own`, the writer's lock."""
    if not target.is_dir() or set(files_below(target)) - set(own) != files.keys():
        return False
    return all(_holds(target / path, content) for path, content in files.items())


def stopped_paths(target: Path) -> frozenset[str]:
    """Return the old and new paths that an interrupted file-by-file build may have left here."""
    try:
        paths = json.loads((target / STOPPED).read_bytes())
    except (OSError, ValueError):
        return frozenset()
    return frozenset(path for path in paths if isinstance(path, str)) if isinstance(paths, list) else frozenset()


def _holds(path: Path, content: bytes) -> bool:
    found = path.lstat()
    return stat.S_ISREG(found.st_mode) and found.st_size == len(content) and path.read_bytes() == content


def _contains(target: Path, place: Path) -> bool:
    return target == place or target in place.parents


def _home() -> Path | None:
    try:
        return Path(os.path.realpath(Path.home()))
    except RuntimeError:  # no home folder to protect
        return None


_PAUSE_SECONDS = 0.02


@contextmanager
def hold(path: Path, wait_seconds: float) -> Iterator[bool]:
    """Lock the file `path` for a block, and wait while another process has it.

    Yields True if it is locked, or False if the file system has no locks, so that other writers are unknown. The file
    is removed afterwards. Raises PublishError after `wait_seconds`, and OSError if the file cannot be made.
    """
    deadline = time.monotonic() + wait_seconds
    while (lock := take_lock(path)) is None:
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


PublishedHow = Literal["unchanged"] | Way
"""How a site was published.

unchanged (no file was touched), created (there was no folder), exchanged (atomic), set aside (for a moment there is no
folder), file by file (each file is atomic, the folder is not).
"""

_WAIT_SECONDS = 60.0
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


def publish(  # noqa: PLR0913 - one argument for each choice
    files: Mapping[str, bytes],
    folder: Path,
    *,
    overwrite: bool = False,
    into: bool = False,
    inputs: Iterable[Path] = (),
    exchange: Exchange = exchange,
    wait_seconds: float = _WAIT_SECONDS,
) -> PublishedHow:
    """Make a folder contain exactly these files, atomically if possible. An identical folder is not touched.

    Args:
        files: path below the folder (forward slashes) -> content, including `manifest.json`.
        folder: the output folder; links are followed, missing parents are made.
        overwrite: replace files that no build has written (`--force`).
        into: leave all files alone that no build has written (`--into`); see `publish_into`.
        inputs: files and folders that the build reads, which the folder must not contain.
        exchange: a function that exchanges the names of two folders.
        wait_seconds: how long to wait for another build that writes the same folder.

    Returns:
        The way that was possible, see PublishedHow.

    Raises:
        PublishError: the folder cannot or must not be written; its former content is still there.
        ValueError: some system does not allow the paths, or the manifest does not list them.

    """
    check_paths(files)
    _check_manifest(files)
    try:
        if into:
            return publish_into(files, folder, overwrite=overwrite, wait_seconds=wait_seconds, inputs=[*inputs])
        target = real_folder(folder, inputs)
        site = _Site(files, target, folder, overwrite, wait_seconds)
        try:
            return site.swap(exchange)
        except Unmovable:
            return site.fill()
    except OSError as error:
        raise PublishError(_explain(error, folder, files)) from error


def check_folder(folder: Path, *, overwrite: bool = False, into: bool = False, inputs: Iterable[Path] = ()) -> None:
    """Raise PublishError if `publish` would refuse a folder, before there are files to publish."""
    try:
        if into:
            plain_folder(folder, inputs)
            return
        target = real_folder(folder, inputs)
        if not overwrite:
            check_ours(target, folder)
    except OSError as error:
        raise PublishError(_explain(error, folder, {})) from error


def recover(folder: Path) -> bool:
    """Put back the site that an interrupted build had set aside, and return whether there was one.

    `publish` does this too. A call at the start of a build restores the site even if that build fails.
    """
    target = plain_folder(folder)
    if not target.name or not beside(target, "journal").exists():  # the root of a disk has no name and no site
        return False
    try:
        with hold(beside(target, "lock"), _WAIT_SECONDS) as is_held:
            return is_held and restore(target)
    except OSError as error:
        raise PublishError(_explain(error, folder, {})) from error


@dataclass(frozen=True)
class _Site:
    """The files, the real folder, and the folder as the person wrote it."""

    files: Mapping[str, bytes]
    target: Path
    shown: Path
    overwrite: bool
    wait_seconds: float

    def swap(self, exchange: Exchange) -> PublishedHow:
        """Write a new folder next to the target and move it in. Raises Unmovable if that is impossible."""
        if os.path.ismount(self.target):
            raise Unmovable
        self.target.parent.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            try:
                is_held = stack.enter_context(hold(beside(self.target, "lock"), self.wait_seconds))
            except OSError as error:
                if error.errno in _FORBIDDEN and self.target.is_dir():  # only the parent may be read-only
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
    """Check that the manifest lists all files. A site with unlisted files could never be replaced."""
    if claimed_paths(files.get(NAME, b"")) != frozenset(files):
        raise ValueError(f"{NAME} does not list exactly the files that are published")


def _explain(error: OSError, folder: Path, files: Mapping[str, bytes]) -> str:
    """Return a message with the system's error and a remedy."""
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


def publish_into(
    files: Mapping[str, bytes], folder: Path, *, overwrite: bool, wait_seconds: float, inputs: Collection[Path]
) -> PublishedHow:
    """Write files into a folder, replace or remove the files of the last build, and leave all other files alone.

    Args:
        files: path below the folder -> content, including the manifest.
        folder: the folder; links are followed, missing parents are made.
        overwrite: replace files of others that have the name of a file of the report (`--force`).
        wait_seconds: how long to wait for another build that writes the same folder.
        inputs: files that the build reads, which are never replaced.

    Returns:
        "unchanged" or "file by file".

    Raises:
        PublishError: a file of others is in the way; nothing has changed.
        OSError: the system refused.

    """
    target = plain_folder(folder, inputs)
    wanted = {**files, NAME: mark_partial(files[NAME])}
    target.mkdir(parents=True, exist_ok=True)
    with hold(target / LOCK, wait_seconds) as is_held:
        if is_held:
            sweep_inside(target)
        written = written_hashes(target)
        present = {path: found for path in wanted.keys() | written.keys() if (found := _hash(target, path)) is not None}
        gone = {path for path in written.keys() - wanted.keys() if present.get(path) == written[path]}
        _check_inputs(target, folder, wanted, inputs)
        if not overwrite:
            _check_free(_Place(target, folder, present, written, gone), wanted)
        new = {path: hashlib.sha256(content).hexdigest() for path, content in wanted.items()}
        if not gone and all(present.get(path) == found for path, found in new.items()):
            return "unchanged"
        fill_partly(wanted, gone, target)
    return "file by file"


@dataclass(frozen=True)
class _Place:
    """The folder, its name as the person wrote it, and facts by path.

    `present` are hashes of files that exist, `written` those in the manifest, and `gone` files that will be removed.
    """

    target: Path
    shown: Path
    present: Mapping[str, str]
    written: Mapping[str, str]
    gone: Collection[str]

    def is_blocked(self, path: str) -> bool:
        """Return whether something that is not a file of ours has the name of a file or of a folder above it."""
        place = self.target / path
        parents = [path[:end] for end, letter in enumerate(path) if letter == "/"]
        if any(self._is_no_folder(parent) and parent not in self.gone for parent in parents):
            return True
        if path in self.present or not os.path.lexists(place):
            return False
        is_folder = place.is_dir() and not place.is_symlink()
        return not (is_folder and all(f"{path}/{below}" in self.gone for below in files_below(place)))

    def _is_no_folder(self, path: str) -> bool:
        place = self.target / path
        return os.path.lexists(place) and (place.is_symlink() or not place.is_dir())


def _check_inputs(target: Path, shown: Path, wanted: Iterable[str], inputs: Iterable[Path]) -> None:
    """Raise PublishError if an input of the report has the name of one of its files."""
    read = {os.path.realpath(path) for path in inputs}
    if lost := sorted(path for path in wanted if os.path.realpath(target / path) in read):
        raise PublishError(
            f"{shown}: {listed(lost, _SHOWN)} would be replaced, which this report is built from; give another folder"
        )


def _check_free(place: _Place, wanted: Mapping[str, bytes]) -> None:
    """Raise PublishError if files of others, or files that somebody has changed, have the names of the report's."""
    known = {*place.written.values()}  # a page that somebody has renamed is still ours
    stopped = stopped_paths(place.target)
    foreign = [
        path
        for path in wanted.keys() & place.present.keys()
        if place.present[path] not in known
        and place.present[path] != hashlib.sha256(wanted[path]).hexdigest()
        and path not in stopped
        and not _is_manifest(place.target, path)
    ]
    changed = sorted(path for path in foreign if path in place.written)
    others = sorted({*filter(place.is_blocked, wanted), *foreign} - {*changed})
    if others:
        raise PublishError(
            f"{place.shown}: {listed(others, _SHOWN)} would be replaced, but no build has written it; "
            "move it away, give another folder, or --force to replace it"
        )
    if changed:
        raise PublishError(
            f"{place.shown}: {listed(changed, _SHOWN)} would be replaced, but was changed after the last build; "
            "move it away, or give --force to replace it"
        )


def _is_manifest(target: Path, path: str) -> bool:
    return path == NAME and claimed_paths(read_regular(target / path)) is not None


def _hash(target: Path, path: str) -> str | None:
    """Return the SHA-256 of a file below the folder; None if there is no file, or something else in its place."""
    if not is_own_file(target, path):
        return None
    with suppress(OSError):
        return hashlib.sha256(read_regular(target / path)).hexdigest()
    return None
