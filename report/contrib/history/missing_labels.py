"""Effect of missing labels on a change of a share: Manski's bounds, and whether coverage moved.

A share of outcomes among units with a given category is known only for units with labels. Without assumptions about the
other units, the share has two bounds: none of them has the outcome, or all have it (Manski 1989, "Anatomy of the
selection problem", Journal of Human Resources 24, 343-360). Units with a label on only one side narrow the bounds,
because one of their two categories is known.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ...arrays import Bools, Floats, Ints, counted
from ...inference.critical_values import LEAST_FREEDOM
from ...inference.laws import t_quantile

NOISE = 1.959963984540054
"""Critical value, in standard errors, for a change of coverage beyond noise (5 %, two-sided)."""


@dataclass(frozen=True, eq=False)
class LabelledUnits:
    """p kinds of units at one time, including units without labels.

    `given` and `outcome` (p,) are the shares of a unit in each category, where known. `is_counted` (p,) marks units in
    the figure. `weight` and `units` (p,) are sums of weights and numbers of units. `group` (p,) are group numbers,
    common to both times, or None if units are independent or groups are unknown.
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
        """Return the lowest and highest share of the outcome that missing labels allow; 0 and 1 without units."""
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
        """Return the weight of counted units with both labels, the weight of all units, and their number.

        With `of_given`, only units known to have the given category are included.
        """
        own, labelled = self._parts(of_given=of_given)
        return float(self.weight @ (own * labelled)), float(self.weight @ own), float(self.units @ own)

    def by_group(self, n_groups: int, *, of_given: bool) -> tuple[Floats, Floats]:
        """Return sums over groups (G,): each group's effect on the counted share, and the weight of all its units."""
        own, labelled = self._parts(of_given=of_given)
        whole = self.weight * own
        moved = whole * (labelled - float(whole @ labelled) / float(whole.sum())) / float(whole.sum())
        group = np.zeros(len(whole), dtype=np.int64) if self.group is None else self.group
        return counted(moved, group, n_groups), counted(whole, group, n_groups)

    def _parts(self, *, of_given: bool) -> tuple[Floats, Bools]:
        """Return the part of each unit in the denominator (p,), and which units are counted and have both labels."""
        own = self.given * self.given_known if of_given else np.ones(len(self.given))
        return own, self.is_counted & self.given_known & self.outcome_known


@dataclass(frozen=True, slots=True)
class CoverageShift:
    """The share of units that are counted, at the earlier and the later time.

    With `of_given`, it is the share of units with the given category.
    """

    shares: tuple[float, float]
    of_given: bool


def coverage_shift(old: LabelledUnits, new: LabelledUnits) -> CoverageShift | None:
    """Return the coverage that moved most between two times, in critical values, or None if none moved beyond noise.

    The variance is the larger of two: over groups, or of independent units. t has G_eff - 1 degrees of freedom. Below
    `LEAST_FREEDOM`, or if the groups of units without labels are unknown, units are treated as independent. Smaller
    changes of coverage are then reported, and fewer trends.
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


def _noise_of_groups(old: LabelledUnits, new: LabelledUnits, *, of_given: bool) -> float:
    """Return the critical change of coverage due to groups alone (5 %, two-sided), or 0 with too few groups."""
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


def change_bounds(old: LabelledUnits, new: LabelledUnits) -> tuple[float, float]:
    """Return the lowest and highest change of the share that missing labels allow."""
    (low_0, high_0), (low_1, high_1) = old.bounds, new.bounds
    return low_1 - high_0, high_1 - low_0
