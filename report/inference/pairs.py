"""Pairs of a row and a column category that patterns hold: few where each unit has few of many categories."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_MOST = 1 << 22
"""Pairs held at once, but for a single group that has more."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """m pairs: the pattern, the row and the column category of each, and `share` (m,), what a unit adds to it.

    `shape` is (R, C).
    """

    pattern: Ints
    row: Ints
    column: Ints
    share: Floats
    shape: tuple[int, int]

    @property
    def cell(self) -> Ints:
        """The number of each pair's cell, row after row."""
        return self.row * self.shape[1] + self.column

    def summed(self, values: Floats) -> Floats:
        """Return the sums of values (m,) by cell (R, C)."""
        n_cells = self.shape[0] * self.shape[1]
        return np.bincount(self.cell, values, n_cells).astype(np.float64).reshape(self.shape)

    def squares_by(self, group: Ints, values: Floats) -> Floats:
        """Return by cell (R, C) the sum over groups of the squared sums of values; `group` (m,) is in order."""
        first, last = (int(group[0]), int(group[-1]) + 1) if len(group) else (0, 0)
        n_cells = self.shape[0] * self.shape[1]
        sums = sparse.coo_array((values, (group - first, self.cell)), shape=(last - first, n_cells)).tocsr()
        sums.sum_duplicates()
        return np.bincount(sums.indices, sums.data**2, n_cells).astype(np.float64).reshape(self.shape)


def pairs_in_runs(rows: Floats, columns: Floats, starts: Ints) -> Iterator[Pairs]:
    """Yield the pairs of patterns (n, R) and (n, C), whole groups at a time.

    `starts` (G,) are the first patterns of the groups, in order; `pattern` counts within all patterns.
    """
    shape = rows.shape[1], columns.shape[1]
    i, a = np.nonzero(rows)
    j, b = np.nonzero(columns)
    n_columns = np.bincount(j, minlength=len(rows))
    first_column = np.cumsum(n_columns) - n_columns
    # Row category k of pattern i meets each of its column categories in turn.
    before = np.concatenate([[0], np.cumsum(n_columns[i])])
    first_row = np.searchsorted(i, np.append(starts, len(rows)))
    ends = before[first_row]
    k = 0
    while k < len(starts):
        last = max(k + 1, int(np.searchsorted(ends, ends[k] + _MOST, side="right")) - 1)
        part = slice(first_row[k], first_row[last])
        times = n_columns[i[part]]
        which = np.repeat(np.arange(part.start, part.stop), times)
        offset = np.arange(len(which)) - (before[which] - ends[k])
        other = first_column[i[which]] + offset
        yield Pairs(i[which], a[which], b[other], rows[i[which], a[which]] * columns[j[other], b[other]], shape)
        k = last
