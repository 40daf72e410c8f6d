"""Incidence -> joint counts and margins in declared order, and the 2 x 2 tables of pairs with their restrictions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np
from scipy import sparse

from .. import portable
from ..arrays import Bools, Floats, Indices, counted, summed
from ..incidence import Incidence, Side

CountedBy = Literal["weight", "units"]
_CHUNK = 1 << 18
"""Number of expected counts of strata in memory at once."""
_FEW_CELLS = 2_500
"""Maximum number of cells for dense products, which are then faster than sparse products."""


@dataclass(frozen=True, eq=False)
class Counts:
    """Joint counts of R given and C outcome categories over N units.

    `joint` (R, C) is n_ab, `given` (R,) n_a, `outcome` (C,) n_b, `n_units` N: units, or sums of weights.
    `expected_within` (R, C) sums n_as n_bs / n_s over the strata s, and is None without strata.
    """

    given_side: Side
    outcome_side: Side
    joint: Floats
    given: Floats
    outcome: Floats
    n_units: float
    expected_within: Floats | None

    @property
    def expected(self) -> Floats:
        """n_a n_b / N (R, C): the counts expected under independence, or 0 without units."""
        return np.outer(self.given, self.outcome) / max(self.n_units, 1e-300)

    @property
    def T(self) -> Counts:
        """The same counts with the roles of the two kinds exchanged."""
        within = None if self.expected_within is None else self.expected_within.T
        return replace(
            self,
            given_side=self.outcome_side,
            outcome_side=self.given_side,
            joint=self.joint.T,
            given=self.outcome,
            outcome=self.given,
            expected_within=within,
        )


@dataclass(frozen=True, eq=False)
class StratumMargins:
    """Sizes n_s (S,) of S strata, with n_as (S, R) and n_bs (S, C) within each: units, or sums of weights."""

    sizes: Floats
    rows: Floats
    columns: Floats

    @cached_property
    def rows_vary(self) -> Bools:
        """Whether a stratum contains units with a row category and units without it (S, R)."""
        return (self.rows > 0) & (self.rows < self.sizes[:, None])

    @cached_property
    def columns_vary(self) -> Bools:
        """Whether a stratum contains units with a column category and units without it (S, C)."""
        return (self.columns > 0) & (self.columns < self.sizes[:, None])

    @cached_property
    def most(self) -> Floats:
        """The largest joint counts (R, C) that these margins allow, the sum over strata of min(n_as, n_bs)."""
        most = np.zeros((self.rows.shape[1], self.columns.shape[1]))
        step = max(1, _CHUNK // max(1, most.size))
        for first in range(0, len(self.sizes), step):
            chosen = slice(first, first + step)
            most += np.minimum(self.rows[chosen, :, None], self.columns[chosen, None, :]).sum(axis=0)
        return most

    @cached_property
    def expected(self) -> Floats:
        """The sum over strata of n_as n_bs / n_s (R, C), in a fixed order, so that it is the same on every machine."""
        n_rows, n_columns = self.rows.shape[1], self.columns.shape[1]
        expected = np.zeros((n_rows, n_columns))
        divisor = np.maximum(self.sizes, 1e-300)
        step = max(1, _CHUNK // max(1, n_rows * n_columns))
        for first in range(0, len(self.sizes), step):
            chosen = slice(first, first + step)
            products = self.rows[chosen, :, None] * self.columns[chosen, None, :] / divisor[chosen, None, None]
            expected += products.sum(axis=0)
        return expected


def tabulate(incidence: Incidence, counted: CountedBy = "weight") -> Counts:
    """Count an incidence with its rows as given and its columns as outcome."""
    weight = incidence.weight if counted == "weight" else incidence.units.astype(np.float64)
    joint, given, outcome = totals(incidence, weight)
    expected = None
    if incidence.stratum_names:
        of_weight = counted == "weight"
        expected = (stratum_margins(incidence) if of_weight else _stratum_margins(incidence, weight)).expected
    return Counts(incidence.rows, incidence.columns, joint, given, outcome, float(weight.sum()), expected)


def stratum_margins(incidence: Incidence) -> StratumMargins:
    """Return the weighted margins of each stratum; they are cached on the incidence."""
    known: dict[str, StratumMargins] = incidence.__dict__
    if "margins" not in known:
        known["margins"] = _stratum_margins(incidence, incidence.weight)
    return known["margins"]


def _stratum_margins(incidence: Incidence, weight: Floats) -> StratumMargins:
    n_strata, (first, number) = len(incidence.strata), incidence.levels
    own, stratum = counted(weight, number, len(first)), incidence.stratum[first]

    def margin(sets: Floats) -> Floats:
        return summed(sets * own[:, None], stratum, n_strata)

    rows, columns = incidence.row_sets[first].astype(np.float64), incidence.column_sets[first].astype(np.float64)
    return StratumMargins(summed(own, stratum, n_strata), margin(rows), margin(columns))


def shares(incidence: Incidence, of: Indices | slice = slice(None)) -> tuple[Floats, Floats]:
    """Return whether one unit of each pattern is in each row (p, R) and column (p, C), as 1 or 0.

    `of`: only these patterns.
    """
    return incidence.row_sets[of].astype(np.float64), incidence.column_sets[of].astype(np.float64)


def totals(incidence: Incidence, weight: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the sums of weights (p,) over cells (R, C), rows (R,) and columns (C,)."""
    weight = incidence.by_distinct(weight)
    rows, columns = incidence.distinct_sets
    joint = portable.matmul(skipping_zeros(rows, columns), columns * weight[:, None])
    return joint, portable.matmul(rows.T, weight), portable.matmul(columns.T, weight)


def skipping_zeros(rows: Floats, columns: Floats) -> Floats | sparse.csc_array:
    """Return the sparse transpose of a table (u, R), for products with (u, C): most units have few categories."""
    return rows.T if rows.shape[1] * columns.shape[1] <= _FEW_CELLS else sparse.csr_array(rows).T


EMPTY = 1e-12
"""Minimum size of a cell relative to its row, below which it is a rounding error of a difference of sums."""


class Fourfold(NamedTuple):
    """The four cells, each (R, C): units with both categories, only the given, only the outcome, neither."""

    both: Floats
    only_given: Floats
    only_outcome: Floats
    neither: Floats


def fourfold(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Fourfold:
    """Return the four cells of (n_ab, n_a, n_b, N), broadcast against each other."""
    cells = (joint, given - joint, outcome - joint, units - given - outcome + joint)
    return Fourfold(*np.broadcast_arrays(*cells))


def has_empty_cell(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Bools:
    """Return in which pairs (R, C) any of the four cells is empty."""
    both, only_given, only_outcome, neither = (np.real(cell) for cell in fourfold(joint, given, outcome, units))
    with_given, without = np.real(given) * EMPTY, np.real(units - given) * EMPTY
    return (both <= with_given) | (only_given <= with_given) | (only_outcome <= without) | (neither <= without)


def has_empty_margin(given: Floats, outcome: Floats, units: Floats) -> Bools:
    """Return for which pairs (R, C) a category has no unit or every unit, so that there is no comparison."""
    margins = [np.real(part) <= np.real(units) * EMPTY for part in (given, units - given, outcome, units - outcome)]
    return margins[0] | margins[1] | margins[2] | margins[3]


def corrected(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Fourfold:
    """Return the four cells, with 1/2 added to all four if any is empty, and nan if a margin is.

    Sources: Haldane (1956), The Estimation and Significance of the Logarithm of a Ratio of Frequencies;
    Anscombe (1956), On Estimating Binomial Response Relations.

    >>> [float(cell) for cell in corrected(*map(np.array, (0.0, 5.0, 3.0, 20.0)))]
    [0.5, 5.5, 3.5, 12.5]
    """
    half = np.where(has_empty_cell(joint, given, outcome, units), 0.5, 0.0)
    half = np.where(has_empty_margin(given, outcome, units), np.nan, half)
    return Fourfold(*(cell + half for cell in fourfold(joint, given, outcome, units)))


def adjusted_residual(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """Return (n_ab - e) / sqrt(e (1 - n_a/N) (1 - n_b/N)) with e = n_a n_b / N, or nan if a margin is empty or full.

    Haberman (1973), "The Analysis of Residuals in Cross-Classified Tables", Biometrics 29.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = given * outcome / units
        error = np.sqrt(expected * (1 - given / units) * (1 - outcome / units))
        return np.where(has_empty_margin(given, outcome, units), np.nan, (joint - expected) / error)
