"""Net flow between two categories, compared with its expectation from all other pairs (quasi-symmetry).

Of the n units that cross between a and b, the share p runs from a to b. If only category sizes produced a direction, p
would be f = expit(delta_a - delta_b). The strengths delta are fitted to all other pairs, so that a deviating pair does
not bend its own expectation. The interval of p is Clopper and Pearson's (1934) for the effective number of independent
units, with t for few groups (Korn & Graubard 1998, "Confidence intervals for proportions with small expected number of
positive counts estimated from survey data", Survey Methodology 24). The interval of f is on the logit. The two are
combined into an interval of the difference as in Zou & Donner (2008), "Construction of confidence limits about effect
measures". The result stays within the range that n units allow, even if all of them run the same way.

One intraclass correlation for all pairs measures how similar in direction the units of a group are. A pair whose units
all run one way has no variation from which to estimate its own.

Quasi-symmetry is log m_ab = u + alpha_a + beta_b + lambda_ab with lambda_ab = lambda_ba (Caussinus 1965). Given the
total of each pair, n_ab is binomial with odds exp(delta_a - delta_b), which is the model of Bradley and Terry (1952).
It is fitted in this form (Agresti 2013, "Categorical Data Analysis", chapter 11), with K parameters instead of K^2. A
finite fit exists exactly if flows lead from every category to every other (Ford 1957).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse
from scipy.special import betaincinv, expit, logit

from ..arrays import Bools, Floats, Ints, connected, over, reached
from ..cells import Estimate
from ..incidence import Incidence
from ..inference.critical_values import LEAST_FREEDOM
from ..inference.crossings import crossings
from ..inference.laws import normal_quantile, quantile

Pair = tuple[int, int]
_NONE = 1e-9
_STEPS = 200
_SMALLEST_STEP = 1e-12
_LONGEST = 8.0
_CLOSE = 1e-13
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class ForwardShare:
    """The share of a pair's units that runs forward, with effective numbers of independent units and equal groups.

    `groups` is infinite if units are independent.
    """

    share: float
    units: float
    groups: float

    def ends(self, level: float) -> tuple[float, float] | None:
        """Return the interval, or None if a single unit decides it or too few groups show the error."""
        if self.units <= 1 + _NONE or not _is_estimable(self.groups):
            return None
        n = self.units * (normal_quantile(level) / quantile(level, self.groups - 1)) ** 2
        k, chance = self.share * n, (1 - level) / 2
        low = float(betaincinv(k, n - k + 1, chance)) if k > _NONE else 0.0
        return low, float(betaincinv(k + 1, n - k, 1 - chance)) if n - k > _NONE else 1.0


@dataclass(frozen=True, slots=True)
class Due:
    """The expected forward share of a pair given the other pairs, and the error of its logit.

    `groups` as in `ForwardShare`.
    """

    share: float
    error: float
    groups: float

    def ends(self, level: float) -> tuple[float, float] | None:
        """Return the interval, or None if too few groups show the error."""
        if not _is_estimable(self.groups):
            return None
        centre, half = float(logit(self.share)), quantile(level, self.groups - 1) * self.error
        return float(expit(centre - half)), float(expit(centre + half))


@dataclass(frozen=True, slots=True)
class ForwardExcess:
    """The flow from one category to another in excess of its expectation from other pairs.

    Of the `n` units that cross between the two, the share `seen` runs forward, and the share `due` is expected to. With
    strata, `n` counts the strata in which other pairs determine the expectation.
    """

    n: float
    seen: ForwardShare
    due: Due

    def excess(self, level: float) -> Estimate:
        """Return how many more units run forward, and fewer back, than other pairs predict."""
        p, f, n = self.seen.share, self.due.share, self.n
        own, other = self.seen.ends(level), self.due.ends(level)
        if own is None or other is None:
            return Estimate(n * (p - f))
        below, above = math.hypot(p - own[0], other[1] - f), math.hypot(own[1] - p, f - other[0])
        return Estimate(n * (p - f), n * max(p - f - below, -1), n * min(p - f + above, 1))


class QuasiSymmetryFit:
    """The units of an incidence that cross between its K categories, overall or within each of S strata."""

    def __init__(self, incidence: Incidence, *, within: bool = False) -> None:
        """Collect the contributions of each group (in each stratum, if `within`) to the cells off the diagonal."""
        apart = within or not incidence.stratum_names
        found = crossings(incidence if apart else replace(incidence, stratum_names=()))
        weight = float(incidence.weight.sum())
        self._size, self._tables, self._cells = found.size, found.tables, found.cells.tocoo()
        self._is_grouped, self._is_plain = incidence.group is not None, incidence.plain
        self._unit = float(incidence.weight_squared.sum()) / weight if weight else 1.0
        self._stratum, self._group = found.stratum, found.group
        self._pairs, self._both, self._ahead = _halves(found.cells, found.size)
        self._by_pair = sparse.csc_array(self._both)
        self._alike = self._likeness() if self._is_grouped else 0.0
        self._spread = self._varying(self._both.data)
        self._model: QuasiSymmetry | None = None

    def net(self, pair: Pair, level: float) -> Estimate:
        """Return n_ab - n_ba, given the number of units that cross between a and b in either direction."""
        forward, back = (float(self._tables[:, c, d].sum()) for c, d in (pair, pair[::-1]))
        ends = self._seen(pair, np.ones(len(self._tables), dtype=np.bool_)).ends(level)
        if ends is None:
            return Estimate(forward - back)
        return Estimate(forward - back, *((forward + back) * (2 * end - 1) for end in ends))

    def beyond(self, pair: Pair, free: Sequence[Pair] = ()) -> ForwardExcess | None:
        """Return the flow from a to b in excess of its expectation from other pairs, or None if that is not estimable.

        The `free` pairs are also left out of the fit.
        """
        a, b = pair
        n_of = self._tables[:, a, b] + self._tables[:, b, a]
        models = {int(s): self._without(int(s), (pair, *free)) for s in np.flatnonzero(n_of)}
        models = {s: model for s, model in models.items() if model.sets[a] == model.sets[b]}
        if not models:
            return None
        told = np.isin(np.arange(len(n_of)), list(models))
        return ForwardExcess(float(n_of[told].sum()), self._seen(pair, told), self._due(pair, n_of, models))

    def is_told_apart(self, pair: Pair) -> bool:
        """Return whether the expectation of a pair stays estimable after leaving out any one other pair.

        Otherwise the excess could equally be attributed to that other pair. With three categories this is always so.
        """
        a, b = pair
        flow: Floats = self._tables.sum(axis=0)
        flow[a, b] = flow[b, a] = 0
        for c, d in np.argwhere(np.triu(flow + flow.T)):
            rest = flow.copy()
            rest[c, d] = rest[d, c] = 0
            if not (reached(rest > 0, a)[b] and reached(rest > 0, b)[a]):
                return False
        return True

    def _without(self, stratum: int, left_out: Sequence[Pair]) -> QuasiSymmetry:
        """Return the fit to a stratum's pairs without those in `left_out`."""
        rest = self._tables[stratum].copy()
        for a, b in left_out:
            rest[a, b] = rest[b, a] = 0
        if len(self._tables) > 1:
            return fit(rest)
        if self._model is None:
            self._model = fit(self._tables[0])
        return fit(rest, self._model.strength)  # the start is close to the solution

    def _varying(self, n: Floats) -> Floats:
        """Return the variance of the forward count among each piece's `n` units of a pair, over f (1 - f).

        It is the variance of independent units, plus the intraclass correlation times the increase for identical units.
        """
        if not self._is_grouped:
            return n**2
        alone = self._unit * n
        return alone + self._alike * np.maximum(n**2 - alone, 0)

    def _likeness(self) -> float:
        """Return the intraclass correlation of direction within groups, pooled over pairs and strata; 0 to 1.

        It is estimated from the squared deviations of each group's forward count from the pair's share. The value is 1
        if no pair runs both ways.
        """
        place = self._stratum[self._both.row] * len(self._pairs) + self._both.col
        n, ahead = self._both.data, self._ahead
        total, forward = (np.bincount(place, part).astype(np.float64) for part in (n, ahead))
        share = over(forward, total)[place]
        spread = share * (1 - share)
        alone = self._unit * n
        most = float((spread * np.maximum(n**2 - alone, 0)).sum())
        if most <= 0:
            return 1.0
        return min(max(float(((ahead - share * n) ** 2 - spread * alone).sum()) / most, 0.0), 1.0)

    def _seen(self, pair: Pair, told: Bools) -> ForwardShare:
        """Return the share that runs forward in some strata (S,)."""
        column = int(np.flatnonzero(self._pairs == min(pair) * self._size + max(pair))[0])
        own = slice(*self._by_pair.indptr[column : column + 2])
        piece, n = self._by_pair.indices[own], self._by_pair.data[own]
        used = told[self._stratum[piece]]
        n = np.bincount(self._group[piece[used]], n[used]).astype(np.float64)
        varying = self._varying(n)
        forward, back = (float(self._tables[told, c, d].sum()) for c, d in (pair, pair[::-1]))
        total, spread = forward + back, float(varying.sum())
        if not total:
            return ForwardShare(math.nan, 0.0, 0.0)
        groups = math.inf if self._is_plain else spread**2 / float(varying @ varying)
        return ForwardShare(forward / total, total**2 / spread, groups)

    def _due(self, pair: Pair, n_of: Floats, models: Mapping[int, QuasiSymmetry]) -> Due:
        """Return the expected forward share of a pair under the models of the strata.

        The variance is the larger of two: as observed over groups, and as expected at the fitted shares.
        """
        a, b = pair
        moves, weight = np.zeros_like(self._tables), np.zeros_like(self._tables)
        total = due = 0.0
        for s, model in models.items():
            share = float(expit(model.strength[a] - model.strength[b]))
            total, due = total + float(n_of[s]), due + float(n_of[s]) * share
            potential = model.inverse[a] - model.inverse[b]
            # One more unit in (c, d) adds the backward share to c's equation and subtracts it from d's.
            moved = (potential[:, None] - potential[None, :]) * float(n_of[s]) * share * (1 - share)
            moves[s], weight[s] = moved * model.forward.T, moved**2 * model.forward * model.forward.T
        cells = self._cells
        flat = moves.reshape(len(moves), -1)
        shown = np.bincount(self._group[cells.row], cells.data * flat[self._stratum[cells.row], cells.col])
        flat = weight.reshape(len(weight), -1)[:, self._pairs]
        spread = flat[self._stratum[self._both.row], self._both.col] * self._spread
        null = np.bincount(self._group[self._both.row], spread)
        share, variance = due / total, max(float(shown @ shown), float(null.sum()))
        groups = math.inf if self._is_plain else float(null.sum()) ** 2 / max(float(null @ null), 1e-300)
        return Due(share, math.sqrt(variance) / (total * share * (1 - share)), groups)


def _is_estimable(groups: float) -> bool:
    """Return whether this effective number of groups shows an error (`LEAST_FREEDOM`)."""
    return groups - 1 >= LEAST_FREEDOM * (1 - _NONE)


def _halves(cells: sparse.csr_array, size: int) -> tuple[Ints, sparse.coo_array, Floats]:
    """Return the upper cell of each pair (M,), each piece's units per pair (J, M), and the forward ones of these."""
    a, b = np.triu_indices(size, 1)
    upper, lower = sparse.csc_array(cells)[:, a * size + b], sparse.csc_array(cells)[:, b * size + a]
    both = sparse.coo_array(upper + lower)
    place = both.row.astype(np.int64) * len(a) + both.col
    of_upper = sparse.coo_array(upper)
    ahead = np.zeros(both.nnz)
    at = np.argsort(place)
    ahead[at[np.searchsorted(place[at], of_upper.row.astype(np.int64) * len(a) + of_upper.col)]] = of_upper.data
    return (a * size + b).astype(np.int64), both, ahead


@dataclass(frozen=True, eq=False)
class QuasiSymmetry:
    """The fit to joint counts of K categories.

    `fitted` (K, K) has the diagonal, the row and column sums and the pair sums of the counts. `strength` (K,) is delta,
    and exp(delta_a - delta_b) are the odds that a unit of the pair runs from a to b. Strengths are comparable only
    within one of the `sets` (K,): the categories that flows lead to from each other. Flows between sets run one way
    only, so no finite delta fits them, and `fitted` keeps their counts. `forward` (K, K) is the fitted share of a pair
    that runs forward. `information` (K, K) is the pair's total times both shares, 0 unless the pair is within a set.
    `inverse` (K, K) is the pseudo-inverse of the Laplacian of `information`. `df` is the number of pairs minus the
    number of free strengths.
    """

    fitted: Floats
    strength: Floats
    sets: Ints
    forward: Floats
    information: Floats
    inverse: Floats
    df: int


def fit(joint: Floats, start: Floats | None = None) -> QuasiSymmetry:
    """Fit quasi-symmetry to counts (K, K), or sums of weights, by maximum likelihood, from strengths `start` (K,)."""
    flow = joint.astype(np.float64)
    np.fill_diagonal(flow, 0)
    sets = connected(flow > 0)
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


def _strength(flow: Floats, start: Floats) -> Floats:
    """Return delta (k,), which sums to 0, by Newton's method for categories that flows lead to from each other.

    The likelihood is strictly concave. A step that lowers it is halved as long as rounding shows a difference; near the
    maximum, full steps are taken. Iteration ends when the flows of each category add up, relative to the smaller of its
    outflow and inflow, or when a step no longer improves the fit.
    """
    both = flow + flow.T
    least, total = np.minimum(flow.sum(axis=0), flow.sum(axis=1)), float(both.sum())
    delta: Floats = start - start.mean()
    before = np.inf
    for _ in range(_STEPS):
        apart = delta[:, None] - delta[None, :]
        rare = both * expit(-np.abs(apart))  # the smaller direction: the larger would lose the last digits
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
    """Return a step of limited length, halved until it does not lower the likelihood."""
    before, size = _likelihood(flow, delta), _LONGEST / max(float(np.ptp(step)), _LONGEST)
    while size > _SMALLEST_STEP and _likelihood(flow, delta + size * step) < before:
        size /= 2
    return size * step


def _likelihood(flow: Floats, delta: Floats) -> float:
    return -float((flow * np.logaddexp(0, delta[None, :] - delta[:, None])).sum())


def _inverse(weight: Floats) -> Floats:
    """Return the pseudo-inverse (k, k) of the Laplacian of weights that connect all k categories.

    The Laplacian is scaled to a unit diagonal, so that weights of very different sizes lose no digits. Its null space
    is known (roots of the degrees) and is filled, which needs no tolerance. Centring removes it again.
    """
    if len(weight) < 2:
        return np.zeros_like(weight)
    root = np.sqrt(weight.sum(axis=1))
    filled = np.eye(len(weight)) - weight / np.outer(root, root) + np.outer(root, root) / (root @ root)
    inverse = np.linalg.inv(filled).astype(np.float64) / np.outer(root, root)
    centred = inverse - inverse.mean(axis=0)
    return np.asarray(centred - centred.mean(axis=1, keepdims=True))
