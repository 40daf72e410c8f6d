"""Direction within a panel: n_ab against n_ba, judged by its interval and without its largest item."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import ClassVar

import numpy as np

from report.cells import Estimate
from report.contributors import Contribution
from report.findings.finding import Finding, Study, slug
from report.inference.totals import net_total


@dataclass(frozen=True, kw_only=True)
class Direction(Finding):
    """The pair of categories with the largest net flow.

    `n_forward` units have `origin` as row and `goal` as column category, `n_back` the reverse; `net` is
    their difference with its interval. `largest` is the item that is the only one of its category for most
    of the forward units; `net_without` the difference without those. `supported`: the interval excludes 0
    and so does the sign without the largest item.
    """

    kind: ClassVar[str] = "direction"
    origin: str
    goal: str
    n_forward: float
    n_back: float
    net: Estimate
    largest: Contribution | None
    net_without: float | None
    supported: bool


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
    excludes_zero = net.low is not None and net.low > 0
    return Direction(
        id=f"direction.{slug(*sorted((origin, goal)))}",
        cells=(*study.refs(origin, goal), *study.refs(goal, origin)),
        origin=origin,
        goal=goal,
        n_forward=float(joint[i, j]),
        n_back=float(joint[j, i]),
        net=net,
        largest=largest,
        net_without=without,
        supported=excludes_zero and (without is None or without > 0),
    )
