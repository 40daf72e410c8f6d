"""What findings about shares that moved over time mean, worked out of the years that units are of."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from diptych.contrib.history.trend import ShareTrend, Trend
from tests.findings.meaning.record import UNKNOWN, Meaning, Near, Such
from tests.findings.meaning.table import Array, are_precise
from tests.findings.meaning.world import Meanings, World, bools


def trend(world: World, found: Sequence[Trend]) -> Meanings:
    if "year" not in world.raw.units or not world.raw.units["year"].any():
        assert not found
        return {}
    (f,) = found
    t, years = world.table, world.raw.units["year"].to_numpy(dtype=str)
    points = sorted(set(years))
    of_year = {year: set(t.strata[t.stratum[years == year]]) for year in points}
    first, last = of_year[points[0]], set().union(*of_year.values())
    return {
        "trend": {
            "cells": UNKNOWN,
            "null": not f.moved,
            "source": "date",
            "column": "day",
            "every": "year",
            "points": points,
            "n_periods": len(points),
            "is_whole": True,
            "n_first": float(t.weight[years == points[0]].sum()),
            "n_last": t.n,
            "n_undated": 0,
            "n_all": len(years),
            "undated": False,
            "undated_share": 0.0,
            "strata": world.raw.strata,
            "came": sorted(last - first),
            "went": sorted(first - last),
            "breaks": (),
            "n_tested": Such("at least those that moved", lambda n: n >= len(f.moved)),
            "sure": "20",
            "n_sure": Such("at most those tested", lambda n: 0 <= n <= f.n_tested),
            "moved": [_moved(world, one, years, points) for one in f.moved],
            "trends": [one for one in f.moved if one.verdict == "trend"],
            "mixed": [one for one in f.moved if one.verdict == "mix"],
            "by_coverage": [one for one in f.moved if one.verdict == "coverage"],
        }
    }


def _asked(world: World, m: ShareTrend) -> tuple[Array, Array]:
    """Return which units have what a share is of, and among which (N,)."""
    t = world.table
    everyone = np.ones(len(t.weight), dtype=bool)
    if m.about == "agreement":
        return t.equal, t.both
    if m.about == "category":
        return bools(t, 0 if m.side == "rows" else 1, m.outcome), everyone
    panel = next(panel for panel in world.panels if panel.id == m.panel)
    own = 1 if t.is_turned(panel) else 0
    return bools(t, 1 - own, m.outcome), bools(t, own, m.given)


def _moved(world: World, m: ShareTrend, years: Array, points: Sequence[str]) -> Meaning:
    t = world.table
    has, among = _asked(world, m)
    times = [among & (years < m.since), among & (years >= m.since)]
    n = [float(t.weight[of].sum()) for of in times]
    part = [float(t.weight[of & has].sum()) for of in times]
    shares = [k / of for k, of in zip(part, n, strict=True)]
    change = shares[1] - shares[0]
    mix = _mix(world, has, times) if t.is_stratified else None
    latest = among & (years == points[-1])
    enough = latest.sum() >= world.part.inference.minimum_units
    is_last = m.first == len(points) - 1
    known = None if is_last or not enough else float(t.weight[latest & has].sum() / t.weight[latest].sum())
    far = abs(change) >= world.part.thresholds.min_change - 1e-12
    return {
        "about": Such("agreement, a category or a cell, that moved far enough", lambda _: far),
        "panel": Such("of a cell alone", lambda name: bool(name) == (m.about == "cell")),
        "side": Such("of a category alone", lambda side: bool(side) == (m.about == "category")),
        "given": UNKNOWN,
        "outcome": UNKNOWN,
        "standings": [_standing(world, has, among & (years == year), year) for year in points],
        "first": Such("a point after the first", lambda k: 0 < k < len(points)),
        "since": points[m.first],
        "part": part,
        "n": n,
        "shares": shares,
        "precise": are_precise(t, has, times, extremes=False),
        "change": {
            "value": Near(change),
            "low": Such("at most the change", lambda x: x is None or x <= change + 1e-9),
            "high": Such("at least the change", lambda x: x is None or x >= change - 1e-9),
        },
        "q": Such("below the rate", lambda q: q <= world.part.inference.fdr),
        "within": None
        if mix is None
        else Such(f"{change - mix}", lambda e: math.isclose(e.value, change - mix, abs_tol=1e-6)),
        "mix": None if mix is None else Near(mix),
        "mix_share": None if mix is None else Near(mix / change),
        "latest": Such(f"{known}", lambda e: e is None if known is None else math.isclose(e.value, known)),
        **_coverage(world, m, change),
        "verdict": Such("a trend only where the mix makes less than half", lambda v: _is_verdict(v, m, mix, change)),
    }


def _coverage(world: World, m: ShareTrend, change: float) -> Meaning:
    """Return how the counted share moved, and between which changes missing labels leave the true one."""
    raw = world.raw
    if raw.linked is not None or "year" not in raw.candidates or not raw.plain:
        return {"counted": UNKNOWN, "counted_of": UNKNOWN, "bounds": UNKNOWN}
    times = [raw.candidates[raw.candidates["year"] < m.since], raw.candidates[raw.candidates["year"] >= m.since]]
    found: dict[str, tuple[float, tuple[float, float]]] = {}
    for of in ("all", "given") if m.about == "cell" else ("all",):
        parts = [_counted(world, m, units, of) for units in times]
        n = [len(part) for part in parts]
        if all(n):
            shares = tuple(float(part.mean()) for part in parts)
            pooled = float(np.concatenate(parts).mean())
            error = math.sqrt(pooled * (1 - pooled) * (1 / n[0] + 1 / n[1]))
            if abs(shares[1] - shares[0]) > 1.96 * error:
                found[of] = (abs(shares[1] - shares[0]) / error, shares)
    if not found:
        return {"counted": None, "counted_of": "", "bounds": None}
    most = max(found, key=lambda of: found[of][0])
    bounds = [_bounds(world, m, units) for units in times]
    least, largest = bounds[1][0] - bounds[0][1], bounds[1][1] - bounds[0][0]
    half = [abs(end - change) for end in (m.change.low, m.change.high)]

    def has_error(ends: tuple[float, float]) -> bool:
        below, above = max(least - half[0], -1.0), min(largest + half[1], 1.0)
        return -1 <= ends[0] <= below + 1e-9 and above - 1e-9 <= ends[1] <= 1

    return {
        "counted": [Near(x) for x in found[most][1]],
        "counted_of": most,
        "bounds": Such(f"{least} to {largest}, with an error of at least that of the change", has_error),
    }


def _sides(world: World, m: ShareTrend) -> tuple[str, str]:
    """Return the side of what is given and of the outcome; of a category both are its own."""
    if m.about == "category":
        return m.side, m.side
    if m.about == "agreement":
        return "rows", "columns"
    panel = next(panel for panel in world.panels if panel.id == m.panel)
    return ("columns", "rows") if world.table.is_turned(panel) else ("rows", "columns")


def _counted(world: World, m: ShareTrend, units: pd.DataFrame, of: str) -> Array:
    """Return which of all units, or of those known to have what is given, are counted and show the share."""
    given, outcome = _sides(world, m)
    own = units if of == "all" else units[units[given].map(lambda found: m.given in found)]
    kept = own["rows_labels"].map(bool) & own["columns_labels"].map(bool)
    return (kept & own[given].map(bool) & own[outcome].map(bool)).to_numpy(dtype=float)


def _bounds(world: World, m: ShareTrend, units: pd.DataFrame) -> tuple[float, float]:
    """Return the least and the largest share, each unit without a label taken as it suits, one after the other."""
    given, outcome = _sides(world, m)
    fixed: list[tuple[int, int]] = []
    free: list[list[tuple[int, int]]] = []  # (part, whole) that a unit may add
    for a, b in zip(units[given], units[outcome], strict=True):
        if m.about == "cell":
            choices = [(x * y, x) for x in _may(a, m.given) for y in _may(b, m.outcome)]
        elif m.about == "category":
            choices = [(y, 1) for y in _may(b, m.outcome)]
        else:
            choices = [(int(a == b), 1)] if a and b else [(0, 1), (1, 1)]
        (fixed if len(set(choices)) == 1 else free).append(choices[0] if len(set(choices)) == 1 else choices)
    ends = []
    for sign in (1, -1):
        part, whole = (sum(one[i] for one in fixed) for i in (0, 1))
        # A unit that may be left out lowers a share if it lacks the outcome and raises it if it has the outcome.
        for choices in free:
            k, n = max(choices, key=lambda one: (sign * (one[1] - 2 * one[0]), -one[1]))
            part, whole = part + k, whole + n
        ends.append(part / whole)
    return ends[0], ends[1]


def _may(found: frozenset[str], name: str) -> tuple[int, ...]:
    """Return whether a unit has a category, 0 or 1; both where it has no label."""
    return (int(name in found),) if found else (0, 1)


def _is_verdict(verdict: str, m: ShareTrend, mix: float | None, change: float) -> bool:
    if m.bounds is not None and m.bounds[0] <= 0 <= m.bounds[1]:
        return verdict == "coverage"
    if mix is not None and mix / change > 0.5 + 1e-9:
        return verdict == "mix"
    return verdict in (("trend",) if mix is None else ("trend", "mix"))


def _standing(world: World, has: Array, among: Array, year: str) -> Meaning:
    t = world.table
    n, part = float(t.weight[among].sum()), float(t.weight[among & has].sum())
    enough = among.sum() >= world.part.inference.minimum_units and not t.has_groups
    share = {"value": part / n, **t.share_ends(has, among)} if enough else None
    return {"name": year, "n": n, "share": UNKNOWN if t.has_groups else share}


def _mix(world: World, has: Array, times: Sequence[Array]) -> float:
    """Return what of a change is that strata have other weights (Kitagawa 1955): all but what moved within them."""
    t, within = world.table, 0.0
    whole = [float(t.weight[of].sum()) for of in times]
    for level in range(len(t.strata)):
        parts = [of & (t.stratum == level) for of in times]
        n = [float(t.weight[of].sum()) for of in parts]
        if all(n):
            first, last = (float(t.weight[of & has].sum()) / k for of, k in zip(parts, n, strict=True))
            within += sum(k / every for k, every in zip(n, whole, strict=True)) / 2 * (last - first)
    shares = [float(t.weight[of & has].sum()) / k for of, k in zip(times, whole, strict=True)]
    return shares[1] - shares[0] - within
