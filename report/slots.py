"""Slots: the places where packs and other packages add entries, and the look-up of entries by name.

A package declares an entry under the entry-point group of its slot (GROUPS), by the name that a config or the command
line uses. docs/extending.md describes the interface. The program never searches elsewhere for its own entries. A build
that needs no other entries reads no entry points, and a broken package affects only builds that use it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, Literal, Protocol, TypeVar

from .confine import plugin_fault
from .errors import DiptychError, PluginError

if TYPE_CHECKING:  # not loaded by a command line that uses no other package
    from importlib.metadata import EntryPoint

Slot = Literal[
    "address", "command", "engine", "finding", "history", "measure", "passages", "renderer", "section", "source"
]

INTERFACE = 1
"""The version of the interface for entries (docs/extending.md).

It increases when an entry for the previous version would fail.
"""

GROUPS: Mapping[Slot, str] = MappingProxyType(
    {
        "address": "diptych.addresses",
        "command": "diptych.commands",
        "engine": "diptych.engines",
        "finding": "diptych.findings",
        "history": "diptych.histories",
        "measure": "diptych.measures",
        "passages": "diptych.passages",
        "renderer": "diptych.renderers",
        "section": "diptych.sections",
        "source": "diptych.sources",
    }
)
"""The groups of entry points, by slot."""

_SAID: Mapping[Slot, str] = MappingProxyType(
    {
        "address": "kind of address",
        "command": "command",
        "engine": "engine",
        "finding": "kind of finding",
        "history": "history",
        "measure": "measure",
        "passages": "writer of passages",
        "renderer": "renderer",
        "section": "section of the config",
        "source": "format of files",
    }
)


_OF_PACKS: dict[Slot, dict[str, str]] = {slot: {} for slot in GROUPS}
"""The entries of this program's packs: "module:attribute" below this package, by slot and name."""


_ON_REQUEST: set[tuple[Slot, str]] = set()

_USUAL: dict[Slot, dict[str, Position]] = {slot: {} for slot in GROUPS}


@dataclass(frozen=True, slots=True)
class Position:
    """The position of a pack's entry in every report: `before` an entry of the core.

    `square`: it is only for relations whose two sides have the same categories. `result` is the key in report.json of
    the result that it adds to a relation, or empty.
    """

    before: str
    square: bool = False
    result: str = ""


def register(slot: Slot, name: str, target: str, *, on_request: bool = False, position: Position | None = None) -> None:
    """Add an entry of a pack of this program. `target` ("module:attribute") is loaded when the entry is first used.

    If `on_request`, a config without its name does not use it. An entry with a `position` is used by every report.
    """
    _OF_PACKS[slot][name] = target
    if on_request:
        _ON_REQUEST.add((slot, name))
    if position is not None:
        _USUAL[slot][name] = position


def packs_in_every_report(slot: Slot) -> tuple[str, ...]:
    """Return the names of the packs with entries that every report uses."""
    targets = (_OF_PACKS[slot][name] for name in _USUAL[slot])
    return tuple(dict.fromkeys(target.split(".")[1] for target in targets))


def positions(slot: Slot) -> Mapping[str, Position]:
    """Return the entries of packs that every report uses, by name, without loading them."""
    return _USUAL[slot]


def usual_names_of_packs(slot: Slot) -> tuple[str, ...]:
    """Return the names of the entries of packs that a config without these names uses."""
    return tuple(name for name in _OF_PACKS[slot] if (slot, name) not in _ON_REQUEST)


def names_of_packs(slot: Slot) -> tuple[str, ...]:
    """Return the names of the entries of packs, in the order of the list of packs, without loading them."""
    return tuple(_OF_PACKS[slot])


class PluginEntry(Protocol):
    """An entry of any slot: it has a name and the interface version for which it was written."""

    @property
    def name(self) -> str:
        """The name in a config or on the command line."""
        ...

    @property
    def interface(self) -> int | None:
        """The version of the interface; None for the program's own."""
        ...


T = TypeVar("T", bound=PluginEntry)


class Entries(Mapping[str, T], Generic[T]):
    """The program's own entries of a slot by name. For any other name, entries of other packages are looked up.

    Iterating gives the program's own entries alone. `others` names the entries of other packages without loading them.
    """

    def __init__(
        self,
        slot: Slot,
        of: type[T],
        own: tuple[T, ...],
        targets: Mapping[str, str] | None = None,
        *,
        of_sections: bool = False,
    ) -> None:
        """Take the program's own entries, in order. `targets` ("module:attribute") are loaded on first use.

        `of_sections`: entries of packs come with a section of the config, so that a config never names them.
        """
        self._slot: Slot = slot
        self._of = of
        self._own = {entry.name: entry for entry in own}
        self._always = dict(targets or {})
        self._of_sections = of_sections

    @property
    def core(self) -> Mapping[str, T]:
        """The entries of the core, which are already loaded."""
        return self._own

    @property
    def _targets(self) -> Mapping[str, str]:
        return self._always | _OF_PACKS[self._slot]

    def __getitem__(self, name: str) -> T:
        """Return an entry. Raises KeyError if no package has it, PluginError if it cannot be used."""
        target = self._targets.get(name)
        if target is not None:
            entry: T = _imported(self._slot, name, target)
            return entry
        found = self._own.get(name)
        return _loaded(self._slot, self._of, name) if found is None else found

    def __contains__(self, name: object) -> bool:
        return name in self._own or name in self._targets or name in found(self._slot)

    def __iter__(self) -> Iterator[str]:
        return iter((*self._own, *self._targets))

    def __len__(self) -> int:
        return len(self._own) + len(self._targets)

    @property
    def further(self) -> tuple[str, ...]:
        """The names of entries that a config may have beyond those of the core: of packs, and of other packages."""
        return (*(() if self._of_sections else names_of_packs(self._slot)), *self.others)

    @property
    def own(self) -> tuple[T, ...]:
        """The entries of the core, in order."""
        return tuple(self._own.values())

    @property
    def others(self) -> tuple[str, ...]:
        """The names of the entries of other packages, sorted."""
        return tuple(sorted(found(self._slot).keys() - set(self)))


def _imported(slot: Slot, name: str, target: str) -> Any:  # noqa: ANN401 - an entry of the slot's type
    """Return the object of a target. Raises PluginError if its pack, or a library of the pack, is not installed."""
    module, _, attribute = target.partition(":")
    try:
        return getattr(import_module(f".{module}", __package__), attribute)
    except ModuleNotFoundError as error:
        missing, program = error.name or "", (__package__ or "").partition(".")[0]
        root, _, pack = module.partition(".")
        if root != "contrib" or (missing.startswith(f"{program}.") and not missing.startswith(f"{program}.contrib")):
            raise
        extra = pack.partition(".")[0]
        lacks = f"needs {missing}, which" if not missing.startswith(program) else ""
        said = f'the {_SAID[slot]} "{name}" {lacks} is not installed'.replace("  ", " ")
        raise PluginError(f'{said}: pip install "diptych[{extra}]"') from error


def found(slot: Slot) -> Mapping[str, tuple[EntryPoint, ...]]:
    """Return the entry points of a slot by name, several if packages offer the same name."""
    return _found(GROUPS[slot], tuple(sys.path))


@lru_cache
def _found(group: str, _: tuple[str, ...]) -> Mapping[str, tuple[EntryPoint, ...]]:
    """Search the installed packages once for each module search path."""
    from importlib.metadata import entry_points  # noqa: PLC0415 - slower to import than the help

    points: dict[str, tuple[EntryPoint, ...]] = {}
    for point in entry_points(group=group):
        points[point.name] = (*points.get(point.name, ()), point)
    return points


def _loaded(slot: Slot, of: type[T], name: str) -> T:
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
    if entry.interface is None:
        raise _error(slot, point, "cannot be used: it does not say for which interface it was written")
    if entry.interface != INTERFACE:
        what = f"was written for interface {entry.interface}, this program has {INTERFACE}"
        raise _error(slot, point, what, also=" or of diptych")
    if entry.name != name:
        raise _error(slot, point, f'cannot be used: it calls itself "{entry.name}"')
    return entry


def package_of(point: EntryPoint) -> str:
    """Return the package of an entry point, with its version."""
    return "an unknown package" if point.dist is None else f"{point.dist.name} {point.dist.version}"


_LEAVE_OUT = "leave it out of the config"


def _error(slot: Slot, point: EntryPoint, what: str, also: str = "") -> PluginError:
    """Return an error about an entry. `also` names something else of which another version may help."""
    name = "it" if point.dist is None else point.dist.name
    return PluginError(
        f'the {_SAID[slot]} "{point.name}" of {package_of(point)} ({point.value}) {what}; '
        f"install another version of {name}{also}, or {'uninstall it' if slot == 'command' else _LEAVE_OUT}"
    )


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


@contextmanager
def at_work(slot: Slot, name: str, interface: int | None, passing: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Name the failing entry of another package: any exception except DiptychError becomes PluginError.

    Exceptions of the types `passing` are not changed. Neither are exceptions of the program's own entries (no
    `interface`).
    """
    try:
        yield
    except DiptychError:
        raise
    except Exception as error:
        if interface is None or isinstance(error, passing):
            raise
        raise _error(slot, found(slot)[name][0], f"fails ({_said(error)})") from error


def packages(names: Mapping[Slot, tuple[str, ...]]) -> frozenset[str]:
    """Return the packages of entries. Names that no package has are ignored."""
    points = [point for slot, of in names.items() for name in of for point in found(slot).get(name, ())]
    return frozenset(point.dist.name for point in points if point.dist is not None)
