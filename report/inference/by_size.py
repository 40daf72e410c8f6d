"""What the sizes of categories make of every crossing, where all keep to themselves alike.

m_ab = alpha_a beta_b, times one number for all categories where a is b: independence but for a diagonal that is heavier
by a common factor (the model of a uniform diagonal, "fixed distance" with two levels; Goodman 1972, in Agresti 2013,
"Categorical Data Analysis", section 11.4). Quasi-independence would fit each category's own crossings and could never
find that one has many.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_STEPS = 500
_CLOSE = 1e-9


def by_size(joint: Floats) -> Floats:
    """Return the fit to joint counts (..., K, K): their row sums, column sums and sum of the diagonal.

    By iterative proportional scaling (Deming & Stephan 1940), all tables at once.
    """
    size = joint.shape[-1]
    own = np.eye(size, dtype=np.bool_)
    rows, columns = joint.sum(axis=-1, keepdims=True), joint.sum(axis=-2, keepdims=True)
    kept = np.trace(joint, axis1=-2, axis2=-1)[..., None, None]
    left = joint.sum(axis=(-2, -1), keepdims=True) - kept
    fitted: Floats = np.ones_like(joint)
    for _ in range(_STEPS):
        before = fitted
        fitted = fitted * _over(rows, fitted.sum(axis=-1, keepdims=True))
        fitted = fitted * _over(columns, fitted.sum(axis=-2, keepdims=True))
        trace = np.trace(fitted, axis1=-2, axis2=-1)[..., None, None]
        rest = fitted.sum(axis=(-2, -1), keepdims=True) - trace
        fitted = fitted * np.where(own, _over(kept, trace), _over(left, rest))
        if (np.abs(fitted - before) <= _CLOSE * (before + 1)).all():
            break
    return fitted


def due_through(joint: Floats) -> Floats:
    """Return the share of all crossings (..., K) that each category's size makes pass through it, at most.

    There are two ways to keep to oneself alike: all categories meet themselves more often than others by one factor
    (`by_size`), or units of all stay with one chance, and those that move go where sizes lead them, so that crossings
    are as the product of both margins. Which one holds nobody knows: the larger of both is what size may make.
    """
    margins = joint.sum(axis=-1, keepdims=True) * joint.sum(axis=-2, keepdims=True)
    return np.maximum(share_through(by_size(joint)), share_through(margins))


def share_through(table: Floats) -> Floats:
    """Return the share of the crossings of tables (..., K, K) that each category (..., K) is on one side of."""
    own = np.diagonal(table, axis1=-2, axis2=-1)
    crossing = table.sum(axis=(-2, -1)) - own.sum(axis=-1)
    through = table.sum(axis=-1) + table.sum(axis=-2) - 2 * own
    return _over(through, np.broadcast_to(crossing[..., None], through.shape))


def _over(part: Floats, whole: Floats) -> Floats:
    part, whole = np.broadcast_arrays(part, whole)
    share: Floats = np.divide(part, whole, out=np.zeros(part.shape), where=whole > 0)
    return share
