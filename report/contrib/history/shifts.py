"""Whether a value changed by more than noise between two overlapping builds of a growing source.

Units that stayed are in both builds. Units that came and units that went change the value. If they were drawn like the
other units, the value would move by chance alone. Over the union of both builds, each unit moves the value by its
linearised amount z, times c: n_u/n_new for units that came, -n_u/n_old for units that went, and the sum of both for
units that stayed (n_u, n_new, n_old: relevant units of the union and of each build). The variance of the difference is
therefore sum c^2 times the variance of z over the union, as in a score test. With groups, the variance of the sums over
groups is used if it is larger. The variance is pooled because, if none of the few new units has the outcome, their own
variance would be zero. For growth of n_s units by n_a, a share p moves with variance p (1 - p) n_a / (n_s (n_s + n_a)).

If only counts of patterns are known, the units that stayed are unknown. If a pattern has n units before and m after,
any number up to min(n, m) may have stayed. Units that went and were replaced by equal units do not move the value. But
they had the chance to move it, and if they are mistaken for units that stayed, chance is mistaken for change. The
number of such exchanged units can be estimated from the uneven changes of patterns. If a source gains and loses units
at random, the counts d of a pattern of s units (the mean of both builds) have variance s times the rate at which units
came and went. `exchange` is the upper end of that rate (Pearson's chi-square over patterns, by its lower 5 % point),
minus the observed part. Growth alone gives almost none. A source with entirely different units gives 1, which makes the
two builds independent samples. For a cell, the estimate comes from the units without its given category
(`exchange_beside`), if that is smaller, because edited units only move their own patterns. Sums over groups do not
depend on which units of a group stayed, so with groups the estimate is not needed.

For shares, independent units that count wholly are tested exactly. Units that came, and units that went, are each
compared with the units that are in both (hypergeometric, twice the smaller tail). The smaller p of the two tests is
doubled. If some units may have been exchanged, the larger of this p and the p from the normal distribution is used.

Finally, a change of a share is split into change within strata and change of the mix of strata. A share is the mean of
the shares of its strata, weighted by the proportion of units in each stratum: p = sum of w_s r_s. The change is the sum
of two terms (Kitagawa 1955, "Components of a difference between two rates"):

    p_1 - p_0 = sum of (w_s0 + w_s1) / 2 (r_s1 - r_s0)  +  sum of (r_s0 + r_s1) / 2 (w_s1 - w_s0)

The first sum is the change within strata, the second the change of the mix. A stratum in only one of the two has no
change within: its whole part is mix. In the interval of the first sum, a unit that stayed counts c_s = 1/n_s1 - 1/n_s0,
a unit that came 1/n_s1, and a unit that went -1/n_s0. Each is multiplied by (w_s0 + w_s1) / 2 and by the unit's
distance from the share of its stratum over both builds. The weights are treated as fixed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import bdtr

from ...arrays import Bools, Floats, Ints, counted, over, summed
from ...cells import Estimate, MeasureInfo
from ...inference import InferenceSettings
from ...inference.critical_values import LEAST_FREEDOM, Student
from ...inference.intervals import Formula, Interval, gradient_of
from ...inference.laws import (
    at_most_one,
    chi_square_quantile,
    hypergeometric_tail,
    normal_quantile,
    quantile,
    t_quantile,
    t_two_sided,
)

_EXACT = ("conditional", "share")
_MANY = 1e9
"""Degrees of freedom treated as infinite (normal distribution)."""

_PAIR = 1.5
"""Threshold for more than one unit, allowing for the rounding of weights."""

_UNSURE = 0.05
"""Probability that more units were exchanged than the estimate allows."""


@dataclass(frozen=True, eq=False)
class Overlap:
    """Two builds over the same p patterns: `rows` (p, R) and `columns` (p, C) are a unit's parts in each category.

    `old` and `new` (p,) are the sums of weights, and `square` (p,) is the weighted mean weight (1 without weights).
    `group` (p,) are group numbers, None if units are independent. `exchanged` is the assumed share of exchanged units
    among units that may have stayed. It is 0 if the units that stayed are known. `apart` is true if it is known that no
    unit is in both (the units of two periods). `known` (p,) are the units in both if they have keys. `freedom` are the
    degrees of freedom of the dispersion of counts, infinite if there is no dispersion.
    """

    rows: Floats
    columns: Floats
    old: Floats
    new: Floats
    square: Floats
    group: Ints | None
    exchanged: float = 0.0
    apart: bool = False
    freedom: float = np.inf
    known: Floats | None = None

    @property
    def alike(self) -> Floats:
        """Return the part of each pattern in both builds (p,): the maximum that stayed."""
        return np.minimum(self.old, self.new)

    @property
    def stayed(self) -> Floats:
        """Return the units assumed to be in both builds (p,)."""
        if self.known is not None:
            return self.known
        return self.alike * (0.0 if self.apart else 1 - self.exchanged)

    @property
    def came(self) -> Floats:
        """Return the units only in the new build (p,)."""
        return self.new - self.stayed

    @property
    def went(self) -> Floats:
        """Return the units only in the old build (p,)."""
        return self.old - self.stayed

    @property
    def n_groups(self) -> int:
        """Return the number of group numbers, or 0 without groups."""
        return 0 if self.group is None else int(self.group.max(initial=-1)) + 1

    @property
    def parts(self) -> tuple[Floats, Floats, Floats]:
        """Return the units that stayed, came and went (p, each)."""
        return self.stayed, self.came, self.went

    @property
    def is_whole(self) -> bool:
        """Return whether each unit counts once, and belongs to a category wholly or not at all."""
        sides = all(bool(((side == 0) | (side == 1)).all()) for side in (self.rows, self.columns))
        return sides and bool((self.square == 1).all())

    @property
    def T(self) -> Overlap:
        """Return the overlap with given and outcome exchanged."""
        return replace(self, rows=self.columns, columns=self.rows)

    def reckoned(self) -> Overlap:
        """Return the overlap with the share of units that may have been exchanged, if only patterns are known."""
        return self if self.group is not None else replace(self, exchanged=exchange(self.old, self.new, self.square))


def exchange(old: Floats, new: Floats, square: Floats, *, rounded: bool = False) -> float:
    """Return the largest plausible share of exchanged units among units in both builds. The arrays are (p,).

    Patterns of one unit in one build are uninformative. At least two patterns are needed, otherwise all units may be
    exchanged. With `rounded`, an unchanged pattern only shows that it moved by less than half a unit.
    """
    before, after = old / square, new / square
    told = before + after >= _PAIR
    before, after = before[told], after[told]
    alike = float(np.minimum(before, after).sum())
    if not alike:
        return 0.0
    size, moved = (before + after) / 2, after - before
    rest = moved - moved.sum() / size.sum() * size
    statistic = float((rest**2 / size).sum())
    statistic = max(statistic, float((0.25 / size).sum())) if rounded else statistic
    rate = statistic / chi_square_quantile(_UNSURE, len(size) - 1) if len(size) > 1 else np.inf
    seen = float(np.abs(moved).sum())
    return float(np.clip((rate * size.sum() - seen) / (2 * alike), 0.0, 1.0))


def exchange_beside(overlap: Overlap) -> Floats:
    """Return the share of exchanged units (R,), estimated from the units without each given category.

    If the units with a category were edited, their patterns move unevenly even without exchanged units. The result
    never exceeds the estimate from all patterns, which is used if there are no other patterns.
    """
    found = np.full(overlap.rows.shape[1], overlap.exchanged)
    for a in range(len(found)) if overlap.exchanged else ():
        others = overlap.rows[:, a] == 0
        if overlap.alike[others].any():
            old, new, square = (values[others] for values in (overlap.old, overlap.new, overlap.square))
            found[a] = min(overlap.exchanged, exchange(old, new, square, rounded=True))
    return found


@dataclass(frozen=True, eq=False)
class Shift(Interval):
    """Changes of a measure (R, C), new minus old, with their interval and p (nan if not available).

    Intervals contain only possible changes: a share of 0.78 cannot fall by more than 0.78.

    With groups, neither interval nor p is given below `LEAST_FREEDOM` degrees of freedom.

    `n_changed` is the observed number of units that came or went with the given category (for symmetric measures: with
    the rarer of both). `groups_changed` is their G_eff, nan without groups. `enough` is true if both reach their
    minimum. `p_edited` is the p if the units are the same but were edited (McNemar's exact test of units that visibly
    changed sides in either direction). It is nan if units are in groups or the measure is not a share.
    """

    difference: Floats
    p: Floats
    n_changed: Floats
    groups_changed: Floats
    enough: Bools
    p_edited: Floats


def shift(info: MeasureInfo, formula: Formula, overlap: Overlap, settings: InferenceSettings) -> Shift:
    """Return the change of a measure, by rows of the overlap as given, and its p."""
    old = formula(*_totals(overlap, overlap.old))
    difference = formula(*_totals(overlap, overlap.new)) - old
    exchanged = exchange_beside(overlap)
    error = _errors(info, formula, overlap, exchanged)
    changed, groups = _changed(overlap, symmetric=info.symmetric)
    freedom = np.full(error.shape, min(overlap.freedom, _MANY)) if overlap.group is None else groups - 1
    error = np.where(Student(freedom).estimable, error, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.where(error > 0, t_two_sided(np.abs(difference) / error, freedom), np.nan)
    edited = np.full(p.shape, np.nan)
    if overlap.group is None and info.name in _EXACT and overlap.is_whole:
        exact = _exact(replace(overlap, exchanged=0.0), of_all=info.name == "share")
        p = np.where(np.isfinite(p), np.where(exchanged[:, None] > 0, np.maximum(exact, p), exact), np.nan)
        edited = _edited(overlap, of_all=info.name == "share")
    enough = changed >= settings.minimum_units
    if overlap.group is not None:
        enough = enough & (groups >= settings.minimum_groups)
    is_normal = overlap.group is None and np.isinf(overlap.freedom)
    half = error * (normal_quantile(settings.level) if is_normal else t_quantile(settings.level, freedom))
    least, most = -np.inf if info.lower is None else info.lower, np.inf if info.upper is None else info.upper
    low, high = np.maximum(difference - half, least - old), np.minimum(difference + half, most - old)
    return Shift(low, high, difference, p, changed, groups, enough, edited)


def differences(formula: Formula, overlap: Overlap) -> Floats:
    """Return the change of a measure (R, C), new minus old."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return formula(*_totals(overlap, overlap.new)) - formula(*_totals(overlap, overlap.old))


def _totals(overlap: Overlap, weight: Floats) -> Floats:
    """Return (n_ab, n_a, n_b, N), (4, R, C)."""
    joint = overlap.rows.T @ (overlap.columns * weight[:, None])
    given, outcome = overlap.rows.T @ weight, overlap.columns.T @ weight
    return np.stack(np.broadcast_arrays(joint, given[:, None], outcome[None, :], weight.sum()))


def _errors(info: MeasureInfo, formula: Formula, overlap: Overlap, exchanged: Floats) -> Floats:
    """Return the standard error (R, C) of the difference if all units are drawn in one way. `exchanged` is (R,)."""
    errors = np.empty((overlap.rows.shape[1], overlap.columns.shape[1]))
    for a in range(len(errors)):
        one = replace(overlap, rows=overlap.rows[:, [a]], exchanged=float(exchanged[a]))
        union = one.stayed + one.came + one.went
        with np.errstate(divide="ignore", invalid="ignore"):
            d = gradient_of(formula, _totals(one, union))[:, 0]
        own = one.rows[:, 0] if info.name == "conditional" else np.ones(len(union))
        z = one.rows * one.columns * d[0] + one.rows * d[1] + one.columns * d[2] + d[3]
        errors[a] = _error(z, own, one, union)
    return errors


def _edited(overlap: Overlap, *, of_all: bool) -> Floats:
    """Return McNemar's two-sided exact p (R, C), assuming the same units, or nan if no unit changed sides.

    Units that lost the outcome are estimated as the smaller of two numbers: the decrease in units with both categories,
    and the increase in the other units. Units that gained it are estimated in the same way.
    """
    more, less = (np.maximum(d, 0.0) for d in (overlap.new - overlap.old, overlap.old - overlap.new))
    (joint_more, given_more, _, all_more), (joint_less, given_less, _, all_less) = (
        _totals(overlap, weight) for weight in (more, less)
    )
    whole_more, whole_less = (all_more, all_less) if of_all else (given_more, given_less)
    lost, gained = np.minimum(joint_less, whole_more - joint_more), np.minimum(joint_more, whole_less - joint_less)
    changed = lost + gained
    p = at_most_one(2 * bdtr(np.minimum(lost, gained), changed.astype(np.int64), 0.5))
    return np.where(changed > 0, p, np.nan)


def _error(z: Floats, own: Floats, overlap: Overlap, union: Floats) -> Floats:
    """Return the standard errors (C,) from each unit's contribution (p, C). `own` (p,) are the relevant units."""
    n_union, n_new, n_old = (float(own @ weight) for weight in (union, overlap.new, overlap.old))
    if not n_new or not n_old:
        return np.full(z.shape[1], np.nan)
    came, went = n_union / n_new, -n_union / n_old
    z = z - own[:, None] * (union @ z) / n_union
    parts = tuple(zip(overlap.parts, (came + went, came, went), strict=True))
    spread = float(sum(c**2 * (own * overlap.square) @ weight for weight, c in parts))
    variance = ((union * overlap.square) @ z**2) / float((own * overlap.square) @ union) * spread
    if overlap.group is not None:
        moved = sum((weight * c for weight, c in parts), np.zeros(len(own)))[:, None] * z
        n_groups = overlap.n_groups
        sums = summed(moved, overlap.group, n_groups)
        variance = np.maximum(variance, (sums**2).sum(axis=0) * n_groups / max(n_groups - 1, 1))
    return np.asarray(np.sqrt(variance))


def _changed(overlap: Overlap, *, symmetric: bool) -> tuple[Floats, Floats]:
    """Return the number of units that came or went with each given category, and their G_eff (R, C)."""
    of_rows, row_groups = _of_margin(overlap.rows, overlap)
    shape = (overlap.rows.shape[1], overlap.columns.shape[1])
    units = np.broadcast_to(of_rows[:, None], shape)
    groups = np.broadcast_to(row_groups[:, None], shape)
    if symmetric:
        of_columns, column_groups = _of_margin(overlap.columns, overlap)
        units, groups = np.minimum(units, of_columns[None, :]), np.minimum(groups, column_groups[None, :])
    return units.copy(), groups.copy()


def _of_margin(margin: Floats, overlap: Overlap) -> tuple[Floats, Floats]:
    seen = overlap.came + overlap.went if overlap.apart else np.abs(overlap.new - overlap.old)
    weight = seen / overlap.square
    changed = margin.T @ weight
    if overlap.group is None:
        return changed, np.full(len(changed), np.nan)
    sums = np.stack([counted(column * weight, overlap.group, overlap.n_groups) for column in margin.T])
    return changed, over(changed**2, (sums**2).sum(axis=1))


def _exact(overlap: Overlap, *, of_all: bool) -> Floats:
    """Return two-sided p (R, C): units that came, and units that went, each against units that stayed.

    If no unit stayed, the units that came are compared with the units that went (Fisher's exact test).
    """
    found = []
    for other in (overlap.came,) if overlap.apart else (overlap.came, overlap.went):
        rest = overlap.went if overlap.apart else overlap.stayed
        joint, given, _, units = _totals(overlap, other)
        joint_all, given_all, _, units_all = _totals(overlap, other + rest)
        drawn, whole = (units, units_all) if of_all else (given, given_all)
        if other.any():
            found.append(at_most_one(2 * hypergeometric_tail(joint, whole, drawn, joint_all)))
    if not found:
        return np.ones(overlap.rows.shape[1:] + overlap.columns.shape[1:])
    return at_most_one(len(found) * np.minimum.reduce(found))


@dataclass(frozen=True, slots=True)
class Split:
    """The parts of a change of a share: `within` strata, with its interval if available, and due to their `mix`."""

    within: Estimate
    mix: float

    @property
    def is_clear(self) -> bool:
        """Return whether the change within strata exceeds chance."""
        low, high = self.within.low, self.within.high
        return low is not None and high is not None and not low <= 0 <= high


def split(overlap: Overlap, stratum: Ints, level: float) -> Split:
    """Return the parts of the change of the share of `columns` among `rows` (p, 1 each), over strata (p,).

    Raises ValueError if one of the two times has no unit in `rows`.
    """
    whole, part = overlap.rows[:, 0], overlap.rows[:, 0] * overlap.columns[:, 0]
    n_strata = int(stratum.max(initial=-1)) + 1
    both = (overlap.old, overlap.new)
    sizes, sums = (np.stack([counted(of * weight, stratum, n_strata) for weight in both]) for of in (whole, part))
    totals = sizes.sum(axis=1, keepdims=True)
    if not totals.all():
        raise ValueError("a share of nothing does not change")
    weights = sizes / totals
    rates = over(sums, sizes)
    common = (sizes > 0).all(axis=0)
    rates = np.where(sizes > 0, rates, rates[::-1])  # a stratum in only one time has the same share in both
    mean_weight = np.where(common, weights.mean(axis=0), 0.0)
    within = float(mean_weight @ (rates[1] - rates[0]))
    mix = float(rates.mean(axis=0) @ (weights[1] - weights[0]))
    half = _half(overlap, stratum, sizes, mean_weight, level)
    ends = Estimate(within) if half is None else Estimate(within, within - half, within + half)
    return Split(ends, mix)


def _half(overlap: Overlap, stratum: Ints, sizes: Floats, mean_weight: Floats, level: float) -> float | None:
    """Return half the interval of the change within strata, or None if its variance is not available."""
    whole, part = overlap.rows[:, 0], overlap.rows[:, 0] * overlap.columns[:, 0]
    n_strata = len(mean_weight)
    union = overlap.stayed + overlap.came + overlap.went
    n_union, n_part = (counted(one * union, stratum, n_strata) for one in (whole, part))
    rate = over(n_part, n_union)
    z = part - rate[stratum] * whole
    old, new = (over(mean_weight, np.where(mean_weight > 0, n, 0.0)) for n in sizes)
    parts = tuple(zip(overlap.parts, (new - old, new, -old), strict=True))
    # As for the total, the mean square over both builds, so that few similar new units do not imply zero variance.
    squares, of_units = (counted(union * overlap.square * part_of, stratum, n_strata) for part_of in (z**2, whole))
    mean_square = over(squares, of_units)
    spread = sum((weight * overlap.square * whole * c[stratum] ** 2 for weight, c in parts), np.zeros(len(z)))
    variance = float(mean_square @ counted(spread, stratum, n_strata))
    freedom = overlap.freedom
    if overlap.group is not None:
        moved = sum((weight * c[stratum] for weight, c in parts), np.zeros(len(z))) * z
        changed = whole * (overlap.came + overlap.went) / overlap.square * (mean_weight[stratum] > 0)
        sums, units = (counted(values, overlap.group, overlap.n_groups) for values in (moved, changed))
        effective = float(over(units.sum() ** 2, units @ units))
        variance = max(variance, float(sums @ sums) * overlap.n_groups / max(overlap.n_groups - 1, 1))
        freedom = effective - 1
        if freedom < LEAST_FREEDOM:
            return None
    return quantile(level, freedom) * float(np.sqrt(variance)) if variance > 0 else None
