"""How far missing labels can account for a change of a share: Manski's bounds, and whether coverage moved.

A share of outcomes among units with a given category is known only for units with labels. Without any assumption on
the others it lies between the value in which none of them has the outcome and the value in which all have it (Manski
1989, "Anatomy of the selection problem", Journal of Human Resources 24, 343-360). Units with a label on one side only
narrow the bounds: such a unit is known to have, or not to have, one of the two categories.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ...api import LEAST_FREEDOM, Bools, Floats, Ints, counted, t_quantile

NOISE = 1.959963984540054
"""Standard errors beyond which coverage moved by more than noise (5 %, two-sided)."""


@dataclass(frozen=True, eq=False)
class Labelled:
    """p kinds of units at one time, those without labels among them.

    `given` and `outcome` (p,) are the shares of a unit that have each, where they are known; `is_counted` (p,) says
    which units are in the figure. `weight` and `units` (p,) are sums of weights and numbers of units. `group` (p,)
    numbers the groups of both times, None where units are independent or groups are not known.
    """

    given: Floats
    given_known: Bools
    outcome: Floats
    outcome_known: Bools
    is_counted: Bools
    weight: Floats
    units: Floats
    group: Ints | None = None

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
        own, labelled = self._parts(of_given=of_given)
        return float(self.weight @ (own * labelled)), float(self.weight @ own), float(self.units @ own)

    def by_group(self, n_groups: int, *, of_given: bool) -> tuple[Floats, Floats]:
        """Return the sums over groups (G,) of what units move the counted share by, and of the weight of all units."""
        own, labelled = self._parts(of_given=of_given)
        whole = self.weight * own
        moved = whole * (labelled - float(whole @ labelled) / float(whole.sum())) / float(whole.sum())
        group = np.zeros(len(whole), dtype=np.int64) if self.group is None else self.group
        return counted(moved, group, n_groups), counted(whole, group, n_groups)

    def _parts(self, *, of_given: bool) -> tuple[Floats, Bools]:
        """Return what of each unit belongs to the whole (p,), and which units are counted and have both labels."""
        own = self.given * self.given_known if of_given else np.ones(len(self.given))
        return own, self.is_counted & self.given_known & self.outcome_known


@dataclass(frozen=True, slots=True)
class CoverageShift:
    """The share of units that are counted, at the earlier and at the later time.

    `of_given`: of the units with the given category.
    """

    shares: tuple[float, float]
    of_given: bool


def coverage_shift(old: Labelled, new: Labelled) -> CoverageShift | None:
    """Return the coverage that moved most between two times, in critical values; None if none moved beyond noise.

    The variance is that over groups, or that of independent units, whichever is larger; t has G_eff - 1 degrees of
    freedom. Below `LEAST_FREEDOM`, and where the groups of units without labels are not known, units count as
    independent: smaller changes are then reported, and fewer trends.
    """
    found: list[tuple[float, CoverageShift]] = []
    for of_given in (False, True):
        (part_0, all_0, n_0), (part_1, all_1, n_1) = (time.counted(of_given=of_given) for time in (old, new))
        if not all_0 or not all_1:
            continue
        first, last = part_0 / all_0, part_1 / all_1
        pooled = (first * n_0 + last * n_1) / (n_0 + n_1)
        noise = NOISE * math.sqrt(max(pooled * (1 - pooled), 0.0) * (1 / n_0 + 1 / n_1))
        noise = max(noise, _noise_of_groups(old, new, of_given=of_given))
        if abs(last - first) > noise:
            found.append((abs(last - first) / noise, CoverageShift((first, last), of_given)))
    return max(found, key=lambda one: round(one[0], 6))[1] if found else None


def _noise_of_groups(old: Labelled, new: Labelled, *, of_given: bool) -> float:
    """Return the change of coverage that groups alone may make (5 %, two-sided); 0 where too few show it."""
    if old.group is None or new.group is None:
        return 0.0
    n = 1 + int(max(old.group.max(initial=-1), new.group.max(initial=-1)))
    (moved_0, whole_0), (moved_1, whole_1) = (time.by_group(n, of_given=of_given) for time in (old, new))
    whole = whole_0 + whole_1
    n_groups, freedom = int(np.count_nonzero(whole)), float(whole.sum() ** 2 / (whole @ whole)) - 1
    if freedom < LEAST_FREEDOM:
        return 0.0
    variance = float(((moved_1 - moved_0) ** 2).sum()) * n_groups / (n_groups - 1)
    return float(t_quantile(0.95, freedom)) * math.sqrt(variance)


def change_bounds(old: Labelled, new: Labelled) -> tuple[float, float]:
    """Return the least and the largest change of the share that missing labels leave possible."""
    (low_0, high_0), (low_1, high_1) = old.bounds, new.bounds
    return low_1 - high_0, high_1 - low_0
