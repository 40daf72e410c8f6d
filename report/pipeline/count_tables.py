"""Joint counts for tables and files: of a relation, and of its largest strata."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from ..arrays import Floats
from ..document import results
from ..matrices.counts import Counts, totals
from ..measures import MEASURES
from ..panels import Tables


def count_tables(tables: Tables, scaled: Counts, level: float) -> results.CountTables:
    """Return the counts of a relation; `scaled` are those that the residuals rest on."""
    counts, found = tables.counts, tables.within(level) if tables.stratified else None
    residual = MEASURES["standardized_residual"]
    sized = scaled.joint, scaled.given[:, None], scaled.outcome[None, :], np.array(scaled.n_units)
    within = counts.expected_within
    return results.CountTables(
        rows=counts.given_side.categories,
        columns=counts.outcome_side.categories,
        n_units=counts.n_units,
        row_totals=tuple(map(float, counts.given)),
        column_totals=tuple(map(float, counts.outcome)),
        joint=_matrix(counts.joint),
        expected=_matrix(counts.expected),
        expected_within_strata=None if within is None else _matrix(within),
        standardized_residual=_matrix(residual(*sized)),
        lift_within_low=None if found is None else _matrix(found.low),
        lift_within_high=None if found is None else _matrix(found.high),
        most_within_strata=None if found is None else _matrix(tables.odds.most),
    )


MOST_STRATA, MOST_CATEGORIES = 12, 16
"""Strata are drawn in small: so many, of so many categories on a side at most."""


def strata_counts(tables: Tables) -> Iterator[results.StratumCounts]:
    """Yield the counts of the largest strata."""
    incidence = tables.incidence
    if not tables.stratified or max(tables.counts.joint.shape) > MOST_CATEGORIES:
        return
    sizes = np.bincount(incidence.stratum, incidence.weight, len(incidence.strata))
    for place in np.argsort(-sizes, kind="stable")[:MOST_STRATA]:
        if sizes[place]:
            joint = totals(incidence, np.where(incidence.stratum == place, incidence.weight, 0.0))[0]
            yield results.StratumCounts(incidence.strata[place], float(sizes[place]), _matrix(joint))


def _matrix(numbers: Floats) -> results.Matrix:
    return tuple(tuple(float(n) if math.isfinite(n) else None for n in row) for row in numbers)
