"""The map of associations: one heatmap of all columns, similar ones next to each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ... import portable
from ...arrays import Floats
from ...figures.naming import short_names
from ...figures.specs import SCHEMA, Json, config_of
from ...theme.colours import LIGHT, shade
from .scanning import Scan
from .trivial import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST = 50
"""Maximum number of columns of the map: the most associated ones."""

_WIDTH_PX, _NAMES_PX, _LARGEST = 868, 190, 26
_TEXT_PX = 11.0
"""Smallest font size. The map is shown in its own size, and a cell of the largest map is 13 pixels high."""
_STOPS = 9


def map_columns(scan: Scan) -> list[int]:
    """Return the columns of the map, similar ones next to each other."""
    strength = _strength(scan)
    total = np.where(np.isnan(strength), 0, strength).max(axis=1)
    ranked = sorted(range(len(total)), key=lambda at: (-total[at], at))
    chosen = sorted(at for at in ranked[:MOST] if total[at] > 0)
    if len(chosen) < 3:
        return chosen
    from scipy.cluster import hierarchy  # noqa: PLC0415 - slow to import
    from scipy.spatial.distance import squareform  # noqa: PLC0415

    for pair in scan.trivial.values():  # two columns with the same content are next to each other
        if pair.reason is not Reason.DESIGN:
            strength[scan.columns_of(pair.place)] = strength[scan.columns_of(pair.place)[::-1]] = 1
    near = np.nan_to_num(strength[np.ix_(chosen, chosen)])
    distance = 1 - np.minimum(near, 1)
    np.fill_diagonal(distance, 0)
    links = hierarchy.linkage(squareform(distance, checks=False), "average", optimal_ordering=True)
    return [chosen[at] for at in hierarchy.leaves_list(links)]


def _strength(scan: Scan) -> Floats:
    """Return the lower bound of V of pairs beyond chance (p, p); 0 for other tested pairs, NaN for the rest."""
    n = len(scan.table.columns)
    found = np.full((n, n), np.nan)
    s = scan.statistics
    values = np.where(scan.is_called, s.low, np.where(scan.is_open, 0.0, np.nan))
    found[s.first, s.second] = values
    found[s.second, s.first] = values
    return found


_AXIS: Json = {
    "domain": False, "ticks": False, "grid": False, "labelPadding": 6, "labelOverlap": False,
    "labelColor": LIGHT["ink"],
}  # fmt: skip


def map_spec(scan: Scan, names: Sequence[str], columns: Sequence[int]) -> Json:
    """Return the Vega-Lite specification of the map of some columns, in their order."""
    shown = short_names([names[column] for column in columns])
    labels = [shown[names[column]] for column in columns]
    step = min(_LARGEST, (_WIDTH_PX - _NAMES_PX) // max(1, len(columns)))
    rows = _rows(scan, columns, labels)
    label_px = max(_TEXT_PX, min(12.5, step - 1.5))
    axis: Json = {"labelFontSize": label_px, "labelLimit": _NAMES_PX - 12, "title": None}
    side: Json = {"type": "nominal", "sort": None, "scale": {"domain": labels}}
    place: Json = {
        "x": side | {"field": "second", "axis": axis | {"orient": "top", "labelAngle": -90}},
        "y": side | {"field": "first", "axis": axis},
    }
    highest = max((row["v"] for row in rows if row["v"] is not None), default=1.0)
    end = max(0.2, np.ceil(10 * highest) / 10)
    colour: Json = {
        "field": "v",
        "type": "quantitative",
        "scale": {"domain": [0, float(end)], "range": [shade(at / (_STOPS - 1)) for at in range(_STOPS)]},
        "legend": {
            "title": "Cramér’s V, lower end",
            "orient": "top",
            "direction": "horizontal",
            "gradientLength": 160,
            "labelFontSize": _TEXT_PX,
            "titleFontSize": 12,
        },
    }
    hatch: Json = {
        "type": "point",
        "shape": "M-1,1L1,-1",
        "size": portable.squared(step - 2) / 2,
        "stroke": LIGHT["hatch"],
    }
    layers = [
        _layer("chance", {"type": "rect", "fill": LIGHT["mask"], "stroke": LIGHT["paper"]}, place),
        _layer("beyond", {"type": "rect", "stroke": LIGHT["paper"]}, place | {"color": colour}),
        _layer("definition", hatch | {"strokeWidth": 1}, place),
    ]
    return {
        "$schema": SCHEMA,
        "config": config_of(6, axis=_AXIS) | {"background": "transparent"},
        "data": {"name": "pairs"},
        "datasets": {"pairs": rows},
        "width": step * len(columns),
        "height": step * len(columns),
        "layer": layers,
    }


def _layer(state: str, mark: Json, encoding: Json) -> Json:
    """Return the marks of the pairs in a state."""
    return {"mark": mark, "encoding": encoding, "transform": [{"filter": f"datum.state === '{state}'"}]}


def _rows(scan: Scan, columns: Sequence[int], labels: Sequence[str]) -> list[Json]:
    s = scan.statistics
    place = {pair: at for at, pair in enumerate(zip(s.first.tolist(), s.second.tolist(), strict=True))}
    rows: list[Json] = []
    for first, label in zip(columns, labels, strict=True):
        for second, other in zip(columns, labels, strict=True):
            if first == second:
                continue
            at = place[min(first, second), max(first, second)]
            state = "definition" if at in scan.trivial else "beyond" if scan.is_called[at] else "chance"
            state = state if scan.is_open[at] or at in scan.trivial else "few"
            low = round(float(s.low[at]), 2) if state == "beyond" else None
            rows.append({"first": label, "second": other, "state": state, "v": low})
    return rows
