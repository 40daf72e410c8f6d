"""Build a figure in Vega-Lite: panels with one colour scale, and a key.

A panel's data have the place of each cell and text, so that every program draws them in the same way. Fields and data
sets have fixed names. Names of categories are values, never field names or parts of expressions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, TypeAlias

import altair as alt
import numpy as np
from altair.utils.schemapi import debug_mode

from .. import formats
from ..arrays import Floats
from ..cells import Cell, Panel
from ..errors import RenderError
from ..theme import LIGHT, RAMPS, ink, shade
from ..theme.fonts import text_em
from . import POINT_MM, FigureSettings, classic, panel_letters
from .layout import LEAST_PX, LEAST_VALUE_PX, SMALL_PX, Layout, Room, Square, Text, placed, values_of, wrapped
from .scales import (
    ColourScale,
    beyond,
    colour_scale,
    has_base_rates,
    key_texts,
    looks,
    short_count,
)
from .specs import BLANK, SCHEMA, Json, config_of, picture_url

BETWEEN_PX, PADDING_PX = 44.0, 6.0
"""Between two panels side by side, and around a whole figure."""

REPORT_PT = 7.0
"""Smallest font size on a page of a report, in points."""

LEAST_STEP_PX = 0.5
"""Smallest width of a cell on paper. Smaller cells are indistinguishable."""

_BAR_PX, _KEY_PX = 110.0, 20.0
_BEYOND_PX = 4.0
"""Room for texts that are a little wider than measured."""

Row = dict[str, str | float]
Chart: TypeAlias = Any
"""A chart of Altair, whose types are wider than its methods return."""


def panel_scales(figure: FigureSettings, panels: Sequence[Panel]) -> dict[str, ColourScale]:
    """Return the colour scale of each panel by its id. Panels of one measure have the same scale."""
    return {p.id: colour_scale(figure, [q for q in panels if q.measure == p.measure]) for p in panels}


def panel_specs(figure: FigureSettings, panels: Sequence[Panel], room: Room) -> list[Json]:
    """Return the specification of each panel, for a page that sets them side by side or one below the other."""
    scales = panel_scales(figure, panels)
    if figure.is_classic:
        named = zip(panels, panel_letters(panels), strict=True)
        return [classic.panel_spec(panel, scales[panel.id], letter) for panel, letter in named]
    return [_whole(_view(layout), _data(layout)) for layout in placed(panels, scales, room, values=figure.values)]


def key_spec(figure: FigureSettings, panels: Sequence[Panel], width: float) -> Json | None:
    """Return the specification of the key, None if panels have their own colour bars."""
    if figure.is_classic:
        return None
    view, rows = _key(panels, panel_scales(figure, panels), width)
    return _whole(view, {"key": rows})


@debug_mode(arg=False)  # validation of each part by Altair takes half of the time; the tests validate the whole
def heatmap_spec(figure: FigureSettings, panels: Sequence[Panel], room: Room, columns: int, note: str = "") -> Json:
    """Return the specification of a whole figure: title, panels in so many columns, key and a note below it."""
    scales = panel_scales(figure, panels)
    if figure.is_classic:
        return classic.figure_spec(panels, scales)
    layouts = placed(panels, scales, room, values=figure.values)
    whole = room.width * min(columns, len(panels)) + BETWEEN_PX * (min(columns, len(panels)) - 1)
    views: list[Chart] = [_view(layout) for layout in layouts]
    data: dict[str, list[Row]] = {}
    for layout in layouts:
        data |= _data(layout)
    key, data["key"] = _key(panels, scales, whole)
    rows = [alt.hconcat(*views[i : i + columns], spacing=BETWEEN_PX) for i in range(0, len(views), columns)]
    if figure.title:
        lines = wrapped(figure.title, whole / 18)
        title = [Text(0, (k + 0.5) * 20, line, 17, bold=True) for k, line in enumerate(lines)]
        rows.insert(0, _texts("title", whole, 20.0 * len(title)))
        data["title"] = [_written(text) for text in title]
    rows.append(key)
    if note:
        lines = wrapped(note, whole / SMALL_PX)
        rows.append(_texts("note", whole, 15.0 * len(lines)))
        data["note"] = [_written(Text(0, (k + 0.5) * 15, line, SMALL_PX, muted=True)) for k, line in enumerate(lines)]
    return _whole(alt.vconcat(*rows, spacing=14), data, padding=PADDING_PX)


def print_room(
    figure: FigureSettings, panels: Sequence[Panel], width: float, text: float = REPORT_PT
) -> tuple[Room, int]:
    """Return the room of each panel on a paper `width` millimetres wide, with labels of `text` points, and the columns.

    Two panels are side by side if that costs them neither their numbers nor more than two thirds of their cells' width.
    Raises RenderError if the width leaves no space for cells.
    """
    whole = width / POINT_MM * SMALL_PX / text - 2 * PADDING_PX - _BEYOND_PX
    if figure.is_classic:
        return Room(whole), 1
    scales = panel_scales(figure, panels)
    half = Room((whole - BETWEEN_PX) / 2)
    beside, alone = ([Layout(panel, scales[panel.id], room) for panel in panels] for room in (half, Room(whole)))
    if any(one.step < LEAST_STEP_PX for one in alone):
        raise RenderError(
            f"figure {figure.id}: on {width:g} mm with labels of {text:g} points nothing is left for the cells; ask "
            "for a wider figure under outputs: figures"
        )
    if len(panels) < 2:
        return Room(whole), 1
    fits = all(
        (b.value_px > 0) == (a.value_px > 0) and b.step >= a.step / 3 and b.step > 1
        for b, a in zip(beside, alone, strict=True)
    )
    return (half, 2) if fits else (Room(whole), 1)


def report_room(figure: FigureSettings, panels: Sequence[Panel], width: float) -> tuple[Room, int]:
    """Return the room of each panel on a page of a report, and the columns, with no text under `REPORT_PT` points."""
    scales = panel_scales(figure, panels)
    for px in (SMALL_PX, LEAST_PX, LEAST_VALUE_PX):
        room, columns = print_room(figure, panels, width, REPORT_PT * SMALL_PX / px)
        if figure.is_classic or px <= min(one.least_px for one in placed(panels, scales, room, values=figure.values)):
            break
    return room, columns


def _whole(view: Chart, data: Mapping[str, Sequence[Row]], padding: float = 0) -> Json:
    spec: Json = view.to_dict(validate=False)
    fixed = {"autosize": {"type": "none"}} if padding == 0 else {}
    return spec | {"$schema": SCHEMA, "config": config_of(padding), "datasets": spec.get("datasets", {}) | data} | fixed


def _place(field: str, kind: Chart) -> Chart:
    return kind(field=field, type="quantitative", scale=None, axis=None)


def _view(layout: Layout) -> Chart:
    """Return the view of a panel: cells, their numbers, and the texts around them."""
    panel, scale = layout.panel, layout.scale
    name = panel.id
    corners = {"x": _place("x", alt.X), "y": _place("y", alt.Y), "x2": alt.X2("x2"), "y2": alt.Y2("y2")}
    blanks = [{"test": f"datum.look === '{look}'", "value": colour} for look, colour in BLANK.items()]
    blanks.append({"test": "!isValid(datum.value)", "value": "transparent"})
    kind: Literal["log", "sqrt", "linear"] = "log" if scale.log else "sqrt" if scale.root else "linear"
    colours = alt.Scale(type=kind, domain=[*scale.domain], range=[*RAMPS[scale.scheme]], interpolate="rgb", clamp=True)
    fill = alt.Fill(field="value", type="quantitative", scale=colours, legend=None, condition=blanks)
    layers = []
    if layout.is_picture:
        size: dict[str, Any] = {"width": layout.step * layout.n_columns, "height": layout.row_px * layout.n_rows}
        image = alt.Chart(alt.NamedData(f"{name}_picture"), name=f"{name}_picture")
        image = image.mark_image(align="left", baseline="top", aspect=False, **size)
        url = alt.Url(field="url", type="nominal")
        layers.append(image.encode(x=_place("x", alt.X), y=_place("y", alt.Y), url=url))
    cells = alt.Chart(alt.NamedData(f"{name}_cells"), name=f"{name}_cells").mark_rect(strokeWidth=0, invalid=None)
    layers.append(cells.encode(**corners, fill=fill))
    if layout.rules:
        rule = alt.Chart(alt.NamedData(f"{name}_rules")).mark_rule(color=LIGHT["line"], strokeWidth=1)
        layers.append(rule.encode(x=_place("x", alt.X), x2=alt.X2("x2"), y=_place("y", alt.Y)))
    if layout.value_px:
        numbers = alt.Chart(alt.NamedData(f"{name}_cells")).mark_text(baseline="middle", fontSize=layout.value_px)
        layers.append(numbers.transform_filter("isValid(datum.text)").encode(
            x=_place("middle", alt.X), y=_place("centre", alt.Y), text=alt.Text(field="text", type="nominal"),
            color=alt.Color(field="ink", type="nominal", scale=None),
        ))  # fmt: skip
    return alt.layer(*layers, _texts(f"{name}_texts", None, None), width=layout.width, height=layout.height,
                     name=name)  # fmt: skip


def _texts(name: str, width: float | None, height: float | None) -> Chart:
    """Return the layers of texts, one for each alignment, weight and size."""
    chart: Chart = alt.Chart(alt.NamedData(name))
    layers = []
    for align, is_bold, is_upright in (
        ("left", False, False), ("left", True, False), ("right", False, False), ("right", True, False),
        ("center", False, False), ("left", False, True),
    ):  # fmt: skip
        mark = chart.mark_text(align=align, baseline="middle", fontWeight="bold" if is_bold else "normal",
                               angle=270 if is_upright else 0)  # fmt: skip
        kind = f"{align} {'bold' if is_bold else 'plain'}{' upright' if is_upright else ''}"
        layers.append(mark.transform_filter(f"datum.kind === '{kind}'").encode(
            x=_place("x", alt.X), y=_place("y", alt.Y), text=alt.Text(field="text", type="nominal"),
            color=alt.Color(field="ink", type="nominal", scale=None),
            size=alt.Size(field="size", type="quantitative", scale=None),
        ))  # fmt: skip
    more = {} if width is None else {"width": width, "height": height}
    return alt.layer(*layers, **more)


def _written(text: Text) -> Row:
    kind = f"{text.align} {'bold' if text.bold else 'plain'}{' upright' if text.upright else ''}"
    return {
        "x": round(text.x, 1), "y": round(text.y, 1), "text": text.text, "size": round(text.size, 1), "kind": kind,
        "ink": LIGHT["muted"] if text.muted else LIGHT["ink"],
    }  # fmt: skip


def _data(layout: Layout) -> dict[str, list[Row]]:
    """Return the data sets of a panel."""
    name = layout.panel.id
    sets = {f"{name}_cells": [*_cells(layout)], f"{name}_texts": [_written(text) for text in layout.texts]}
    left, right = layout.left, layout.end
    if layout.rules:
        sets[f"{name}_rules"] = [{"x": round(left, 1), "x2": round(right, 1), "y": round(y, 1)} for y in layout.rules]
    if layout.is_picture:
        url = picture_url(layout.panel, layout.scale)
        sets[f"{name}_picture"] = [{"x": round(left, 1), "y": round(layout.cells_top, 1), "url": url}]
    return sets


def _cells(layout: Layout) -> Iterator[Row]:
    """Yield the cells in the order of reading, and then the row of all units."""
    panel, scale, n = layout.panel, layout.scale, layout.n_columns
    drawn, values, numbers = looks(panel, scale), values_of(layout), layout.numbers()
    for square in layout.squares:
        corners = _corners(square, gap=0.0 if layout.step < 8 else 1.0)
        if square.row is None:
            yield corners | _base(panel, scale, square.column)
        elif not layout.is_picture:
            at = square.row * n + square.column
            row: Row = {"given": panel.given_categories[square.row], "outcome": panel.outcome_categories[square.column],
                        "look": "" if layout.few[square.row] else drawn[at]}  # fmt: skip
            value = values[at]
            if value is not None:
                row["value"] = _short(value)
            if numbers[at]:
                row |= {"text": numbers[at], "ink": _ink(value, scale)}
            yield corners | row


def _corners(square: Square, gap: float) -> Row:
    """Return the place of a square and of its middle. Quarters of a pixel keep their differences short and exact."""
    x, y, right, lower = (
        round(4 * end) / 4
        for end in (square.x, square.y, square.x + square.width - gap, square.y + square.height - gap)
    )
    return {"x": x, "x2": right, "y": y, "y2": lower, "middle": (x + right) / 2, "centre": (y + lower) / 2}


def _base(panel: Panel, scale: ColourScale, column: int) -> Row:
    """Return a cell of the row of all units: its share, or else its number of units; blank if there are none."""
    cell = panel.cells[column]
    row: Row = {"outcome": cell.outcome, "look": "none"}
    if cell.n_outcome is None and panel.n_units is not None:
        return row | {"look": "withheld", "text": "×", "ink": LIGHT["muted"]}
    if has_base_rates(panel) and cell.n_outcome != 0 and cell.baseline is not None:
        text = formats.in_cell(cell.baseline, panel.measure, percent=scale.percent)
        row |= {"look": "coloured", "value": _short(cell.baseline)}
        return row | {"text": text, "ink": _ink(cell.baseline, scale)}
    if cell.n_outcome and not has_base_rates(panel):
        return row | {"look": "plain", "text": short_count(cell.n_outcome), "ink": LIGHT["muted"]}
    return row


def _ink(value: float | None, scale: ColourScale) -> str:
    return LIGHT["muted"] if value is None else ink(shade(scale.level(value), scale.scheme))


def _short(number: float) -> float:
    short = float(f"{number:.6g}") if number != int(number) else int(number)
    return short or 0


def _key(panels: Sequence[Panel], scales: Mapping[str, ColourScale], width: float) -> tuple[Chart, list[Row]]:
    """Return the key and its texts: the colour bar between its ends, and the meaning of cells without a colour."""
    scale = scales[panels[0].id]
    ends = [beyond(panel, scales[panel.id]) for panel in panels]
    ticks = [*scale.tick_texts()]
    ticks[0] = f"≤{ticks[0]}" if any(low for low, _ in ends) else ticks[0]
    ticks[-1] = f"≥{ticks[-1]}" if any(high for _, high in ends) else ticks[-1]
    if not scale.log and scale.domain[0] >= 0:
        ticks = [ticks[0], ticks[-1]]
    texts, boxes, x, y = [], [], 0.0, _KEY_PX / 2
    part, middle = _BAR_PX / (len(ticks) - 1), []
    for k, tick in enumerate(ticks):
        wide = text_em(tick) * SMALL_PX
        texts.append(Text(x, y, tick, SMALL_PX))
        x += wide + 6
        if k < len(ticks) - 1:
            stops = [shade((k + i / 8) / (len(ticks) - 1), scale.scheme) for i in range(9)]
            middle.append((x, x + part, stops))
            x += part + 6
    x += 14
    for look, words in key_texts(panels, scales):
        lead = 0.0 if look is None else SMALL_PX + 6
        lines = wrapped(words, max(width - lead, 40.0) / SMALL_PX)
        if x + lead + text_em(lines[0]) * SMALL_PX > width:
            x, y = 0.0, y + _KEY_PX
        if look is not None:
            boxes.append((x, y, look))
        for k, line in enumerate(lines):
            if k:
                y += _KEY_PX
            texts.append(Text(x + lead, y, line, SMALL_PX, muted=True))
        x += lead + max(text_em(line) for line in lines) * SMALL_PX + 18
    layers = [_bar(*one, y=_KEY_PX / 2) for one in middle] + [_box(*one) for one in boxes]
    height = y + _KEY_PX / 2
    return (
        alt.layer(*layers, _texts("key", None, None), width=width, height=height, name="key"),
        [_written(text) for text in texts],
    )


def _rect(x: float, x2: float, y: float, y2: float, **look: Any) -> Chart:  # noqa: ANN401 - of the mark
    at = {name: alt.value(round(value, 1)) for name, value in (("x", x), ("x2", x2), ("y", y), ("y2", y2))}
    return alt.Chart(alt.InlineData([{}])).mark_rect(**look).encode(**at)


def _bar(x: float, x2: float, stops: Sequence[str], y: float) -> Chart:
    at = [{"offset": k / (len(stops) - 1), "color": colour} for k, colour in enumerate(stops)]
    gradient = {"gradient": "linear", "x1": 0, "x2": 1, "y1": 0, "y2": 0, "stops": at}
    return _rect(x, x2, y - 5, y + 5, color=gradient)


def _box(x: float, y: float, look: str) -> Chart:
    square = (x, x + SMALL_PX, y - SMALL_PX / 2, y + SMALL_PX / 2)
    if look in BLANK and look != "withheld":
        return _rect(*square, color=BLANK[look])
    sign = {"plain": "7", "undefined": formats.DASH, "withheld": "×"}[look]
    own = alt.Chart(alt.InlineData([{}])).mark_text(baseline="middle", fontSize=SMALL_PX, color=LIGHT["muted"])
    return own.encode(x=alt.value(x + SMALL_PX / 2), y=alt.value(y), text=alt.value(sign))


STRONGEST = 3


def alt_text(panels: Sequence[Panel]) -> str:
    """Return the alternative text of a figure: a sentence about the figure and several about each panel."""
    count = formats.small(len(panels)).capitalize()
    whole = "One heatmap." if len(panels) == 1 else f"{count} heatmaps on one colour scale."
    parts = (_panel(panel, letter) for panel, letter in zip(panels, panel_letters(panels), strict=True))
    return " ".join((whole, *parts))


def _panel(panel: Panel, letter: str) -> str:
    rows, columns = len(panel.given_categories), len(panel.outcome_categories)
    name = f"Panel {letter}: rows" if letter else "Rows"
    axes = f"{name} {panel.given_title} ({rows}), columns {panel.outcome_title} ({columns})"
    return f"{axes}; each cell: {panel.measure.phrase}. {_values(panel)}"


def _values(panel: Panel) -> str:
    """Return a sentence with the strongest of the measured cells, ties in row order."""
    values: Floats = np.array(panel.column("value"), dtype=np.float64)  # nan for a cell without a value
    states = np.array(panel.column("state"))
    measured = (states == "measured") & ~np.isnan(values)
    if not measured.any():
        return "No cell has enough data."
    agreed = np.array([joint == 0 for joint in panel.column("n_joint")]) & panel.measure.convention
    observed = np.flatnonzero(measured & ~agreed if (measured & ~agreed).any() else measured)
    own: Floats = values[observed]
    strongest = observed[np.argsort(-np.abs(own - (panel.measure.null or 0.0)), kind="stable")[:STRONGEST]]
    named = formats.listing([_named(panel.cells[place], float(values[place]), panel) for place in strongest.tolist()])
    some = "" if measured.all() else f" with enough data ({measured.sum()} of {len(panel.cells)})"
    largest = "largest" if panel.measure.null is None else "strongest"
    return f"Its {largest} cells{some} are {named}."


def _named(cell: Cell, value: float, panel: Panel) -> str:
    percent = panel.measure.is_share
    number = f"{formats.bare_percent(value)}%" if percent else formats.in_cell(value, panel.measure)
    return f"{cell.given}–{cell.outcome} ({number})"
