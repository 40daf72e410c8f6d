"""Claims: what people write beside the computed text, held to the numbers.

`values` are what authored text may name, `parsing` reads it, `predicates` judge, `rendering` puts values into it,
`unbound` lists what no number stands behind.
"""

from __future__ import annotations

from typing import Annotated, Literal

from ..confine import Opens
from ..settings import Settings, Share


class TextSettings(Settings):
    """Where authored text stands and what a false claim does to the build."""

    folder: Annotated[str, Opens("folder")] = "text/"
    """Where the Markdown files stand."""
    on_false_claim: Literal["error", "withdraw", "mark"] = "error"
    """What a false claim does: stop the build, withdraw the sentence, or mark it."""
    require_bound: Share | None = None
    """The least share of numbers in authored text that must be bound to data."""
