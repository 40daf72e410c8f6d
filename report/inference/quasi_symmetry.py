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
_CLOSE = 1e-13
_DECIDED = 1e-8


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

    def decided(self, a: int, b: int) -> bool:
        """Whether sums and other pairs decide a pair, so that nothing can be left of it whatever its counts.

        So it is between sets, and within one where no cycle of other pairs checks it (leverage 1).
        """
        apart = self.inverse[a, a] + self.inverse[b, b] - 2 * self.inverse[a, b]
        return bool(self.information[a, b] == 0 or self.information[a, b] * apart > 1 - _DECIDED)

    def influence(self, a: int, b: int) -> Floats:
        """Return what one more unit in each cell (K, K) does to the excess n_ab - m_ab, to first order.

        With x_cd = (1 - f_cd) n_cd - f_cd n_dc at fixed shares f, the likelihood equations are sum_d x_cd = 0.
        A unit more in (c, d) adds 1 - f_cd to equation c and takes it from d, delta follows by the inverse
        information, and m_ab follows delta. Summed over all units the influences are the excess itself.
        """
        back: Floats = self.forward.T
        potential = self.inverse[a] - self.inverse[b]
        moved: Floats = -self.information[a, b] * (potential[:, None] - potential[None, :]) * back
        moved[a, b] += back[a, b]
        moved[b, a] -= self.forward[a, b]
        return moved


def fit(joint: Floats) -> QuasiSymmetry:
    """Fit quasi-symmetry to counts (K, K), or sums of weights, by maximum likelihood."""
    flow = joint.astype(np.float64)
    np.fill_diagonal(flow, 0)
    n_sets, sets = sparse.csgraph.connected_components(sparse.csr_array(flow), directed=True, connection="strong")
    within = np.where(sets[:, None] == sets[None, :], flow, 0)
    both = within + within.T
    strength = np.zeros(len(flow))
    members = [np.flatnonzero(sets == number) for number in range(n_sets)]
    for chosen in members:
        if len(chosen) > 1:
            strength[chosen] = _strength(within[np.ix_(chosen, chosen)])
    forward = np.where(both > 0, expit(strength[:, None] - strength[None, :]), 0)
    information = both * forward * forward.T
    inverse = np.zeros_like(flow)
    for chosen in members:
        inverse[np.ix_(chosen, chosen)] = _inverse(information[np.ix_(chosen, chosen)])
    return QuasiSymmetry(
        fitted=np.where(both > 0, both * forward, joint),
        strength=strength,
        sets=sets.astype(np.int64),
        forward=forward,
        information=information,
        inverse=inverse,
        df=int((np.triu(both) > 0).sum()) - (len(flow) - n_sets),
    )


def _strength(flow: Floats) -> Floats:
    """Return delta (k,) that sums to 0, for categories that flows lead to from each other, by Newton's method.

    The likelihood is strictly concave there; a step that lowers it is halved.
    """
    both = flow + flow.T
    delta = np.zeros(len(flow))
    for _ in range(_STEPS):
        forward = expit(delta[:, None] - delta[None, :])
        score = (flow - both * forward).sum(axis=1)
        if np.abs(score).max() <= _CLOSE * both.sum():
            break
        step = _inverse(both * forward * forward.T) @ score
        before, size = _likelihood(flow, delta), 1.0
        while size > _SMALLEST_STEP and _likelihood(flow, delta + size * step) < before:
            size /= 2
        if size <= _SMALLEST_STEP:
            break  # rounding leaves nothing to gain
        delta = delta + size * step
        delta -= delta.mean()
    return delta


def _likelihood(flow: Floats, delta: Floats) -> float:
    return -float((flow * np.logaddexp(0, delta[None, :] - delta[:, None])).sum())


def _inverse(weight: Floats) -> Floats:
    """Return the pseudo-inverse (k, k) of the Laplacian of weights that connect all k categories.

    The null space is known (constants), so it is filled and taken out again instead of found by a tolerance.
    """
    if len(weight) < 2:
        return np.zeros_like(weight)
    k, shift = len(weight), float(weight.max())
    laplacian = np.diag(weight.sum(axis=1)) - weight
    filled = np.linalg.inv(laplacian + shift / k).astype(np.float64)
    return filled - 1 / (shift * k)
