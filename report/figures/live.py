"""Compute the model of a live figure, with which a page recolours its static drawing.

The model covers other measures and orders of the axes. Each view gives the colour, sign, number and ink of every
cell, as columns. The same functions compute these columns and the data of the static drawing. The page's script only
applies them, so the page shows exactly the static drawing of the same panels.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .. import formats, portable
from ..cells import WITHHELD, MeasureInfo, Panel
from ..theme import colours
from . import SQUARES_LIMIT, FigureSettings, Layout, fitting_value_px, layout
from .heatmap import BAR_PX, alt_text, bar_of, left_px, panel_scales
from .marks import LIFTED, signs_of
from .naming import READING_PX, balanced, has_sizes, heading_room, size_texts
from .scales import (
    STRIP,
    ColourScale,
    Row,
    baseline_label,
    baseline_rows,
    cell_rows,
    has_baseline,
    key_entries,
    key_width,
    state_words,
)
from .specs import Json

WITHIN_STRATA = MeasureInfo(
    "lift_within_strata", "Lift within strata", "n_ab / sum of n_a n_b / N over strata", 0, None, 1.0, diverging=True,
    symmetric=True,
)  # fmt: skip
"""Observed over expected within strata. Every cell has this value, whatever the measure of its panel."""

HIDDEN = "too little data: hidden"

_TOLD = ("value", "low", "high")
_ALWAYS = ("joint", "of", "base", "lift", "q")


@dataclass(frozen=True)
class Variant:
    """The figure with another measure.

    `name` and `label` identify it in the menu. Its `panels` have the ids of the original panels.
    """

    name: str
    label: str
    figure: FigureSettings
    panels: tuple[Panel, ...]


@dataclass(frozen=True)
class Order:
    """Another order of the axes: for each panel, the original positions of its given and outcome categories."""

    name: str
    label: str
    axes: Mapping[str, tuple[tuple[int, ...], tuple[int, ...]]]


def undeclared(figure: FigureSettings) -> FigureSettings:
    """Return the settings for a measure that the config does not mention: without scale and scheme."""
    return figure.model_copy(update={"scale": None, "scheme": None})


def within_strata(panel: Panel) -> Panel | None:
    """Return the panel with lifts within strata as its values; None if the relation has no strata."""
    if all(n is None for n in panel.column("expected_within_strata")):
        return None
    names = {"value": "lift_within_strata", "low": "lift_within_low", "high": "lift_within_high"}
    cells = panel.cells.replaced(**{name: panel.column(of) for name, of in names.items()})
    return replace(panel, measure=WITHIN_STRATA, cells=cells)


def by_strength(panels: Sequence[Panel]) -> dict[str, tuple[tuple[int, ...], tuple[int, ...]]]:
    """Return an order for each panel: categories by decreasing total, ties in the original order.

    Totals are sums of joint counts, or of values if there are no counts. If both axes have the same taxonomy, they
    have the same order, by the sum of row and column totals, which preserves the diagonal.
    """
    return {panel.id: _strongest(panel) for panel in panels}


def _strongest(panel: Panel) -> tuple[tuple[int, ...], tuple[int, ...]]:
    n = len(panel.outcome_categories)
    of_cells = zip(panel.column("n_joint"), panel.column("value"), strict=True)
    sizes = [joint if joint is not None else value or 0.0 for joint, value in of_cells]
    rows = [sum(sizes[start : start + n]) for start in range(0, len(sizes), n)]
    columns = [sum(sizes[start::n]) for start in range(n)]
    if panel.same_taxonomy:
        rows = columns = [row + column for row, column in zip(rows, columns, strict=True)]
    return _descending(rows), _descending(columns)


def _descending(totals: Sequence[float]) -> tuple[int, ...]:
    return tuple(sorted(range(len(totals)), key=lambda place: -totals[place]))


def live_model(
    figure: FigureSettings,
    panels: tuple[Panel, ...],
    variants: Sequence[Variant],
    orders: Sequence[Order],
) -> Json:
    """Return the model of a figure; `variants` are the other measures.

    The key `panels` has the categories and axis titles, which are the same in every view. The original view and order
    are the first of `measures` and `orders`. A view contains only the columns of each panel that differ from the
    original view, null if the column is absent.
    """
    sizes = layout(figure, panels)
    withheld = any(panel.is_withheld for panel in panels)
    declared = Variant("declared", "", figure, panels)
    base = _view(declared, sizes)
    views = [_less(_view(variant, sizes), base) for variant in variants]
    return {
        "figure": figure.id,
        "panels": [_panel(panel) for panel in panels],
        "measures": [base, *views],
        "orders": [{"name": "declared", "axes": {}}, *({"name": o.name, "axes": _lists(o.axes)} for o in orders)],
        "step": sizes.step,
        "line": sizes.line_px,
        "gap": sizes.gap,
        "values": sizes.values,
        "picture": sizes.picture,
        "signs": {state: sign for state, sign in signs_of(sizes).items() if withheld or state not in WITHHELD},
        "pale": colours.PALE,
        "strip": STRIP,
        "lifted": LIFTED,
        "keyPx": sizes.key_px,
        "barPx": BAR_PX,
        "barLeft": left_px(panels[0], sizes),
        "few": colours.shade(0.75),
        "avoided": colours.shade(0, colours.DIVERGING_DEFAULT),
        "hidden": HIDDEN,
        "states": dict(state_words(panels)),
    }


def _panel(panel: Panel) -> Json:
    return {
        "id": panel.id,
        "mirror": panel.mirror,
        "given": list(panel.given_categories),
        "outcome": list(panel.outcome_categories),
        "titles": [panel.given_title, panel.outcome_title],
        "unit": panel.unit.plural,
        "level": f"{100 * panel.level:g}% CI",
    }


def _lists(axes: Mapping[str, tuple[tuple[int, ...], tuple[int, ...]]]) -> dict[str, list[list[int]]]:
    return {panel: [list(places) for places in both] for panel, both in axes.items()}


def _view(variant: Variant, sizes: Layout) -> Json:
    """Return the view of the figure for one measure, with the layout of the original view."""
    panels = variant.panels
    scales = panel_scales(variant.figure, panels)
    return {
        "name": variant.name,
        "titles": [panel.measure.label for panel in panels],
        "kinds": [_kind(panel.measure, percent=sizes.percent) for panel in panels],
        "alt": alt_text(panels),
        "sizes": {panel.id: size_texts(panel) for panel in panels if has_sizes(panel, sizes)},
        "wholes": {p.id: [baseline_label(p), formats.count(p.n_units or 0)] for p in panels if has_baseline(p)},
        "readings": {panel.id: balanced(panel.reading, heading_room(panel, sizes) / READING_PX) for panel in panels},
        "valuePx": fitting_value_px(panels, sizes.step, percent=sizes.percent) if sizes.values else 0,
        "cells": {p.id: _columns(cell_rows(p, scales[p.id], values=sizes.values), scales[p.id]) for p in panels},
        "base": {
            p.id: _columns(baseline_rows(p, scales[p.id], values=sizes.values), scales[p.id])
            for p in panels
            if has_baseline(p)
        },
        "bars": {p.id: _bar(p.measure, scales[p.id]) for p in panels},
        "key": _key(panels, scales, sizes),
    } | ({"bar": _shared_bar(panels, scales)} if sizes.shared_bar else {})


def _key(panels: Sequence[Panel], scales: Mapping[str, ColourScale], sizes: Layout) -> list[list[str | float]]:
    """Return the key: state, text and width of each entry. The page wraps the entries."""
    entries = key_entries(panels, scales, pointed=sizes.shared_bar)
    return [[entry.state, entry.text, key_width((entry,), math.inf)] for entry in entries]


def _shared_bar(panels: Sequence[Panel], scales: Mapping[str, ColourScale]) -> Json:
    """Return the colour bar above all panels."""
    bar = bar_of(panels, scales)
    return {
        "title": bar.title,
        "ticks": [list(tick) for tick in bar.ticks],
        "low": bar.pointed[0],
        "high": bar.pointed[1],
    }


def _kind(measure: MeasureInfo, *, percent: bool) -> str:
    """Return how a page writes the values of a measure.

    A share of a row is a "share", or a "fraction" if the config asks for numbers from 0 to 1. Another share is
    "percent". All others are a count, ratio or number.
    """
    if measure.name == "conditional":
        return "share" if percent else "fraction"
    if percent and measure.is_share:
        return "percent"
    return "count" if measure.name == "count" else "ratio" if measure.is_ratio else "number"


def _bar(measure: MeasureInfo, scale: ColourScale) -> Json:
    """Return a colour bar: title, evenly spaced colours from the lowest value, and tick labels."""
    ticks = zip(scale.ticks, scale.tick_texts(), strict=True)
    return {
        "title": measure.label,
        "stops": list(colours.RAMPS[scale.scheme]),
        "dark": list(colours.dark_ramp(scale.scheme)),
        "ticks": [[round(scale.level(tick), 4), text] for tick, text in ticks],
    }


def _less(view: Json, base: Json) -> Json:
    """Return a view without the columns that equal those of the original view."""
    cells = {name: _differing(own, base["cells"][name]) for name, own in view["cells"].items()}
    return view | {"cells": cells}


def _differing(own: Json, known: Json) -> Json:
    gone = {name: None for name in known if name not in own}
    return {name: column for name, column in own.items() if known.get(name) != column} | gone


def _columns(rows: Sequence[Row], scale: ColourScale) -> Json:
    """Return rows as columns, with the level of each on the colour scale (0 to 1); null if a row lacks a field.

    Cells are in order, so their names are omitted. A column of texts is encoded as {"of": distinct texts, "at": index
    of each cell's text, -1 for none}.
    """
    values = [row.get("shade", row.get("value")) for row in rows]
    digits = (
        4 if len(rows) <= portable.squared(SQUARES_LIMIT) else 2
    )  # a hundred distinguishable colours in a large panel
    levels = {v: round(scale.level(float(v)), digits) for v in set(values) if v is not None}
    found: dict[str, list[Any]] = {"level": [None if v is None else levels[v] for v in values]}
    found |= {name: [row.get(name) for row in rows] for name in ("state", "text", "ink", *_TOLD, *_ALWAYS)}
    return {name: _column(values) for name, values in found.items() if values.count(None) < len(values)}


def _column(values: list[str | float | None]) -> object:
    if str not in set(map(type, values)):
        return values
    of = [value for value in dict.fromkeys(values) if value is not None]
    places = {value: place for place, value in enumerate(of)} | {None: -1}
    return {"of": of, "at": [places[value] for value in values]}
