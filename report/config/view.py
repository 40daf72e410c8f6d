"""Reading the plain values of a config that may be wrong anywhere: what is not as expected reads as absent.

Checks across sections read the file through this, not through settings, so that one wrong value does not
keep the rest from being checked in the same run; validation of single values reports what is wrong itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .nodes import Plain
from .places import KeyPath, Wrong


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
        """Whether anything stands here; a key without a value reads as left out."""
        return self.value is not None

    @property
    def text(self) -> str | None:
        """The text that stands here, if it is text."""
        return self.value if isinstance(self.value, str) else None

    @property
    def is_mapping(self) -> bool:
        """Whether keys stand here."""
        return isinstance(self.value, dict)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of a mapping, in the order written."""
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
        """Yield the values of a list, or the one value that stands without brackets."""
        if isinstance(self.value, list):
            yield from self.elements()
        elif self.value is not None:
            yield self

    def texts(self) -> Iterator[tuple[View, str]]:
        """Yield each text of one or several, with its view."""
        for view in self.one_or_several():
            if view.text is not None:
                yield view, view.text

    def wrong(self, message: str) -> Wrong:
        """Return a problem of this entry."""
        return Wrong(self.path, message)
