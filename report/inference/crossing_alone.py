"""What would be expected of one crossing if it took no part in the fit: what the other crossings say of it.

A large departure is itself among the counts that quasi-independence is fitted to, so it bends the fit towards
itself and away from others. Left out, as the diagonal is, it does not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..incidence import Incidence
from .crossing_units import crossings
from .quasi_independence import fit

Floats = NDArray[np.float64]
_STEPS = 500
_CLOSE = 1e-7


@dataclass(frozen=True, slots=True)
class Alone:
    """A pair against the fit to all others: `ratio` is its units over `expected`, with the ends of its interval.

    `gain` is how much nearer the others come to their fit without it, as a deviance: the likelihood ratio of the pair.
    """

    expected: float
    ratio: float
    low: float
    high: float
    gain: float


def expected_alone(incidence: Incidence, row: int, column: int) -> float:
    """Return how many units the fit to all other crossings gives a pair of different categories, over all strata.

    Expectation and maximisation (Dempster, Laird & Rubin 1977, "Maximum likelihood from incomplete data via the EM
    algorithm", Journal of the Royal Statistical Society B 39): the pair's count is replaced by what is expected of
    it until that no longer moves. A stratum that decides the pair keeps its count.
    """
    return float(_without(crossings(incidence).tables, row, column)[:, row, column].sum())


def _without(tables: Floats, row: int, column: int) -> Floats:
    """Return the tables (S, K, K) with what is expected of a pair in the place of its count."""
    tables = tables.copy()
    for _ in range(_STEPS):
        expected = fit(tables).fitted[:, row, column]
        moved = abs(expected - tables[:, row, column]).max()
        tables[:, row, column] = expected
        if moved <= _CLOSE * max(float(expected.sum()), 1.0):
            break
    return tables


def _deviance(tables: Floats) -> float:
    """Return the deviance of the crossings in tables (S, K, K) from quasi-independence."""
    fitted, seen = fit(tables).fitted, np.where(np.eye(tables.shape[-1], dtype=np.bool_), 0.0, tables)
    ratio = np.divide(seen, fitted, out=np.ones_like(seen), where=(seen > 0) & (fitted > 0))
    return float(2 * (seen * np.log(ratio) - seen + fitted).sum())


def alone(incidence: Incidence, place: tuple[int, int], observed: float, within: tuple[float, float, float]) -> Alone:
    """Return a pair against the fit to all others; `within` are ratio, low and high against the fit it takes part in.

    To first order both logs are the same residual, divided by one less its leverage or not, so they are as many
    standard errors from 0: the ends move as the ratio does.
    """
    ratio, low, high = within
    tables = crossings(incidence).tables
    others = _without(tables, *place)
    expected = float(others[(slice(None), *place)].sum())
    gain = _deviance(tables) - _deviance(others)
    if not expected > 0 or ratio in (0, 1) or not low > 0:
        return Alone(expected, observed / expected if expected > 0 else ratio, low, high, gain)
    stretch = math.log(observed / expected) / math.log(ratio)
    return Alone(expected, observed / expected, low**stretch, high**stretch, gain)
