"""The mismatches expected from category sizes.

The model of mismatches is `by_size`, in which all categories match themselves equally often beyond chance: m_ab =
alpha_a beta_b, times one number for all categories if a is b. This is independence with a diagonal that is heavier by a
common factor (the model of a uniform diagonal, "fixed distance" with two levels; Goodman 1972, in Agresti 2013,
"Categorical Data Analysis", section 11.4). Quasi-independence would fit each category's own mismatches and could never
find that a category has many.
"""

from __future__ import annotations

import numpy as np

from ..arrays import Floats, over

_SCALINGS, _SCALED = 150, 1e-9


_NOTHING, _FURTHEST = 1e-300, 100.0  # limits of factors, and of their logs: a table without a fit would diverge


def by_size(joint: Floats) -> Floats:
    """Return the fit to joint counts (..., K, K) with their row sums, column sums and sum of the diagonal.

    The method is iterative proportional scaling (Deming & Stephan 1940) of the factors alone, for all tables at once;
    the fit is 0 without mismatches. If most units match, it takes hundreds of steps, so every third step extrapolates
    the two before it (SQUAREM, scheme S3; Varadhan & Roland 2008, "Simple and globally convergent methods for
    accelerating the convergence of any EM algorithm", Scandinavian Journal of Statistics 35).
    """
    kept = np.trace(joint, axis1=-2, axis2=-1)[..., None]
    left = joint.sum(axis=(-2, -1))[..., None] - kept
    rows, columns = joint.sum(axis=-1) * (left > 0), joint.sum(axis=-2) * (left > 0)

    def scaled(logs: Floats) -> Floats:
        alpha, beta, heavier = _factors_of(logs, rows)
        beta = over(columns, alpha.sum(axis=-1, keepdims=True) + (heavier - 1) * alpha)
        same = (alpha * beta).sum(axis=-1, keepdims=True)
        rest = alpha.sum(axis=-1, keepdims=True) * beta.sum(axis=-1, keepdims=True) - same
        made = np.concatenate([beta, over(kept * rest, left * same)], axis=-1)
        return np.asarray(np.clip(np.log(np.maximum(made, _NOTHING)), -_FURTHEST, _FURTHEST))

    logs = np.zeros((*columns.shape[:-1], columns.shape[-1] + 1))
    for _ in range(_SCALINGS):
        before, once = logs, scaled(logs)
        logs = scaled(once)
        if (np.abs(logs - before - (once - before)) <= _SCALED).all():
            break
        logs = scaled(_further(before, once, logs))
    alpha, beta, heavier = _factors_of(logs, rows)
    scale = np.where(np.eye(joint.shape[-1], dtype=np.bool_), heavier[..., None], left[..., None] > 0)
    return np.asarray(alpha[..., :, None] * beta[..., None, :] * scale)


def _factors_of(logs: Floats, rows: Floats) -> tuple[Floats, Floats, Floats]:
    """Return alpha (..., K), beta (..., K) and the factor of the diagonal (..., 1)."""
    beta, heavier = np.exp(logs[..., :-1]), np.exp(logs[..., -1:])
    return over(rows, beta.sum(axis=-1, keepdims=True) + (heavier - 1) * beta), beta, heavier


def _further(before: Floats, once: Floats, twice: Floats) -> Floats:
    """Return the extrapolation of two steps (SQUAREM, scheme S3), for each table separately."""
    first = once - before
    bend = twice - before - first - first
    moved, bent = ((part**2).sum(axis=-1, keepdims=True) for part in (first, bend))
    length = np.maximum(np.sqrt(over(moved, bent, 1.0)), 1.0)
    return np.asarray(np.clip(before + 2 * length * first + length**2 * bend, -_FURTHEST, _FURTHEST))


def due_through(joint: Floats) -> Floats:
    """Return the maximum share of all mismatches (..., K) that is expected to involve each category, given its size.

    There are two models of equal matching. Either all categories match themselves more often than others by one factor
    (`by_size`), or units of all categories match with equal probability, and the others follow category sizes, so that
    mismatches are proportional to the product of both margins. Since the true model is unknown, the larger value is
    used.
    """
    margins = joint.sum(axis=-1, keepdims=True) * joint.sum(axis=-2, keepdims=True)
    return np.maximum(share_through(by_size(joint)), share_through(margins))


def share_through(table: Floats) -> Floats:
    """Return the share of the mismatches of tables (..., K, K) that involve each category (..., K)."""
    own = np.diagonal(table, axis1=-2, axis2=-1)
    crossing = table.sum(axis=(-2, -1)) - own.sum(axis=-1)
    through = table.sum(axis=-1) + table.sum(axis=-2) - 2 * own
    return over(through, crossing[..., None])
