"""Whether a run accepts golden files: words with `make accept`, numbers only with `make accept DATA=1`."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Literal

Net = Literal["words", "data"]

VARIABLES: dict[Net, str] = {"words": "DIPTYCH_ACCEPT", "data": "DIPTYCH_ACCEPT_DATA"}
"""The environment variable that accepts what a net holds."""
TARGETS: dict[Net, str] = {"words": "make accept", "data": "make accept DATA=1"}


def is_accepting(net: Net) -> bool:
    """Return whether this run takes the files of a net as they are now."""
    return os.environ.get(VARIABLES[net], "") not in ("", "0")


def net_of(path: str) -> Net:
    """Return the net of a file: tables and snapshots are data, all other files are words.

    >>> net_of("data/left.csv"), net_of("data/statements.json")
    ('data', 'words')
    """
    return "data" if path.endswith((".csv", ".json.xz")) else "words"


def golden_files(folder: Path) -> Callable[[str, bytes], None]:
    """Return a function that compares bytes with a file of a folder, or accepts them as the file."""

    def compare(name: str, content: bytes) -> None:
        path = folder / name
        if is_accepting(net_of(name)):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        assert path.is_file(), f"no golden file {name}: `{TARGETS[net_of(name)]}` makes it"
        assert content.decode() == path.read_bytes().decode()

    return compare
