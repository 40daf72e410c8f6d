"""What gradients mean: shares by category, and pairs of units counted from the raw table."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from diptych.findings.gradient import Gradient
from tests.findings.meaning.record import UNKNOWN, Meaning, Near, Such
from tests.findings.meaning.table import Array, Table
from tests.findings.meaning.world import Meanings, World


def gradient(world: World, found: Sequence[Gradient]) -> Meanings:
    """Return what the gradients that are found must be: nothing where no side is ordered."""
    t, ordered = world.table, world.raw.ordered
    if not any(ordered) or t.same:
        return {}
    fdr = world.part.inference.fdr
    return {f.id: _of(world, f, fdr) for f in found}


def _of(world: World, f: Gradient, fdr: float) -> Meaning:
    t, stratified = world.table, world.table.is_stratified
    common = {"n_tested": Such("some", lambda n: n >= 1), "coefficient": Such("one", _is_coefficient)}
    if f.null:
        return common | {
            "cells": [], "null": True, "side": f.side, "outcome": "", "steps": [], "n_against": 0,
            "effect": UNKNOWN, "p": UNKNOWN, "stratified": False, "n_informative": 0, "rises": UNKNOWN,
            "is_absent": Such("only if far from significant", lambda is_so: is_so == (f.n_tested > 0 and f.p > 0.2)),
        }  # fmt: skip
    own = 0 if f.side == "rows" else 1
    order = world.raw.ordered[own]
    assert [step.category for step in f.steps] == [name for name in order if name in [s.category for s in f.steps]]
    k = t.names[1 - own].index(f.outcome)
    shares = []
    for step in f.steps:
        has = t.has[own][:, t.names[own].index(step.category)]
        n, both = float(t.weight @ has), float(t.weight @ (has & t.has[1 - own][:, k]))
        assert n >= world.minimum[0]
        shares.append((step.category, both, n))
    rises = shares[-1][1] / shares[-1][2] > shares[0][1] / shares[0][2]
    steps = np.diff([both / n for _, both, n in shares])
    value = coefficient(world, f, t)
    pairs = [(c, f.outcome) if own == 0 else (f.outcome, c) for c, _, _ in shares]
    return common | {
        "cells": [ref for pair in pairs for ref in world.refs(*pair)],
        "null": False,
        "side": f.side,
        "outcome": f.outcome,
        "steps": [{"category": c, "n_joint": Near(b), "n_given": Near(n), "share": Near(b / n)} for c, b, n in shares],
        "n_against": int((steps <= 0).sum() if rises else (steps >= 0).sum()),
        "effect": {
            "value": Near(value),
            "low": Such("on its side of 0", lambda x: x <= value and (x > 0) == (value > 0)),
            "high": Such("on its side of 0", lambda x: x >= value and (x > 0) == (value > 0)),
        },
        "p": Such("at most the rate", lambda p: 0 <= p <= fdr),
        "is_absent": False,
        "stratified": stratified,
        "n_informative": Such("no more than there are", lambda n: n <= len(t.strata)) if stratified else 0,
        "rises": rises,
    }


def _is_coefficient(name: str) -> bool:
    return name in ("gamma", "somers_d")


def coefficient(world: World, f: Gradient, t: Table) -> float:
    """Return Somers' d or gamma in a table, by comparing every category with every other within each stratum."""
    own = 0 if f.side == "rows" else 1
    order, k = world.raw.ordered[own], t.names[1 - own].index(f.outcome)
    x = _place(t.has[own], [t.names[own].index(name) for name in order])
    if f.coefficient == "gamma":
        y = _place(t.has[1 - own], [t.names[1 - own].index(name) for name in world.raw.ordered[1 - own]])
    else:
        y = t.has[1 - own][:, k].astype(int)
    above, whole = [], []
    for s in np.unique(t.stratum):
        inside = (t.stratum == s) & (x >= 0) & (y >= 0)
        table = np.zeros((x.max() + 1, y.max() + 1))
        np.add.at(table, (x[inside], y[inside]), t.weight[inside])
        for (i, j), n in np.ndenumerate(table):
            for (a, b), m in np.ndenumerate(table):
                sign = np.sign((i - a) * (j - b))
                above.append(n * m * sign)
                whole.append(n * m * (abs(sign) if f.coefficient == "gamma" else i != a))
    return math.fsum(above) / math.fsum(whole)


def _place(has: Array, places: Sequence[int]) -> Array:
    own = has[:, list(places)]
    return np.where(own.sum(axis=1) == 1, own.argmax(axis=1), -1)
