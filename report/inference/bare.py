"""Structural checks of published matrices, which have values and reading ranges but no counts.

If two conditional panels are shares of one table of joint counts, L[a,b] / R[b,a] = n_b / n_a whatever was
counted. Each pair of mirrored cells therefore bounds log n_b - log n_a from below by log(L.low / R.high) and
from above by log(L.high / R.low), and a range that reaches zero leaves its side open. As every cell belongs to
one pair only, sizes that keep all bounds exist exactly where values within the ranges exist that one table
has. Within one kind L[a,b] / L[b,a] = n_b / n_a for a table that is the same both ways: what holds then is
Kolmogorov's condition, equal products around every cycle (Kelly 1979, "Reversibility and Stochastic Networks",
section 1.5).

All of it takes rows as what is given. If columns are, every ratio of sizes is its reciprocal; the bounds
conflict or agree just the same, so the matrices cannot tell which reading is right. Values read from a picture
carry their reading error and nothing else: there are no tests here.

On logarithms these are bounds on differences of unknowns, x_u - x_v <= w[v, u], inf where there is no bound: a graph
with an edge v -> u of length w for each. It has a solution exactly where no cycle is shorter than nothing, and the
tightest bound on any difference is a shortest path (Cormen et al. 2009, "Introduction to Algorithms", section 24.4). So
a linear program over them needs no solver, and what it answers comes with its reason: the cycle or the path.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Literal

import numpy as np

from ..arrays import Floats, Ints, connected
from ..cells import Cell, Panel

Side = Literal["given", "outcome"]

_ROUNDING = 1e-12
"""A gain no larger than this is none: a cycle of length 0 must not look like a way to become shorter."""

_CLOSE = 1e-9
"""Logarithms closer than this are equal: what rounding to binary leaves of values that agree."""


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
    before: Ints

    def edges(self, v: int, u: int) -> tuple[tuple[int, int], ...]:
        """Return the edges of the path that bounds x_u - x_v, in order; its bound must be finite."""
        nodes = [u]
        while nodes[-1] != v:
            nodes.append(int(self.before[v, nodes[-1]]))
        return tuple(pairwise(reversed(nodes)))


@dataclass(frozen=True, slots=True)
class Constraint:
    """What one end of the ranges of L[given, outcome] and its mirror sets on n_outcome / n_given.

    `end`: whether n_outcome / n_given is at least or at most `ratio`. A ratio of inf at least, or 0 at most,
    comes from a value above zero whose mirror is exactly zero: no sizes fit that. `given` and `outcome` are
    those of the first panel.
    """

    given: str
    outcome: str
    end: Literal["least", "most"]
    ratio: float

    @property
    def possible(self) -> bool:
        """Whether any sizes keep this constraint by itself."""
        return 0 < self.ratio < math.inf


@dataclass(frozen=True, slots=True)
class SizeRatio:
    """Bounds on n_category / n_other that follow from all constraints together; None where there is none."""

    side: Side
    category: str
    other: str
    low: float | None
    high: float | None

    @property
    def by_columns(self) -> SizeRatio:
        """The bounds if columns are what is given: those of the reciprocal."""
        low, high = (None if end is None else 1 / end for end in (self.high, self.low))
        return SizeRatio(self.side, self.category, self.other, low, high)


@dataclass(frozen=True, slots=True)
class LargestRatio:
    """The strongest thing the constraints say of sizes on one side: n_more >= `ratio` * n_fewer, above 1.

    `more` are all categories for which it holds equally; `because` are the constraints that it follows from.
    """

    side: Side
    more: tuple[str, ...]
    fewer: str
    ratio: float
    because: tuple[Constraint, ...]


@dataclass(frozen=True, slots=True)
class SizeCheck:
    """Whether sizes of categories exist that make the panels shares of one table. Rows taken as given.

    `n_usable` of the `n_constraints` that ranges could set (two for each mirrored pair of cells) are not left open
    by a range that reaches zero. `n_checks` is how many independent cycles of three or more the usable ones
    form: 0 means that they could not have conflicted whatever the values, so that feasible shows nothing.
    `loosening` is the least factor by which every constraint must be widened until sizes exist: 1 where they do,
    None where a value above zero faces an exact zero, which no factor mends. `conflict` are the constraints that
    demand it, all of them needed for a conflict. `ratios` are bounded ratios of two sizes of one side, and
    `largest` the strongest for each side; both are empty where there is a conflict.
    """

    feasible: bool
    n_usable: int
    n_constraints: int
    n_checks: int
    loosening: float | None
    conflict: tuple[Constraint, ...]
    ratios: tuple[SizeRatio, ...]
    largest: tuple[LargestRatio, ...]


@dataclass(frozen=True, slots=True)
class BoundViolation:
    """A cell whose whole range lies above what sizes allow: P(b|a) <= n_b / n_a."""

    given: str
    outcome: str
    low: float
    bound: float


def size_check(left: Panel, right: Panel) -> SizeCheck:
    """Return whether two mutually reversed conditional panels can be two shares of one table.

    A pair of cells of which one has no value, or no mirror, sets no constraint. Reading ranges are cut at 0 and
    1; a value without one is taken as exact. ValueError where the right panel does not reverse the left one or a
    measure is not `conditional`.
    """
    if (left.given, left.outcome) != (right.outcome, right.given):
        raise ValueError(f"panel {right.id} does not reverse panel {left.id}")
    _require_shares(left, right)
    mirror = {(cell.outcome, cell.given): cell for cell in right.cells}
    pairs = [(cell, mirror.get((cell.given, cell.outcome))) for cell in left.cells]
    nodes: list[tuple[Side, str]] = [("given", name) for name in left.given_categories]
    nodes += [("outcome", name) for name in left.outcome_categories]
    return _check(pairs, nodes)


def cycle_check(panel: Panel) -> SizeCheck:
    """Return whether a conditional panel of a kind with itself can be shares of a table that is its own mirror.

    That is so exactly where the products L[a,b] L[b,c] ... L[z,a] around every cycle of categories can equal
    those the other way round. A table of directed links need not be its own mirror. ValueError where the axes
    carry different categories or the measure is not `conditional`.
    """
    if not panel.same_taxonomy:
        raise ValueError(f"panel {panel.id} has different categories on its axes")
    _require_shares(panel)
    pairs = [(panel.cell(a, b), panel.cell(b, a)) for a, b in combinations(panel.given_categories, 2)]
    return _check(pairs, [("given", name) for name in panel.given_categories], within=True)


def bound_violations(
    panel: Panel, n_given: Mapping[str, float], n_outcome: Mapping[str, float]
) -> tuple[BoundViolation, ...]:
    """Return the cells of a conditional panel that sizes known from elsewhere forbid, in declared order.

    No more units can have both categories than have b, so P(b|a) <= n_b / n_a. Only the lower end of a reading
    range speaks against it. `n_given` and `n_outcome` are sizes by category, in one unit (also shares of one
    total); a category that is not in them, or a given one of size 0, is not judged.
    """
    _require_shares(panel)
    found = []
    for cell in panel.cells:
        a, b = n_given.get(cell.given), n_outcome.get(cell.outcome)
        if cell.value is None or not a or b is None:
            continue
        low, bound = _range(cell)[0], b / a
        if low > bound * (1 + _CLOSE):
            found.append(BoundViolation(cell.given, cell.outcome, low, bound))
    return tuple(found)


def _require_shares(*panels: Panel) -> None:
    for panel in panels:
        if panel.measure.name != "conditional":
            raise ValueError(f"panel {panel.id} shows {panel.measure.name}: only conditional panels are shares of rows")


def _range(cell: Cell) -> tuple[float, float]:
    """Return the range a value was read in, cut at 0 and 1, which no share passes; the value itself without one."""
    value = cell.value or 0.0
    low, high = (value if end is None else end for end in (cell.low, cell.high))
    return max(low, 0.0), min(high, 1.0)


def _constraints(cell: Cell, mirrored: Cell | None) -> Iterator[Constraint]:
    if mirrored is None or cell.value is None or mirrored.value is None:
        return
    (low, high), (low_mirrored, high_mirrored) = _range(cell), _range(mirrored)
    if low > 0:
        yield Constraint(cell.given, cell.outcome, "least", low / high_mirrored if high_mirrored else math.inf)
    if low_mirrored > 0:
        yield Constraint(cell.given, cell.outcome, "most", high / low_mirrored)


def _check(
    pairs: Sequence[tuple[Cell, Cell | None]], nodes: list[tuple[Side, str]], *, within: bool = False
) -> SizeCheck:
    """Check what pairs of cells demand of the sizes of nodes; `within`: outcome categories are given ones too."""
    constraints = [constraint for pair in pairs for constraint in _constraints(*pair)]
    system = _System(nodes, within=within)
    for constraint in constraints:
        if constraint.possible:
            system.add(constraint)
    loosening: float | None = None
    conflict = tuple(constraint for constraint in constraints if not constraint.possible)[:1]
    if not conflict:
        conflict, loosening = system.conflict()
    paths = None if conflict else shortest_paths(system.bounds + system.slack)
    return SizeCheck(
        feasible=not conflict,
        n_usable=len(constraints),
        n_constraints=2 * len(pairs),
        n_checks=n_checks(system.bounds),
        loosening=loosening,
        conflict=conflict,
        ratios=() if paths is None else tuple(system.ratios(paths)),
        largest=() if paths is None else tuple(system.largest(paths)),
    )


class _System:
    """Limits as bounds on differences of logarithms of sizes, one unknown for each category of each side.

    `bounds` (n, n) as `differences` takes them. `slack` is what rounding leaves of a cycle of length nothing.
    """

    def __init__(self, nodes: list[tuple[Side, str]], *, within: bool) -> None:
        self.nodes = nodes
        self.outcome: Side = "given" if within else "outcome"
        self.index = {node: i for i, node in enumerate(nodes)}
        self.bounds: Floats = np.full((len(nodes), len(nodes)), np.inf)
        self.constraints: dict[tuple[int, int], Constraint] = {}
        self.slack = 0.0

    def add(self, constraint: Constraint) -> None:
        """Add log n_b - log n_a <= log ratio, or log n_a - log n_b <= -log ratio: the edge (v, u) for x_u - x_v."""
        a, b = self.index["given", constraint.given], self.index[self.outcome, constraint.outcome]
        edge = (a, b) if constraint.end == "most" else (b, a)
        self.bounds[edge] = math.log(constraint.ratio) * (1 if constraint.end == "most" else -1)
        self.constraints[edge] = constraint

    def conflict(self) -> tuple[tuple[Constraint, ...], float]:
        """Return the constraints that conflict most and the factor that would reconcile all; none and 1 if none do."""
        cycle = least_mean_cycle(self.bounds)
        if cycle is None or cycle.mean >= -_CLOSE:
            self.slack = max(0.0, -cycle.mean) if cycle else 0.0
            return (), 1.0
        return tuple(self.constraints[edge] for edge in cycle.edges), math.exp(-cycle.mean)

    def ratios(self, paths: Paths) -> Iterator[SizeRatio]:
        """Yield the ratios of two sizes of one side that are bounded, in declared order."""
        for (i, (side, name)), (j, (other_side, other)) in combinations(enumerate(self.nodes), 2):
            low, high = -paths.length[i, j], paths.length[j, i]
            if side == other_side and (math.isfinite(low) or math.isfinite(high)):
                yield SizeRatio(side, name, other, _exp(low), _exp(high))

    def largest(self, paths: Paths) -> Iterator[LargestRatio]:
        """Yield the largest ratio that one size must have to another, for each side where it is above 1."""
        for side in dict.fromkeys(side for side, _ in self.nodes):
            chosen = [i for i, (its_side, _) in enumerate(self.nodes) if its_side == side]
            least = -paths.length[np.ix_(chosen, chosen)]  # [i, j] bounds log n_i - log n_j from below
            strongest = float(least.max(initial=-math.inf))
            if strongest <= _CLOSE:
                continue
            fewer = int(np.flatnonzero((least >= strongest - _CLOSE).any(axis=0))[0])
            more = [int(i) for i in np.flatnonzero(least[:, fewer] >= strongest - _CLOSE)]
            edges = dict.fromkeys(edge for i in more for edge in paths.edges(chosen[i], chosen[fewer]))
            yield LargestRatio(
                side=side,
                more=tuple(self.nodes[chosen[i]][1] for i in more),
                fewer=self.nodes[chosen[fewer]][1],
                ratio=math.exp(strongest),
                because=tuple(self.constraints[edge] for edge in edges),
            )


def _exp(logarithm: float) -> float | None:
    return math.exp(logarithm) if math.isfinite(logarithm) else None


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
    sets = connected(edge)
    within = np.triu((edge | edge.T) & (sets[:, None] == sets[None, :]), 1)
    return int(within.sum()) - (len(bounds) - len(set(sets.tolist())))
