"""What each unit that crosses does to the observed and the expected count of a pair, squared and summed over groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from .crossing_units import Crossings

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
_CHUNK = 1 << 20
_MOST = 1 << 25
"""Numbers in the tables of all pieces, where groups stand in several strata: beyond, adding them up takes a second."""


@dataclass(frozen=True, eq=False)
class Spread:
    """How n_ab and m_ab of K x K pairs vary over groups, nan where groups cannot tell.

    `joint`, `both` and `fitted` (K, K) are their variances and covariance; `totals` (3, K, K) sum squares over groups
    of the units of the pair, of the rest of its row and of the rest of its column, over the strata that leave anything
    of the pair; `copies` is how many times as much sums of units vary as those of independent units of weight 1.
    """

    joint: Floats
    both: Floats
    fitted: Floats
    totals: Floats
    copies: float


def totals_left(tables: Floats, free: Bools) -> Floats:
    """Return sums (3, K, K) over strata (S, K, K) that leave anything of a pair: of the pair, its row and column.

    Row and column without the pair itself.
    """
    rows, columns = tables.sum(axis=2)[:, :, None] - tables, tables.sum(axis=1)[:, None, :] - tables
    return np.stack([np.where(free, part, 0).sum(axis=0) for part in (tables, rows, columns)])


def spread(crossing: Crossings, inverse: Floats, fitted: Floats, free: Bools) -> Spread:
    """Return the variances and the covariance of n_ab and m_ab over groups.

    What a piece in stratum s adds to m_ab is, to first order, m_ab,s (T_a + T_K+b), T being what it adds to the sums
    of rows and columns times the inverse information. `inverse` is (S, 2K, 2K), `fitted` (S, K, K) is m_ab,s.
    """
    joint, both, of_fit, totals = (_of_pieces if crossing.is_nested else _of_groups)(crossing, inverse, fitted, free)
    scale = crossing.n_groups / (crossing.n_groups - 1) if crossing.n_groups > 1 else np.nan
    return Spread(scale * joint, scale * both, scale * of_fit, totals, _copies(crossing))


def _copies(crossing: Crossings) -> float:
    """Return how many times as much a sum of units varies as if units were independent and of weight 1.

    Units of a group are of one pair with the chance phi + rho (1 - phi), phi being that of any two units.
    """
    total = float(crossing.tables.sum())
    group = np.unique(crossing.group, return_inverse=True)[1].ravel()
    if not total or not len(group):
        return 1.0
    chosen = sparse.csr_array((np.ones(len(group)), (group, np.arange(len(group)))))
    held = sparse.csr_array(chosen @ crossing.cells)
    pairs = float((np.asarray(held.sum(axis=1)) ** 2).sum()) - crossing.squares
    alike = float((held.data**2).sum()) - crossing.squares
    phi = float((crossing.tables.sum(axis=0) ** 2).sum()) / total**2
    if pairs <= 0 or phi >= 1:
        return crossing.squares / total
    rho = min(max((alike / pairs - phi) / (1 - phi), 0.0), 1.0)
    return (crossing.squares + rho * pairs) / total


def _of_pieces(crossing: Crossings, inverse: Floats, fitted: Floats, free: Bools) -> tuple[Floats, ...]:
    """Return the sums of squares and products where each piece is a group of its own.

    Squares are taken term by term, so that no table is made for each piece.
    """
    size, n_strata = crossing.size, len(fitted)
    cells = crossing.cells
    stratum, cell = crossing.stratum[_piece_of_each(cells)], cells.indices

    def summed(value: Floats) -> Floats:
        found = np.bincount(stratum * size**2 + cell, value, n_strata * size**2)
        return found.astype(np.float64).reshape(n_strata, size, size)

    own = summed(cells.data**2)
    moved, row, column = (summed(cells.data * of_piece) for of_piece in _of_entries(crossing, inverse))
    gram = _gram(crossing, n_strata)
    spread_ = inverse.transpose(0, 2, 1) @ gram @ inverse
    alone = np.einsum("sii->si", spread_)
    of_fit = (fitted**2 * (alone[:, :size, None] + alone[:, None, size:] + 2 * spread_[:, :size, size:])).sum(axis=0)
    ends = np.einsum("sii->si", gram)
    rests = ends[:, :size, None] - 2 * row + own, ends[:, None, size:] - 2 * column + own
    totals = np.stack([np.where(free, squares, 0).sum(axis=0) for squares in (own, *rests)])
    return own.sum(axis=0), (fitted * moved).sum(axis=0), of_fit, totals


def _piece_of_each(cells: sparse.csr_array) -> NDArray[np.intp]:
    """Return the piece of each entry of the pieces' cells, in their order."""
    return np.repeat(np.arange(cells.shape[0]), np.diff(cells.indptr))


def _of_entries(crossing: Crossings, inverse: Floats) -> Floats:
    """Return three numbers (3, entries) of the piece of each entry (a, b) of the pieces' cells, in their order.

    T_a + T_K+b, and what the piece adds to row a and to column b.
    """
    size, step = crossing.size, max(1, _CHUNK // (2 * crossing.size))
    ends, flat = _by_stratum(crossing, len(inverse)), inverse.reshape(-1, 2 * size)
    found = []
    for first in range(0, len(crossing.stratum), step):
        cells = crossing.cells[first : first + step]
        piece, row, column = _piece_of_each(cells), cells.indices // size, size + cells.indices % size
        moved = ends[first : first + step] @ flat
        own = crossing.ends[first : first + step].toarray()
        found.append(np.stack([moved[piece, row] + moved[piece, column], own[piece, row], own[piece, column]]))
    return np.concatenate(found, axis=1)


def _by_stratum(crossing: Crossings, n_strata: int) -> sparse.csr_array:
    """Return the ends of the pieces (J, S * 2K), each in the columns of its stratum."""
    ends, width = crossing.ends, 2 * crossing.size
    columns = ends.indices + width * np.repeat(crossing.stratum, np.diff(ends.indptr))
    return sparse.csr_array((ends.data, columns, ends.indptr), shape=(ends.shape[0], n_strata * width))


def _gram(crossing: Crossings, n_strata: int) -> Floats:
    """Return sums over pieces of products of their ends (S, 2K, 2K)."""
    width = 2 * crossing.size
    ends = _by_stratum(crossing, n_strata)
    products = (ends.T @ ends).tocoo()
    found = np.zeros((n_strata, width, width))
    found[products.row // width, products.row % width, products.col % width] = products.data
    return found


def _of_groups(crossing: Crossings, inverse: Floats, fitted: Floats, free: Bools) -> tuple[Floats, ...]:
    """Return the sums where groups stand in several strata: what their pieces add is added up first.

    All nan where that would take too long.
    """
    size = crossing.size
    found, totals = np.full((3, size, size), np.nan), np.zeros((3, size, size))
    if len(crossing.group) * size**2 > _MOST:
        return *found, totals
    ends = crossing.ends.toarray()
    there = np.asarray(_by_stratum(crossing, len(fitted)) @ inverse.reshape(-1, 2 * size))
    starts = np.flatnonzero(np.diff(crossing.group, prepend=-1))
    columns = crossing.cells.tocsc()

    def by_group(value: Floats) -> Floats:
        return np.asarray(np.add.reduceat(value, starts, axis=0))

    for a in range(size):
        own = columns[:, a * size : (a + 1) * size].toarray()
        moved = by_group(fitted[crossing.stratum, a] * (there[:, a, None] + there[:, size:]))
        joint = by_group(own)
        found[:, a] = (joint**2).sum(axis=0), (joint * moved).sum(axis=0), (moved**2).sum(axis=0)
        left = free[crossing.stratum, a]
        for k, value in enumerate((own, ends[:, a, None] - own, ends[:, size:] - own)):
            totals[k, a] = (by_group(np.where(left, value, 0)) ** 2).sum(axis=0)
    return *found, totals
