"""Critical values for estimates from few or unequal groups, under a working model.

Let a group add z_g to the error of an estimate, with variance d_g = (1 - rho) u_g + rho m_g^2. Any two units of a group
have correlation rho, m_g is the group's weight and u_g the sum of its squared weights. The residual of a group is e_g =
z_g - h_g z, where z is the sum of all z_g and h_g = m_g / sum m is the group's leverage. The statistic z / sqrt(sum
e^2) follows t if all groups have one size. Otherwise two facts matter.

- Residuals of large groups are too small, because the estimate follows them: E sum e^2 is less than Var z (`bias` is
  their ratio). The degrees of freedom of sum e^2 are Satterthwaite's, (E sum e^2)^2 over tr (A A), where A is the
  covariance of the residuals (Bell and McCaffrey 2002; Pustejovsky and Tipton 2018, equation 11).
- Numerator and denominator are not independent. Given z, sum e^2 has the mean z^2 kappa + rest. If one group contains
  half of all units, a large error appears in the residual of that group, and t with few degrees of freedom is up to
  eight times too wide. The tail P(z^2 > c sum e^2) is therefore integrated over z. Given z, sum e^2 is treated as a
  gamma variable with its exact mean and variance, shifted above 0 as its third cumulant requires.

All of this needs only sums over groups of u^i m^j, whatever the number of groups.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Protocol

import numpy as np

from .. import portable
from ..arrays import Bools, Floats, Indices, over
from ..portable.rounded import FAST, SLOW, Functions
from .laws import LEAST, t_quantile, t_two_sided

_MOMENTS = ((1, 0), (2, 0), (3, 0), (4, 0), (1, 1), (2, 1), (3, 1), (0, 2), (1, 2), (2, 2))
"""The exponents (i, j) of the sums over groups of d^i h^j that determine a distribution."""

POWERS = (
    (2, 0), (1, 2), (0, 4), (1, 1), (0, 3), (2, 1), (1, 3), (0, 5), (3, 0), (2, 2), (1, 4), (0, 6),
    (3, 1), (2, 3), (1, 5), (0, 7), (4, 0), (3, 2), (2, 4), (1, 6), (0, 8),
)  # fmt: skip
"""The exponents (i, j) of the sums over groups of u^i m^j from which these are computed, besides u and m^2."""

LEAST_FREEDOM = 3.0
"""Intervals wider than with t at this many degrees of freedom are not given: too few groups show the error."""

LEAST_BIAS = 0.05
"""No interval is given either if residuals show less of the variance: one group then has more than three quarters."""

_NODES, _WEIGHTS = portable.tails.NODES_16, portable.tails.WEIGHTS_16
_FARTHEST = 9.0
"""The limit of integration, in standard errors."""
_REACH = 8.0
"""The range of integration, in standard deviations of sum e^2 around its mean."""
_START = 0.5
"""The start of the gamma variable, as a part of the start that its third cumulant implies. With 1, intervals are up
to 15 % too short for 4 to 8 groups. With 0, they are 10 to 25 % too long for one large group among many. With
1/2, the error is -1 to +9 %."""
_STEPS = 5
_FLAT = 1e-9


Cells = Bools | tuple[slice | int | Indices, ...] | Indices
"""An index of cells."""


class ErrorLaw(Protocol):
    """The distribution of an estimate's distance from the truth, in standard errors.

    `bias` is the expected square of the residuals over the variance of the estimate, for all cells (R, C) or as one
    number. An error that is estimated from residuals is divided by its root.
    """

    @property
    def bias(self) -> Floats:
        """The expected sum of squared residuals over the variance that it estimates."""

    @property
    def estimable(self) -> Bools:
        """Whether the error is known well enough for an interval (see `LEAST_FREEDOM`)."""

    def quantile(self, level: float) -> Floats:
        """Return the distance that is not exceeded in `level` of all cases, nan where it is unknown."""

    def two_sided(self, distance: Floats) -> Floats:
        """Return the probability of this distance or a larger one, on either side."""

    def at(self, cells: Cells) -> ErrorLaw:
        """Return the distribution for some cells."""


@dataclass(frozen=True, eq=False)
class Student:
    """Student's t with `freedom` degrees of freedom (R, C), infinite for the normal distribution.

    Below one degree of freedom there is no quantile. The bias of n units or groups of equal weight is 1 - 1 / n.
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
        """The half-width of a 95 % interval in roots of the sum of squared residuals, infinite where unknown."""
        with np.errstate(divide="ignore", invalid="ignore"):
            found = self.quantile(0.95) / np.sqrt(self.bias)
        return np.where(np.isfinite(found), found, np.inf)

    def quantile(self, level: float) -> Floats:
        """Return the two-sided quantile of t, nan for less than one degree of freedom."""
        return np.where(self.freedom >= 1 - _FLAT, t_quantile(level, self.freedom), np.nan)

    def two_sided(self, distance: Floats) -> Floats:
        """Return P(|T| >= distance)."""
        return np.where(self.freedom >= 1 - _FLAT, t_two_sided(distance, self.freedom), np.nan)

    def at(self, cells: Cells) -> Student:
        """Return the distribution for some cells."""
        return Student(self.freedom[cells])


@dataclass(frozen=True, eq=False)
class UnequalGroups:
    """The distribution of z / sqrt(sum e^2 / bias) under the working model, all (R, C).

    `bias` is E sum e^2 over Var z, and 0 if one group has everything. `freedom` is Satterthwaite's degrees of freedom
    of sum e^2. Given z, sum e^2 has the mean kappa z^2 + rest Var z (`kappa`, `rest`), the variance 2 spread (Var z)^2
    + 4 cross z^2 Var z (`spread`, `cross`), and the third cumulant 8 third (Var z)^3 + 24 bend z^2 (Var z)^2 (`third`,
    `bend`).
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
        """Return the critical value (R, C): the root of c times bias, with P(z^2 > c sum e^2) = 1 - level.

        It is bracketed by t that treats sum e^2 as independent of z, and t that treats its part kappa z^2 as certain.
        """
        if level not in self._known:
            self._known[level] = self._quantile(level)
        return self._known[level]

    @cached_property
    def _known(self) -> dict[float, Floats]:
        """The quantiles computed so far, by level."""
        return {}

    def _quantile(self, level: float) -> Floats:
        plain = t_quantile(level, self.freedom)
        bent = ~self._even & np.isfinite(plain)
        if not bent.any():
            return plain
        some, highest = self.at(bent), portable.squared(plain[bent])

        def made(functions: Functions, at: Bools) -> Floats:
            own = some.at(at)
            return np.asarray(np.sqrt(own.solved(highest[at] / own.bias, 1 - level, functions) * own.bias))

        found = plain.copy()
        found[bent] = some.agreed(made)
        return found

    def two_sided(self, distance: Floats) -> Floats:
        """Return the probability (R, C) of this distance or a larger one, never 0, nan where the distance is nan."""
        found = t_two_sided(distance, self.freedom)
        bent = ~self._even & np.isfinite(found) & (distance > 0)
        if bent.any():
            some, square = self.at(bent), portable.squared(distance[bent])

            def made(functions: Functions, at: Bools) -> Floats:
                own = some.at(at)
                return np.maximum(own.tail(square[at] / own.bias, functions), LEAST)

            found[bent] = some.agreed(made)
        return found

    def agreed(self, made: Callable[[Functions, Bools], Floats]) -> Floats:
        """Return eight digits (n,) of numbers made with portable functions, or with fast ones where both must agree."""
        return portable.rounded.agreed(
            np.ones(self.bias.shape, dtype=np.bool_),
            lambda at: made(FAST, at),
            lambda at: made(SLOW, at),
        )

    def at(self, cells: Cells) -> UnequalGroups:
        """Return the distribution for some cells."""
        return UnequalGroups(*(getattr(self, field.name)[cells] for field in fields(self)))

    @property
    def estimable(self) -> Bools:
        """Whether an error (R, C) is known at least as well as by t with `LEAST_FREEDOM` degrees of freedom."""
        most = float(t_quantile(0.95, LEAST_FREEDOM))
        return np.asarray((self.bias >= LEAST_BIAS) & (self.quantile(0.95) <= most * (1 + _FLAT)))

    @property
    def reach(self) -> Floats:
        """The approximate half-width of a 95 % interval in roots of the sum of squared residuals, infinite if unknown.

        It is the mean, on the log scale, of the ends of the bracket that `quantile` searches.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            found = np.sqrt(t_quantile(0.95, self.freedom) / np.sqrt(self.bias) * np.sqrt(self._lowest(0.05)))
        return np.where(np.isfinite(found), found, np.inf)

    @property
    def _even(self) -> Bools:
        """Whether t is exact: groups have one size, or so nearly that rounding hides the difference."""
        return np.asarray((self.kappa <= _FLAT) & (self.cross <= _FLAT))

    def solved(self, highest: Floats, tail: float, functions: Functions) -> Floats:
        """Return c (n,) with this tail, by false position on the logs of both."""
        low, high = functions.log(self._lowest(tail)), functions.log(highest)
        low, high = np.minimum(low, high) - 0.02, np.maximum(low, high) + 0.02
        at_low, at_high = (functions.log(self.tail(functions.exp(end), functions) / tail) for end in (low, high))
        for _ in range(_STEPS):
            with np.errstate(divide="ignore", invalid="ignore"):
                middle = low + (high - low) * at_low / (at_low - at_high)
            middle = np.clip(np.where(np.isfinite(middle), middle, (low + high) / 2), low, high)
            value = functions.log(self.tail(functions.exp(middle), functions) / tail)
            above = value > 0
            # The value at the unchanged end is halved, so that both ends move (the Illinois rule).
            at_low, at_high = np.where(above, value, at_low / 2), np.where(above, at_high / 2, value)
            low, high = np.where(above, middle, low), np.where(above, high, middle)
        return np.asarray(functions.exp(middle))

    def _lowest(self, tail: float) -> Floats:
        """Return c with this tail if the part kappa z^2 of sum e^2 is certain and the remainder independent of z."""
        given = portable.squared(
            portable.rounded.stdtrit((portable.squared(self.rest) / self.spread).clip(1, 1e9), 1 - tail / 2)
        )
        return np.asarray(given / (self.rest + given * self.kappa))

    def tail(self, c: Floats, functions: Functions) -> Floats:
        """Return P(z^2 > c sum e^2) (n,), integrated over z from where it is possible to where it is certain."""
        left = 1 - c * self.kappa
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            centre = np.where(left > 0, np.sqrt(c * self.rest / left), np.inf)
            reach = (
                _REACH * c * np.sqrt(2 * self.spread + 4 * portable.squared(centre) * self.cross) / (2 * centre * left)
            )
            first, last = np.maximum(centre - reach, 0.0), np.minimum(centre + reach, _FARTHEST)
        first = np.where(np.isfinite(first), np.minimum(first, _FARTHEST - 1), 0.0)
        last = np.where(np.isfinite(last), np.maximum(last, first), _FARTHEST)
        half = (last - first)[:, None] / 2
        z = first[:, None] + half * (_NODES + 1)
        square, own = portable.squared(z), {field.name: getattr(self, field.name)[:, None] for field in fields(self)}
        mean = own["kappa"] * square + own["rest"]
        variance = 2 * own["spread"] + 4 * own["cross"] * square
        third = 8 * own["third"] + 24 * own["bend"] * square
        start = _START * np.clip(mean - 2 * portable.squared(variance) / third, 0.0, mean)
        mean = mean - start
        chance = functions.gammainc(
            portable.squared(mean) / variance, np.maximum(square / c[:, None] - start, 0.0) * mean / variance
        )
        within = portable.matmul(chance * functions.exp(-square / 2) * half, _WEIGHTS) * np.sqrt(2 / np.pi)
        return np.asarray(np.maximum(within + functions.erfc(last / np.sqrt(2)), LEAST))


def unequal_groups(rho: Floats, total: Floats, own: Floats, squares: Floats, sums: Floats) -> UnequalGroups:
    """Return the distribution under a correlation rho, from sums over groups, all (R, C).

    `total`, `own` and `squares` are the sums of m, u and m^2. `sums` (21, R, C) are the sums of u^i m^j with the
    exponents `POWERS`.
    """
    d, d2, d3, d4, dh, d2h, d3h, h2, dh2, d2h2 = _moments(rho, total, own, squares, sums)
    bias, rest, across = 1 - 2 * dh + h2, 1 - d2, d2 - dh
    products = d2 * (1 + 2 * h2) - 4 * d2h + portable.squared(h2) + 2 * dh2 + 2 * portable.squared(dh) - 4 * h2 * dh
    there = (d > 0) & (bias > _FLAT) & (rest > _FLAT) & (products > 0)
    bias, rest = np.where(there, bias, 0.0), np.where(there, rest, 1.0)
    # The spread corresponds to at least one degree of freedom, and rounding must not make it 0.
    spread = np.where(
        there, np.clip(d2 - 2 * d3 + portable.squared(d2), portable.squared(rest) * _FLAT, portable.squared(rest)), 1.0
    )
    return UnequalGroups(
        bias,
        np.where(there, np.maximum(over(portable.squared(bias), products), 1.0), np.nan),
        np.maximum(d2 - 2 * dh + h2, 0.0),
        rest,
        spread,
        np.maximum(d3 - 2 * d2h + dh2 - portable.squared(across), 0.0),
        np.where(
            there,
            np.clip(
                d3 - 3 * d4 + 3 * d2 * d3 - portable.power(d2, 3),
                portable.squared(spread) / rest,
                portable.power(spread, 1.5),
            ),
            1.0,
        ),
        np.maximum(d4 - 2 * d3h + d2h2 - 2 * across * (d3 - d2h) + portable.squared(across) * d2, 0.0),
    )


def _moments(rho: Floats, total: Floats, own: Floats, squares: Floats, sums: Floats) -> list[Floats]:
    """Return the sums over groups of d^i h^j in the order of `_MOMENTS`, d as part of all d. The first is 0 or 1."""
    of = dict(zip(POWERS, sums, strict=True)) | {(1, 0): own, (0, 2): squares}
    whole, apart = (1 - rho) * own + rho * squares, 1 - rho
    unit, m = np.where(whole > 0, whole, 1.0), np.where(total > 0, total, 1.0)
    found = []
    for i, j in _MOMENTS:
        parts = (
            math.comb(i, k) * portable.power(apart, i - k) * portable.power(rho, k) * of[i - k, 2 * k + j]
            for k in range(i + 1)
        )
        found.append(sum(parts, np.zeros_like(unit)) / portable.power(unit, i) / portable.power(m, j))
    return found


MarginLaw = Student | UnequalGroups
"""The distribution of an estimate that depends on the groups of one margin."""


@dataclass(frozen=True, eq=False)
class Widest:
    """The wider of two distributions, for an estimate that depends on two sets of groups. `bias` is the first's."""

    first: ErrorLaw
    second: ErrorLaw

    @property
    def bias(self) -> Floats:
        """The bias of the first."""
        return self.first.bias

    @property
    def estimable(self) -> Bools:
        """Whether both errors are known well enough."""
        return self.first.estimable & self.second.estimable

    def quantile(self, level: float) -> Floats:
        """Return the larger quantile, nan where one is unknown."""
        return np.maximum(self.first.quantile(level), self.second.quantile(level))

    def two_sided(self, distance: Floats) -> Floats:
        """Return the larger probability, nan where one is unknown."""
        return np.maximum(self.first.two_sided(distance), self.second.two_sided(distance))

    def at(self, cells: Cells) -> Widest:
        """Return the distribution for some cells."""
        return Widest(self.first.at(cells), self.second.at(cells))


def joined(first: MarginLaw, second: MarginLaw) -> MarginLaw:
    """Return the distributions (n,) and (m,) of two margins, of one kind, as one (n + m,)."""
    kind, names = type(first), [field.name for field in fields(first)]
    return kind(*(np.concatenate([getattr(law, name) for law in (first, second)]) for name in names))


def worst(laws: Sequence[MarginLaw]) -> MarginLaw:
    """Return, for each cell, the distribution that gives the widest interval for an error estimated from residuals.

    All distributions are of one kind.
    """
    if len(laws) == 1:
        return laws[0]
    chosen = np.argmax(np.stack([law.reach for law in laws]), axis=0)
    names = [field.name for field in fields(laws[0])]
    parts = (np.stack([getattr(law, name) for law in laws]) for name in names)
    return type(laws[0])(*(np.take_along_axis(part, chosen[None], axis=0)[0] for part in parts))
