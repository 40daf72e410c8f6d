"""Other programs that are run: git and gh, without a person to ask and without a shell."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import DataError
from ..renderers.escape import one_line
from .workflow_commands import harmless

_WHO = {
    "GIT_AUTHOR_NAME": "github-actions[bot]",
    "GIT_AUTHOR_EMAIL": "41898282+github-actions[bot]@users.noreply.github.com",
    "GIT_COMMITTER_NAME": "github-actions[bot]",
    "GIT_COMMITTER_EMAIL": "41898282+github-actions[bot]@users.noreply.github.com",
}
_ALONE = {"GIT_TERMINAL_PROMPT": "0", "GH_PROMPT_DISABLED": "1", "LC_ALL": "C"}
_TOKEN = ("-c", "credential.helper=", "-c", "credential.helper=!gh auth git-credential")
"""git asks gh, which has the token in its environment: it is written to no file and stands in no command line."""


@dataclass(frozen=True)
class Ran:
    """What a program said, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def ok(self) -> bool:
        """Whether it did what it was asked to."""
        return self.status == 0


def said(line: str) -> None:
    """Print a line of the log, which is no command whatever names stand in it."""
    sys.stderr.write(f"{harmless(one_line(line))}\n")
    sys.stderr.flush()


def git(*arguments: str, cwd: Path | None = None, more: Mapping[str, str] | None = None, text: str = "") -> Ran:
    """Run git; `more` are variables of its environment, `text` what it reads."""
    return run(["git", *arguments], cwd, {**_WHO, **(more or {})}, text)


def git_remote(*arguments: str) -> Ran:
    """Run a command of git that speaks with the remote, with the token of the step where there is one."""
    return git(*(_TOKEN if os.environ.get("GH_TOKEN") else ()), *arguments)


def git_done(*arguments: str, more: Mapping[str, str] | None = None, text: str = "") -> str:
    """Run git and return what it says. DataError with its message where it fails."""
    found = git(*arguments, more=more, text=text)
    if not found.ok:
        raise DataError(f"git {arguments[0]}: {last_line(found.err)}")
    return found.out.strip()


def gh(*arguments: str, text: str = "") -> str:
    """Run gh and return what it says. DataError with its message where it fails."""
    found = run(["gh", *arguments], None, {}, text)
    if not found.ok:
        what = " ".join(arguments[:2])
        raise DataError(f"gh {what}: {last_line(found.err)} (the job needs the permission that docs/github.md names)")
    return found.out.strip()


def last_line(text: str) -> str:
    """Return the last line of a message that says something."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return harmless(lines[-1]) if lines else "no message"


def run(
    arguments: Sequence[str], cwd: Path | None = None, more: Mapping[str, str] | None = None, text: str = ""
) -> Ran:
    """Run a program without a shell; what it answers is for the caller to judge. DataError where it cannot be run."""
    try:
        found = subprocess.run(  # noqa: S603 - no shell, and programs that callers name
            arguments,
            cwd=cwd,
            env={**os.environ, **_ALONE, **(more or {})},
            input=text.encode(),
            capture_output=True,
            check=False,
        )
    except OSError as error:
        raise DataError(f"{arguments[0]}: cannot be run ({error.strerror})") from None
    return Ran(found.returncode, found.stdout.decode(errors="replace"), found.stderr.decode(errors="replace"))
