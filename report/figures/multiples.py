"""Small multiples: the panels of a figure at several times, a row for each panel, on the figure's own colour scale.

Made of the same parts as the figure itself; what would be said again in each matrix (names of categories, the colour
bar) is said once a row.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import altair as alt
from altair.utils.schemapi import debug_mode

from ..cells import Panel
from ..theme.colours import LIGHT
from .heatmap import config_of, datasets_of, panel_letters
from .layout import LABEL_LIMIT_PX, LEGEND_PX, SLANTED, Layout, text_px
from .marks import panel_view, plain
from .rows import baseline_label
from .scales import ColourScale
from .vegalite import SCHEMA, Json

PAGE_PX = 1000.0
"""How wide small multiples are on a page."""

MOST_POINTS = 6

_GAP_PX = 10
_LABEL_PX = 8.5
_LARGEST_STEP, _LEAST_STEP = 14.0, 1.0


@debug_mode(arg=False)  # as in `heatmap_spec`
def multiples_spec(
    rows: Sequence[Sequence[tuple[str, Panel]]],
    scales: Mapping[str, ColourScale],
    width: float = PAGE_PX,
    ground: str | None = LIGHT["paper"],
) -> Json:
    """Return the specification: `rows` hold a panel at several times, each with the name of its time.

    `scales` are those of the figure, by panel id; `width` in pixels is what a row may take.
    """
    sizes = _sizes(rows, width, ground)
    letters = panel_letters([row[0][1] for row in rows])
    sets: dict[str, list[dict[str, str | float]]] = {}
    bands: list[Json] = []
    for row, letter in zip(rows, letters, strict=True):
        panels = [replace(panel, id=f"{panel.id}-{place}") for place, (_, panel) in enumerate(row)]
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
        "config": config_of(sizes),
        "datasets": sets,
        "resolve": {"scale": {"color": "independent"}},
    }


def _band(views: list[Json], panel: Panel, letter: str, *, is_first: bool) -> Json:
    """Return matrices side by side, the first of a panel under a line that names its axes."""
    shared: Json = {"hconcat": views, "spacing": _GAP_PX, "resolve": {"scale": {"color": "independent"}}}
    if not is_first:
        return shared
    text = f"{letter} {panel.given_title} by {panel.outcome_title}".strip()
    return shared | {
        "title": plain(alt.TitleParams([text], anchor="start", fontSize=10, offset=8, fontWeight="normal"))
    }


def _sizes(rows: Sequence[Sequence[tuple[str, Panel]]], width: float, ground: str | None) -> Layout:
    """Return the layout with which as many matrices as there are times stand in a row, or half of them, or fewer."""
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
    every = max(1, math.ceil(SLANTED * _LABEL_PX / step))
    return Layout(
        step=step,
        values=False,
        columns=columns,
        given_label_every=max(1, math.ceil((_LABEL_PX + 1) / step)),
        outcome_label_every=every,
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
    """Return a matrix without what stands elsewhere in its row: names at the first, the colour bar at the last."""
    view = copy.deepcopy(view)
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
    if not first:
        view["layer"] = [layer for layer in view["layer"] if not layer.get("data", {}).get("name", "").endswith("_all")]
    return view
