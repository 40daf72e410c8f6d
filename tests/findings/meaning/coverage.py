"""What uneven coverage means: which pairs it could produce, by a search over all counts that it allows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import stats

from diptych.findings.surprises import PairAssociations
from diptych.findings.uneven_coverage import UnevenCoverage
from tests.findings.meaning.record import Meaning, Near, Such
from tests.findings.meaning.world import Meanings, World

SIDES = ("rows", "columns")
STEPS = 20_001
ALPHA = 0.1

Counts = tuple[int, int, int, int]
"""With a category: labelled, counted; with other categories: labelled, counted."""


def uneven_coverage(world: World, found: Sequence[UnevenCoverage]) -> Meanings:
    surprises = world.found(PairAssociations)
    n_named = sum(f.n_above + f.n_below for f in surprises)
    if world.raw.linked is not None or not n_named:
        return {}
    shares, lost = zip(*(_of_side(world, place) for place in (0, 1)), strict=True)
    if not all(lost):
        return {}
    is_uneven = all(_is_uneven(side) for side in shares)
    shown = [pair for f in surprises for pair in (*f.above, *f.below)]
    by_names = {(pair.given.category, pair.outcome.category): pair for f in found for pair in f.pairs}
    expected = {(p.given, p.outcome): _pair(world, p, shares, lost) for p in shown} if is_uneven else {}
    doubted = {names for names, (_, is_doubtful) in expected.items() if is_doubtful}
    # Pairs that no table lists are known by the finding alone: their numbers are worked out all the same.
    unlisted = [names for names in by_names if is_uneven and names not in expected]
    order = [names for names in by_names if names in doubted or names in unlisted]
    order += [names for names in doubted if names not in order]
    pairs = [_meaning(world, names, by_names.get(names), shares, lost) for names in order]
    t, panel = world.table, world.panels[0]
    places = [t.place(*t.pair_of(panel, *names)) for names in order]
    most = max((by_names[names] for names in order if names in by_names), key=_least_difference, default=None)
    return {
        f"uneven_coverage.{panel.id}": {
            "cells": [ref for i, j in places for ref in world.refs(t.names[0][i], t.names[1][j])],
            "null": not order,
            "panel": panel.id,
            "n_rows_only": lost[0],
            "n_columns_only": lost[1],
            "n_named": n_named,
            "pairs": pairs,
            "names": order,
            "most_uneven": most,
        }
    }


def _least_difference(pair: Any) -> float:
    return min(abs(of.share - of.others) for of in (pair.given, pair.outcome))


def _of_side(world: World, place: int) -> tuple[dict[str, Counts], int]:
    """Return the coverage of each category of a side, and how many records have one there and are not counted."""
    raw = world.raw
    sets = raw.candidates[SIDES[place]]
    sets = sets[sets.map(bool)]
    kept = sets.index.isin(raw.units.index)
    found = {}
    for name in raw.names[place]:
        has = sets.map(lambda of, name=name: name in of).to_numpy()
        found[name] = (int(has.sum()), int((has & kept).sum()), int((~has).sum()), int((~has & kept).sum()))
    return {name: n for name, n in found.items() if n[1] and n[3]}, int((~kept).sum())


def _is_uneven(side: dict[str, Counts]) -> bool:
    """Return whether coverage differs between categories, by chi-square tests without continuity correction."""
    p = [1.0]
    for own, counted, others, counted_others in side.values():
        table = [[counted, own - counted], [counted_others, others - counted_others]]
        if min(np.sum(table, axis=0)) > 0:
            p.append(float(stats.chi2_contingency(table, correction=False).pvalue))
    return min(p) * len(side) <= ALPHA


def _pair(world: World, pair: Any, shares: Any, lost: Any) -> tuple[tuple[float, float], bool]:
    """Return the range of a pair that is shown, and whether its interval reaches into it."""
    low, high = _range(world, (pair.given, pair.outcome), shares, lost)
    nearest = pair.interval[0] if pair.ratio.value > 1 else pair.interval[1]
    return (low, high), low <= nearest <= high


def _meaning(world: World, names: tuple[str, str], pair: Any, shares: Any, lost: Any) -> Meaning:
    low, high = _range(world, names, shares, lost)
    sides = (1, 0) if world.table.is_turned(world.panels[0]) else (0, 1)
    given, outcome = (_share(name, shares[side][name]) for name, side in zip(names, sides, strict=True))
    i, j = world.table.place(*world.table.pair_of(world.panels[0], *names))
    due = world.table.within if world.table.is_stratified else world.table.over_all
    above = pair is not None and pair.ratio > 1
    return {
        "given": given,
        "outcome": outcome,
        "by_coverage": (Near(low, rel=2e-3, abs=2e-3), Near(high, rel=2e-3, abs=2e-3)),
        "ratio": Near(float(world.table.joint[i, j] / due[i, j])),
        "nearest": Such("between 1 and the ratio", lambda x: 1 < x <= pair.ratio if above else pair.ratio <= x < 1),
    }


def _share(name: str, n: Counts) -> Meaning:
    own, counted, others, counted_others = n
    table = [[counted, own - counted], [counted_others, others - counted_others]]
    even = min(np.sum(table, axis=0)) == 0
    return {
        "category": name,
        "n_labelled": own,
        "n_counted": counted,
        "n_others": others,
        "n_counted_others": counted_others,
        "share": counted / own,
        "others": counted_others / others,
        "difference": abs(counted / own - counted_others / others),
        "p": 1.0 if even else Near(float(stats.chi2_contingency(table, correction=False).pvalue), rel=1e-6, abs=1e-12),
    }


def _range(world: World, names: tuple[str, str], shares: Any, lost: Any) -> tuple[float, float]:
    """Return the least and the largest observed over expected that selection allows, tried for each count n_ab."""
    row, column = world.table.pair_of(world.panels[0], *names)
    of_row, of_column = shares[0][row], shares[1][column]
    found = [1.0]
    for row_end in _ends(of_row, world.part.inference.level):
        for column_end in _ends(of_column, world.part.inference.level):
            covered = [
                [s / (s + (1 - s) * sum(lost) / lost[side]) for s in (end, n[3] / n[2])]
                for side, (end, n) in enumerate(((row_end, of_row), (column_end, of_column)))
            ]
            found += _allowed(of_row[1], of_column[1], len(world.raw.units), *covered)
    return min(found), max(found)


def _ends(n: Counts, level: float) -> tuple[float, float]:
    ends = stats.binomtest(n[1], n[0]).proportion_ci(level, method="wilson")
    return float(ends.low), float(ends.high)


def _allowed(a: int, b: int, n: int, rows: list[float], columns: list[float]) -> list[float]:
    """Return the ends of the n_ab / E_ab of which the selection is monotone, no share being above 1."""
    with_row, with_column = [a / rows[0], (n - a) / rows[1]], [b / columns[0], (n - b) / columns[1]]
    every = (sum(with_row) + sum(with_column)) / 2
    joint = np.linspace(max(0, a + b - n), min(a, b), STEPS)
    counts = [[joint, a - joint], [b - joint, n - a - b + joint]]
    pi = [
        [counts[i][j] / (with_row[i] / sum(with_row) * with_column[j] / sum(with_column) * every) for j in (0, 1)]
        for i in (0, 1)
    ]
    step = (joint[1] - joint[0]) / (a * b / n)
    up, across = (1 if rows[0] >= rows[1] else -1), (1 if columns[0] >= columns[1] else -1)
    slack = step * 2
    fits = np.ones(STEPS, dtype=bool)
    for k in (0, 1):
        fits &= up * (pi[0][k] - pi[1][k]) >= -slack
        fits &= across * (pi[k][0] - pi[k][1]) >= -slack
        fits &= (pi[0][k] <= 1 + slack) & (pi[1][k] <= 1 + slack)
    allowed = joint[fits] * n / (a * b)
    return [float(allowed.min()), float(allowed.max())] if fits.any() and math.isfinite(step) else []
