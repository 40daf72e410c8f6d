"""Ask git about a repository that somebody else may have made, in a way that runs nothing of the repository."""

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

_ENVIRONMENT = {
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",  # `protocol.file.allow` of a repository has no effect then
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
}
_SECONDS = 60


def ask_git(repository: Path, *arguments: str) -> bytes:
    """Return the output of git, run in a folder of a repository. Every call of git in this program is one of this.

    `arguments` must begin with a command that reads objects or the index. Raises OSError, with the first line of git's
    message, if git is not there, fails or does not answer.
    """
    program = shutil.which("git")
    if program is None:
        raise FileNotFoundError(errno.ENOENT, "git is not installed")
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and nothing of the repository is run
            [program, *_HARMLESS, *arguments],
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
    return done.stdout
