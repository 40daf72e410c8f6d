"""All results for a relation, for tables, data files and report.json.

The records are frozen and contain no arrays, frames or markup. An undefined number is None.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..cells import Kind, Unit
from ..ledger.coverage import Coverage, TopContributors
from ..matrices.seriation import Grouping

Matrix = tuple[tuple[float | None, ...], ...]
"""A number for each pair of row and column category, None if undefined."""


@dataclass(frozen=True, slots=True)
class CountTables:
    """Joint counts of R row and C column categories over `n_units` units (or sums of weights).

    `expected` are the counts under independence, and `expected_within_strata` their sums over strata.
    `lift_within_low` and `lift_within_high` are the ends of the interval of the ratio of observed to expected counts
    within strata. `most_within_strata` are the largest counts that the margins within strata allow. All of these
    are None without strata, except `expected`. `standardized_residual` is the difference in standard errors of
    independent units.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    n_units: float
    row_totals: tuple[float | None, ...]
    column_totals: tuple[float | None, ...]
    joint: Matrix
    expected: Matrix
    expected_within_strata: Matrix | None
    standardized_residual: Matrix
    lift_within_low: Matrix | None = None
    lift_within_high: Matrix | None = None
    most_within_strata: Matrix | None = None

    def at(self, matrix: Matrix | None, row: str, column: str) -> float | None:
        """Return the number of a pair in one of these matrices, or None if either is undefined."""
        return None if matrix is None else matrix[self.rows.index(row)][self.columns.index(column)]


@dataclass(frozen=True, slots=True)
class StratumCounts:
    """Joint counts of the `n_units` units (or sums of weights) of one stratum; see `CountTables`."""

    stratum: str
    n_units: float
    joint: Matrix


@dataclass(frozen=True, slots=True)
class Sampling:
    """The sampling design behind the intervals.

    `n_units` is the number of units. `effective_units` is their effective number given the weights,
    (sum w)^2 / sum w^2 (Kish 1965), None without weights. `n_groups` is None if units are assumed to be independent.
    """

    n_units: int
    effective_units: float | None
    n_groups: int | None
    group_names: tuple[str, ...]
    stratum_names: tuple[str, ...]

    level: float


@dataclass(frozen=True, slots=True)
class AxisOrder:
    """One side of a relation and the order that places similar categories next to each other.

    `ordered`: the categories have an order of their own, which every view of the figure keeps.
    """

    side: str
    kind: Kind
    grouping: Grouping
    ordered: bool = False


@dataclass(frozen=True)
class RelationResults:
    """A relation with counts. `rows` and `columns` are its sides.

    `strata` are the largest strata, in decreasing size, if the categories are few.
    """

    relation: str
    unit: Unit
    counts: CountTables
    sampling: Sampling
    coverage: Coverage
    contributors: TopContributors

    axes: tuple[AxisOrder, AxisOrder]
    strata: tuple[StratumCounts, ...] = ()


@dataclass(frozen=True)
class BareResults:
    """A relation of published matrices."""

    relation: str


Results = RelationResults | BareResults
