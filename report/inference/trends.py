"""Trends over ordered categories: Goodman and Kruskal's gamma, Somers' d and a test of trend.

A pair of units from one stratum is concordant if one unit is higher on both variables, and discordant if it is higher
on one and lower on the other. Gamma is the difference of both kinds over their sum. Somers' d divides it by the pairs
that differ in the first variable. Strata are compared only internally: pairs are added over strata before the division.

Variances are linearised: a unit changes the estimate by its own concordant and discordant pairs. For independent units
this is the asymptotic variance of Goodman and Kruskal (1963) and Somers (1962). Groups add up within the group.

Sources: Goodman & Kruskal (1963), Journal of the American Statistical Association 58; Somers (1962), American
Sociological Review 27; Davis (1967), Journal of the American Statistical Association 62 (pairs within strata);
Cochran (1954), Biometrics 10; Armitage (1955), Biometrics 11; Mantel (1963), Journal of the American Statistical
Association 58 (the test of trend over strata).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..arrays import CANCELLED, Bools, Floats, Ints, counted, over, summed
from ..cells import Estimate
from ..incidence import Incidence
from .critical_values import LEAST_FREEDOM
from .laws import quantile, t_two_sided

Coefficient = Literal["gamma", "somers_d"]

_END = 1 - 1e-9
"""Beyond this absolute value a coefficient has no interval, since no pair contradicts it."""


@dataclass(frozen=True, eq=False)
class OrdinalPair:
    """Two variables of each pattern of an incidence: the ordered one, `first`, and the other one, `second`.

    Both are steps (p,) from 0, or -1 for patterns that are left out. `strata` (p,) numbers the strata.
    """

    incidence: Incidence
    first: Ints
    second: Ints
    strata: Ints

    @property
    def there(self) -> Bools:
        """The patterns (p,) with a step of both variables."""
        return np.asarray((self.first >= 0) & (self.second >= 0))

    def split(self, cut: int) -> OrdinalPair:
        """Return the same with steps up to `cut` and steps above it as separate strata."""
        return OrdinalPair(self.incidence, self.first, self.second, 2 * self.strata + (self.first > cut))


@dataclass(frozen=True, slots=True)
class Trend:
    """A coefficient with its confidence interval, and the p-value of the test of trend (1 if it cannot be tested).

    `score` is the test statistic, in standard errors; its sign is the direction.
    """

    coefficient: Estimate
    score: float
    p: float


def trend(pair: OrdinalPair, coefficient: Coefficient, level: float) -> Trend | None:
    """Return the trend of a pair of variables, or None if no two units in a stratum differ on the first one."""
    there = pair.there
    found = _estimate(pair, there, coefficient, level) if there.any() else None
    return None if found is None else Trend(found, *trend_test(pair))


def value_of(joint: Floats, coefficient: Coefficient) -> Floats:
    """Return the coefficients (k,) of tables (k, K, L) of one stratum each, nan where undefined."""
    concordant, discordant = _pairs(joint)
    numerator = (joint * (concordant - discordant)).sum(axis=(1, 2))
    if coefficient == "gamma":
        whole = (joint * (concordant + discordant)).sum(axis=(1, 2))
    else:
        rows = joint.sum(axis=2)
        whole = rows.sum(axis=1) ** 2 - (rows**2).sum(axis=1)
    return over(numerator, whole, np.nan)


def _pairs(tables: Floats) -> tuple[Floats, Floats]:
    """Return for each cell of tables (S, K, L) the total of the cells that are concordant, and discordant, with it."""

    def before(of: Floats) -> Floats:
        padded = np.pad(of, ((0, 0), (1, 0), (1, 0)))[:, :-1, :-1]
        return np.asarray(padded.cumsum(axis=1).cumsum(axis=2))

    concordant = before(tables) + before(tables[:, ::-1, ::-1])[:, ::-1, ::-1]
    discordant = before(tables[:, ::-1])[:, ::-1] + before(tables[:, :, ::-1])[:, :, ::-1]
    return concordant, discordant


def _estimate(pair: OrdinalPair, there: Bools, coefficient: Coefficient, level: float) -> Estimate | None:
    incidence = pair.incidence
    strata, stratum = np.unique(pair.strata[there], return_inverse=True)
    first, second, weight = pair.first[there], pair.second[there], incidence.weight[there]
    tables = np.zeros((len(strata), int(first.max()) + 1, int(second.max()) + 1))
    np.add.at(tables, (stratum, first, second), weight)
    concordant, discordant = (of[stratum, first, second] for of in _pairs(tables))
    if coefficient == "gamma":
        possible = concordant + discordant
    else:
        possible = tables.sum(axis=(1, 2))[stratum] - tables.sum(axis=2)[stratum, first]
    total = float(weight @ possible)
    if total <= 0:
        return None
    value = float(weight @ (concordant - discordant)) / total
    if abs(value) >= _END:
        return Estimate(value)
    influence = np.zeros(len(pair.first))
    influence[there] = 2 * (concordant - discordant - value * possible) / total
    variance, freedom = _variance(influence, there, incidence)
    if not variance > 0 or freedom < LEAST_FREEDOM * (1 - 1e-9):
        return Estimate(value)
    # Fisher's transformation keeps the ends between -1 and 1.
    half = quantile(level, freedom) * math.sqrt(variance) / (1 - value**2)
    return Estimate(value, math.tanh(math.atanh(value) - half), math.tanh(math.atanh(value) + half))


def trend_test(pair: OrdinalPair) -> tuple[float, float]:
    """Return the statistic of the test of trend within strata, and its two-sided p-value.

    Steps are scores 0, 1, 2, ... For independent units the statistic is Mantel's, with the variance of random
    permutations within strata. If the second variable has two steps, this is the Cochran-Armitage test with N - 1 for
    N. Groups and weights have a cluster-robust variance and a t distribution.
    """
    incidence, there = pair.incidence, pair.there
    if not there.any():
        return 0.0, 1.0
    strata, stratum = np.unique(pair.strata[there], return_inverse=True)
    weight, n_strata = incidence.weight[there], len(strata)
    sizes = summed(weight, stratum, n_strata)

    def centred(values: Ints) -> Floats:
        own = values[there].astype(np.float64)
        return own - over(summed(weight * own, stratum, n_strata), sizes)[stratum]

    x, y = centred(pair.first), centred(pair.second)
    score = float(weight @ (x * y))
    if incidence.plain:
        squares = [summed(weight * of**2, stratum, n_strata) for of in (x, y)]
        variance, freedom = float(over(squares[0] * squares[1], sizes - 1).sum()), math.inf
    else:
        influence = np.zeros(len(pair.first))
        influence[there] = x * y
        variance, freedom = _variance(influence, there, incidence)
    if variance <= CANCELLED * max(float(weight @ (x * y) ** 2), 1e-300) or freedom < LEAST_FREEDOM * (1 - 1e-9):
        return 0.0, 1.0
    statistic = score / math.sqrt(variance)
    return statistic, float(t_two_sided(np.array(abs(statistic)), freedom))


def _variance(influence: Floats, there: Bools, incidence: Incidence) -> tuple[float, float]:
    """Return the variance of the sum over units of an influence (p,), and its degrees of freedom.

    With groups it is the larger of the variance over groups and the variance over independent units. The degrees of
    freedom are one fewer than the effective number of groups, n^2 / sum n_g^2, or of weighted units.
    """
    alone = float(incidence.weight_squared @ influence**2)
    own = incidence.weight * there
    if incidence.group is None:
        if not incidence.inflated:
            return alone, math.inf
        effective = float(own.sum()) ** 2 / max(float(incidence.weight_squared @ there), 1e-300)
        return alone, float(incidence.freedom_of(np.asarray(effective)))
    n_groups = incidence.n_owners
    sizes = counted(own, incidence.group, n_groups)
    totals = counted(incidence.weight * influence, incidence.group, n_groups)
    n_there = int((sizes > 0).sum())
    if n_there < 2:
        return 0.0, 0.0
    grouped = float(totals @ totals) * n_there / (n_there - 1)
    effective = float(sizes.sum()) ** 2 / float(sizes @ sizes)
    return max(grouped, alone), effective - 1
