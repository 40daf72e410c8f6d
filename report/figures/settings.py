"""Settings of a figure: panels side by side on one colour scale."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ..settings import Identifier, Settings

Scheme = Literal["yellowgreenblue", "viridis", "cividis", "blues", "greys", "purplegreen", "redblue", "blueorange"]


class FigureSettings(Settings):
    """Which panels, on which scale.

    `scale` bounds the colours (None: the measure's own range, or the data's); `scheme` None takes
    yellowgreenblue, for diverging measures purplegreen; `values` None writes numbers up to 20 categories.
    """

    id: Identifier
    panels: tuple[str, ...] = Field(min_length=1)
    title: str | None = None
    scale: tuple[float, float] | None = None
    scheme: Scheme | None = None
    values: bool | None = None
