"""The base of every stage's settings, filled by `config` from YAML; and what other packages add to what they may name.

Measures, renderers, formats of files and kinds of finding of other packages are found by their entry points. A package
names what it adds under one of GROUPS, by the name that a config asks for it; docs/extending.md has the interface. A
name that the program has itself is never looked for elsewhere, so that a build that asks for nothing else reads no
entry points, and a broken package stops only builds that ask for it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType
from typing import Annotated, ClassVar, Generic, Literal, Protocol, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from .confine import plugin_fault
from .errors import DiptychError, PluginError


class Settings(BaseModel):
    """Settings of one stage: immutable, hashable, unknown names refused.

    `config` hands every YAML scalar over as the text that stands in the file (null as None), so that
    `no`, `on` and `12:30` stay text where text is expected; pydantic turns text into numbers elsewhere.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, populate_by_name=True)


class ChoiceSettings(Settings):
    """Entries by name, each with its options. In YAML a list of names and one-key mappings.

    A name that is no field is one of another package, whose options are checked by what that package says of them.
    `switches` are the fields that take no options, only whether they are chosen.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, dict[str, object]] = Field(init=False)
    switches: ClassVar[frozenset[str]] = frozenset()

    @property
    def others(self) -> dict[str, dict[str, object]]:
        """The entries of other packages, each with its options as they stand in the config."""
        return dict(self.__pydantic_extra__ or {})

    @model_validator(mode="before")
    @classmethod
    def _from_list(cls, value: object) -> object:
        if isinstance(value, dict):
            return {name: {} if of is None and name not in cls.model_fields else of for name, of in value.items()}
        if not isinstance(value, list | tuple):
            return value
        chosen: dict[str, object] = {}
        for entry in value:
            if not isinstance(entry, str | dict):
                raise ValueError("needs a list of names and one-key mappings")  # noqa: TRY004 - pydantic reports it
            for name, options in ({entry: None} if isinstance(entry, str) else entry).items():
                chosen[name] = options if options is not None else name in cls.switches or {}
        return chosen


def as_list(value: object) -> object:
    """Return a lone value as a list of one, since YAML authors leave out the brackets."""
    return value if isinstance(value, list | tuple) else [value]


def whole(value: object) -> object:
    """Return the text of a whole number as that number, since a Literal of numbers takes no text."""
    return int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value) else value


Names = Annotated[tuple[str, ...], BeforeValidator(as_list, json_schema_input_type=str | tuple[str, ...])]
"""One name or several."""

Within = Literal["brackets", "quotes"]

Respected = Annotated[tuple[Within, ...], BeforeValidator(as_list, json_schema_input_type=Within | tuple[Within, ...])]
"""Between which signs a separator does not split."""

IDENTIFIER = r"^[a-z][a-z0-9_]*$"
"""What names of entities, relations, taxonomies, panels and figures look like: they become files and ids."""

LONGEST_IDENTIFIER = 100
"""Names become names of files, which have 255 bytes at most on most systems."""

Identifier = Annotated[str, Field(pattern=IDENTIFIER, max_length=LONGEST_IDENTIFIER)]
"""The name of an entity, relation, taxonomy, panel or figure."""

Share = Annotated[float, Field(ge=0, le=1)]
"""A share between 0 and 1."""


Slot = Literal["finding", "measure", "renderer", "source"]

INTERFACE = 1
"""The version of what entries may rely on (docs/extending.md). It goes up when one written for the last would fail."""

GROUPS: Mapping[Slot, str] = MappingProxyType(
    {
        "finding": "diptych.findings",
        "measure": "diptych.measures",
        "renderer": "diptych.renderers",
        "source": "diptych.sources",
    }
)
"""The groups of entry points, by what their entries are."""

_SAID: Mapping[Slot, str] = MappingProxyType(
    {"finding": "kind of finding", "measure": "measure", "renderer": "renderer", "source": "format of files"}
)


class PluginEntry(Protocol):
    """Whatever may be added: it has a name, and says for which version of the interface it was written."""

    @property
    def name(self) -> str:
        """What a config calls it."""
        ...

    @property
    def interface(self) -> int | None:
        """The version of the interface; None for the program's own."""
        ...


T = TypeVar("T", bound=PluginEntry)


class Entries(Mapping[str, T], Generic[T]):
    """The program's own entries of a slot by name; those of other packages are looked up where none of these is meant.

    Iterating gives the program's own alone; `others` names those of other packages, without loading them.
    """

    def __init__(self, slot: Slot, of: type[T], own: tuple[T, ...]) -> None:
        """Take the program's own entries, in order."""
        self._slot: Slot = slot
        self._of = of
        self._own = {entry.name: entry for entry in own}

    def __getitem__(self, name: str) -> T:
        """Return an entry; KeyError where no package has it, PluginError where it cannot be used."""
        found = self._own.get(name)
        return _loaded(self._slot, self._of, name) if found is None else found

    def __contains__(self, name: object) -> bool:
        return name in self._own or name in found(self._slot)

    def __iter__(self) -> Iterator[str]:
        return iter(self._own)

    def __len__(self) -> int:
        return len(self._own)

    @property
    def others(self) -> tuple[str, ...]:
        """The names of entries of other packages, sorted."""
        return tuple(sorted(found(self._slot).keys() - self._own.keys()))


def found(slot: Slot) -> Mapping[str, tuple[EntryPoint, ...]]:
    """Return the entry points of a slot by name, more than one where packages offer the same name."""
    return _found(GROUPS[slot], tuple(sys.path))


@lru_cache
def _found(group: str, _: tuple[str, ...]) -> Mapping[str, tuple[EntryPoint, ...]]:
    """Look through what is installed, once for each way in which modules are found."""
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
    """Return the package that an entry point belongs to, with its version."""
    return "an unknown package" if point.dist is None else f"{point.dist.name} {point.dist.version}"


def _error(slot: Slot, point: EntryPoint, what: str, also: str = "") -> PluginError:
    """Return an error about an entry; `also` is what else another version may help of."""
    name = "it" if point.dist is None else point.dist.name
    return PluginError(
        f'the {_SAID[slot]} "{point.name}" of {package_of(point)} ({point.value}) {what}; '
        f"install another version of {name}{also}, or leave it out of the config"
    )


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


@contextmanager
def at_work(slot: Slot, name: str, interface: int | None) -> Iterator[None]:
    """Name an entry of another package whose code fails: PluginError for whatever it raises but a DiptychError.

    Nothing is changed for entries of the program itself (no `interface`): what they raise is our fault.
    """
    try:
        yield
    except DiptychError:
        raise
    except Exception as error:
        if interface is None:
            raise
        raise _error(slot, found(slot)[name][0], f"fails ({_said(error)})") from error


def packages(names: Mapping[Slot, tuple[str, ...]]) -> frozenset[str]:
    """Return the packages that entries come from; none for names that no package has."""
    points = [point for slot, of in names.items() for name in of for point in found(slot).get(name, ())]
    return frozenset(point.dist.name for point in points if point.dist is not None)
