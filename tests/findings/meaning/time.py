"""What findings about shares that moved over time mean, worked out of the years that units are of."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from diptych.findings.trend import Moved, Trend
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
            "n_sure": Such("at most those tested", lambda n: 0 <= n <= f.n_tested),
            "moved": [_moved(world, one, years, points) for one in f.moved],
            "trends": [one for one in f.moved if one.verdict == "trend"],
            "mixed": [one for one in f.moved if one.verdict == "mix"],
        }
    }


def _asked(world: World, m: Moved) -> tuple[Array, Array]:
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


def _moved(world: World, m: Moved, years: Array, points: Sequence[str]) -> Meaning:
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
    far = abs(change) >= world.part.thresholds.moved - 1e-12
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
        "verdict": Such("a trend only where the mix makes less than half", lambda v: _is_verdict(v, mix, change)),
    }


def _is_verdict(verdict: str, mix: float | None, change: float) -> bool:
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
