"""The folder that a site goes to: where it really is, whether it may be replaced, and what its files may be called."""

from __future__ import annotations

import json
import os
import re
import stat
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from ..errors import PublishError, listed
from ..manifest import NAME, files_below, written_paths

_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"\\|?*]')
_LONGEST_NAME = 200  # bytes; file systems end at 255, and names get a suffix while they are written


def check_paths(paths: Iterable[str]) -> None:
    """Check that paths are relative, with forward slashes, and mean the same files on every system.

    ValueError names the first that is not: a program wrote these paths, so there is no one to advise.
    """
    files: dict[str, str] = {}
    folders: dict[str, str] = {}
    for path in sorted(paths):
        parts = path.split("/")
        for part in parts:
            _check_name(part, path)
        # Windows and macOS fold case, macOS composes accents: what folds to one name is one file there
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
    if _FORBIDDEN.search(name):
        raise ValueError(f"{path!r} has a character that file names cannot hold on every system")
    if name[-1] in " .":
        raise ValueError(f"{path!r} has a name that ends with a space or a point, which Windows drops")
    if _RESERVED.fullmatch(name):
        raise ValueError(f"{path!r} has a name that Windows keeps for a device")
    if name.casefold().startswith(".diptych-"):
        raise ValueError(f"{path!r} has a name that publishing keeps for itself")
    if len(name.encode()) > _LONGEST_NAME:
        raise ValueError(f"{path!r} has a name of more than {_LONGEST_NAME} bytes")


OWN_PREFIX = ".diptych-"
"""How the names of what publishing keeps inside a folder begin, while it writes file by file."""

LOCK = f"{OWN_PREFIX}lock"
"""Held there by the one writer."""

STOPPED = f"{OWN_PREFIX}journal"
"""Stands in such a folder while files are renamed: the paths that a build, if it is stopped, may leave there."""

_SHOWN = 3


def real_folder(folder: Path, inputs: Iterable[Path]) -> Path:
    """Return the real place of the output folder, links followed; it need not exist.

    `inputs` are the files and folders that the build reads. Raises PublishError where the place is no
    folder, or holds something that no build may replace, whatever it is asked.
    """
    target = Path(os.path.realpath(folder))
    if target.is_symlink():
        raise PublishError(f"{folder}: is a link that leads back to itself; remove it, or give another folder")
    if os.path.lexists(target) and not target.is_dir():
        raise PublishError(f"{folder}: is not a folder; remove it, or give another name")
    if target.is_dir() and not os.access(target, os.W_OK | os.X_OK):
        raise PublishError(f"{folder}: cannot be written; change its permissions, or give another folder")
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
    """Raise PublishError where the folder holds a file that no build of ours has written.

    Missing and empty folders pass. `shown` is the folder as the person wrote it.
    """
    present = visible_files(target)
    if not present:
        return
    written = written_paths(target)
    stopped = stopped_paths(target)
    if written is None and not stopped:
        raise PublishError(
            f"{shown}: holds files but no {NAME} of this program, so it was not built by it; "
            "give another folder, or --force to replace everything in it"
        )
    foreign = sorted(present - (written or set()) - stopped)
    if foreign:
        raise PublishError(
            f"{shown}: holds files that no build has written ({listed(foreign, _SHOWN)}); "
            "move them away, or give --force to replace everything in it"
        )


def is_unchanged(target: Path, files: Mapping[str, bytes], own: Collection[str] = ()) -> bool:
    """Say whether the folder holds exactly these files with these bytes, beside `own`, the writer's lock."""
    if not target.is_dir() or set(files_below(target)) - set(own) != files.keys():
        return False
    return all(_holds(target / path, content) for path, content in files.items())


def is_ours(target: Path) -> bool:
    """Say whether a build has written this folder."""
    return written_paths(target) is not None


def visible_files(target: Path) -> frozenset[str]:
    """Return the paths of the files in a folder but for publishing's own; none where there is no folder."""
    if not target.is_dir():
        return frozenset()
    return frozenset(path for path in files_below(target) if not path.startswith(OWN_PREFIX))


def stopped_paths(target: Path) -> frozenset[str]:
    """Return what a build that was stopped while it wrote file by file may have left here, old and new."""
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
    except RuntimeError:  # no one's home: nothing to guard
        return None
