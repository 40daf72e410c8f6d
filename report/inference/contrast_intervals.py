"""Contrasts with their intervals: linearised, from what each unit or group moves them by, summed as any other total."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ..cells import Estimate
from ..incidence import Incidence
from ..matrices.counts import shares, totals
from . import InferenceSettings
from .contrasts import Contrast
from .intervals import few_groups
from .laws import normal_quantile, t_quantile
from .moments import GIVEN, OUTCOME, moments, of_lines
from .resampling import distinct_patterns
from .stacked_contrasts import Stack, stack

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
_CANCELLED = 1e-12
_ONE = 1 + 1e-9
_NORMAL = 1e9
"""Degrees of freedom of the normal law."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A contrast: the values of its two terms, nan where undefined, and their difference with its interval.

    `reason` says why there is no interval, None where there is one.
    """

    first: float
    second: float
    difference: Estimate
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Linearised:
    """A contrast's two terms, its value, its standard error and G_eff, the number of groups that rules it.

    `error` is 0 where groups do not differ and nan where it is unknown. G_eff is n^2 / sum n_g^2 of a margin,
    the least over the margins that the contrast depends on; units that are no groups count by their weights.
    `working` is the error that the interval rests on, with `freedom` degrees: with groups it reckons with how alike
    their units are (`intervals.working_error`), by the correlation of whole rows and columns.
    """

    value: float
    error: float
    working: float
    freedom: float
    effective: float
    first: float
    second: float


def contrast_interval(contrast: Contrast, incidence: Incidence, settings: InferenceSettings) -> Estimate:
    """Return a contrast of an incidence's cells, rows, or panels, with its interval; see `compared`."""
    return contrast_intervals([contrast], incidence, settings)[0]


def contrast_intervals(
    contrasts: Sequence[Contrast], incidence: Incidence, settings: InferenceSettings
) -> tuple[Estimate, ...]:
    """Return contrasts with their intervals, in order; see `compared`."""
    return tuple(found.difference for found in compared(contrasts, incidence, settings.level))


def compared(contrasts: Sequence[Contrast], incidence: Incidence, level: float) -> tuple[Compared, ...]:
    """Return contrasts with their intervals, value +- quantile times error, in order.

    The quantile is normal for independent units, that of t for groups and weights. No interval where the contrast
    depends on one group only or does not vary; value nan where it is undefined itself.
    """
    about = linearise_all(stack(contrasts), incidence)
    return tuple(_compared(contrast, one, level) for contrast, one in zip(contrasts, about, strict=True))


def _compared(contrast: Contrast, about: Linearised, level: float) -> Compared:
    if not (about.error > 0 and about.effective > _ONE):
        return Compared(about.first, about.second, Estimate(about.value), _reason(about))
    plain = about.freedom >= _NORMAL
    half = (normal_quantile(level) if plain else t_quantile(level, about.freedom)) * about.working
    low, high = (contrast.clipped(end) for end in (about.value - half, about.value + half))
    return Compared(about.first, about.second, Estimate(about.value, low, high))


def _reason(about: Linearised) -> str:
    """Return why a contrast has no interval."""
    if not math.isfinite(about.value):
        return "a value is undefined"
    return "it rests on one unit or group" if about.effective <= _ONE else "it does not vary"


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
    adding = _Adding.of(incidence, rows, columns)
    net, sizes = _gradients(narrow, whole)
    flat = np.concatenate([part.ravel() for part in whole])
    chosen = _margins(narrow, sizes, adding.shape)
    effective = np.where(chosen, adding.effective, np.inf).min(axis=1, initial=np.inf)
    errors = adding.errors(net, sizes, flat)
    errors = np.where(np.isfinite(first - second), errors, np.nan)
    working, freedom = errors, np.full(stacked.n, _NORMAL)
    if incidence.group is not None:
        inflation, freedom = _alike(incidence, rows, columns, chosen)
        apart = adding.as_units(incidence.n_units).errors(net, sizes, flat) * np.sqrt(inflation)
        working = np.fmax(errors * few_groups(effective, adding.n_groups), apart)
    elif incidence.weighted:
        freedom = np.maximum(effective - 1, 1)
    numbers = first - second, errors, working, freedom, effective, first, second
    return tuple(Linearised(*(float(number) for number in one)) for one in zip(*numbers, strict=True))


def _alike(incidence: Incidence, rows: Indices, columns: Indices, chosen: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Return the most inflation and the least freedom (n,) over the margins that each contrast depends on."""
    found = moments(incidence)
    given, outcome = of_lines(found, GIVEN), of_lines(found, OUTCOME)
    inflation = np.concatenate([given.inflation[rows], outcome.inflation[columns]])
    freedom = np.concatenate([given.freedom[rows], outcome.freedom[columns]])
    most = np.where(chosen, inflation, 1.0).max(axis=1, initial=1.0)
    return most, np.where(chosen, freedom, _NORMAL).min(axis=1, initial=_NORMAL)


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

    def errors(self, net: sparse.csr_array, sizes: sparse.csr_array, flat: Floats) -> Floats:
        """Return the standard errors (n,) of contrasts with these gradients at the totals `flat`.

        0 where nothing varies, nan with fewer than two units or groups.
        """
        if self.n_groups < 2:
            return np.full(net.shape[0], np.nan)
        squares = _squares(net, self.second) - (net @ flat) ** 2 / self.n_groups
        # What remains of terms that cancel is rounding: taken for variance it would pass for great certainty.
        varies = squares > _CANCELLED * _squares(sizes, self.second)
        known = np.where(varies, squares, 0.0) * self.n_groups / (self.n_groups - 1)
        errors: Floats = np.sqrt(np.where(np.isfinite(squares), known, np.nan))
        return errors

    def as_units(self, n_units: int) -> _Adding:
        """Return the same, were each unit a group of its own."""
        return replace(self, holds=None, n_groups=n_units)

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


def _margins(stacked: Stack, sizes: sparse.csr_array, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Return which margins (n, R + C) each contrast depends on (all of its cells' if on none)."""
    n_rows, n_columns = shape
    depends = sizes[:, n_rows * n_columns : -1].toarray() > 0
    used = np.zeros((stacked.n, n_rows + n_columns), dtype=np.bool_)
    for part in stacked.parts:
        for coefficients in part.used:
            number, cell = coefficients.nonzero()
            used[number, part.rows[cell]] = True
            used[number, n_rows + part.columns[cell]] = True
    return np.where(depends.any(axis=1, keepdims=True), depends, used)
