"""Tests within groups, for pairs of categories that occur in most groups, so that group differences do not count.

If groups differ in their mixes, n_ab - n_a n_b / N varies between samples of groups, and a large group may mask a
contrast that nearly all groups show. Within a group g the excess is d_g = n_abg - n_ag n_bg / n_g. If a and b are
unrelated within groups, its mean is 0 in each group, and all combinations of signs in the sum of the d_g are equally
likely (Fisher 1935). This allows for any dependence between units of a group. An excess of few units does not have even
signs, so the exact test within groups as strata must reject as well.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from .. import portable
from ..arrays import Bools, Floats, Ints, over
from ..incidence import Incidence
from ..matrices.counts import StratumMargins, shares
from .laws import LEAST, conditional_p, normal_quantile

LEAST_GROUPS = 8
"""The smallest number of groups in which both categories vary for a test within groups."""
_MOST = 1 << 22
"""Groups times categories of one side above which groups are not examined one by one."""
_STEPS = 12
_LARGEST_TILT = 40.0


@dataclass(frozen=True, eq=False)
class WithinGroups:
    """Tests within groups: the tested `pairs` (R, C), their `p` and the summed excess (R, C)."""

    pairs: Bools
    p: Floats
    excess: Floats

    def half(self, level: float) -> Floats:
        """Return the half-width (R, C) of an interval of the excess that agrees with p (Miettinen 1976)."""
        distance = -portable.tails.ndtri(np.maximum(self.p, LEAST) / 2)
        return np.abs(self.excess) * over(np.full_like(distance, normal_quantile(level)), distance, np.nan)


def within_groups(incidence: Incidence, excess: Floats) -> WithinGroups | None:
    """Return the test of the pairs that vary in most groups and have the same sign there; None if there are none.

    `excess` (R, C) is n_ab - n_a n_b / N. Pairs whose excess within groups has another sign are not tested here. Units
    have weight one, and there are no strata.
    """
    if incidence.group is None or incidence.stratum_names or incidence.inflated:
        return None
    margins = _margins(incidence, incidence.group)
    if margins.rows.size + margins.columns.size > _MOST:
        return None
    several = float((margins.sizes > 1).sum())
    pairs = (margins.n_telling >= LEAST_GROUPS) & (2 * margins.n_telling > max(several, float(len(margins.sizes)) / 2))
    if not pairs.any():
        return None
    joint, p = np.zeros(pairs.shape), np.full(pairs.shape, np.nan)
    for a in np.flatnonzero(pairs.any(axis=1)):
        own = _joint(incidence, incidence.group, int(a), len(margins.sizes))
        joint[a] = own.sum(axis=0)
        apart = own - margins.rows[:, [a]] * margins.columns / np.maximum(margins.sizes, 1)[:, None]
        p[a, pairs[a]] = sign_flip_p(apart[:, pairs[a]])
    inside = joint - margins.expected
    pairs = pairs & (inside * excess > 0)
    p = np.fmax(p, _exact(joint, margins, pairs))
    return WithinGroups(pairs, np.where(pairs, p, np.nan), np.where(pairs, inside, 0.0)) if pairs.any() else None


def sign_flip_p(terms: Floats) -> Floats:
    """Return the two-sided p (K,) of sums of terms (G, K) whose signs are random, both equally likely.

    Tails are saddlepoint approximations (Lugannani & Rice 1980), never above Chernoff's bound (1952) nor below 2^(1 -
    n) for n terms that are not 0.

    >>> round(2**9 * float(sign_flip_p(np.ones((10, 1)))[0]), 3)
    1.0
    """
    size = np.sqrt(portable.squared(terms).sum(axis=0))
    part = np.abs(terms) / np.where(size > 0, size, 1.0)
    distance = np.abs(terms.sum(axis=0)) / np.where(size > 0, size, 1.0)
    tilt = np.zeros_like(distance)
    for _ in range(_STEPS):
        lean = portable.tanh(tilt * part)
        slope = (portable.squared(part) * (1 - portable.squared(lean))).sum(axis=0)
        tilt = np.clip(tilt + (distance - (part * lean).sum(axis=0)) / np.maximum(slope, 1e-6), 0.0, _LARGEST_TILT)
    slope = (portable.squared(part) / portable.squared(portable.cosh(tilt * part))).sum(axis=0)
    reach = np.maximum(tilt * distance - portable.log(portable.cosh(tilt * part)).sum(axis=0), 0.0)
    root, scaled = np.sqrt(2 * reach), tilt * np.sqrt(slope)
    with np.errstate(divide="ignore", invalid="ignore"):
        tail = portable.tails.ndtr(-root) + portable.exp(-reach) / np.sqrt(2 * np.pi) * (1 / scaled - 1 / root)
    tail = np.where((root < 1e-3) | ~np.isfinite(tail), portable.tails.ndtr(-distance), tail)
    bound = portable.exp(-reach)
    least = np.ldexp(1.0, -(terms != 0).sum(axis=0))
    p = 2 * np.clip(np.minimum(tail, bound), least, 0.5)
    return np.asarray(np.where(size > 0, np.maximum(p, LEAST), 1.0))


def _margins(incidence: Incidence, group: Ints) -> StratumMargins:
    """Return the margins of groups."""
    first, number = incidence.distinct
    held: sparse.csr_array[np.float64] = sparse.csr_array(
        (incidence.weight, (group, number)), shape=(incidence.n_owners, len(first))
    )
    rows, columns = shares(incidence, first)
    return StratumMargins(
        np.asarray(held.sum(axis=1)).ravel(),
        np.asarray(portable.matmul(held, rows)),
        np.asarray(portable.matmul(held, columns)),
    )


def _joint(incidence: Incidence, group: Ints, a: int, n_groups: int) -> Floats:
    """Return n_abg (G, C) of one row category."""
    has = np.flatnonzero(incidence.row_sets[:, a])
    chosen: sparse.csr_array[np.float64] = sparse.csr_array(
        (incidence.weight[has], (group[has], np.arange(len(has)))), shape=(n_groups, len(has))
    )
    return np.asarray(portable.matmul(chosen, incidence.column_sets[has].astype(np.float64)))


def _exact(joint: Floats, margins: StratumMargins, pairs: Bools) -> Floats:
    """Return the p (R, C) of the exact test within groups as strata, for the rows and columns of some pairs."""
    rows, columns = pairs.any(axis=1), pairs.any(axis=0)
    found = np.full(joint.shape, np.nan)
    if pairs.any():
        some = replace(margins, rows=margins.rows[:, rows], columns=margins.columns[:, columns])
        found[np.ix_(rows, columns)] = conditional_p(joint[np.ix_(rows, columns)], some)
    return found
