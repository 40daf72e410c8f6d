"""Places in a config file: key paths, how they are written, and where they stand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from ..errors import Problem, shortened

KeyPath: TypeAlias = tuple[str | int, ...]
"""The keys (and list positions from 0) that lead to an entry: `("panels", 0, "measure")`; () is the whole file."""

_LONGEST_KEY = 40


class Place(NamedTuple):
    """Where an entry stands: lines and columns count from 1; 0 and 0 mean the file as a whole."""

    line: int
    column: int


class Wrong(NamedTuple):
    """Something wrong with the entry at a path, not yet placed in the file."""

    path: KeyPath
    message: str


def dotted(path: KeyPath) -> str:
    """Write a key path as people do.

    >>> dotted(("panels", 0, "measure")), dotted(("entities", "models", "aliases", "ImageNet 1k"))
    ('panels[0].measure', 'entities.models.aliases["ImageNet 1k"]')
    """
    text = ""
    for key in path:
        if isinstance(key, int):
            text += f"[{key}]"
        elif re.fullmatch(r"[\w-]+", key):
            text += f".{key}" if text else key
        else:
            text += f"[{quoted(key, _LONGEST_KEY)}]"
    return text


_ESCAPES = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}


def quoted(text: str, longest: int = 60) -> str:
    r"""Return a text in quotes on one line, shortened, and without what stands before @ in an address.

    >>> print(quoted("https://me:secret@example.org/a"), quoted("two\nlines"))
    "https://…@example.org/a" "two\nlines"
    """
    text = one_line(text.replace("\\", "\\\\").replace('"', '\\"'))
    return f'"{shortened(text, longest)}"'


def one_line(text: str) -> str:
    """Return a text with what does not print written out, and what stands before @ in an address left out."""
    text = re.sub(r"(?<=://)[^/?#\s]*@", "…@", text)
    return "".join(c if c.isprintable() else _ESCAPES.get(c, f"\\u{ord(c):04x}") for c in text)


@dataclass(frozen=True)
class Positions:
    """Where each entry of one file stands: a mapping's entry at its key, a list's at its value.

    `file` is the file's name as the user gave it.
    """

    file: str
    places: Mapping[KeyPath, Place]

    def place(self, path: KeyPath) -> Place:
        """Return where an entry stands; one that is not written is placed at the nearest that encloses it."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.places:
                return self.places[path[:length]]
        return Place(0, 0)

    def problem(self, path: KeyPath, message: str) -> Problem:
        """Return a problem at this entry, with its file, line, column and dotted path."""
        line, column = self.place(path)
        return Problem(self.file, line, column, dotted(path), one_line(message))
