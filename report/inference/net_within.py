"""Net flow between two categories beyond what the margins of each stratum would give."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..cells import Estimate
from ..incidence import Incidence
from ..matrices.counts import shares
from .totals import net_total

Floats = NDArray[np.float64]


def net_within(incidence: Incidence, place: tuple[int, int], level: float) -> Estimate:
    """Return n_ab - n_ba less sum_s (n_as n_bs' - n_bs n_as') / n_s, a and b as rows and (') as columns.

    `place` are the indices of a and b. Nothing is left where units of a stratum take their categories of both
    sides without regard to each other. Linearised: each unit's influence, summed over groups as any other net
    count (`totals.net_total`); the influences add up to the difference itself.
    """
    i, j = place
    rows, columns = shares(incidence)
    row_a, row_b, column_a, column_b = rows[:, i], rows[:, j], columns[:, i], columns[:, j]
    stratum, weight = incidence.stratum, incidence.weight

    def total(part: Floats) -> Floats:
        """Return the sums (S,) over strata."""
        return np.bincount(stratum, part * weight, len(incidence.strata)).astype(np.float64)

    n = np.maximum(total(np.ones_like(weight)), 1e-300)
    from_a, from_b, to_a, to_b = (total(part) for part in (row_a, row_b, column_a, column_b))
    expected = ((from_a * to_b - from_b * to_a) / n**2)[stratum]
    moved = row_a * to_b[stratum] + from_a[stratum] * column_b - row_b * to_a[stratum] - from_b[stratum] * column_a
    coefficient = row_a * column_b - row_b * column_a - (moved / n[stratum] - expected)
    return net_total(coefficient, incidence, level)
