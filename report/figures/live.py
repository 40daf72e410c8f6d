"""The live figure: what a page needs to recolour its static drawing for other measures, times and orders.

A model holds columns, and each view says what stands in every cell: its colour, its sign, its number and its ink. They
are worked out here, by the same functions as the drawing's own data, so that the page's script puts them in place
and decides nothing: what it shows is what a static drawing of the same panels would.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .. import formats
from ..cells import WITHHELD, MeasureInfo, Panel
from ..theme import colours
from . import SQUARES_LIMIT, FigureSettings, Layout, fitting_value_px, layout
from .heatmap import BAR_PX, alt_text, bar_of, left_px, panel_scales
from .marks import LIFTED, SIGNS, Json
from .naming import READING_PX, balanced, has_sizes, heading_room, size_texts
from .scales import (
    STRIP,
    ColourScale,
    Row,
    baseline_label,
    baseline_rows,
    cell_rows,
    has_baseline,
    is_ratio,
    key_entries,
    key_width,
    state_words,
)

WITHIN_STRATA = MeasureInfo(
    "lift_within_strata", "Lift within strata", "n_ab / sum of n_a n_b / N over strata", 0, None, 1.0, diverging=True,
    symmetric=True,
)  # fmt: skip
"""Observed over expected within strata: every cell carries it, whatever its panel's measure."""

HIDDEN = "too few to judge: hidden"

_TOLD = ("value", "low", "high")
_ALWAYS = ("joint", "of", "base", "lift", "q")


@dataclass(frozen=True)
class Variant:
    """The figure with another measure, at another time, or counted otherwise.

    How a reader chooses it, its settings, and panels with the declared ids; `scales` None for those of its panels.
    `unit` is what is counted otherwise, "" where the counts are the report's.
    """

    name: str
    label: str
    figure: FigureSettings
    panels: tuple[Panel, ...]
    scales: Mapping[str, ColourScale] | None = None
    unit: str = ""


@dataclass(frozen=True)
class Order:
    """Another order of the axes: for each panel the places of its given and outcome categories, as shown."""

    name: str
    label: str
    axes: Mapping[str, tuple[tuple[int, ...], tuple[int, ...]]]


def undeclared(figure: FigureSettings) -> FigureSettings:
    """Return the settings for a measure that the config does not speak of: without its scale and scheme."""
    return figure.model_copy(update={"scale": None, "scheme": None})


def within_strata(panel: Panel) -> Panel | None:
    """Return the panel with lifts within strata as its values; None where the relation has no strata."""
    if all(n is None for n in panel.column("expected_within_strata")):
        return None
    names = {"value": "lift_within_strata", "low": "lift_within_low", "high": "lift_within_high"}
    cells = panel.cells.replaced(**{name: panel.column(of) for name, of in names.items()})
    return replace(panel, measure=WITHIN_STRATA, cells=cells)


def by_strength(panels: Sequence[Panel]) -> dict[str, tuple[tuple[int, ...], tuple[int, ...]]]:
    """Return an order for each panel: categories with the largest total first, ties as declared.

    Totals are joint counts, or values where there are none. On one taxonomy both axes keep one order, by row
    and column together, so that the diagonal stays.
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
    times: Sequence[Variant] = (),
) -> Json:
    """Return the model of a figure; `variants` are the other measures.

    `panels` tell how the axes are called and what of a cell is the same in each view; `measures` and `orders` begin
    with what is declared. `times` are the figure at earlier times; without any the model has no such key. A view holds
    for each panel the columns that differ from the declared ones, null where it has none.
    """
    sizes = layout(figure, panels)
    withheld = any(panel.is_withheld for panel in panels)
    declared = Variant("declared", "", figure, panels)
    base = _view(declared, sizes)
    views = [_less(_view(variant, sizes), base) for variant in variants]
    earlier = {"times": [_less(_view(time, sizes), base) | {"label": time.label} for time in times]} if times else {}
    return earlier | {
        "figure": figure.id,
        "panels": [_panel(panel) for panel in panels],
        "measures": [base, *views],
        "orders": [{"name": "declared", "axes": {}}, *({"name": o.name, "axes": _lists(o.axes)} for o in orders)],
        "step": sizes.step,
        "line": sizes.line_px,
        "gap": sizes.gap,
        "values": sizes.values,
        "picture": sizes.picture,
        "signs": {state: sign for state, sign in SIGNS.items() if withheld or state not in WITHHELD},
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
        "level": f"{100 * panel.level:g} %",
    }


def _lists(axes: Mapping[str, tuple[tuple[int, ...], tuple[int, ...]]]) -> dict[str, list[list[int]]]:
    return {panel: [list(places) for places in both] for panel, both in axes.items()}


def _view(variant: Variant, sizes: Layout) -> Json:
    """Return what the figure shows with one measure or at one time, on the geometry of the declared one."""
    panels = variant.panels
    scales = variant.scales or panel_scales(variant.figure, panels)
    return (
        ({"unit": variant.unit} if variant.unit else {})
        | {
            "name": variant.name,
            "titles": [panel.measure.label for panel in panels],
            "kinds": [_kind(panel.measure) for panel in panels],
            "alt": alt_text(panels),
            "sizes": {panel.id: size_texts(panel) for panel in panels if has_sizes(panel, sizes)},
            "wholes": {p.id: [baseline_label(p), formats.count(p.n_units or 0)] for p in panels if has_baseline(p)},
            "readings": {
                panel.id: balanced(panel.reading, heading_room(panel, sizes) / READING_PX) for panel in panels
            },
            "valuePx": fitting_value_px(panels, sizes.step, percent=sizes.percent) if sizes.values else 0,
            "cells": {p.id: _columns(cell_rows(p, scales[p.id], values=sizes.values), scales[p.id]) for p in panels},
            "base": {
                p.id: _columns(baseline_rows(p, scales[p.id], values=sizes.values), scales[p.id])
                for p in panels
                if has_baseline(p)
            },
            "bars": {p.id: _bar(p.measure, scales[p.id]) for p in panels},
            "key": _key(panels, scales, sizes),
        }
        | ({"bar": _shared_bar(panels, scales)} if sizes.shared_bar else {})
    )


def _key(panels: Sequence[Panel], scales: Mapping[str, ColourScale], sizes: Layout) -> list[list[str | float]]:
    """Return the key: state, words and width of each entry, which a page sets in lines of the room that it has."""
    entries = key_entries(panels, scales, pointed=sizes.shared_bar)
    return [[entry.state, entry.text, key_width((entry,), math.inf)] for entry in entries]


def _shared_bar(panels: Sequence[Panel], scales: Mapping[str, ColourScale]) -> Json:
    """Return the colour bar above all panels."""
    bar = bar_of(panels, scales)
    return {"title": bar.title, "ticks": [list(tick) for tick in bar.ticks], "low": bar.low, "high": bar.high}


def _kind(measure: MeasureInfo) -> str:
    """Return how a page writes values of a measure in words: as shares of a row, counts, ratios or numbers."""
    if measure.name == "conditional":
        return "share"
    return "count" if measure.name == "count" else "ratio" if is_ratio(measure) else "number"


def _bar(measure: MeasureInfo, scale: ColourScale) -> Json:
    """Return a colour bar: its title, its colours evenly spaced from the lowest value, and the texts at its ticks."""
    ticks = zip(scale.ticks, scale.tick_texts(), strict=True)
    return {
        "title": measure.label,
        "stops": list(colours.RAMPS[scale.scheme]),
        "dark": list(colours.dark_ramp(scale.scheme)),
        "ticks": [[round(scale.level(tick), 4), text] for tick, text in ticks],
    }


def _less(view: Json, base: Json) -> Json:
    """Return a view without the columns that the declared one has alike."""
    cells = {name: _differing(own, base["cells"][name]) for name, own in view["cells"].items()}
    return view | {"cells": cells}


def _differing(own: Json, known: Json) -> Json:
    gone = {name: None for name in known if name not in own}
    return {name: column for name, column in own.items() if known.get(name) != column} | gone


def _columns(rows: Sequence[Row], scale: ColourScale) -> Json:
    """Return rows as columns with the place of each on the colour scale (0 to 1), null where a row lacks a field.

    Cells are in order, so their names need not be told. A column of texts is coded: {"of": distinct texts, "at": their
    places, -1 for none}.
    """
    values = [row.get("shade", row.get("value")) for row in rows]
    digits = 4 if len(rows) <= SQUARES_LIMIT**2 else 2  # of a large panel: a hundred colours, as many as can be told
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
