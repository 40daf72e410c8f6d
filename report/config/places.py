"""Values of a config file with their places and key paths, and words for problems.

Checks across sections read the file through `View`, not through settings, so that one wrong value does not prevent
other checks in the same run. A value of an unexpected type counts as absent, and validation reports it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from ..errors import Problem, did_you_mean, shortened

Plain: TypeAlias = "str | list[Plain] | dict[str, Plain] | None"
"""A value of the file: text, nothing (`~`, `null`, or empty), a list, or a mapping."""

KeyPath: TypeAlias = tuple[str | int, ...]
"""The keys (and list positions from 0) that lead to an entry: `("panels", 0, "measure")`; () is the whole file."""

_LONGEST_KEY = 40


class Place(NamedTuple):
    """The place of an entry. Lines and columns count from 1; 0 and 0 mean the file as a whole."""

    line: int
    column: int


class Fault(NamedTuple):
    """An error in the entry at a path, without its place in the file."""

    path: KeyPath
    message: str


def dotted(path: KeyPath) -> str:
    """Write a key path in the usual notation.

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
    r"""Return a text in quotes on one line, shortened, and without user information before @ in an address.

    >>> print(quoted("https://me:secret@example.org/a"), quoted("two\nlines"))
    "https://…@example.org/a" "two\nlines"
    """
    text = printable(text.replace("\\", "\\\\").replace('"', '\\"'))
    return f'"{shortened(text, longest)}"'


def printable(text: str) -> str:
    """Return a text with escapes for characters that do not print, without user information before @ in an address."""
    text = re.sub(r"(?<=://)[^/?#\s]*@", "…@", text)
    return "".join(c if c.isprintable() else _ESCAPES.get(c, f"\\u{ord(c):04x}") for c in text)


@dataclass(frozen=True)
class SourcePositions:
    """The place of each entry of one file. In a mapping it is the place of the key, in a list of the value.

    `file` is the file's name as the user gave it.
    """

    file: str
    places: Mapping[KeyPath, Place]

    def place(self, path: KeyPath) -> Place:
        """Return the place of an entry, or of the nearest enclosing entry if it is not in the file."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.places:
                return self.places[path[:length]]
        return Place(0, 0)

    def written(self, path: KeyPath) -> KeyPath:
        """Return a path of settings as in the file, without the keys that a short form omits."""
        found: KeyPath = ()
        for step in path:
            if (*found, step) in self.places:
                found = (*found, step)
        return found or path

    def problem(self, path: KeyPath, message: str) -> Problem:
        """Return a problem at this entry, with its file, line, column and dotted path."""
        line, column = self.place(path)
        return Problem(self.file, line, column, dotted(path), printable(message))


_MOST_LISTED = 30


def listed(names: Iterable[str], last: str = ", ") -> str:
    """Return names in a row, cut if there are very many.

    >>> listed(["a", "b", "c"]), listed(["a", "b", "c"], " or ")
    ('a, b, c', 'a, b or c')
    """
    shown = list(names)
    if len(shown) > _MOST_LISTED:
        return ", ".join(shown[:_MOST_LISTED]) + f", … ({len(shown)} in all)"
    return last.join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)


def not_one_of(name: str, known: Collection[str], what: str = "") -> str:
    """Return the message for an unknown name.

    >>> print(not_one_of("lnk", ["link", "from", "to"]))
    "lnk" is not one of link, from, to (did you mean "link"?)
    >>> print(not_one_of("people", ["models"], "entities"))
    "people" is not one of the entities: models
    """
    if what and not known:
        return f"{quoted(name)} is not declared: there are no {what}"
    start = f"{quoted(name)} is not one of the {what}: " if what else f"{quoted(name)} is not one of "
    return start + listed(known) + did_you_mean(name, known)


@dataclass(frozen=True)
class View:
    """A value with its path."""

    value: Plain
    path: KeyPath = ()

    def __getitem__(self, key: str) -> View:
        if isinstance(self.value, dict) and key in self.value:
            return View(self.value[key], (*self.path, key))
        return View(None, (*self.path, key))

    def at(self, *keys: str) -> View:
        """Return the value below several keys."""
        view = self
        for key in keys:
            view = view[key]
        return view

    @property
    def given(self) -> bool:
        """Whether there is a value. A key without a value counts as absent."""
        return self.value is not None

    @property
    def text(self) -> str | None:
        """The text of the value, or None if it is not text."""
        return self.value if isinstance(self.value, str) else None

    @property
    def is_mapping(self) -> bool:
        """Whether the value is a mapping."""
        return isinstance(self.value, dict)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of a mapping, in file order."""
        return tuple(self.value) if isinstance(self.value, dict) else ()

    def entries(self) -> Iterator[tuple[str, View]]:
        """Yield the keys and values of a mapping."""
        for key in self.keys:
            yield key, self[key]

    def elements(self) -> Iterator[View]:
        """Yield the values of a list."""
        if isinstance(self.value, list):
            for i, value in enumerate(self.value):
                yield View(value, (*self.path, i))

    def one_or_several(self) -> Iterator[View]:
        """Yield the values of a list, or a single value without brackets."""
        if isinstance(self.value, list):
            yield from self.elements()
        elif self.value is not None:
            yield self

    def texts(self) -> Iterator[tuple[View, str]]:
        """Yield each text of one or several, with its view."""
        for view in self.one_or_several():
            if view.text is not None:
                yield view, view.text

    def repeated(self) -> Iterator[tuple[View, str]]:
        """Yield each text of one or several that occurred before, with its view."""
        seen: set[str] = set()
        for view, text in self.texts():
            if text in seen:
                yield view, text
            seen.add(text)

    def wrong(self, message: str) -> Fault:
        """Return a problem of this entry."""
        return Fault(self.path, message)

    def without(self, keys: Iterable[str], message: str) -> Iterator[Fault]:
        """Yield a problem for each of `keys` that is given."""
        for key in keys:
            if self[key].given:
                yield self[key].wrong(message)
