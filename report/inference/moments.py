"""Second moments of per-group totals: all that linearised intervals need of the incidence.

Units of one group are kept together (with-replacement cluster sampling; Cochran 1977, section 9). Where
units are independent each is a group of its own and the moments follow from the sums of squared weights.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from report.incidence import Incidence
from report.matrices.counts import shares

Floats = NDArray[np.float64]
JOINT, GIVEN, OUTCOME, UNITS = range(4)
_CHUNK = 1 << 21


@dataclass(frozen=True, eq=False)
class Moments:
    """Totals and second moments of (n_ab, n_a, n_b, N) over G groups, for R x C cells.

    `totals` (4, R, C); `second` (4, 4, R, C) is the sum over groups of products of per-group totals.
    `independent`: units are their own groups.
    """

    totals: Floats
    second: Floats
    n_groups: int
    independent: bool

    def reversed(self) -> Moments:
        """Return the moments with given and outcome exchanged."""
        order = [JOINT, OUTCOME, GIVEN, UNITS]
        totals = self.totals[order].transpose(0, 2, 1)
        second = self.second[order][:, order].transpose(0, 1, 3, 2)
        return Moments(totals, second, self.n_groups, self.independent)

    def covariance(self) -> Floats:
        """Return the covariance (4, 4, R, C) of the totals; nan with fewer than two groups."""
        if self.n_groups < 2:
            return np.full_like(self.second, np.nan)
        centred = self.second - self.totals[:, None] * self.totals[None, :] / self.n_groups
        return centred * (self.n_groups / (self.n_groups - 1))

    def effective_groups(self, margin: int) -> Floats:
        """Return G_eff = n^2 / sum n_g^2 (R, C) of a margin; 0 where nothing has it."""
        total, squares = self.totals[margin], self.second[margin, margin]
        effective: Floats = np.divide(total**2, squares, out=np.zeros_like(total), where=squares > 0)
        return effective


def moments(incidence: Incidence) -> Moments:
    """Return the moments of an incidence, rows as given and columns as outcome."""
    rows, columns = shares(incidence)
    shape = (rows.shape[1], columns.shape[1])
    if incidence.group is None:
        totals = _stacked(rows, columns, incidence.weight)
        squared = _stacked(rows, columns, incidence.weight_squared)
        second = np.stack([np.stack([squared[_narrower(k, other)] for other in range(4)]) for k in range(4)])
        return Moments(totals, second, incidence.n_units, independent=True)
    totals, second = np.zeros((4, *shape)), np.zeros((4, 4, *shape))
    for per_group in _group_totals(incidence, rows, columns):
        totals += per_group.sum(axis=1)
        second += np.einsum("kgab,lgab->klab", per_group, per_group)
    return Moments(totals, second, incidence.n_groups or 0, independent=False)


def _narrower(k: int, other: int) -> int:
    """Return which indicator the product of two is, for a unit that counts wholly or not at all."""
    if k == other or UNITS in (k, other):
        return min(k, other)
    return JOINT


def _stacked(rows: Floats, columns: Floats, weight: Floats) -> Floats:
    """Return the totals (4, R, C) of (n_ab, n_a, n_b, N)."""
    joint = rows.T @ (columns * weight[:, None])
    given, outcome = (rows.T @ weight)[:, None], (columns.T @ weight)[None, :]
    return np.stack(np.broadcast_arrays(joint, given, outcome, weight.sum()))


def _outer(rows: Floats, columns: Floats, weight: Floats) -> Floats:
    """Return what each pattern adds to (n_ab, n_a, n_b, N): (4, p, R, C)."""
    weighted = weight[:, None, None]
    ones = np.ones((1, rows.shape[1], columns.shape[1]))
    given = rows[:, :, None] * weighted * ones
    outcome = columns[:, None, :] * weighted * ones
    joint = rows[:, :, None] * columns[:, None, :] * weighted
    return np.stack([joint, given, outcome, weighted * ones])


def _group_totals(incidence: Incidence, rows: Floats, columns: Floats) -> Iterator[Floats]:
    """Yield per-group totals (4, groups, R, C), a bounded number of groups at a time."""
    if incidence.group is None or not len(incidence.group):
        return
    order = np.argsort(incidence.group, kind="stable")
    starts = np.flatnonzero(np.diff(incidence.group[order], prepend=-1))
    step = max(1, _CHUNK // (4 * rows.shape[1] * columns.shape[1]))
    first = 0
    while first < len(starts):
        last = max(first + 1, int(np.searchsorted(starts, starts[first] + step, side="right")) - 1)
        end = starts[last] if last < len(starts) else len(order)
        chosen = order[starts[first] : end]
        yield np.add.reduceat(
            _outer(rows[chosen], columns[chosen], incidence.weight[chosen]), starts[first:last] - starts[first], axis=1
        )
        first = last
