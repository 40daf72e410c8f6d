"""How far missing labels can account for a change of a share: Manski's bounds, and whether coverage moved.

A share of outcomes among units with a given category is known only for units with labels. Without any assumption on
the others it lies between the value in which none of them has the outcome and the value in which all have it (Manski
1989, "Anatomy of the selection problem", Journal of Human Resources 24, 343-360). Units with a label on one side only
narrow the bounds: such a unit is known to have, or not to have, one of the two categories.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ...api import Bools, Floats

NOISE = 1.959963984540054
"""Standard errors beyond which coverage moved by more than noise (5 %, two-sided)."""


@dataclass(frozen=True, eq=False)
class Labelled:
    """p kinds of units at one time, those without labels among them.

    `given` and `outcome` (p,) are the shares of a unit that have each, where they are known; `is_counted` (p,) says
    which units are in the figure. `weight` and `units` (p,) are sums of weights and numbers of units.
    """

    given: Floats
    given_known: Bools
    outcome: Floats
    outcome_known: Bools
    is_counted: Bools
    weight: Floats
    units: Floats

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the largest share of the outcome that missing labels leave possible; 0 and 1 of nothing."""
        given = self.weight * self.given * self.given_known
        unknown = self.weight * ~self.given_known
        both = float(given @ (self.outcome * self.outcome_known))
        without = float(given @ ~self.outcome_known)
        yes = float(unknown @ (self.outcome * self.outcome_known))
        no = float(unknown @ ((1 - self.outcome) * self.outcome_known))
        neither = float(unknown @ ~self.outcome_known)
        least, most = float(given.sum()) + no + neither, float(given.sum()) + yes + neither
        return (both / least if least else 0.0), ((both + without + yes + neither) / most if most else 1.0)

    def counted(self, *, of_given: bool) -> tuple[float, float, float]:
        """Return the weight of counted units with both labels, of all units, and the number of these.

        `of_given`: only units that are known to have the given category.
        """
        own = self.given * self.given_known if of_given else self.given_known | True
        labelled = self.is_counted & self.given_known & self.outcome_known
        return float(self.weight @ (own * labelled)), float(self.weight @ own), float(self.units @ own)


@dataclass(frozen=True, slots=True)
class CoverageShift:
    """The share of units that are counted, at the earlier and at the later time.

    `of_given`: of the units with the given category.
    """

    shares: tuple[float, float]
    of_given: bool


def coverage_shift(old: Labelled, new: Labelled) -> CoverageShift | None:
    """Return the coverage that moved most between two times, in standard errors; None if none moved beyond noise.

    Units count as independent, since groups of units without labels may be unknown. With groups, smaller changes of
    coverage are therefore reported than the groups would support.
    """
    found: list[tuple[float, CoverageShift]] = []
    for of_given in (False, True):
        (part_0, all_0, n_0), (part_1, all_1, n_1) = (time.counted(of_given=of_given) for time in (old, new))
        if not all_0 or not all_1:
            continue
        first, last = part_0 / all_0, part_1 / all_1
        pooled = (first * n_0 + last * n_1) / (n_0 + n_1)
        error = math.sqrt(max(pooled * (1 - pooled), 0.0) * (1 / n_0 + 1 / n_1))
        if abs(last - first) > NOISE * error:
            found.append((abs(last - first) / error, CoverageShift((first, last), of_given)))
    return max(found, key=lambda one: round(one[0], 6))[1] if found else None


def change_bounds(old: Labelled, new: Labelled) -> tuple[float, float]:
    """Return the least and the largest change of the share that missing labels leave possible."""
    (low_0, high_0), (low_1, high_1) = old.bounds, new.bounds
    return low_1 - high_0, high_1 - low_0
