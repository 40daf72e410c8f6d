"""Commands to GitHub's runner in the output of a step (https://docs.github.com/actions, "Workflow commands").

This module needs only Python itself, so that a step may use it without an installed package.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

_PLACED = re.compile(r"(?P<file>.+?):(?:(?P<line>\d+):(?:(?P<column>\d+):)?)? (?P<rest>.*)", re.DOTALL)
_OLD_COMMAND = "##["


def escaped(text: str) -> str:
    r"""Return text escaped as the message of a command.

    >>> escaped("100 %\nof all")
    '100 %25%0Aof all'
    """
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escaped_property(text: str) -> str:
    """Return text escaped as a property of a command, such as a file's name.

    >>> escaped_property("a,b:c%.md")
    'a%2Cb%3Ac%25.md'
    """
    return escaped(text).replace(":", "%3A").replace(",", "%2C")


def workflow_command(name: str, message: str, **properties: str | int | None) -> str:
    """Return a command without the properties that are None.

    >>> workflow_command("error", "claim is false", file="text/a.md", line=3, col=None)
    '::error file=text/a.md,line=3::claim is false'
    """
    given = ",".join(f"{key}={escaped_property(str(value))}" for key, value in properties.items() if value is not None)
    return f"::{name}{f' {given}' if given else ''}::{escaped(message)}"


def annotation(message: str, folders: Iterable[Path] = (), name: str = "error") -> str:
    """Return an error as an annotation that GitHub shows next to its line.

    `message` begins with file, line and column if it has a place: `text/findings.md:3:1: claim is false: …`. The file
    is searched from the working folder, then from `folders`. The command names it from the top of the repository. If
    the file does not exist, the annotation has no place. `name`: error or warning.
    """
    found = _PLACED.fullmatch(message)
    file = found and _from_the_top(found["file"], folders)
    if not found or not file:
        return workflow_command(name, message)
    return workflow_command(name, found["rest"], file=file, line=found["line"], col=found["column"])


def harmless(line: str) -> str:
    """Return a line of a log that the runner cannot mistake for a command, for any names in it.

    >>> harmless("::add-mask::a"), harmless("note: ##[add-mask]a")
    (' : :add-mask::a', 'note: # #[add-mask]a')
    """
    line = line.replace(_OLD_COMMAND, "# #[")
    start = line.lstrip()
    return f" : :{start.removeprefix('::')}" if start.startswith("::") else line


def _from_the_top(file: str, folders: Iterable[Path]) -> str | None:
    """Return the path of a file from the top of the repository, with forward slashes, or None if it does not exist."""
    for path in (Path(file), *(folder / file for folder in folders)):
        if path.is_file():
            top = Path(os.environ.get("GITHUB_WORKSPACE") or ".").resolve()
            real = path.resolve()
            return (real.relative_to(top) if real.is_relative_to(top) else path).as_posix()
    return None
