"""Arrays of numbers: what they are called, and how all that counts divides them, adds them up and sees rounding."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Indices = NDArray[np.intp]

CANCELLED = 1e-12
"""What is left of terms that cancel, as a part of their size, up to which it is rounding."""


def over(part: Floats, whole: Floats, otherwise: float = 0.0) -> Floats:
    """Return part / whole, broadcast against each other; `otherwise` where whole is not above 0."""
    part, whole = np.broadcast_arrays(part, whole)
    return np.asarray(np.divide(part, whole, out=np.full_like(part, otherwise, dtype=np.float64), where=whole > 0))


def settled(left: Floats, size: Floats) -> Floats:
    """Return what is left of terms that cancel, 0 where that is rounding; `size` is what the terms add up to.

    Taken for variance, rounding would pass for great certainty.
    """
    return np.where(left <= CANCELLED * size, 0.0, left)


def summed(values: Floats, place: Ints, n: int) -> Floats:
    """Return the sums (n, K) of rows of values (p, K) by their place (p,), in the order of the rows."""
    chosen = sparse.csr_array((np.ones(len(place)), (place, np.arange(len(place)))), shape=(n, len(place)))
    return np.asarray(chosen @ values)


def counted(values: Floats, place: Ints | NDArray[np.int32], n: int) -> Floats:
    """Return the sums (n,) of values (p,) by their place (p,), in their order."""
    return np.bincount(place, values, n).astype(np.float64)
