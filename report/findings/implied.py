"""What one pair of categories says of others, so that nothing is told twice.

Where nearly all units have exactly one of two categories of a side, a pair with the one is the pair with the other,
turned round: that 60 % of the first class survived says that 40 % did not. Where units have one category of a side and
all with a category of the other side have the same, that says that they have no other.
"""

from __future__ import annotations

import numpy as np

from ..arrays import Bools, Floats, Ints
from ..matrices.counts import shares
from .finding import Study

_NEARLY = 0.9
"""Of the units without the one category so many at least have the other, and of those with it so many have not."""


class Implications:
    """What is implied by pairs, by their place in the flat table (R, C)."""

    def __init__(self, study: Study) -> None:
        """Look at the counts of a study; of a kind with itself over a shared key nothing is implied."""
        counts, incidence = study.tables.counts, study.tables.incidence
        self._shape = counts.joint.shape
        sides = [np.zeros((0, n)) for n in self._shape] if incidence.trivial_diagonal else list(shares(incidence))
        weight = incidence.weight[: len(sides[0])]
        self._opposites = [_opposites(side, weight) for side in sides]
        one_row, one_column = (len(side) > 0 and bool(((side > 0).sum(axis=1) <= 1).all()) for side in sides)
        joint = counts.joint > 0
        self._whole_rows: Bools = joint & (counts.joint == counts.given[:, None]) & one_column
        self._whole_columns: Bools = joint & (counts.joint == counts.outcome[None]) & one_row

    def of(self, place: int) -> list[int]:
        """Return the places that the pair at a place tells of, its own too, in order."""
        i, j = divmod(place, self._shape[1])
        row, column = int(self._opposites[0][i]), int(self._opposites[1][j])
        rows, columns = [i, *([row] if row >= 0 else [])], [j, *([column] if column >= 0 else [])]
        found = [(a, b) for a in rows for b in columns]
        if self._whole_rows[i, j]:
            found += [(i, b) for b in range(self._shape[1])]
        if self._whole_columns[i, j]:
            found += [(a, j) for a in range(self._shape[0])]
        return sorted({a * self._shape[1] + b for a, b in found})


def _opposites(side: Floats, weight: Floats) -> Ints:
    """Return for each category of a side (p, K) the one that nearly all units have that are without it, else -1."""
    has = (side > 0).astype(np.float64)
    both = has.T @ (has * weight[:, None])
    sizes, total = both.diagonal(), float(weight.sum())
    without = total - sizes
    other = sizes[None] - both  # units with the second and without the first
    nearly = (other >= _NEARLY * without[:, None]) & (other >= _NEARLY * sizes[None]) & (sizes[None] > 0)
    nearly &= nearly.T & (sizes[:, None] > 0) & ~np.eye(len(sizes), dtype=np.bool_)
    return np.where(nearly.any(axis=1), nearly.argmax(axis=1), -1)
