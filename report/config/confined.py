"""Report all parts of a config that `--confine` does not allow, by key, before anything is opened.

`opened` searches the settings for fields marked with `OpensPath`, so that a key that names something to open is checked
anywhere in the config. Checks that need a look-up on the network are made at the time of the request.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel

from ..confine import (
    OpenedKind,
    OpensPath,
    current,
    database_fault,
    folder_fault,
    path_fault,
    pattern_fault,
    portable_name,
)
from ..errors import PluginError
from ..sources import EngineSettings, SourceSettings
from ..sources.addresses import ADDRESSES, scheme_of
from ..sources.engines import own_settings
from ..sources.located import is_pattern, needs_permission
from ..theme.fonts import SYSTEM
from .places import Fault, KeyPath


class OpenedValue(NamedTuple):
    """A value of a config that names something to open, with its key, text, mark and enclosing settings."""

    path: KeyPath
    text: str
    mark: OpensPath
    owner: BaseModel

    @property
    def what(self) -> OpenedKind:
        """The kind of thing that the text names."""
        return self.mark.what


def opened(settings: BaseModel, path: KeyPath = ()) -> Iterator[OpenedValue]:
    """Yield every value that names something to open, in the order of the settings."""
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        key = path if name == "root" else (*path, field.alias or name)
        mark = next((mark for mark in field.metadata if isinstance(mark, OpensPath)), None)
        if mark is not None:
            yield from (OpenedValue(*found, mark, settings) for found in _texts(value, key))
        else:
            yield from _below(value, key)
    own = own_settings(settings) if isinstance(settings, EngineSettings) else None
    own = settings.own if isinstance(settings, SourceSettings) else own
    if own is not None:
        yield from opened(own, path)


def portable_names(config: BaseModel, base: Path) -> dict[str, str]:
    """Return the name in outputs of each absolute path that a config in the folder `base` names."""
    named = {value.text: portable_name(value.text, base) for value in opened(config) if scheme_of(value.text) is None}
    return {text: name for text, name in sorted(named.items(), key=lambda one: -len(one[0])) if text != name}


def _texts(value: object, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, list | tuple):
        for n, one in enumerate(value):
            yield from _texts(one, (*path, n))


def _below(value: object, path: KeyPath) -> Iterator[OpenedValue]:
    if isinstance(value, BaseModel):
        yield from opened(value, path)
    elif isinstance(value, Mapping):
        for name, one in value.items():
            yield from _below(one, (*path, str(name)))
    elif isinstance(value, list | tuple):
        for n, one in enumerate(value):
            yield from _below(one, (*path, n))


def confinement_faults(config: BaseModel, base: Path) -> Iterator[Fault]:
    """Yield all parts of a config in the folder `base` that `--confine` does not allow. Without it, yield nothing."""
    if current() is None:
        return
    for value in opened(config):
        if (fault := _fault(value, base)) is not None:
            yield Fault(value.path, fault)


def _fault(value: OpenedValue, base: Path) -> str | None:
    text = value.text
    if value.what == "database":
        return _of_database(value, base)
    if value.mark.fault is not None:
        return value.mark.fault(text)
    if value.what == "folder":
        return folder_fault(base / text, base, text)
    if scheme_of(text) is not None:
        return address_fault(text)
    if value.what == "address" or text == SYSTEM:
        return None
    return pattern_fault(text, base) if is_pattern(text) else path_fault(base / text, base, text)


def address_fault(address: str) -> str | None:
    """Return why an address is not allowed, as far as its text shows."""
    try:
        kind = ADDRESSES.get(scheme_of(address) or "")
    except PluginError as error:
        return str(error)
    return None if kind is None else kind.refused(address)


def _of_database(value: OpenedValue, base: Path) -> str | None:
    assert isinstance(value.owner, SourceSettings)  # noqa: S101 - only sources have databases
    if needs_permission(value.owner) and (fault := database_fault(value.text)) is not None:
        return fault
    return None if value.owner.is_server else path_fault(base / value.text, base, value.text)
