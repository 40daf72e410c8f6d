"""Direction within a panel: n_ab against n_ba, judged by its interval, beyond sizes, and without its largest item."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import ClassVar

import numpy as np

from report.cells import Estimate
from report.contributors import Contribution
from report.findings.finding import Finding, Study, slug
from report.inference.symmetry import directed_pairs
from report.inference.totals import net_total

_MARGINS_DECIDE = 3
"""From so many crossing categories on, the sizes of categories alone can make a pair unequal."""


@dataclass(frozen=True, kw_only=True)
class Direction(Finding):
    """The pair of categories with the largest net flow.

    `n_forward` units have `origin` as row and `goal` as column category, `n_back` the reverse; `net` is
    their difference with its interval. `excess` is what runs forward beyond what the sizes of categories make
    of the pair (quasi-symmetry), None where nothing could be left of it. `largest` is the item that is the
    only one of its category for most of the forward units; `net_without` the difference without those.
    `supported`: the interval of the net excludes 0, that of the excess too where three or more categories
    cross, and the sign stays without the largest item.
    """

    kind: ClassVar[str] = "direction"
    origin: str
    goal: str
    n_forward: float
    n_back: float
    net: Estimate
    excess: Estimate | None
    largest: Contribution | None
    net_without: float | None
    supported: bool

    @property
    def is_net(self) -> bool:
        """Whether the interval of the net flow excludes 0."""
        return _is_positive(self.net)


def find(study: Study) -> list[Direction]:
    """Return one finding where the same categories stand on both sides and any pair is unequal."""
    if not study.diagonal:
        return []
    joint = study.joint
    minimum = study.inference.minimum_units
    pairs = [(i, j) for i, j in combinations(range(len(study.rows)), 2) if joint[i, j] + joint[j, i] >= minimum]
    if not pairs:
        return []
    i, j = max(pairs, key=lambda pair: abs(joint[pair] - joint[pair[::-1]]))
    if joint[i, j] < joint[j, i]:
        i, j = j, i
    return [_direction(study, i, j)]


def _direction(study: Study, i: int, j: int) -> Direction:
    incidence, joint = study.tables.incidence, study.joint
    forward = incidence.row_sets[:, i] & incidence.column_sets[:, j]
    back = incidence.row_sets[:, j] & incidence.column_sets[:, i]
    net = net_total(forward.astype(np.float64) - back, incidence, study.inference.level)
    origin, goal = study.rows[i], study.rows[j]
    largest = study.contributors.largest(origin, goal, "item")
    without = None if largest is None else net.value - largest.n_sole
    excess = _excess(study, origin, goal)
    crossing = (joint + joint.T - 2 * np.diag(np.diag(joint))).any(axis=1).sum()
    left = _is_positive(excess) if excess is not None else bool(crossing < _MARGINS_DECIDE)
    return Direction(
        id=f"direction.{slug(*sorted((origin, goal)))}",
        cells=(*study.refs(origin, goal), *study.refs(goal, origin)),
        origin=origin,
        goal=goal,
        n_forward=float(joint[i, j]),
        n_back=float(joint[j, i]),
        net=net,
        excess=excess,
        largest=largest,
        net_without=without,
        supported=_is_positive(net) and left and (without is None or without > 0),
    )


def _is_positive(estimate: Estimate | None) -> bool:
    return estimate is not None and estimate.low is not None and estimate.low > 0


def _excess(study: Study, origin: str, goal: str) -> Estimate | None:
    """Return what runs from origin to goal beyond quasi-symmetry, or None."""
    for pair in directed_pairs(study.tables.incidence, study.inference.level):
        if pair.excess is None:
            continue
        if (pair.first, pair.second) == (origin, goal):
            return pair.excess
        if (pair.first, pair.second) == (goal, origin):
            return _negative(pair.excess)
    return None


def _negative(estimate: Estimate) -> Estimate:
    low = None if estimate.high is None else -estimate.high
    high = None if estimate.low is None else -estimate.low
    return Estimate(-estimate.value, low, high)
