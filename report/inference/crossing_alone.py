"""What would be expected of one crossing if it took no part in the fit: what the other crossings say of it.

A large departure is itself among the counts that quasi-independence is fitted to, so it bends the fit towards
itself and away from others. Left out, as the diagonal is, it does not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..incidence import Incidence
from .crossing_units import crossings
from .quasi_independence import fit

_STEPS = 500
_CLOSE = 1e-7


@dataclass(frozen=True, slots=True)
class Alone:
    """A pair against the fit to all others: `ratio` is its units over `expected`, with the ends of its interval."""

    expected: float
    ratio: float
    low: float
    high: float


def expected_alone(incidence: Incidence, row: int, column: int) -> float:
    """Return how many units the fit to all other crossings gives a pair of different categories, over all strata.

    Expectation and maximisation (Dempster, Laird & Rubin 1977, "Maximum likelihood from incomplete data via the EM
    algorithm", Journal of the Royal Statistical Society B 39): the pair's count is replaced by what is expected of
    it until that no longer moves. A stratum that decides the pair keeps its count.
    """
    tables = crossings(incidence).tables.copy()
    for _ in range(_STEPS):
        expected = fit(tables).fitted[:, row, column]
        moved = abs(expected - tables[:, row, column]).max()
        tables[:, row, column] = expected
        if moved <= _CLOSE * max(float(expected.sum()), 1.0):
            break
    return float(tables[:, row, column].sum())


def alone(incidence: Incidence, place: tuple[int, int], observed: float, within: tuple[float, float, float]) -> Alone:
    """Return a pair against the fit to all others; `within` are ratio, low and high against the fit it takes part in.

    To first order both logs are the same residual, divided by one less its leverage or not, so they are as many
    standard errors from 0: the ends move as the ratio does.
    """
    ratio, low, high = within
    expected = expected_alone(incidence, *place)
    if not expected > 0 or ratio in (0, 1) or not low > 0:
        return Alone(expected, observed / expected if expected > 0 else ratio, low, high)
    stretch = math.log(observed / expected) / math.log(ratio)
    return Alone(expected, observed / expected, low**stretch, high**stretch)
