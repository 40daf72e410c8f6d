"""Observed over expected for every pair of categories, whatever the expectation: all that judging a pair needs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .conditional_law import Cumulants, cumulant_ends, cumulant_p
from .intervals import Interval
from .laws import at_most_one, t_quantile, t_two_sided
from .null_variance import Lumps

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
_CANCELLED = 1e-12


@dataclass(frozen=True, eq=False)
class Ratios:
    """Ratios of R row and C column categories, rows of the incidence as rows.

    `expected` (R, C) are the counts to compare with, `ratio` (R, C) is observed over expected, `low` and `high`
    (R, C) the ends of its interval and `p` (R, C) the two-sided p of "as often as expected". nan where undefined
    or where no interval or no test can be given. Where there is a test the interval excludes 1 exactly where p is
    below one less its level.
    """

    expected: Floats
    ratio: Floats
    low: Floats
    high: Floats
    p: Floats


@dataclass(frozen=True, eq=False)
class Score:
    """How far n_ab is from a multiple of E_ab, over groups or weighted units; all (R, C) but `lumps`.

    `of_joint`, `of_both` and `of_expected` are the observed variances and covariance of n_ab and E_ab; `null` is the
    variance of n_ab - E_ab if a and b are unrelated. `freedom` are the degrees of t. `lumps` tells how units come
    together, None where that is not known.
    """

    joint: Floats
    expected: Floats
    of_joint: Floats
    of_both: Floats
    of_expected: Floats
    null: Floats
    freedom: Floats
    lumps: Lumps | None = None

    @property
    def p(self) -> Floats:
        """Two-sided p of n_ab, the larger of two: by t, and by a count of lumps; nan where no variance tells.

        t = (n_ab - E_ab) / error allows for few groups; linear, not on the log of the ratio, whose tail is too heavy
        for many tests. Where n_ab is a few lumps (groups of near-copies) it is skewed, as a Poisson number of them is.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            t = np.where(self._variance > 0, np.abs(self.joint - self.expected) / np.sqrt(self._variance), np.nan)
            p = t_two_sided(t, self.freedom)
            if self.lumps is None:
                return p
            counted = at_most_one(cumulant_p(self.joint / self._lump, self._law))
        return np.where(np.isfinite(p), np.fmax(p, counted), np.nan)

    def ends(self, level: float) -> Interval:
        """Return the multiples that the same test does not reject: the hull of what either variance and law allows.

        Of n_ab - x E_ab the observed variance is V - 2 x B + x^2 C (Fieller 1954), that of the margins x times what
        it is at 1, as for counts, and so is the observed one below n_ab / E_ab where lumps are known. No upper end,
        infinite, where E_ab is not surely above 0.
        """
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            t2 = t_quantile(level, self.freedom) ** 2
            n, e = self.joint, self.expected
            seen = _between(e**2 - t2 * self.of_expected, n * e - t2 * self.of_both, n**2 - t2 * self.of_joint, n / e)
            foreseen = _between(e**2, n * e + t2 * np.fmax(self.null, 0) / 2, n**2, n / e)
            low, high = np.fmin(seen.low, foreseen.low), np.fmax(seen.high, foreseen.high)
            if self.lumps is None:
                return Interval(low, high)
            below = _between(e**2, n * e + t2 * np.fmax(self._variance, 0) / 2, n**2, n / e).low
            least, most = (end * self._lump / e for end in cumulant_ends(n / self._lump, self._law, level))
            return Interval(np.fmin(below, least), np.fmax(high, most))

    @cached_property
    def _variance(self) -> Floats:
        """The larger of the variance seen and the one that the margins foresee, at E_ab; nan where none is seen.

        Units that meet in a few large groups show a large variance, which the margins do not foresee; what the
        margins foresee is not seen where no such group has met. Each would be too sure of the one or the other. More
        that meet than expected vary more, as counts do, and would hide the excess that they are: what is seen of them
        is taken in proportion.
        """
        terms = self.of_joint + 2 * np.abs(self.of_both) + self.of_expected
        seen = self.of_joint - 2 * self.of_both + self.of_expected
        # What remains of terms that cancel is rounding: taken for variance it would pass for great certainty.
        seen = np.where(seen <= _CANCELLED * terms, 0.0, seen)
        if self.lumps is not None:
            more = self.joint > self.expected
            seen = np.where(more, seen * np.divide(self.expected, self.joint, out=np.ones_like(seen), where=more), seen)
        return np.where(np.isnan(seen), np.nan, np.fmax(seen, self.null))

    @cached_property
    def _lump(self) -> Floats:
        """How many units go together: the third moment of n_ab over its variance, were groups in it or not."""
        if self.lumps is None:
            return np.full_like(self.joint, np.nan)
        alone = np.minimum(self.expected * self.lumps.unit / self._variance, 1.0)
        return self._variance / self.expected * (1 + (self.lumps.uneven - 1) * (1 - alone))

    @property
    def _law(self) -> Cumulants:
        """The law of how many lumps meet: a shifted Poisson number."""
        variance = self._variance / self._lump**2
        return Cumulants(self.expected / self._lump, variance, variance)


def _between(a: Floats, b: Floats, c: Floats, inside: Floats) -> Interval:
    """Return the ends, 0 or more, of the stretch around `inside` where a x^2 - 2 b x + c is not above 0."""
    root = np.sqrt(np.maximum(b**2 - a * c, 0.0))
    far = b + np.where(b >= 0, root, -root)  # the root that does not cancel; the product of both is c / a
    one, other = far / a, np.where(far == 0, 0.0, c / far)
    least, most = np.fmin(one, other), np.fmax(one, other)
    unbounded = ~(a > 0)
    nowhere = unbounded & (b**2 < a * c)
    low = np.where(unbounded, np.where(inside >= most, most, 0.0), least)
    high = np.where(unbounded & ((inside >= most) | nowhere), np.inf, np.where(unbounded, least, most))
    return Interval(np.maximum(np.where(nowhere, 0.0, low), 0.0), high)


def differ(ends: Interval, p: Floats, level: float) -> Bools:
    """Return where there is a test, and an interval says of 1 something else than its p, or is not there."""
    found: Bools = np.isfinite(p) & (
        ((p < 1 - level) != ((ends.low > 1) | (ends.high < 1))) | ~np.isfinite(ends.low) | ~np.isfinite(ends.high)
    )
    return found


def agreeing(ends: Interval, own: Interval, ratio: Floats, p: Floats, level: float) -> Interval:
    """Return ends that say of 1 what the test says: where an interval and p do not, the test's own end towards 1.

    `own` are the ratios that the test does not reject. Interval and test are made for different things, all ratios
    that may be true and far tails at 1, and differ a little; a pair has one verdict. nan where neither has ends.
    """
    rejected, tested, above = p < 1 - level, np.isfinite(p), ratio > 1
    low, high = (
        np.where(tested & ~np.isfinite(end), by_test, end)
        for end, by_test in ((ends.low, own.low), (ends.high, own.high))
    )
    astray = differ(Interval(low, high), p, level)
    low, high = np.where(astray & above, own.low, low), np.where(astray & ~above, own.high, high)
    # The limits of a test are found to rounding; its p decides.
    low = np.where(tested & ~rejected, np.minimum(low, 1.0), low)
    high = np.where(tested & ~rejected, np.maximum(high, 1.0), high)
    low = np.where(rejected & above, np.maximum(low, np.nextafter(1, 2)), low)
    high = np.where(rejected & ~above, np.minimum(high, np.nextafter(1, 0)), high)
    known = np.isfinite(low) & np.isfinite(high)
    return Interval(np.where(known, low, np.nan), np.where(known, high, np.nan))
