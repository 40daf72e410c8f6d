"""Lay out a figure, or one of its panels, for print at a given width and label size, and for the pages of a report.

The labels of a drawing are LABEL_PX high. To print them at p points on a width of w points, the drawing must be
w * LABEL_PX / p pixels wide. Labels, colour bars and gaps take part of this width, and the cells get the remainder.
On the pages of a report, panels are side by side if they fit. Otherwise, each panel is a separate picture.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from .. import formats
from ..cells import Panel
from ..errors import RenderError
from ..theme.colours import LIGHT
from ..theme.fonts import text_em
from . import (
    BESIDE_LIMIT,
    LABEL_LIMIT_PX,
    LABEL_PX,
    PADDING_PX,
    PANEL_GAP_PX,
    POINT_MM,
    SIZED_STEP,
    SIZES_PX,
    SLANTED,
    SLOPE,
    SQUARES_LIMIT,
    TITLE_PX,
    FigureSettings,
    Layout,
    legend_offset,
    longest,
    panel_letters,
    text_px,
    wants_values,
)
from .heatmap import BAR_GAP_PX, BAR_HEIGHT_PX, BAR_PX, NOTE_PX, POINTED_PX, alt_text, heatmap_spec
from .naming import CORNER_PX, HEADING_PX, MOST_LINES, READING_PX, TOP_PX, corner_names, size_texts, wrapped
from .scales import ColourScale, baseline_label, has_baseline, key_entries, key_height
from .specs import Json

LARGEST_STEP = 56.0
"""Largest side of a cell, so that a matrix of two categories does not fill a page."""

LEAST_STEP = 0.5
"""Smallest side of a cell. Smaller cells are indistinguishable."""

LARGEST_VALUE, LEAST_VALUE = 0.95, 0.72
"""Largest and smallest font size of numbers, relative to labels. With `values: true`, numbers can be smaller."""

VALUE_MARGIN_PX = 2.0

LEAST_PT, REPORT_LEAST_PT = 5.0, 7.0
"""Smallest printed font size in a figure file and in a report, in points."""

_LABEL_PADDING, _TITLE_PADDING = 6.0, 10.0
_ROUNDING_PX = 1.0
_ROW_GAP_PX = 20.0
_PRECISION = 0.005

_BAR, _BAR_OFFSET, _TICK_PX, _BAR_TITLE_PX = 11.0, 4.0, 9.5, 10.0
_LEAST_KEY_PX = 110.0
"""Minimum width of a line of the key."""


@dataclass(frozen=True, slots=True)
class Print:
    """Print settings of a figure: `width` in millimetres and the font size of labels, `text`, in points.

    `height` is the maximum height in millimetres, None for no limit. Names wider than `names`, in pixels of the
    drawing, are shortened with an ellipsis. No text is smaller than `least` points if labels are not.
    """

    width: float
    text: float
    height: float | None = None
    names: float = LABEL_LIMIT_PX
    least: float = LEAST_PT

    @property
    def pixels(self) -> float:
        """Width of the drawing, in pixels."""
        return self.drawn(self.width)

    def drawn(self, millimetres: float) -> float:
        """Return the number of drawing pixels that a length in millimetres corresponds to."""
        return millimetres / POINT_MM * LABEL_PX / self.text


def fitted(figure: FigureSettings, panels: Sequence[Panel], scales: Mapping[str, ColourScale], room: Print) -> Layout:
    """Return the layout of a figure in print; `scales` by panel id.

    Two panels are side by side if their cells are then large enough for numbers. Without numbers, cells must keep at
    least half of the side that they have in stacked panels, or a third up to `BESIDE_LIMIT` categories.
    Raises RenderError if the width leaves no space for cells.
    """
    wanted = wants_values(figure, panels)
    number = _number_em(panels, scales) if wanted else 1.0
    smallest = max(LEAST_VALUE, room.least / room.text) * LABEL_PX
    least = (number * smallest + VALUE_MARGIN_PX) if wanted else LEAST_STEP
    alone = _step(figure, panels, scales, room, 1)
    if alone < LEAST_STEP:
        raise RenderError(
            f"figure {figure.id}: on {room.width:g} mm with labels of {room.text:g} points nothing is left for the "
            "cells; ask for a wider figure or smaller text under outputs: figures"
        )
    columns, step = 1, alone
    if len(panels) > 1:
        beside = _step(figure, panels, scales, room, 2)
        shrunk = alone / (3 if longest(panels) <= BESIDE_LIMIT else 2)
        if beside >= (least if wanted else max(LEAST_STEP, shrunk)):
            columns, step = 2, beside
    step = math.floor(100 * step) / 100
    values = wanted and (step >= least or figure.values is True)
    return Layout(
        step=step,
        values=values,
        columns=columns,
        given_label_every=max(1, math.ceil((LABEL_PX + 1) / step)),
        label_px=LABEL_PX,
        value_px=_value_px(step, number) if values else 0.0,
        line_px=0.75 if step >= 10 else 0.0,
        gap=max(4, round(step * 0.3)),
        picture=longest(panels) > SQUARES_LIMIT and not values,
        sizes_px=max(SIZES_PX, room.least / room.text * LABEL_PX) if step >= SIZED_STEP else 0.0,
        shared_bar=figure.has_shared_bar,
        names_px=room.names,
        classic=figure.is_classic,
        percent=figure.in_percent,
        key_px=_key_room(figure, panels, scales, room),
    )


def _drawn_height(
    figure: FigureSettings,
    panels: Sequence[Panel],
    scales: Mapping[str, ColourScale],
    step: float,
    columns: int,
    room: Print,
) -> float:
    """Return the maximum height of a drawing with cells of side `step`, in pixels."""
    rows = [panels[i : i + columns] for i in range(0, len(panels), columns)]
    key = key_height(
        key_entries(panels, scales, pointed=figure.has_shared_bar), _key_room(figure, panels, scales, room)
    )
    if figure.has_shared_bar:
        key = max(key, BAR_HEIGHT_PX) + _ROW_GAP_PX
    return sum(_tall(figure, row, step, room.names) + _ROW_GAP_PX for row in rows) + key + 2 * PADDING_PX


def _key_room(figure: FigureSettings, panels: Sequence[Panel], scales: Mapping[str, ColourScale], room: Print) -> float:
    """Return the maximum width of a line of the key: the total width less the colour bar or the row names."""
    first = panels[0]
    names = _beside(figure, first, scales[first.id], LARGEST_STEP, room.names)[0]
    beside = BAR_PX + BAR_GAP_PX + POINTED_PX + 8 if figure.has_shared_bar else names
    return max(_LEAST_KEY_PX, math.floor(room.pixels - 2 * PADDING_PX - beside))


def _tall(figure: FigureSettings, row: Sequence[Panel], step: float, names: float) -> float:
    """Return the maximum height of a row of panels: heading, names, cells, row of all units and axis title."""
    slanted = [max(_label_px(name, names) for name in panel.outcome_categories) + LABEL_PX for panel in row]
    heading = MOST_LINES * (HEADING_PX * 1.2 + READING_PX * 1.25) + 12
    base = max(4, round(step * 0.3)) + step
    cells = (
        named * SLOPE + step * len(panel.given_categories) + (base if has_baseline(panel) else 0.0)
        for named, panel in zip(slanted, row, strict=True)
    )
    axis = _TITLE_PADDING + TITLE_PX if figure.is_classic else 0.0
    return heading + max(cells) + 2 * TOP_PX + axis


def _step(
    figure: FigureSettings, panels: Sequence[Panel], scales: Mapping[str, ColourScale], room: Print, columns: int
) -> float:
    """Return the largest side of cells for which the panels fit into `room`; 0 if there is none."""
    height = math.inf if room.height is None else room.drawn(room.height)
    low, high = 0.0, LARGEST_STEP
    while high - low > _PRECISION:
        middle = (low + high) / 2
        wide = _matrices_px(figure, panels, scales, middle, columns, room.names) + 2 * PADDING_PX
        if wide <= room.pixels and _drawn_height(figure, panels, scales, middle, columns, room) <= height:
            low = middle
        else:
            high = middle
    return low


def _matrices_px(
    figure: FigureSettings,
    panels: Sequence[Panel],
    scales: Mapping[str, ColourScale],
    step: float,
    columns: int,
    names: float,
) -> float:
    rows = (panels[i : i + columns] for i in range(0, len(panels), columns))
    return max(
        sum(sum(_beside(figure, p, scales[p.id], step, names)) + step * len(p.outcome_categories) for p in row)
        + PANEL_GAP_PX * (len(row) - 1)
        for row in rows
    )


def _beside(figure: FigureSettings, panel: Panel, scale: ColourScale, step: float, names: float) -> tuple[float, float]:
    """Return the space left of a panel's cells (names, title) and right of them (slanted names, colour bar)."""
    matrix = step * len(panel.outcome_categories)
    labels = max(_label_px(name, names) for name in panel.given_categories)
    if has_baseline(panel):
        labels = max(labels, text_px(baseline_label(panel), LABEL_PX))
    if panel.n_units is not None and step >= SIZED_STEP:
        labels = max(labels, *(text_em(text) * SIZES_PX for text in size_texts(panel)))
    left = labels + _LABEL_PADDING + _ROUNDING_PX
    n, every = len(panel.outcome_categories), max(1, math.ceil(SLANTED * LABEL_PX / step))
    if not figure.is_classic:
        corner = max(text_em(text) for text in corner_names(panel)) * CORNER_PX * 1.1 + _LABEL_PADDING
        above = (
            (_label_px(name, names) + TOP_PX) * SLOPE - step * (n - i - 0.5)
            for i, name in enumerate(panel.outcome_categories)
            if i % every == 0
        )
        bar = 0.0 if figure.has_shared_bar else legend_offset("", matrix) + _bar_px(panel, scale)
        return max(left, corner), max(bar, 0.0, *above)
    overhang = text_em(panel.outcome_title) * TITLE_PX - matrix
    slanted = (
        (_label_px(name, names) + _LABEL_PADDING) * SLOPE - step * (i + 0.5)
        for i, name in enumerate(panel.outcome_categories)
    )
    bar = (
        max(0.0, overhang / 2)
        if figure.has_shared_bar
        else legend_offset(panel.outcome_title, matrix) + _bar_px(panel, scale)
    )
    return max(left + _TITLE_PADDING + TITLE_PX, overhang / 2, *slanted), bar


def _bar_px(panel: Panel, scale: ColourScale) -> float:
    """Return the width of a colour bar to the right of a panel, including its text."""
    ticks = max(text_em(text) for text in scale.tick_texts()) * _TICK_PX
    return max(_BAR + _BAR_OFFSET + ticks, text_em(panel.measure.label) * _BAR_TITLE_PX)


def _label_px(name: str, names: float) -> float:
    return min(text_em(name) * LABEL_PX, names)


def _value_px(step: float, number: float) -> float:
    return round(max(0.1, min(LARGEST_VALUE * LABEL_PX, (step - VALUE_MARGIN_PX) / number)), 2)


def _number_em(panels: Sequence[Panel], scales: Mapping[str, ColourScale]) -> float:
    """Return the width of the widest number in a cell, in em."""
    texts = {
        formats.in_cell(value, p.measure, percent=scales[p.id].percent)
        for p in panels
        for value in set(p.column("value"))
        if value is not None
    }
    return max(map(text_em, texts), default=1.0)


_ROOT = re.compile(
    r'width="([\d.]+)" height="([\d.]+)" viewBox="0 0 [\d. ]+">'
    r'(?:<rect width="[\d.]+" height="[\d.]+" fill="[^"]*"/>)?'
)
"""The root element of a drawing and its background."""


def print_spec(
    figure: FigureSettings,
    panels: tuple[Panel, ...],
    scales: Mapping[str, ColourScale],
    how: Print,
    note: str = "",
) -> Json:
    """Return the specification of panels for print.

    `scales` are the colour scales by panel id, equal for all panels of one measure. `note` is wrapped and placed
    below the figure. Raises RenderError if the width leaves no space for cells.
    """
    sizes = fitted(figure, panels, scales, how)
    lines = wrapped(note, (how.pixels - 40) / NOTE_PX) if note else []
    return heatmap_spec(figure, panels, sizes, scales, lines)


def on_paper(svg: str, how: Print) -> str:
    """Return a drawing of `print_spec` with its size in millimetres: the requested width, and a proportional height.

    If the drawing is narrower than the width, it is centred.
    """
    found = _ROOT.search(svg)
    if found is None:
        raise ValueError("not a drawing of Vega's")
    width, height = float(found[1]), float(found[2])
    whole = max(width, how.pixels)
    left, tall = (width - whole) / 2, height * how.width / whole
    box = f"{left:.6g} 0 {whole:.6g} {height:g}"
    root = f'width="{how.width:g}mm" height="{tall:.6g}mm" viewBox="{box}">'
    ground = f'<rect x="{left:.6g}" width="{whole:.6g}" height="{height:g}" fill="{LIGHT["paper"]}"/>'
    return svg[: found.start()] + root + ground + svg[found.end() :]


REPORT_TEXT = (9.0, 8.3, 7.62)
"""Font sizes of labels in a report, in points, the largest first. At the last, no text is below seven points."""

_LEAST_ROW = 0.8 * REPORT_TEXT[-1]
"""Minimum height of a named row, in points. If the rows do not fit on a page, panels are not set side by side."""

NAMES_PX = (LABEL_LIMIT_PX, 110.0, 80.0)
"""Maximum widths of names, in pixels of the drawing, the largest first: about 28, 20 and 15 letters."""


@dataclass(frozen=True)
class PrintedFigure:
    """A picture of a figure in a report: its settings, panels and print settings, and its alternative text."""

    figure: FigureSettings
    panels: tuple[Panel, ...]
    how: Print
    alt: str


def report_prints(
    figure: FigureSettings,
    panels: tuple[Panel, ...],
    scales: Mapping[str, ColourScale],
    width: float,
    height: float,
) -> tuple[PrintedFigure, ...]:
    """Return the pictures of a figure for report pages with space for `width` by `height` millimetres each.

    With panels side by side, names are as long and labels as large as possible. If numbers do not fit at any size,
    they are omitted, up to `BESIDE_LIMIT` categories. If the panels do not fit side by side, each is a separate
    picture, so that none is reduced to fit a page.
    """
    most, wanted = longest(panels), wants_values(figure, panels)
    if len(panels) > 1 and most * _LEAST_ROW * POINT_MM <= height:
        plain = [figure.model_copy(update={"values": False})] if wanted and most <= BESIDE_LIMIT else []
        for own in (figure, *plain):
            how = _how(own, panels, scales, (width, height), values=wanted and own is figure, columns=2)
            if how is not None:
                return (PrintedFigure(own, panels, how, alt_text(panels)),)
    sheets = []
    for panel, letter in zip(panels, panel_letters(panels), strict=True):
        own = figure.model_copy(update={"panels": (panel.id,)})
        shown = (replace(panel, title=f"{letter} {panel.title}".strip() if panel.title else ""),)
        room = (width, height)
        how = _how(own, shown, scales, room, values=wanted, columns=1)
        how = how or _how(own, shown, scales, room, values=False, columns=1)
        sheets.append(
            PrintedFigure(
                own, shown, how or Print(width, REPORT_TEXT[-1], height, least=REPORT_LEAST_PT), alt_text((panel,))
            )
        )
    return tuple(sheets)


def _how(
    figure: FigureSettings,
    panels: Sequence[Panel],
    scales: Mapping[str, ColourScale],
    page: tuple[float, float],
    *,
    values: bool,
    columns: int,
) -> Print | None:
    """Return print settings for panels in `columns` columns, with or without numbers; None if they do not fit.

    Panels are side by side only if every row is named. If no settings name every row, or panels are side by side
    without numbers, the settings with the largest cells are used.
    """
    found: list[tuple[float, Print]] = []
    for names in NAMES_PX:
        for text in REPORT_TEXT:
            how = Print(page[0], text, page[1], names, least=REPORT_LEAST_PT)
            try:
                sizes = fitted(figure, panels, scales, how)
            except RenderError:
                continue
            named = sizes.given_label_every == 1
            if sizes.values == values and sizes.columns == columns and (columns == 1 or named):
                if named and (values or columns == 1):
                    return how
                found.append((sizes.step * text, how))
    return max(found, key=lambda one: one[0])[1] if found else None
