"""The variance of n_ab - E_ab over groups if a and b are unrelated: what the margins of each group make of it.

What groups show of n_ab itself cannot tell how rarely two categories meet: where a large group of near-copies would
have met, but none did, the squares of the others are small and few meetings look sure. Margins do tell. Let the row
shares r of units be unrelated to their column shares c, and alike within groups: cov(r_i, r_j) = alpha [i = j] +
beta [same group], and so for c. With M = W - w w'/n over the units of a stratum, n_ab - E_ab = r' M c, whose mean
square is

    alpha_r alpha_c tr(M M) + (alpha_r beta_c + beta_r alpha_c) tr(M M B) + beta_r beta_c tr(M B M B),

B telling units of one group. The same traces give the means of sum w^2 (r - p)^2 over units and of the squares of
group sums of w (r - p), from which alpha and beta are solved, without bias. Where all of a group are alike and groups
are of one size this is the variance over all permutations of groups, (sum (r - p)^2)(sum (c - q)^2) / (m - 1) for m
groups: few groups in a stratum are allowed for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ..incidence import Incidence
from ..matrices.counts import shares, stratum_margins

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_ALIKE = 1e-9


@dataclass(frozen=True, eq=False)
class _Traces:
    """tr(M M), tr(M M B) and tr(M B M B), each (S,)."""

    units: Floats
    mixed: Floats
    groups: Floats


@dataclass(frozen=True, eq=False)
class _Pieces:
    """What a group has within a stratum, J of them: their sums of weights and of squared weights (J,)."""

    number: Ints
    stratum: Ints
    group: Ints
    weight: Floats
    squared: Floats


@dataclass(frozen=True)
class Lumps:
    """How units come together in what varies: the skewness of n_ab, and how few events it may be made of.

    `unit` is sum w^2 / sum w over units: what the variance of a count is over its mean if units are alone (1 without
    weights). `uneven` is (sum m^3)(sum m) / (sum m^2)^2 over groups of m units, within strata: 1 where all are of one
    size. Of groups that are in or out at random the third moment over the variance is so many times the variance over
    the mean.
    """

    unit: float
    uneven: float


def lumps(incidence: Incidence) -> Lumps:
    """Return how units come together; those that are their own groups are taken as even, whatever they weigh."""
    weight = float(incidence.weight.sum())
    unit = float(incidence.weight_squared.sum()) / weight if weight else 1.0
    if incidence.group is None:
        return Lumps(unit, 1.0)
    of = _pieces(incidence).weight
    squares = float((of**2).sum())
    return Lumps(unit, float((of**3).sum() * of.sum()) / squares**2 if squares else 1.0)


def null_variance(incidence: Incidence) -> Floats:
    """Return the variance (R, C) of n_ab - E_ab, E_ab summed within strata, if rows and columns are unrelated there."""
    rows, columns = shares(incidence)
    margins = stratum_margins(incidence, incidence.weight)
    pieces = _pieces(incidence)
    traces = _traces(incidence, margins.sizes, pieces)
    sides = (rows, margins.row_shares), (columns, margins.column_shares)
    around = [share - of[incidence.stratum] for share, of in sides]
    sums = [_summed(part * incidence.weight[:, None], pieces.number, len(pieces.weight)) for part in around]
    (alpha_r, beta_r), (alpha_c, beta_c) = (
        _parts(incidence, part, own, pieces, traces) for part, own in zip(around, sums, strict=True)
    )
    mixed = traces.mixed[:, None]
    within: Floats = alpha_r.T @ (traces.units[:, None] * alpha_c + mixed * beta_c)
    within += beta_r.T @ (mixed * alpha_c + traces.groups[:, None] * beta_c)
    return within + _across(pieces, *sums)


def _pieces(incidence: Incidence) -> _Pieces:
    """Return the pieces; where units are their own groups each pattern stands for one, and beta is not asked for."""
    group = np.arange(len(incidence.units)) if incidence.group is None else incidence.group
    n_strata = max(len(incidence.strata), 1)
    keys, number = np.unique(group * n_strata + incidence.stratum, return_inverse=True)
    number = number.ravel()
    weight, squared = (np.bincount(number, of, len(keys)) for of in (incidence.weight, incidence.weight_squared))
    return _Pieces(number, keys % n_strata, keys // n_strata, weight.astype(np.float64), squared.astype(np.float64))


def _traces(incidence: Incidence, sizes: Floats, pieces: _Pieces) -> _Traces:
    """Return the traces; the sum of cubed weights of units is taken as Q^2 / n, Q that of squares, exact without."""
    n_strata = len(sizes)

    def summed(of: Floats) -> Floats:
        return np.bincount(pieces.stratum, of, n_strata).astype(np.float64)

    n = np.where(sizes > 0, sizes, 1.0)
    q = summed(pieces.squared)
    units = q * (1 - q / n**2)
    if incidence.group is None:
        return _Traces(units, units, units)
    w, w2 = pieces.weight, summed(pieces.weight**2)
    mixed = q - 2 * summed(pieces.squared * w) / n + q * w2 / n**2
    return _Traces(units, mixed, w2 - 2 * summed(w**3) / n + (w2 / n) ** 2)


def _parts(
    incidence: Incidence, around: Floats, sums: Floats, pieces: _Pieces, traces: _Traces
) -> tuple[Floats, Floats]:
    """Return alpha and beta (S, K) of shares less those of their stratum (p, K); neither is below 0."""
    n_strata = len(traces.units)
    alone = _summed(around**2 * incidence.weight_squared[:, None], incidence.stratum, n_strata)
    units, mixed, groups = (part[:, None] for part in (traces.units, traces.mixed, traces.groups))
    some = np.where(units > 0, units, 1.0)
    if incidence.group is None:
        return np.where(units > 0, alone / some, 0.0), np.zeros_like(alone)
    together = _summed(sums**2, pieces.stratum, n_strata)
    apart = units * groups - mixed**2
    told = apart > _ALIKE * units * groups
    beta = np.where(told, (units * together - mixed * alone) / np.where(told, apart, 1.0), 0.0)
    beta = np.clip(beta, 0.0, np.where(groups > 0, together / np.where(groups > 0, groups, 1.0), 0.0))
    return np.where(units > 0, np.maximum(alone - mixed * beta, 0.0) / some, 0.0), beta


def _across(pieces: _Pieces, rows: Floats, columns: Floats) -> Floats | float:
    """Return what groups with units in several strata add: their pieces go together in rows, and in columns."""
    n_groups = int(pieces.group.max(initial=-1)) + 1
    if len(np.unique(pieces.group)) == len(pieces.group):
        return 0.0

    def products(of: Floats) -> Floats:
        """Return the sums over pairs of pieces of one group."""
        return np.asarray((_summed(of, pieces.group, n_groups) ** 2).sum(axis=0) - (of**2).sum(axis=0))

    pairs = float(products(pieces.weight[:, None])[0])
    both = np.outer(np.maximum(products(rows), 0), np.maximum(products(columns), 0))
    return both / pairs if pairs > 0 else 0.0


def _summed(part: Floats, place: Ints, n: int) -> Floats:
    """Return the sums (n, K) of rows (p, K) by their place."""
    chosen = sparse.csr_array((np.ones(len(place)), (place, np.arange(len(place)))), shape=(n, len(place)))
    return np.asarray(chosen @ part)
