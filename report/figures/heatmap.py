"""Build the main figure in Vega-Lite: panels side by side with one category order and one colour scale.

The specification includes everything that a static drawing or a live view needs, including data and sizes. Fields and
data sets have fixed names, independent of hashes and category names. A matrix with many categories is one picture,
with a square of pixels for each cell and the same axes and colour bar.
"""

from __future__ import annotations

import base64
import math
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import altair as alt
import numpy as np
from altair.utils.schemapi import debug_mode
from numpy.typing import NDArray

from .. import formats, portable
from ..arrays import Bools, Floats
from ..cells import FAINT, Cell, Panel
from ..theme.colours import LIGHT, PALE, RAMPS, shade
from ..theme.fonts import text_em
from . import (
    KEY_BOX_PX,
    PANEL_GAP_PX,
    FigureSettings,
    Layout,
    layout,
    panel_letters,
)
from .marks import blank_fill, leaf, panel_view, plain, sign_mark, signs_of
from .naming import beside_px, level_headings, named_sets, with_short_names
from .scales import (
    KEY_PX,
    STRIP,
    ColourScale,
    KeyEntry,
    Row,
    baseline_label,
    baseline_rows,
    beyond,
    cell_rows,
    colour_scale,
    coloured_values,
    has_baseline,
    key_entries,
    key_height,
    key_places,
    key_width,
    shown_states,
)
from .specs import SCHEMA, Json, config_of

Pixels = NDArray[np.uint8]

MOST_PIXELS = 1600
"""Maximum side of a picture, in pixels, unless cells of one pixel need more."""

LARGEST_SQUARE, LEAST_SIGNED = 8, 4
"""Maximum side of a cell in a picture, and minimum side of a cell with a sign, in pixels."""


@lru_cache(maxsize=8)  # Page and print have the same picture.
def picture_url(panel: Panel, scale: ColourScale, ground: str | None) -> str:
    """Return the cells of a panel, with their colours and signs, as the data URL of a PNG.

    `ground` is the colour of cells without a colour of their own; None makes them transparent.
    """
    shape = len(panel.given_categories), len(panel.outcome_categories)
    side = max(1, min(LARGEST_SQUARE, MOST_PIXELS // max(shape)))
    states = np.array(shown_states(panel, scale)).reshape(shape)
    values = np.array(coloured_values(panel, scale), dtype=np.float64).reshape(shape)
    cells = np.empty((*shape, 4), dtype=np.uint8)
    cells[:] = (0, 0, 0, 0) if ground is None else _rgba(ground)
    cells[states == "masked"] = _rgba(LIGHT["mask"])
    cells[states == "empty"] = _rgba(LIGHT["vacant"])
    coloured = ~np.isnan(values)
    cells[coloured] = _shades(values[coloured], scale)
    faint = np.isin(states, FAINT)
    under = cells[faint] if ground is None else np.array(_rgba(ground), dtype=np.uint8)
    cells[faint] = (PALE * cells[faint] + (1 - PALE) * under + 0.5).astype(np.uint8)
    pixels = cells.repeat(side, axis=0).repeat(side, axis=1)
    for state, stamp in _signs(side).items():
        if (states == state).any():
            pixels[np.kron(states == state, stamp).astype(np.bool_)] = _rgba(LIGHT["hatch"])
    return "data:image/png;base64," + base64.b64encode(_png(pixels)).decode()


def _shades(values: Floats, scale: ColourScale) -> Pixels:
    """Return the RGBA colours (n, 4) of values, interpolated linearly between the stops of the scheme, as in Vega."""
    ends = np.array(scale.domain)
    low, high = (portable.log2 if scale.log else np.sqrt if scale.root else np.asarray)(ends)
    bend = portable.log2 if scale.log else np.sqrt if scale.root else np.asarray
    levels = (bend(values) - low) / (high - low)
    stops = np.array([_rgba(stop) for stop in RAMPS[scale.scheme]], dtype=np.float64)
    at = np.linspace(0, 1, len(stops))
    return np.stack([np.interp(levels, at, channel) + 0.5 for channel in stops.T], axis=-1).astype(np.uint8)


def _signs(side: int) -> dict[str, Bools]:
    """Return the pixels (side, side) that the sign of each state covers; empty if cells are too small for signs."""
    if side < LEAST_SIGNED:
        return {}
    at = (np.arange(side) + 0.5) * 2 / side - 1
    x, y = at[None, :], at[:, None]
    line = 1.0 / side
    return {
        "masked": np.minimum(np.abs(x - y), np.abs(x + y)) < line,
        "undefined": (np.abs(y) <= line) & (np.abs(x) <= 0.3),
        "withheld": _ring(x, y, line),
        "withheld_rest": _ring(x, y, line),
    }


def _ring(x: Floats, y: Floats, line: float) -> Bools:
    """Return the pixels that the outline of a small square covers."""
    ring: Bools = np.abs(np.maximum(np.abs(x), np.abs(y)) - 0.3) <= line
    return ring


def _rgba(colour: str) -> tuple[int, int, int, int]:
    return (*bytes.fromhex(colour[1:]), 255)


def _png(pixels: Pixels) -> bytes:
    """Return pixels (height, width, 4) as a PNG (ISO 15948), with filtered lines, in which most bytes are 0.

    A line that repeats the previous line is stored as zeros (filter 2, up). Any other line is stored as differences
    from left to right (filter 1, sub).
    """
    height, width, _ = pixels.shape
    lines = np.zeros((height, 1 + 4 * width), dtype=np.uint8)
    new = np.diff(pixels.reshape(height, -1), axis=0, prepend=np.uint8(0)).any(axis=1)
    lines[:, 0] = np.where(new, 1, 2)
    lines[new, 1:] = np.diff(pixels[new], axis=1, prepend=np.uint8(0)).reshape(-1, 4 * width)
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(lines.tobytes(), 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )


@debug_mode(arg=False)  # validation of each part by Altair takes half of the time; the tests validate the whole
def heatmap_spec(
    figure: FigureSettings,
    panels: tuple[Panel, ...],
    sizes: Layout | None = None,
    scales: Mapping[str, ColourScale] | None = None,
    note: Sequence[str] = (),
) -> Json:
    """Return the Vega-Lite specification of a figure.

    Panels with the same measure share a colour scale. Its bar is above the panels or to the right of each. More than
    two panels, or two with many categories, use several rows. If `sizes` is None, the layout is the layout for a page.
    If `scales` is None, the scales are `panel_scales` of these panels. The lines of `note` are at the bottom. Long
    names are shortened in the middle.
    """
    sizes = sizes or layout(figure, panels)
    panels = with_short_names(panels, sizes)
    scales = scales or panel_scales(figure, panels)
    views = [
        panel_view(p, scales[p.id], sizes, letter, place)
        for place, (p, letter) in enumerate(zip(panels, panel_letters(panels), strict=True))
    ]
    entries = key_entries(panels, scales, pointed=sizes.shared_bar)
    above = [] if not sizes.shared_bar else [bar_view(bar_of(panels, scales), left_px(panels[0], sizes))]
    if entries and sizes.shared_bar:
        above.append(_key_view(entries, sizes, BAR_HEIGHT_PX))
    rows: list[Json] = [{"hconcat": above, "spacing": BAR_GAP_PX}] if above else []
    for i in range(0, len(views), sizes.columns):
        beside = views[i : i + sizes.columns]
        level_headings(panels[i : i + sizes.columns], beside, sizes)
        rows.append({"hconcat": beside, "spacing": PANEL_GAP_PX, "resolve": {"scale": {"color": "independent"}}})
    if entries and not sizes.shared_bar:
        rows.append(_key_view(entries, sizes))
    if note:
        rows.append(_note_view(len(note)))
    spec = rows[0] if len(rows) == 1 else {"vconcat": rows, "spacing": 16}
    if figure.title:
        spec |= {"title": plain(alt.TitleParams([figure.title], anchor="start", fontSize=13, offset=12))}
    return spec | {
        "$schema": SCHEMA,
        "config": config_of(sizes.label_px, sizes.ground, sizes.names_px),
        "datasets": datasets_of(panels, scales, sizes, entries)
        | ({"note": [{"line": i, "text": line} for i, line in enumerate(note)]} if note else {}),
        "resolve": {"scale": {"color": "independent"}},
    }


BAR_PX, BAR_HEIGHT_PX, BAR_GAP_PX = 165.0, 33.0, 20.0
"""Width of the colour bar above panels, its height with text, and the gap between bar and key."""

_BAR_TOP, _BAR_FOOT, _POINT_PX = 12.0, 20.0, 4.0
POINTED_PX = 4 * _POINT_PX
"""Shift to the right of a bar with a pointed lower end, because Vega assumes twice the width of the point."""

_TICKS_Y, _TICK_PX, _BAR_TITLE_PX = 27.0, 9.2, 9.2
_POINTS = {"low": "M1,-1L-1,0L1,1Z", "high": "M-1,-1L1,0L-1,1Z"}


@dataclass(frozen=True, slots=True)
class Bar:
    """A horizontal colour bar: title, evenly spaced colours, ticks (level 0 to 1, text), and pointed ends."""

    title: str
    stops: tuple[str, ...]
    ticks: tuple[tuple[float, str], ...]
    pointed: tuple[bool, bool]


def bar_of(panels: Sequence[Panel], scales: Mapping[str, ColourScale]) -> Bar:
    """Return the colour bar that panels of one measure share. An end is pointed if values lie beyond it."""
    first, scale = panels[0], scales[panels[0].id]
    ends = [beyond(panel, scales[panel.id]) for panel in panels]
    low, high = any(end[0] for end in ends), any(end[1] for end in ends)
    texts = list(scale.tick_texts())
    texts[0] = f"≤{texts[0]}" if low else texts[0]
    texts[-1] = f"≥{texts[-1]}" if high else texts[-1]
    places = (round(scale.level(tick), 4) for tick in scale.ticks)
    return Bar(_bar_title(first, scale), RAMPS[scale.scheme], tuple(zip(places, texts, strict=True)), (low, high))


def _bar_title(panel: Panel, scale: ColourScale) -> str:
    if not scale.percent:
        return panel.measure.label
    return f"% of the row’s {panel.unit.plural}" if panel.measure.name == "conditional" else f"{panel.measure.label}, %"


def left_px(panel: Panel, sizes: Layout) -> float:
    """Return the distance from the cells of a panel to the left end of its names, where the colour bar begins too."""
    names = max(min(text_em(name) * sizes.label_px, sizes.names_px) for name in panel.given_categories) + 6
    return math.floor(max(names, beside_px(panel, sizes)))


def bar_view(bar: Bar, left: float) -> Json:
    """Return the view of a colour bar that begins `left` pixels to the left of its origin."""
    left -= POINTED_PX if bar.pointed[0] else 0.0
    stops = [{"offset": k / (len(bar.stops) - 1), "color": colour} for k, colour in enumerate(bar.stops)]
    gradient = {"gradient": "linear", "x1": 0, "x2": 1, "y1": 0, "y2": 0, "stops": stops}
    text: Json = {"type": "text", "baseline": "middle", "color": LIGHT["ink"]}
    title = text | {"align": "left", "fontSize": _BAR_TITLE_PX, "fontWeight": "bold", "text": bar.title}
    ticks = [
        _placed(text | {"align": align_of(level), "fontSize": _TICK_PX, "text": words}, level * BAR_PX - left, _TICKS_Y)
        for level, words in bar.ticks
    ]
    rect = {"type": "rect", "color": gradient}
    corners = {"x": -left, "x2": BAR_PX - left, "y": _BAR_TOP, "y2": _BAR_FOOT}
    layers = [
        _placed(title, -left, 5),
        {"data": {"values": [{}]}, "mark": rect, "encoding": {name: {"value": at} for name, at in corners.items()}},
        *ticks,
    ]
    ends = (
        ("low", bar.pointed[0], -_POINT_PX - left, bar.stops[0]),
        ("high", bar.pointed[1], BAR_PX + _POINT_PX - left, bar.stops[-1]),
    )
    for name, is_pointed, x, colour in ends:
        if is_pointed:
            point = {"type": "point", "shape": _POINTS[name], "size": portable.squared(2 * _POINT_PX), "filled": True}
            look = {"color": colour, "opacity": 1, "strokeWidth": 0}
            layers.append(_placed(point | look, x, (_BAR_TOP + _BAR_FOOT) / 2))
    for number, layer in enumerate(layers):
        layer["name"] = f"bar_{number}"
    return {"name": "bar", "width": max(1.0, BAR_PX - left), "height": BAR_HEIGHT_PX, "layer": layers}


def align_of(level: float) -> str:
    """Return the alignment of a tick label. Labels at the ends stay within the bar."""
    return "left" if level <= 0 else "right" if level >= 1 else "center"


def _placed(mark: Json, x: float, y: float) -> Json:
    return {"data": {"values": [{}]}, "mark": mark, "encoding": {"x": {"value": x}, "y": {"value": y}}}


def panel_scales(figure: FigureSettings, panels: Sequence[Panel]) -> dict[str, ColourScale]:
    """Return the colour scale of each panel by its id. Panels of one measure have the same scale."""
    return {p.id: colour_scale(figure, [q for q in panels if q.measure == p.measure]) for p in panels}


def datasets_of(
    panels: Sequence[Panel], scales: Mapping[str, ColourScale], sizes: Layout, entries: Sequence[KeyEntry]
) -> dict[str, list[Row]]:
    """Return the data of panels and key, by the data set names that their views use."""
    sets: dict[str, list[Row]] = {}
    for panel in panels:
        scale = scales[panel.id]
        if sizes.picture:
            sets[f"{panel.id}_picture"] = [{"url": picture_url(panel, scale, sizes.ground)}]
        else:
            sets[f"{panel.id}_cells"] = cell_rows(panel, scale, values=sizes.values)
        sets |= named_sets(panel, sizes)
        if has_baseline(panel):
            sets[f"{panel.id}_baseline"] = baseline_rows(panel, scale, values=sizes.values)
            sets[f"{panel.id}_all"] = [{"text": baseline_label(panel)}]
    if entries:
        sets["key"] = [
            {"x": p.x, "at": p.text_x, "y": p.y, "state": p.entry.state, "text": p.entry.text}
            for p in key_places(entries, sizes.key_px)
        ]
    return sets


def _key_view(entries: Sequence[KeyEntry], sizes: Layout, beside: float = 0.0) -> Json:
    """Return the key: the sign of each entry, as in a cell, and its text, centred in a height of at least `beside`."""
    states = {entry.state for entry in entries}
    height = key_height(entries, sizes.key_px)
    box = alt.MarkDef(
        "point", shape="square", size=portable.squared(KEY_BOX_PX), stroke=LIGHT["grid"], strokeWidth=0.75, opacity=1
    )
    layers = [leaf(box, "datum.state !== 'beyond'", fill=blank_fill(sizes))]
    for state, outline, scheme in (("avoided", "square", "orangeblue"), *((faint, STRIP, None) for faint in FAINT)):
        if state in states:
            colour = shade(0, scheme) if scheme else shade(0.75)
            sign = alt.MarkDef(
                "point", shape=outline, size=portable.squared(KEY_BOX_PX), fill=colour, opacity=1, strokeWidth=0
            )
            layers.append(leaf(sign, f"datum.state === '{state}'"))
    layers += [
        leaf(sign_mark(state, KEY_BOX_PX, 0.8), f"datum.state === '{state}'")
        for state in signs_of(sizes)
        if state in states
    ]
    words = alt.MarkDef("text", align="left", fontSize=KEY_PX, color=LIGHT["muted"])
    layers.append(leaf(words, None, x=_quantity("at"), text=alt.Text(field="text", type="nominal")))
    for number, layer in enumerate(layers):
        layer["name"] = f"key_{number}"
    top = max(0.0, (beside - height) / 2)
    transform = [
        {"calculate": f"datum.y + {top:g}", "as": "middle"},
        {"calculate": f"datum.x + {KEY_BOX_PX / 2:g}", "as": "left"},
    ]
    size = {"width": key_width(entries, sizes.key_px), "height": max(height, beside)}
    shared = {"encoding": {"x": _quantity("left"), "y": _quantity("middle")}, "layer": layers}
    return {"name": "key", "data": {"name": "key"}, "transform": transform} | size | shared


def _quantity(field: str) -> Json:
    return {"field": field, "type": "quantitative", "scale": None, "axis": None}


NOTE_PX = 9.0


def _note_view(n_lines: int) -> Json:
    """Return the view of the lines of a note below a figure."""
    layer = _words(NOTE_PX, 0)
    layer["encoding"]["y"] = _middle()
    return layer | _lines("note", NOTE_PX * 1.3, n_lines)


def _words(size: float, x: float) -> Json:
    text = alt.MarkDef("text", align="left", fontSize=size, color=LIGHT["muted"])
    return leaf(text, None, x={"value": x}, text=alt.Text(field="text", type="nominal"))


def _middle() -> Json:
    return plain(alt.Y(field="middle", type="quantitative", scale=None, axis=None))  # type: ignore[no-any-return]


def _lines(name: str, height: float, n: int) -> Json:
    """Return the properties of a view of text lines: data, vertical middle of each line, and size."""
    return {
        "name": name,
        "data": {"name": name},
        "transform": [{"calculate": f"(datum.line + 0.5) * {height}", "as": "middle"}],
        "width": KEY_BOX_PX,
        "height": height * n,
    }


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
