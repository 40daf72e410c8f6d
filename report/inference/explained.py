"""How much of the agreement beyond chance the strata account for, with an interval.

O = sum n_aa over the diagonal, E = sum n_a n_a' / N what the margins of all units give, W = sum of the same within
strata. The share explained is 1 - (O - W) / (O - E): 1 where nothing is left within strata, 0 where as much is left
as before, under 0 where strata hide agreement, over 1 where within strata categories agree less than by chance.

For the share, W and E compare a unit (a group) with the *others* of its stratum (of all). Compared with itself too,
it would agree the more the finer the strata are: strata of one unit each would explain all of it, strata of n units
drawn at random one part in n, as R squared does that is not adjusted. With many units (groups) in each stratum the two
are the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..cells import Estimate
from ..incidence import Incidence
from ..matrices.counts import shares, stratum_margins
from .totals import net_total

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Explained:
    """The diagonal's counts: observed, expected, and expected within strata, with the share explained.

    `excess` is O - E with its interval. `clear`: it is above 0 by its interval, or because every unit adds to it;
    else the share is a ratio over nothing, and has no interval. It is None where the excess is not above 0.
    """

    observed: float
    expected: float
    within: float
    excess: Estimate
    clear: bool
    share: Estimate | None


@dataclass(frozen=True, eq=False)
class _Left:
    """What is left of the agreement, O - E within each of S strata: `plain` (S,), and from others alone, `apart` (S,).

    `moved` (n,) is the change of all that is left from others by the weight of a unit of each pattern.
    """

    plain: Floats
    apart: Floats
    moved: Floats


def explained(incidence: Incidence, level: float) -> Explained:
    """Return the share of the diagonal's excess that strata explain, for axes with the same categories.

    Linearised: a unit with agreement j = sum r_a c_a, and p and q the shares of its stratum, moves O by j and W by
    sum r q + p c - p q, E by the same with the shares of all units; groups are kept together; normal for independent
    units, t on how many groups the change reaches for others (`net_total`).
    """
    inside, whole = _left(incidence), _left(_in_one(incidence))
    rows, columns = shares(incidence)
    observed = float(incidence.weight @ (rows * columns).sum(axis=1))
    excess = net_total(whole.moved, incidence, level)
    excess = replace(excess, value=float(whole.plain.sum()))
    counts = observed, observed - excess.value, observed - float(inside.plain.sum())
    before = float(whole.apart.sum())
    if min(excess.value, before) <= 1e-12 * observed:
        return Explained(*counts, excess, clear=False, share=None)
    several = (incidence.n_units if incidence.n_groups is None else incidence.n_groups) > 1
    clear = excess.low > 0 if excess.low is not None else several and bool((whole.moved > 0).all())
    left = float(inside.apart.sum()) / before
    change = net_total((left * whole.moved - inside.moved) / before, incidence, level)
    if not clear or change.low is None or change.high is None:
        return Explained(*counts, excess, clear, Estimate(1 - left))
    half = (change.high - change.low) / 2
    return Explained(*counts, excess, clear, Estimate(1 - left, 1 - left - half, 1 - left + half))


def _in_one(incidence: Incidence) -> Incidence:
    return replace(incidence, stratum=np.zeros_like(incidence.stratum), strata=("",))


def _left(incidence: Incidence) -> _Left:
    """Return what is left within strata s: O_s - T / n_s, and O_s - n_s (T - Q) / (n_s^2 - sum n_gs^2) from others.

    T = sum n_as n_a's over the diagonal, Q sums the same within each group g of s, or each unit. A stratum that holds
    one group has no others and keeps T / n_s.
    """
    rows, columns = shares(incidence)
    agreement, stratum = (rows * columns).sum(axis=1), incidence.stratum
    margins = stratum_margins(incidence, incidence.weight)
    n, together = margins.sizes, (margins.rows * margins.columns).sum(axis=1)
    own, squares = _own(incidence, agreement)
    others = n**2 - squares
    several = others > 1e-9 * n**2
    divisor = np.where(several, others, 1.0)
    by_all = together / np.maximum(n, 1e-300)
    by_others = np.where(several, n * (together - own) / divisor, by_all)
    observed = np.bincount(stratum, agreement * incidence.weight, len(n))
    p, q = (part[stratum] for part in (margins.row_shares, margins.column_shares))
    moved = agreement - (rows * q + p * columns - p * q).sum(axis=1)
    # What a unit leaves is larger by this from others alone: exactly so for units, nearly for groups.
    larger = np.where(several, n**2 / divisor, 1.0)
    return _Left(observed - by_all, observed - by_others, larger[stratum] * moved)


def _own(incidence: Incidence, agreement: Floats) -> tuple[Floats, Floats]:
    """Return the sums over groups of n_ag n_a'g over the diagonal, and of n_g^2, (S,) both, for each stratum."""
    if incidence.group is None:
        own, squares, stratum = agreement * incidence.weight_squared, incidence.weight_squared, incidence.stratum
    else:
        n_groups = incidence.n_groups or 1
        pieces, piece = np.unique(incidence.stratum * n_groups + incidence.group, return_inverse=True)
        alone = stratum_margins(replace(incidence, stratum=piece, strata=("",) * len(pieces)), incidence.weight)
        own, squares, stratum = (alone.rows * alone.columns).sum(axis=1), alone.sizes**2, pieces // n_groups
    sums = [np.bincount(stratum, part, len(incidence.strata)).astype(np.float64) for part in (own, squares)]
    return sums[0], sums[1]
