"""Find out that a build leaves a site unchanged, without loading the program.

The manifest of a site has the hashes of its inputs, but no paths of this machine, and no names that a pattern might
find next time. A build therefore remembers its inputs: files by path and hash, the names that patterns and folders
matched, and the hash of the manifest. If all of these are unchanged and the site is as its manifest says, nothing is
built.

This module imports nothing that only a build needs.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib import metadata
from pathlib import Path

from .. import __version__
from ..cache import Cache, key_of, usual_folder
from ..confine import current
from ..disk import open_regular, read_regular
from ..errors import DiptychError, Note
from ..theme import template_folder
from . import PublishedHow, recover
from .manifest import NAME, PACKAGES, verify

Files = dict[str, bytes]

_CLOCK_NS = 20_000_000
"""The maximum delay of the clock of file times, in nanoseconds."""


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


InputsChecked = tuple[tuple[Path, ...], tuple[tuple[Path, str], ...]]
"""The files that a build of configs read, and its listings: (folder, pattern), the pattern as `Path.glob` takes it.
"""


def unchanged(
    cache: Cache, configs: Sequence[Path], folder: Path, *, into: bool = False, engine: str | None = None
) -> Built | None:
    """Return the site in a folder if a build of these configs leaves it unchanged. None if anything may differ."""
    if not cache.is_on:
        return None
    recover(folder)
    try:
        entry = json.loads(cache.get(_key(cache, configs, folder, into=into, engine=engine)) or b"null")
        if (
            entry is None
            or _sha256(folder / NAME) != entry["manifest"]
            or any(_sha256(Path(path)) != sha256 for path, sha256 in entry["files"])
            or any(_listed(Path(top), pattern)[2] != names for top, pattern, names in entry["listings"])
            or verify(folder)
        ):
            return None
        notes = tuple(Note(**note) for note in entry["notes"])
        return Built(folder, "unchanged", entry["n_files"], entry["n_bytes"], notes, entry["page"])
    except (OSError, ValueError, KeyError, TypeError, DiptychError):
        return None


def remember(  # noqa: PLR0913 - one argument for each choice
    cache: Cache,
    configs: Sequence[Path],
    built: Built,
    looked: InputsChecked,
    began_ns: int,
    *,
    into: bool = False,
    engine: str | None = None,
) -> None:
    """Remember the inputs of a site. `began_ns` is the start of the build on the clock of file times.

    Nothing is remembered if an input changed during the build, since the site then matches neither state.
    """
    if not cache.is_on:
        return
    try:
        paths = [Path(os.path.abspath(path)) for path in dict.fromkeys((*configs, *looked[0]))]  # noqa: PTH100
        if any(path.stat().st_mtime_ns >= began_ns - _CLOCK_NS for path in paths):
            return
        entry = {
            "manifest": _sha256(built.folder / NAME),
            "files": [(str(path), _sha256(path)) for path in paths],
            "listings": [_listed(top, pattern) for top, pattern in looked[1]],
            "notes": [asdict(note) for note in built.notes],
            "n_files": built.n_files,
            "n_bytes": built.n_bytes,
            "page": built.page,
        }
        key = _key(cache, configs, built.folder, into=into, engine=engine)
    except OSError:
        return
    cache.put(key, json.dumps(entry).encode())


def usual_cache() -> Cache:
    """Return the cache of the current user."""
    folder = usual_folder()
    return Cache() if folder is None else Cache(folder, program())


@lru_cache
def program() -> str:
    """Return a key for the program: the hash of its modules and templates, and the versions of its packages."""
    folders = (place for top in (Path(__file__).parents[1], template_folder()) for place in os.walk(top))
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


def _key(cache: Cache, configs: Sequence[Path], folder: Path, *, into: bool, engine: str | None) -> str:
    named = [part for path in configs for part in (str(path), os.path.abspath(path), read_regular(path))]  # noqa: PTH100
    confinement = current()
    allowed = () if confinement is None else [confinement.key(path.parent) for path in configs]
    return cache.key("site", os.path.realpath(folder), into, engine, *named, *allowed)


def _sha256(path: Path) -> str:
    with open_regular(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _listed(folder: Path, pattern: str) -> tuple[str, str, list[str]]:
    """Return a folder, a pattern, and the names that it finds there, sorted."""
    found = sorted(str(path.relative_to(folder)) for path in folder.glob(pattern))
    return os.path.abspath(folder), pattern, found  # noqa: PTH100 - a link keeps its name


def now_ns() -> int:
    """Return the time on the clock of file times."""
    return time.time_ns()
