"""Sizes: journal widths and the figure's measures in pixels."""

from __future__ import annotations

from typing import Literal

JournalWidth = Literal["single", "one-and-half", "double"]

JOURNAL_WIDTHS_MM: dict[JournalWidth, float] = {"single": 89.0, "one-and-half": 120.0, "double": 183.0}
"""Column widths in millimetres, as Nature asks of its authors."""


POINT_MM = 25.4 / 72
"""A point of typesetting in millimetres."""


def width_mm(width: JournalWidth | float) -> float:
    """Return a width in millimetres, from a journal width or millimetres.

    >>> width_mm("single"), width_mm(140)
    (89.0, 140.0)
    """
    return JOURNAL_WIDTHS_MM[width] if isinstance(width, str) else float(width)
