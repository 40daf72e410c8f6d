"""Quasi-independence of the crossings that follow it: pairs that meet far more often do not bend the fit of the rest.

`quasi_independence` fits all crossings, so two categories that meet ten times as often as their sizes make them raise
what is expected of both. Here such pairs are left out of the fit, and what is expected of them is what sizes would make
of them had they the sizes that the other crossings show.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_STEPS = 200
_CLOSE = 1e-8
_ROUNDS = 20
_START = 0.5
_SURELY = 2.0
"""Standard deviations by which a pair that is left out meets more than is due."""

_MOST = 1 << 18
"""Numbers in all tables beyond which nothing is left out: each pair takes a fit of all of them."""


@dataclass(frozen=True, eq=False)
class Trimmed:
    """`expected` (K, K), summed over tables, 0 on the diagonal; `left_out` (K, K), symmetric, was not fitted."""

    expected: Floats
    left_out: Bools


def trimmed(tables: Floats, lift: float) -> Trimmed:
    """Fit counts (S, K, K) off the diagonal, leaving out pairs that meet `lift` times as often as the rest makes them.

    Both directions of a pair go together. One block of three or two blocks at once hold most of what their members
    cross, so pairs cannot be taken out of a fit to all one by one: it starts from sizes that half of each category's
    pairs may not bend (medians), then fits what is not far off, and asks again which pairs are, until the same ones
    come out. A pair that no others tell of stays in, and so does what goes beyond half of a category's pairs. A table
    in which nothing else tells what is expected of a cell adds as many as it has. Fits are by iterative proportional
    fitting (Deming & Stephan 1940).
    """
    size = tables.shape[-1]
    met = _both(tables.sum(axis=0))
    kept_in = np.eye(size, dtype=np.bool_) if tables.size <= _MOST else np.ones((size, size), dtype=np.bool_)
    left_out = _far(met, _by_medians(met), lift) & ~kept_in
    for _ in range(_ROUNDS):
        expected = fit_without(tables, left_out).sum(axis=0)
        kept_in |= left_out & (_both(expected) == met)
        again = _far(met, _both(expected), lift) & ~kept_in
        if (again == left_out).all():
            return Trimmed(expected, left_out)
        left_out = again
    return Trimmed(fit_without(tables, left_out).sum(axis=0), left_out)


def _by_medians(met: Floats) -> Floats:
    """Return how often pairs would meet (K, K) by sizes that are medians over the pairs of each category.

    log met_ab = g_a + g_b, as by median polish (Tukey 1977, "Exploratory Data Analysis", chapter 10).
    """
    size = len(met)
    if size < 2:
        return met
    logs = np.log(met + _START)
    rest = logs[~np.eye(size, dtype=np.bool_)].reshape(size, size - 1)
    others = np.arange(size)[None, :].repeat(size, axis=0)[~np.eye(size, dtype=np.bool_)].reshape(size, size - 1)
    sizes: Floats = np.median(rest, axis=1) / 2
    for _ in range(_STEPS):
        before = sizes
        sizes = (sizes + np.median(rest - sizes[others], axis=1)) / 2
        if np.abs(sizes - before).max() <= _CLOSE:
            break
    due: Floats = np.exp(sizes[:, None] + sizes[None, :])
    return due


def _far(met: Floats, due: Floats, lift: float) -> Bools:
    """Return the pairs (K, K) that meet `lift` times as often as is due and surely more.

    At most half of each category's pairs, the furthest first.
    """
    size = len(met)
    excess = (met - due) / np.sqrt(due + 1)
    far = (met >= lift * due) & (excess >= _SURELY)
    most = (size - 1) // 2
    pairs = [(i, j) for i, j in combinations(range(size), 2) if far[i, j]]
    out, n_of = np.zeros((size, size), dtype=np.bool_), np.zeros(size, dtype=np.int64)
    for i, j in sorted(pairs, key=lambda pair: (-round(float(excess[pair]), 9), pair)):
        if max(n_of[i], n_of[j]) < most:
            out[i, j] = out[j, i] = True
            n_of[[i, j]] += 1
    return out


def fit_without(tables: Floats, left_out: Bools) -> Floats:
    """Return what the cells that are not left out make each cell (..., K, K), the diagonal 0, one table at a time."""
    size = tables.shape[-1]
    off = ~np.eye(size, dtype=np.bool_)
    used = np.where(off & ~left_out, tables, 0.0)
    rows, columns = used.sum(axis=-1), used.sum(axis=-2)
    support = off & ~left_out & (rows > 0)[..., :, None] & (columns > 0)[..., None, :]
    alpha, beta = _factors(rows, columns, support.astype(np.float64))
    known = _joined(support)
    fitted: Floats = np.where(off, np.where(known, alpha[..., :, None] * beta[..., None, :], tables), 0.0)
    return fitted


def _factors(rows: Floats, columns: Floats, support: Floats) -> tuple[Floats, Floats]:
    """Return alpha and beta (..., K) with which the table on the support has these sums."""
    beta = np.ones_like(columns)
    alpha = np.zeros_like(rows)
    for _ in range(_STEPS):
        alpha = _over(rows, (support @ beta[..., None])[..., 0])
        before, made = beta, (np.swapaxes(support, -1, -2) @ alpha[..., None])[..., 0]
        beta = _over(columns, made)
        if not (np.abs(beta - before) > _CLOSE * before).any():
            break
    return alpha, beta


def _over(sums: Floats, made: Floats) -> Floats:
    return np.divide(sums, made, out=np.zeros_like(sums), where=made > 0)


def _joined(support: Bools) -> Bools:
    """Return whether a row and a column hang together through cells of the support, so that their product is known."""
    reach = support.astype(np.float64)
    for _ in range(int(np.ceil(np.log2(max(support.shape[-1], 2)))) + 1):
        reach = np.minimum(reach + reach @ np.swapaxes(reach, -1, -2) @ reach, 1.0)
    joined: Bools = reach > 0
    return joined


def _both(table: Floats) -> Floats:
    both: Floats = table + table.T
    return both
