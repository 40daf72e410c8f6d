"""The association that uneven coverage alone could produce between two unrelated categories.

Some units have a label on one side only and are not counted. Let c be the share of the units with a category that are
counted, pi_ij the share of the units in cell ij of a 2 x 2 table, and E_ij the number of units in that cell if rows and
columns are unrelated among all units. If selection depends on one side only, or if pi_ij is a product of a factor of
the row and one of the column, then counted rows and columns are unrelated too. Otherwise their odds ratio is the
cross-product of the pi_ij (Kleinbaum, Morgenstern & Kupper 1981, "Selection bias in epidemiologic studies", American
Journal of Epidemiology 113).

Worst-case bounds (Manski 1989, "Anatomy of the selection problem", Journal of Human Resources 24) let pi_ij be any
share. They contain 1 for pairs that are twice as common as expected where a tenth of the labels of each side is
missing, even at random. So selection is taken to be monotone (Manski & Pepper 2000, "Monotone instrumental variables",
Econometrica 68): if units with a category are counted more often than others, they are so both with and without the
category of the other side. Then n_ab / E_ab is bounded, the bounds follow from coverage by category, and they are 1
where coverage is even on either side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..arrays import Floats
from .intervals import wilson
from .laws import chi_square_tail

ALPHA = 0.1
"""The level of the test that coverage is even on one side. Both sides must be uneven: by chance that is rare."""
_SLOPES = np.array([[1.0, -1.0], [-1.0, 1.0]])
"""The change of the four cells with n_ab if all margins are fixed."""


@dataclass(frozen=True, slots=True)
class SelectedShare:
    """The counted share of the units with a category on a side, and of the units with other categories there.

    All of these units have a label on the side. The units that are not counted have no label on the other side.
    """

    category: str
    n_labelled: int
    n_counted: int
    n_others: int
    n_counted_others: int

    @property
    def share(self) -> float:
        """The share of the units with the category that are counted; 0 if there are none."""
        return self.n_counted / max(self.n_labelled, 1)

    @property
    def others(self) -> float:
        """The share of the units with other categories that are counted; 0 if there are none."""
        return self.n_counted_others / max(self.n_others, 1)

    @property
    def difference(self) -> float:
        """The distance between the two shares."""
        return abs(self.share - self.others)

    @property
    def p(self) -> float:
        """The p of the chi-square test that the two shares are equal; 1 if nothing can be tested."""
        n, counted = self.n_labelled + self.n_others, self.n_counted + self.n_counted_others
        if not (self.n_labelled and self.n_others and 0 < counted < n):
            return 1.0
        pooled = counted / n
        variance = pooled * (1 - pooled) * (1 / self.n_labelled + 1 / self.n_others)
        return chi_square_tail(self.difference**2 / variance, 1)


def is_uneven(sides: Sequence[SelectedShare]) -> bool:
    """Return whether coverage differs between the categories of a side (Bonferroni over categories)."""
    return any(side.p * len(sides) <= ALPHA for side in sides)


def ratio_bounds(
    row: SelectedShare, column: SelectedShare, n_units: float, lost: tuple[float, float], level: float
) -> tuple[float, float]:
    """Return the least and the largest n_ab / E_ab that coverage alone could produce for unrelated categories.

    `n_units` are counted; `lost` are the numbers of units with a label on the row side only and on the column side
    only. Which of both labels is missing is assumed not to depend on the category, so that `lost` gives the number of
    all units with a category. The coverage of both categories may be anywhere in its interval (Wilson, `level`). The
    bounds contain 1.

    >>> a, u = SelectedShare("a", 950, 900, 2_250, 1_350), SelectedShare("u", 950, 900, 2_250, 1_350)
    >>> low, high = ratio_bounds(a, u, 2_250, (950, 950), 0.95)
    >>> round(low, 2), round(high, 2)
    (0.59, 1.0)
    """
    found = [
        _bounds(_Margins(row.n_counted, column.n_counted, n_units), _covered(*of_row), _covered(*of_column))
        for of_row in ((share, row.others, sum(lost) / lost[0]) for share in _ends(row, level))
        for of_column in ((share, column.others, sum(lost) / lost[1]) for share in _ends(column, level))
    ]
    return min(low for low, _ in found), max(high for _, high in found)


def _ends(side: SelectedShare, level: float) -> tuple[float, float]:
    """Return the ends of the interval of the share that is counted."""
    ends = wilson(np.array(float(side.n_counted)), np.array(float(side.n_labelled)), level)
    return float(ends.low), float(ends.high)


def _covered(share: float, others: float, times: float) -> Floats:
    """Return the coverage (2,) of a category and of the others if `times` as many lack a label as are observed to."""
    return np.array([of / (of + (1 - of) * times) for of in (share, others)])


@dataclass(frozen=True, slots=True)
class _Margins:
    """The numbers of counted units with the row category, with the column category, and in all."""

    row: float
    column: float
    units: float


def _bounds(n: _Margins, of_rows: Floats, of_columns: Floats) -> tuple[float, float]:
    """Return the bounds of n_ab / E_ab for the coverage (2,) of rows and of columns."""
    rows, columns = np.array([n.row, n.units - n.row]) / of_rows, np.array([n.column, n.units - n.column]) / of_columns
    every = np.outer(rows / rows.sum(), columns / columns.sum()) * (rows.sum() + columns.sum()) / 2
    # The counted share of each cell is a linear function of n_ab.
    shares = np.stack([np.array([[0.0, n.row], [n.column, n.units - n.row - n.column]]), _SLOPES]) / every
    by_row, by_column = (1.0 if of[0] >= of[1] else -1.0 for of in (of_rows, of_columns))
    none = np.array([1.0, 0.0])[:, None, None]
    # No column may reverse the order of the rows, no row the order of the columns, and no share may exceed 1.
    least = (by_row * (shares[:, 0] - shares[:, 1]), by_column * (shares[:, :, 0] - shares[:, :, 1]), none - shares)
    start, slope = np.concatenate([of.reshape(2, -1) for of in least], axis=1)
    low = np.max(-start[slope > 0] / slope[slope > 0], initial=max(0.0, n.row + n.column - n.units))
    high = np.min(-start[slope < 0] / slope[slope < 0], initial=min(n.row, n.column))
    expected = n.row * n.column / n.units
    return min(1.0, float(low) / expected), max(1.0, float(high) / expected)
