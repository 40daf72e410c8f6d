"""The look-up of parts by name: of the core, of this program's optional parts, and of other people's packages.

Other packages add measures, renderers, sources and engines as entry points (`GROUPS`, docs/extending.md), by the name
that a config uses. The program never searches there for its own names. A build that needs no other packages reads no
entry points, and a broken package affects only builds that use it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from .confine import plugin_fault
from .errors import DiptychError, PluginError
from .packs import PARTS

if TYPE_CHECKING:  # not loaded by a command line that uses no other package
    from importlib.metadata import EntryPoint

Open = Literal["engine", "measure", "renderer", "source"]
"""A kind of part that other packages may add."""

Slot = Literal[Open, "address", "command", "passages", "section"]
"""A kind of part."""

GROUPS: Mapping[Open, str] = MappingProxyType(
    {
        "engine": "diptych.engines",
        "measure": "diptych.measures",
        "renderer": "diptych.renderers",
        "source": "diptych.sources",
    }
)
"""The groups of entry points, by kind."""

_SAID: Mapping[Slot, str] = MappingProxyType(
    {
        "address": "kind of address",
        "command": "command",
        "engine": "engine",
        "measure": "measure",
        "passages": "writer of passages",
        "renderer": "renderer",
        "section": "section of the config",
        "source": "format of files",
    }
)


T = TypeVar("T")


class Parts(Mapping[str, T], Generic[T]):
    """The program's own parts of a kind by name: those of the core, then optional parts, loaded on first use."""

    def __init__(self, slot: Slot, own: Iterable[Any] = ()) -> None:
        """Take the parts of the core, in order."""
        self.core: Mapping[str, T] = {part.name: part for part in own}
        self._slot: Slot = slot
        self._targets = PARTS.get(slot, {})

    def __getitem__(self, name: str) -> T:
        """Return a part. Raises KeyError if there is none, PluginError if a library that it needs is missing."""
        if name in self.core:
            return self.core[name]
        part: T = load(self._slot, name, self._targets[name])
        return part

    def __contains__(self, name: object) -> bool:
        return name in self.core or name in self._targets

    def __iter__(self) -> Iterator[str]:
        return iter((*self.core, *self._targets))

    def __len__(self) -> int:
        return len(self.core) + len(self._targets)


class Entries(Parts[T]):
    """Parts of a kind that other packages may add to. Iteration gives the program's own; `others` names the rest."""

    def __init__(self, slot: Open, of: type[T], own: Iterable[Any]) -> None:
        """Take the type of the parts, and the parts of the core in order."""
        super().__init__(slot, own)
        self._open: Open = slot
        self._of = of

    def __getitem__(self, name: str) -> T:
        """Return a part. Raises KeyError if no package has it, PluginError if it cannot be used."""
        return super().__getitem__(name) if super().__contains__(name) else _loaded(self._open, self._of, name)

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or name in found(self._open)

    @property
    def others(self) -> tuple[str, ...]:
        """The names that other packages add, sorted. Nothing is loaded."""
        return tuple(sorted(found(self._open).keys() - set(self)))


def load(slot: Slot, name: str, target: str) -> Any:  # noqa: ANN401 - a part of the kind's type
    """Return the object of a target. Raises PluginError if a library of an optional part is not installed."""
    module, _, attribute = target.partition(":")
    try:
        return getattr(import_module(f".{module}", __package__), attribute)
    except ModuleNotFoundError as error:
        missing = error.name or ""
        root, _, part = module.partition(".")
        if root != "contrib" or missing.partition(".")[0] == __package__:
            raise
        extra = part.partition(".")[0]
        raise PluginError(
            f'the {_SAID[slot]} "{name}" needs {missing}, which is not installed: pip install "diptych[{extra}]"'
        ) from error


def found(slot: Open) -> Mapping[str, tuple[EntryPoint, ...]]:
    """Return the entry points of a kind by name, several if packages offer the same name."""
    return _found(GROUPS[slot], tuple(sys.path))


@lru_cache
def _found(group: str, _: tuple[str, ...]) -> Mapping[str, tuple[EntryPoint, ...]]:
    """Search the installed packages once for each module search path."""
    from importlib.metadata import entry_points  # noqa: PLC0415 - slower to import than the help

    points: dict[str, tuple[EntryPoint, ...]] = {}
    for point in entry_points(group=group):
        points[point.name] = (*points.get(point.name, ()), point)
    return points


_AT_WORK: dict[tuple[Open, str], EntryPoint] = {}
"""The entry points of other packages that were loaded."""


def _loaded(slot: Open, of: type[T], name: str) -> T:
    points = found(slot).get(name, ())
    if not points:
        raise KeyError(name)
    if len({package_of(point) for point in points}) > 1:
        packages = " and ".join(sorted(package_of(point) for point in points))
        raise PluginError(f'the {_SAID[slot]} "{name}" is offered by {packages}; uninstall all but one')
    point = points[0]
    if (fault := plugin_fault(name, package_of(point))) is not None:
        raise PluginError(f"the {_SAID[slot]} {fault}")
    try:
        entry = point.load()
    except Exception as error:
        raise _error(slot, point, f"cannot be loaded ({_said(error)})") from error
    if not isinstance(entry, of):
        raise _error(slot, point, f"cannot be used: it is {type(entry).__name__}, not {of.__name__}")
    if (called := getattr(entry, "name", name)) != name:
        raise _error(slot, point, f'cannot be used: it calls itself "{called}"')
    _AT_WORK[slot, name] = point
    return entry


def package_of(point: EntryPoint) -> str:
    """Return the package of an entry point, with its version."""
    return "an unknown package" if point.dist is None else f"{point.dist.name} {point.dist.version}"


def _error(slot: Open, point: EntryPoint, what: str) -> PluginError:
    name = "it" if point.dist is None else point.dist.name
    return PluginError(
        f'the {_SAID[slot]} "{point.name}" of {package_of(point)} ({point.value}) {what}; '
        f"install another version of {name}, or leave it out of the config"
    )


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


@contextmanager
def at_work(slot: Open, name: str) -> Iterator[None]:
    """Name a failing part of another package: any exception but a DiptychError becomes a PluginError."""
    try:
        yield
    except DiptychError:
        raise
    except Exception as error:
        point = _AT_WORK.get((slot, name))
        if point is None:  # ours
            raise
        raise _error(slot, point, f"fails ({_said(error)})") from error


def packages(names: Mapping[Open, tuple[str, ...]]) -> frozenset[str]:
    """Return the packages of entries. Names that no package has are ignored."""
    points = [point for slot, of in names.items() for name in of for point in found(slot).get(name, ())]
    return frozenset(point.dist.name for point in points if point.dist is not None)
