"""The share of an association of two columns that is left within the values of a third."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Codes = NDArray[np.int64]


def share_left(
    codes: tuple[Codes, Codes, Codes],
    weights: Numbers | None = None,
    units: Numbers | None = None,
    least_inertia: float = 0.0,
) -> float | None:
    """Return the share left among rows with a code in all three columns, or None if they show too little association.

    `codes` are those of the rows, of the columns and of the third column, below 0 without one. The share is the sum of
    (O - E) h within values of the third column over the sum of all, with h = (O - E) / E of all: 1 unchanged, 0 nothing
    left, below 0 reversed. O and E are sums of `weights`. A value with n units shows (n - 1) / n of the association
    within it, which is corrected. A value with one unit shows none, and is left out of both sums. Each row has one unit
    unless `units` gives their number. Rows must have a mean square contingency above `least_inertia`.
    """
    chosen = np.all([code >= 0 for code in codes], axis=0)
    n_units = np.ones(len(chosen)) if units is None else units
    level = codes[2][chosen]
    chosen[chosen] = np.bincount(level, n_units[chosen])[level] > 1
    if not chosen.any():
        return None
    rows, columns, third = (code[chosen] for code in codes)
    level = np.unique(third, return_inverse=True)[1]
    weight = np.ones(len(level)) if weights is None else weights[chosen]
    sizes = [int(side.max()) + 1 for side in (rows, columns)]
    observed = np.bincount(rows * sizes[1] + columns, weight, math.prod(sizes)).reshape(sizes)
    expected = np.outer(observed.sum(1), observed.sum(0)) / observed.sum()
    h = np.divide(observed - expected, expected, out=np.zeros_like(expected), where=expected > 0)
    whole = float(((observed - expected) * h).sum())
    if whole <= least_inertia * float(observed.sum()):
        return None
    n, total = np.bincount(level, n_units[chosen]), np.bincount(level, weight)
    sides = [
        np.bincount(level * size + side, weight, len(n) * size).reshape(-1, size)
        for side, size in zip((rows, columns), sizes, strict=True)
    ]
    seen = np.bincount(level, weight * h[rows, columns], len(n))
    due = np.einsum("li,ij,lj->l", sides[0], h, sides[1]) / total
    return float(((seen - due) * n / (n - 1)).sum() / whole)
