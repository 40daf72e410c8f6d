"""Types of numeric arrays, and shared functions for division, summation and rounding errors."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from . import portable

T = TypeVar("T", bound=np.generic)

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Indices = NDArray[np.intp]

CANCELLED = 1e-12
"""Maximum remainder of cancelling terms, relative to their size, that is treated as rounding."""


def over(part: Floats, whole: Floats, otherwise: float = 0.0) -> Floats:
    """Return part / whole, broadcast against each other, or `otherwise` if whole is not above 0."""
    part, whole = np.broadcast_arrays(part, whole)
    return np.asarray(np.divide(part, whole, out=np.full_like(part, otherwise, dtype=np.float64), where=whole > 0))


def settled(left: Floats, size: Floats) -> Floats:
    """Return the remainder of cancelling terms, 0 if it is rounding; `size` is the sum of the terms' sizes.

    A rounding error treated as a variance would look like great precision.
    """
    return np.where(left <= CANCELLED * size, 0.0, left)


def summed(values: Floats, place: Ints, n: int) -> Floats:
    """Return the sums (n, K) of rows of values (p, K) by index (p,), in the order of the rows."""
    chosen = sparse.csc_array((np.ones(len(place)), place, np.arange(len(place) + 1)), shape=(n, len(place)))
    return np.asarray(portable.matmul(chosen, values))


def laid(values: NDArray[T], place: NDArray[np.integer], n: int) -> NDArray[T]:
    """Return the sums (n, ...) of values (p, ...) by index (p,), in their own type: whole numbers stay exact."""
    sums = np.zeros((n, *values.shape[1:]), dtype=values.dtype)
    np.add.at(sums, place, values)
    return sums


def crossed(first: sparse.csr_array, second: sparse.csr_array) -> sparse.csr_array:
    """Return the row-wise products (p, A B) of two tables (p, A) and (p, B), efficient if most numbers are 0.

    If the columns of both are sorted within rows, so are the columns of the products.
    """
    n_rows, n_second = second.shape
    of_first, of_second = np.diff(first.indptr), np.diff(second.indptr)
    n_each = of_first * of_second
    row = np.repeat(np.arange(n_rows), n_each)
    start = np.concatenate([[0], np.cumsum(n_each)])
    place = np.arange(start[-1]) - np.repeat(start[:-1], n_each)
    at_first = first.indptr[row] + place // of_second[row]
    at_second = second.indptr[row] + place % of_second[row]
    column = first.indices[at_first].astype(np.int64) * n_second + second.indices[at_second]
    values = first.data[at_first] * second.data[at_second]
    return sparse.csr_array((values, column, start), shape=(n_rows, first.shape[1] * n_second))


def counted(values: Floats, place: Ints | NDArray[np.int32], n: int) -> Floats:
    """Return the sums (n,) of values (p,) by index (p,), in order."""
    return np.bincount(place, values, n).astype(np.float64)


_TABLE = 4
"""Maximum ratio of the largest value to the number of values for a lookup table."""

_MANY = 200_000
"""Number of values from which hashing in pandas, including its import, is faster than sorting."""


def ranked(values: NDArray[Any]) -> tuple[Indices, NDArray[Any]]:
    """Return the rank (n,) of each value among the distinct values, and the sorted distinct values."""
    if values.dtype.kind in "iu" and _are_small(values):
        there = np.zeros(int(values.max(initial=0)) + 1, dtype=np.bool_)
        there[values] = True
        distinct = np.flatnonzero(there)
        return (np.cumsum(there) - 1)[values], distinct.astype(values.dtype)
    if len(values) < _MANY:
        distinct, number = np.unique(values, return_inverse=True)
        return number, distinct
    from pandas import factorize  # noqa: PLC0415 - a tenth of a build that has no such values

    return factorize(values, sort=True)


def _are_small(values: NDArray[Any]) -> bool:
    """Return whether whole numbers are non-negative and small enough for a lookup table, the fastest method."""
    return not len(values) or (int(values.max()) <= _TABLE * len(values) and int(values.min()) >= 0)


def in_order(values: NDArray[Any]) -> Indices:
    """Return the number (n,) of each value, in order of first appearance."""
    if len(values) < _MANY:
        _, first, number = np.unique(values, return_index=True, return_inverse=True)
        return first.argsort().argsort()[number]
    from pandas import factorize  # noqa: PLC0415 - as above

    return np.asarray(factorize(values)[0])
