"""Draw panels as Vega-Lite, SVG, PNG and PDF. This module defines figure settings and the layout.

The layout gives the sizes of cells and labels and the arrangement of panels, in pixels. The smallest text remains
readable when a figure is printed across a full journal page (183 mm). Panels are side by side if they fit. With many
categories, they are stacked.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import Field

from ..cells import Panel
from ..settings import Identifier, Settings, Share
from ..theme.colours import LIGHT

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


Scheme = Literal[
    "yellowgreenblue", "viridis", "cividis", "blues", "greys", "orangeblue", "purplegreen", "redblue", "blueorange"
]


class FigureSettings(Settings):
    """The panels and colour scale of a figure.

    If `scale` is None, colours cover the range of the measure, or of the data if the measure has none. If `scheme` is
    None, it is yellowgreenblue, or orangeblue for a diverging measure. If `values` is None, cells show numbers up to
    20 categories, and percentages up to 40. `form` sets the names of axes and how shares are written, and the defaults
    of `colour_bar` and `empty`.
    """

    removed: ClassVar[Mapping[str, str]] = {
        "colours": "counts of 100 and more have colours by their square roots, ratios by their logarithms, "
        "and other values linear ones",
        "names": "`form: classic` has lettered axes",
        "numbers": "`form: classic` shows shares as 0.71",
    }

    id: Identifier
    """Identifier of the figure in file names and text."""
    panels: tuple[str, ...] = Field(min_length=1)
    """Panels of the figure, side by side. All have the same measure."""
    title: str | None = None
    """Title above the figure."""
    scale: tuple[float, float] | None = None
    """Lower and upper end of the colour scale. Default: the range of the measure."""
    scheme: Scheme | None = None
    """Colour scheme."""
    form: Literal["plain", "classic"] = "plain"
    """`plain`: column names above, one colour bar, per cent. `classic`: names below, one bar per panel, 0 to 1, and
    axes named "Dataset Category A"."""
    colour_bar: Literal["each", "shared"] | None = None
    """One colour bar above all panels (shared) or one to the right of each panel (each, default of `classic`)."""
    empty: Literal["show", "fold"] | None = None
    """Rows and columns without units: shown (default of `classic`), or omitted and listed in one line (fold)."""
    values: bool | None = None
    """Whether cells show numbers. Default: up to 20 categories, and percentages up to 40."""
    marks: Share | None = None
    """The false discovery rate, such as 0.05, up to which cells that differ from the other rows have an arrow (↑ or ↓),
    in the figure and its tables. The appendix then lists the differences in percentage points."""

    @property
    def is_classic(self) -> bool:
        """Whether column names and axis titles are below the cells."""
        return self.form == "classic"

    @property
    def folds(self) -> bool:
        """Whether categories without units are omitted."""
        return (self.empty or ("show" if self.is_classic else "fold")) == "fold"

    @property
    def has_shared_bar(self) -> bool:
        """Whether all panels share one colour bar, above them."""
        return (self.colour_bar or ("each" if self.is_classic else "shared")) == "shared"

    @property
    def is_lettered(self) -> bool:
        """Whether axes are named "Category A" and "Category B"."""
        return self.is_classic

    @property
    def in_percent(self) -> bool:
        """Whether shares are shown as percentages."""
        return not self.is_classic


VALUES_LIMIT = 20
"""Largest number of categories for which cells show numbers of any length by default."""

SQUARES_LIMIT = 40
"""Largest number of categories with one square per cell. Larger matrices without numbers are a single picture."""

DOTS_LIMIT = 14
"""Largest number of categories with a dot in each cell without units. With more, such cells are blank."""

BESIDE_LIMIT = 16
"""Largest number of categories for which panels are side by side, two to a row."""

SIDE_BY_SIDE_PX = 1400
"""Panels with a larger total width are stacked, because text would be too small on a screen of 1280 pixels.

Two panels of 16 categories with the longest names allowed are 1,336 pixels wide."""

SCREEN = 1.32
"""Page pixels per drawing pixel: names of 10 pixels are 13 pixels high on a screen."""

LABEL_PX = 10.0
SIZES_PX = 9.2
SIZED_STEP = 22.0
"""Smallest row height, in pixels, with the number of units below the row's name."""
VALUE_PX = 10.0
LEAST_VALUE_PX, LEAST_NUMBERED_STEP, SHORT = 9.2, 17, 3
"""Numbers of at most `SHORT` characters are in cells of this side or more, with this font size or more.

On a screen of any width, the font is then at least 11 pixels high."""
LABEL_LIMIT_PX = 150
MATRIX_PX = 640
SLANTED = 1.5
"""Space along the axis that a label at 45 degrees needs, in multiples of its height."""

SLOPE = math.sqrt(0.5)
"""Height of a label at 45 degrees, as a fraction of its length."""

CHARACTER_EM = 0.54
"""Mean width of a character, in em. The exact width of a text is measured only when it is drawn."""

PADDING_PX = 6
PANEL_GAP_PX = 18
KEY_BOX_PX = 11

LEGEND_PX = 62
LEGEND_TITLE_PX = 18
LEGEND_OFFSET_PX = 14
TITLE_PX = 11


@dataclass(frozen=True, slots=True)
class Layout:
    """Sizes of one figure, in pixels.

    `step` is the side of a cell. `columns` is the number of panels per row. Every `given_label_every`-th row is named.
    `ground` is the colour of the background and of blank cells; None makes both transparent. If `picture`, the cells
    of a panel are one picture instead of one square each. `sizes_px` is the font size of the number of units below a
    row's name, 0 for none. If `shared_bar`, one colour bar is above all panels. Names wider than `names_px` are
    shortened in the middle. If `classic`, column names are below the cells. If `percent`, shares are percentages.
    `key_px` is the width of a line of the key. If `dots`, cells without units have a dot.
    """

    step: float
    values: bool
    columns: int
    given_label_every: int
    label_px: float
    value_px: float
    line_px: float
    gap: int
    ground: str | None = LIGHT["paper"]
    picture: bool = False
    sizes_px: float = 0.0
    shared_bar: bool = False
    names_px: float = LABEL_LIMIT_PX
    classic: bool = False
    percent: bool = True
    key_px: float = 400.0
    dots: bool = True

    @property
    def outcome_label_every(self) -> int:
        """The k for which every k-th outcome category is named on its axis."""
        return max(1, math.ceil(SLANTED * self.label_px / self.step))


def longest(panels: Sequence[Panel]) -> int:
    """Return the largest number of categories on any axis of the panels."""
    return max(max(len(p.given_categories), len(p.outcome_categories)) for p in panels)


def wants_values(figure: FigureSettings, panels: Sequence[Panel]) -> bool:
    """Return whether cells show numbers: as set in the config, or by default if the numbers are readable."""
    if figure.values is not None:
        return figure.values
    is_short = _value_length(panels, percent=figure.in_percent) <= SHORT
    return longest(panels) <= (SQUARES_LIMIT if is_short else VALUES_LIMIT)


def layout(figure: FigureSettings, panels: Sequence[Panel]) -> Layout:
    """Return the layout for panels of R x C categories. All panels of a figure have cells of the same size."""
    most, values = longest(panels), wants_values(figure, panels)
    length = _value_length(panels, percent=figure.in_percent) if values else 0
    step = _step(most, length)
    label_px = LABEL_PX if step >= 11 else 8.5
    given_every = max(1, math.ceil((label_px + 1) / step))
    widest = sum(sorted((_panel_width(panel, step) for panel in panels), reverse=True)[:2])
    beside = len(panels) > 1 and most <= BESIDE_LIMIT and widest <= SIDE_BY_SIDE_PX
    return Layout(
        step=step,
        values=values,
        columns=2 if beside else 1,
        sizes_px=SIZES_PX if step >= SIZED_STEP else 0.0,
        shared_bar=figure.has_shared_bar,
        classic=figure.is_classic,
        percent=figure.in_percent,
        given_label_every=given_every if given_every == 1 else max(1, math.ceil(SLANTED * label_px / step)),
        label_px=label_px,
        value_px=max(min(VALUE_PX, step * 0.42), LEAST_VALUE_PX if length <= SHORT else 0.0) if values else 0.0,
        line_px=0.75 if step >= 10 else 0.0,
        gap=max(4, round(step * 0.3)),
        picture=most > SQUARES_LIMIT and not values,
        dots=most <= DOTS_LIMIT,
    )


def text_px(text: str, size: float) -> float:
    """Return the approximate width of a text at a font size, in pixels.

    >>> round(text_px("all models", 10), 1)
    54.0
    """
    return len(text) * CHARACTER_EM * size


def legend_offset(title: str, matrix: float) -> int:
    """Return the distance from a matrix to its colour bar, which clears an axis title wider than the matrix."""
    return LEGEND_OFFSET_PX + max(0, math.ceil((text_px(title, TITLE_PX) - matrix) / 2))


_USUAL_STEP = 24
"""Side of cells with numbers from 13 categories on, if they have room."""


def _step(longest: int, value_length: int) -> int:
    """Return the side of a cell, which fits its number, if any. Without numbers, `MATRIX_PX` bounds the matrix."""
    wanted = 36 if longest <= 2 else 27 if longest <= 9 else 26 if longest <= 12 else _USUAL_STEP
    if 0 < value_length <= SHORT and VALUES_LIMIT < longest <= SQUARES_LIMIT:
        return max(LEAST_NUMBERED_STEP, min(wanted, MATRIX_PX // longest))
    if value_length:
        return max(wanted, math.ceil(value_length * 5.2) + 6)
    return max(3, min(wanted, MATRIX_PX // longest))


def _value_length(panels: Sequence[Panel], *, percent: bool) -> int:
    """Return the length of the longest number in a cell, estimated from the largest value."""
    if percent and panels[0].measure.is_share:
        return 3
    values = {value for panel in panels for value in panel.column("value") if value is not None}
    largest = max(map(abs, values), default=0.0)
    signed = any(value < 0 for value in values)
    if panels[0].measure.name == "count":
        return len(f"{largest:,.0f}")
    return max(4, len(f"{largest:.0f}")) + signed


def fitting_value_px(panels: Sequence[Panel], step: float, *, percent: bool) -> float:
    """Return the font size of these panels' numbers in cells of a given side, laid out for other panels.

    0 if the cells are smaller than usual and their numbers would not be readable.
    """
    length = _value_length(panels, percent=percent)
    if length <= SHORT and step >= LEAST_NUMBERED_STEP:
        return round(max(min(VALUE_PX, step * 0.42), LEAST_VALUE_PX), 2)
    size = round(min(VALUE_PX, step * 0.42, (step - 3) / (length * CHARACTER_EM)), 2)
    return size if step >= _USUAL_STEP or size >= LEAST_VALUE_PX else 0.0


def _panel_width(panel: Panel, step: int) -> float:
    labels = max(text_px(name, LABEL_PX) for name in panel.given_categories)
    return min(labels, LABEL_LIMIT_PX) + 24 + step * len(panel.outcome_categories) + LEGEND_PX


def panel_letters(panels: Sequence[Panel]) -> list[str]:
    """Return the letters of panels in captions, (a), (b), ...; an empty text for a single panel."""
    if len(panels) == 1:
        return [""]
    return [f"({chr(ord('a') + i) if i < 26 else i + 1})" for i in range(len(panels))]
