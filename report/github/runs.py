"""Other programs that are run, git and gh, and lines that GitHub's runner reads in the output of a step.

Without a person to ask and without a shell; https://docs.github.com/actions, "Workflow commands".
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import DataError
from ..renderers.escape import one_line

_PLACED = re.compile(r"(?P<file>.+?):(?:(?P<line>\d+):(?:(?P<column>\d+):)?)? (?P<rest>.*)", re.DOTALL)
_OLD_COMMAND = "##["


def escaped(text: str) -> str:
    r"""Return text as the message of a command.

    >>> escaped("100 %\nof all")
    '100 %25%0Aof all'
    """
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escaped_property(text: str) -> str:
    """Return text as a property of a command, such as a file's name.

    >>> escaped_property("a,b:c%.md")
    'a%2Cb%3Ac%25.md'
    """
    return escaped(text).replace(":", "%3A").replace(",", "%2C")


def command(name: str, message: str, **properties: str | int | None) -> str:
    """Return a command; properties that are None are left out.

    >>> command("error", "claim is false", file="text/a.md", line=3, col=None)
    '::error file=text/a.md,line=3::claim is false'
    """
    given = ",".join(f"{key}={escaped_property(str(value))}" for key, value in properties.items() if value is not None)
    return f"::{name}{f' {given}' if given else ''}::{escaped(message)}"


def annotation(message: str, folders: Iterable[Path] = (), name: str = "error") -> str:
    """Return an error as GitHub shows it beside its line.

    `message` begins with file, line and column where it has a place: `text/overview.md:3:1: claim is false: …`. The
    file is looked for from the working folder, then from `folders`; the command names it from the top of the
    repository. What has no file that is there becomes one without a place. `name`: error or warning.
    """
    found = _PLACED.fullmatch(message)
    file = found and _from_the_top(found["file"], folders)
    if not found or not file:
        return command(name, message)
    return command(name, found["rest"], file=file, line=found["line"], col=found["column"])


def harmless(line: str) -> str:
    """Return a line of a log that the runner cannot take for a command, whatever names it holds.

    >>> harmless("::add-mask::a"), harmless("note: ##[add-mask]a")
    (' : :add-mask::a', 'note: # #[add-mask]a')
    """
    line = line.replace(_OLD_COMMAND, "# #[")
    start = line.lstrip()
    return f" : :{start.removeprefix('::')}" if start.startswith("::") else line


def _from_the_top(file: str, folders: Iterable[Path]) -> str | None:
    """Return the path of a file from the top of the repository, with forward slashes; None where there is none."""
    for path in (Path(file), *(folder / file for folder in folders)):
        if path.is_file():
            top = Path(os.environ.get("GITHUB_WORKSPACE") or ".").resolve()
            real = path.resolve()
            return (real.relative_to(top) if real.is_relative_to(top) else path).as_posix()
    return None


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


def git(*arguments: str, more: Mapping[str, str] | None = None, remote: bool = False) -> Ran:
    """Run git; `more` are variables of its environment, with `remote` it has the token of the step, if there is one."""
    token = _TOKEN if remote and os.environ.get("GH_TOKEN") else ()
    return run(["git", *token, *arguments], {**_WHO, **(more or {})})


def git_done(*arguments: str, more: Mapping[str, str] | None = None, remote: bool = False) -> str:
    """Run git and return what it says. DataError with its message where it fails."""
    found = git(*arguments, more=more, remote=remote)
    if not found.ok:
        raise DataError(f"git {arguments[0]}: {last_line(found.err)}")
    return found.out.strip()


def gh(*arguments: str, text: str = "") -> str:
    """Run gh and return what it says. DataError with its message where it fails."""
    found = run(["gh", *arguments], text=text)
    if not found.ok:
        what = " ".join(arguments[:2])
        raise DataError(f"gh {what}: {last_line(found.err)} (the job needs the permission that docs/github.md names)")
    return found.out.strip()


def last_line(text: str) -> str:
    """Return the last line of a message that says something."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return harmless(lines[-1]) if lines else "no message"


def run(arguments: Sequence[str], more: Mapping[str, str] | None = None, text: str = "") -> Ran:
    """Run a program without a shell; what it answers is for the caller to judge. DataError where it cannot be run."""
    try:
        found = subprocess.run(  # noqa: S603 - no shell, and programs that callers name
            arguments,
            env={**os.environ, **_ALONE, **(more or {})},
            input=text.encode(),
            capture_output=True,
            check=False,
        )
    except OSError as error:
        raise DataError(f"{arguments[0]}: cannot be run ({error.strerror})") from None
    return Ran(found.returncode, found.stdout.decode(errors="replace"), found.stderr.decode(errors="replace"))
