"""Everything that was worked out about a relation, as a frozen record: for tables, data files and report.json.

No arrays and no frames. A number that was refused is a `Refusal` with its reason, one that is undefined None.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..cells import Estimate, Kind, Refusal, Unit
from ..coverage import Contributors, Coverage
from ..findings.finding import Finding
from ..inference.bare import SizeCheck
from ..inference.symmetry import DirectedPair, LinearOrder, SquareTest
from ..matrices.seriation import Grouping
from ..measures.structure import Structure

Matrix = tuple[tuple[float | None, ...], ...]
"""A number for each pair of row and column category; None where it is undefined."""

ContrastKind = Literal["mirror", "reverse", "rows", "panels"]
"""mirror: the same pair in two reversed panels. reverse: (a, b) against (b, a) within a panel. rows: the mean of a
row against the mean of all other rows. panels: the means of two reversed panels."""


@dataclass(frozen=True, slots=True)
class CountTables:
    """Joint counts of R row and C column categories over `n_units` units (or sums of weights), as they were counted.

    `expected` are the counts of independence, `expected_within_strata` their sums over strata, None without strata, as
    are the ends of the interval of observed over these, `lift_within_low` and `lift_within_high`, and the largest
    counts that the margins within strata allow, `most_within_strata`;
    `standardized_residual` is the difference in standard errors of independent units.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    n_units: float
    row_totals: tuple[float, ...]
    column_totals: tuple[float, ...]
    joint: Matrix
    expected: Matrix
    expected_within_strata: Matrix | None
    standardized_residual: Matrix
    lift_within_low: Matrix | None = None
    lift_within_high: Matrix | None = None
    most_within_strata: Matrix | None = None

    def at(self, matrix: Matrix | None, row: str, column: str) -> float | None:
        """Return the number of a pair in one of these matrices; None where that is None, or the number undefined."""
        return None if matrix is None else matrix[self.rows.index(row)][self.columns.index(column)]


@dataclass(frozen=True, slots=True)
class StratumCounts:
    """Joint counts of the `n_units` units (or sums of weights) of one stratum, as `CountTables` has them of all."""

    stratum: str
    n_units: float
    joint: Matrix


@dataclass(frozen=True, slots=True)
class Sampling:
    """What intervals rest on.

    `n_units` are units, `effective_units` how many equal ones their weights are worth, (sum w)^2 / sum w^2 (Kish
    1965), None where they have no weights. `n_groups` is None where units are taken as independent.
    `design_effect` is the variance of the share of units whose categories agree, over what it would be were
    units independent; None without groups, without a diagonal, and where all or none agree. `resamples` and `seed`
    are those of ranks within rows, None where none were drawn.
    """

    n_units: int
    effective_units: float | None
    n_groups: int | None
    group_names: tuple[str, ...]
    stratum_names: tuple[str, ...]
    n_strata: int
    design_effect: float | None
    level: float
    resamples: int | None
    seed: int | None


@dataclass(frozen=True, slots=True)
class Tiers:
    """How many measured cells of a panel have a value in each tier of the thresholds high, moderate, low."""

    high: int
    moderate: int
    low: int
    very_low: int


@dataclass(frozen=True, slots=True)
class Highest:
    """The share of resamples in which a measured cell is the highest of its row."""

    given: str
    outcome: str
    share: float


@dataclass(frozen=True, slots=True)
class PanelResults:
    """About one panel as a whole.

    `structure` is None for published matrices; `tiers` where the measure is no share. `highest` are the measured
    cells in row-major order, or why nothing was drawn; None where nothing was asked for.
    """

    panel: str
    structure: Structure | None
    tiers: Tiers | None
    highest: tuple[Highest, ...] | Refusal | None = None


@dataclass(frozen=True, slots=True)
class ContrastTerm:
    """One side of a contrast: a cell, a row (no `outcome`: its mean) or a panel (neither: its mean).

    In a contrast of rows the second term has `given` None too: it is the mean of all other rows.
    """

    panel: str
    given: str | None = None
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class ContrastLine:
    """One number of a panel less another, with its interval; or, without values, why there is nothing to say."""

    kind: ContrastKind
    first: ContrastTerm
    second: ContrastTerm
    first_value: float | None = None
    second_value: float | None = None
    difference: Estimate | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class AxisOrder:
    """One side of a relation and the order that brings its like categories together."""

    side: str
    kind: Kind
    grouping: Grouping


@dataclass(frozen=True)
class RelationResults:
    """A relation with counts. `rows` and `columns` are its sides; `direct`: blocks are categories that meet each other.

    `pairs`, `tests` and `order` are those of `inference.symmetry`. `findings` come with the figure they were found
    for, null ones too. `strata` are the largest, the largest first, of categories that are few enough to draw them.
    """

    relation: str
    unit: Unit
    counts: CountTables
    sampling: Sampling
    coverage: Coverage
    contributors: Contributors
    panels: tuple[PanelResults, ...]
    pairs: tuple[DirectedPair, ...] | Refusal
    tests: tuple[SquareTest, ...] | Refusal
    order: LinearOrder | Refusal
    axes: tuple[AxisOrder, AxisOrder]
    direct: bool
    contrasts: tuple[ContrastLine, ...] = ()
    findings: tuple[tuple[str, Finding], ...] = ()
    strata: tuple[StratumCounts, ...] = ()

    def of_panel(self, panel: str) -> PanelResults:
        """Return what is known of a panel; KeyError where the relation has none of this id."""
        for found in self.panels:
            if found.panel == panel:
                return found
        raise KeyError(panel)


@dataclass(frozen=True, slots=True)
class PublishedSizes:
    """What two published panels, or one of a kind with itself (`right` None), need of the sizes of categories."""

    left: str
    right: str | None
    given: Kind
    outcome: Kind
    check: SizeCheck


@dataclass(frozen=True)
class BareResults:
    """A relation of published matrices."""

    relation: str
    panels: tuple[PanelResults, ...]
    sizes: tuple[PublishedSizes, ...]
    findings: tuple[tuple[str, Finding], ...] = ()


Results = RelationResults | BareResults
