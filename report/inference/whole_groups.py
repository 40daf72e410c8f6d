"""Permutation of groups that have one kind on a side, as in a cluster-randomised design.

If all units of a group have the same categories on one side, these categories belong to the group and not to its units.
If the other side is unrelated to them, they could equally belong to other groups. A pair is therefore tested by
permuting the groups that have them. The test is exact for any number of groups (Fisher 1935), while a variance over
three or four groups is not informative. Large groups weigh more in the difference n_ab - n_a n_b / N. Small groups vary
more in the ratio n_ab N / (n_a n_b). If size is related to the kind, one of the two is too optimistic, so both are
used.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from .. import portable
from ..arrays import Bools, Floats, Ints
from ..incidence import Incidence
from .intervals import Interval

MOST = 60
"""The largest number of groups that are permuted. The variance over more groups is sufficient."""
_DRAWN, _A_PAIR, _AT_MOST = 9_999, 50, 49_999
"""The default number of permutations, the number for each tested pair, and the maximum."""
_OF_ENDS = 1_999
"""The number of permutations for the ends of intervals."""
_WORLDS, _FOUND = 50, 0.8
"""The number of simulated assignments with a planted effect, and the share in which it must be detected."""
_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class WholeGroups:
    """G groups: `sizes` (G,), `counts` (G, A) of one side, and which have a category of the other, `kinds` (G, B).

    `turned`: A are the columns of the table and B its rows.
    """

    sizes: Floats
    counts: Floats
    kinds: Bools
    turned: bool

    @cached_property
    def p(self) -> Floats:
        """Two-sided p (R, C) of n_ab, twice the smaller tail; nan if no group, or every group, has b.

        It is the larger p of two statistics: the difference from n_a n_b / N, and the ratio.
        """
        n, shares = self._n_drawn, self.counts.sum(axis=0) / self.sizes.sum()
        found = np.full((self.counts.shape[1], self.kinds.shape[1]), np.nan)
        for b, having in self._judged():
            again = having[_drawn(len(having), n)]
            sizes = portable.matmul(again, self.sizes)
            excess = portable.matmul(again, self.counts - self.sizes[:, None] * shares)
            ratios = (excess + sizes[:, None] * shares) / sizes[:, None]
            of = portable.matmul(having, self.counts - self.sizes[:, None] * shares)
            ratio = portable.matmul(having, self.counts) / portable.matmul(having, self.sizes)
            found[:, b] = np.maximum(_two_sided(excess, of), _two_sided(ratios, ratio))
        return found.T if self.turned else found

    def ends(self, level: float) -> Interval:
        """Return the ratios (R, C) that the same permutations do not reject, if a is f times as frequent in units of b.

        Values are nan if a never or always occurs with b, because permutations then determine no end.
        """
        low, high = np.full((2, self.counts.shape[1], self.kinds.shape[1]), np.nan)
        for b, having in self._judged():
            again = having[_drawn(len(having), _OF_ENDS)]
            part = float(portable.matmul(having, self.sizes) / self.sizes.sum())
            for a in range(self.counts.shape[1]):
                inside = self.counts[:, a] * having
                if not 0 < inside.sum() < portable.matmul(having, self.sizes):
                    continue
                factors = self._factors(again, having, a, level)
                # n_ab over its expectation if units of b have a 1 / f times as often as others
                low[a, b], high[a, b] = (1 / (part + (1 - part) * f) for f in factors[::-1])
        return Interval(low.T, high.T) if self.turned else Interval(low, high)

    def visible(self, pair: tuple[int, int], alpha: float) -> float:
        """Return the ratio of a pair (row, column) at which p is at most `alpha` in four of five simulated assignments.

        In an assignment other groups have b, permuted as for p, and a is multiplied in their units. The result is inf
        if no ratio is detected, or if no group or all groups have b.
        """
        a, b = pair[::-1] if self.turned else pair
        having = dict(self._judged()).get(b)
        if having is None:
            return math.inf
        spare = int(alpha * (1 + self._n_drawn) / 2) - 1  # the number of permutations that may reach the world's value
        again = having[_drawn(len(having), _WORLDS + self._n_drawn)]
        worlds, drawn = again[:_WORLDS], again[_WORLDS:]
        part = portable.matmul(worlds, self.sizes) / self.sizes.sum()
        f = np.maximum(*(self._passed(worlds, drawn, a, spare, by_ratio=by_ratio) for by_ratio in (False, True)))
        finite = np.where(np.isfinite(f), f, 1.0)
        ratios = np.sort(np.where(np.isfinite(f), finite / (1 + part * (finite - 1)), np.inf))
        return float(ratios[math.ceil(_FOUND * _WORLDS) - 1])

    def _passed(self, worlds: Floats, drawn: Floats, a: int, spare: int, *, by_ratio: bool) -> Floats:
        """Return the smallest f per world (m, G), 1 or more, at which at most `spare` permutations (n, G) reach it.

        f is the factor of a in the world's groups, inf if there is none.
        """
        counts, inside = self.counts[:, a], worlds * self.counts[:, a]  # the total is counts plus f - 1 times inside
        if spare < 0:
            return np.full(len(worlds), np.inf)
        due = 0.0 if by_ratio else 1 / self.sizes.sum()
        sizes, own = portable.matmul(drawn, self.sizes), portable.matmul(worlds, self.sizes)
        of = (sizes[:, None], own) if by_ratio else (1.0, 1.0)
        start = (portable.matmul(drawn, counts) - sizes * counts.sum() * due)[:, None] / of[0]
        slope = (portable.matmul(drawn, inside.T) - np.outer(sizes, inside.sum(axis=1)) * due) / of[0]
        start = (inside.sum(axis=1) - own * counts.sum() * due) / of[1] - start
        slope = inside.sum(axis=1) * (1 - own * due) / of[1] - slope
        near = _ROUNDING * np.abs(slope).max(initial=0.0)
        ahead = start > near  # the world is above the drawing at f = 1, and stays so
        with np.errstate(divide="ignore", invalid="ignore"):
            f = np.where(slope > near, 1 - start / slope, np.where(ahead, 1.0, np.inf))
        last: Floats = np.partition(f, len(f) - 1 - spare, axis=0)[len(f) - 1 - spare]
        return np.maximum(last, 1.0)

    @property
    def _n_drawn(self) -> int:
        n_pairs: int = self.counts.shape[1] * self.kinds.shape[1]
        return min(max(_DRAWN, _A_PAIR * n_pairs), _AT_MOST)

    def _judged(self) -> list[tuple[int, Floats]]:
        """Return the categories that some but not all groups have, each with 1 for those groups (G,) and 0."""
        found = self.kinds.astype(np.float64)
        return [(b, found[:, b]) for b in range(found.shape[1]) if 0 < found[:, b].sum() < len(found)]

    def _factors(self, again: Floats, having: Floats, a: int, level: float) -> tuple[float, float]:
        """Return the smallest and the largest f at which f times the counts of a in groups of b are unremarkable.

        The counts are then within the range for any other groups of the same number.
        """
        inside = self.counts[:, a] * having
        sides = (self.counts[:, a] - inside, inside)  # the total is the first plus f times the second
        sizes, whole = portable.matmul(again, self.sizes), self.sizes.sum()
        least, most = np.inf, 0.0
        for by_ratio in (False, True):
            drawn, own = [], []
            for side in sides:
                due = self.sizes * side.sum() / whole
                drawn.append(portable.matmul(again, side) / sizes if by_ratio else portable.matmul(again, side - due))
                own.append(
                    portable.matmul(having, side) / portable.matmul(having, self.sizes)
                    if by_ratio
                    else portable.matmul(having, side - due)
                )
            held = _accepted(drawn[0] - own[0], drawn[1] - own[1], 1 - level)
            least, most = min(least, held[0]), max(most, held[1])
        return least, most


def of_groups(incidence: Incidence, n_groups: int | None) -> WholeGroups | None:
    """Return groups that each have one kind on a side, or None.

    The result is None for too many groups, with strata, or if no side has one kind per group.
    """
    if n_groups is None or not 1 < n_groups <= MOST or incidence.group is None:
        return None
    if incidence.stratum_names:
        return None
    group: Ints = incidence.group
    if not incidence.weight.sum() > 0:
        return None
    sizes = np.bincount(group, incidence.weight, n_groups).astype(np.float64)
    if len(np.unique(group)) < n_groups or (np.bincount(group, incidence.units, n_groups) == 1).all():
        return None
    for sets, others, turned in (
        (incidence.column_sets, incidence.row_sets, False),
        (incidence.row_sets, incidence.column_sets, True),
    ):
        kinds = np.zeros((n_groups, sets.shape[1]), dtype=np.bool_)
        kinds[group] = sets
        if (kinds[group] == sets).all():
            counts = np.zeros((n_groups, others.shape[1]))
            np.add.at(counts, group, others * incidence.weight[:, None])
            return WholeGroups(sizes, counts, kinds, turned)
    return None


@cache
def _drawn(n_groups: int, n: int) -> Ints:
    """Return n permutations (n, G) of groups, the same each time."""
    orders = np.tile(np.arange(n_groups), (n, 1))
    return np.random.default_rng(1).permuted(orders, axis=1)


def _two_sided(drawn: Floats, own: Floats) -> Floats:
    """Return twice the smaller tail (A,) of permutations (n, A), counting the data as one more."""
    near = _ROUNDING * np.abs(drawn).max(axis=0)
    above, below = ((1 + (side >= -near).sum(axis=0)) / (1 + len(drawn)) for side in (drawn - own, own - drawn))
    p: Floats = np.minimum(2 * np.minimum(above, below), 1.0)
    return p


def _accepted(start: Floats, slope: Floats, alpha: float) -> tuple[float, float]:
    """Return the smallest and the largest f from 0 on at which 0 is in neither tail of start + f slope (n,)."""
    near = _ROUNDING * np.abs(slope).max()
    flat = np.abs(slope) <= near
    turns = -start[~flat] / slope[~flat]
    falling, rising = (np.sort(turns[side]) for side in (slope[~flat] < 0, slope[~flat] > 0))
    still = start[flat]
    tried = np.concatenate([[0.0], np.unique(turns[turns > 0]), [np.inf]])
    above = len(falling) - np.searchsorted(falling, tried, "left") + np.searchsorted(rising, tried, "right")
    below = np.searchsorted(falling, tried, "right") + len(rising) - np.searchsorted(rising, tried, "left")
    above, below = above + (still >= -near).sum(), below + (still <= near).sum()
    held = tried[2 * (1 + np.minimum(above, below)) / (1 + len(start)) > alpha]
    return (float(held.min()), float(held.max())) if len(held) else (1.0, 1.0)
