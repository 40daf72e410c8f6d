"""Engines with limits that no config can set, so that tests reach them with small files."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from diptych.sources import EngineSettings, Limits


def limited(memory: str | None = None, **limits: Any) -> EngineSettings:
    """Return settings of an engine with one thread and these limits."""

    class Limited(EngineSettings):
        @property
        def limits(self) -> Limits:
            return replace(super().limits, **limits)

    return Limited(threads=1, memory=memory)
