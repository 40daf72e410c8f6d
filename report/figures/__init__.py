"""Panels -> Vega-Lite specifications, SVG, PNG, PDF; here are the settings of figures, and how large things are drawn.

That is cells, labels and the arrangement of panels, in pixels. A figure is laid out so that on a full journal page (183
mm) its smallest text stays readable: panels stand side by side while they fit, one below the other where there are many
categories.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from ..cells import Panel
from ..settings import Identifier, Settings
from ..theme.colours import LIGHT

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


Scheme = Literal[
    "yellowgreenblue", "viridis", "cividis", "blues", "greys", "orangeblue", "purplegreen", "redblue", "blueorange"
]


class FigureSettings(Settings):
    """Which panels, on which scale.

    `scale` bounds the colours (None: the measure's own range, or the data's); `scheme` None takes
    yellowgreenblue, for diverging measures orangeblue; `values` None writes numbers up to 20 categories. `form` sets
    `colour_bar`, `empty`, `names` and `numbers` where these are None.
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
    colours: Literal["linear", "sqrt", "log"] | None = None
    """How colours follow values; counts of a hundred and more by their square roots unless given."""
    form: Literal["plain", "classic"] = "plain"
    """`plain`: names of columns above, one colour bar, per cent. `classic`: names below, a bar each, 0 to 1."""
    colour_bar: Literal["each", "shared"] | None = None
    """One colour bar above all panels (shared), or one at the right of each. Each for the classic form."""
    empty: Literal["show", "fold"] | None = None
    """Rows and columns without units: shown, or left out and listed in one line. Shown in the classic form."""
    names: Literal["plain", "lettered"] | None = None
    """Names of axes: the label of the entity, or "Dataset Category A" (lettered). Lettered in the classic form."""
    numbers: Literal["percent", "share"] | None = None
    """Shares in cells: 71 (percent) or 0.71 (share). Share in the classic form."""
    values: bool | None = None
    """Whether numbers stand in the cells; up to 20 categories unless given."""

    @property
    def is_classic(self) -> bool:
        """Whether names of columns are below the cells, and axes have their titles there."""
        return self.form == "classic"

    @property
    def folds(self) -> bool:
        """Whether categories without units are left out."""
        return (self.empty or ("show" if self.is_classic else "fold")) == "fold"

    @property
    def has_shared_bar(self) -> bool:
        """Whether one colour bar above the panels serves them all."""
        return (self.colour_bar or ("each" if self.is_classic else "shared")) == "shared"

    @property
    def is_lettered(self) -> bool:
        """Whether axes are called "Category A" and "Category B"."""
        return (self.names or ("lettered" if self.is_classic else "plain")) == "lettered"

    @property
    def in_percent(self) -> bool:
        """Whether shares are written in per cent."""
        return (self.numbers or ("share" if self.is_classic else "percent")) == "percent"


PERCENT_MEASURES = ("conditional", "share")
"""Measures whose cells may be written in per cent."""

VALUES_LIMIT = 20
"""Up to this many categories cells carry their number, unless the config says otherwise."""

SQUARES_LIMIT = 40
"""Up to this many categories each cell is a square of its own; beyond, cells without numbers are one picture."""

BESIDE_LIMIT = 16
"""Up to this many categories panels stand side by side, two to a row."""

SIDE_BY_SIDE_PX = 1400
"""Panels wider than this together stand one below the other: text would be too small on a screen of 1280 pixels. Two
of 16 categories with the longest names that are drawn have 1,336."""

SCREEN = 1.32
"""Pixels of a page for each pixel of a drawing: names of 10 are 13 high on a screen."""

LABEL_PX = 10.0
SIZES_PX = 9.2
SIZED_STEP = 22.0
"""Rows at least as high have their number of units under their name."""
VALUE_PX = 10.0
LABEL_LIMIT_PX = 150
MATRIX_PX = 640
SLANTED = 1.5
"""Room along the axis that a label at 45 degrees takes, in its own height."""

SLOPE = math.sqrt(0.5)
"""How far up a label at 45 degrees reaches, by its length."""

CHARACTER_EM = 0.54
"""Mean width of a character: text is measured in earnest only when it is drawn."""

PADDING_PX = 6
PANEL_GAP_PX = 18
KEY_BOX_PX = 11

LEGEND_PX = 62
LEGEND_TITLE_PX = 18
LEGEND_OFFSET_PX = 14
TITLE_PX = 11


@dataclass(frozen=True, slots=True)
class Layout:
    """Sizes of one figure, in pixels. `columns`: panels in a row; `given_label_every`: each k-th is named.

    `ground` is the colour behind everything and of cells that are left blank; None leaves both transparent.
    `picture`: the cells of a panel are one picture, not a square each. `sizes_px` is how high the number of units
    stands under a row's name, 0 for none; `shared_bar`: one colour bar above all panels. Names wider than `names_px`
    lose letters in the middle. `classic`: names of columns are below the cells. `percent`: shares are in per cent.
    `key_px` is the width of a line of the key.
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

    @property
    def outcome_label_every(self) -> int:
        """Each k-th outcome category is named at its axis."""
        return max(1, math.ceil(SLANTED * self.label_px / self.step))


def longest(panels: Sequence[Panel]) -> int:
    """Return the most categories that an axis of some panels has."""
    return max(max(len(p.given_categories), len(p.outcome_categories)) for p in panels)


def wants_values(figure: FigureSettings, panels: Sequence[Panel]) -> bool:
    """Return whether numbers are to stand in the cells: as the config says, else up to 20 categories."""
    return figure.values if figure.values is not None else longest(panels) <= VALUES_LIMIT


def layout(figure: FigureSettings, panels: Sequence[Panel]) -> Layout:
    """Return the sizes for panels of R x C categories; all panels of a figure have equally large cells."""
    most, values = longest(panels), wants_values(figure, panels)
    step = _step(most, _value_length(panels, percent=figure.in_percent) if values else 0)
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
        value_px=min(VALUE_PX, step * 0.42) if values else 0.0,
        line_px=0.75 if step >= 10 else 0.0,
        gap=max(4, round(step * 0.3)),
        picture=most > SQUARES_LIMIT and not values,
    )


def text_px(text: str, size: float) -> float:
    """Return about how wide a text is at a font size, in pixels.

    >>> round(text_px("all models", 10), 1)
    54.0
    """
    return len(text) * CHARACTER_EM * size


def legend_offset(title: str, matrix: float) -> int:
    """Return how far right of a matrix its colour bar stands: clear of a title below that is wider than the matrix."""
    return LEGEND_OFFSET_PX + max(0, math.ceil((text_px(title, TITLE_PX) - matrix) / 2))


def _step(longest: int, value_length: int) -> int:
    """Return the side of a cell: room for its number where it has one, the whole matrix within bounds."""
    wanted = 36 if longest <= 2 else 27 if longest <= 9 else 26 if longest <= 12 else 24
    if value_length:
        return max(wanted, math.ceil(value_length * 5.2) + 6)
    return max(3, min(wanted, MATRIX_PX // longest))


def _value_length(panels: Sequence[Panel], *, percent: bool) -> int:
    """Return the most characters a cell's number has, from the largest value (weights and counts get long)."""
    if percent and panels[0].measure.name in PERCENT_MEASURES:
        return 3
    values = {value for panel in panels for value in panel.column("value") if value is not None}
    largest = max(map(abs, values), default=0.0)
    signed = any(value < 0 for value in values)
    if panels[0].measure.name == "count":
        return len(f"{largest:,.0f}")
    return max(4, len(f"{largest:.0f}")) + signed


def fitting_value_px(panels: Sequence[Panel], step: float, *, percent: bool) -> float:
    """Return how high numbers of these panels are in cells of a side that was laid out for others."""
    length = _value_length(panels, percent=percent)
    return round(min(VALUE_PX, step * 0.42, (step - 3) / (length * CHARACTER_EM)), 2)


def _panel_width(panel: Panel, step: int) -> float:
    labels = max(text_px(name, LABEL_PX) for name in panel.given_categories)
    return min(labels, LABEL_LIMIT_PX) + 24 + step * len(panel.outcome_categories) + LEGEND_PX


def panel_letters(panels: Sequence[Panel]) -> list[str]:
    """Return how captions tell panels apart: (a), (b), ...; nothing for one alone."""
    if len(panels) == 1:
        return [""]
    return [f"({chr(ord('a') + i) if i < 26 else i + 1})" for i in range(len(panels))]
