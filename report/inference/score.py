"""Score test of n_ab - E_ab over groups or weighted units: p values and the multiples of E_ab that are not rejected.

The module `ratios` describes the variances.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .. import portable
from ..arrays import Floats, over, settled
from .critical_values import ErrorLaw
from .intervals import Interval
from .laws import Cumulants, at_most_one, cumulant_ends, cumulant_p


@dataclass(frozen=True)
class EffectiveClusters:
    """Clustering of units: the skewness of n_ab, and the small number of independent events behind it.

    `unit` is sum w^2 / sum w over units: the variance of a count over its mean for independent units (1 without
    weights). `uneven` is (sum m^3)(sum m) / (sum m^2)^2 over groups of m units, within strata, and 1 if all groups have
    one size. If groups are included at random, the third moment over the variance is `uneven` times the variance over
    the mean.
    """

    unit: float
    uneven: float


@dataclass(frozen=True, eq=False)
class Score:
    """The deviation of n_ab from a multiple of E_ab, over groups or weighted units; all (R, C) but `lumps`.

    `of_joint`, `of_both` and `of_expected` are the observed variances and covariance of n_ab and E_ab. `null` is the
    variance of n_ab - E_ab if a and b are unrelated. `law` is the distribution of n_ab - E_ab in standard errors.
    `lumps` describes the clustering of units, None if it is not known.
    """

    joint: Floats
    expected: Floats
    of_joint: Floats
    of_both: Floats
    of_expected: Floats
    null: Floats
    law: ErrorLaw
    lumps: EffectiveClusters | None = None

    @property
    def p(self) -> Floats:
        """Two-sided p of n_ab: the larger of a t test and a test of a count of lumps; nan if no variance is known.

        t = (n_ab - E_ab) / error allows for few groups. It is linear, because the log of the ratio has too heavy a tail
        for many tests. If n_ab consists of a few lumps (groups of near-copies), it is skewed like a Poisson number of
        lumps.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            t = np.where(self._variance > 0, np.abs(self.joint - self.expected) / np.sqrt(self._variance), np.nan)
            p = self.law.two_sided(t)
            if self.lumps is None:
                return p
            counted = at_most_one(cumulant_p(self.joint / self._lump, self._law))
        return np.where(np.isfinite(p), np.fmax(p, counted), np.nan)

    def ends(self, level: float) -> Interval:
        """Return the multiples that the same test does not reject: the hull over both variances and both distributions.

        The observed variance of n_ab - x E_ab is V - 2 x B + x^2 C (Fieller 1954). The variance from the margins is x
        times its value at 1, as for counts. If lumps are known, this also applies to the observed variance below n_ab /
        E_ab. The upper end is infinite if E_ab is not clearly above 0.
        """
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            t2 = portable.squared(self.law.quantile(level))
            n, e = self.joint, self.expected
            seen = _between(
                portable.squared(e) - t2 * self.of_expected,
                n * e - t2 * self.of_both,
                portable.squared(n) - t2 * self.of_joint,
                n / e,
            )
            foreseen = _between(portable.squared(e), n * e + t2 * np.fmax(self.null, 0) / 2, portable.squared(n), n / e)
            low, high = np.fmin(seen.low, foreseen.low), np.fmax(seen.high, foreseen.high)
            if self.lumps is None:
                return Interval(low, high)
            below = _between(
                portable.squared(e), n * e + t2 * np.fmax(self._variance, 0) / 2, portable.squared(n), n / e
            ).low
            least, most = (end * self._lump / e for end in cumulant_ends(n / self._lump, self._law, level))
            return Interval(np.fmin(below, least), np.fmax(high, most))

    @cached_property
    def _variance(self) -> Floats:
        """The larger of the observed variance and the one expected from the margins, at E_ab; nan if none is observed.

        Units that co-occur in a few large groups have a large observed variance, which the margins do not predict. If
        no such group co-occurs, the observed variance misses the part that the margins predict. Either variance alone
        would be too small in one of these cases. A count above its expectation also varies more, as counts do, and this
        would mask the excess. The observed variance is therefore scaled in proportion.
        """
        both = 2 * self.of_both
        seen = settled(self.of_joint - both + self.of_expected, self.of_joint + np.abs(both) + self.of_expected)
        if self.lumps is not None:
            seen = np.where(self.joint > self.expected, seen * over(self.expected, self.joint), seen)
        return np.where(np.isnan(seen), np.nan, np.fmax(seen, self.null))

    @cached_property
    def _lump(self) -> Floats:
        """The number of units per lump: the third moment of n_ab over its variance if groups are included at random."""
        if self.lumps is None:
            return np.full_like(self.joint, np.nan)
        alone = np.minimum(self.expected * self.lumps.unit / self._variance, 1.0)
        return self._variance / self.expected * (1 + (self.lumps.uneven - 1) * (1 - alone))

    @property
    def _law(self) -> Cumulants:
        """The distribution of the number of lumps: a shifted Poisson distribution."""
        variance = self._variance / portable.squared(self._lump)
        return Cumulants(self.expected / self._lump, variance, variance)


def _between(a: Floats, b: Floats, c: Floats, inside: Floats) -> Interval:
    """Return the ends, 0 or more, of the range around `inside` in which a x^2 - 2 b x + c is not above 0."""
    root = np.sqrt(np.maximum(portable.squared(b) - a * c, 0.0))
    far = b + np.where(b >= 0, root, -root)  # the root that does not cancel; the product of both is c / a
    one, other = far / a, np.where(far == 0, 0.0, c / far)
    least, most = np.fmin(one, other), np.fmax(one, other)
    unbounded = ~(a > 0)
    nowhere = unbounded & (portable.squared(b) < a * c)
    low = np.where(unbounded, np.where(inside >= most, most, 0.0), least)
    high = np.where(unbounded & ((inside >= most) | nowhere), np.inf, np.where(unbounded, least, most))
    return Interval(np.maximum(np.where(nowhere, 0.0, low), 0.0), high)
