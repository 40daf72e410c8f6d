"""Tails of the normal, t, chi-square and gamma distributions and quantiles of t, from portable functions alone.

Names and arguments are those of `scipy.special`, whose functions ask the C library for `exp`, `log` and `pow` and so
differ between processors. Incomplete beta and gamma functions are a factor in the form of Loader (2000, "Fast and
accurate computation of binomial probabilities"), which keeps its digits for large arguments, times a continued fraction
or a series. Quantiles are found by Newton's method on the logarithms of tails.

Relative errors are below 1e-12, also far in the tails. Arguments broadcast; nan stays nan. Arrays are returned.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import Floats, exp, log, log1p

_Part = Callable[[Floats], Floats]

_TINY = 1e-300
_EPS = 2.0**-53
_ROOT = 2.5066282746310002
"""The root of 2 pi."""
_MOST = 100_000
_SHIFT = 12
_NEAR = 1e-7
"""A last step of Newton's method: its square is below all digits."""


_CENTRE = (
    (
        3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
        4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3,
    ),
    (
        4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3, 2.1213794301586595867e4,
        3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3,
    ),
)  # fmt: skip
_NEAR_TAIL = (
    (
        1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
        1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4,
    ),
    (
        2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1, 1.48103976427480074590e-1,
        1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9,
    ),
)  # fmt: skip
_FAR_TAIL = (
    (
        6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0, 2.96560571828504891230e-1,
        2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
    ),
    (
        5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2, 7.86869131145613259100e-4,
        1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15,
    ),
)  # fmt: skip


def _arrays(*values: ArrayLike) -> tuple[tuple[int, ...], list[Floats]]:
    """Return the common shape, and the values in one dimension each."""
    all_of = np.broadcast_arrays(*(np.asarray(value, dtype=np.float64) for value in values))
    return all_of[0].shape, [np.ravel(one) for one in all_of]


def stirling_error(a: Floats) -> Floats:
    """Return log Gamma(a) minus (a - 1/2) log a - a + log of the root of 2 pi, for a > 0."""
    small = a < _SHIFT
    x = np.where(small, a + _SHIFT, a)
    y = 1 / (x * x)
    series = (1 / 12 - y * (1 / 360 - y * (1 / 1260 - y * (1 / 1680 - y * (1 / 1188 - y * 691 / 360360))))) / x
    if not small.any():
        return np.asarray(series)
    # (a + 1) ... (a + 11), in pairs (a + k)(a + 12 - k)
    pair, product = a * (a + _SHIFT), a + _SHIFT // 2
    for k in range(1, _SHIFT // 2):
        product = product * (pair + k * (_SHIFT - k))
    # Gamma(a) = Gamma(a + shift) / (a (a + 1) ...)
    moved = (x - 0.5) * log(x) - x - log(product) - (a + 0.5) * log(a) + a
    return np.where(small, series + moved, series)


def deviance(x: Floats, mean: Floats, distance: Floats | None = None) -> Floats:
    """Return x log(x / mean) + mean - x, without cancellation where both are nearly equal; `scipy.special.kl_div`.

    `distance` is x - mean if it is known with more digits than the difference has.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        apart = x - mean if distance is None else distance
        v = apart / (x + mean)
        near = np.abs(v) < 0.1
        w = np.where(near, v, 0.0)
        square = w * w
        series = np.zeros_like(w)
        for k in range(12, 0, -1):
            series = (series + 1 / (2 * k + 1)) * square
        # x log(x / mean) = 2 x artanh v, and mean - x = -v (x + mean)
        by_series = apart * w + 2 * x * w * series
        far = np.where(x == 0, mean, x * log(x / mean) + mean - x)
    return np.where(near, by_series, far)


def _fraction(step: Callable[[int], tuple[Floats, Floats]], start: Floats) -> Floats:
    """Return start + a1 / (b1 + a2 / (b2 + ...)) by Lentz's method; `step` gives the nth a and b."""
    made = np.where(start == 0, _TINY, start)
    c, d, moving = made, np.zeros_like(made), np.isfinite(made)
    for n in range(1, _MOST):
        a, b = step(n)
        d, c = b + a * d, b + a / c
        d, c = 1 / np.where(d == 0, _TINY, d), np.where(c == 0, _TINY, c)
        change = c * d
        made = np.where(moving, made * change, made)
        moving = moving & (np.abs(change - 1) > 2 * _EPS)
        if not moving.any():
            break
    return made


def _by_parts(x: Floats, of: Sequence[tuple[NDArray[np.bool_], Callable[[NDArray[np.bool_]], Floats]]]) -> Floats:
    """Return an array like x: for each mask the values of its function, nan elsewhere."""
    found = np.full(x.shape, np.nan)
    with np.errstate(all="ignore"):
        for mask, made in of:
            if mask.any():
                found[mask] = made(mask)
    return found


# The incomplete gamma function


def gammainc(a: ArrayLike, x: ArrayLike) -> Floats:
    """Return the lower tail P(a, x) of the gamma distribution with shape a > 0."""
    return _gamma(a, x, upper=False)


def gammaincc(a: ArrayLike, x: ArrayLike) -> Floats:
    """Return the upper tail Q(a, x) of the gamma distribution with shape a > 0."""
    return _gamma(a, x, upper=True)


def _gamma(a: ArrayLike, x: ArrayLike, *, upper: bool) -> Floats:
    shape, (a, x) = _arrays(a, x)
    sure = (a > 0) & (x > 0) & np.isfinite(x) & np.isfinite(a)
    below = x < a + 1
    found = _by_parts(
        x,
        [
            ((a > 0) & (x == 0), lambda at: np.full(at.sum(), float(upper))),
            ((a > 0) & (x == np.inf), lambda at: np.full(at.sum(), float(not upper))),
            (sure & below, lambda at: _turned(_gamma_series(a[at], x[at]), turn=upper)),
            (sure & ~below, lambda at: _turned(_gamma_fraction(a[at], x[at]), turn=not upper)),
        ],
    )
    return found.reshape(shape)


def _turned(chance: Floats, *, turn: bool) -> Floats:
    return 1 - chance if turn else chance


def _gamma_density(a: Floats, x: Floats) -> Floats:
    """Return x^a e^-x / Gamma(a)."""
    return np.asarray(np.sqrt(a) / _ROOT * exp(-stirling_error(a) - deviance(a, x)))


def _gamma_series(a: Floats, x: Floats) -> Floats:
    term, total, n = 1 / a, 1 / a, a
    for _ in range(_MOST):
        n = n + 1
        term = term * (x / n)
        if not (term > total * _EPS / 4).any():
            break
        total = total + term
    return _gamma_density(a, x) * total


def _gamma_fraction(a: Floats, x: Floats) -> Floats:
    made = _fraction(lambda n: (-n * (n - a), x + (2 * n + 1) - a), x + 1 - a)
    return _gamma_density(a, x) / made


# The incomplete beta function


def _beta(a: Floats, b: Floats, x: Floats, y: Floats) -> Floats:
    """Return the lower tail at x = 1 - y, where the smaller of the two has all its digits.

    The smaller of a and b is a few at most.
    """
    fine = (a > 0) & (b > 0)
    sure = fine & (x > 0) & (y > 0) & np.isfinite(a) & np.isfinite(b)
    below = x * (a + b + 2) < a + 1
    return _by_parts(
        x,
        [
            (fine & (x == 0), lambda at: np.zeros(at.sum())),
            (fine & (y == 0), lambda at: np.ones(at.sum())),
            (sure & below, lambda at: _beta_fraction(a[at], b[at], x[at], y[at])),
            (sure & ~below, lambda at: 1 - _beta_fraction(b[at], a[at], y[at], x[at])),
        ],
    )


def _beta_density(a: Floats, b: Floats, x: Floats, y: Floats) -> Floats:
    """Return x^a y^b Gamma(a + b) / (Gamma(a) Gamma(b))."""
    n = a + b
    rest = stirling_error(n) - stirling_error(a) - stirling_error(b)
    # a - n x is n y - b. The one of the smaller of x and y has more digits.
    apart = np.where(x < y, a - n * x, n * y - b)
    return np.asarray(np.sqrt(a / n * b) / _ROOT * exp(rest - deviance(a, n * x, apart) - deviance(b, n * y, -apart)))


def _beta_fraction(a: Floats, b: Floats, x: Floats, y: Floats) -> Floats:
    """Return the lower tail by the continued fraction of DiDonato and Morris (1992, BFRAC), without cancellation."""
    apart, rest = a * y - b * x + 1, 2 - x

    def second(m: int) -> Floats:
        return np.asarray(m + m * (b - m) * x / (a + 2 * m - 1) + (a + m) * (apart + m * rest) / (a + 2 * m + 1))

    def step(m: int) -> tuple[Floats, Floats]:
        below = a + 2 * m - 1
        return (a + m - 1) / below * ((a + b + m - 1) / below) * (m * (b - m)) * x * x, second(m)

    return _beta_density(a, b, x, y) / _fraction(step, a * apart / (a + 1))


# Distributions


def ndtr(x: ArrayLike) -> Floats:
    """Return the lower tail of the normal distribution."""
    v = np.asarray(x, dtype=np.float64)
    tail = gammaincc(0.5, v * v / 2) / 2
    return np.where(v > 0, 1 - tail, tail)


def chdtr(freedom: ArrayLike, x: ArrayLike) -> Floats:
    """Return the lower tail of chi-square."""
    return gammainc(np.asarray(freedom) / 2, np.asarray(x) / 2)


def chdtrc(freedom: ArrayLike, x: ArrayLike) -> Floats:
    """Return the upper tail of chi-square, 1 below 0."""
    return gammaincc(np.asarray(freedom) / 2, np.maximum(x, 0.0) / 2)


def stdtr(freedom: ArrayLike, t: ArrayLike) -> Floats:
    """Return the lower tail of Student's t; infinite `freedom` is the normal distribution."""
    shape, (df, t) = _arrays(freedom, t)
    square = t * t
    whole = df + square
    with np.errstate(invalid="ignore"):
        most = np.where(np.isinf(square), 1.0, square / whole)
        beyond = _beta(df / 2, np.full_like(df, 0.5), np.where(np.isinf(square), 0.0, df / whole), most) / 2
    tail = np.where(np.isinf(df), ndtr(-np.abs(t)), beyond)
    return np.where(t > 0, 1 - tail, tail).reshape(shape)


# Quantiles


def _solved(start: Floats, log_tail: _Part, slope: _Part, goal: Floats) -> Floats:
    """Return where a tail has the logarithm `goal`; `slope` is the derivative of the tail, `log_tail` its logarithm.

    Newton's method; a place that no longer moves, or is nan, is left where it is.
    """
    at, moving = start, np.isfinite(start) & np.isfinite(goal)
    with np.errstate(all="ignore"):
        for _ in range(60):
            found = log_tail(at)
            step = (found - goal) * exp(found) / slope(at)
            step = np.clip(np.where(np.isfinite(step), step, 0.0), -40.0, 40.0)
            at = np.where(moving, at - step, at)
            moving = moving & (np.abs(step) > _NEAR)
            if not moving.any():
                break
    return at


def _ratio(x: Floats, above: Sequence[float], below: Sequence[float]) -> Floats:
    """Return the ratio of two polynomials; the first coefficient of the lower one is 1."""
    made = []
    for coefficients in (above, (1.0, *below)):
        value = np.full_like(x, coefficients[-1])
        for one in coefficients[-2::-1]:
            value = value * x + one
        made.append(value)
    return np.asarray(made[0] / made[1])


def ndtri(p: ArrayLike) -> Floats:
    """Return the quantile of the normal distribution, -inf at 0 and inf at 1 (Wichura 1988, algorithm AS 241)."""
    shape, (p,) = _arrays(p)
    q = p - 0.5
    tail = np.minimum(p, 1 - p)
    near = np.abs(q) <= 0.425
    inside = (tail > 0) & ~near
    r = np.sqrt(-log(np.where(inside, tail, 0.5)))
    far = np.where(r <= 5, _ratio(r - 1.6, _NEAR_TAIL[0], _NEAR_TAIL[1]), _ratio(r - 5, _FAR_TAIL[0], _FAR_TAIL[1]))
    far = np.where(tail == 0, np.inf, np.where(tail > 0, far, np.nan))
    return np.where(near, q * _ratio(0.180625 - q * q, *_CENTRE), np.copysign(far, q)).reshape(shape)


def stdtrit(freedom: ArrayLike, p: ArrayLike) -> Floats:
    """Return the quantile of t for p, with finite `freedom`."""
    shape, (df, p) = _arrays(freedom, p)
    tail = np.minimum(p, 1 - p)
    normal = -ndtri(tail)
    sure = np.isfinite(df) & (df > 0) & (tail > 0) & (tail < 0.5)

    def solve(at: NDArray[np.bool_]) -> Floats:
        n = df[at]
        scale = exp(stirling_error((n + 1) / 2) - stirling_error(n / 2)) / _ROOT

        def density(u: Floats) -> Floats:
            t = exp(u)
            share = t * t / n
            # Gamma((n + 1) / 2) / (Gamma(n / 2) root(n / 2)), by Stirling's formula with its error
            lead = n / 2 * log1p(1 / n) - 0.5
            return np.asarray(-t * scale * exp(lead - (n + 1) / 2 * log1p(share)))

        start = log(np.maximum(normal[at], 0.01))
        return np.asarray(exp(_solved(start, lambda u: log(stdtr(n, -exp(u))), density, log(tail[at]))))

    found = np.where(tail == 0, np.inf, _by_parts(df, [(sure, solve)]))
    found = np.where(tail == 0.5, 0.0, found)
    return np.where(p < 0.5, -found, found).reshape(shape)
