"""Units in different row and column categories: their contributions to off-diagonal cells.

Units of one group are kept together.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np
from scipy import sparse

from .. import portable
from ..arrays import Bools, Floats, Indices, Ints, counted, crossed
from ..incidence import Incidence

_CHUNK = 1 << 20
_MOST = 1 << 25
"""Numbers in the tables of all pieces if groups span several strata. Beyond this, adding them up takes a second."""


@dataclass(frozen=True, eq=False)
class CrossingUnits:
    """Units that cross between K categories in S strata. Each of J pieces is the part of a group within one stratum.

    `tables` (S, K, K) are sums of weights off the diagonal. `cells` (J, K * K) is the contribution of each piece to
    them. `stratum` and `group` (J,) give the place of each piece, and pieces are sorted by group. Independent units are
    pieces of their own. Those of one pattern are combined into one piece that adds the root of their sum of squared
    weights, which has the same squares and products. `n_groups` counts the groups, or units, that cross. `squares` is
    the sum of squared weights of units, over the cells they add to.
    """

    tables: Floats
    cells: sparse.csr_array
    stratum: Ints
    group: Ints
    n_groups: int
    squares: float

    def among(self, used: Ints) -> CrossingUnits:
        """Return the same for some of the categories, given by number; no unit crosses from or to others."""
        cells = sparse.csc_array(self.cells)[:, (used[:, None] * self.size + used).ravel()]
        tables = self.tables[:, used][:, :, used]
        return replace(self, tables=tables, cells=sparse.csr_array(cells))

    @property
    def size(self) -> int:
        """The number of categories, K."""
        return int(self.tables.shape[-1])

    @cached_property
    def ends(self) -> sparse.csr_array:
        """The contribution of each piece to the K row sums and the K column sums (J, 2K)."""
        cell = np.arange(portable.squared(self.size))
        both = np.concatenate([cell, cell]), np.concatenate([cell // self.size, self.size + cell % self.size])
        return sparse.csr_array(portable.matmul(self.cells, sparse.csr_array((np.ones(2 * len(cell)), both))))

    @property
    def is_nested(self) -> bool:
        """Whether each group is in one stratum."""
        return bool((np.diff(self.group) > 0).all())


@lru_cache(maxsize=2)  # several callers use the same incidence in succession
def crossings(incidence: Incidence) -> CrossingUnits:
    """Return the contributions of an incidence's units to the cells off the diagonal.

    A unit with several categories adds to each of its cells.
    """
    size, (pattern, cell) = incidence.row_sets.shape[1], _pairs(incidence)
    declared = incidence.stratum if incidence.stratum_names else np.zeros_like(incidence.stratum)
    levels, stratum = np.unique(declared[pattern], return_inverse=True)
    shape = len(levels), size, size
    tables = counted(incidence.weight[pattern], stratum * size * size + cell, len(levels) * size * size).reshape(shape)
    squares = float(incidence.weight_squared[pattern].sum())
    own = incidence.stratum_names or len(incidence.strata) == 1
    pieces = (incidence if own else replace(incidence, stratum=declared)).pieces
    used = np.zeros(len(pieces.group), dtype=np.bool_)
    used[pieces.number[pattern]] = True
    piece, group = (np.cumsum(used) - 1)[pieces.number[pattern]], pieces.group[used]
    if incidence.group is None:
        adds, n_groups = np.sqrt(incidence.weight_squared[pattern]), int(incidence.units[group].sum())
    else:
        adds, n_groups = incidence.weight[pattern], int(np.count_nonzero(np.diff(group, prepend=-1)))
    cells = sparse.csr_array((adds, (piece, cell)), shape=(len(group), size * size))
    of_levels = np.searchsorted(levels, pieces.stratum[used])
    return CrossingUnits(tables, cells, of_levels, group, n_groups, squares)


def _pairs(incidence: Incidence) -> tuple[Indices, Ints]:
    """Return the off-diagonal cells of patterns: the pattern of each, and the cell."""
    size, of = incidence.row_sets.shape[1], incidence.distinct[1]
    met = crossed(*map(sparse.csr_array, incidence.distinct_sets))
    met.data[met.indices // size == met.indices % size] = 0
    met.eliminate_zeros()
    there = np.flatnonzero(np.diff(met.indptr)[of])
    met = met[of[there]]
    return np.repeat(there, np.diff(met.indptr)), met.indices.astype(np.int64)


@dataclass(frozen=True, eq=False)
class Influence:
    """The variation of n_ab and m_ab of K x K pairs over groups; nan if it is not estimable.

    `joint`, `both` and `fitted` (K, K) are their variances and covariance. `totals` (3, K, K) are sums of squares over
    groups of the units of the pair, of the rest of its row and of the rest of its column, over the strata in which the
    pair is free. `copies` is the variance of sums of units relative to independent units of weight 1.
    """

    joint: Floats
    both: Floats
    fitted: Floats
    totals: Floats
    copies: float


def totals_left(tables: Floats, free: Bools) -> Floats:
    """Return sums (3, K, K) over the strata (S, K, K) in which a pair is free: of the pair, its row and its column.

    The row and the column exclude the pair itself.
    """
    rows, columns = tables.sum(axis=2)[:, :, None] - tables, tables.sum(axis=1)[:, None, :] - tables
    return np.stack([np.where(free, part, 0).sum(axis=0) for part in (tables, rows, columns)])


def influence(crossing: CrossingUnits, inverse: Floats, fitted: Floats, free: Bools) -> Influence:
    """Return the variances and the covariance of n_ab and m_ab over groups.

    To first order, a piece in stratum s adds m_ab,s (T_a + T_K+b) to m_ab. T is the piece's contribution to the row and
    column sums, times the inverse information. `inverse` is (S, 2K, 2K), and `fitted` (S, K, K) is m_ab,s.
    """
    joint, both, of_fit, totals = (_of_pieces if crossing.is_nested else _of_groups)(crossing, inverse, fitted, free)
    scale = crossing.n_groups / (crossing.n_groups - 1) if crossing.n_groups > 1 else np.nan
    return Influence(scale * joint, scale * both, scale * of_fit, totals, _copies(crossing))


def _copies(crossing: CrossingUnits) -> float:
    """Return the variance of a sum of units relative to independent units of weight 1.

    Two units of a group are of one pair with probability phi + rho (1 - phi), where phi is the probability for any two
    units.
    """
    total = float(crossing.tables.sum())
    group = np.unique(crossing.group, return_inverse=True)[1].ravel()
    if not total or not len(group):
        return 1.0
    chosen = sparse.csr_array((np.ones(len(group)), (group, np.arange(len(group)))))
    held = sparse.csr_array(portable.matmul(chosen, crossing.cells))
    pairs = float(portable.squared(np.asarray(held.sum(axis=1))).sum()) - crossing.squares
    alike = float(portable.squared(held.data).sum()) - crossing.squares
    phi = float(portable.squared(crossing.tables.sum(axis=0)).sum()) / portable.squared(total)
    if pairs <= 0 or phi >= 1:
        return crossing.squares / total
    rho = min(max((alike / pairs - phi) / (1 - phi), 0.0), 1.0)
    return (crossing.squares + rho * pairs) / total


def _of_pieces(crossing: CrossingUnits, inverse: Floats, fitted: Floats, free: Bools) -> tuple[Floats, ...]:
    """Return the sums of squares and products if each piece is a group of its own.

    Squares are taken term by term, so that no table is built for each piece.
    """
    size, n_strata = crossing.size, len(fitted)
    cells = crossing.cells
    stratum, cell = crossing.stratum[_piece_of_each(cells)], cells.indices

    def by_cell(value: Floats) -> Floats:
        return counted(value, stratum * portable.squared(size) + cell, n_strata * portable.squared(size)).reshape(
            n_strata, size, size
        )

    own = by_cell(portable.squared(cells.data))
    moved, row, column = (by_cell(cells.data * of_piece) for of_piece in _of_entries(crossing, inverse))
    gram = _gram(crossing, n_strata)
    of_logs = portable.matmul(portable.matmul(inverse.transpose(0, 2, 1), gram), inverse)
    alone = np.einsum("sii->si", of_logs)
    of_fit = (
        portable.squared(fitted) * (alone[:, :size, None] + alone[:, None, size:] + 2 * of_logs[:, :size, size:])
    ).sum(axis=0)
    ends = np.einsum("sii->si", gram)
    rests = ends[:, :size, None] - 2 * row + own, ends[:, None, size:] - 2 * column + own
    totals = np.stack([np.where(free, squares, 0).sum(axis=0) for squares in (own, *rests)])
    return own.sum(axis=0), (fitted * moved).sum(axis=0), of_fit, totals


def _piece_of_each(cells: sparse.csr_array) -> Indices:
    """Return the piece of each entry of the pieces' cells, in their order."""
    return np.repeat(np.arange(cells.shape[0]), np.diff(cells.indptr))


def _of_entries(crossing: CrossingUnits, inverse: Floats) -> Floats:
    """Return three numbers (3, entries) for the piece of each entry (a, b) of the pieces' cells, in their order.

    They are T_a + T_K+b, and the piece's contributions to row a and to column b.
    """
    size, step = crossing.size, max(1, _CHUNK // (2 * crossing.size))
    ends, flat = _by_stratum(crossing, len(inverse)), inverse.reshape(-1, 2 * size)
    found = []
    for first in range(0, len(crossing.stratum), step):
        cells = crossing.cells[first : first + step]
        piece, row, column = _piece_of_each(cells), cells.indices // size, size + cells.indices % size
        moved = portable.matmul(ends[first : first + step], flat)
        own = crossing.ends[first : first + step].toarray()
        found.append(np.stack([moved[piece, row] + moved[piece, column], own[piece, row], own[piece, column]]))
    return np.concatenate(found, axis=1)


def _by_stratum(crossing: CrossingUnits, n_strata: int) -> sparse.csr_array:
    """Return the ends of the pieces (J, S * 2K), each in the columns of its stratum."""
    ends, width = crossing.ends, 2 * crossing.size
    columns = ends.indices + width * np.repeat(crossing.stratum, np.diff(ends.indptr))
    return sparse.csr_array((ends.data, columns, ends.indptr), shape=(ends.shape[0], n_strata * width))


def _gram(crossing: CrossingUnits, n_strata: int) -> Floats:
    """Return sums over pieces of products of their ends (S, 2K, 2K)."""
    width = 2 * crossing.size
    ends = _by_stratum(crossing, n_strata)
    products = portable.matmul(ends.T, ends).tocoo()
    found = np.zeros((n_strata, width, width))
    found[products.row // width, products.row % width, products.col % width] = products.data
    return found


def _of_groups(crossing: CrossingUnits, inverse: Floats, fitted: Floats, free: Bools) -> tuple[Floats, ...]:
    """Return the sums if groups span several strata: the contributions of their pieces are added up first.

    The result is nan if that would take too long.
    """
    size = crossing.size
    found, totals = np.full((3, size, size), np.nan), np.zeros((3, size, size))
    if len(crossing.group) * portable.squared(size) > _MOST:
        return *found, totals
    ends = crossing.ends.toarray()
    there = np.asarray(portable.matmul(_by_stratum(crossing, len(fitted)), inverse.reshape(-1, 2 * size)))
    starts = np.flatnonzero(np.diff(crossing.group, prepend=-1))
    columns = crossing.cells.tocsc()

    def by_group(value: Floats) -> Floats:
        return np.asarray(np.add.reduceat(value, starts, axis=0))

    for a in range(size):
        own = columns[:, a * size : (a + 1) * size].toarray()
        moved = by_group(fitted[crossing.stratum, a] * (there[:, a, None] + there[:, size:]))
        joint = by_group(own)
        found[:, a] = (
            portable.squared(joint).sum(axis=0),
            (joint * moved).sum(axis=0),
            portable.squared(moved).sum(axis=0),
        )
        left = free[crossing.stratum, a]
        for k, value in enumerate((own, ends[:, a, None] - own, ends[:, size:] - own)):
            totals[k, a] = portable.squared(by_group(np.where(left, value, 0))).sum(axis=0)
    return *found, totals
