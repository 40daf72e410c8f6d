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
    """The figure's name in files and text."""
    panels: tuple[str, ...] = Field(min_length=1)
    """The panels, side by side; all of one measure."""
    title: str | None = None
    """A title above the figure."""
    scale: tuple[float, float] | None = None
    """The lower and the upper end of the colours; the measure's own range unless given."""
    scheme: Scheme | None = None
    """The colours."""
    values: bool | None = None
    """Whether numbers stand in the cells; up to 20 categories unless given."""
