"""Observed over expected for every pair of categories, whatever the expectation: all that judging a pair needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Ratios:
    """Ratios of R row and C column categories, rows of the incidence as rows.

    `expected` (R, C) are the counts to compare with, `ratio` (R, C) is observed over expected, `low` and `high`
    (R, C) the ends of its interval and `p` (R, C) the two-sided p of "as often as expected". nan where undefined
    or where no interval or no test can be given.
    """

    expected: Floats
    ratio: Floats
    low: Floats
    high: Floats
    p: Floats
