"""Figures over time: lines with bands and end labels for shares that moved, and small multiples of panels.

Small multiples have a row for each panel and use the figure's colour scale. They are made of the same parts as the
figure. Parts common to all matrices (names of categories, the colour bar) appear once per row.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import altair as alt
from altair.utils.schemapi import debug_mode

from ...cells import Estimate, Panel
from ...figures import LABEL_LIMIT_PX, LABEL_PX, LEGEND_PX, Layout, panel_letters, text_px
from ...figures.heatmap import datasets_of
from ...figures.marks import leaf, panel_view
from ...figures.naming import short_names, with_short_names
from ...figures.scales import ColourScale, baseline_label
from ...figures.specs import SCHEMA, Json, config_of
from ...theme.colours import LIGHT, LINES

MOST_LINES = len(LINES)
HEIGHT_PX = 230.0
LINES_PX = 720.0
_LEAST_ROOM_PX = 120.0
_DASHES: tuple[list[int], ...] = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [4, 4], [1, 3])


@dataclass(frozen=True, slots=True)
class DatedShare:
    """A share at a time. `day` is a number that increases with time."""

    day: int
    share: Estimate


@dataclass(frozen=True, slots=True)
class ShareLine:
    """The subject of a line, and its values in chronological order."""

    label: str
    spots: tuple[DatedShare, ...]


@debug_mode(arg=False)  # as in `heatmap_spec`
def lines_spec(
    lines: Sequence[ShareLine],
    ticks: Sequence[tuple[int, str]],
    title: str,
    width: float = LINES_PX,
    ground: str | None = LIGHT["paper"],
) -> Json:
    """Return the specification of up to six lines of shares.

    `ticks` are the times with their names, `title` describes the values. Overlapping names are moved apart.
    """
    drawn = short_names(list(dict.fromkeys(line.label for line in lines)))
    lines = [replace(line, label=drawn[line.label]) for line in lines]
    room = max(width - max(text_px(line.label, LABEL_PX) for line in lines) - 80, _LEAST_ROOM_PX)
    low, high = _range(lines)
    ends = _apart([line.spots[-1].share.value for line in lines], (low, high))
    spots = [
        {"line": i, "day": s.day, "value": s.share.value, "low": s.share.least, "high": s.share.most}
        for i, line in enumerate(lines)
        for s in line.spots
    ]  # fmt: skip
    names = [
        {"line": i, "day": line.spots[-1].day, "value": end, "text": line.label}
        for i, (line, end) in enumerate(zip(lines, ends, strict=True))
    ]
    x, y = _axes(ticks, title, (low, high), room)
    band, line = alt.MarkDef("area", opacity=0.14, strokeWidth=0), alt.MarkDef("line", strokeWidth=1.8)
    layers = [
        leaf(band, y=_json(y) | {"field": "low"}, y2={"field": "high"}),
        leaf(line),
        leaf(alt.MarkDef("point", filled=True, size=14, opacity=1)),
    ]
    numbers, own = list(range(len(lines))), {"field": "line", "type": "nominal", "legend": None}
    colour = own | {"scale": {"domain": numbers, "range": LINES[: len(lines)]}}
    layers[1]["encoding"]["strokeDash"] = own | {"scale": {"domain": numbers, "range": list(_DASHES)}}
    config = config_of(LABEL_PX, ground, LABEL_LIMIT_PX)
    config["axis"] |= {"gridColor": LIGHT["line"]}
    text = alt.MarkDef("text", align="left", baseline="middle", dx=7, fontSize=LABEL_PX, color=LIGHT["ink"])
    return {
        "$schema": SCHEMA,
        "width": room,
        "height": HEIGHT_PX,
        "layer": [
            {"data": {"name": "spots"}, "encoding": {"color": colour}, "layer": layers},
            {"data": {"name": "names"}, **leaf(text, text={"field": "text", "type": "nominal"})},
        ],
        "encoding": {"x": _json(x), "y": _json(y)},
        "config": config,
        "datasets": {"spots": spots, "names": names},
    }


def _json(part: alt.SchemaBase) -> Any:  # noqa: ANN401 - JSON
    return part.to_dict(validate=False)


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


def _range(lines: Sequence[ShareLine]) -> tuple[float, float]:
    """Return a range, in tenths, that contains all values and intervals."""
    lows = [s.share.least for line in lines for s in line.spots]
    highs = [s.share.most for line in lines for s in line.spots]
    low, high = math.floor(min(lows) * 10 + 1e-9) / 10, math.ceil(max(highs) * 10 - 1e-9) / 10
    return max(low, 0.0), min(max(high, low + 0.1), 1.0)


def _apart(values: Sequence[float], ends: tuple[float, float]) -> list[float]:
    """Return positions for names: at their values, moved apart by their height, within the range.

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


MULTIPLES_PX = 1000.0
"""Width of small multiples on a page."""

MOST_POINTS = 6

_GAP_PX = 10
_LABEL_PX = 8.5
_LARGEST_STEP, _LEAST_STEP = 14.0, 1.0


@debug_mode(arg=False)  # as in `heatmap_spec`
def multiples_spec(
    rows: Sequence[Sequence[tuple[str, Panel]]],
    scales: Mapping[str, ColourScale],
    width: float = MULTIPLES_PX,
    ground: str | None = LIGHT["paper"],
) -> Json:
    """Return the specification: `rows` contain a panel at several times, each with the name of its time.

    `scales` are the scales of the figure, by panel id. `width` is the maximum width of a row in pixels.
    """
    sizes = _sizes(rows, width, ground)
    letters = panel_letters([row[0][1] for row in rows])
    sets: dict[str, list[dict[str, str | float]]] = {}
    bands: list[Json] = []
    for row, letter in zip(rows, letters, strict=True):
        panels = [
            replace(panel, id=f"{panel.id}-{place}", title="", reading="")
            for place, panel in enumerate(with_short_names([panel for _, panel in row], sizes))
        ]
        own = {panel.id: scales[row[0][1].id] for panel in panels}
        sets |= datasets_of(panels, own, sizes, ())
        views = [
            _bare(panel_view(panel, own[panel.id], sizes, name), place, len(row))
            for place, (panel, (name, _)) in enumerate(zip(panels, row, strict=True))
        ]
        starts = range(0, len(views), sizes.columns)
        bands += [_band(views[k : k + sizes.columns], row[0][1], letter, is_first=k == 0) for k in starts]
    return {
        "$schema": SCHEMA,
        "vconcat": bands,
        "spacing": 14,
        "config": config_of(sizes.label_px, sizes.ground, sizes.names_px),
        "datasets": sets,
        "resolve": {"scale": {"color": "independent"}},
    }


def _band(views: list[Json], panel: Panel, letter: str, *, is_first: bool) -> Json:
    """Return matrices next to each other, the first of a panel below a line that names its axes."""
    shared: Json = {"hconcat": views, "spacing": _GAP_PX, "resolve": {"scale": {"color": "independent"}}}
    if not is_first:
        return shared
    text = f"{letter} {panel.given_title} by {panel.outcome_title}".strip()
    return shared | {
        "title": _json(alt.TitleParams([text], anchor="start", fontSize=10, offset=8, fontWeight="normal"))
    }


def _sizes(rows: Sequence[Sequence[tuple[str, Panel]]], width: float, ground: str | None) -> Layout:
    """Return a layout in which a row fits as many matrices as there are times, or half as many, or fewer."""
    panels = [panel for row in rows for _, panel in row]
    labels = max(
        text_px(name, _LABEL_PX) for panel in panels for name in (*panel.given_categories, baseline_label(panel))
    )
    room = width - min(labels, LABEL_LIMIT_PX) - LEGEND_PX - 20
    longest = max(len(panel.outcome_categories) for panel in panels)
    columns = max(len(row) for row in rows)
    step = _step(room, columns, longest)
    while step < 4.0 and columns > 1:
        columns = math.ceil(columns / 2)
        step = _step(room, columns, longest)
    return Layout(
        classic=True,
        percent=False,
        step=step,
        values=False,
        columns=columns,
        given_label_every=max(1, math.ceil((_LABEL_PX + 1) / step)),
        label_px=_LABEL_PX,
        value_px=0.0,
        line_px=0.5 if step >= 8 else 0.0,
        gap=3,
        ground=ground,
    )


def _step(room: float, columns: int, longest: int) -> float:
    step = (room - _GAP_PX * (columns - 1)) / (columns * longest)
    return max(min(float(math.floor(step * 2) / 2), _LARGEST_STEP), _LEAST_STEP)


def _bare(view: Json, place: int, n: int) -> Json:
    """Return a matrix without repeated parts: only the first has names, only the last the colour bar."""
    view = copy.deepcopy(view)
    view["layer"] = [layer for layer in view["layer"] if not _names_beside(layer, first=place == 0)]
    view["title"] = view.get("title") or ""
    first, last = place == 0, place == n - 1
    for layer in view["layer"]:
        for part in (layer, *layer.get("layer", ())):
            for channel, value in part.get("encoding", {}).items():
                if channel in ("x", "y") and isinstance(value.get("axis"), dict):
                    value["axis"] |= {"title": None} | ({} if channel == "x" or first else {"labels": False})
                    value["axis"] |= {} if channel == "x" or first else {"minExtent": 0}
                if channel == "color" and not last:
                    value["legend"] = None
    return view


def _names_beside(layer: Json, *, first: bool) -> bool:
    """Return whether a layer contains names that small matrices omit: at the top, and on all but the first matrix."""
    name = layer.get("data", {}).get("name", "")
    return name.endswith("_columns") or (not first and name.endswith("_all"))
