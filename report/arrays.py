"""Arrays of numbers: what they are called, and how all that counts divides them, adds them up and sees rounding."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

T = TypeVar("T", bound=np.generic)

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
    chosen = sparse.csc_array((np.ones(len(place)), place, np.arange(len(place) + 1)), shape=(n, len(place)))
    return np.asarray(chosen @ values)


def laid(values: NDArray[T], place: NDArray[np.integer], n: int) -> NDArray[T]:
    """Return the sums (n, ...) of values (p, ...) by their place (p,), of their own type: whole numbers stay exact."""
    sums = np.zeros((n, *values.shape[1:]), dtype=values.dtype)
    np.add.at(sums, place, values)
    return sums


def crossed(first: sparse.csr_array, second: sparse.csr_array) -> sparse.csr_array:
    """Return the products (p, A B) of two tables (p, A) and (p, B), row by row: few where most numbers are 0.

    Where columns of both stand in order within a row, so do those of the products.
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


def connected(edge: Bools) -> Ints:
    """Return the set (K,) each place is in, numbered by its first: edges (K, K) lead from each of a set to every other.

    The same as by `scipy.sparse.csgraph`, which brings all linear algebra with it, a tenth of a second.
    """
    sets = np.full(len(edge), -1)
    for place in range(len(edge)):
        if sets[place] < 0:
            sets[reached(edge, place) & reached(edge.T, place)] = sets.max() + 1
    return sets


def reached(edge: Bools, place: int) -> Bools:
    """Return which places (K,) edges lead to from one, itself among them."""
    found: Bools = np.arange(len(edge)) == place
    last = found
    while last.any():
        last = edge[last].any(axis=0) & ~found
        found = found | last
    return found


def counted(values: Floats, place: Ints | NDArray[np.int32], n: int) -> Floats:
    """Return the sums (n,) of values (p,) by their place (p,), in their order."""
    return np.bincount(place, values, n).astype(np.float64)


_TABLE = 4
"""Numbers up to so many times as large as there are values of them are looked up in a table of all."""

_MANY = 200_000
"""Values from which on pandas, which hashes them, is quicker than sorting them, its import included."""


def ranked(values: NDArray[Any]) -> tuple[Indices, NDArray[Any]]:
    """Return the rank (n,) of each value among the distinct ones, and these in order."""
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
    """Return whether whole numbers are from 0 to not much more than there are of them: then a table is quickest."""
    return not len(values) or (int(values.max()) <= _TABLE * len(values) and int(values.min()) >= 0)


def in_order(values: NDArray[Any]) -> Indices:
    """Return the number (n,) of each value, in the order in which they first come."""
    if len(values) < _MANY:
        _, first, number = np.unique(values, return_index=True, return_inverse=True)
        return first.argsort().argsort()[number]
    from pandas import factorize  # noqa: PLC0415 - as above

    return np.asarray(factorize(values)[0])
