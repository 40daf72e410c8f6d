"""Groups that are each of one kind on a side, as plots that keep their type; a pair is judged by drawing which.

Where all units of a group have the same categories of one side, these belong to the group and not to its units. If the
other side has nothing to do with them, they might as well stand at other groups: a pair is judged by drawing, again and
again, which groups have them. That is exact however few groups there are (Fisher 1935), where a variance of three or
four tells nothing. Groups of many units weigh more in what is counted, n_ab - n_a n_b / N, groups of few vary more in
the ratio n_ab N / (n_a n_b): where size goes with the kind, one of the two is too sure, so that both are asked.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from ..arrays import Bools, Floats, Ints
from ..incidence import Incidence
from .intervals import Interval

MOST = 60
"""Groups up to which they are drawn; the variance over more tells enough."""
_DRAWN, _A_PAIR, _AT_MOST = 9_999, 50, 49_999
"""Drawings, so many for each pair that is tested, and the most of them."""
_OF_ENDS = 1_999
"""Drawings that ends of intervals rest on."""
_WORLDS, _FOUND = 50, 0.8
"""Ways to give the kinds to groups in which a pair is planted, and in which share of them it is to be found."""
_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class WholeGroups:
    """What G groups hold: `sizes` (G,), `counts` (G, A) of one side, and which have a category of the other (G, B).

    `turned`: A are the columns of the table and B its rows.
    """

    sizes: Floats
    counts: Floats
    kinds: Bools
    turned: bool

    @cached_property
    def p(self) -> Floats:
        """Two-sided p (R, C) of n_ab: twice the smaller tail of the drawings, the larger of two; nan where none has b.

        By what is counted beyond n_a n_b / N, and by the ratio.
        """
        n, shares = self._n_drawn, self.counts.sum(axis=0) / self.sizes.sum()
        found = np.full((self.counts.shape[1], self.kinds.shape[1]), np.nan)
        for b, having in self._judged():
            again = having[_drawn(len(having), n)]
            sizes = again @ self.sizes
            excess = again @ (self.counts - self.sizes[:, None] * shares)
            ratios = (excess + sizes[:, None] * shares) / sizes[:, None]
            of = having @ (self.counts - self.sizes[:, None] * shares)
            ratio = (having @ self.counts) / (having @ self.sizes)
            found[:, b] = np.maximum(_two_sided(excess, of), _two_sided(ratios, ratio))
        return found.T if self.turned else found

    def ends(self, level: float) -> Interval:
        """Return the ratios (R, C) that the same drawings do not reject, were units of b so many times as often of a.

        nan where a is never with b, or always, of which drawings tell no end.
        """
        low, high = np.full((2, self.counts.shape[1], self.kinds.shape[1]), np.nan)
        for b, having in self._judged():
            again = having[_drawn(len(having), _OF_ENDS)]
            part = float(having @ self.sizes / self.sizes.sum())
            for a in range(self.counts.shape[1]):
                inside = self.counts[:, a] * having
                if not 0 < inside.sum() < having @ self.sizes:
                    continue
                factors = self._factors(again, having, a, level)
                # Where units of b have a 1 / f times as often as others: n_ab over what sizes make.
                low[a, b], high[a, b] = (1 / (part + (1 - part) * f) for f in factors[::-1])
        return Interval(low.T, high.T) if self.turned else Interval(low, high)

    def visible(self, pair: tuple[int, int], alpha: float) -> float:
        """Return the ratio at which a pair (row, column) would be found, its p at most `alpha`, in four worlds of five.

        In a world other groups have b, drawn as for p, and their units so many times as often a. inf where it would not
        be found whatever its ratio, or where no group or all have b.
        """
        a, b = pair[::-1] if self.turned else pair
        having = dict(self._judged()).get(b)
        if having is None:
            return math.inf
        spare = int(alpha * (1 + self._n_drawn) / 2) - 1  # so many drawings may reach as far as the world itself
        again = having[_drawn(len(having), _WORLDS + self._n_drawn)]
        worlds, drawn = again[:_WORLDS], again[_WORLDS:]
        part = worlds @ self.sizes / self.sizes.sum()
        f = np.maximum(*(self._passed(worlds, drawn, a, spare, by_ratio=by_ratio) for by_ratio in (False, True)))
        finite = np.where(np.isfinite(f), f, 1.0)
        ratios = np.sort(np.where(np.isfinite(f), finite / (1 + part * (finite - 1)), np.inf))
        return float(ratios[math.ceil(_FOUND * _WORLDS) - 1])

    def _passed(self, worlds: Floats, drawn: Floats, a: int, spare: int, *, by_ratio: bool) -> Floats:
        """Return for each world (m, G) the least f, 1 or more, at which at most `spare` drawings (n, G) reach it.

        f: in its groups a is so many times as often. inf where there is none.
        """
        counts, inside = self.counts[:, a], worlds * self.counts[:, a]  # all is counts and f - 1 times inside
        if spare < 0:
            return np.full(len(worlds), np.inf)
        due = 0.0 if by_ratio else 1 / self.sizes.sum()
        sizes, own = drawn @ self.sizes, worlds @ self.sizes
        of = (sizes[:, None], own) if by_ratio else (1.0, 1.0)
        start = (drawn @ counts - sizes * counts.sum() * due)[:, None] / of[0]
        slope = (drawn @ inside.T - np.outer(sizes, inside.sum(axis=1)) * due) / of[0]
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
        """Return the categories that some groups have and others not, each with 1 for those groups (G,) and 0."""
        found = self.kinds.astype(np.float64)
        return [(b, found[:, b]) for b in range(found.shape[1]) if 0 < found[:, b].sum() < len(found)]

    def _factors(self, again: Floats, having: Floats, a: int, level: float) -> tuple[float, float]:
        """Return the least and the largest f such that counts of a in groups of b, times f, may be as in any groups."""
        inside = self.counts[:, a] * having
        sides = (self.counts[:, a] - inside, inside)  # all is the first and f times the second
        sizes, whole = again @ self.sizes, self.sizes.sum()
        least, most = np.inf, 0.0
        for by_ratio in (False, True):
            drawn, own = [], []
            for side in sides:
                due = self.sizes * side.sum() / whole
                drawn.append(again @ side / sizes if by_ratio else again @ (side - due))
                own.append(having @ side / (having @ self.sizes) if by_ratio else having @ (side - due))
            held = _accepted(drawn[0] - own[0], drawn[1] - own[1], 1 - level)
            least, most = min(least, held[0]), max(most, held[1])
        return least, most


def of_groups(incidence: Incidence, n_groups: int | None) -> WholeGroups | None:
    """Return groups each of one kind on a side; None where not, for too many, in parts and in strata."""
    if n_groups is None or not 1 < n_groups <= MOST or incidence.group is None:
        return None
    if incidence.stratum_names or incidence.fractional:
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
    """Return n orders (n, G) of groups, the same each time."""
    orders = np.tile(np.arange(n_groups), (n, 1))
    return np.random.default_rng(1).permuted(orders, axis=1)


def _two_sided(drawn: Floats, own: Floats) -> Floats:
    """Return twice the smaller tail (A,) of drawings (n, A), each of which the data are one more."""
    near = _ROUNDING * np.abs(drawn).max(axis=0)
    above, below = ((1 + (side >= -near).sum(axis=0)) / (1 + len(drawn)) for side in (drawn - own, own - drawn))
    p: Floats = np.minimum(2 * np.minimum(above, below), 1.0)
    return p


def _accepted(start: Floats, slope: Floats, alpha: float) -> tuple[float, float]:
    """Return the least and the largest f from 0 on at which 0 is in neither tail of start + f slope (n,), drawings."""
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
