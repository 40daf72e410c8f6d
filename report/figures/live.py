"""The live figure: what a page needs to draw the same figure with other measures and in other orders.

A model holds the specification once, without data; its data as columns; and for each other measure only what
differs. All of it comes from `heatmap_spec`, so that a live view shows what a static drawing of the same
panels would. `drawn` puts a model together again: the page's script does the same.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..cells import MeasureInfo, Panel
from .heatmap import alt_text, heatmap_spec
from .layout import FigureSettings, layout
from .marks import TITLES, Json
from .rows import Row
from .scales import ColourScale

WITHIN_STRATA = MeasureInfo(
    "lift_within_strata", "Lift within strata", "n_ab / sum of n_a n_b / N over strata", 0, None, 1.0, diverging=True,
    symmetric=True,
)  # fmt: skip
"""Observed over expected within strata: every cell carries it, whatever its panel's measure."""

HIDDEN = "too few to judge: hidden"

_NAMES = ("given", "outcome")
_Step = str | int
Change = list[Any]
"""A change to a specification: [path, value], or [path] for what is taken away; "length" cuts a list."""


@dataclass(frozen=True)
class Variant:
    """The figure with another measure, or at another time.

    How a reader chooses it, its settings, and panels with the declared ids; `scales` None for those of its panels.
    """

    name: str
    label: str
    figure: FigureSettings
    panels: tuple[Panel, ...]
    scales: Mapping[str, ColourScale] | None = None


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
    base: Json,
    variants: Sequence[Variant],
    orders: Sequence[Order],
    times: Sequence[Variant] = (),
) -> Json:
    """Return the model of a figure: `base` is its specification, `variants` are the other measures.

    `panels` tell how the axes and the lines of a tooltip are called; `measures` and `orders` begin with what is
    declared, which changes nothing. `times` are the figure at earlier times; without any the model has no such key.
    """
    sets = {name: _columns(rows, panels, name) for name, rows in base["datasets"].items()}
    earlier = {"times": [_measure(time, base, sets) | {"label": time.label} for time in times]} if times else {}
    return earlier | {
        "figure": figure.id,
        "spec": {name: part for name, part in base.items() if name != "datasets"},
        "panels": [_panel(panel) for panel in panels],
        "sets": sets,
        "measures": [_declared(panels, sets), *(_measure(variant, base, sets) for variant in variants)],
        "orders": [{"name": "declared", "axes": {}}, *({"name": o.name, "axes": _lists(o.axes)} for o in orders)],
        "values": layout(figure, panels).values,
        "hidden": HIDDEN,
    }


def _panel(panel: Panel) -> Json:
    return {
        "id": panel.id,
        "mirror": panel.mirror,
        "given": list(panel.given_categories),
        "outcome": list(panel.outcome_categories),
        "lines": [[field, title] for field, title in {**TITLES, **_axes(panel)}.items()],
    }


def _axes(panel: Panel) -> dict[str, str]:
    return {"given": panel.given_title, "outcome": panel.outcome_title}


def _lists(axes: Mapping[str, tuple[tuple[int, ...], tuple[int, ...]]]) -> dict[str, list[list[int]]]:
    return {panel: [list(places) for places in both] for panel, both in axes.items()}


def _declared(panels: Sequence[Panel], sets: Mapping[str, Json]) -> Json:
    titles = [panel.measure.label for panel in panels]
    none: Json = {name: {} for name in sets}
    return {"name": "declared", "titles": titles, "alt": alt_text(panels), "changes": [], "sets": none}


def _measure(variant: Variant, base: Json, sets: Mapping[str, Json]) -> Json:
    spec = heatmap_spec(variant.figure, variant.panels, scales=variant.scales)
    changed: Json = {}
    for name, rows in spec["datasets"].items():
        known = sets.get(name, {})
        columns = _columns(rows, variant.panels, name)
        changed[name] = {field: column for field, column in columns.items() if known.get(field) != column}
        changed[name] |= {field: None for field in known if field not in columns}
    plain = [{name: part for name, part in whole.items() if name != "datasets"} for whole in (base, spec)]
    return {
        "name": variant.name,
        "titles": [panel.measure.label for panel in variant.panels],
        "alt": alt_text(variant.panels),
        "changes": list(changes(plain[0], plain[1])),
        "sets": changed,
    }


def _columns(rows: Sequence[Row], panels: Sequence[Panel], name: str) -> Json:
    """Return rows as columns, null where a row lacks a field; cells are in order, so their names need not be told.

    A column of texts is coded: {"of": distinct texts, "at": their places, -1 for none}.
    """
    is_cells = any(name == f"{panel.id}_cells" for panel in panels)
    fields = dict.fromkeys(field for row in rows for field in row if not (is_cells and field in _NAMES))
    return {field: _column([row.get(field) for row in rows]) for field in fields}


def _column(values: list[str | float | None]) -> object:
    if not any(isinstance(value, str) for value in values):
        return values
    of = list(dict.fromkeys(value for value in values if value is not None))
    places = {value: place for place, value in enumerate(of)}
    return {"of": of, "at": [-1 if value is None else places[value] for value in values]}


def changes(old: object, new: object, path: tuple[_Step, ...] = ()) -> Iterator[Change]:
    """Yield what makes one specification of another, in the order in which it must be done."""
    if isinstance(old, dict) and isinstance(new, dict):
        yield from ([[*path, name]] for name in old if name not in new)
        yield from _entries(old, new.items(), path)
    elif isinstance(old, list) and isinstance(new, list) and _nested(old) and _nested(new):
        if len(new) < len(old):
            yield [[*path, "length"], len(new)]
        yield from _entries(dict(enumerate(old)), enumerate(new), path)
    elif old != new:
        yield [list(path), new]


def _entries(
    old: Mapping[Any, object], new: Iterable[tuple[_Step, object]], path: tuple[_Step, ...]
) -> Iterator[Change]:
    for name, value in new:
        if name in old:
            yield from changes(old[name], value, (*path, name))
        else:
            yield [[*path, name], value]


def _nested(values: list[object]) -> bool:
    return any(isinstance(value, dict) for value in values)


def drawn(model: Json, measure: int = 0, time: int | None = None) -> Json:
    """Return the specification of a model with one of its measures, data included, each cell's row with its `key`.

    With `time` as the declared measure was at that time.
    """
    chosen = model["measures"][measure] if time is None else model["times"][time]
    spec = changed(model["spec"], chosen["changes"])
    spec["datasets"] = {
        name: _rows(model["sets"].get(name, {}) | own, model["panels"], name) for name, own in chosen["sets"].items()
    }
    return spec


def changed(spec: Json, steps: Sequence[Change]) -> Json:
    """Return a specification after `changes`, the given one untouched."""
    spec = copy.deepcopy(spec)
    for path, *value in copy.deepcopy(steps):
        _change(spec, path, value)
    return spec


def _change(spec: Json, path: list[_Step], value: list[Any]) -> None:
    """Make one change, as JavaScript does: a list is cut by its length, and grows at its end."""
    *way, last = path
    at: Any = spec
    for step in way:
        at = at[step]
    if isinstance(at, list) and last == "length":
        del at[value[0] :]
    elif isinstance(at, list) and last == len(at):
        at.append(value[0])
    elif value:
        at[last] = value[0]
    else:
        del at[last]


def _rows(columns: Json, panels: Sequence[Json], name: str) -> list[Row]:
    decoded = {field: _decoded(column) for field, column in columns.items() if column is not None}
    length = max(map(len, decoded.values()))
    rows: list[Row] = [
        {field: column[place] for field, column in decoded.items() if column[place] is not None}
        for place in range(length)
    ]
    panel = next((panel for panel in panels if name == f"{panel['id']}_cells"), None)
    if panel is not None:
        for place, row in enumerate(rows):
            given, outcome = divmod(place, len(panel["outcome"]))
            row |= {
                "key": f"{panel['id']}-{given}-{outcome}",
                "given": panel["given"][given],
                "outcome": panel["outcome"][outcome],
            }
    return rows


def _decoded(column: Any) -> list[Any]:  # noqa: ANN401 - JSON
    if isinstance(column, dict):
        return [None if place < 0 else column["of"][place] for place in column["at"]]
    return list(column)
