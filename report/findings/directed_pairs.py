"""Square tables: the direction of flows between categories.

Direction compares n_ab with n_ba within one panel. It is the net flow of counts, and the part of the net flow that the
margins do not explain (`flows`). On one shared taxonomy flows determine the margins, so lift is no measure of
direction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from ..arrays import Floats
from ..cells import Estimate
from ..incidence import Incidence
from ..matrices.counts import totals
from .flows import QuasiSymmetryFit

MOST_CATEGORIES = 30
"""With more categories that units cross between, pairs are only counted, because over 435 pairs would not be read."""


@dataclass(frozen=True, slots=True)
class DirectedPair:
    """Two categories that units cross between, in their declared order.

    `n_forward` units have `first` as row and `second` as column category, `n_back` the reverse. `net_flow` is their
    difference, and `direction_ratio` is `net_flow` over their sum: the efficiency of migration (Shryock 1959, "The
    efficiency of internal migration in the United States"). `expected_forward` is the expectation of `n_forward`
    from category sizes, estimated from all other pairs (quasi-symmetry). `excess` is `n_forward -
    expected_forward`; as many fewer units run back. Both are None if other pairs do not determine them, and if
    units cross between more than `MOST_CATEGORIES` categories. In the second case `net_flow` has no interval
    either.
    """

    first: str
    second: str
    n_forward: float
    n_back: float
    net_flow: Estimate
    direction_ratio: float
    expected_forward: float | None
    excess: Estimate | None


def directed_pairs(incidence: Incidence, level: float) -> tuple[DirectedPair, ...]:
    """Return every pair that units cross between, rows as origin.

    Intervals are clustered by group (`flows`) and have the given `level`. Pairs with a withheld cell are left out,
    because the number of units that run back is not known.
    """
    joint, _, _ = totals(incidence, incidence.weight)
    places = [(i, j) for i, j in combinations(range(len(joint)), 2) if joint[i, j] + joint[j, i] > 0]
    if incidence.withheld is not None:
        hidden = incidence.withheld | incidence.withheld.T
        places = [place for place in places if not hidden[place]]
    few = len({i for place in places for i in place}) <= MOST_CATEGORIES
    flows = QuasiSymmetryFit(incidence) if few else None
    return tuple(_pair(joint, flows, incidence.rows.categories, place, level) for place in places)


def _pair(
    joint: Floats, flows: QuasiSymmetryFit | None, names: Sequence[str], place: tuple[int, int], level: float
) -> DirectedPair:
    forward, back = float(joint[place]), float(joint[place[::-1]])
    beyond = None if flows is None else flows.beyond(place)
    excess = None if beyond is None else beyond.excess(level)
    return DirectedPair(
        first=names[place[0]],
        second=names[place[1]],
        n_forward=forward,
        n_back=back,
        net_flow=Estimate(forward - back) if flows is None else flows.net(place, level),
        direction_ratio=(forward - back) / (forward + back),
        expected_forward=None if excess is None else forward - excess.value,
        excess=excess,
    )
