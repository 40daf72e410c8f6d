"""Whether a value changed by more than noise between two builds of a source that grows: the two overlap.

Units that stayed are in both; what changed a value are those that came and those that went. Were they drawn as the
others were, the value would have moved by chance alone. Over the union of both builds each unit moves the value by its
linearised amount z, times c: n_u/n_new for those that came, -n_u/n_old for those that went, the sum of both for those
that stayed (n_u, n_new, n_old: units of the union and of each build that the value is about). So the variance of the
difference is sum c^2 times the variance of z over the union, as in a score test, and with groups that of the sums over
groups, whichever is larger: where none of the few that came has the outcome, their own variance would be nothing.
For growth of n_s units by n_a, a share p moves with variance p (1 - p) n_a / (n_s (n_s + n_a)).

Independent units of shares are tested exactly: those that came, and those that went, against those that stayed
(hypergeometric, twice the smaller tail; the smaller of both, twice).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from report.cells import MeasureInfo
from report.inference.intervals import Formula, gradient_of
from report.inference.laws import at_most_one, hypergeometric_tail, normal_quantile, t_quantile, t_two_sided
from report.inference.settings import InferenceSettings

Floats = NDArray[np.float64]
_EXACT = ("conditional", "share")
_MANY = 1e9
"""Degrees of freedom of the normal law."""


@dataclass(frozen=True, eq=False)
class Overlap:
    """Two builds over the same p patterns: `rows` (p, R) and `columns` (p, C) are what a unit adds to each category.

    `old` and `new` (p,) are the sums of weights, `square` (p,) the mean weight of a weight (1 without weights),
    `group` (p,) numbers groups, None where units are independent.
    """

    rows: Floats
    columns: Floats
    old: Floats
    new: Floats
    square: Floats
    group: NDArray[np.int64] | None

    @property
    def stayed(self) -> Floats:
        """What is in both builds (p,)."""
        return np.minimum(self.old, self.new)

    @property
    def came(self) -> Floats:
        """What is in the new build alone (p,)."""
        return self.new - self.stayed

    @property
    def went(self) -> Floats:
        """What is in the old build alone (p,)."""
        return self.old - self.stayed

    def reversed(self) -> Overlap:
        """Return the same with given and outcome exchanged."""
        return Overlap(self.columns, self.rows, self.old, self.new, self.square, self.group)


@dataclass(frozen=True, eq=False)
class Shift:
    """Changes of a measure (R, C), new less old, with their intervals and p; nan where nothing can be said.

    `n_changed` are the units with the given category (for symmetric measures: with the rarer of both) that came or
    went, `groups_changed` the G_eff of these, nan without groups. `enough`: whether both reach their minimum.
    """

    difference: Floats
    low: Floats
    high: Floats
    p: Floats
    n_changed: Floats
    groups_changed: Floats
    enough: NDArray[np.bool_]


def shift(info: MeasureInfo, formula: Formula, overlap: Overlap, settings: InferenceSettings) -> Shift:
    """Return by how much a measure changed, rows of the overlap as given, and how likely chance alone does that."""
    difference = formula(*_totals(overlap, overlap.new)) - formula(*_totals(overlap, overlap.old))
    error = _errors(info, formula, overlap)
    changed, groups = _changed(overlap, symmetric=info.symmetric)
    freedom = np.full(error.shape, _MANY) if overlap.group is None else np.maximum(groups - 1, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.where(error > 0, t_two_sided(np.abs(difference) / error, freedom), np.nan)
    if overlap.group is None and info.name in _EXACT and bool((overlap.square == 1).all()):
        p = np.where(np.isfinite(p), _exact(overlap, of_all=info.name == "share"), np.nan)
    quantile = t_quantile(settings.level, freedom) if overlap.group is not None else normal_quantile(settings.level)
    enough = changed >= settings.minimum_units
    if overlap.group is not None:
        enough = enough & (groups >= settings.minimum_groups)
    half = quantile * error
    return Shift(difference, difference - half, difference + half, p, changed, groups, enough)


def _totals(overlap: Overlap, weight: Floats) -> Floats:
    """Return (n_ab, n_a, n_b, N), (4, R, C)."""
    joint = overlap.rows.T @ (overlap.columns * weight[:, None])
    given, outcome = overlap.rows.T @ weight, overlap.columns.T @ weight
    return np.stack(np.broadcast_arrays(joint, given[:, None], outcome[None, :], weight.sum()))


def _errors(info: MeasureInfo, formula: Formula, overlap: Overlap) -> Floats:
    """Return the standard error (R, C) of the difference, were all units drawn alike."""
    union = overlap.stayed + overlap.came + overlap.went
    totals = _totals(overlap, union)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = gradient_of(formula, totals)
    of_given = info.name == "conditional"
    errors = np.empty(totals.shape[1:])
    for a in range(totals.shape[1]):
        own = overlap.rows[:, a] if of_given else np.ones(len(union))
        row, d = overlap.rows[:, a, None], slope[:, a]
        z = row * overlap.columns * d[0] + row * d[1] + overlap.columns * d[2] + d[3]
        errors[a] = _error(z, own, overlap, union)
    return errors


def _error(z: Floats, own: Floats, overlap: Overlap, union: Floats) -> Floats:
    """Return the standard errors (C,) from what each unit of the union adds (p, C); `own` (p,) are those it is of."""
    n_union, n_new, n_old = (float(own @ weight) for weight in (union, overlap.new, overlap.old))
    if not n_new or not n_old:
        return np.full(z.shape[1], np.nan)
    came, went = n_union / n_new, -n_union / n_old
    z = z - own[:, None] * (union @ z) / n_union
    parts = ((overlap.stayed, came + went), (overlap.came, came), (overlap.went, went))
    spread = float(sum(c**2 * (own * overlap.square) @ weight for weight, c in parts))
    variance = ((union * overlap.square) @ z**2) / float((own * overlap.square) @ union) * spread
    if overlap.group is not None:
        moved = sum((weight * c for weight, c in parts), np.zeros(len(own)))[:, None] * z
        n_groups = int(overlap.group.max(initial=-1)) + 1
        sums = np.stack([np.bincount(overlap.group, column, n_groups) for column in moved.T], axis=1)
        variance = np.maximum(variance, (sums**2).sum(axis=0) * n_groups / max(n_groups - 1, 1))
    error: Floats = np.sqrt(variance)
    return error


def _changed(overlap: Overlap, *, symmetric: bool) -> tuple[Floats, Floats]:
    """Return the units that came or went with each given category, and their G_eff (R, C)."""
    of_rows, row_groups = _of_margin(overlap.rows, overlap)
    shape = (overlap.rows.shape[1], overlap.columns.shape[1])
    units = np.broadcast_to(of_rows[:, None], shape)
    groups = np.broadcast_to(row_groups[:, None], shape)
    if symmetric:
        of_columns, column_groups = _of_margin(overlap.columns, overlap)
        units, groups = np.minimum(units, of_columns[None, :]), np.minimum(groups, column_groups[None, :])
    return units.copy(), groups.copy()


def _of_margin(margin: Floats, overlap: Overlap) -> tuple[Floats, Floats]:
    weight = (overlap.came + overlap.went) / overlap.square
    changed = margin.T @ weight
    if overlap.group is None:
        return changed, np.full(len(changed), np.nan)
    n_groups = int(overlap.group.max(initial=-1)) + 1
    sums = np.stack([np.bincount(overlap.group, column * weight, n_groups) for column in margin.T], axis=0)
    squares = (sums**2).sum(axis=1)
    return changed, np.divide(changed**2, squares, out=np.zeros_like(changed), where=squares > 0)


def _exact(overlap: Overlap, *, of_all: bool) -> Floats:
    """Return two-sided p (R, C) of those that came, and those that went, against those that stayed."""
    found = []
    for other in (overlap.came, overlap.went):
        joint, given, _, units = _totals(overlap, other)
        joint_all, given_all, _, units_all = _totals(overlap, other + overlap.stayed)
        drawn, whole = (units, units_all) if of_all else (given, given_all)
        if other.any():
            found.append(at_most_one(2 * hypergeometric_tail(joint, whole, drawn, joint_all)))
    if not found:
        return np.ones(overlap.rows.shape[1:] + overlap.columns.shape[1:])
    return at_most_one(len(found) * np.minimum.reduce(found))
