"""Linearised variance of contrasts: what each unit or group moves them by, summed as any other total."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ..incidence import Incidence
from ..matrices.counts import shares, totals
from .contrasts import Contrast
from .resampling import distinct_patterns
from .stacked_contrasts import Stack, stack

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
_CANCELLED = 1e-12


@dataclass(frozen=True, slots=True)
class Linearised:
    """A contrast's two terms, its value, its standard error and G_eff, the number of groups that rules it.

    `error` is 0 where groups do not differ and nan where it is unknown. G_eff is n^2 / sum n_g^2 of a margin,
    the least over the margins that the contrast depends on; units that are no groups count by their weights.
    """

    value: float
    error: float
    effective: float
    first: float
    second: float


def linearise(contrast: Contrast, incidence: Incidence) -> Linearised:
    """Return the value of a contrast and its standard error over units or groups.

    The error is nan where the contrast is undefined or there are fewer than two units or groups.
    """
    return linearise_all(stack([contrast]), incidence)[0]


def linearise_all(stacked: Stack, incidence: Incidence) -> tuple[Linearised, ...]:
    """Return what `linearise` says of each contrast, in order; what they share is worked out once."""
    if not stacked.n:
        return ()
    rows, columns = stacked.categories
    narrow = stacked.narrowed()
    joint, given, outcome = totals(incidence, incidence.weight)
    whole = joint[np.ix_(rows, columns)], given[rows], outcome[columns], np.array(incidence.weight.sum())
    first, second = (term[:, 0] for term in narrow.terms(*(part[None] for part in whole)))
    values = first - second
    adding = _Adding.of(incidence, rows, columns)
    net, sizes = _gradients(narrow, whole)
    flat = np.concatenate([part.ravel() for part in whole])
    n_groups = adding.n_groups
    squares = _squares(net, adding.second) - (net @ flat) ** 2 / max(n_groups, 1)
    # What remains of terms that cancel is rounding: taken for variance it would pass for great certainty.
    varies = squares > _CANCELLED * _squares(sizes, adding.second)
    known = np.isfinite(values) & np.isfinite(squares) & (n_groups >= 2)
    variance = np.where(varies & known, squares, 0.0) * n_groups / max(n_groups - 1, 1)
    errors = np.where(known, np.sqrt(variance), np.nan)
    effective = _effective(narrow, sizes, adding)
    return tuple(
        Linearised(*(float(number) for number in one))
        for one in zip(values, errors, effective, first, second, strict=True)
    )


def _squares(gradients: sparse.csr_array, second: sparse.csr_array) -> Floats:
    """Return the sums (n,) of squares of what units or groups move n contrasts by."""
    found: Floats = np.asarray((gradients @ second).multiply(gradients).sum(axis=1)).ravel()
    return found


def _gradients(
    stacked: Stack, whole: tuple[Floats, Floats, Floats, Floats]
) -> tuple[sparse.csr_array, sparse.csr_array]:
    """Return the derivatives (n, RC + R + C + 1) of the contrasts by all totals, and the sizes that make them up.

    nan where a cell that a contrast uses has no derivative.
    """
    n_rows, n_columns = whole[0].shape
    cells, n_totals = n_rows * n_columns, n_rows * n_columns + n_rows + n_columns + 1
    net = sizes = sparse.csr_array((stacked.n, n_totals))
    for part in stacked.parts:
        places = (
            part.rows * n_columns + part.columns,
            cells + part.rows,
            cells + n_rows + part.columns,
            np.full(len(part.rows), n_totals - 1),
        )
        number = np.tile(np.arange(len(part.rows)), 4)
        slopes = sparse.csr_array(
            (part.slopes(*whole).ravel(), (number, np.concatenate(places))), shape=(len(part.rows), n_totals)
        )
        first, second = part.first @ slopes, part.second @ slopes
        net, sizes = net + first - second, sizes + abs(first) + abs(second)
    return sparse.csr_array(net), sparse.csr_array(sizes)


@dataclass(frozen=True, eq=False)
class _Adding:
    """What units add to the totals of R and C categories.

    `adds` (u, RC + R + C + 1) is what one unit of each distinct pair of sets adds. `holds` (G, u) is the weight of
    such units in each group, None where units are no groups. `weight` and `squared` (u,) sum weights and their squares.
    """

    adds: sparse.csr_array
    holds: sparse.csr_array | None
    weight: Floats
    squared: Floats
    n_groups: int
    shape: tuple[int, int]

    @classmethod
    def of(cls, incidence: Incidence, rows: Indices, columns: Indices) -> _Adding:
        """Work out what the units of an incidence add to some of its categories."""
        first, number = distinct_patterns(incidence, rows, columns)
        of_rows, of_columns = (part[first] for part in shares(incidence))
        adds = _adds(of_rows[:, rows], of_columns[:, columns])
        weight, squared = (
            np.bincount(number, part, len(first)).astype(np.float64)
            for part in (incidence.weight, incidence.weight_squared)
        )
        shape = len(rows), len(columns)
        if incidence.group is None:
            return cls(adds, None, weight, squared, incidence.n_units, shape)
        n_groups = incidence.n_groups or 0
        holds = sparse.csr_array((incidence.weight, (incidence.group, number)), shape=(n_groups, len(first)))
        return cls(adds, holds, weight, squared, n_groups, shape)

    @cached_property
    def second(self) -> sparse.csr_array:
        """Sums (RC + R + C + 1, RC + R + C + 1) over units or groups of products of what they add to the totals."""
        if self.holds is None:
            return sparse.csr_array(self.adds.T @ (sparse.diags_array(self.squared) @ self.adds))
        per_group = self.holds @ self.adds
        return sparse.csr_array(per_group.T @ per_group)

    @cached_property
    def effective(self) -> Floats:
        """G_eff (R + C,) of each margin; 0 where nothing has it."""
        margins = slice(self.shape[0] * self.shape[1], -1)
        total, squares = (self.weight @ self.adds)[margins], self.second.diagonal()[margins]
        effective: Floats = np.divide(total**2, squares, out=np.zeros_like(total), where=squares > 0)
        return effective


def _adds(of_rows: Floats, of_columns: Floats) -> sparse.csr_array:
    """Return what a unit with shares (u, R) and (u, C) adds to all totals (u, RC + R + C + 1)."""
    n, n_columns = of_columns.shape
    none = np.zeros(0, np.intp)
    having = [np.flatnonzero(share) for share in of_rows.T]
    pairs = [np.nonzero(of_columns[which]) for which in having]
    which = np.concatenate([none, *(units[pair[0]] for units, pair in zip(having, pairs, strict=True))])
    column = np.concatenate([none, *(pair[1] for pair in pairs)])
    row = np.repeat(np.arange(len(pairs)), [len(pair[0]) for pair in pairs])
    values = of_rows[which, row] * of_columns[which, column]
    joint = sparse.csr_array((values, (which, row * n_columns + column)), shape=(n, len(pairs) * n_columns))
    margins = [sparse.csr_array(part) for part in (of_rows, of_columns, np.ones((n, 1)))]
    return sparse.csr_array(sparse.hstack([joint, *margins]))


def _effective(stacked: Stack, sizes: sparse.csr_array, adding: _Adding) -> Floats:
    """Return the least G_eff (n,) over the margins that each contrast depends on (all of its cells' if on none)."""
    n_rows, n_columns = adding.shape
    depends = sizes[:, n_rows * n_columns : -1].toarray() > 0
    used = np.zeros((stacked.n, n_rows + n_columns), dtype=np.bool_)
    for part in stacked.parts:
        for coefficients in part.used:
            number, cell = coefficients.nonzero()
            used[number, part.rows[cell]] = True
            used[number, n_rows + part.columns[cell]] = True
    chosen = np.where(depends.any(axis=1, keepdims=True), depends, used)
    least: Floats = np.where(chosen, adding.effective, np.inf).min(axis=1, initial=np.inf)
    return least
