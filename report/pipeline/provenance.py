"""The origin of a report: its settings, config and inputs, as listed in manifests and pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pydantic import JsonValue

from ..config.loading import LoadedConfig
from ..config.sections import SECTIONS
from ..document.material import ProvenanceFile
from ..manifest import InputFile, InputTable

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


def went_in(files: Iterable[InputFile], tables: Iterable[InputTable]) -> tuple[ProvenanceFile, ...]:
    """Return the manifest's entries for files and tables in the form for pages and snapshots."""
    read = (ProvenanceFile(one.path, one.sha256, one.size, one.address, one.revision) for one in files)
    passed = (ProvenanceFile(one.source, one.sha256, rows=one.rows, columns=one.columns) for one in tables)
    return (*read, *passed)
