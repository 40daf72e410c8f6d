"""Registry of engines: DuckDB, and the engines of packs and other packages."""

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
"""A caller that opens an engine passes it on. Sources, relations and the export of the ledger send the queries."""


@dataclass(frozen=True, eq=False)
class EngineKind:
    """An engine. `name` is the value for `engine: {name: …}`.

    `open` starts it with its settings and the limits on input. `settings` are its own keys below `engine:`. `frames`
    are the package and class of data frames that it reads directly, if any, and `as_frame` converts such a data frame
    to a frame of the engine.
    """

    name: str
    open: Callable[[EngineSettings, Limits], Engine]
    settings: type[Settings] | None = None
    title: str | None = None
    frames: tuple[str, str] | None = None
    as_frame: Callable[[Any], Frame] | None = None


ENGINES = Entries(
    "engine", EngineKind, (EngineKind("duckdb", lambda settings, _: DuckDBEngine(settings), title="DuckDB"),)
)
"""All engines by name."""


def open_engine(settings: EngineSettings) -> Engine:
    """Return the engine that the settings name, or raise `DataError` if it is not installed or does not start."""
    try:
        kind = ENGINES[settings.name]
    except (KeyError, PluginError) as error:
        what = str(error) if isinstance(error, PluginError) else f'there is no engine "{settings.name}"'
        raise DataError(f"engine.name: {what}") from error
    with at_work("engine", kind.name):
        return kind.open(settings, settings.limits)


def own_settings(settings: EngineSettings) -> Settings | None:
    """Return the engine's own settings, or None if it has none, or if they or the engine are invalid."""
    try:
        model = ENGINES[settings.name].settings
        return None if model is None else model.model_validate(settings.chosen(model))
    except (KeyError, PluginError, ValidationError):  # reported by the checks of the config
        return None


def keys_of_engines() -> dict[str, EngineKind]:
    """Return the keys below `engine:` that engines add, each with its engine, without unusable engines."""
    found: dict[str, EngineKind] = {}
    for name in (*ENGINES, *ENGINES.others):
        try:
            kind = ENGINES[name]
        except PluginError:
            continue
        found |= dict.fromkeys(kind.settings.model_fields if kind.settings else (), kind)
    return found


def engine_of_frame(kind: tuple[str, str]) -> EngineKind | None:
    """Return the engine that reads data frames of a package and class directly, or None if no engine does."""
    for name in (*ENGINES, *ENGINES.others):
        try:
            engine = ENGINES[name]
        except PluginError:
            continue
        if engine.frames == kind:
            return engine
    return None
