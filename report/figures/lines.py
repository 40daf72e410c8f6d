"""Lines over time: what moved, with the bands of its intervals, each named at its end."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
from altair.utils.schemapi import debug_mode

from ..theme.colours import LIGHT, LINES
from .heatmap import config_of
from .layout import LABEL_PX, TITLE_PX, Layout, text_px
from .marks import leaf, plain
from .vegalite import SCHEMA, Json

MOST_LINES = len(LINES)
HEIGHT_PX = 230.0
PAGE_PX = 720.0
_LEAST_ROOM_PX = 120.0
_DASHES: tuple[list[int], ...] = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [4, 4], [1, 3])


@dataclass(frozen=True, slots=True)
class Spot:
    """A value at a time, `day` a number that grows with time, with its interval."""

    day: int
    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Line:
    """What a line is about, and its values in order of time."""

    label: str
    spots: tuple[Spot, ...]


@debug_mode(arg=False)  # as in `heatmap_spec`
def lines_spec(
    lines: Sequence[Line],
    ticks: Sequence[tuple[int, str]],
    title: str,
    width: float = PAGE_PX,
    ground: str | None = LIGHT["paper"],
) -> Json:
    """Return the specification of up to six lines of shares.

    `ticks` are the times with their names, `title` what values are; names that would meet are moved apart.
    """
    room = max(width - max(text_px(line.label, LABEL_PX) for line in lines) - 80, _LEAST_ROOM_PX)
    low, high = _range(lines)
    ends = _apart([line.spots[-1].value for line in lines], (low, high))
    spots = [
        {"line": i, "day": s.day, "value": s.value, "low": s.value if s.low is None else s.low,
         "high": s.value if s.high is None else s.high}
        for i, line in enumerate(lines)
        for s in line.spots
    ]  # fmt: skip
    names = [
        {"line": i, "day": line.spots[-1].day, "value": end, "text": line.label}
        for i, (line, end) in enumerate(zip(lines, ends, strict=True))
    ]
    x, y = _axes(ticks, title, (low, high), room)
    band = alt.MarkDef("area", opacity=0.14, strokeWidth=0)
    layers = [leaf(band, y=plain(y) | {"field": "low"}, y2={"field": "high"}), leaf(_stroke())]
    layers.append(leaf(alt.MarkDef("point", filled=True, size=14, opacity=1)))
    numbers = list(range(len(lines)))
    colour = {
        "field": "line",
        "type": "nominal",
        "legend": None,
        "scale": {"domain": numbers, "range": LINES[: len(lines)]},
    }
    dash = {"field": "line", "type": "nominal", "legend": None, "scale": {"domain": numbers, "range": list(_DASHES)}}
    layers[1]["encoding"]["strokeDash"] = dash
    text = alt.MarkDef("text", align="left", baseline="middle", dx=7, fontSize=LABEL_PX, color=LIGHT["ink"])
    return {
        "$schema": SCHEMA,
        "width": room,
        "height": HEIGHT_PX,
        "layer": [
            {"data": {"name": "spots"}, "encoding": {"color": colour}, "layer": layers},
            {"data": {"name": "names"}, **leaf(text, text={"field": "text", "type": "nominal"})},
        ],
        "encoding": {"x": plain(x), "y": plain(y)},
        "config": _config(ground),
        "datasets": {"spots": spots, "names": names},
    }


def _stroke() -> alt.MarkDef:
    return alt.MarkDef("line", strokeWidth=1.8)


def _axes(ticks: Sequence[tuple[int, str]], title: str, ends: tuple[float, float], room: float) -> tuple[alt.X, alt.Y]:
    days = [day for day, _ in ticks]
    every = max(1, math.ceil(len(ticks) * 22 / room))
    shown = [name if place % every == 0 or place == len(ticks) - 1 else "" for place, (_, name) in enumerate(ticks)]
    texts = "[" + ",".join(f"'{name}'" for name in shown) + "]"
    own = alt.Axis(
        values=days,
        labelExpr=f"{texts}[indexof({days}, datum.value)]",
        labelAngle=-45,
        labelAlign="right",
        labelBaseline="middle",
        title=None,
    )
    scale = alt.Scale(domain=[days[0], days[-1]], zero=False, nice=False)
    side = alt.Axis(title=title, format=".0%", grid=True, tickCount=5)
    return (
        alt.X(field="day", type="quantitative", scale=scale, axis=own),
        alt.Y(field="value", type="quantitative", scale=alt.Scale(domain=list(ends), nice=False), axis=side),
    )


def _range(lines: Sequence[Line]) -> tuple[float, float]:
    """Return the tenths between which all values and intervals lie."""
    lows = [s.value if s.low is None else s.low for line in lines for s in line.spots]
    highs = [s.value if s.high is None else s.high for line in lines for s in line.spots]
    low, high = math.floor(min(lows) * 10 + 1e-9) / 10, math.ceil(max(highs) * 10 - 1e-9) / 10
    return max(low, 0.0), min(max(high, low + 0.1), 1.0)


def _apart(values: Sequence[float], ends: tuple[float, float]) -> list[float]:
    """Return where names stand: at their values, pushed apart by their height, within the ends.

    >>> [round(place, 3) for place in _apart([0.5, 0.51, 0.1], (0.0, 1.0))]
    [0.476, 0.534, 0.1]
    """
    least = (ends[1] - ends[0]) * (LABEL_PX * 1.35) / HEIGHT_PX
    order = sorted(range(len(values)), key=lambda place: values[place])
    places = [values[i] for i in order]
    for _ in range(100):
        moved = False
        for i in range(len(places) - 1):
            lack = least - (places[i + 1] - places[i])
            if lack > 1e-9:
                places[i], places[i + 1] = places[i] - lack / 2, places[i + 1] + lack / 2
                moved = True
        if not moved:
            break
    found = [0.0] * len(values)
    for place, i in zip(places, order, strict=True):
        found[i] = place
    return found


def _config(ground: str | None) -> Json:
    sizes = Layout(
        step=0,
        values=False,
        columns=1,
        given_label_every=1,
        outcome_label_every=1,
        label_px=LABEL_PX,
        value_px=0,
        line_px=0,
        gap=0,
        ground=ground,
    )
    found = config_of(sizes)
    found["axis"] |= {"gridColor": LIGHT["line"], "titleFontSize": TITLE_PX}
    return found
