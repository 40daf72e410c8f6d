"""Costly functions to eight or ten digits: SciPy's fast ones where they must round equally, else portable ones.

SciPy's functions and those of `tails` agree within `_APART`, as tests show for the arguments within the bounds below. A
value that is farther from the next rounding boundary rounds to the same number, whatever the last digits of
SciPy's are on this processor. The others are computed with the portable function, and a quantile near a boundary is
decided by the portable tail at the boundary. So the result is always the rounded value of the portable function, at
little more than the cost of SciPy's.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from . import Floats, tails

_APART = 5e-11
"""A relative distance, four times the largest that was found within these bounds."""
_T_APART = 5e-13
"""The same for quantiles of t, ten times the largest."""
_FREEDOM = 1e5
_LEAST = 1e-280
"""Below it digits are lost."""

_TINY = 1e-290
_TENS = np.array([float(f"1e{n}") for n in range(-323, 309)])

Cells = NDArray[np.bool_]


def rounded(x: Floats, digits: int = 8) -> Floats:
    """Return numbers from 1e-290 to 1e290 rounded to significant digits; those below, inf and nan stay."""
    return _rounded(x, _scale(x, digits))


def _scale(x: Floats, digits: int) -> Floats:
    """Return the powers of ten that leave so many digits of positive numbers before the point."""
    return np.asarray(_TENS[np.clip(646 + digits - np.searchsorted(_TENS, x, side="right"), 24, 622)])


def _rounded(x: Floats, scale: Floats) -> Floats:
    return np.where(x < _TINY, x, np.rint(x * scale) / scale)


def agreed(
    trusted: Cells,
    fast: Callable[[Cells], Floats],
    slow: Callable[[Cells], Floats],
    *,
    given: Cells | None = None,
    above: Callable[[Cells, Floats], Cells] | None = None,
    to: tuple[int, float] = (8, _APART),
) -> Floats:
    """Return a positive function (n,) that `slow` computes, rounded.

    `to` has the significant digits, and a relative distance up to which `fast` agrees with it where it is `trusted`.
    Both take a mask (n,) and return the values there. Where arguments are not `given` the result is nan. With `above`,
    which takes a mask and numbers there and returns whether the function is above them, `slow` itself is only asked
    where `fast` is not trusted.
    """
    (digits, apart), found = to, np.full(trusted.shape, np.nan)
    with np.errstate(all="ignore"):
        if trusted.any():
            found[trusted] = fast(trusted)
        scale = _scale(found, digits)
        low, high = _rounded(found * (1 - apart), scale), _rounded(found * (1 + apart), scale)
        known = found > _LEAST
        near = known & (low != high)
        unsure = ~known & (True if given is None else given)
        found = low
        if above is None:
            unsure |= near
        elif near.any():
            found[near] = np.where(above(near, (low[near] + high[near]) / 2), high[near], low[near])
        if unsure.any():
            found[unsure] = rounded(slow(unsure), digits)
    return found


def _rows(*values: ArrayLike) -> tuple[tuple[int, ...], list[Floats]]:
    broad = np.broadcast_arrays(*(np.asarray(value, dtype=np.float64) for value in values))
    return broad[0].shape, [np.ravel(one) for one in broad]


def stdtrit(freedom: ArrayLike, p: float) -> Floats:
    """Return the quantile of t for p above 1/2, to ten digits."""
    distinct, place = np.unique(np.asarray(freedom, dtype=np.float64), return_inverse=True)
    found = agreed(
        (distinct >= 1) & (distinct <= _FREEDOM),
        lambda at: np.asarray(special.stdtrit(distinct[at], p)),
        lambda at: tails.stdtrit(distinct[at], p),
        given=(distinct > 0) & (distinct < np.inf),
        above=lambda at, t: tails.stdtr(distinct[at], -t) > 1 - p,
        to=(10, _T_APART),
    )
    return found[place].reshape(np.shape(freedom))


def stdtr(freedom: ArrayLike, t: ArrayLike) -> Floats:
    """Return the lower tail of t to eight digits; nan unless `freedom` is above 0. If it is infinite, t is normal."""
    shape, (freedom, t) = _rows(freedom, t)
    found = agreed(
        (freedom >= 1) & ((freedom <= _FREEDOM) | (freedom == np.inf)) & (t < 0),
        lambda at: np.where(freedom[at] == np.inf, special.ndtr(t[at]), special.stdtr(freedom[at], t[at])),
        lambda at: tails.stdtr(freedom[at], t[at]),
        given=(freedom > 0) & ~np.isnan(t),
    )
    return found.reshape(shape)


@cache
def ndtri(p: float) -> float:
    """Return the quantile of the normal distribution with all digits, remembered for the few levels that are used."""
    return float(tails.ndtri(p))
