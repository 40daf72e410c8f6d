"""The files that a git repository tracks, asked in a way that runs nothing of the repository."""

from __future__ import annotations

import os
from pathlib import Path

from .foreign_git import ask_git

_known: dict[Path, frozenset[str]] = {}


def is_tracked(real: Path, repository: Path) -> bool:
    """Return whether a repository or one of its submodules tracks a file. Both paths are real; staged files count.

    Raises OSError if git is not there or cannot read the repository.
    """
    path = real.relative_to(repository).as_posix() if real.is_relative_to(repository) else ""
    if path not in _known.get(repository, ()):
        _known[repository] = _tracked(repository)  # it may have been added since
    return path in _known[repository]


def _tracked(repository: Path) -> frozenset[str]:
    listed = ask_git(repository, "ls-files", "-z", "--cached", "--recurse-submodules")
    return frozenset(os.fsdecode(path) for path in listed.split(b"\0") if path)
