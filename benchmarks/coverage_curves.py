"""Curves of coverage as SVG, with the fonts and colours of the reports: the same bytes for the same numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import altair as alt

from diptych.figures.drawing import draw_svg
from diptych.figures.marks import leaf, plain
from diptych.figures.specs import SCHEMA, Json
from diptych.theme.colours import LIGHT
from diptych.theme.fonts import FONT_FAMILY

BLUE, ORANGE, GREEN, PURPLE = "#1c3185", "#b34700", "#00705a", "#8a3b74"
"""Colours that are distinct with any colour vision, with distinct shapes. Contrast on white is at least 5:1."""

SHAPES = {BLUE: "circle", ORANGE: "square", GREEN: "triangle-up", PURPLE: "diamond"}
GREY = "#b4bac2"
WIDTH_PX, LABELS_PX, HEIGHT_PX, LINE_PX = 480, 190, 220, 15
WHISKERS = 2
"""Standard errors on each side."""

APART_PX = 2
"""The distance between whiskers at the same position."""

READING = "band: promised, 93 to 97 %; whiskers: two standard errors to each side"


@dataclass(frozen=True, slots=True)
class Point:
    """A share of intervals that contain the truth, with its standard error, at a position on the axis."""

    x: float
    share: float
    error: float


@dataclass(frozen=True, slots=True)
class ShareLine:
    """Points joined in order. A line without colour is thin and grey, without whiskers or label."""

    label: str
    points: tuple[Point, ...]
    colour: str = ""


Ends = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Axis:
    """The axis below: title, ends and ticks. `scale` is "log" or "logit" (shares)."""

    title: str
    ends: Ends
    ticks: tuple[float, ...]
    scale: str = "log"


@dataclass(frozen=True, slots=True)
class Curves:
    """Lines over one axis. `grey` describes the grey lines, and `least` is the lowest share on the axis."""

    title: str
    axis: Axis
    lines: tuple[ShareLine, ...]
    least: float
    grey: str = ""


def curves_svg(figure_id: str, curves: Sequence[Curves]) -> str:
    """Return curves below each other, with the promised range (93 to 97%) as a band. Omit lines without points."""
    curves = [replace(one, lines=tuple(line for line in one.lines if line.points)) for one in curves]
    views = [_view(one, f"c{number}") for number, one in enumerate(curves)]
    spec: Json = {
        "$schema": SCHEMA,
        "config": _config(),
        "datasets": {
            name: rows for number, one in enumerate(curves) for name, rows in _data(one, f"c{number}").items()
        },
        "vconcat": views,
        "spacing": 22,
    }
    return draw_svg(spec, figure_id)


def _view(curves: Curves, name: str) -> Json:
    return {
        "title": plain(alt.TitleParams(curves.title, subtitle=READING, anchor="start", offset=8)),
        "width": WIDTH_PX,
        "height": HEIGHT_PX,
        "layer": [*_band(curves, name), *_lines(curves, name), _labels(name)],
    }


def _data(curves: Curves, name: str) -> dict[str, list[Json]]:
    points, clear = [], [line for line in curves.lines if line.colour]
    for number, line in enumerate(curves.lines):
        shift = APART_PX * (clear.index(line) - (len(clear) - 1) / 2) if line in clear else 0
        for point in line.points:
            ends = [100 * (point.share + sign * WHISKERS * point.error) for sign in (-1, 1)]
            # Values below the axis have no whisker there.
            least = min(100 * curves.least, 100 * point.share)
            low, high = (min(max(end, least), 100) for end in (ends if least < 100 * point.share else (least, least)))
            points.append(
                {"line": number, "x": _place(point.x, curves.axis, shift), "y": round(100 * point.share, 3)}
                | {"low": round(low, 3), "high": round(high, 3), "colour": line.colour}
            )
    return {
        f"{name}_points": points,
        f"{name}_labels": _labels_of(curves),
        f"{name}_promise": [{"low": 93, "high": 97}],
    }


def _place(x: float, axis: Axis, shift: float = 0) -> float:
    """Return the position of a value on the axis in Vega, shifted right by some pixels."""
    if axis.scale == "log":
        return round(x * math.pow(axis.ends[1] / axis.ends[0], shift / WIDTH_PX), 6)
    low, high, place = (math.log(share / (1 - share)) for share in (*axis.ends, x))
    return round(place + (high - low) * shift / WIDTH_PX, 6)


def _labels_of(curves: Curves) -> list[Json]:
    """Return the labels on the right, each as near as possible to the end of its line without overlap."""
    ends = [(line.points[-1].share, line.label, line.colour) for line in curves.lines if line.colour]
    grey = [line.points[-1].share for line in curves.lines if not line.colour]
    if curves.grey and grey:
        ends.append((sum(grey) / len(grey), curves.grey, LIGHT["muted"]))
    ends.sort(reverse=True)
    places: list[float] = []
    for share, _, _ in ends:
        wanted = HEIGHT_PX * min((1 - share) / (1 - curves.least), 1)
        places.append(max(wanted, places[-1] + LINE_PX) if places else wanted)
    # Moves that only go down would put a crowd of labels below its lines, so labels without room below move up.
    for k in reversed(range(len(places))):
        places[k] = min(places[k], places[k + 1] - LINE_PX if k + 1 < len(places) else HEIGHT_PX)
    return [
        {"text": label, "y": round(place, 2), "colour": colour}
        for (_, label, colour), place in zip(ends, places, strict=True)
    ]


def _x(curves: Curves, field: str) -> alt.X:
    axis = curves.axis
    ticks = [_place(tick, axis) for tick in axis.ticks]
    shown = "format(datum.value, '~g')"
    if axis.scale == "logit":
        shown = "format(round(1000 / (1 + exp(-datum.value))) / 10, '~g') + ' %'"
    return alt.X(
        field=field,
        type="quantitative",
        scale=alt.Scale(
            type="log" if axis.scale == "log" else "linear",
            domain=[_place(end, axis) for end in axis.ends],
            nice=False,
        ),
        axis=alt.Axis(title=axis.title, values=ticks, labelExpr=shown),
    )


def _y(curves: Curves, field: str) -> alt.Y:
    least = round(100 * curves.least)
    step = 5 if least >= 75 else 10
    return alt.Y(
        field=field,
        type="quantitative",
        scale=alt.Scale(domain=[least, 100], nice=False, zero=False),
        axis=alt.Axis(
            title="held the truth", values=list(range(least, 101, step)), labelExpr="datum.value + ' %'", grid=True
        ),
    )


def _band(curves: Curves, name: str) -> list[Json]:
    data = {"data": {"name": f"{name}_promise"}}
    rect = leaf(alt.MarkDef("rect", fill="#dfe7f5", opacity=1), y=_y(curves, "low"), y2=alt.Y2(field="high"))
    line = leaf(alt.MarkDef("rule", stroke=LIGHT["hatch"], strokeDash=[2, 3]), y={"datum": 95, "type": "quantitative"})
    return [data | layer for layer in (rect, line)]


def _lines(curves: Curves, name: str) -> list[Json]:
    data = {"data": {"name": f"{name}_points"}}
    x, y = _x(curves, "x"), _y(curves, "y")
    detail = alt.Detail(field="line", type="nominal")
    colour = {"field": "colour", "type": "nominal", "scale": None}
    shape = {"field": "colour", "type": "nominal", "legend": None,
             "scale": {"domain": list(SHAPES), "range": list(SHAPES.values())}}  # fmt: skip
    clear, faint = "datum.colour !== ''", "datum.colour === ''"
    layers = [
        leaf(alt.MarkDef("line", strokeWidth=1, stroke=GREY, clip=True), faint, x=x, y=y, detail=detail),
        leaf(alt.MarkDef("rule", strokeWidth=1, clip=True), clear, x=x, y=alt.Y(field="low", type="quantitative"),
             y2=alt.Y2(field="high"), stroke=colour),
        leaf(alt.MarkDef("line", strokeWidth=1.8, clip=True), clear, x=x, y=y, detail=detail, stroke=colour),
        leaf(alt.MarkDef("point", size=34, opacity=1, filled=True, clip=True), clear, x=x, y=y, fill=colour,
             shape=shape),
    ]  # fmt: skip
    return [data | layer for layer in layers]


def _labels(name: str) -> Json:
    text = leaf(
        alt.MarkDef("text", align="left", baseline="middle", fontSize=11.5, clip=False),
        x={"value": WIDTH_PX + 8},
        y={"field": "y", "type": "quantitative", "scale": None, "axis": None},
        text=alt.Text(field="text", type="nominal"),
        color={"field": "colour", "type": "nominal", "scale": None},
    )
    return {"data": {"name": f"{name}_labels"}, **text}


def _config() -> Json:
    text = {"labelColor": LIGHT["ink"], "titleColor": LIGHT["ink"], "titleFontWeight": "normal"}
    axis = {"domain": False, "ticks": False, "grid": False, "gridColor": "#e7eaee", "labelFontSize": 11,
            "titleFontSize": 11.5, "titlePadding": 8, "labelPadding": 6, "labelOverlap": False}  # fmt: skip
    return {
        "font": f"{FONT_FAMILY}, sans-serif",
        "background": LIGHT["paper"],
        "aria": False,
        "padding": 8,
        "view": {"stroke": None},
        "title": {
            "color": LIGHT["ink"],
            "fontWeight": "bold",
            "fontSize": 13,
            "frame": "group",
            "subtitleColor": LIGHT["muted"],
            "subtitleFontSize": 10.5,
            "subtitlePadding": 4,
        },
        "axis": text | axis,
    }
