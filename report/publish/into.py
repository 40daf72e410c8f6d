"""Publish into a folder that also contains files of others, such as the sources of a site generator.

The manifest in the folder lists the files that a build may replace. A file that is not listed, or that somebody has
changed since, is never touched: if a build needs its name, the build stops and names it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..errors import PublishError, listed
from ..manifest import NAME, claimed_paths, files_below, is_own_file, mark_partial, written_hashes
from ..regular_files import read_regular
from .site import LOCK, PublishedHow, hold, plain_folder, stopped_paths
from .ways import fill_partly, sweep_inside

_SHOWN = 3


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
