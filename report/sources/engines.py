"""The slot of engines: DuckDB, and those of packs and other packages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from ..errors import DataError, PluginError
from ..settings import Settings
from ..slots import Entries, at_work
from . import EngineSettings, Limits
from .duckdb import DuckDBEngine
from .engine import Engine, Frame

__all__ = ["ENGINES", "Engine", "EngineKind", "engine_of_frame", "keys_of_engines", "open_engine", "own_settings"]
"""Who opens an engine hands it on; what is asked of it is asked by sources, relations and the ledger's export."""


@dataclass(frozen=True, eq=False)
class EngineKind:
    """An engine. `name` is what `engine: {name: …}` takes.

    `open` starts it, with its settings and the bounds for what is read. `settings` are its own keys below `engine:`.
    `frames` are the package and the class of data frames that it reads as they are, where there are any, and `as_frame`
    makes a frame of the engine of one. `interface` is the version of the interface for which it was written.
    """

    name: str
    open: Callable[[EngineSettings, Limits], Engine]
    settings: type[Settings] | None = None
    title: str | None = None
    frames: tuple[str, str] | None = None
    as_frame: Callable[[Any], Frame] | None = None
    interface: int | None = None


ENGINES = Entries(
    "engine", EngineKind, (EngineKind("duckdb", lambda settings, _: DuckDBEngine(settings), title="DuckDB"),)
)
"""Every engine by its name."""


def open_engine(settings: EngineSettings) -> Engine:
    """Return the engine that the settings name; `DataError` where it is not installed or does not start."""
    try:
        kind = ENGINES[settings.name]
    except (KeyError, PluginError) as error:
        what = str(error) if isinstance(error, PluginError) else f'there is no engine "{settings.name}"'
        raise DataError(f"engine.name: {what}") from error
    with at_work("engine", kind.name, kind.interface):
        return kind.open(settings, settings.limits)


def own_settings(settings: EngineSettings) -> Settings | None:
    """Return the engine's own settings; None where it has none, or where they or the engine are wrong."""
    try:
        model = ENGINES[settings.name].settings
        return None if model is None else model.model_validate(settings.chosen(model))
    except (KeyError, PluginError, ValidationError):  # told by the checks of the config
        return None


def keys_of_engines() -> dict[str, EngineKind]:
    """Return the keys below `engine:` that engines add, each with its engine; none of engines that cannot be used."""
    found: dict[str, EngineKind] = {}
    for name in (*ENGINES, *ENGINES.others):
        try:
            kind = ENGINES[name]
        except PluginError:
            continue
        found |= dict.fromkeys(kind.settings.model_fields if kind.settings else (), kind)
    return found


def engine_of_frame(kind: tuple[str, str]) -> EngineKind | None:
    """Return the engine that reads data frames of a package and class as they are; None where no engine does."""
    for name in (*ENGINES, *ENGINES.others):
        try:
            engine = ENGINES[name]
        except PluginError:
            continue
        if engine.frames == kind:
            return engine
    return None
