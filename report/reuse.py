"""Find an earlier identical build by its inputs, without reading unchanged files again.

The inputs of a build are unknown until its config is parsed. An entry under the config's bytes therefore lists them:
files by path, size, time and hash, and the names that patterns and folders matched. If all of these are unchanged, a
second entry, under the hashes, has the whole site. A large file with unchanged size and time is not read again, unless
it was written so shortly before it was examined that a later change could have the same time.

This module imports nothing that only a build needs.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from itertools import accumulate
from pathlib import Path

from . import __version__
from .cache import Cache, key_of, usual_folder
from .confine import current
from .errors import Note
from .manifest import PACKAGES
from .publish import PublishedHow, publish, recover
from .regular_files import open_regular, read_regular
from .theme import template_folder

Files = dict[str, bytes]

_CLOCK_NS = 20_000_000
"""The maximum delay of the clock of file times, in nanoseconds."""

_LARGE = 16 * 2**20
"""Size in bytes from which a file is compared by size and time before it is read."""

_SETTLED_NS = 2_000_000_000
"""A file written less than this before it was examined may change again within the same clock tick."""


@dataclass(frozen=True)
class Built:
    """The result of a build: its folder, how it was published, its size, notes for the user, and the file to open."""

    folder: Path
    how: PublishedHow
    n_files: int
    n_bytes: int
    notes: tuple[Note, ...]
    page: str = "index.html"

    @classmethod
    def of(cls, folder: Path, how: PublishedHow, files: Mapping[str, bytes], notes: tuple[Note, ...]) -> Built:
        """Return the result of publishing these files."""
        page = next((name for name in _PAGES if name in files), _PAGES[0])
        return cls(folder, how, len(files), sum(map(len, files.values())), notes, page)


_PAGES = ("index.html", "index.md", "index.qmd")
"""The page of a report: a page of its own, or a page of a site generator."""


@dataclass(frozen=True)
class Done:
    """A finished site: its files, including the manifest, notes for the user, and the inputs."""

    files: Files
    notes: tuple[Note, ...]
    inputs: tuple[Path, ...]


@dataclass(frozen=True)
class InputsChecked:
    """The files that a build of configs read, and the patterns and folders that it listed.

    `listings` are (folder, pattern), the pattern as `Path.glob` takes it.
    """

    files: tuple[Path, ...]
    listings: tuple[tuple[Path, str], ...]


def republish(
    cache: Cache,
    configs: Sequence[Path],
    folder: Path,
    *,
    overwrite: bool = False,
    into: bool = False,
    engine: str | None = None,
) -> Built | None:
    """Publish the earlier site of these configs if one is kept and nothing changed. Otherwise return None.

    Raises PublishError as a build does.
    """
    done = find(cache, configs, engine)
    if done is None:
        return None
    recover(folder)
    how = publish(done.files, folder, overwrite=overwrite, into=into, inputs=done.inputs)
    return Built.of(folder, how, done.files, done.notes)


def find(cache: Cache, configs: Sequence[Path], engine: str | None) -> Done | None:
    """Return the earlier site of these configs, or None if anything may differ or nothing is kept."""
    if not cache.is_on:
        return None
    try:
        entry = json.loads(cache.get(_index_key(cache, configs, engine)) or b"null")
        if entry is None or not _same_listings(entry["listings"]):
            return None
        hashes = [_hash_now(**file) for file in entry["files"]]
        if hashes != [file["sha256"] for file in entry["files"]]:
            return None
        body = cache.get(_site_key(cache, configs, engine, entry["files"]))
        if body is None:
            return None
        files, notes = _unpacked(body)
        return Done(files, notes, tuple(Path(file["path"]) for file in entry["files"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep(
    cache: Cache, configs: Sequence[Path], engine: str | None, looked: InputsChecked, done: Done, began_ns: int
) -> None:
    """Keep a finished site. `began_ns` is the start of the build on the clock of file times.

    Nothing is kept if an input changed during the build, since the site then matches neither state.
    """
    if not cache.is_on:
        return
    try:
        files = [_described(path, began_ns) for path in dict.fromkeys((*configs, *looked.files))]
        listings = [_listed(folder, pattern) for folder, pattern in looked.listings]
        index = _index_key(cache, configs, engine)
    except OSError:
        return
    if any(file is None for file in files):
        return
    cache.put(_site_key(cache, configs, engine, [file for file in files if file]), _packed(done.files, done.notes))
    cache.put(index, json.dumps({"files": files, "listings": listings}).encode())
    cache.prune()


def usual_cache() -> Cache:
    """Return the cache of the current user."""
    return Cache(usual_folder(), program())


@lru_cache
def program() -> str:
    """Return a key for the program: the hash of its modules and templates, and the versions of its packages."""
    folders = (place for top in (Path(__file__).parent, template_folder()) for place in os.walk(top))
    paths = {f"{folder}/{name}" for folder, _, names in folders if not folder.endswith("__pycache__") for name in names}
    digest = hashlib.sha256()
    for path in sorted(paths):
        content = Path(path).read_bytes()
        digest.update(f"{path.rpartition('/')[2]}:{len(content)}:".encode() + content)
    return key_of(digest.hexdigest(), __version__, sys.version, sys.platform, *map(_metadata, PACKAGES))


def _metadata(package: str) -> str:
    """Return the metadata of an installed package, including its version. Hashing is faster than parsing it."""
    try:
        return metadata.distribution(package).read_text("METADATA") or "none"
    except metadata.PackageNotFoundError:
        return "none"


def _index_key(cache: Cache, configs: Sequence[Path], engine: str | None) -> str:
    named = [part for path in configs for part in (str(path), os.path.abspath(path), read_regular(path))]  # noqa: PTH100
    confinement = current()
    allowed = () if confinement is None else [confinement.key(path.parent) for path in configs]
    return cache.key("index", engine, *named, *allowed)


def _site_key(
    cache: Cache, configs: Sequence[Path], engine: str | None, files: Iterable[Mapping[str, str | int]]
) -> str:
    read = [str(part) for file in files for part in (file["path"], file["sha256"])]
    return cache.key("site", engine, *map(str, configs), *read)


def _described(path: Path, began_ns: int) -> dict[str, str | int] | None:
    """Return the entry to recognise a file, or None if it was written after the build began."""
    found = path.stat()
    if found.st_mtime_ns >= began_ns - _CLOCK_NS:
        return None
    settled = found.st_size >= _LARGE and began_ns - found.st_mtime_ns > _SETTLED_NS
    return {
        "path": os.path.abspath(path),  # noqa: PTH100 - a link keeps its name
        "size": found.st_size,
        "mtime_ns": found.st_mtime_ns if settled else -1,
        "sha256": _sha256(path),
    }


def _hash_now(path: str, size: int, mtime_ns: int, sha256: str) -> str:
    """Return the current hash of a file. If size and time are unchanged, it is the known hash."""
    found = os.stat(path)  # noqa: PTH116
    if found.st_size != size:
        return ""
    return sha256 if found.st_mtime_ns == mtime_ns else _sha256(Path(path))


def _sha256(path: Path) -> str:
    with open_regular(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _listed(folder: Path, pattern: str) -> list[str | list[str]]:
    return [os.path.abspath(folder), pattern, sorted(str(path.relative_to(folder)) for path in folder.glob(pattern))]  # noqa: PTH100


def _same_listings(listings: Iterable[Sequence[object]]) -> bool:
    return all(_listed(Path(str(folder)), str(pattern))[2] == names for folder, pattern, names in listings)


def _packed(files: Mapping[str, bytes], notes: Iterable[Note]) -> bytes:
    """Return files and notes as one entry: a line of JSON, then the files' bytes one after the other."""
    head = {
        "notes": [[note.slug, note.subject, note.message] for note in notes],
        "files": [[path, len(content)] for path, content in files.items()],
    }
    return b"".join([json.dumps(head).encode(), b"\n", *files.values()])


def _unpacked(body: bytes) -> tuple[Files, tuple[Note, ...]]:
    line, _, contents = body.partition(b"\n")
    head = json.loads(line)
    ends = accumulate(size for _, size in head["files"])
    files = {path: contents[end - size : end] for (path, size), end in zip(head["files"], ends, strict=True)}
    return files, tuple(Note(*parts) for parts in head["notes"])


def now_ns() -> int:
    """Return the time on the clock of file times."""
    return time.time_ns()
