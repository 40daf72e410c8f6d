"""Moments of per-group totals: all that linearised intervals need of the incidence, however many groups there are.

Units of one group are kept together (with-replacement cluster sampling; Cochran 1977, section 9). Where
units are independent each is a group of its own and the moments follow from the sums of squared weights.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ..incidence import Incidence
from ..matrices.counts import shares, totals
from .pairs import pairs_in_runs

Floats = NDArray[np.float64]
JOINT, GIVEN, OUTCOME, UNITS = range(4)
_WITHOUT = np.array([[-1.0, 0, 1, 0], [0, -1, 0, 1], [0, 0, 1, 0], [0, 0, 0, 1]])
"""What units without a add to (n_ab, n_a, n_b, N), from what all add."""


@dataclass(frozen=True, eq=False)
class Moments:
    """Totals and second moments of (n_ab, n_a, n_b, N) over G groups, for R x C cells.

    Several tables may stand side by side, (4, V, R, C) and so on: what is made of moments goes by the last two axes.

    `totals` (4, R, C); `second` (4, 4, R, C) is the sum over groups of products of per-group totals, `alone` the same
    as if each of the `n_units` units were a group of its own. `sizes` (3, 5, R, C) are sums over groups of u^2, u m^2
    and m^4 of the margins n_a, n_b and N, then N - n_a and N - n_b, where m is the group's total and u its sum of
    squares over units; None where units are their own groups.
    """

    totals: Floats
    second: Floats
    n_groups: int
    alone: Floats
    n_units: int
    sizes: Floats | None

    @property
    def independent(self) -> bool:
        """Whether units are their own groups."""
        return self.sizes is None

    def reversed(self) -> Moments:
        """Return the moments with given and outcome exchanged."""
        order = [JOINT, OUTCOME, GIVEN, UNITS]
        second, alone = (part[order][:, order].transpose(0, 1, 3, 2) for part in (self.second, self.alone))
        sizes = None if self.sizes is None else self.sizes[:, [1, 0, 2, 4, 3]].transpose(0, 1, 3, 2)
        totals = self.totals[order].transpose(0, 2, 1)
        return replace(self, totals=totals, second=second, alone=alone, sizes=sizes)

    def without(self) -> Moments:
        """Return the moments of the other units: n_b - n_ab and N - n_a in place of n_ab and n_a."""
        totals = np.einsum("ij,j...->i...", _WITHOUT, self.totals)
        second, alone = (np.einsum("ij,jk...,lk->il...", _WITHOUT, of, _WITHOUT) for of in (self.second, self.alone))
        sizes = None if self.sizes is None else self.sizes[:, [3, 1, 2, 0, 4]]
        return replace(self, totals=totals, second=second, alone=alone, sizes=sizes)

    def scaled(self, factor: float) -> Moments:
        """Return the moments with every total times a factor, as if weights were."""
        sizes = None if self.sizes is None else self.sizes * factor**4
        second, alone = self.second * factor**2, self.alone * factor**2
        return replace(self, totals=self.totals * factor, second=second, alone=alone, sizes=sizes)

    def as_units(self) -> Moments:
        """Return the moments as if each unit were a group of its own: what independent units would vary by."""
        return replace(self, second=self.alone, n_groups=self.n_units, sizes=None)

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
    joint, given, outcome = totals(incidence, incidence.weight)
    stacked = np.stack(
        np.broadcast_arrays(joint, given[:, None], outcome[None, :], incidence.weight.sum()),
    )
    rows, columns = shares(incidence, incidence.distinct[0])
    alone = _of_units(rows, columns, incidence.by_distinct(incidence.weight_squared))
    n_units = incidence.n_units
    if incidence.group is None:
        return Moments(stacked, alone, n_units, alone, n_units, None)
    second, sizes = _of_groups(incidence, incidence.group)
    return Moments(stacked, second, incidence.n_groups or 0, alone, n_units, sizes)


def _of_units(rows: Floats, columns: Floats, squared: Floats) -> Floats:
    """Return second moments (4, 4, R, C) where each unit is a group: sums of products of what it adds."""
    # What a unit adds to (n_ab, n_a, n_b, N) is a power 0 or 1 of its row share times one of its column share.
    powers = ((1, 1), (1, 0), (0, 1), (0, 0))
    sums = [[(rows**i).T @ (columns**j * squared[:, None]) for j in range(3)] for i in range(3)]
    return np.stack([np.stack([sums[i + k][j + m] for k, m in powers]) for i, j in powers])


def _of_groups(incidence: Incidence, group: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return second moments (4, 4, R, C) over groups, and the sums (3, 3, R, C) over the sizes of groups.

    Only the squares of n_ab need the joint counts of each group. In any other product one factor is a margin:
    the sum over groups is then the sum over pairs of sets with that margin of their groups as weight.
    """
    first, number = incidence.distinct
    rows, columns = shares(incidence, first)
    shape = incidence.n_groups or 0, len(first)
    held: sparse.csr_array[np.float64] = sparse.csr_array((incidence.weight, (group, number)), shape=shape)
    every = np.ones((len(first), 1))
    given, outcome, units = (np.asarray(held @ part) for part in (rows, columns, every))
    own_given, own_outcome, own_units = (np.asarray(held.T @ part) for part in (given, outcome, units))
    ones = np.ones((rows.shape[1], columns.shape[1]))
    second = np.empty((4, 4, *ones.shape))
    starts = held.indptr[:-1][np.diff(held.indptr) > 0].astype(np.intp)
    second[JOINT, JOINT] = _joint_squares(rows[held.indices], columns[held.indices], held.data, starts)
    second[JOINT, GIVEN] = (rows * own_given).T @ columns
    second[JOINT, OUTCOME] = rows.T @ (columns * own_outcome)
    second[JOINT, UNITS] = (rows * own_units).T @ columns
    second[GIVEN, GIVEN] = (given**2).sum(axis=0)[:, None] * ones
    second[GIVEN, OUTCOME] = given.T @ outcome
    second[GIVEN, UNITS] = given.T @ units * ones
    second[OUTCOME, OUTCOME] = (outcome**2).sum(axis=0) * ones
    second[OUTCOME, UNITS] = units.T @ outcome * ones
    second[UNITS, UNITS] = (units**2).sum() * ones
    below = np.tril_indices(4, -1)
    second[below] = second.transpose(1, 0, 2, 3)[below]
    plain = not (incidence.weighted or incidence.fractional)
    squared: sparse.csr_array[np.float64] = sparse.csr_array((incidence.weight_squared, (group, number)), shape=shape)
    parts = (given, rows), (outcome, columns), (units, every), (units - given, 1 - rows), (units - outcome, 1 - columns)
    sizes = [power_sums(of_groups, of_groups if plain else np.asarray(squared @ part**2)) for of_groups, part in parts]
    along = [np.s_[:, :, None], np.s_[:, None], np.s_[:, :, None], np.s_[:, :, None], np.s_[:, None]]
    return second, np.stack([of[place] * ones for of, place in zip(sizes, along, strict=True)], axis=1)


def power_sums(totals: Floats, own: Floats) -> Floats:
    """Return the sums (3, K) over groups of u^2, u m^2 and m^4: `totals` (G, K) are the m, `own` (G, K) the u."""
    squares = totals**2
    return np.stack([(own**2).sum(axis=0), (own * squares).sum(axis=0), (squares**2).sum(axis=0)])


def _joint_squares(rows: Floats, columns: Floats, weight: Floats, starts: NDArray[np.intp]) -> Floats:
    """Return the sum over groups of the squared joint counts (R, C); patterns are sorted by group.

    `starts` (G,) are the first patterns of the groups.
    """
    squares = np.zeros((rows.shape[1], columns.shape[1]))
    group = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(rows)))
    for pairs in pairs_in_runs(rows, columns, starts):
        squares += pairs.squares_by(group[pairs.pattern], weight[pairs.pattern] * pairs.share)
    return squares


def runs(bounds: NDArray[np.intp], step: int) -> Iterator[tuple[int, int]]:
    """Yield first and last (exclusive) of runs of groups with at most `step` patterns, or of one group."""
    first = 0
    while first < len(bounds) - 1:
        last = max(first + 1, int(np.searchsorted(bounds, bounds[first] + step, side="right")) - 1)
        yield first, last
        first = last
