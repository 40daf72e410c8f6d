"""Contrasts: one number of a panel less another, of any measure, as formulas of the totals.

A number is a weighted sum of a measure's cells: one cell, the mean of a row, the mean of a panel. Two of
them may come from one panel or from reversed panels, so one class says cell against cell, row against row,
panel against panel, and (a, b) against (b, a).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .intervals import Formula

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Term:
    """A sum of coefficients times a measure's cells.

    `coefficients` (R, C) stand for the incidence's rows and columns; with `reverse` the measure takes the
    columns as given, and the coefficients are still (R, C). Cells with coefficient 0 need not be defined.
    """

    formula: Formula
    coefficients: Floats
    reverse: bool = False

    @cached_property
    def cells(self) -> tuple[Indices, Indices]:
        """Rows and columns of the cells that have a coefficient."""
        rows, columns = np.nonzero(self.coefficients)
        return rows, columns

    def value(self, joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
        """Return the sum (...) of totals (..., R, C), (..., R), (..., C), (...); nan where a cell is undefined."""
        values, coefficients = self.values(joint, given, outcome, units)
        total: Floats = (values * coefficients).sum(axis=-1)
        return total

    def values(self, joint: Floats, given: Floats, outcome: Floats, units: Floats) -> tuple[Floats, Floats]:
        """Return the measure (..., m) of the m cells that have a coefficient, and their coefficients (m,)."""
        i, j = self.cells
        margins = (outcome[..., j], given[..., i]) if self.reverse else (given[..., i], outcome[..., j])
        with np.errstate(divide="ignore", invalid="ignore"):
            values = self.formula(joint[..., i, j], *margins, units[..., None])
        return np.where(np.isfinite(values), values, np.nan), self.coefficients[i, j]


@dataclass(frozen=True, eq=False)
class Contrast:
    """`first` less `second`; `lower` and `upper` are what it cannot leave (None: nothing it cannot)."""

    first: Term
    second: Term
    lower: float | None = None
    upper: float | None = None

    @property
    def terms(self) -> tuple[tuple[float, Term], ...]:
        """Both terms with their signs."""
        return (1.0, self.first), (-1.0, self.second)

    def value(self, joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
        """Return the contrast (...) of totals (..., R, C), (..., R), (..., C), (...); nan where undefined."""
        first = self.first.value(joint, given, outcome, units)
        return first - self.second.value(joint, given, outcome, units)

    def clipped(self, end: float) -> float:
        """Return an end of an interval, moved to the bound it would leave."""
        end = end if self.lower is None else max(end, self.lower)
        return end if self.upper is None else min(end, self.upper)

    def narrowed(self) -> tuple[Contrast, Indices, Indices]:
        """Return the contrast over only the rows and columns that it needs, with their indices."""
        rows, columns = (
            np.unique(np.concatenate([self.first.cells[axis], self.second.cells[axis]])) for axis in (0, 1)
        )
        first, second = (
            replace(term, coefficients=term.coefficients[np.ix_(rows, columns)]) for term in (self.first, self.second)
        )
        return replace(self, first=first, second=second), rows, columns


def cell(formula: Formula, shape: tuple[int, int], row: int, column: int, *, reverse: bool = False) -> Term:
    """Return one cell of an incidence with `shape` (R, C), by its row and column category there."""
    coefficients = np.zeros(shape)
    coefficients[row, column] = 1
    return Term(formula, coefficients, reverse)


def row_mean(formula: Formula, measured: NDArray[np.bool_], given: int, *, reverse: bool = False) -> Term:
    """Return the mean over the measured cells of one given category. `measured` is (R, C).

    With `reverse` the given category is a column of the incidence. ValueError where nothing is measured.
    """
    chosen = np.zeros_like(measured)
    if reverse:
        chosen[:, given] = measured[:, given]
    else:
        chosen[given] = measured[given]
    return panel_mean(formula, chosen, reverse=reverse)


def panel_mean(formula: Formula, measured: NDArray[np.bool_], *, reverse: bool = False) -> Term:
    """Return the mean over the measured cells (R, C). ValueError where there are none."""
    if not measured.any():
        raise ValueError("no measured cell to take the mean of")
    return Term(formula, measured / measured.sum(), reverse)
