"""Many contrasts put together, so that each measure is worked out once for all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from .contrasts import Contrast
from .intervals import Formula

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
_STEP = 1e-100


@dataclass(frozen=True, eq=False)
class Part:
    """One measure read one way: the m cells that any of n contrasts needs of it, and with which coefficients.

    `rows` and `columns` (m,) are places among the categories of the incidence, or among those that are needed.
    `first` and `second` (n, m) hold the coefficients of the two terms of each contrast.
    """

    formula: Formula
    reverse: bool
    rows: Indices
    columns: Indices
    first: sparse.csr_array
    second: sparse.csr_array

    @cached_property
    def used(self) -> tuple[sparse.csr_array, sparse.csr_array]:
        """Above 0 where the first, or the second term uses a cell."""
        return sparse.csr_array(abs(self.first)), sparse.csr_array(abs(self.second))

    def cells(self, joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
        """Return the measure (m, k) in k sets of totals (k, R, C), (k, R), (k, C), (k,); nan where undefined."""
        i, j = self.rows, self.columns
        with np.errstate(divide="ignore", invalid="ignore"):
            values = self._values(joint[:, i, j], given[:, i], outcome[:, j], units[:, None])
        return np.where(np.isfinite(values), values, np.nan).T

    def slopes(self, joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
        """Return the derivatives (4, m) by joint count, row total, column total and N in one set of totals.

        Exact to rounding: imaginary steps subtract nothing (Squire & Trapp 1998).
        """
        i, j = self.rows, self.columns
        at = np.stack([joint[i, j], given[i], outcome[j], np.broadcast_to(units, i.shape)])
        found = np.empty_like(at)
        for k in range(4):
            # Measures are made of arithmetic and logarithms, which take complex numbers as they take real ones.
            stepped = at.astype(np.complex128)
            stepped[k] += 1j * _STEP
            with np.errstate(divide="ignore", invalid="ignore"):
                found[k] = np.imag(self._values(*cast("Floats", stepped))) / _STEP
        return found

    def _values(self, joint: Floats, of_rows: Floats, of_columns: Floats, units: Floats) -> Floats:
        margins = (of_columns, of_rows) if self.reverse else (of_rows, of_columns)
        return self.formula(joint, *margins, units)


@dataclass(frozen=True, eq=False)
class Stack:
    """n contrasts over one incidence, sorted by measure."""

    parts: tuple[Part, ...]
    n: int

    @cached_property
    def categories(self) -> tuple[Indices, Indices]:
        """The rows and the columns that any contrast needs."""
        none = np.zeros(0, np.intp)
        rows = np.unique(np.concatenate([none, *(part.rows for part in self.parts)]))
        return rows, np.unique(np.concatenate([none, *(part.columns for part in self.parts)]))

    def narrowed(self) -> Stack:
        """Return the same contrasts over totals of only the categories that they need."""
        rows, columns = self.categories
        parts = (
            replace(part, rows=np.searchsorted(rows, part.rows), columns=np.searchsorted(columns, part.columns))
            for part in self.parts
        )
        return Stack(tuple(parts), self.n)

    def terms(self, joint: Floats, given: Floats, outcome: Floats, units: Floats) -> tuple[Floats, Floats]:
        """Return both terms of the contrasts, (n, k) each, in k sets of totals; nan where undefined."""
        totals = np.zeros((2, self.n, len(units)))
        for part in self.parts:
            cells = part.cells(joint, given, outcome, units)
            broken = np.isnan(cells)
            cells[broken] = 0
            for which, (coefficients, used) in enumerate(zip((part.first, part.second), part.used, strict=True)):
                # Sparse products add in one order, whatever the number of threads.
                totals[which] += coefficients @ cells
                if broken.any():
                    totals[which][used @ broken.astype(np.float64) > 0] = np.nan
        return totals[0], totals[1]


def stack(contrasts: Sequence[Contrast]) -> Stack:
    """Put contrasts together; all must be over one incidence."""
    found: dict[tuple[Formula, bool], list[tuple[int, int, Indices, Floats]]] = {}
    for number, contrast in enumerate(contrasts):
        for which, term in enumerate((contrast.first, contrast.second)):
            cells = np.flatnonzero(term.coefficients)
            entry = (number, which, cells, term.coefficients.ravel()[cells])
            found.setdefault((term.formula, term.reverse), []).append(entry)
    shape = contrasts[0].first.coefficients.shape if contrasts else (0, 0)
    return Stack(tuple(_parts(found, shape, len(contrasts))), len(contrasts))


def _parts(
    found: dict[tuple[Formula, bool], list[tuple[int, int, Indices, Floats]]], shape: tuple[int, ...], n: int
) -> Iterator[Part]:
    for (formula, reverse), entries in found.items():
        needed = np.unique(np.concatenate([cells for _, _, cells, _ in entries]))
        rows, columns = np.divmod(needed, shape[1])
        first, second = (_coefficients([e for e in entries if e[1] == which], needed, n) for which in (0, 1))
        yield Part(formula, reverse, rows, columns, first, second)


def _coefficients(entries: Sequence[tuple[int, int, Indices, Floats]], needed: Indices, n: int) -> sparse.csr_array:
    none = np.zeros(0)
    cells = np.concatenate([none, *(cells for _, _, cells, _ in entries)]).astype(np.intp)
    values = np.concatenate([none, *(values for _, _, _, values in entries)])
    numbers = np.repeat([e[0] for e in entries], [len(e[2]) for e in entries]).astype(np.intp)
    return sparse.csr_array((values, (numbers, np.searchsorted(needed, cells))), shape=(n, len(needed)))
