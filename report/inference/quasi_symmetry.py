"""Quasi-symmetry: what flows between categories would be if only the sizes of categories made a direction.

log m_ab = u + alpha_a + beta_b + lambda_ab with lambda_ab = lambda_ba (Caussinus 1965). Given the total of
each pair, n_ab is then binomial with odds exp(delta_a - delta_b), the model of Bradley and Terry (1952), so it
is fitted as that (Agresti 2013, "Categorical Data Analysis", chapter 11): K parameters instead of K^2, and a
finite fit exists exactly where flows lead from every category to every other (Ford 1957).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import expit

Floats = NDArray[np.float64]
_STEPS = 200
_SMALLEST_STEP = 1e-12
_LONGEST = 8.0
_CLOSE = 1e-13
_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class QuasiSymmetry:
    """The fit to joint counts of K categories.

    `fitted` (K, K) has the diagonal, the row and column sums and the pair sums of the counts. `strength` (K,)
    is delta: exp(delta_a - delta_b) are the odds that a unit of the pair runs from a to b. It is comparable
    only within one of the `sets` (K,): categories that flows lead to from each other. Flows between sets run
    one way only; no finite delta fits them, and `fitted` holds them as they are.
    `forward` (K, K) is the fitted share of a pair that runs forward and `information` (K, K) the pair's total
    times both shares, 0 unless the pair is within a set; `inverse` (K, K) is the pseudo-inverse of the
    Laplacian of `information`. `df` counts pairs less free strengths.
    """

    fitted: Floats
    strength: Floats
    sets: NDArray[np.int64]
    forward: Floats
    information: Floats
    inverse: Floats
    df: int


def fit(joint: Floats, start: Floats | None = None) -> QuasiSymmetry:
    """Fit quasi-symmetry to counts (K, K), or sums of weights, by maximum likelihood; `start` (K,) are strengths."""
    flow = joint.astype(np.float64)
    np.fill_diagonal(flow, 0)
    sets = connected(flow)
    within = np.where(sets[:, None] == sets[None, :], flow, 0)
    both = within + within.T
    strength = np.zeros(len(flow))
    members = [np.flatnonzero(sets == number) for number in range(sets.max() + 1)]
    for chosen in members:
        if len(chosen) > 1:
            from_ = np.zeros(len(chosen)) if start is None else start[chosen]
            strength[chosen] = _strength(within[np.ix_(chosen, chosen)], from_)
    forward = np.where(both > 0, expit(strength[:, None] - strength[None, :]), 0)
    information = both * forward * forward.T
    inverse = np.zeros_like(flow)
    for chosen in members:
        inverse[np.ix_(chosen, chosen)] = _inverse(information[np.ix_(chosen, chosen)])
    return QuasiSymmetry(
        fitted=np.where(both > 0, both * forward, joint),
        strength=strength,
        sets=sets,
        forward=forward,
        information=information,
        inverse=inverse,
        df=int((np.triu(both) > 0).sum()) - (len(flow) - len(members)),
    )


def connected(flow: Floats) -> NDArray[np.int64]:
    """Return the set (K,) each category is in: flows (K, K) lead from each of a set to every other, and back."""
    _, sets = sparse.csgraph.connected_components(sparse.csr_array(flow), directed=True, connection="strong")
    return np.asarray(sets, dtype=np.int64)


def _strength(flow: Floats, start: Floats) -> Floats:
    """Return delta (k,) that sums to 0, for categories that flows lead to from each other, by Newton's method.

    The likelihood is strictly concave there. A step that lowers it is halved, as long as rounding lets it tell; near
    the top steps are taken whole. It ends where each category's flows add up, relative to what it sends or gets,
    whichever is less, or where a step no longer comes closer.
    """
    both = flow + flow.T
    least, total = np.minimum(flow.sum(axis=0), flow.sum(axis=1)), float(both.sum())
    delta: Floats = start - start.mean()
    before = np.inf
    for _ in range(_STEPS):
        apart = delta[:, None] - delta[None, :]
        rare = both * expit(-np.abs(apart))  # what runs the rarer way: the commoner would lose the last digits
        score = np.where(apart > 0, rare - flow.T, flow - rare).sum(axis=1)
        off = float((np.abs(score) / least).max())
        step = _inverse(rare * expit(np.abs(apart))) @ score
        is_near = float(score @ step) <= _ROUNDING * total
        if off <= _CLOSE or (is_near and off >= before / 2):
            break
        delta = delta + (step if is_near else _uphill(flow, delta, step))
        delta -= delta.mean()
        before = off
    return delta


def _uphill(flow: Floats, delta: Floats, step: Floats) -> Floats:
    """Return a step, not too long for what it was reckoned from, halved until it does not lower the likelihood."""
    before, size = _likelihood(flow, delta), _LONGEST / max(float(np.ptp(step)), _LONGEST)
    while size > _SMALLEST_STEP and _likelihood(flow, delta + size * step) < before:
        size /= 2
    return size * step


def _likelihood(flow: Floats, delta: Floats) -> float:
    return -float((flow * np.logaddexp(0, delta[None, :] - delta[:, None])).sum())


def _inverse(weight: Floats) -> Floats:
    """Return the pseudo-inverse (k, k) of the Laplacian of weights that connect all k categories.

    Of the Laplacian scaled to a diagonal of ones, so that weights of very different sizes cost no digits. Its null
    space is known (roots of the degrees), so it is filled instead of found by a tolerance; centring takes it out.
    """
    if len(weight) < 2:
        return np.zeros_like(weight)
    root = np.sqrt(weight.sum(axis=1))
    filled = np.eye(len(weight)) - weight / np.outer(root, root) + np.outer(root, root) / (root @ root)
    inverse = np.linalg.inv(filled).astype(np.float64) / np.outer(root, root)
    centred = inverse - inverse.mean(axis=0)
    pseudo: Floats = centred - centred.mean(axis=1, keepdims=True)
    return pseudo
