"""The files that a git repository tracks, asked in a way that runs nothing of the repository."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from pathlib import Path

_HARMLESS = (
    *("-c", "core.fsmonitor=false"),
    *("-c", f"core.hooksPath={os.devnull}"),
    *("-c", "protocol.allow=never"),
    *("-c", "core.quotePath=false"),
)
"""Settings of git under which no program starts that the settings of a repository name."""

_ENVIRONMENT = {"GIT_NO_LAZY_FETCH": "1", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
_SECONDS = 60

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
    program = shutil.which("git")
    if program is None:
        raise FileNotFoundError(errno.ENOENT, "git is not installed")
    command = [program, *_HARMLESS, "ls-files", "-z", "--cached", "--recurse-submodules"]
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and nothing of the repository is run
            command,
            cwd=repository,
            env={**os.environ, **_ENVIRONMENT},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise TimeoutError(errno.ETIMEDOUT, f"git does not answer within {_SECONDS} seconds") from None
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise OSError(errno.EIO, said[0] if said else f"git ended with status {done.returncode}")
    return frozenset(os.fsdecode(path) for path in done.stdout.split(b"\0") if path)
