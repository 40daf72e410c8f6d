"""Critical values of estimates from few or unequal groups, under a working model.

Let a group add z_g to the error of an estimate, with variance d_g = (1 - rho) u_g + rho m_g^2: any two units of a group
agree with correlation rho, m_g is the group's weight and u_g the sum of its squared weights. The residual of a group is
e_g = z_g - h_g z, with z the sum of all z_g and h_g = m_g / sum m the group's leverage. The statistic z / sqrt(sum e^2)
follows t where all groups have one size. Elsewhere two facts matter.

- Residuals of large groups are too small, since the estimate follows them: E sum e^2 is less than Var z (`bias` is
  their ratio). The degrees of freedom of sum e^2 are those of Satterthwaite, (E sum e^2)^2 over tr (A A), where A is
  the covariance of the residuals (Bell and McCaffrey 2002; Pustejovsky and Tipton 2018, equation 11).
- Numerator and denominator are not independent. Given z, sum e^2 has the mean z^2 kappa + rest. Where one group holds
  half of all units, a large error shows in the residual of that group, and t with few degrees of freedom is up to eight
  times too wide. The tail P(z^2 > c sum e^2) is therefore integrated over z, sum e^2 given z being a gamma variable
  with its exact mean and variance that begins above 0 where its third cumulant says so.

All of it needs sums over groups of u^i m^j alone, whatever the number of groups.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Protocol

import numpy as np
from scipy import special

from ..arrays import Bools, Floats, Indices, over
from .laws import LEAST, t_quantile, t_two_sided

_MOMENTS = ((1, 0), (2, 0), (3, 0), (4, 0), (1, 1), (2, 1), (3, 1), (0, 2), (1, 2), (2, 2))
"""The exponents (i, j) of the sums over groups of d^i h^j that a law is made of."""

POWERS = (
    (2, 0), (1, 2), (0, 4), (1, 1), (0, 3), (2, 1), (1, 3), (0, 5), (3, 0), (2, 2), (1, 4), (0, 6),
    (3, 1), (2, 3), (1, 5), (0, 7), (4, 0), (3, 2), (2, 4), (1, 6), (0, 8),
)  # fmt: skip
"""The exponents (i, j) of the sums over groups of u^i m^j that these are made of, beside u and m^2."""

LEAST_FREEDOM = 3.0
"""An interval that is wider than by t with so many degrees of freedom is not given: too few groups show the error."""

LEAST_BIAS = 0.05
"""Nor is one given where residuals show less of the variance than this: one group has more than three quarters."""

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)
_FARTHEST = 9.0
"""Standard errors beyond which nothing is integrated."""
_REACH = 8.0
"""Standard deviations of sum e^2 around the mean that are integrated."""
_START = 0.5
"""The gamma variable begins at this part of where the third cumulant would have it begin: 1 is up to 15 % too short for
4 to 8 groups, 0 is 10 to 25 % too long for one large group among many; with 1/2 it is -1 to +9 % off."""
_STEPS = 5
_FLAT = 1e-9


Cells = Bools | tuple[slice | int | Indices, ...] | Indices
"""An index of cells."""


class ErrorLaw(Protocol):
    """The law of an estimate's distance from the truth, in standard errors.

    `bias`: the expected square of the residuals over the variance of the estimate, for all cells (R, C) or as one
    number. An error that is estimated from residuals is divided by its root.
    """

    @property
    def bias(self) -> Floats:
        """The expected sum of squared residuals over the variance that it estimates."""

    @property
    def estimable(self) -> Bools:
        """Whether the error is known well enough for an interval (see `LEAST_FREEDOM`)."""

    def quantile(self, level: float) -> Floats:
        """Return the distance that is not exceeded in `level` of all cases; nan where that is not known."""

    def two_sided(self, distance: Floats) -> Floats:
        """Return the chance of so large a distance or a larger one, on either side."""

    def at(self, cells: Cells) -> ErrorLaw:
        """Return the law of some cells."""


@dataclass(frozen=True, eq=False)
class Student:
    """Student's t with `freedom` degrees of freedom (R, C), infinitely many for the normal law.

    Of fewer than one there is no quantile. The bias of n units or groups of equal weight is 1 - 1 / n.
    """

    freedom: Floats

    @property
    def bias(self) -> Floats:
        """The bias of freedom + 1 equal groups."""
        with np.errstate(invalid="ignore"):
            found = self.freedom / (self.freedom + 1)
        return np.where(np.isinf(self.freedom), 1.0, np.maximum(found, 0.0))

    @property
    def estimable(self) -> Bools:
        """Whether there are `LEAST_FREEDOM` degrees of freedom."""
        return np.asarray(self.freedom >= LEAST_FREEDOM * (1 - _FLAT))

    @property
    def reach(self) -> Floats:
        """How far a 95 % interval reaches, in roots of the sum of squared residuals; infinite where that is unknown."""
        with np.errstate(divide="ignore", invalid="ignore"):
            found = self.quantile(0.95) / np.sqrt(self.bias)
        return np.where(np.isfinite(found), found, np.inf)

    def quantile(self, level: float) -> Floats:
        """Return the two-sided quantile of t; nan for less than one degree of freedom."""
        return np.where(self.freedom >= 1 - _FLAT, t_quantile(level, self.freedom), np.nan)

    def two_sided(self, distance: Floats) -> Floats:
        """Return P(|T| >= distance)."""
        return np.where(self.freedom >= 1 - _FLAT, t_two_sided(distance, self.freedom), np.nan)

    def at(self, cells: Cells) -> Student:
        """Return the law of some cells."""
        return Student(self.freedom[cells])


@dataclass(frozen=True, eq=False)
class UnequalGroups:
    """The law of z / sqrt(sum e^2 / bias) under the working model, all (R, C).

    `bias`: E sum e^2 over Var z; 0 where one group has everything. `freedom`: Satterthwaite's degrees of freedom of
    sum e^2. `kappa` and `rest`: given z, sum e^2 has the mean kappa z^2 + rest Var z. `spread`, `cross`: and the
    variance 2 spread (Var z)^2 + 4 cross z^2 Var z, and the third cumulant
    8 third (Var z)^3 + 24 bend z^2 (Var z)^2.
    """

    bias: Floats
    freedom: Floats
    kappa: Floats
    rest: Floats
    spread: Floats
    cross: Floats
    third: Floats
    bend: Floats

    def quantile(self, level: float) -> Floats:
        """Return the critical value (R, C): c with P(z^2 > c sum e^2) = 1 - level, times bias, its square root.

        Found between t that takes sum e^2 as independent of z and t that takes its part kappa z^2 as certain.
        """
        if level not in self._known:
            self._known[level] = self._quantile(level)
        return self._known[level]

    @cached_property
    def _known(self) -> dict[float, Floats]:
        """The quantiles that have been worked out, by level."""
        return {}

    def _quantile(self, level: float) -> Floats:
        plain = t_quantile(level, self.freedom)
        bent = ~self._even & np.isfinite(plain)
        if not bent.any():
            return plain
        some = self.at(bent)
        found = plain.copy()
        found[bent] = np.sqrt(some.solved(plain[bent] ** 2 / some.bias, 1 - level) * some.bias)
        return found

    def two_sided(self, distance: Floats) -> Floats:
        """Return the chance (R, C) of so large a distance, never 0; nan where the distance is."""
        found = t_two_sided(distance, self.freedom)
        bent = ~self._even & np.isfinite(found) & (distance > 0)
        if bent.any():
            some = self.at(bent)
            found[bent] = np.maximum(some.tail(distance[bent] ** 2 / some.bias), LEAST)
        return found

    def at(self, cells: Cells) -> UnequalGroups:
        """Return the law of some cells."""
        return UnequalGroups(*(getattr(self, field.name)[cells] for field in fields(self)))

    @property
    def estimable(self) -> Bools:
        """Whether an error (R, C) is known at least as well as by t with `LEAST_FREEDOM` degrees of freedom."""
        most = float(t_quantile(0.95, LEAST_FREEDOM))
        return np.asarray((self.bias >= LEAST_BIAS) & (self.quantile(0.95) <= most * (1 + _FLAT)))

    @property
    def reach(self) -> Floats:
        """About how far a 95 % interval reaches, in roots of the sum of squared residuals; infinite where unknown.

        The mean, on the log, of the ends between which `quantile` finds it.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            found = np.sqrt(t_quantile(0.95, self.freedom) / np.sqrt(self.bias) * np.sqrt(self._lowest(0.05)))
        return np.where(np.isfinite(found), found, np.inf)

    @property
    def _even(self) -> Bools:
        """Whether t is exact: groups of one size, or so nearly that rounding hides the rest."""
        return np.asarray((self.kappa <= _FLAT) & (self.cross <= _FLAT))

    def solved(self, highest: Floats, tail: float) -> Floats:
        """Return c (n,) with this tail, by false position on the logs of both."""
        low, high = np.log(self._lowest(tail)), np.log(highest)
        low, high = np.minimum(low, high) - 0.02, np.maximum(low, high) + 0.02
        at_low, at_high = (np.log(self.tail(np.exp(end)) / tail) for end in (low, high))
        for _ in range(_STEPS):
            with np.errstate(divide="ignore", invalid="ignore"):
                middle = low + (high - low) * at_low / (at_low - at_high)
            middle = np.clip(np.where(np.isfinite(middle), middle, (low + high) / 2), low, high)
            value = np.log(self.tail(np.exp(middle)) / tail)
            above = value > 0
            # The end that stays is taken for half as far, so that both ends move (the Illinois rule).
            at_low, at_high = np.where(above, value, at_low / 2), np.where(above, at_high / 2, value)
            low, high = np.where(above, middle, low), np.where(above, high, middle)
        return np.asarray(np.exp(middle))

    def _lowest(self, tail: float) -> Floats:
        """Return c with this tail if the part kappa z^2 of sum e^2 were certain, and the remainder independent of z."""
        given = special.stdtrit((self.rest**2 / self.spread).clip(1, 1e9), 1 - tail / 2) ** 2
        return np.asarray(given / (self.rest + given * self.kappa))

    def tail(self, c: Floats) -> Floats:
        """Return P(z^2 > c sum e^2) (n,): integrated over z from where it is possible to where it is certain."""
        left = 1 - c * self.kappa
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            centre = np.where(left > 0, np.sqrt(c * self.rest / left), np.inf)
            reach = _REACH * c * np.sqrt(2 * self.spread + 4 * centre**2 * self.cross) / (2 * centre * left)
            first, last = np.maximum(centre - reach, 0.0), np.minimum(centre + reach, _FARTHEST)
        first = np.where(np.isfinite(first), np.minimum(first, _FARTHEST - 1), 0.0)
        last = np.where(np.isfinite(last), np.maximum(last, first), _FARTHEST)
        half = (last - first)[:, None] / 2
        z = first[:, None] + half * (_NODES + 1)
        square, own = z**2, {field.name: getattr(self, field.name)[:, None] for field in fields(self)}
        mean = own["kappa"] * square + own["rest"]
        variance = 2 * own["spread"] + 4 * own["cross"] * square
        third = 8 * own["third"] + 24 * own["bend"] * square
        start = _START * np.clip(mean - 2 * variance**2 / third, 0.0, mean)
        mean = mean - start
        chance = special.gammainc(mean**2 / variance, np.maximum(square / c[:, None] - start, 0.0) * mean / variance)
        within = (chance * np.exp(-square / 2) * half) @ _WEIGHTS * np.sqrt(2 / np.pi)
        return np.asarray(np.maximum(within + special.erfc(last / np.sqrt(2)), LEAST))


def unequal_groups(rho: Floats, total: Floats, own: Floats, squares: Floats, sums: Floats) -> UnequalGroups:
    """Return the law under a correlation rho, from sums over groups, all (R, C).

    `total`, `own` and `squares` are the sums of m, u and m^2, `sums` (21, R, C) those of u^i m^j with the exponents
    `POWERS`.
    """
    d, d2, d3, d4, dh, d2h, d3h, h2, dh2, d2h2 = _moments(rho, total, own, squares, sums)
    bias, rest, across = 1 - 2 * dh + h2, 1 - d2, d2 - dh
    products = d2 * (1 + 2 * h2) - 4 * d2h + h2**2 + 2 * dh2 + 2 * dh**2 - 4 * h2 * dh
    there = (d > 0) & (bias > _FLAT) & (rest > _FLAT) & (products > 0)
    bias, rest = np.where(there, bias, 0.0), np.where(there, rest, 1.0)
    # The spread is that of at least one degree of freedom; rounding must not take it.
    spread = np.where(there, np.clip(d2 - 2 * d3 + d2**2, rest**2 * _FLAT, rest**2), 1.0)
    return UnequalGroups(
        bias,
        np.where(there, np.maximum(over(bias**2, products), 1.0), np.nan),
        np.maximum(d2 - 2 * dh + h2, 0.0),
        rest,
        spread,
        np.maximum(d3 - 2 * d2h + dh2 - across**2, 0.0),
        np.where(there, np.clip(d3 - 3 * d4 + 3 * d2 * d3 - d2**3, spread**2 / rest, spread**1.5), 1.0),
        np.maximum(d4 - 2 * d3h + d2h2 - 2 * across * (d3 - d2h) + across**2 * d2, 0.0),
    )


def _moments(rho: Floats, total: Floats, own: Floats, squares: Floats, sums: Floats) -> list[Floats]:
    """Return the sums over groups of d^i h^j in the order of `_MOMENTS`, d as part of all d; the first is 0 or 1."""
    of = dict(zip(POWERS, sums, strict=True)) | {(1, 0): own, (0, 2): squares}
    whole, apart = (1 - rho) * own + rho * squares, 1 - rho
    unit, m = np.where(whole > 0, whole, 1.0), np.where(total > 0, total, 1.0)
    found = []
    for i, j in _MOMENTS:
        parts = (math.comb(i, k) * apart ** (i - k) * rho**k * of[i - k, 2 * k + j] for k in range(i + 1))
        found.append(sum(parts, np.zeros_like(unit)) / unit**i / m**j)
    return found


MarginLaw = Student | UnequalGroups
"""The law of an estimate that depends on the groups of one margin."""


@dataclass(frozen=True, eq=False)
class Widest:
    """The law that reaches farther of two: of an estimate that depends on two sets of groups; `bias` is the first's."""

    first: ErrorLaw
    second: ErrorLaw

    @property
    def bias(self) -> Floats:
        """The bias of the first."""
        return self.first.bias

    @property
    def estimable(self) -> Bools:
        """Whether both are."""
        return self.first.estimable & self.second.estimable

    def quantile(self, level: float) -> Floats:
        """Return the larger quantile; nan where one is unknown."""
        return np.maximum(self.first.quantile(level), self.second.quantile(level))

    def two_sided(self, distance: Floats) -> Floats:
        """Return the larger chance; nan where one is unknown."""
        return np.maximum(self.first.two_sided(distance), self.second.two_sided(distance))

    def at(self, cells: Cells) -> Widest:
        """Return the law of some cells."""
        return Widest(self.first.at(cells), self.second.at(cells))


def joined(first: MarginLaw, second: MarginLaw) -> MarginLaw:
    """Return the laws (n,) and (m,) of two margins, of one kind, as one (n + m,)."""
    kind, names = type(first), [field.name for field in fields(first)]
    return kind(*(np.concatenate([getattr(law, name) for law in (first, second)]) for name in names))


def worst(laws: Sequence[MarginLaw]) -> MarginLaw:
    """Return of each cell the law by which an error that is estimated from residuals reaches farthest.

    All laws are of one kind.
    """
    if len(laws) == 1:
        return laws[0]
    chosen = np.argmax(np.stack([law.reach for law in laws]), axis=0)
    names = [field.name for field in fields(laws[0])]
    parts = (np.stack([getattr(law, name) for law in laws]) for name in names)
    return type(laws[0])(*(np.take_along_axis(part, chosen[None], axis=0)[0] for part in parts))
