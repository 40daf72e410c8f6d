"""Build the classic form in Vega-Lite: names at 45 degrees below, axes titled "Dataset Category A", a bar per panel.

All categories are shown in their order, and shares are numbers from 0 to 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

import altair as alt

from .. import formats
from ..cells import Panel
from ..theme import LIGHT, RAMPS, ink, shade
from . import panel_letters
from .scales import ColourScale, baseline_label, coloured_values, has_base_rates, looks
from .specs import BLANK, SCHEMA, Json, config_of

Chart: TypeAlias = Any
"""A chart of Altair, whose types are wider than its methods return."""

_STEP, _GAP, _LABEL_PX, _SIZE_PX, _TITLE_PX = 31.0, 9.0, 12.6, 12.4, 13.0
"""Side of a cell, gap above the row of all units, and font sizes of names, of counts and numbers, and of titles."""


def panel_spec(panel: Panel, scale: ColourScale, letter: str) -> Json:
    """Return the specification of one panel."""
    return _whole(_view(panel, scale, letter), _data(panel, scale))


def figure_spec(panels: Sequence[Panel], scales: Mapping[str, ColourScale]) -> Json:
    """Return the specification of all panels, side by side."""
    named = zip(panels, panel_letters(panels), strict=True)
    views = [_view(panel, scales[panel.id], letter) for panel, letter in named]
    data = {name: rows for panel in panels for name, rows in _data(panel, scales[panel.id]).items()}
    return _whole(alt.hconcat(*views, spacing=16).resolve_scale(fill="independent"), data)


def _whole(view: Chart, data: Mapping[str, list[Json]]) -> Json:
    axis = {
        "domain": False, "ticks": False, "grid": False, "labelFontSize": _LABEL_PX, "titleFontSize": _TITLE_PX,
        "titlePadding": 6, "labelPadding": 6, "labelLimit": 170, "labelOverlap": False, "labelColor": LIGHT["ink"],
        "titleColor": LIGHT["ink"],
    }  # fmt: skip
    legend = {"labelFontSize": _SIZE_PX, "titleFontSize": _SIZE_PX, "gradientThickness": 13, "gradientStrokeWidth": 0}
    spec: Json = view.to_dict(validate=False)
    return spec | {
        "$schema": SCHEMA,
        "config": config_of(4, axis=axis, legend=legend),
        "datasets": spec.get("datasets", {}) | data,
    }


def _view(panel: Panel, scale: ColourScale, letter: str) -> Chart:
    columns, rows = panel.outcome_categories, panel.given_categories
    bottom = _STEP * len(rows)
    has_base = has_base_rates(panel)
    kind: Literal["log", "sqrt", "linear"] = "log" if scale.log else "sqrt" if scale.root else "linear"
    axis = alt.Axis(title=panel.outcome_title, labelAngle=-45, labelAlign="right", labelBaseline="middle",
                    offset=_GAP + _STEP if has_base else 0)  # fmt: skip
    x = alt.X(field="outcome", type="nominal", sort=None, scale=alt.Scale(domain=[*columns], padding=0), axis=axis)
    rise = -7 if panel.n_units is not None else 0
    y = alt.Y(field="given", type="nominal", sort=None, scale=alt.Scale(domain=[*rows], padding=0),
              axis=alt.Axis(title=panel.given_title, labelOffset=rise))  # fmt: skip
    legend = alt.Legend(title=None, values=[*scale.ticks], format=scale.tick_format, gradientLength=bottom, offset=10)
    colours = alt.Scale(type=kind, domain=[*scale.domain], range=[*RAMPS[scale.scheme]], interpolate="rgb", clamp=True)
    blanks = [{"test": f"datum.look === '{look}'", "value": tint} for look, tint in BLANK.items()]
    blanks.append({"test": "!isValid(datum.value)", "value": "transparent"})
    fill = alt.Fill(field="value", type="quantitative", scale=colours, legend=legend, condition=blanks)
    written = {"text": alt.Text(field="text", type="nominal"),
               "color": alt.Color(field="ink", type="nominal", scale=None)}  # fmt: skip
    layers = []
    cells = alt.Chart(alt.NamedData(f"{panel.id}_cells"), name=f"{panel.id}_cells")
    places: list[tuple[alt.Chart, dict[str, Any], Any]] = [(cells, {"y": y}, y)]
    if has_base:
        top = bottom + _GAP
        base = alt.Chart(alt.NamedData(f"{panel.id}_base"))
        places.append((base, {"y": alt.value(top), "y2": alt.value(top + _STEP)}, alt.value(top + _STEP / 2)))
    for chart, place, middle in places:
        numbers = alt.Chart(chart.data).mark_text(baseline="middle", fontSize=_SIZE_PX)
        layers.append(
            chart.mark_rect(stroke=LIGHT["paper"], strokeWidth=1, invalid=None).encode(x=x, fill=fill, **place)
        )
        layers.append(numbers.transform_filter("isValid(datum.text)").encode(x=x, y=middle, **written))
    layers += _names(panel, y, bottom, rise)
    return alt.layer(*layers, width=_STEP * len(columns), height=bottom, name=panel.id,
                     title=alt.TitleParams(letter, anchor="start", fontSize=_TITLE_PX))  # fmt: skip


def _names(panel: Panel, y: alt.Y, bottom: float, rise: float) -> list[Chart]:
    """Return the layers of the name of the row of all units, and of the numbers of units below names."""
    layers: list[Chart] = []
    name = alt.Chart(alt.InlineData([{}])).mark_text(align="right", baseline="middle", fontSize=_LABEL_PX)
    if has_base_rates(panel):
        at = bottom + _GAP + _STEP / 2
        layers.append(name.encode(x=alt.value(-6), y=alt.value(at + rise), text=alt.value(baseline_label(panel))))
    if panel.n_units is not None:
        size = alt.Chart(alt.NamedData(f"{panel.id}_rows")).mark_text(
            align="right", baseline="middle", fontSize=_SIZE_PX, color=LIGHT["muted"], dy=7)  # fmt: skip
        layers.append(size.encode(x=alt.value(-6), y=y, text=alt.Text(field="text", type="nominal")))
    return layers


def _data(panel: Panel, scale: ColourScale) -> dict[str, list[Json]]:
    columns = zip(looks(panel, scale), coloured_values(panel), panel.cells, strict=True)
    cells = []
    for look, value, cell in columns:
        row: Json = {"given": cell.given, "outcome": cell.outcome, "look": look}
        if look == "coloured" and value is not None:
            row |= _number(value, panel, scale)
        elif look == "plain" and cell.value is not None:
            row |= {"text": formats.in_cell(cell.value, panel.measure), "ink": LIGHT["muted"]}
        elif look in {"undefined", "withheld"}:
            row |= {"text": formats.DASH if look == "undefined" else "×", "ink": LIGHT["muted"]}
        cells.append(row)
    sets = {f"{panel.id}_cells": cells}
    if has_base_rates(panel):
        base = sets[f"{panel.id}_base"] = []
        for cell in panel.cells[: len(panel.outcome_categories)]:
            share = cell.baseline if cell.n_outcome else None
            number = {"look": "none"} if share is None else _number(share, panel, scale)
            base.append({"outcome": cell.outcome} | number)
    if panel.n_units is not None:
        sizes = panel.column("n_given")[:: len(panel.outcome_categories)]
        named = zip(panel.given_categories, sizes, strict=True)
        sets[f"{panel.id}_rows"] = [{"given": name, "text": formats.count(n or 0)} for name, n in named]
    return sets


def _number(value: float, panel: Panel, scale: ColourScale) -> Json:
    text = formats.in_cell(value, panel.measure)
    return {"value": float(f"{value:.6g}"), "text": text, "ink": ink(shade(scale.level(value), scale.scheme))}
