"""The 2 x 2 table of a pair of categories: its four cells, and what is added where one of them is empty."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

EMPTY = 1e-12
"""A cell that holds less than this part of its row is empty: differences of sums of weights leave rounding."""


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


def has_empty_cell(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> NDArray[np.bool_]:
    """Return where (R, C) one of the four cells is empty."""
    both, only_given, only_outcome, neither = (np.real(cell) for cell in fourfold(joint, given, outcome, units))
    with_given, without = np.real(given) * EMPTY, np.real(units - given) * EMPTY
    return (both <= with_given) | (only_given <= with_given) | (only_outcome <= without) | (neither <= without)


def has_empty_margin(given: Floats, outcome: Floats, units: Floats) -> NDArray[np.bool_]:
    """Return where (R, C) a category is had by no unit or by all, so that there is nothing to compare."""
    margins = [np.real(part) <= np.real(units) * EMPTY for part in (given, units - given, outcome, units - outcome)]
    return margins[0] | margins[1] | margins[2] | margins[3]


def corrected(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Fourfold:
    """Return the four cells, with 1/2 added to all four where one is empty, nan where a margin is.

    Sources: Haldane (1956), The Estimation and Significance of the Logarithm of a Ratio of Frequencies;
    Anscombe (1956), On Estimating Binomial Response Relations.

    >>> [float(cell) for cell in corrected(*map(np.array, (0.0, 5.0, 3.0, 20.0)))]
    [0.5, 5.5, 3.5, 12.5]
    """
    half = np.where(has_empty_cell(joint, given, outcome, units), 0.5, 0.0)
    half = np.where(has_empty_margin(given, outcome, units), np.nan, half)
    return Fourfold(*(cell + half for cell in fourfold(joint, given, outcome, units)))
