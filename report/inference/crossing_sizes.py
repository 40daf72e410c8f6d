"""What sizes make of crossings, where some pairs meet far more often, or where all keep to themselves alike.

`quasi_independence` fits all crossings, so two categories that meet ten times as often as their sizes make them raise
what is expected of both. `trimmed` leaves such pairs out of the fit, and what is expected of them is what sizes would
make of them had they the sizes that the other crossings show.

`by_size` is m_ab = alpha_a beta_b, times one number for all categories where a is b: independence but for a diagonal
that is heavier by a common factor (the model of a uniform diagonal, "fixed distance" with two levels; Goodman 1972, in
Agresti 2013, "Categorical Data Analysis", section 11.4). Quasi-independence would fit each category's own crossings and
could never find that one has many.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ..arrays import Bools, Floats, over

_STEPS = 200
_CLOSE = 1e-8
_SCALINGS, _SCALED = 150, 1e-9
_NOTHING, _FURTHEST = 1e-300, 100.0  # of factors, and of their logs: a table without a fit has none that end
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
    return np.asarray(np.exp(sizes[:, None] + sizes[None, :]))


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
    return np.where(off, np.where(known, alpha[..., :, None] * beta[..., None, :], tables), 0.0)


def _factors(rows: Floats, columns: Floats, support: Floats) -> tuple[Floats, Floats]:
    """Return alpha and beta (..., K) with which the table on the support has these sums."""
    beta = np.ones_like(columns)
    alpha = np.zeros_like(rows)
    for _ in range(_STEPS):
        alpha = over(rows, (support @ beta[..., None])[..., 0])
        before, made = beta, (np.swapaxes(support, -1, -2) @ alpha[..., None])[..., 0]
        beta = over(columns, made)
        if not (np.abs(beta - before) > _CLOSE * before).any():
            break
    return alpha, beta


def _joined(support: Bools) -> Bools:
    """Return whether a row and a column hang together through cells of the support, so that their product is known."""
    reach = support.astype(np.float64)
    for _ in range(int(np.ceil(np.log2(max(support.shape[-1], 2)))) + 1):
        reach = np.minimum(reach + reach @ np.swapaxes(reach, -1, -2) @ reach, 1.0)
    return reach > 0


def _both(table: Floats) -> Floats:
    return table + table.T


def by_size(joint: Floats) -> Floats:
    """Return the fit to joint counts (..., K, K): their row sums, column sums and sum of the diagonal.

    By iterative proportional scaling (Deming & Stephan 1940) of the factors alone, all tables at once; 0 where nothing
    crosses. Where most keep to themselves it takes hundreds of steps, so each third one goes on along the two before it
    (SQUAREM, scheme S3; Varadhan & Roland 2008, "Simple and globally convergent methods for accelerating the
    convergence of any EM algorithm", Scandinavian Journal of Statistics 35).
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
    """Return alpha (..., K), beta (..., K) and by what the diagonal is heavier (..., 1)."""
    beta, heavier = np.exp(logs[..., :-1]), np.exp(logs[..., -1:])
    return over(rows, beta.sum(axis=-1, keepdims=True) + (heavier - 1) * beta), beta, heavier


def _further(before: Floats, once: Floats, twice: Floats) -> Floats:
    """Return where two steps lead to that go on as they have begun (SQUAREM, scheme S3), each table by itself."""
    first = once - before
    bend = twice - before - first - first
    moved, bent = ((part**2).sum(axis=-1, keepdims=True) for part in (first, bend))
    length = np.maximum(np.sqrt(over(moved, bent, 1.0)), 1.0)
    return np.asarray(np.clip(before + 2 * length * first + length**2 * bend, -_FURTHEST, _FURTHEST))


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
    return over(through, crossing[..., None])
