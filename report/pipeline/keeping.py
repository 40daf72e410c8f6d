"""Numbers that an earlier build counted: kept by the settings and the data that decide them."""

from __future__ import annotations

import io
import json
import pickle
from collections.abc import Sequence
from pathlib import Path

from ..cache import Cache
from ..config.loading import LoadedConfig
from ..history import SnapshotSettings
from ..manifest import hash_inputs
from .counting import Counted, count_all
from .inputs import reads_files_alone

_NOT_COUNTED = {"report", "figures", "outputs", "text", "url", "fonts", "snapshots"}
"""Parts of a config that change no number."""


def counted_before(cache: Cache, loaded: LoadedConfig, inputs: Sequence[Path]) -> Counted:
    """Return what `count_all` returns, from the cache where the same data were counted in the same way.

    An entry holds Python's own objects: a cache is as trusted as the compiled modules beside the program.
    """
    if not cache.is_on or not reads_files_alone(loaded):
        return count_all(loaded)
    how = loaded.config.model_dump(mode="json", exclude=_NOT_COUNTED)
    how["snapshots"] = None if loaded.config.snapshots is None else _series(loaded.config.snapshots)
    read = [part for file in hash_inputs(inputs, loaded.folder) for part in (file.path, file.sha256)]
    key = cache.key("counted", json.dumps(how, sort_keys=True), *read)
    kept = cache.get(key)
    if kept is not None:
        found = pickle.load(io.BytesIO(kept))  # noqa: S301 - our own, whole by its hash
        if isinstance(found, Counted):
            return found
    counted = count_all(loaded)
    cache.put(key, pickle.dumps(counted, protocol=5))
    return counted


def _series(snapshots: SnapshotSettings) -> list[str | None]:
    """Return what decides a series by a date; item types are counted whatever it is."""
    return [snapshots.by, snapshots.every if snapshots.by else None]
