"""Direction within a panel: n_ab against n_ba, with its interval, adjusted for sizes, and without contributors."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Literal

import numpy as np

from ..arrays import Floats
from ..cells import Estimate
from ..incidence import Incidence
from ..ledger.recounts import Change
from ..matrices.counts import refuse_withheld
from . import INFLUENTIAL
from .directed_pairs import MOST_CATEGORIES
from .finding import Finding, KeyNumber, SentenceSpec, Study, slug
from .flows import QuasiSymmetryFit
from .statements import FindingKind, carriers

_CAUSSINUS = (
    "Caussinus (1965), Contribution à l'analyse statistique des tableaux de corrélation. "
    "Annales de la Faculté des Sciences de Toulouse 29, 77-183"
)
_LESS_THAN_ONE = 0.5

Pair = tuple[int, int]
Doubt = Literal["net", "several", "rests", "sizes", "beyond", "within", "many", "apart"]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The pair's counts without the item, raw label, stratum level or group that contributes most forward units."""

    change: Change
    n_forward: float
    n_back: float
    net: Estimate


@dataclass(frozen=True, kw_only=True)
class Direction(Finding):
    """The pair of categories with the clearest direction, or else the pair with the largest net flow.

    `n_forward` units have `origin` as row and `goal` as column category, and `n_back` the reverse. `net` is the
    difference with its interval. `excess` is the forward flow beyond the flow expected from category sizes, which are
    estimated from all other pairs (quasi-symmetry). It is None if other pairs do not allow an estimate. `within` is the
    same within strata, or None without strata or an estimate. `n_pairs` pairs were examined. `several`: units have
    several categories on both sides, and their number alone can make pairs unequal. `without` are the recounts without
    the largest contributor to the forward units, of each type.

    `doubt` is the first reason against a direction, or None if the direction is supported. `net`: the interval contains
    0. `several`: see above. `rests`: the interval contains 0 without the largest contributor. `sizes`: there is no
    estimate of the excess. `beyond`: the interval of the excess contains 0. `within`: the interval within strata
    contains 0 or there is no estimate. `many`: one of these two intervals contains 0 at a level shared among the pairs
    examined (Bonferroni). `apart`: the direction may belong to another pair. Other pairs do not allow an estimate
    without that pair, or the interval contains 0 if that pair, which is also clear, is left free.
    """

    kind = "direction"
    place = "structure"
    thresholds = (("influential", INFLUENTIAL),)
    origin: str
    goal: str
    n_forward: float
    n_back: float
    net: Estimate
    excess: Estimate | None
    within: Estimate | None
    n_pairs: int
    several: bool
    without: tuple[LeftOut, ...]
    doubt: Doubt | None

    @property
    def supported(self) -> bool:
        """Whether there is no reason against the direction."""
        return self.doubt is None

    @property
    def is_net(self) -> bool:
        """Whether the interval of the net flow excludes 0."""
        return is_positive(self.net)

    @property
    def is_size(self) -> bool:
        """Whether category sizes explain the net flow to less than one unit."""
        ends = (None, None) if self.excess is None else (self.excess.low, self.excess.high)
        return all(end is not None and abs(end) < _LESS_THAN_ONE for end in ends)

    @property
    def rests_on(self) -> LeftOut | None:
        """The first contributor without which the interval of the net flow no longer excludes 0."""
        return next((w for w in self.without if not is_positive(w.net)), None) if self.is_net else None

    def details(self) -> tuple[str, ...]:
        """Return the blocks that never appear on the first page."""
        return ("difference",)

    def cites(self) -> tuple[str, ...]:
        """Return the publications of its methods."""
        return (_CAUSSINUS,)

    def number(self) -> KeyNumber:
        """Return the key number of the finding."""
        n = max(self.n_forward + self.n_back, 1e-300)
        share = self.net.on(lambda number: number / n)
        return KeyNumber((self.origin, self.goal), share)

    def tells(self) -> Iterator[SentenceSpec]:
        """Yield the sentences on both numbers, their difference, the main contributor and the verdict."""
        yield SentenceSpec("observation")
        yield SentenceSpec("difference")
        carrier = self.rests_on or next((w for w in self.without if self._carries(w)), None)
        if carrier is not None:
            yield SentenceSpec("rests", {"c": carrier})
        yield SentenceSpec("verdict")

    def leads(self) -> bool:
        """Return whether the data support the direction."""
        return self.supported

    def _carries(self, without: LeftOut) -> bool:
        """Return whether an item or label accounts for so many forward units that it must be named."""
        lost = self.n_forward - without.n_forward
        return without.change.by in ("item", "label") and lost >= INFLUENTIAL * self.n_forward > 0


def find(study: Study) -> list[Direction]:
    """Return one finding if units run from one category to another and any pair is unequal.

    Relations over a shared key have no direction, because the key only joins their two sides. Beyond `MOST_CATEGORIES`
    categories, no direction is sought.
    """
    if refuse_withheld(study.tables.incidence) is not None:
        return []
    if (
        not (study.diagonal or study.tables.empty_diagonal)
        or study.form == "shared"
        or _n_crossing(study.joint) > MOST_CATEGORIES
    ):
        return []
    judge = _PairJudge(study)
    if not judge.pairs:
        return []
    joint = study.joint
    # A pair whose difference excludes 0 comes before a larger difference that may be chance.
    best = judge.surest or max(
        judge.pairs, key=lambda pair: (judge.is_unequal(pair), abs(joint[pair] - joint[pair[::-1]]))
    )
    return [_about(study, judge, best if joint[best] >= joint[best[::-1]] else best[::-1])]


class _PairJudge:
    """The results for all pairs of a study: the pairs examined, and the pairs with a clear direction beyond sizes."""

    def __init__(self, study: Study) -> None:
        joint, minimum, incidence = study.joint, study.inference.minimum_units, study.tables.incidence
        every = combinations(range(len(study.rows)), 2)
        self.pairs = [(i, j) for i, j in every if joint[i, j] + joint[j, i] >= minimum]
        self.level = study.inference.level
        self.shared = 1 - (1 - self.level) / max(len(self.pairs), 1)
        self.flows = QuasiSymmetryFit(incidence)
        self.within = QuasiSymmetryFit(incidence, within=True) if incidence.stratum_names else None

    @cached_property
    def sure(self) -> Mapping[Pair, float]:
        """The pairs, in forward order, with a clear net flow and excess at the shared level, and how clear each is."""
        found = {}
        for pair in self.pairs:
            way = pair if self.flows.net(pair, self.level).value > 0 else pair[::-1]
            if self.is_unequal(pair) and (sureness := self.beyond_sizes(way, self.shared)) > 0:
                found[way] = sureness
        return found

    def is_unequal(self, pair: Pair) -> bool:
        """Return whether the interval of the difference between the two directions excludes 0."""
        return any(is_positive(self.flows.net(way, self.level)) for way in (pair, pair[::-1]))

    @property
    def surest(self) -> Pair | None:
        """The pair with the clearest direction beyond sizes, the first in declared order in a tie."""
        return max(self.sure, key=lambda pair: self.sure[pair], default=None)

    def beyond_sizes(self, pair: Pair, level: float, free: Sequence[Pair] = ()) -> float:
        """Return the excess in half widths of its interval, the smaller of overall and within strata, or 0."""
        sureness = math.inf
        for flows in (self.flows, self.within):
            found = flows.beyond(pair, free) if flows is not None and sureness else None
            if flows is not None:
                sureness = min(sureness, 0.0 if found is None else _above(found.excess(level)))
        return sureness

    def is_apart(self, pair: Pair) -> bool:
        """Return whether the excess belongs to this pair, whichever other clear pair is left free."""
        rivals = (other for other in self.sure if other not in (pair, pair[::-1]))
        still = (self.beyond_sizes(pair, self.level, [rival]) > 0 for rival in rivals)
        return self.flows.is_told_apart(pair) and all(still)


def _about(study: Study, judge: _PairJudge, place: Pair) -> Direction:
    joint, level = study.joint, judge.level
    found = [None if flows is None else flows.beyond(place) for flows in (judge.flows, judge.within)]
    excess, within = (None if one is None else one.excess(level) for one in found)
    net, without = judge.flows.net(place, level), tuple(_without(study, place))
    several = _several(study.tables.incidence) >= study.inference.minimum_units
    origin, goal = study.rows[place[0]], study.rows[place[1]]
    against: dict[Doubt, Callable[[], bool]] = {
        "net": lambda: not is_positive(net),
        "several": lambda: several,
        "rests": lambda: not all(is_positive(w.net) for w in without),
        "sizes": lambda: excess is None,
        "beyond": lambda: not is_positive(excess),
        "within": lambda: judge.within is not None and not is_positive(within),
        "many": lambda: place not in judge.sure,
        "apart": lambda: not judge.is_apart(place),
    }
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
        n_pairs=len(judge.pairs),
        several=several,
        without=without,
        doubt=next((doubt for doubt, stands in against.items() if stands()), None),
    )


def _above(estimate: Estimate) -> float:
    """Return the distance of an estimate from 0 in half widths of its interval, or 0 if the interval contains 0."""
    if estimate.low is None or estimate.low <= 0:
        return 0.0
    return estimate.value / (estimate.value - estimate.low)


def is_positive(estimate: Estimate | None) -> bool:
    """Return whether an interval is wholly above 0."""
    return estimate is not None and estimate.low is not None and estimate.low > 0


def _n_crossing(joint: Floats) -> int:
    """Return the number of categories with off-diagonal units."""
    return int((joint + joint.T - 2 * np.diag(np.diag(joint))).any(axis=1).sum())


def _several(incidence: Incidence) -> int:
    """Return the number of units with several categories, on the side with fewer such units."""
    units = incidence.by_distinct(incidence.units.astype(np.float64))
    return min(int(units[side.sum(axis=1) > 1].sum()) for side in incidence.distinct_sets)


def _without(study: Study, place: Pair) -> Iterator[LeftOut]:
    for change, tables in carriers(study, {(study.rows[place[0]], study.columns[place[1]])}):
        joint = tables.counts.joint
        net = QuasiSymmetryFit(tables.incidence).net(place, study.inference.level)
        yield LeftOut(change, float(joint[place]), float(joint[place[::-1]]), net)


KIND = FindingKind(Direction, find)
