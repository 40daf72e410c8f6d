"""Data for the live figures of a page: other measures, other orders, and the contents of each cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from .. import portable
from ..cells import Panel, folded
from ..config.loading import Config
from ..counted import RelationCounts
from ..document.material import AxisOrder, RelationResults, Results
from ..document.model import Document, Figure, Live, Option
from ..document.part import Part
from ..figures import SQUARES_LIMIT, FigureSettings
from ..figures.live import Order, Variant, by_strength, live_model, undeclared, within_strata
from ..figures.specs import Json, spec_text
from ..foreign_text import isolate, runs_right_to_left
from ..incidence import Incidence
from ..measures import MEASURES
from ..panels import build_panel
from ..words.sentences import said
from .counting import CountedSources
from .parts import sides_of, worded

MOST_STRATA = 12
"""A card lists this many strata, those with the most units."""


def inside(panels: Sequence[Panel], counted: CountedSources) -> Json:
    """Return the further data of cells for the cards of a page, by panel, or nothing if there are none.

    `strata`: names of the strata with most units, the name of a stratum, the number of strata, and for each stratum the
    number of units (`n`), of units with each given (`given`) and outcome category (`outcome`), and with both (`joint`,
    row by row). `behind`: `names` of units, and for each cell with units the indices of its first names.
    """
    found: Json = {}
    for panel in panels:
        numbers = counted.relations.get(panel.relation)
        if numbers is not None:
            own = {"strata": _strata(panel, numbers.tables.incidence), "behind": _behind(panel, numbers)}
            found[panel.id] = {name: value for name, value in own.items() if value}
    return {name: own for name, own in found.items() if own}


def _is_turned(panel: Panel, incidence: Incidence) -> bool:
    """Return whether a panel has the columns of a relation as given."""
    return panel.given.name != incidence.rows.name


def _strata(panel: Panel, incidence: Incidence) -> Json:
    if not incidence.stratum_names:
        return {}
    sides = [(incidence.rows, incidence.row_sets), (incidence.columns, incidence.column_sets)]
    shown = (panel.given_categories, panel.outcome_categories)
    given, outcome = (
        sets[:, [side.categories.index(name) for name in names]]
        for (side, sets), names in zip(sides[::-1] if _is_turned(panel, incidence) else sides, shown, strict=True)
    )
    sizes = np.bincount(incidence.stratum, incidence.weight, len(incidence.strata))
    levels = np.argsort(-sizes, kind="stable")[:MOST_STRATA]
    within = [(incidence.stratum == level) for level in levels]
    joint = [portable.matmul((given[own] * incidence.weight[own, None]).T, outcome[own]) for own in within]
    if incidence.reduced is not None and any((one == 0).any() for one in joint):
        return {}  # a stratum in which all units of a cell are withheld would show zero units
    return {
        "name": " and ".join(incidence.stratum_names),
        "levels": [incidence.strata[level] for level in levels],
        "of": len(incidence.strata),
        "n": [_whole(sizes[level]) for level in levels],
        "given": [_summed(given[own], incidence.weight[own]) for own in within],
        "outcome": [_summed(outcome[own], incidence.weight[own]) for own in within],
        "joint": [[_whole(n) for n in one.ravel()] for one in joint],
    }


def _summed(sets: np.ndarray, weight: np.ndarray) -> list[float]:
    return [_whole(n) for n in portable.matmul(weight, sets)]


def _whole(number: float) -> float:
    return int(number) if float(number).is_integer() else round(float(number), 2)


def _behind(panel: Panel, numbers: RelationCounts) -> Json:
    turned = _is_turned(panel, numbers.tables.incidence)
    cells: dict[str, list[int]] = {}
    places: dict[str, int] = {}
    for i, given in enumerate(panel.given_categories):
        for j, outcome in enumerate(panel.outcome_categories):
            names = numbers.behind.get((outcome, given) if turned else (given, outcome), ())
            if names:
                cells[f"{i}-{j}"] = [places.setdefault(name, len(places)) for name in names]
    return {"names": list(places), "cells": cells} if cells else {}


MEASURES_OFFERED = ("conditional", "share", "count", "lift", "difference")
"""Further measures, in the order of the menu. Lift within strata comes last."""

MEASURES_LIMIT = 100
"""The largest number of categories with which a page offers other measures. They double the size of such a page."""


@dataclass(frozen=True)
class LiveReport:
    """The results of a build from which live figures are made."""

    config: Config
    counted: CountedSources
    panels: Mapping[str, Panel]
    parts: Sequence[Part]
    results: Mapping[str, Results]


def with_live(document: Document, worked: LiveReport) -> Document:
    """Return the document with live figures if a page is made."""
    if worked.config.outputs.html is None:
        return document
    figures = (
        replace(figure, live=live_figure(figure, worked)) if figure.panels else figure for figure in document.figures
    )
    return replace(document, figures=tuple(figures))


def live_figure(figure: Figure, worked: LiveReport) -> Live:
    """Return the live model of a figure."""
    settings, shown = worked.config.figure(figure.id), figure.shown
    # With many categories, a page has nothing inside cells, and at last no other measures, to stay small.
    n_categories = max(max(len(p.given_categories), len(p.outcome_categories)) for p in shown)
    small = n_categories <= SQUARES_LIMIT
    own = [part for part in worked.parts if part.figure == figure.id]
    measured = n_categories <= MEASURES_LIMIT
    variants = tuple(_variants(worked.config, settings, shown, worked.counted)) if measured else ()
    orders = tuple(_orders(shown, worked.results))
    model = live_model(settings, shown, variants, orders)
    model["inside"] = inside(shown, worked.counted) if small else {}
    for entry, panel in zip(model["panels"], shown, strict=True):
        entry["told"] = _told(panel, own)
    declared = dict.fromkeys(panel.measure.label for panel in shown)
    return Live(
        figure=figure.id,
        model=spec_text(model),
        measures=(
            Option("declared", next(iter(declared)) if len(declared) == 1 else "Default measure"),
            *(Option(variant.name, variant.label) for variant in variants),
        ),
        orders=(Option("declared", "Original order"), *(Option(order.name, order.label) for order in orders)),
        values=bool(model["values"]),
        few=_few(shown),
    )


def _few(panels: Sequence[Panel]) -> str:
    """Return the label of the switch for cells with too little data, or "" if there are none."""
    if not any("few" in panel.column("state") for panel in panels):
        return ""
    units = {panel.unit.plural for panel in panels}
    return f"Hide cells with too few {units.pop() if len(units) == 1 else 'units'}"


def _variants(
    config: Config, figure: FigureSettings, panels: tuple[Panel, ...], counted: CountedSources
) -> Iterator[Variant]:
    """Yield the figure with every other measure, or nothing if a panel is a published matrix."""
    if any(panel.id in counted.matrices for panel in panels):
        return
    declared = {panel.measure.name for panel in panels}
    settings = undeclared(figure)
    for name in MEASURES_OFFERED:
        if declared != {name}:
            own = tuple(_with_measure(config, panel, name, counted) for panel in panels)
            yield Variant(name, MEASURES[name].info.label, settings, own)
    within = [
        worded(config, counted, config.panel(panel.id).model_copy(update={"reading": None}), found)
        for panel in panels
        if (found := within_strata(panel)) is not None
    ]
    if len(within) == len(panels):
        yield Variant(within[0].measure.name, within[0].measure.label, settings, tuple(within))


def _with_measure(config: Config, panel: Panel, measure: str, counted: CountedSources) -> Panel:
    settings = config.panel(panel.id)
    if settings.measure == measure:
        return panel
    tables = counted.relations[settings.relation].tables
    own = settings.model_copy(update={"measure": measure, "reading": None})
    found = worded(config, counted, own, build_panel(own, tables, config.inference, panel.mirror))
    return folded(found) if any(panel.folded) else found


def _orders(panels: Sequence[Panel], results: Mapping[str, Results]) -> Iterator[Order]:
    """Yield the other orders: by cluster, if there are counts, and by size. Ordered categories keep their order."""
    clustered, strongest = {}, dict(by_strength(panels))
    for panel in panels:
        of = results.get(panel.relation)
        if isinstance(of, RelationResults):
            sides = {axis.side: axis for axis in of.axes}
            axes = sides[panel.given.name], sides[panel.outcome.name]
            shown = panel.given_categories, panel.outcome_categories
            given, outcome = (_places(axis, names) for axis, names in zip(axes, shown, strict=True))
            clustered[panel.id] = given, outcome
            own = strongest[panel.id]
            strongest[panel.id] = given if axes[0].ordered else own[0], outcome if axes[1].ordered else own[1]
    if clustered:
        yield Order("clustered", "Clustered", clustered)
    yield Order("strength", "Largest first", strongest)


def _places(axis: AxisOrder, categories: Sequence[str]) -> tuple[int, ...]:
    """Return the places of categories in the clustered order, or as they are if they have an order of their own."""
    if axis.ordered:
        return tuple(range(len(categories)))
    places = {name: place for place, name in enumerate(categories)}
    return tuple(places[name] for name in axis.grouping.order if name in places)


def _told(panel: Panel, own: Sequence[Part]) -> list[str]:
    """Return the texts for a cell of a page: with joint units, without joint units, and for all units.

    The page replaces {given}, {outcome}, {joint}, {of} and {base} by names and numbers. Without counts there is no
    text.
    """
    if panel.n_units is None:
        return []
    names = next(part.names for part in own if any(one.id == panel.id for one in part.panels))
    given, outcome = map(names.side, sides_of(names, panel))
    blocks = ("told", "told_none", "told_whole")
    texts = [said("tables", f"panel_{block}", w=names, given=given, outcome=outcome) for block in blocks]
    if not any(map(runs_right_to_left, (*panel.given_categories, *panel.outcome_categories))):
        return texts
    return [text.replace("{given}", isolate("{given}")).replace("{outcome}", isolate("{outcome}")) for text in texts]
