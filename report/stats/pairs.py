"""All pairs of row and column categories: one interval and one test for every measure of their association.

The intervals of P(b|a) and P(b|not a) and their correlation make a region around both shares: an ellipse in each
direction. The interval of the difference is that of `shares.moved`, its extremes over the region, and p is the level at
which the region just touches equal shares. The ends of every other measure are its extremes over the same region, at
the observed size of a. So all of them exclude "no effect" together, exactly if p is small.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from .. import portable
from ..arrays import Bools, Floats, over
from ..ledger.incidence import Incidence
from .shares import (
    ALL,
    COLUMN,
    EVERY,
    HIT,
    MISSED,
    ROW,
    WITH,
    WITHOUT,
    Certainty,
    Design,
    Shares,
    Totals,
    alike_within,
    correlation,
    difference,
    quantile,
    share,
    table_totals,
    wilson,
)

Formula = Callable[[Floats, Floats, Floats, Floats], Floats]
"""(n_ab, n_a, n_b, N), broadcast against each other -> values; nan where undefined."""

_TURNS = 3
"""Rounds of the search for the extreme of a measure, which is then exact to about six digits of the distance."""


class Ends(NamedTuple):
    """The lower and the upper ends of intervals, nan where there is none."""

    low: Floats
    high: Floats

    def where(self, there: Bools) -> Ends:
        """Return the ends where `there`, nan elsewhere."""
        return Ends(np.where(there, self.low, np.nan), np.where(there, self.high, np.nan))


def design_of(incidence: Incidence) -> Design:
    """Return how the patterns of an incidence were drawn."""
    freedom = np.nan if incidence.dispersion is None else incidence.dispersion.freedom
    units = incidence.units.astype(np.float64)
    return Design(incidence.weight, incidence.weight_squared, units, incidence.group, freedom)


@dataclass(frozen=True, eq=False)
class Pairs:
    """The tables of all pairs of categories (R, C): their association and its certainty."""

    totals: Totals

    @cached_property
    def shares(self) -> tuple[Shares, Shares]:
        """P(b|a) and P(b|not a)."""
        alike = alike_within(self.totals)
        return share(self.totals, HIT, WITH, alike), share(self.totals, MISSED, WITHOUT, alike)

    @cached_property
    def difference(self) -> Certainty:
        """P(b|a) - P(b|not a); its p is that of the pair."""
        return difference(self.totals, *self.shares)

    @cached_property
    def is_fixed(self) -> Bools:
        """Where a category has no unit or every unit, so that nothing can be compared."""
        first = self.totals.first
        n = first[ALL]
        return np.asarray((first[ROW] <= 0) | (first[COLUMN] <= 0) | (first[ROW] >= n) | (first[COLUMN] >= n))

    def ends(self, formula: Formula, alpha: float) -> Ends:
        """Return the extremes (R, C) of a formula of (n_ab, n_a, n_b, N) that grows with P(b|a) less P(b|not a)."""
        c = quantile(self.difference.freedom, alpha)
        p, q = (np.nan_to_num(of.value) for of in self.shares)
        (low, high), (least, most) = (wilson(s, of.effective, c) for s, of in zip((p, q), self.shares, strict=True))
        ends = (
            self._extreme(formula, (p, q), (first - p, second - q), best)
            for first, second, best in ((low, most, np.fmin), (high, least, np.fmax))
        )
        return Ends(*ends).where(~self.is_fixed & np.isfinite(self.difference.value))

    def _extreme(
        self, formula: Formula, shares: tuple[Floats, Floats], reach: tuple[Floats, Floats], best: np.ufunc
    ) -> Floats:
        """Return the extreme of a formula over both shares, which move by up to `reach`, with opposite signs.

        The point that is farthest in a direction (1 - w, w) is tried for several w, of which 1/2 is the difference's.
        """
        given, n = self.totals.first[ROW], self.totals.first[ALL]
        (p, q), (own, other), apart = shares, reach, -correlation(self.totals, *self.shares)
        found, at, step = np.full_like(p, np.nan), np.full_like(p, 0.5), 0.125
        for turn in range(_TURNS):
            middle = at
            for k in range(-4, 5):
                w = np.clip(middle + k * step, 0.0, 1.0)
                a, b = np.abs(own) * (1 - w), np.abs(other) * w
                size = np.sqrt(np.maximum(portable.squared(a) + portable.squared(b) + 2 * apart * a * b, 1e-300))
                joint = given * np.clip(p + own * (a + apart * b) / size, 0.0, 1.0)
                rest = (n - given) * np.clip(q + other * (b + apart * a) / size, 0.0, 1.0)
                value = best(found, formula(joint, given, joint + rest, n))
                at = np.where((value != found) & ~np.isnan(value), w, at)
                found = value
            step /= 4 if turn else 8
        return found

    def lift(self, alpha: float) -> Ends:
        """Return the ends of observed over expected, which also allow for the uncertain size of the row's category.

        On the log scale, the distances to an end are combined as the root of the sum of squares. The size does not
        matter where both shares are equal, so that the lift excludes 1 exactly where the difference excludes 0.
        """
        joint, given, outcome, n = self.totals.first
        part, value = over(given, n), over(joint * n, given * outcome)
        size = share(self.totals, WITH, EVERY)
        ranges = wilson(part, size.effective, quantile(size.freedom, alpha))
        ends = []
        for end, best in zip(self.ends(_lift, alpha), (np.minimum, np.maximum), strict=True):
            with np.errstate(divide="ignore", invalid="ignore"):
                others = np.maximum((1 / end - part) / (1 - part), 0.0)  # P(b|not a) / P(b|a)
                beyond = best(end, best(*(1 / (of + (1 - of) * others) for of in ranges)))
                distance = portable.hypot(portable.log(end / value), portable.log(beyond / end))
                spread = value * portable.exp(distance if best is np.maximum else -distance)
            ends.append(np.where(end > 0, np.where(value > 0, spread, beyond), end))
        return Ends(*ends)


def _lift(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    return over(joint * units, given * outcome, np.nan)


def pairs_of(incidence: Incidence) -> Pairs:
    """Return all pairs of an incidence, which keeps them."""
    known: dict[str, Pairs] = incidence.__dict__
    if "pairs" not in known:
        known["pairs"] = Pairs(table_totals(incidence.row_sets, incidence.column_sets, design_of(incidence)))
    return known["pairs"]
