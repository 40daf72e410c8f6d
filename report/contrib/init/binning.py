"""Divide a column of numbers into bins: round numbers near its quartiles, or the quartiles."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from ... import portable
from ...errors import DataError
from ...relations.recode import number_bins
from .columns import LookedColumn

FEWEST = 13
"""Number of different whole numbers from which a column is divided into bins. Fewer are categories."""

_FEWEST_COUNTED = 6
"""The same, if the numbers begin at 0 and most of them are small: how often, or how many."""

_SMALLEST, _LARGEST = 0.12, 0.42
"""Smallest and largest share of rows in a bin between round numbers."""

_STEPS = (5.0, 2.0, 1.0)


def is_binned(column: LookedColumn) -> bool:
    """Return whether the numbers of a column are divided into bins if it is a side."""
    if not column.is_number or column.is_flag:
        return False
    n = len(column.counts)
    return n >= FEWEST or (not column.is_whole and n > 2) or (n >= _FEWEST_COUNTED and are_amounts(column))


def are_amounts(column: LookedColumn) -> bool:
    """Return whether whole numbers begin at 0 and are mostly small, as the number of visits of a person is."""
    values = {float(value): n for value, n in column.counts.items()}
    mean = sum(value * n for value, n in values.items()) / max(1, sum(values.values()))
    return column.is_whole and min(values) == 0 and mean < max(values) / 3


def in_bins(column: LookedColumn) -> LookedColumn | None:
    """Return a column of numbers in bins, or None if nearly all rows have one value."""
    values: Counter[float] = Counter()
    for text, n in column.counts.items():
        values[float(text)] += n
    if not all(map(math.isfinite, values)):
        return None
    bins: str | tuple[float, ...] = (
        round_cuts(values) or (None if column.is_whole else short_cuts(values)) or "quartiles"
    )
    try:
        found = number_bins(values, bins)
    except DataError:
        return None
    labels = {text: (found.labels[found.place[float(text)]],) for text in column.counts}
    rows = tuple(labels[row[0]] if row else () for row in column.rows)
    return replace(column, rows=rows, bins=bins, numbers=column.rows)


def round_cuts(values: Mapping[float, int]) -> tuple[float, ...] | None:
    """Return the roundest numbers near the quartiles at which bins of similar size begin, or None.

    >>> round_cuts({age: 1 for age in range(18, 90)}), round_cuts({0: 80, 1: 10, 5: 10})
    ((40.0, 60.0, 80.0), None)
    """
    numbers, rows = np.array(list(values)), np.array(list(values.values()), dtype=np.float64)
    order = np.argsort(numbers)
    numbers, rows = numbers[order], rows[order]
    below = np.cumsum(rows) / rows.sum()
    quartiles = [float(numbers[np.searchsorted(below, share)]) for share in (0.25, 0.5, 0.75)]
    width = quartiles[2] - quartiles[0]
    if width <= 0:
        return None
    top = portable.decade(width)
    for step in (unit * portable.ten_to(power) for power in (top, top - 1) for unit in _STEPS):
        cuts = sorted({float(f"{round(one / step) * step:.6g}") for one in quartiles})
        if len(cuts) < 2:
            continue
        ends = np.concatenate([[0.0], rows.cumsum()])[np.searchsorted(numbers, cuts)] / rows.sum()
        shares = np.diff([0.0, *ends, 1.0])
        if shares.min() >= _SMALLEST and shares.max() <= _LARGEST:
            return tuple(cuts)
    return None


_MOST_DIGITS = 10


def short_cuts(values: Mapping[float, int]) -> tuple[float, ...] | None:
    """Return the quartiles as numbers with few digits that divide the values in the same way, or None.

    >>> short_cuts({1.0: 50, 2.0: 20, 2.116386555: 10, 3.0: 20})
    (2.0, 2.1)
    """
    numbers, rows = np.array(sorted(values)), np.array([values[one] for one in sorted(values)], dtype=np.float64)
    places = np.searchsorted(rows.cumsum() / rows.sum(), (0.25, 0.5 + _ABOVE, 0.75))
    cuts = sorted({_shortened(float(numbers[at - 1]), float(numbers[at])) for at in places if 0 < at < len(numbers)})
    return tuple(cuts) or None


_ABOVE = 1e-9
"""Added to one half, so that a median between two values begins the upper bin."""


def _shortened(below: float, cut: float) -> float:
    """Return the number with the fewest decimals above `below` and up to `cut`."""
    for digits in range(_MOST_DIGITS):
        found = float(math.floor(cut * portable.ten_to(digits)) / portable.ten_to(digits))
        if below < found <= cut:
            return found
    return cut
