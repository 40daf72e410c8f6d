"""What each group adds to observed and expected counts within strata: second moments for R x C cells.

A unit of stratum s with row share r and column share c adds r c to n_ab and moves E_ab = sum n_as n_bs / n_s by
r q + p c - p q, where p = n_as / n_s and q = n_bs / n_s: the derivative of E_ab by the unit's weight. Both sums over
all units are n_ab and E_ab themselves. Units of one group are kept together, as in `moments`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ..incidence import Incidence
from ..matrices.counts import StratumMargins, shares, stratum_margins, totals
from .moments import runs
from .pairs import pairs_in_runs

Floats = NDArray[np.float64]
_CHUNK = 1 << 18
"""Counts of groups held at once."""
_MANY_CELLS = 1 << 12
_CANCELLED = 1e-12


@dataclass(frozen=True, eq=False)
class Spread:
    """Sums over groups of products of what a group adds to n_ab (J) and E_ab (D), all (R, C)."""

    joint_joint: Floats
    joint_expected: Floats
    expected_expected: Floats

    def __add__(self, other: Spread) -> Spread:
        """Return the sums over the groups of both."""
        return Spread(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


@dataclass(frozen=True, eq=False)
class StratumMoments:
    """Observed and expected counts within strata, and how groups vary in them.

    `joint` and `expected` (R, C) are n_ab and E_ab. `told` (R, C): some stratum holds units with a and without, with
    b and without; elsewhere n_ab = E_ab whatever is drawn. `row_groups` (R,) and `column_groups` (C,) are G_eff of
    each category, over the strata in which it varies. `independent`: units are their own groups.
    """

    margins: StratumMargins
    joint: Floats
    expected: Floats
    spread: Spread
    told: NDArray[np.bool_]
    row_groups: Floats
    column_groups: Floats
    n_groups: int
    independent: bool

    @property
    def groups(self) -> Floats:
        """G_eff (R, C) of the margin that has the fewer."""
        return np.minimum.outer(self.row_groups, self.column_groups)

    @property
    def groups_of_smaller(self) -> Floats:
        """G_eff (R, C) of the category with fewer units, the lesser of both between equal sizes."""
        rows, columns = self.margins.rows.sum(axis=0)[:, None], self.margins.columns.sum(axis=0)
        of_smaller = np.where(rows < columns, self.row_groups[:, None], self.column_groups)
        return np.where(rows == columns, self.groups, of_smaller)

    def variance(self, joint: Floats | float, expected: Floats | float) -> Floats:
        """Return the linearised variance (R, C) of a function with these derivatives by n_ab and E_ab.

        Exactly 0 where groups do not differ: what remains of terms that cancel is rounding. nan with fewer than two
        groups.
        """
        if self.n_groups < 2:
            return np.full_like(self.joint, np.nan)
        s = self.spread
        terms = (joint**2 * s.joint_joint, 2 * joint * expected * s.joint_expected, expected**2 * s.expected_expected)
        mean = joint * self.joint + expected * self.expected
        variance = terms[0] + terms[1] + terms[2] - mean**2 / self.n_groups
        size = np.abs(terms[0]) + np.abs(terms[1]) + np.abs(terms[2])
        corrected: Floats = np.where(variance <= _CANCELLED * size, 0.0, variance * self.n_groups / (self.n_groups - 1))
        return corrected


@dataclass(frozen=True, eq=False)
class _Patterns:
    """n patterns: shares r (n, R) and c (n, C), weight, stratum and group (n,)."""

    r: Floats
    c: Floats
    weight: Floats
    stratum: NDArray[np.int64]
    group: NDArray[np.int64]

    def __getitem__(self, chosen: NDArray[np.generic]) -> _Patterns:
        return _Patterns(*(getattr(self, f.name)[chosen] for f in fields(self)))


def stratum_moments(incidence: Incidence) -> StratumMoments:
    """Return observed and expected counts within strata with their second moments over groups."""
    margins = stratum_margins(incidence, incidence.weight)
    rows, columns = shares(incidence)
    group = np.arange(len(rows)) if incidence.group is None else incidence.group
    patterns = _Patterns(rows, columns, incidence.weight, incidence.stratum, group)
    if incidence.group is None:
        spread = _of_units(patterns, incidence.weight_squared, margins)
    else:
        alone = _in_one_stratum(incidence.group, incidence.stratum)[incidence.group]
        spread = _of_nested(patterns[alone], margins) + _of_straddling(patterns[~alone], margins)
    row_groups, column_groups = effective_groups(incidence, margins)
    return StratumMoments(
        margins=margins,
        joint=totals(incidence, incidence.weight)[0],
        expected=margins.expected,
        spread=spread,
        told=margins.n_telling > 0,
        row_groups=row_groups,
        column_groups=column_groups,
        n_groups=incidence.n_units if incidence.group is None else incidence.n_groups or 0,
        independent=incidence.group is None,
    )


def _in_one_stratum(group: NDArray[np.int64], stratum: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which groups (G,) have all their units in one stratum."""
    if not len(group):
        return np.zeros(0, dtype=np.bool_)
    pairs = np.unique(np.stack([group, stratum]), axis=1)
    return np.bincount(pairs[0]) < 2


def effective_groups(incidence: Incidence, margins: StratumMargins) -> tuple[Floats, Floats]:
    """Return G_eff of each row (R,) and column category (C,), over the strata in which it varies."""
    rows, columns = shares(incidence)
    return (
        _effective(np.where(margins.rows_vary[incidence.stratum], rows, 0.0), incidence),
        _effective(np.where(margins.columns_vary[incidence.stratum], columns, 0.0), incidence),
    )


def _effective(held: Floats, incidence: Incidence) -> Floats:
    """Return G_eff = n^2 / sum n_g^2 (K,) of what a unit of each pattern holds of K categories (n, K)."""
    if incidence.group is None:
        total, squares = held.T @ incidence.weight, (held**2).T @ incidence.weight_squared
    else:
        order = np.argsort(incidence.group, kind="stable")
        starts = np.flatnonzero(np.diff(incidence.group[order], prepend=-1))
        by_group = np.add.reduceat((held * incidence.weight[:, None])[order], starts, axis=0)
        total, squares = by_group.sum(axis=0), (by_group**2).sum(axis=0)
    effective: Floats = np.divide(total**2, squares, out=np.zeros_like(total), where=squares > 0)
    return effective


def _of_units(x: _Patterns, squared: Floats, margins: StratumMargins) -> Spread:
    """Return the sums where each unit is a group; `squared` (n,) sums the squares of the weights of a pattern.

    What a unit adds to E_ab is (r - p) q + p c; where it is squared, all but r c is the same all over a stratum.
    """
    spread = _nothing(x)
    p, q = margins.row_shares, margins.column_shares
    for pairs in pairs_in_runs(x.r, x.c, np.arange(len(squared))):
        i, s = pairs.pattern, x.stratum[pairs.pattern]
        own_p, own_q = p[s, pairs.row], q[s, pairs.column]
        expected = (x.r[i, pairs.row] - own_p) * own_q + own_p * x.c[i, pairs.column]
        weight = squared[i] * pairs.share
        spread = spread + Spread(
            pairs.summed(weight * pairs.share),
            pairs.summed(weight * expected),
            pairs.summed(2 * weight * own_p * own_q),
        )
    n, r, c = (_by_stratum(part, x.stratum, squared, len(p)) for part in (np.ones((len(squared), 1)), x.r, x.c))
    r_squared, c_squared = (_by_stratum(part**2, x.stratum, squared, len(p)) for part in (x.r, x.c))
    apart = (r_squared - 2 * p * r + p**2 * n).T @ q**2 - 2 * (p**2).T @ (q * c) + (p**2).T @ c_squared
    none = np.zeros_like(apart)
    return spread + Spread(none, none, apart)


def _by_stratum(part: Floats, stratum: NDArray[np.int64], weight: Floats, n_strata: int) -> Floats:
    """Return the weighted sums (S, K) of what patterns hold (n, K)."""
    places = (stratum, np.arange(len(stratum)))
    return np.asarray(sparse.csr_array((weight, places), shape=(n_strata, len(stratum))) @ part)


def _of_nested(x: _Patterns, margins: StratumMargins) -> Spread:
    """Return the sums over groups that lie in one stratum: what they add to E_ab is a product of their margins."""
    x = x[np.argsort(x.group, kind="stable")]
    starts = np.flatnonzero(np.diff(x.group, prepend=-1))
    if not len(starts):
        return _nothing(x)
    group = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(x.group)))
    p, q = (part[x.stratum[starts]] for part in (margins.row_shares, margins.column_shares))
    n, r, c = (_by_stratum(part, group, x.weight, len(starts)) for part in (np.ones((len(group), 1)), x.r, x.c))
    moved = r - p * n
    squares = (moved**2).T @ q**2 + 2 * (moved * p).T @ (q * c) + (p**2).T @ c**2
    spread = Spread(np.zeros_like(squares), np.zeros_like(squares), squares)
    for pairs in pairs_in_runs(x.r, x.c, starts):
        g, weight = group[pairs.pattern], x.weight[pairs.pattern] * pairs.share
        expected = moved[g, pairs.row] * q[g, pairs.column] + p[g, pairs.row] * c[g, pairs.column]
        spread = spread + Spread(pairs.squares_by(g, weight), pairs.summed(weight * expected), np.zeros_like(squares))
    return spread


def _of_straddling(x: _Patterns, margins: StratumMargins) -> Spread:
    """Return the sums over groups with units in several strata, whose counts are made group by group, in runs."""
    x = x[np.argsort(x.group, kind="stable")]
    p, q = margins.row_shares[x.stratum], margins.column_shares[x.stratum]
    w = x.weight[:, None]
    joint_parts, expected_parts = ((w * x.r, x.c),), ((w * (x.r - p), q), (p, w * x.c))
    n_cells = x.r.shape[1] * x.c.shape[1]
    bounds = np.append(np.flatnonzero(np.diff(x.group, prepend=-1)), len(x.group))
    sums = np.zeros((3, x.r.shape[1], x.c.shape[1]))
    # Of many categories one group at a time: a product of its patterns is quicker than each pattern's own.
    for first, last in runs(bounds, _CHUNK // n_cells if 0 < n_cells <= _MANY_CELLS else 1):
        chosen, starts = slice(bounds[first], bounds[last]), bounds[first:last] - bounds[first]
        joint, expected = (_by_group(parts, chosen, starts) for parts in (joint_parts, expected_parts))
        for k, (one, other) in enumerate(((joint, joint), (joint, expected), (expected, expected))):
            sums[k] += one[0] * other[0] if len(one) == 1 else (one * other).sum(axis=0)
    return Spread(*sums)


def _by_group(parts: Sequence[tuple[Floats, Floats]], chosen: slice, starts: NDArray[np.intp]) -> Floats:
    """Return the sums of outer products (g, R, C) of patterns by group, for g groups that start at `starts`."""
    if len(starts) == 1:
        left, right = (np.concatenate([part[side][chosen] for part in parts]) for side in (0, 1))
        product: Floats = left.T @ right
        return product[None]
    outer = [left[chosen, :, None] * right[chosen, None, :] for left, right in parts]
    by_group: Floats = np.add.reduceat(outer[0] if len(outer) == 1 else outer[0] + outer[1], starts)
    return by_group


def _nothing(x: _Patterns) -> Spread:
    none = np.zeros((x.r.shape[1], x.c.shape[1]))
    return Spread(none, none.copy(), none.copy())
