"""Quasi-independence of the crossings that follow it: pairs that meet far more often do not bend the fit of the rest.

`quasi_independence` fits all crossings, so two categories that meet ten times as often as their sizes make them raise
what is expected of both. Here such pairs are left out of the fit, the furthest first, and what is expected of them is
what sizes would make of them had they the sizes that the other crossings show.
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
_TRIED = 12
"""Pairs furthest from the fit that are tried at each step."""

_LEFT_OUT = 4
"""At most one in so many pairs is left out: the others must carry the fit."""

_MOST = 1 << 18
"""Numbers in all tables beyond which nothing is left out: each pair takes a fit of all of them."""


@dataclass(frozen=True, eq=False)
class Trimmed:
    """`expected` (K, K), summed over tables, 0 on the diagonal; `left_out` (K, K), symmetric, was not fitted."""

    expected: Floats
    left_out: Bools


def trimmed(tables: Floats, lift: float) -> Trimmed:
    """Fit counts (S, K, K) off the diagonal, leaving out pairs that meet `lift` times as often as the rest makes them.

    Both directions of a pair go together. A table in which nothing else tells what is expected of a cell adds as many
    as it has. Fits are by iterative proportional fitting (Deming & Stephan 1940).
    """
    size = tables.shape[-1]
    left_out = np.zeros((size, size), dtype=np.bool_)
    met = _both(tables.sum(axis=0))
    expected = fit_without(tables, left_out).sum(axis=0)
    most = size * (size - 1) // 2 // _LEFT_OUT if tables.size <= _MOST else 0
    for _ in range(most):
        pair = _furthest(tables, met, expected, left_out, lift)
        if pair is None:
            break
        left_out = _and(left_out, pair)
        expected = fit_without(tables, left_out).sum(axis=0)
    return Trimmed(expected, left_out)


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


def _and(left_out: Bools, pair: tuple[int, int]) -> Bools:
    more = left_out.copy()
    more[pair] = more[pair[::-1]] = True
    return more


def _furthest(tables: Floats, met: Floats, expected: Floats, left_out: Bools, lift: float) -> tuple[int, int] | None:
    """Return the pair that meets most often for what is expected without it, in its standard deviations.

    Judged without itself, since a pair that is far off bends the fit until others look farther off than it. None
    where no pair meets `lift` times as often.
    """
    first = np.where(left_out, 0.0, _excess(met, _both(expected)))
    pairs = [pair for pair in combinations(range(len(met)), 2) if first[pair] > 0]
    pairs = sorted(pairs, key=lambda pair: (-round(float(first[pair]), 9), pair))[:_TRIED]
    if not pairs:
        return None
    masks = np.stack([_and(left_out, pair) for pair in pairs])
    without = fit_without(tables, masks[:, None]).sum(axis=1)
    found = [
        (-round(float(_excess(met, due)[pair]), 9), pair)
        for pair, due in zip(pairs, map(_both, without), strict=True)
        if met[pair] >= lift * due[pair]
    ]
    return min(found)[1] if found else None


def _excess(met: Floats, due: Floats) -> Floats:
    excess: Floats = (met - due) / np.sqrt(due + 1)
    return excess
