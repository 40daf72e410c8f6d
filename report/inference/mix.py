"""How much of a change of a share is change within strata, and how much that of the mix of strata.

A share is the mean of its strata's shares, weighted by how many of the units each stratum has: p = sum of w_s r_s. So
(Kitagawa 1955, "Components of a difference between two rates")

    p_1 - p_0 = sum of (w_s0 + w_s1) / 2 (r_s1 - r_s0)  +  sum of (r_s0 + r_s1) / 2 (w_s1 - w_s0)

change within strata and change of mix. A stratum that is in one of the two only has no change within: its whole part
is mix. The interval of the first sum is that of `shifts`: two builds of a growing source overlap, so a unit that stayed
counts c_s = 1/n_s1 - 1/n_s0, one that came 1/n_s1, one that went -1/n_s0, each times (w_s0 + w_s1) / 2 and its distance
from the share of its stratum over both; the weights are taken as given.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..cells import Estimate
from .laws import normal_quantile, t_quantile
from .shifts import Overlap

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Split:
    """A change of a share: `within` strata, with its interval where one can be given, and by their `mix`.

    `n_common` strata have units in both.
    """

    within: Estimate
    mix: float
    n_common: int

    @property
    def difference(self) -> float:
        """The whole change."""
        return self.within.value + self.mix

    @property
    def is_clear(self) -> bool:
        """Whether the change within strata is more than chance."""
        low, high = self.within.low, self.within.high
        return low is not None and high is not None and not low <= 0 <= high


def split(overlap: Overlap, stratum: Numbers, level: float) -> Split:
    """Return the parts of the change of the share of `columns` among `rows` (p, 1 each), over strata (p,).

    Raises ValueError where either time has no unit in `rows`.
    """
    whole, part = overlap.rows[:, 0], overlap.rows[:, 0] * overlap.columns[:, 0]
    n_strata = int(stratum.max(initial=-1)) + 1
    both = (overlap.old, overlap.new)
    sizes, sums = (
        np.stack([np.bincount(stratum, of * weight, n_strata).astype(np.float64) for weight in both])
        for of in (whole, part)
    )
    totals = sizes.sum(axis=1, keepdims=True)
    if not totals.all():
        raise ValueError("a share of nothing does not change")
    weights = sizes / totals
    rates = np.divide(sums, sizes, out=np.zeros_like(sums), where=sizes > 0)
    common = (sizes > 0).all(axis=0)
    rates = np.where(sizes > 0, rates, rates[::-1])  # a stratum that is in one only has that one's share in both
    mean_weight = np.where(common, weights.mean(axis=0), 0.0)
    within = float(mean_weight @ (rates[1] - rates[0]))
    mix = float(rates.mean(axis=0) @ (weights[1] - weights[0]))
    half = _half(overlap, stratum, sizes, mean_weight, level)
    ends = Estimate(within) if half is None else Estimate(within, within - half, within + half)
    return Split(ends, mix, int(common.sum()))


def _half(overlap: Overlap, stratum: Numbers, sizes: Floats, mean_weight: Floats, level: float) -> float | None:
    """Return half of the interval of the change within strata; None where its variance cannot be told."""
    whole, part = overlap.rows[:, 0], overlap.rows[:, 0] * overlap.columns[:, 0]
    n_strata = len(mean_weight)
    union = overlap.stayed + overlap.came + overlap.went
    n_union, n_part = (np.bincount(stratum, one * union, n_strata) for one in (whole, part))
    rate = np.divide(n_part, n_union, out=np.zeros(n_strata), where=n_union > 0)
    z = part - rate[stratum] * whole
    old, new = (np.divide(mean_weight, n, out=np.zeros(n_strata), where=(mean_weight > 0) & (n > 0)) for n in sizes)
    parts = ((overlap.stayed, new - old), (overlap.came, new), (overlap.went, -old))
    # As in `shifts`: the mean square over both, so that few that came and are alike do not pass for no variance.
    mean_square = np.bincount(stratum, union * overlap.square * z**2, n_strata)
    of_units = np.bincount(stratum, union * overlap.square * whole, n_strata)
    mean_square = np.divide(mean_square, of_units, out=np.zeros(n_strata), where=of_units > 0)
    spread = sum((weight * overlap.square * whole * c[stratum] ** 2 for weight, c in parts), np.zeros(len(z)))
    variance = float(mean_square @ np.bincount(stratum, spread, n_strata))
    quantile = normal_quantile(level)
    if overlap.group is not None:
        moved = sum((weight * c[stratum] for weight, c in parts), np.zeros(len(z))) * z
        changed = whole * (overlap.came + overlap.went) / overlap.square * (mean_weight[stratum] > 0)
        of_groups, effective = _of_groups(overlap.group, moved, changed)
        variance = max(variance, of_groups)
        quantile = t_quantile(level, max(effective - 1, 1.0))
    return quantile * float(np.sqrt(variance)) if variance > 0 else None


def _of_groups(group: Numbers, moved: Floats, changed: Floats) -> tuple[float, float]:
    """Return the variance of the sum of what units moved (p,), and the G_eff of those that changed (p,)."""
    n_groups = int(group.max(initial=-1)) + 1
    sums, units = (np.bincount(group, values, n_groups) for values in (moved, changed))
    squares = float(units @ units)
    effective = float(units.sum()) ** 2 / squares if squares else 0.0
    return float(sums @ sums) * n_groups / max(n_groups - 1, 1), effective
