"""What gradients mean: shares by category, pairs of units counted from the raw table, and tests of trend by its units.

Of independent units all is worked out again: which trends are tested and reported, and their p-values. Of groups and
weights p-values are bounded.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from scipy import stats
from statsmodels.stats.multitest import multipletests

from diptych.findings.finding import slug
from diptych.findings.gradient import Gradient
from tests.findings.meaning.record import Meaning, Near, Such
from tests.findings.meaning.table import SIDES, Array, Table
from tests.findings.meaning.world import Meanings, World

FEWEST = 3
"""Categories in order with enough units, of a side that can have a trend."""
CONTRARY = 0.1
"""The p-value at which a step, or a small stratum, clearly goes the other way."""
FAR = 0.2
"""A p-value that is far from significant."""
NO = ("no", "0", "false", "n", "nein", "non")

Tried = tuple[int, str | None]
"""A trend along a side (0 or 1) in the share of an outcome, or in both orders (None)."""


def gradient(world: World, found: Sequence[Gradient]) -> Meanings:
    """Return what the gradients of a report must be: none where no side is ordered."""
    t, fdr = world.table, world.part.inference.fdr
    tried = list(_tried(world))
    if not tried:
        return {}
    p = dict(zip(tried, _holm([_trend(world, one)[1] for one in tried]), strict=True))
    if t.is_plain:
        reported = {_id(world, one): one for one in tried if p[one] <= fdr and _is_reported(world, one)}
    else:
        reported = {f.id: next(one for one in tried if _id(world, one) == f.id) for f in found if not f.null}
    if not reported:
        return {"gradient": _none(world, tried)}
    own = {f.id: f for f in found}
    return {name: _of(world, one, own[name], p[one], len(tried)) for name, one in reported.items() if name in own}


def _none(world: World, tried: Sequence[Tried]) -> Meaning:
    """Return the finding that there is none: its p is the smallest of all shares along its side."""
    t, side = world.table, tried[0][0]
    every = [*tried, *((side, name) for name in _outcomes(world, side) if tried[0][1] is None)]
    p = min(_holm([_trend(world, one)[1] for one in every]))
    is_absent: object = p > FAR
    if not t.is_plain:
        is_absent = Such("one or the other", lambda is_so: isinstance(is_so, bool))
    return {
        "cells": [],
        "null": True,
        "side": SIDES[side],
        "outcome": "",
        "coefficient": "somers_d",
        "steps": [],
        "n_against": 0,
        "effect": {"value": 0.0, "low": None, "high": None},
        "p": Near(p) if t.is_plain else Such("a p-value", lambda x: 0 <= x <= 1),
        "n_tested": len(tried),
        "is_absent": is_absent,
        "stratified": False,
        "n_informative": 0,
        "rises": False,
    }


def _of(world: World, one: Tried, f: Gradient, p: float, n_tested: int) -> Meaning:
    t, (own, _) = world.table, one
    outcome = _shown(world, one)
    shares = _steps(world, own, outcome)
    rises = shares[-1][1] / shares[-1][2] > shares[0][1] / shares[0][2]
    steps = np.diff([both / n for _, both, n in shares])
    value = coefficient(world, f, t)
    pairs = [(c, outcome) if own == 0 else (outcome, c) for c, _, _ in shares]
    return {
        "cells": [ref for pair in pairs for ref in world.refs(*pair)],
        "null": False,
        "side": SIDES[own],
        "outcome": outcome,
        "coefficient": "gamma" if one[1] is None else "somers_d",
        "steps": [{"category": c, "n_joint": Near(b), "n_given": Near(n), "share": Near(b / n)} for c, b, n in shares],
        "n_against": int((steps <= 0).sum() if rises else (steps >= 0).sum()),
        "effect": {"value": Near(value), **_ends(world, one, f, value)},
        "p": Near(p, abs=1e-12) if t.is_plain else Such("at most the rate", lambda x: x <= world.part.inference.fdr),
        "n_tested": n_tested,
        "is_absent": False,
        "stratified": t.is_stratified,
        "n_informative": len(list(_informative(world, one))),
        "rises": rises,
    }


def _ends(world: World, one: Tried, f: Gradient, value: float) -> dict[str, object]:
    """Return the ends of the interval: near to the percentiles of units, or groups, drawn again."""
    t, ends = world.table, (f.effect.low, f.effect.high)
    again = None if t.is_stratified or t.again is None else _drawn(world, one)

    def holds(x: float) -> bool:
        return (x > 0) == (value > 0) and (again is None or t.is_near(ends, value, again, 0.01))

    return {
        "low": Such("near to the percentile, on the side of the value", lambda x: x <= value and holds(x)),
        "high": Such("near to the percentile, on the side of the value", lambda x: x >= value and holds(x)),
    }


def _drawn(world: World, one: Tried) -> Array:
    """Return the coefficient in each drawing (B,)."""
    t = world.table
    x, y = _variables(world, one)
    at = [(x == i) & (y == j) for i in range(x.max() + 1) for j in range(y.max() + 1)]
    tables = t.drawn(*(one.astype(float) for one in at)).reshape(-1, x.max() + 1, y.max() + 1)
    return np.array([np.divide(*_compared([table], gamma=one[1] is None)) for table in tables])


# Which trends are tested.


def _order(world: World, side: int) -> list[str]:
    return [name for name in world.raw.ordered[side] if name in world.table.names[side]]


def _enough(world: World, side: int) -> list[str]:
    """Return the ordered categories of a side with enough units, of which a share can be given."""
    t = world.table
    panels = [panel for panel in world.panels if t.is_turned(panel) == (side == 1)]

    def is_enough(name: str) -> bool:
        k = t.names[side].index(name)
        pairs = [(k, other) if side == 0 else (other, k) for other in range(len(t.names[1 - side]))]
        states = {t.state(panel, *at, world.minimum) for panel in panels for at in pairs}
        return t.units[side][k] >= world.minimum[0] and (not panels or bool(states & {"measured", "uncertain"}))

    return [name for name in _order(world, side) if is_enough(name)]


def _is_able(world: World, side: int) -> bool:
    own = world.table.has[side][:, [world.table.names[side].index(name) for name in _order(world, side)]].sum(axis=1)
    return len(_enough(world, side)) >= FEWEST and (own > 1).sum() <= 0.01 * (own > 0).sum()


def _outcomes(world: World, side: int) -> list[str]:
    return [name for name in world.table.names[1 - side] if not world.is_leftover(name)]


def _tried(world: World) -> Iterator[Tried]:
    t = world.table
    if t.same or t.masked:
        return
    sides = (1, 0) if t.is_turned(world.panels[0]) else (0, 1)
    able = [side for side in sides if _is_able(world, side)]
    if len(able) == 2:
        yield able[0], None
        return
    for side in able:
        names = [name for name in _outcomes(world, side) if t.sizes[1 - side][t.names[1 - side].index(name)]]
        if len(names) == 2 and t.has[1 - side].sum(axis=1).max() <= 1:  # the second share says the same
            names = [name for name in names if name.casefold() not in NO][:1] or names[:1]
        yield from ((side, name) for name in names)


def _id(world: World, one: Tried) -> str:
    return f"gradient.{SIDES[one[0]]}.{slug(_shown(world, one))}"


def _shown(world: World, one: Tried) -> str:
    """Return the outcome with the shares: of two orders the end of the other one whose share changes more."""
    side, outcome = one
    if outcome is not None:
        return outcome
    last, first = (_order(world, 1 - side)[end] for end in (-1, 0))
    return last if _change(world, side, last) >= _change(world, side, first) else first


def _change(world: World, side: int, outcome: str) -> float:
    shares = [both / n for _, both, n in _steps(world, side, outcome)]
    return abs(shares[-1] - shares[0])


def _steps(world: World, side: int, outcome: str) -> list[tuple[str, float, float]]:
    """Return each ordered category with how many of its units have the outcome, and how many it has."""
    t, found = world.table, []
    its = t.has[1 - side][:, t.names[1 - side].index(outcome)]
    for name in _enough(world, side):
        has = t.has[side][:, t.names[side].index(name)]
        found.append((name, float(t.weight @ (has & its)), float(t.weight @ has)))
    return found


def _variables(world: World, one: Tried) -> tuple[Array, Array]:
    """Return the place (N,) of each unit in the order, and in the other order or whether it has the outcome."""
    t, (side, outcome) = world.table, one
    x = _place(t.has[side], [t.names[side].index(name) for name in _order(world, side)])
    if outcome is not None:
        return x, t.has[1 - side][:, t.names[1 - side].index(outcome)].astype(int)
    return x, _place(t.has[1 - side], [t.names[1 - side].index(name) for name in _order(world, 1 - side)])


# The test of trend of independent units.


def _trend(world: World, one: Tried) -> tuple[float, float]:
    x, y = _variables(world, one)
    return _test(x, y, world.table.stratum)


def _test(x: Array, y: Array, stratum: Array) -> tuple[float, float]:
    """Return the sum of the covariances within strata in its standard errors under chance, and its p (Mantel 1963)."""
    score = variance = 0.0
    for level in np.unique(stratum):
        inside = (stratum == level) & (x >= 0) & (y >= 0)
        if inside.sum() > 1:
            (xx, xy), (_, yy) = np.cov(x[inside], y[inside])
            score, variance = score + xy * (inside.sum() - 1), variance + xx * yy * (inside.sum() - 1)
    if variance <= 1e-12:
        return 0.0, 1.0
    return score / math.sqrt(variance), float(2 * stats.norm.sf(abs(score) / math.sqrt(variance)))


def _holm(p: Sequence[float]) -> list[float]:
    return [float(x) for x in multipletests(p, method="holm")[1]]


def _is_reported(world: World, one: Tried) -> bool:
    """Return whether steps and strata support a significant trend."""
    t, fdr = world.table, world.part.inference.fdr
    x, y = _variables(world, one)
    sign = np.sign(_trend(world, one)[0])
    shares = [both / n for _, both, n in _steps(world, one[0], _shown(world, one))]
    shown = -sign if one[1] is None and _shown(world, one) == _order(world, 1 - one[0])[0] else sign
    changes = shown * np.diff(shares)
    cuts = [_test(x, y, 2 * t.stratum + (x > cut)) for cut in range(x.max())]
    places = [_order(world, one[0]).index(name) for name in _enough(world, one[0])]
    apart = [_test(np.where((x == low) | (x == high), x, -1), y, t.stratum) for low, high in pairwise(places)]
    inside = [np.where(t.stratum == level, x, -1) for level in np.unique(t.stratum)] if t.is_stratified else []
    large = set(_informative(world, one))
    signs = {s: np.sign(_compared(_tables(own, y, t), gamma=one[1] is None)[0]) for s, own in enumerate(inside)}
    small = [
        _test(own, y, t.stratum) for s, own in enumerate(inside) if s not in large and _n(own, y) >= world.minimum[0]
    ]
    return (
        shown * (shares[-1] - shares[0]) > 0
        and (changes <= 0).sum() <= len(changes) // 4
        and all(z * sign > 0 and p <= fdr for z, p in cuts)
        and not any(z * sign < 0 and p <= CONTRARY for z, p in (*apart, *small))
        and all(signs[s] == sign for s in large)
    )


def _n(x: Array, y: Array) -> int:
    return int(((x >= 0) & (y >= 0)).sum())


def _informative(world: World, one: Tried) -> Iterator[int]:
    """Yield the strata with five times the minimum of units, in several steps and with several outcomes."""
    t = world.table
    x, y = _variables(world, one)
    for level in np.unique(t.stratum) if t.is_stratified else ():
        inside = (t.stratum == level) & (x >= 0) & (y >= 0)
        if inside.sum() >= 5 * world.minimum[0] and min(len(set(x[inside])), len(set(y[inside]))) > 1:
            yield int(level)


# The coefficient.


def coefficient(world: World, f: Gradient, t: Table) -> float:
    """Return Somers' d or gamma in a table, by comparing every category with every other within each stratum."""
    own = 0 if f.side == "rows" else 1
    x = _place(t.has[own], [t.names[own].index(name) for name in world.raw.ordered[own]])
    if f.coefficient == "gamma":
        y = _place(t.has[1 - own], [t.names[1 - own].index(name) for name in world.raw.ordered[1 - own]])
    else:
        y = t.has[1 - own][:, t.names[1 - own].index(f.outcome)].astype(int)
    return float(np.divide(*_compared(_tables(x, y, t), gamma=f.coefficient == "gamma")))


def _tables(x: Array, y: Array, t: Table) -> list[Array]:
    """Return the table of both variables in each stratum."""
    found = []
    for s in np.unique(t.stratum):
        inside = (t.stratum == s) & (x >= 0) & (y >= 0)
        table = np.zeros((x.max() + 1, y.max() + 1))
        np.add.at(table, (x[inside], y[inside]), t.weight[inside])
        found.append(table)
    return found


def _compared(tables: Sequence[Array], *, gamma: bool) -> tuple[float, float]:
    """Return the concordant less the discordant pairs of units, and the pairs that could be either."""
    above, whole = [], []
    for table in tables:
        for (i, j), n in np.ndenumerate(table):
            for (a, b), m in np.ndenumerate(table):
                sign = np.sign((i - a) * (j - b))
                above.append(n * m * sign)
                whole.append(n * m * (abs(sign) if gamma else i != a))
    return math.fsum(above), math.fsum(whole)


def _place(has: Array, places: Sequence[int]) -> Array:
    own = has[:, list(places)]
    return np.where(own.sum(axis=1) == 1, own.argmax(axis=1), -1)
