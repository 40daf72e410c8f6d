"""Paths that every system can hold: what a site may be made of."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

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
