"""What units that cross add to the cells off the diagonal, with units of one group kept together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ..incidence import Incidence

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Crossings:
    """Units that cross between K categories, in S strata; J pieces are what a group has within one stratum.

    `tables` (S, K, K) are sums of weights off the diagonal. `cells` (J, K * K) is what each piece adds to them, and
    `stratum`, `group` (J,) tell where it stands; pieces are sorted by group. Units that are independent are pieces
    of their own; those of one pattern are held as one that adds the root of their sum of squared weights, which has
    the same squares and products. `n_groups` counts the groups, or units, that cross; `squares` is the sum of squared
    weights of units, over the cells they add to.
    """

    tables: Floats
    cells: sparse.csr_array
    stratum: Ints
    group: Ints
    n_groups: int
    squares: float

    def among(self, used: Ints) -> Crossings:
        """Return the same for some of the categories, given by number; no unit crosses from or to others."""
        cells = sparse.csc_array(self.cells)[:, (used[:, None] * self.size + used).ravel()]
        tables = self.tables[:, used][:, :, used]
        return replace(self, tables=tables, cells=sparse.csr_array(cells))

    @property
    def size(self) -> int:
        """K."""
        return int(self.tables.shape[-1])

    @cached_property
    def ends(self) -> sparse.csr_array:
        """What each piece adds to the K sums of rows and the K sums of columns (J, 2K)."""
        cell = np.arange(self.size**2)
        both = np.concatenate([cell, cell]), np.concatenate([cell // self.size, self.size + cell % self.size])
        return sparse.csr_array(self.cells @ sparse.csr_array((np.ones(2 * len(cell)), both)))

    @property
    def is_nested(self) -> bool:
        """Whether no group stands in several strata."""
        return bool((np.diff(self.group) > 0).all())


def crossings(incidence: Incidence) -> Crossings:
    """Return what the units of an incidence add to the cells off the diagonal.

    A unit with several categories adds to each of its cells; with `incidence.fractional` to each 1/(|A||B|).
    """
    pattern, row, column = _triples(incidence)
    size = incidence.row_sets.shape[1]
    share = np.ones(len(pattern))
    if incidence.fractional:
        share /= (incidence.row_sets.sum(axis=1) * incidence.column_sets.sum(axis=1))[pattern]
    cell = row * size + column
    declared = incidence.stratum if incidence.stratum_names else np.zeros_like(incidence.stratum)
    levels, stratum = np.unique(declared[pattern], return_inverse=True)
    weights = np.bincount(stratum.ravel() * size**2 + cell, share * incidence.weight[pattern], len(levels) * size**2)
    tables = weights.reshape(len(levels), size, size).astype(np.float64)
    squares = float((share**2 * incidence.weight_squared[pattern]).sum())
    if incidence.group is None:
        owner, share = pattern, share * np.sqrt(incidence.weight_squared[pattern])
        n_groups = int(incidence.units[np.unique(pattern)].sum())
    else:
        owner, share = incidence.group[pattern], share * incidence.weight[pattern]
        n_groups = len(np.unique(owner))
    keys, piece = np.unique(owner * len(levels) + stratum.ravel(), return_inverse=True)
    cells = sparse.csr_array((share, (piece.ravel(), cell)), shape=(len(keys), size**2))
    return Crossings(tables, cells, keys % max(len(levels), 1), keys // max(len(levels), 1), n_groups, squares)


def _triples(incidence: Incidence) -> tuple[Ints, Ints, Ints]:
    """Return pattern, row and column category of each cell off the diagonal that each pattern adds to."""
    pattern, row = np.nonzero(incidence.row_sets)
    n_columns = incidence.column_sets.sum(axis=1)
    held = np.nonzero(incidence.column_sets)[1]
    times = n_columns[pattern]
    # The columns of a pattern stand together in `held`; each of its rows goes through them once.
    first = (np.cumsum(n_columns) - n_columns)[pattern] - (np.cumsum(times) - times)
    column = held[np.repeat(first, times) + np.arange(times.sum())]
    pattern, row = np.repeat(pattern, times), np.repeat(row, times)
    apart = row != column
    return pattern[apart].astype(np.int64), row[apart].astype(np.int64), column[apart].astype(np.int64)
