"""What each unit that crosses does to observed over expected, squared and summed over groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from .crossing_units import Crossings

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
_CANCELLED = 1e-12
_CHUNK = 1 << 20
_MOST = 1 << 25
"""Numbers in the tables of all pieces, where groups stand in several strata: beyond, adding them up takes a second."""


@dataclass(frozen=True, eq=False)
class Spread:
    """How far log(n_ab / m_ab) may be off for K x K pairs, nan where groups cannot tell.

    `variance` (K, K) is over groups; `effective` (3, K, K) are G_eff of the pair's units, of the rest of its row
    and of the rest of its column, over the strata that leave anything of the pair.
    """

    variance: Floats
    effective: Floats


@dataclass(frozen=True, eq=False)
class _Sums:
    """Sums over groups: of squared influences (K, K), of their terms without sign, of squared totals (3, K, K)."""

    squares: Floats
    terms: Floats
    totals: Floats


def totals_left(tables: Floats, free: Bools) -> Floats:
    """Return sums (3, K, K) over strata (S, K, K) that leave anything of a pair: of the pair, its row and column.

    Row and column without the pair itself.
    """
    rows, columns = tables.sum(axis=2)[:, :, None] - tables, tables.sum(axis=1)[:, None, :] - tables
    return np.stack([np.where(free, part, 0).sum(axis=0) for part in (tables, rows, columns)])


def spread(crossing: Crossings, inverse: Floats, part: Floats, free: Bools, seen: Floats) -> Spread:
    """Return the variance of log(n_ab / m_ab), and how many groups tell it.

    With E the sum of the fits over strata, what a piece in stratum s adds to the log is, to first order,
    x_ab / n_ab - (m_ab,s / E_ab) (T_a + T_K+b): x_ab what it adds to the cell, T what it adds to the sums of rows and
    columns times the inverse information. `inverse` is (S, 2K, 2K), `part` (S, K, K) is m_ab,s / E_ab and nan where
    nothing can be left, `seen` (K, K) is n_ab, or what stands for it where it is 0.
    """
    sums = (_of_pieces if crossing.is_nested else _of_groups)(crossing, inverse, part, free, seen)
    effective = totals_left(crossing.tables, free) ** 2 / np.where(sums.totals > 0, sums.totals, np.nan)
    if crossing.n_groups < 2:
        return Spread(np.full_like(seen, np.nan), effective)
    # What remains of terms that cancel is rounding: taken for variance it would pass for great certainty.
    variance = np.where(sums.squares > _CANCELLED * sums.terms, sums.squares, np.nan)
    return Spread(variance * (crossing.n_groups / (crossing.n_groups - 1)), effective)


def _of_pieces(crossing: Crossings, inverse: Floats, part: Floats, free: Bools, seen: Floats) -> _Sums:
    """Return the sums where each piece is a group of its own.

    Squares are taken term by term, so that no table is made for each piece.
    """
    size, n_strata = crossing.size, len(part)
    cells = crossing.cells
    stratum, cell = crossing.stratum[_piece_of_each(cells)], cells.indices

    def summed(value: Floats) -> Floats:
        found = np.bincount(stratum * size**2 + cell, value, n_strata * size**2)
        return found.astype(np.float64).reshape(n_strata, size, size)

    own = summed(cells.data**2)
    fixed = np.where(crossing.tables.any(axis=0), own.sum(axis=0), seen) / seen**2
    moved, row, column = (summed(cells.data * of_piece) for of_piece in _of_entries(crossing, inverse))
    gram = _gram(crossing, n_strata)
    spread_ = inverse.transpose(0, 2, 1) @ gram @ inverse
    alone = np.einsum("sii->si", spread_)
    fitted = (part**2 * (alone[:, :size, None] + alone[:, None, size:] + 2 * spread_[:, :size, size:])).sum(axis=0)
    ends = np.einsum("sii->si", gram)
    rests = ends[:, :size, None] - 2 * row + own, ends[:, None, size:] - 2 * column + own
    totals = np.stack([np.where(free, squares, 0).sum(axis=0) for squares in (own, *rests)])
    return _Sums(fixed - 2 * (part * moved).sum(axis=0) / seen + fitted, fixed + fitted, totals)


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


def _of_groups(crossing: Crossings, inverse: Floats, part: Floats, free: Bools, seen: Floats) -> _Sums:
    """Return the sums where groups stand in several strata: what their pieces add is added up first.

    All nan where that would take too long.
    """
    size = crossing.size
    squares, terms, totals = np.full_like(seen, np.nan), np.full_like(seen, np.nan), np.zeros((3, size, size))
    if len(crossing.group) * size**2 > _MOST:
        return _Sums(squares, terms, totals)
    ends = crossing.ends.toarray()
    there = np.asarray(_by_stratum(crossing, len(part)) @ inverse.reshape(-1, 2 * size))
    starts = np.flatnonzero(np.diff(crossing.group, prepend=-1))
    columns = crossing.cells.tocsc()

    def squared(value: Floats) -> Floats:
        found: Floats = (np.add.reduceat(value, starts, axis=0) ** 2).sum(axis=0)
        return found

    for a in range(size):
        own = columns[:, a * size : (a + 1) * size].toarray()
        moved = part[crossing.stratum, a] * (there[:, a, None] + there[:, size:])
        squares[a], terms[a] = squared(own / seen[a] - moved), squared(own / seen[a])
        left = free[crossing.stratum, a]
        for k, value in enumerate((own, ends[:, a, None] - own, ends[:, size:] - own)):
            totals[k, a] = squared(np.where(left, value, 0))
    return _Sums(squares, terms, totals)
