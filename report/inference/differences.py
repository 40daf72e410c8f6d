"""Bounds on differences of unknowns: x_u - x_v <= w[v, u], inf where there is no bound.

Such a system is the graph with an edge v -> u of length w for each bound. It has a solution exactly where no
cycle of the graph is shorter than nothing, and the tightest bound on any difference is a shortest path
(Cormen et al. 2009, "Introduction to Algorithms", section 24.4). So a linear program over them needs no solver,
and what it answers comes with its reason: the cycle or the path.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

_ROUNDING = 1e-12
"""A gain no larger than this is none: a cycle of length 0 must not look like a way to become shorter."""


@dataclass(frozen=True, slots=True)
class Cycle:
    """Unknowns in the order a cycle visits them (the first is not repeated) and its mean length an edge."""

    nodes: tuple[int, ...]
    mean: float

    @property
    def edges(self) -> tuple[tuple[int, int], ...]:
        """The edges (v, u) of the cycle, in order."""
        return tuple(pairwise((*self.nodes, self.nodes[0])))


@dataclass(frozen=True, eq=False)
class Paths:
    """The tightest bounds (n, n) on x_u - x_v, inf where there is none, and the edges they come from."""

    length: Floats
    before: Indices

    def edges(self, v: int, u: int) -> tuple[tuple[int, int], ...]:
        """Return the edges of the path that bounds x_u - x_v, in order; its bound must be finite."""
        nodes = [u]
        while nodes[-1] != v:
            nodes.append(int(self.before[v, nodes[-1]]))
        return tuple(pairwise(reversed(nodes)))


def least_mean_cycle(bounds: Floats) -> Cycle | None:
    """Return the cycle with the least mean length, None where the bounds (n, n) form no cycle.

    If its mean is negative the bounds conflict: those on the cycle do, none of them can be spared for that, and
    all bounds must be loosened by at least minus the mean (Karp 1978, "A characterization of the minimum cycle
    mean in a digraph"; the cycle itself as in Chaturvedi & McConnell 2017).

    >>> least_mean_cycle(np.array([[np.inf, 1.0], [-3.0, np.inf]]))
    Cycle(nodes=(1, 0), mean=-1.0)
    """
    n = len(bounds)
    length, before = np.zeros((n + 1, n)), np.zeros((n + 1, n), dtype=np.int64)
    for k in range(1, n + 1):
        longer = length[k - 1][:, None] + bounds
        before[k] = longer.argmin(axis=0)
        length[k] = longer.min(axis=0)
    ends = np.flatnonzero(np.isfinite(length[n]))
    if not len(ends):
        return None
    left = np.arange(n, 0, -1)[:, None]
    means = ((length[n, ends] - length[:n, ends]) / left).max(axis=0)
    walk = [int(ends[means.argmin()])]
    for k in range(n, 0, -1):
        walk.append(int(before[k, walk[-1]]))
    cycles = [Cycle(nodes, _mean(bounds, nodes)) for nodes in _cycles(walk[::-1])]
    return min(cycles, key=lambda cycle: (cycle.mean, len(cycle.nodes)))


def _mean(bounds: Floats, nodes: tuple[int, ...]) -> float:
    return float(sum(bounds[v, u] for v, u in pairwise((*nodes, nodes[0])))) / len(nodes)


def _cycles(walk: list[int]) -> list[tuple[int, ...]]:
    """Return the simple cycles that a walk closes, cut out one after the other."""
    found, path = [], list[int]()
    for node in walk:
        if node in path:
            start = path.index(node)
            found.append(tuple(path[start:]))
            path = path[:start]
        path.append(node)
    return found


def shortest_paths(bounds: Floats) -> Paths:
    """Return the tightest bounds that follow from bounds (n, n) without a negative cycle (Floyd & Warshall).

    >>> found = shortest_paths(np.array([[np.inf, 1.0, 5.0], [np.inf, np.inf, 2.0], [np.inf] * 3]))
    >>> float(found.length[0, 2]), found.edges(0, 2)
    (3.0, ((0, 1), (1, 2)))
    """
    n = len(bounds)
    length = bounds.copy()
    np.fill_diagonal(length, 0)
    before = np.repeat(np.arange(n)[:, None], n, axis=1)
    for k in range(n):
        through = length[:, k, None] + length[k]
        shorter = through < length - _ROUNDING
        length = np.where(shorter, through, length)
        before = np.where(shorter, before[k], before)
    return Paths(length, before)


def n_checks(bounds: Floats) -> int:
    """Return how many independent cycles of three edges or more the bounds (n, n) form.

    A lower and an upper bound on one difference (a cycle of two) agree by their making; only longer cycles can
    be found to conflict. Within each set of unknowns that paths join both ways: edges, taken once whatever
    their direction, less those of a tree.
    """
    edge = np.isfinite(bounds)
    n_sets, sets = sparse.csgraph.connected_components(sparse.csr_array(edge), directed=True, connection="strong")
    within = np.triu((edge | edge.T) & (sets[:, None] == sets[None, :]), 1)
    return int(within.sum()) - (len(bounds) - int(n_sets))
