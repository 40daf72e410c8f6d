"""Direction within a panel: n_ab against n_ba, judged by its interval, beyond sizes, and without what carries it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ..cells import Estimate
from ..incidence import Incidence
from ..inference.net_within import net_within
from ..inference.symmetry import DirectedPair, directed_pairs
from ..inference.totals import net_total
from ..matrices.counts import shares
from ..recounts import Change
from .carriers import carriers
from .finding import Finding, Study, slug

_MARGINS_DECIDE = 3
"""From so many crossing categories on, the sizes of categories alone can make a pair unequal."""

_LESS_THAN_ONE = 0.5


@dataclass(frozen=True, slots=True)
class Without:
    """The pair's counts without the item, raw label, stratum level or group that carries most of the forward units."""

    change: Change
    n_forward: float
    n_back: float
    net: Estimate


@dataclass(frozen=True, kw_only=True)
class Direction(Finding):
    """The pair of categories that most surely runs one way, or else the one with the largest net flow.

    `n_forward` units have `origin` as row and `goal` as column category, `n_back` the reverse; `net` is
    their difference with its interval. `excess` is what runs forward beyond what the sizes of categories make
    of the pair (quasi-symmetry), None where nothing could be left of it; `within` is the net flow beyond the sizes
    in each stratum, None without strata. `n_pairs` pairs were looked at. `several`: units have several categories
    on both sides, so that their number alone can make pairs unequal. `without` are the counts recounted without
    what carries most of the forward units, of each sort.

    `supported`: not `several`; the interval of the net excludes 0, those of the excess (where three or more
    categories cross) and within strata too, at a level shared among the pairs (Bonferroni); and that of the net still
    does without each of these.
    """

    kind: ClassVar[str] = "direction"
    origin: str
    goal: str
    n_forward: float
    n_back: float
    net: Estimate
    excess: Estimate | None
    within: Estimate | None
    n_pairs: int
    several: bool
    without: tuple[Without, ...]
    supported: bool

    @property
    def is_net(self) -> bool:
        """Whether the interval of the net flow excludes 0."""
        return is_positive(self.net)

    @property
    def is_size(self) -> bool:
        """Whether the sizes of categories can account for the net flow to less than one unit."""
        ends = None if self.excess is None else (self.excess.low, self.excess.high)
        return ends is None or all(end is not None and abs(end) < _LESS_THAN_ONE for end in ends)

    @property
    def rests_on(self) -> Without | None:
        """What the net flow rests on: the first without which its interval no longer excludes 0."""
        return next((w for w in self.without if not is_positive(w.net)), None) if self.is_net else None


def find(study: Study) -> list[Direction]:
    """Return one finding where units run from one category to another and any pair is unequal.

    Over a shared key nothing runs: its two sides are only held together.
    """
    if not study.diagonal or study.form == "shared":
        return []
    pairs = _pairs(study)
    if not pairs:
        return []
    places = {name: i for i, name in enumerate(study.rows)}
    found = [(pair, places[pair.first], places[pair.second]) for pair in _strict(study, len(pairs))]
    surest = max((entry for entry in found if (entry[1], entry[2]) in pairs), key=lambda e: _surely(study, *e))
    joint = study.joint
    i, j = surest[1:] if _surely(study, *surest) else max(pairs, key=lambda pair: abs(joint[pair] - joint[pair[::-1]]))
    if joint[i, j] < joint[j, i]:
        i, j = j, i
    return [about(study, study.rows[i], study.rows[j])]


def about(study: Study, origin: str, goal: str) -> Direction:
    """Return the finding about one pair, whichever way its units run."""
    joint, level, incidence = study.joint, study.inference.level, study.tables.incidence
    place = study.rows.index(origin), study.rows.index(goal)
    net = net_total(_forward_less_back(incidence, place), incidence, level)
    n_pairs = len(_pairs(study))
    excess, strict = (_excess(study, origin, goal, at) for at in (level, _shared(level, n_pairs)))
    strata = bool(incidence.stratum_names)
    within = net_within(incidence, place, level) if strata else None
    beyond = is_positive(strict) if strict is not None else _crossing(joint) < _MARGINS_DECIDE
    if strata:
        beyond = beyond and is_positive(net_within(incidence, place, _shared(level, n_pairs)))
    without = tuple(_without(study, place))
    several = _several(incidence) >= study.inference.minimum_units
    stays = all(is_positive(w.net) for w in without)
    return Direction(
        id=f"direction.{slug(*sorted((origin, goal)))}",
        cells=(*study.refs(origin, goal), *study.refs(goal, origin)),
        origin=origin,
        goal=goal,
        n_forward=float(joint[place]),
        n_back=float(joint[place[::-1]]),
        net=net,
        excess=excess,
        within=within,
        n_pairs=n_pairs,
        several=several,
        without=without,
        supported=is_positive(net) and beyond and stays and not several,
    )


def _pairs(study: Study) -> list[tuple[int, int]]:
    """Return the pairs of categories with enough units that cross between them."""
    joint, minimum = study.joint, study.inference.minimum_units
    return [(i, j) for i, j in combinations(range(len(study.rows)), 2) if joint[i, j] + joint[j, i] >= minimum]


def _shared(level: float, n_pairs: int) -> float:
    """Return the level at which each of some pairs must be judged so that all are judged at `level` (Bonferroni)."""
    return 1 - (1 - level) / max(n_pairs, 1)


def _strict(study: Study, n_pairs: int) -> tuple[DirectedPair, ...]:
    return directed_pairs(study.tables.incidence, _shared(study.inference.level, n_pairs))


def _surely(study: Study, pair: DirectedPair, i: int, j: int) -> float:
    """Return by how many half widths a pair lies beyond 0; 0 where an interval of it does not exclude 0."""
    estimates = [pair.net, pair.excess]
    if study.tables.incidence.stratum_names:
        strict = _shared(study.inference.level, len(_pairs(study)))
        estimates.append(net_within(study.tables.incidence, (i, j), strict))
    if pair.excess is None and _crossing(study.joint) >= _MARGINS_DECIDE:
        return 0.0
    sign = np.sign(pair.net.value)
    return float(min(_beyond(estimate, sign) for estimate in estimates if estimate is not None))


def _beyond(estimate: Estimate, sign: float) -> float:
    if estimate.low is None or estimate.high is None or not min(sign * estimate.low, sign * estimate.high) > 0:
        return 0.0
    return abs(estimate.value) / (estimate.high - estimate.low)


def _crossing(joint: NDArray[np.float64]) -> int:
    """Return how many categories units cross from or to."""
    return int((joint + joint.T - 2 * np.diag(np.diag(joint))).any(axis=1).sum())


def _several(incidence: Incidence) -> int:
    """Return how many units have several categories, on the side where fewer do."""
    sides = (incidence.row_sets, incidence.column_sets)
    return min(int(incidence.units[side.sum(axis=1) > 1].sum()) for side in sides)


def is_positive(estimate: Estimate | None) -> bool:
    """Return whether an interval lies wholly above 0."""
    return estimate is not None and estimate.low is not None and estimate.low > 0


def _forward_less_back(incidence: Incidence, place: tuple[int, int]) -> NDArray[np.float64]:
    """Return what a unit of each pattern (p,) adds to the forward less the backward count."""
    i, j = place
    rows, columns = shares(incidence)
    return rows[:, i] * columns[:, j] - rows[:, j] * columns[:, i]


def _without(study: Study, place: tuple[int, int]) -> Iterator[Without]:
    for change, tables in carriers(study, {(study.rows[place[0]], study.columns[place[1]])}):
        joint, incidence = tables.counts.joint, tables.incidence
        net = net_total(_forward_less_back(incidence, place), incidence, study.inference.level)
        yield Without(change, float(joint[place]), float(joint[place[::-1]]), net)


def _excess(study: Study, origin: str, goal: str, level: float) -> Estimate | None:
    """Return what runs from origin to goal beyond quasi-symmetry, or None."""
    for pair in directed_pairs(study.tables.incidence, level, frozenset((origin, goal))):
        if pair.excess is not None:
            return pair.excess if pair.first == origin else _negative(pair.excess)
    return None


def _negative(estimate: Estimate) -> Estimate:
    low = None if estimate.high is None else -estimate.high
    high = None if estimate.low is None else -estimate.low
    return Estimate(-estimate.value, low, high)
