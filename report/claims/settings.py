"""Settings of authored text."""

from __future__ import annotations

from typing import Literal

from ..settings import Settings, Share


class TextSettings(Settings):
    """Where authored text stands and what a false claim does to the build."""

    folder: str = "text/"
    on_false_claim: Literal["error", "withdraw", "mark"] = "error"
    require_bound: Share | None = None
