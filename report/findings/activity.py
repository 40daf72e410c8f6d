"""Activity: whether units with more categories on one side have more on the other, which alone makes them meet."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..inference.totals import net_total
from .finding import Finding, KeyNumber, Recipe, Study
from .statements import FindingKind

_HARMLESS = 1.05
"""Up to this factor, with its interval, what units have in all makes no pair that a reader would look at."""


@dataclass(frozen=True, kw_only=True)
class Activity(Finding):
    """Units with several categories on both sides, counted without `strata: [activity]`.

    A unit with r row and c column categories, taken by themselves, adds r c pairs; were r and c unrelated, units would
    add mean r times mean c. `factor` is the mean of r c over that (`low` and `high` are its interval): how often two
    unrelated categories meet, on average, over what their sizes would give. `n_rows` and `n_columns` are the units
    with several categories on either side.
    """

    kind = "activity"
    n_rows: float
    n_columns: float
    n_units: float
    factor: float
    low: float | None = None
    high: float | None = None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The ends of the interval of `factor`, or None."""
        return None if self.low is None or self.high is None else (self.low, self.high)

    @property
    def is_clear(self) -> bool:
        """Whether units with more categories on one side surely have more, or surely fewer, on the other."""
        return self.low is not None and self.high is not None and (self.low > 1 or self.high < 1)

    def number(self) -> KeyNumber:
        """Return the number that it goes by."""
        return KeyNumber((), self.factor, "ratio", self.low, self.high, plain=True)

    def evidence(self) -> Iterator[Recipe]:
        """Yield what its numbers are worked out from."""
        ends = ("low", "high") if self.interval is not None else None
        terms = {"n_rows": "n_rows", "n_columns": "n_columns", "N": "n_units"}
        formula = "mean of r * c / (mean of r * mean of c)"
        yield Recipe("activity", formula, terms, "factor", ends, "activity" if ends else "")


def find(study: Study) -> list[Activity]:
    """Return one finding where pairs may come of how many categories units have; none where that is harmless.

    Linearised on the logarithm, groups kept together.
    """
    incidence = study.tables.incidence
    if "activity" in incidence.stratum_names:
        return []
    n, weight = float(incidence.weight.sum()), incidence.weight
    rows, columns = (side.sum(axis=1).astype(np.float64) for side in (incidence.row_sets, incidence.column_sets))
    several = [float((side > 1) @ weight) for side in (rows, columns)]
    both, in_rows, in_columns = (float(part @ weight) for part in (rows * columns, rows, columns))
    if not all(several) or not both:
        return []
    factor = n * both / (in_rows * in_columns)
    change = net_total(
        rows * columns / both + 1 / n - rows / in_rows - columns / in_columns, incidence, study.inference.level
    )
    low = high = None
    if change.low is not None and change.high is not None:
        low, high = factor * math.exp(change.low), factor * math.exp(change.high)
    if low is not None and high is not None and low > 1 / _HARMLESS and high < _HARMLESS:
        return []
    return [
        Activity(id="activity", n_rows=several[0], n_columns=several[1], n_units=n, factor=factor, low=low, high=high)
    ]


KIND = FindingKind(Activity, find)
