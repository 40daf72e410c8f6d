"""Sections of the config that optional parts add, each with its own settings and check."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from ..settings import Settings
from ..slots import Parts
from .places import Fault, View


class CheckSection(Protocol):
    """A check of a section against the rest of the file."""

    def __call__(self, config: View) -> Iterable[Fault]:
        """Yield all errors. `config` is the whole file, in which any value may be wrong."""
        ...


def _no_check(config: View) -> Iterator[Fault]:
    """Yield nothing, since the settings alone define a valid section."""
    del config
    yield from ()


@dataclass(frozen=True)
class ConfigSection:
    """A section of the config.

    `name` is its key at the top level of the file, `settings` its keys with their types, `about` one sentence for the
    schema.
    """

    name: str
    settings: type[Settings]
    about: str
    check: CheckSection = _no_check


SECTIONS: Parts[ConfigSection] = Parts("section")
"""The sections by name. A section is loaded when a config has it."""
