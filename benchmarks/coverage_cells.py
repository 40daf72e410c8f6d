"""Coverage of the interval of each cell, table by table, for every measure with an interval."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.coverage_regimes import Regime, Table
from benchmarks.populations import N_CATEGORIES
from diptych.inference.intervals import Interval, effective_groups, interval, linearised, wilson
from diptych.inference.moments import GIVEN, JOINT, OUTCOME, UNITS, moments
from diptych.matrices.counts import tabulate
from diptych.measures import MEASURES

Floats = NDArray[np.float64]
Columns = dict[str, NDArray[np.generic]]

LEVEL = 0.95
MEASURED = tuple(name for name, measure in MEASURES.items() if not measure.info.statistic)
MEETING = (
    "lift",
    "log2_lift",
    "difference",
    "phi",
    "relative_risk",
    "odds_ratio",
)
"""Measures whose intervals are adjusted if all or none of the smaller category occur with the other."""

MET = ("", "none", "some", "all")
SHAPE = (N_CATEGORIES, N_CATEGORIES)
PROMISED = 50
"""Units with the given category, and effective groups, from which 93 to 97% coverage is promised."""


def cell_coverage(regime: Regime, n_tables: int, names: Sequence[str] = MEASURED) -> pd.DataFrame:
    """Return whether each interval contains the truth: one row for each measure (of `names`) and cell of each table.

    `covered` is the method in use. Alternatives are `plain`, linearised without the adjustment for all or none (nan
    without an interval), and `as_units`, Wilson as if units were independent (conditionals only). `given` is true if
    there is an interval. Otherwise `covered` is false. The other columns are measure, population (a number), n_given,
    p (true P(b|a)), expected (true n_a n_b / N), effective (G_eff), and met. The values of met are "all" or "none" of
    the smaller category, "some", or "" if no unit or every unit has a category.
    """
    parts: dict[str, list[NDArray[np.generic]]] = {}
    for table in regime.tables(n_tables):
        for columns in _of_table(table, regime.total, names):
            for column, values in columns.items():
                parts.setdefault(column, []).append(np.ravel(np.broadcast_to(values, SHAPE)))
    frame = pd.DataFrame({column: np.concatenate(values) for column, values in parts.items()})
    words = {"measure": MEASURED, "met": MET}
    return frame.assign(**{column: pd.Categorical.from_codes(frame[column], of) for column, of in words.items()})


def _of_table(table: Table, total: float, names: Sequence[str]) -> Iterator[Columns]:
    population, incidence = table.population, table.incidence
    found, true = moments(incidence), population.totals
    common: Columns = {
        "population": np.array(table.number),
        "n_given": tabulate(incidence, "units").given[:, None],
        "p": true[JOINT] / true[GIVEN],
        "expected": incidence.n_units * true[GIVEN] * true[OUTCOME],
        "met": _met(found.totals),
    }
    as_units = wilson(found.totals[JOINT], found.totals[GIVEN], LEVEL)
    for name in names:
        measure = MEASURES[name]
        sized = found.scaled(incidence.worth_of_one) if measure.sized else found
        # A count is the only measure that grows with the weight of all units.
        truth = measure(*true) * (total if name == "count" else 1)
        ends = interval(measure, sized, LEVEL)
        plain = linearised(measure, sized, LEVEL) if name in MEETING else ends
        yield common | {
            "measure": np.array(MEASURED.index(name)),
            "covered": _holds(ends, truth),
            "given": np.isfinite(ends.low),
            "plain": np.where(np.isfinite(plain.low), _holds(plain, truth), np.nan),
            "as_units": _holds(as_units, truth) if name == "conditional" else np.zeros(SHAPE, dtype=bool),
            "effective": effective_groups(measure, found),
        }


def _holds(ends: Interval, truth: Floats) -> NDArray[np.bool_]:
    return (ends.low <= truth) & (truth <= ends.high)


def _met(totals: Floats) -> NDArray[np.int64]:
    """Return the index of each cell's word in MET."""
    joint, smaller = totals[JOINT], np.minimum(totals[GIVEN], totals[OUTCOME])
    larger = np.maximum(totals[GIVEN], totals[OUTCOME])
    met = np.where(joint == 0, 1, np.where(np.isclose(joint, smaller, rtol=1e-9), 3, 2))
    return np.where((smaller == 0) | np.isclose(larger, totals[UNITS], rtol=1e-9), 0, met)


def promised(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the intervals with promised coverage of 93 to 97%: n_given >= 50, p from 0.05 to 0.95, G_eff >= 50."""
    return usual(cells)[lambda chosen: chosen["effective"] >= PROMISED]


def usual(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the intervals with n_given >= 50 and p from 0.05 to 0.95, for any number of groups."""
    return cells[cells["given"] & (cells["n_given"] >= PROMISED) & cells["p"].between(0.05, 0.95)]


@dataclass(frozen=True)
class Rate:
    """A share of intervals that contain the truth, its standard error, and the number of intervals."""

    share: float
    error: float
    n: int


def rate(cells: pd.DataFrame, column: str = "covered") -> Rate:
    """Return the coverage of some intervals. The error is clustered: cells of a population are correlated.

    >>> found = rate(pd.DataFrame({"population": [0, 0, 1, 1], "covered": [True, True, True, False]}))
    >>> found.share, round(found.error, 3), found.n
    (0.75, 0.25, 4)
    """
    by_population = cells[column].astype(float).groupby(cells["population"]).agg(["sum", "size"])
    held, size = by_population["sum"].to_numpy(), by_population["size"].to_numpy()
    n, clusters = int(size.sum()), len(size)
    share = float(held.sum() / n)
    squares = float(((held - share * size) ** 2).sum())
    error = (squares * clusters / (clusters - 1)) ** 0.5 / n if clusters > 1 else float("nan")
    return Rate(share, error, n)
