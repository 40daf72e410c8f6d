"""What `diptych diff` is given -> snapshots: a site, a file, an id, a folder of snapshots, or a revision of git."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from ..config.loading import load_config
from ..errors import SnapshotError
from ..history.codec import unpack
from ..history.folder import SUFFIX, chosen, entries, entry_of, read
from ..history.snapshot import Snapshot
from ..manifest import NAME
from .snapshots import SITE_PATH

_GIT_SECONDS = 60


@dataclass(frozen=True, eq=False)
class Source:
    """A snapshot, and what it is called."""

    name: str
    snapshot: Snapshot


def source_of(asked: str, config: Path, snapshots: Path | None = None) -> Source:
    """Return the snapshot that is asked for.

    In this order: a folder that is a site, or one of snapshots (its newest); a file; an id, or the beginning of one,
    or "newest", in the folder of `config`, or `snapshots` where it names none; a revision of the git repository that
    folder is in (its newest snapshot there). Raises SnapshotError where it is none of these.
    """
    path = Path(asked)
    if path.is_dir():
        return _of_folder(path)
    if path.is_file():
        if not asked.endswith(SUFFIX):
            raise SnapshotError(f"{asked}: is no snapshot, whose name ends in {SUFFIX}; name one, a site, or an id")
        return _unpacked(read(path), _called(path))
    if asked.endswith(SUFFIX) and entry_of(path.name) is None:
        raise SnapshotError(f"{asked}: there is no such file")
    folder = _folder(asked, config, snapshots)
    known = entries(folder)
    if asked == "newest" or any(e.id.startswith(asked) or e.hash12.startswith(asked) for e in known):
        found = chosen(folder, asked)
        return _unpacked(read(found), _called(found))
    return _of_revision(asked, folder)


def _folder(asked: str, config: Path, lent: Path | None) -> Path:
    if not config.exists():
        raise SnapshotError(
            f'"{asked}": is no site and no file; for an id or a revision of git, --config names the config whose '
            f"folder of snapshots is meant ({config} is not there)"
        )
    settings = load_config(config, snapshots=lent).config.snapshots
    if settings is None:
        raise SnapshotError(f'"{asked}": is no site and no file, and {config} has no `snapshots:` to look it up in')
    return config.parent / settings.folder


def _of_folder(folder: Path) -> Source:
    inside = folder / SITE_PATH
    if inside.is_file():
        return _unpacked(read(inside), str(folder))
    known = entries(folder)
    if known:
        found = folder / known[-1].name
        return _unpacked(read(found), _called(found))
    if (folder / NAME).is_file():
        raise SnapshotError(
            f"{folder}: is a site without {SITE_PATH}; build it with `snapshots:` in its config (of a site of several "
            "reports, name the folder of one)"
        )
    raise SnapshotError(f"{folder}: is neither a site nor a folder of snapshots")


def _of_revision(revision: str, folder: Path) -> Source:
    """Return the newest snapshot that a revision has in a folder; nothing is checked out."""
    place = _existing(folder)
    none = f'"{revision}": is no site, no file, and no id in {folder}'
    found = _git(place, f"{none}, which is in no repository of git", "rev-parse", "--show-toplevel")
    top = Path(found.decode().removesuffix("\n"))
    commit = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    name = _git(place, f"{none}, and no revision of git", *commit).decode().strip()
    inside = folder.resolve().relative_to(top.resolve()).as_posix()
    tree = f"{name}:" if inside == "." else f"{name}:{inside}"
    listed = _git(top, f"{revision}: has no folder {inside}", "ls-tree", "-z", "--name-only", tree).decode(
        "utf-8", "replace"
    )
    known = [entry for line in listed.split("\0") if (entry := entry_of(line)) is not None and line.endswith(SUFFIX)]
    if not known:
        raise SnapshotError(f"{revision}: holds no snapshot in {inside}")
    newest = max(known, key=lambda entry: entry.order)
    path = newest.name if inside == "." else f"{inside}/{newest.name}"
    content = _git(top, f"{revision}: {path} cannot be read", "cat-file", "blob", f"{name}:{path}")
    return _unpacked(content, f"{revision}: {newest.id}")


def _existing(folder: Path) -> Path:
    found = folder.resolve()
    while not found.is_dir():
        found = found.parent
    return found


def _git(place: Path, failed: str, *arguments: str) -> bytes:
    """Return what git says; SnapshotError, which says what `failed`, where it fails."""
    try:
        done = subprocess.run(  # noqa: S603 - no shell; what was asked for stands behind --end-of-options
            ["git", "-C", str(place), *arguments],  # noqa: S607
            capture_output=True,
            check=False,
            timeout=_GIT_SECONDS,
        )
    except FileNotFoundError:
        raise SnapshotError(f"{failed} (git is not installed)") from None
    except subprocess.TimeoutExpired:
        raise SnapshotError(f"{failed} (git did not answer within {_GIT_SECONDS} seconds)") from None
    if done.returncode:
        raise SnapshotError(failed)
    return done.stdout


def _called(path: Path) -> str:
    return path.name.removesuffix(SUFFIX) if entry_of(path.name) is not None else str(path)


def _unpacked(content: bytes, name: str) -> Source:
    return Source(name, unpack(content, name, whole=False))
