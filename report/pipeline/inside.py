"""What is inside the cells of a live figure: shares within each stratum, and the units behind each, by name."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..cells import Panel
from ..figures.marks import Json
from ..incidence import Incidence
from .counting import Counted, Numbers

MOST_STRATA = 12
"""As many levels as have most units stand in a card."""


def inside(panels: Sequence[Panel], counted: Counted) -> Json:
    """Return what the page's cards know of cells beside their numbers, by panel; empty where there is nothing.

    `strata`: names of the levels with most units, what a level is called, how many levels there are, and for each
    level the units in all (`n`), with each given (`given`) and outcome category (`outcome`), and with both (`joint`,
    row by row). `behind`: `names` of units, and for each cell that has any the places of its first ones.
    """
    found: Json = {}
    for panel in panels:
        numbers = counted.relations.get(panel.relation)
        if numbers is not None:
            own = {"strata": _strata(panel, numbers.tables.incidence), "behind": _behind(panel, numbers)}
            found[panel.id] = {name: value for name, value in own.items() if value}
    return {name: own for name, own in found.items() if own}


def is_turned(panel: Panel, incidence: Incidence) -> bool:
    """Say whether a panel has the columns of a relation as given."""
    return panel.given.name != incidence.rows.name


def _strata(panel: Panel, incidence: Incidence) -> Json:
    if not incidence.stratum_names or incidence.fractional:
        return {}
    sides = (incidence.columns, incidence.rows) if is_turned(panel, incidence) else (incidence.rows, incidence.columns)
    sets = (
        [incidence.column_sets, incidence.row_sets]
        if is_turned(panel, incidence)
        else [
            incidence.row_sets,
            incidence.column_sets,
        ]
    )
    shown = zip(sides, sets, (panel.given_categories, panel.outcome_categories), strict=True)
    given, outcome = (own[:, [side.categories.index(name) for name in names]] for side, own, names in shown)
    sizes = np.bincount(incidence.stratum, incidence.weight, len(incidence.strata))
    levels = np.argsort(-sizes, kind="stable")[:MOST_STRATA]
    within = [(incidence.stratum == level) for level in levels]
    return {
        "name": " and ".join(incidence.stratum_names),
        "levels": [incidence.strata[level] for level in levels],
        "of": len(incidence.strata),
        "n": [_whole(sizes[level]) for level in levels],
        "given": [_summed(given[own], incidence.weight[own]) for own in within],
        "outcome": [_summed(outcome[own], incidence.weight[own]) for own in within],
        "joint": [
            [_whole(n) for n in ((given[own] * incidence.weight[own, None]).T @ outcome[own]).ravel()] for own in within
        ],
    }


def _summed(sets: np.ndarray, weight: np.ndarray) -> list[float]:
    return [_whole(n) for n in weight @ sets]


def _whole(number: float) -> float:
    return int(number) if float(number).is_integer() else round(float(number), 2)


def _behind(panel: Panel, numbers: Numbers) -> Json:
    turned = is_turned(panel, numbers.tables.incidence)
    cells: dict[str, list[int]] = {}
    places: dict[str, int] = {}
    for i, given in enumerate(panel.given_categories):
        for j, outcome in enumerate(panel.outcome_categories):
            names = numbers.behind.get((outcome, given) if turned else (given, outcome), ())
            if names:
                cells[f"{i}-{j}"] = [places.setdefault(name, len(places)) for name in names]
    return {"names": list(places), "cells": cells} if cells else {}
