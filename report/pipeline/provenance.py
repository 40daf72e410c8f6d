"""The settings of a report, as listed in manifests."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue

from ..config.loading import LoadedConfig
from ..config.sections import SECTIONS

NO_TRACE = {
    *("master", "memory", "threads", "temporary"),
    *("rows", "characters", "files", "seconds", "download", "download_time"),
}
"""Settings of the engine that change no byte of a site."""


def report_settings(loaded: LoadedConfig) -> dict[str, JsonValue]:
    """Return the settings that may change a byte of the site, as JSON values, without paths of this machine.

    The value of an absent section of a pack is null.
    """
    dumped: dict[str, JsonValue] = dict.fromkeys(SECTIONS)
    dumped |= loaded.config.model_dump(mode="json", exclude={"engine": NO_TRACE})
    if loaded.config.disclosure is None:
        del dumped["disclosure"]
    names = loaded.portable
    return {key: _renamed(value, names) for key, value in dumped.items()} if names else dumped


def _renamed(value: JsonValue, names: Mapping[str, str]) -> JsonValue:
    """Return a JSON value with texts replaced by `names`."""
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, list):
        return [_renamed(one, names) for one in value]
    if isinstance(value, dict):
        return {key: _renamed(one, names) for key, one in value.items()}
    return value
