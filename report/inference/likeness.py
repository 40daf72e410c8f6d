"""How alike the units of one group are, and what that leaves of a variance and of its degrees of freedom.

The variance over groups is itself estimated, and badly where few large groups hold most units or where few groups have
the rarer outcome: the groups that would tell were not drawn. So intervals rest on a working model beside it, as
small-sample corrections for clusters do (Bell & McCaffrey 2002; Imbens & Kolesar 2016; Pustejovsky & Tipton 2018): any
two units of a group agree with correlation rho. Then a variance is at least that of independent units times
1 - rho + rho sum m^2 / sum u, and has (sum v)^2 / sum v^2 - 1 degrees of freedom (Satterthwaite), where a group with
m units of a category adds v = (1 - rho) u + rho m^2. (u: the sum of their squared weights, which is m without weights.)
With rho = 0 that is G_eff - 1, with rho = 1 it is far less where sizes differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .moments import GIVEN, JOINT, OUTCOME, UNITS, Moments

Floats = NDArray[np.float64]

PRIOR = 20.0
"""A cell's own correlation counts as its effective groups of the rarer outcome do, that of its whole row as so many:
chosen among 1 to 50 by simulation (docs/inference.md)."""

_TABLE = (-2, -1)
_CANCELLED = 1e-12


@dataclass(frozen=True, eq=False)
class Likeness:
    """What likeness within groups does, by cell (R, C), by row (R, 1), or by column (1, C).

    `inflation`: how many times the variance of independent units a variance is at least. `freedom`: its degrees of
    freedom, at least one.
    """

    inflation: Floats
    freedom: Floats


def of_cells(moments: Moments, margins: Sequence[int]) -> Likeness:
    """Return the likeness (R, C) for what rests on some margins: of each cell the most inflation, the least freedom.

    Where a category is held against all units, what they show of it counts for the freedom alone: the variance is that
    of the category's own units, which need not lie in the groups that hold most of the others.
    """
    found = {margin: _likeness(moments, margin, correlation(moments, margin)) for margin in margins}
    own = [one.inflation for margin, one in found.items() if margin != UNITS or len(found) == 1]
    return Likeness(np.maximum.reduce(own), np.minimum.reduce([one.freedom for one in found.values()]))


def of_lines(moments: Moments, margin: int) -> Likeness:
    """Return the likeness of each given (R,) or outcome category (C,), from the correlation of its whole line."""
    place = (slice(None), 0) if margin == GIVEN else (0, slice(None))
    line = np.broadcast_to(_pooled(moments, margin)[0], moments.totals.shape[1:])
    found = _likeness(moments, margin, line)
    return Likeness(found.inflation[place], found.freedom[place])


def correlation(moments: Moments, margin: int) -> Floats:
    """Return the correlation (R, C) within groups of "has both", among the units of a margin; 0 without groups.

    Moment estimate over pairs of units of one group, between 0 and 1. Where few effective groups have the rarer
    outcome it says little, and those of the whole line (all cells with that given, or outcome, category) and of the
    whole table stand in, each as far as the one before is not known.
    """
    line, weight = _pooled(moments, margin)
    pairs, chance = _pairs(moments, margin)
    found: Floats = (_ratio(pairs, chance) * weight + PRIOR * line) / (weight + PRIOR)
    return found


def _pooled(moments: Moments, margin: int) -> tuple[Floats, Floats]:
    """Return the correlation of each cell's line, drawn to the table's, and the weight (R, C) of the cell's own."""
    pairs, chance = _pairs(moments, margin)
    axis: int | tuple[int, int] = {GIVEN: -1, OUTCOME: -2}.get(margin, _TABLE)
    of_line, of_chance = pairs.sum(axis=axis, keepdims=True), chance.sum(axis=axis, keepdims=True)
    joint, whole = moments.totals[JOINT], moments.totals[margin]
    share = np.divide(joint, whole, out=np.zeros_like(joint), where=whole > 0)
    weight = np.minimum(share, 1 - share) * moments.effective_groups(margin)
    of_weight = weight.sum(axis=axis, keepdims=True)
    table = _ratio(*(part.sum(axis=_TABLE, keepdims=True) for part in (pairs, chance)))
    return (_ratio(of_line, of_chance) * of_weight + PRIOR * table) / (of_weight + PRIOR), weight


def _pairs(moments: Moments, margin: int) -> tuple[Floats, Floats]:
    """Return sums (R, C) over pairs of units of a group: of their residuals' products, and that if all were alike."""
    totals = moments.totals
    if moments.independent:
        return np.zeros(totals.shape[1:]), np.zeros(totals.shape[1:])
    share = np.divide(totals[JOINT], totals[margin], out=np.zeros_like(totals[JOINT]), where=totals[margin] > 0)
    over_groups, over_units = (_residuals(second, margin, share) for second in (moments.second, moments.alone))
    own = moments.alone[margin, margin]
    more = moments.second[margin, margin] - own
    chance = np.divide(over_units * more, own, out=np.zeros_like(own), where=own > 0)
    # What remains of terms that cancel is rounding: where hardly any two units share a group nothing is known.
    known = more > _CANCELLED * own
    return np.where(known, over_groups - over_units, 0.0), np.where(known, chance, 0.0)


def _residuals(second: Floats, margin: int, share: Floats) -> Floats:
    """Return the sum (R, C) of squares of n_ab less its share of a margin."""
    both, own, across = second[JOINT, JOINT], second[margin, margin], second[JOINT, margin]
    left: Floats = both - 2 * share * across + share**2 * own
    size = both + 2 * share * across + share**2 * own
    return np.where(left <= _CANCELLED * size, 0.0, left)


def _ratio(pairs: Floats, chance: Floats) -> Floats:
    return np.clip(np.divide(pairs, chance, out=np.zeros_like(pairs), where=chance > 0), 0.0, 1.0)


def _likeness(moments: Moments, margin: int, rho: Floats) -> Likeness:
    own, squares = moments.alone[margin, margin], moments.second[margin, margin]
    if moments.sizes is None:
        return Likeness(np.ones_like(own), np.maximum(moments.effective_groups(margin) - 1, 1))
    of_own, mixed, of_squares = moments.sizes[:, margin - 1]
    inflation = 1 - rho + rho * np.divide(squares, own, out=np.ones_like(own), where=own > 0)
    first = (1 - rho) * own + rho * squares
    spread = (1 - rho) ** 2 * of_own + 2 * rho * (1 - rho) * mixed + rho**2 * of_squares
    freedom = np.divide(first**2, spread, out=np.zeros_like(own), where=spread > 0) - 1
    return Likeness(np.maximum(inflation, 1.0), np.maximum(freedom, 1.0))
