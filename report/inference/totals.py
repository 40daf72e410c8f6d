"""Shares and net counts over the whole population, with clustered intervals, and design effects.

The module also estimates how much of the agreement beyond chance the strata explain. Let O = sum n_aa over the
diagonal, E = sum n_a n_a' / N its expectation from the margins of all units, and W its expectation summed within
strata. The share explained is 1 - (O - W) / (O - E). It is 1 if no agreement beyond chance remains within strata, and 0
if as much remains as before. It is below 0 if strata mask agreement, and above 1 if categories agree less than by
chance within strata.

For the share, W and E compare a unit (a group) with the *other* units of its stratum (of the population). Compared with
itself as well, it would agree more the finer the strata are: strata of one unit each would explain all of it, and
random strata of n units one part in n, like an R squared that is not adjusted. With many units (groups) in each stratum
the two are the same.

The share shows only the effect of the strata's margins. It does not show how much association remains within strata. If
a category fills nearly all of a stratum, there is little room beyond W, and O - W is small even for a strong
association. `reached` is therefore (O - W) / (M - W), where M is the largest O that the margins within strata allow.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy import sparse

from ..arrays import CANCELLED, Floats, counted, over, summed
from ..cells import Estimate, MeasureInfo
from ..incidence import Incidence
from ..matrices.counts import shares, stratum_margins
from .critical_values import LEAST_FREEDOM
from .intervals import linearised, measure, wilson
from .laws import chi_square_quantile, normal_quantile, quantile
from .moments import Moments, power_sums

_NO_SKEWNESS = 1e-3


def proportion(part: Floats, whole: Floats, incidence: Incidence, level: float) -> Estimate:
    """Return the share of the units in `whole` that are in `part`, with its interval.

    `part` and `whole` (p,) are the part of each unit of a pattern that belongs (0 or 1; part <= whole). The interval is
    Wilson's for independent units, and otherwise linearised on the logit as for cells (`intervals.linearised`). Without
    units the result is nan.
    """
    totals = np.array([part @ incidence.weight, *[whole @ incidence.weight] * 3]).reshape(4, 1, 1)
    if totals[1, 0, 0] == 0:
        return Estimate(math.nan)
    value = float(totals[0, 0, 0] / totals[1, 0, 0])
    if incidence.group is None and not incidence.inflated:
        ends = wilson(totals[0], totals[1], level)
    else:
        ends = linearised(_share, _moments(part, whole, totals, incidence), level)
    low, high = float(ends.low[0, 0]), float(ends.high[0, 0])
    return Estimate(value, low, high) if math.isfinite(low + high) else Estimate(value)


def net_total(coefficient: Floats, incidence: Incidence, level: float) -> Estimate:
    """Return the sum over units of a coefficient (p,), such as +1 and -1, with its interval.

    Independent units have normal quantiles. Groups or weights have t, with degrees of freedom from the G_eff of their
    absolute totals. There is no interval below `LEAST_FREEDOM` degrees of freedom.
    """
    n_groups, squares = incidence.n_owners, _products(coefficient, coefficient, incidence)
    total = float(coefficient @ incidence.weight)
    if n_groups < 2 or squares == 0:
        return Estimate(total)
    reached = np.abs(_by_group(coefficient * incidence.weight, incidence)).sum()
    effective = float(reached**2 / squares)
    variance = n_groups / (n_groups - 1) * (squares - total**2 / n_groups)
    if variance <= CANCELLED * squares:
        return Estimate(total)
    plain = incidence.group is None and not incidence.inflated
    freedom = math.inf if plain else float(incidence.freedom_of(np.asarray(effective)))
    if freedom < LEAST_FREEDOM * (1 - 1e-9):
        return Estimate(total)
    half = quantile(level, freedom) * math.sqrt(variance)
    return Estimate(total, total - half, total + half)


def design_effect(part: Floats, whole: Floats, incidence: Incidence) -> float | None:
    """Return the variance of a share over units in groups, relative to its variance for independent units.

    `part` and `whole` (p,) are the part of each unit of a pattern that belongs (0 or 1; part <= whole). Both variances
    are linearised: each unit changes the share by its weight times (part - share * whole) (Kish 1965, "Survey
    Sampling", section 8.2). The result is None without groups, with fewer than two, and if the share is 0 or 1.
    """
    n_groups, n_units = incidence.n_owners, incidence.n_units
    total = float(whole @ incidence.weight)
    if incidence.group is None or n_groups < 2 or total <= 0:
        return None
    moved = part - float(part @ incidence.weight) / total * whole
    alone = float(moved**2 @ incidence.weight_squared) * n_units / (n_units - 1)
    if alone <= CANCELLED * float(whole @ incidence.weight_squared):
        return None
    return _products(moved, moved, incidence) * n_groups / (n_groups - 1) / alone


@measure(MeasureInfo("share", "Share", "k / n", 0, 1), "k / n")
def _share(part: Floats, whole: Floats, _: Floats, __: Floats) -> Floats:
    return part / whole


def _by_group(values: Floats, incidence: Incidence) -> Floats:
    return values if incidence.group is None else counted(values, incidence.group, incidence.n_owners)


def _products(x: Floats, y: Floats, incidence: Incidence) -> float:
    """Return the sum over groups of products of the group totals of x and y (p,)."""
    if incidence.group is None:
        return float((x * y) @ incidence.weight_squared)
    of_x, of_y = (_by_group(of * incidence.weight, incidence) for of in (x, y))
    return float(of_x @ of_y)


def _moments(part: Floats, whole: Floats, totals: Floats, incidence: Incidence) -> Moments:
    """Return moments of (part, whole, whole, whole) as for a panel of one cell."""
    independent = replace(incidence, group=None, n_groups=None)
    second, alone = (_second(part, whole, of) for of in (incidence, independent))
    sizes = None
    if incidence.group is not None:
        of_groups = _by_group(whole * incidence.weight, incidence)
        own = _by_group(whole**2 * incidence.weight_squared, incidence)
        sums = power_sums(of_groups[:, None], own[:, None])
        sizes = np.broadcast_to(sums[:, None, :, None], (len(sums), 3, 1, 1))
    weighted = incidence.weighted and incidence.group is None
    n_groups, n_units, dispersion = incidence.n_owners, incidence.n_units, incidence.dispersion
    return Moments(totals, second, n_groups, alone, n_units, sizes, not incidence.inflated, weighted, dispersion)


def _second(part: Floats, whole: Floats, incidence: Incidence) -> Floats:
    """Return the second moments (4, 4, 1, 1) of part and three times whole."""
    both, own, every = (_products(x, y, incidence) for x, y in ((part, whole), (part, part), (whole, whole)))
    second = np.full((4, 4, 1, 1), every)
    second[0, :], second[:, 0], second[0, 0] = both, both, own
    return second


@dataclass(frozen=True, eq=False)
class _Left:
    """The agreement O - E within each of S strata: `plain` (S,), and `apart` (S,), from other units only.

    `room` (S,) is the largest O that the margins allow minus O. `moved` and `room_moved` (n,) are the derivatives of
    the total agreement from others, and of the total room, by the weight of a unit of each pattern.
    """

    plain: Floats
    apart: Floats
    room: Floats
    moved: Floats
    room_moved: Floats


@dataclass(frozen=True, eq=False)
class ExplainedAgreement:
    """The diagonal's counts: observed, expected, and expected within strata, with the share explained.

    `excess` is O - E with its interval. `clear`: the excess is above 0 by its interval, or because every unit adds to
    it. Otherwise the share would be a ratio over 0, and it has no interval. `share` is None if the excess is not above
    0. `most` is the largest possible count within strata.
    """

    observed: float
    expected: float
    within: float
    most: float
    excess: Estimate
    clear: bool
    share: Estimate | None
    _inside: _Left
    _incidence: Incidence
    _level: float

    @cached_property
    def beyond(self) -> bool:
        """Whether the strata explain more than random strata of the same sizes would."""
        if self.share is None or not self.clear:
            return False
        return (self.share.low is None or self.share.low > 0) and _is_beyond(self._incidence, self._level)

    @cached_property
    def reached(self) -> Estimate | None:
        """The filled part of the room beyond `within`, or None if strata leave no room."""
        return _reached(self._inside, self._incidence, self._level)


def explained(incidence: Incidence, level: float) -> ExplainedAgreement:
    """Return the share of the diagonal's excess that strata explain, for axes with the same categories.

    The interval is linearised. Let a unit have agreement j = sum r_a c_a, and let p and q be the shares of its stratum.
    The unit changes O by j and W by sum r q + p c - p q, and E by the same with the shares of all units. Groups are
    kept together. Quantiles are normal for independent units, and otherwise from t with the effective groups of the
    influence (`net_total`).
    """
    inside, whole = _left(incidence), _left(_in_one(incidence))
    rows, columns = shares(incidence)
    observed = float(incidence.weight @ (rows * columns).sum(axis=1))
    excess = net_total(whole.moved, incidence, level)
    excess = replace(excess, value=float(whole.plain.sum()))
    within = observed - float(inside.plain.sum())
    counts = observed, observed - excess.value, within, observed + float(inside.room.sum())
    before = float(whole.apart.sum())
    if min(excess.value, before) <= 1e-12 * observed:
        return ExplainedAgreement(*counts, excess, False, None, inside, incidence, level)  # noqa: FBT003
    sure = incidence.n_owners > 1 and bool((whole.moved > 0).all())
    clear = sure if excess.low is None else excess.low > 0
    left = float(inside.apart.sum()) / before
    half = _half((left * whole.moved - inside.moved) / before, incidence, level)
    share = Estimate(1 - left, *(() if half is None or not clear else (1 - left - half, 1 - left + half)))
    return ExplainedAgreement(*counts, excess, clear, share, inside, incidence, level)


def _reached(inside: _Left, incidence: Incidence, level: float) -> Estimate | None:
    """Return L / (L + U), for the agreement L from others and the unfilled room U; None if their sum is 0."""
    left, room = float(inside.apart.sum()), float(inside.room.sum())
    whole = left + room
    if whole <= 1e-9 * float(incidence.weight.sum()):
        return None
    half = _half((room * inside.moved - left * inside.room_moved) / whole**2, incidence, level)
    value = left / whole
    return Estimate(value, *(() if half is None else (value - half, min(value + half, 1.0))))


def _half(moved: Floats, incidence: Incidence, level: float) -> float | None:
    """Return the half-width of the interval of a number with these unit influences (p,); None if it has none."""
    change = net_total(moved, incidence, level)
    return None if change.low is None or change.high is None else (change.high - change.low) / 2


def _is_beyond(incidence: Incidence, level: float) -> bool:
    """Return whether strata explain more than strata that are unrelated to the categories.

    Let x and y be a group's category totals in excess of the overall shares. The explained agreement, W - E from
    others, is a sum over pairs of groups g, g' in one stratum. Each pair adds m = x_g . y_g' + x_g' . y_g, times n_s /
    (n_s^2 - sum n_gs^2). If strata are unrelated to the categories, the signs of each group's x and y are random. The
    sum then has mean 0, and the variance and third moment of such a quadratic form: sum m^2 / 2, and the trace of M^3
    for the matrix M of all m (a degenerate U-statistic; Dehling & Mikosch 1994). It is compared with the chi-square
    distribution with the same moments. A stratum of one group has no pairs and does not contribute.
    """
    total, x, y = _beyond_shares(incidence)
    times = np.ones(x.shape[0]) if incidence.group is not None else np.maximum(incidence.units, 1).astype(np.float64)
    own = 2 * np.asarray(x.multiply(y).sum(axis=1)).ravel() / times
    both = sparse.hstack([x, y]).tocsr()
    turned = sparse.hstack([y, x]).tocsr()
    product = (turned.T @ both).tocsr()  # both turned^T is M including each group with itself
    twice = np.asarray((both @ product).multiply(turned).sum(axis=1)).ravel() / times
    squares = float(product.multiply(product.T).sum())
    cubes = float((product @ product).multiply(product.T).sum())
    variance = (squares - float(times @ own**2)) / 2
    third = cubes - 3 * float(times @ (own * twice)) + 2 * float(times @ own**3)
    if variance <= 1e-12 * squares:
        return False
    excess = total - float(times @ own) / 2
    return excess > _limit(third / variance**1.5, level) * math.sqrt(variance)


def _limit(skewness: float, level: float) -> float:
    """Return the upper end of `level` for a centred chi-square with standard deviation 1 and this skewness."""
    if skewness <= _NO_SKEWNESS:
        return normal_quantile(level)
    freedom = 8 / skewness**2
    return (chi_square_quantile((1 + level) / 2, freedom) - freedom) / math.sqrt(2 * freedom)


def _beyond_shares(incidence: Incidence) -> tuple[float, sparse.csr_array, sparse.csr_array]:
    """Return sum_s X_s . Y_s, and x and y of each group (G, S K), or of each pattern of independent units.

    All are multiplied by the root of the factor of their stratum. For a pattern, x and y are scaled by the root of its
    sum of squared weights.
    """
    rows, columns = shares(incidence)
    weight, n_strata, n = incidence.weight, len(incidence.strata), max(float(incidence.weight.sum()), 1e-300)
    x, y = (part - weight @ part / n for part in (rows, columns))
    sizes = counted(weight, incidence.stratum, n_strata)
    others = sizes**2 - _own_sums(incidence, np.zeros(len(weight)))[1]
    factor = np.sqrt(over(sizes, np.where(others > 1e-9 * sizes**2, others, 0.0)))
    group = np.arange(len(weight)) if incidence.group is None else incidence.group
    each = weight if incidence.group is not None else np.sqrt(incidence.weight_squared)
    scale = factor[incidence.stratum, None]
    of_strata = [summed(weight[:, None] * scale * part, incidence.stratum, n_strata) for part in (x, y)]
    total = float((of_strata[0] * of_strata[1]).sum())
    k = x.shape[1]
    at = (np.repeat(group, k), (incidence.stratum[:, None] * k + np.arange(k)).ravel())
    shape = (int(group.max(initial=-1)) + 1, n_strata * k)
    own = [sparse.csr_array(((each[:, None] * scale * part).ravel(), at), shape=shape) for part in (x, y)]
    return total, own[0], own[1]


def _in_one(incidence: Incidence) -> Incidence:
    return replace(incidence, stratum=np.zeros_like(incidence.stratum), strata=("",))


def _left(incidence: Incidence) -> _Left:
    """Return the agreement within strata s: O_s - T / n_s, and O_s - n_s (T - Q) / (n_s^2 - sum n_gs^2) from others.

    T = sum n_as n_a's over the diagonal, and Q sums the same within each group g of s, or each unit. A stratum with a
    single group has no others and keeps T / n_s.
    """
    rows, columns = shares(incidence)
    agreement, stratum = (rows * columns).sum(axis=1), incidence.stratum
    margins = stratum_margins(incidence)
    n, together = margins.sizes, (margins.rows * margins.columns).sum(axis=1)
    own, squares = _own_sums(incidence, agreement)
    others = n**2 - squares
    several = others > 1e-9 * n**2
    divisor = np.where(several, others, 1.0)
    by_all = together / np.maximum(n, 1e-300)
    by_others = np.where(several, n * (together - own) / divisor, by_all)
    observed = counted(agreement * incidence.weight, stratum, len(n))
    p, q = (part[stratum] for part in (margins.row_shares, margins.column_shares))
    moved = agreement - (rows * q + p * columns - p * q).sum(axis=1)
    most = np.minimum(margins.rows, margins.columns).sum(axis=1)
    fewer = np.sign(margins.columns - margins.rows)[stratum]  # 1 if rows have fewer, 0 if equal
    room_moved = ((1 + fewer) / 2 * rows + (1 - fewer) / 2 * columns).sum(axis=1) - agreement
    # The influence computed from others is larger by this factor, exactly for units, nearly for groups.
    larger = np.where(several, n**2 / divisor, 1.0)
    return _Left(observed - by_all, observed - by_others, most - observed, larger[stratum] * moved, room_moved)


def _own_sums(incidence: Incidence, agreement: Floats) -> tuple[Floats, Floats]:
    """Return the sums over groups of n_ag n_a'g over the diagonal, and of n_g^2, (S,) both, for each stratum."""
    own, squares, stratum = agreement * incidence.weight_squared, incidence.weight_squared, incidence.stratum
    if incidence.group is not None:
        pieces = incidence.pieces
        apart = replace(incidence, stratum=pieces.number, strata=("",) * len(pieces.group))
        alone, stratum = stratum_margins(apart), pieces.stratum
        own, squares = (alone.rows * alone.columns).sum(axis=1), alone.sizes**2
    return counted(own, stratum, len(incidence.strata)), counted(squares, stratum, len(incidence.strata))
