"""Draw panels as Vega-Lite, SVG, PNG and PDF. This module defines the settings of a figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from ..cells import Panel
from ..settings import Identifier, Settings

JournalWidth = Literal["single", "one-and-half", "double"]

JOURNAL_WIDTHS_MM: dict[JournalWidth, float] = {"single": 89.0, "one-and-half": 120.0, "double": 183.0}
"""Column widths in millimetres, from Nature's guide for authors."""


POINT_MM = 25.4 / 72
"""A typographic point in millimetres."""


def width_mm(width: JournalWidth | float) -> float:
    """Return a width in millimetres, given a journal width or a number of millimetres.

    >>> width_mm("single"), width_mm(140)
    (89.0, 140.0)
    """
    return JOURNAL_WIDTHS_MM[width] if isinstance(width, str) else float(width)


Scheme = Literal["yellowgreenblue", "viridis", "greys", "orangeblue"]


def _rising(scale: tuple[float, float]) -> tuple[float, float]:
    """Reject a scale that ends where it begins, or below."""
    if scale[0] >= scale[1]:
        raise ValueError("needs the lower end first, then the higher one")
    return scale


class FigureSettings(Settings):
    """The panels and colour scale of a figure.

    If `scale` is None, colours cover the range of the measure, or of the data if the measure has none. If `scheme` is
    None, it is yellowgreenblue, or orangeblue for a diverging measure.
    """

    id: Identifier
    """Identifier of the figure in file names and text."""
    panels: tuple[str, ...] = Field(min_length=1)
    """Panels of the figure, side by side. All have the same measure."""
    title: str | None = None
    """Title above the figure."""
    scale: Annotated[tuple[float, float], AfterValidator(_rising)] | None = None
    """Lower and upper end of the colour scale. Default: the range of the measure."""
    scheme: Scheme | None = None
    """Colour scheme."""
    form: Literal["plain", "classic"] = "plain"
    """`plain`: column names above, one colour bar, per cent, without categories that have no units. `classic`: names
    below, one bar per panel, 0 to 1, all categories, and axes named "Dataset Category A"."""
    values: bool = True
    """Whether cells show numbers, if they can be read."""

    @property
    def is_classic(self) -> bool:
        """Whether column names and axis titles are below the cells."""
        return self.form == "classic"


def panel_letters(panels: Sequence[Panel]) -> list[str]:
    """Return the letters of panels in captions, (a), (b), ...; an empty text for a single panel."""
    if len(panels) == 1:
        return [""]
    return [f"({chr(ord('a') + i) if i < 26 else i + 1})" for i in range(len(panels))]
