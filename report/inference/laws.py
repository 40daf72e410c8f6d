"""Quantiles and tails of the laws that intervals and tests rest on, as SciPy's special functions give them.

The numbers of `scipy.stats`, whose import takes half a second of every build. Quantiles of t have ten digits: releases
of SciPy agree on so many, and a difference of two numbers that are nearly alike shows the others.
"""

from __future__ import annotations

from typing import overload

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]

_ROUNDING = 1e-9
LEAST = float(np.finfo(np.float64).tiny)
"""What a chance too small for a number is written as, since it is not 0: about 2e-308."""


def normal_quantile(level: float) -> float:
    """Return z with P(|Z| <= z) = level, for a standard normal Z.

    >>> round(normal_quantile(0.95), 4)
    1.96
    """
    return float(special.ndtri((1 + level) / 2))


@overload
def t_quantile(level: float, freedom: float) -> float: ...
@overload
def t_quantile(level: float, freedom: Floats) -> Floats: ...
def t_quantile(level: float, freedom: float | Floats) -> float | Floats:
    """Return t with P(|T| <= t) = level, for Student's T with so many degrees of freedom (scalars or an array).

    >>> round(t_quantile(0.95, 4), 4)
    2.7764
    """
    found = _ten_digits(np.asarray(special.stdtrit(freedom, (1 + level) / 2), dtype=np.float64))
    return found if isinstance(freedom, np.ndarray) else float(found)


def _ten_digits(positive: Floats) -> Floats:
    """Return numbers above 0 rounded to ten significant digits; those that are not finite as they are."""
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        scale = 10.0 ** (9 - np.floor(np.log10(positive)))
        rounded = np.round(positive * scale) / scale
    return np.where(np.isfinite(rounded), rounded, positive)


def t_two_sided(distance: Floats, freedom: Floats | float) -> Floats:
    """Return P(|T| >= distance) for Student's T, never 0; nan where the distance is."""
    return np.maximum(2 * special.stdtr(freedom, -distance), LEAST)


def chi_square_tail(statistic: float, freedom: float) -> float:
    """Return P(X >= statistic) for a chi-square X with so many degrees of freedom, never 0.

    >>> round(chi_square_tail(3.841, 1), 3)
    0.05
    """
    return max(float(special.chdtrc(freedom, statistic)), LEAST)


def chi_square_quantile(chance: float, freedom: float) -> float:
    """Return x with P(X <= x) = chance, for a chi-square X with so many degrees of freedom.

    >>> round(chi_square_quantile(0.05, 3), 4)
    0.3518
    """
    return float(special.chdtri(freedom, 1 - chance))


def hypergeometric_tail(joint: Floats, units: Floats | float, given: Floats, outcome: Floats) -> Floats:
    """Return the smaller of P(X <= joint) and P(X >= joint), X the joint units of two unrelated categories.

    Probabilities are added up from `joint` away from the mean, each from the one before it; what is left of one tail is
    the other's.
    """
    k, n, a, b = np.broadcast_arrays(*(np.asarray(part, dtype=np.float64) for part in (joint, units, given, outcome)))
    least, most = np.maximum(0.0, a + b - n), np.minimum(a, b)
    inside = (k >= least) & (k <= most)
    k = np.clip(k, least, most)
    chance = _hypergeometric(k, n, a, b)
    below = k * np.maximum(n, 1) < a * b
    term, at, tail = chance.copy(), k.copy(), chance.copy()
    with np.errstate(divide="ignore", invalid="ignore"):
        while (term > tail * 1e-18).any():
            down = np.where(at > least, at * (n - a - b + at) / ((a - at + 1) * (b - at + 1)), 0.0)
            up = np.where(at < most, (a - at) * (b - at) / ((at + 1) * (n - a - b + at + 1)), 0.0)
            term = term * np.where(below, down, up)
            at = np.clip(at + np.where(below, -1.0, 1.0), least, most)
            tail += term
    return np.where(inside, np.minimum(tail, 1 - tail + chance), 0.0)


def _hypergeometric(k: Floats, n: Floats, a: Floats, b: Floats) -> Floats:
    """Return P(X = k) as a quotient of binomial probabilities (Loader 2000), which keeps its digits in large tables."""
    share = b / np.maximum(n, 1)
    return _binomial(k, a, share) * _binomial(b - k, n - a, share) / _binomial(b, n, share)


def _binomial(k: Floats, n: Floats, share: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        inner = np.exp(
            _stirling_error(n) - _stirling_error(k) - _stirling_error(n - k)
            - special.kl_div(k, n * share) - special.kl_div(n - k, n * (1 - share))
        ) * np.sqrt(n / (2 * np.pi * k * (n - k)))  # fmt: skip
        none, every = np.exp(special.xlog1py(n, -share)), np.exp(special.xlogy(n, share))
    return np.asarray(np.where(k == 0, none, np.where(k == n, every, inner)), dtype=np.float64)


def _stirling_error(n: Floats) -> Floats:
    """Return log n! less Stirling's formula of it."""
    with np.errstate(divide="ignore", invalid="ignore"):
        exact = special.gammaln(n + 1) - (n + 0.5) * np.log(n) + n - 0.5 * np.log(2 * np.pi)
        series = (1 / 12 - (1 / 360 - (1 / 1260 - 1 / 1680 / n**2) / n**2) / n**2) / n
    return np.asarray(np.where(n < 16, exact, series), dtype=np.float64)


def false_discovery(p: Floats) -> Floats:
    """Return the q values of p values (n,): Benjamini & Hochberg 1995.

    >>> false_discovery(np.array([0.01, 0.04, 0.03, 0.5])).round(4).tolist()
    [0.04, 0.0533, 0.0533, 0.5]
    """
    order = np.argsort(p)[::-1]
    ranks = np.arange(len(p), 0, -1)
    falling = np.minimum.accumulate(p[order] * (len(p) / ranks))
    q = np.empty_like(p)
    q[order] = at_most_one(falling)
    return q


def at_most_one(p: Floats) -> Floats:
    """Return probabilities with 1 for what is above it, or below it by no more than sums of tails are rounded."""
    return np.where(p > 1 - _ROUNDING, 1.0, p)
