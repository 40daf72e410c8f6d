"""Indicator matrices of categorical columns, and counts of all pairs of categories.

Each column has one indicator per category and one for a missing value, so that each row has exactly one 1 in each
column. With Z the indicators of all columns, Z'Z contains the two-way table of every pair of columns. Without weights,
Z'Z is counted. With weights, it is a product of blocks.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ... import portable
from ...arrays import Bools, Floats, Indices, Ints

Codes = NDArray[np.int8] | NDArray[np.int16]
"""Categories by column and row (p, n). -1 is a missing value."""

_ROWS = 4096
"""Rows of a block of indicators, so that they stay in the processor's cache."""
_ROWS_OF_CODES = 2**16
"""Rows of a block of codes that are counted at once."""
_MOST_COMBINED = 256
"""Maximum number of combinations of the categories of columns that are counted together."""


@dataclass(frozen=True)
class Layout:
    """Indicators of some columns: all categories of the first column, its missing value, then the next column."""

    n_categories: Ints

    @cached_property
    def sizes(self) -> Ints:
        """The number of indicators of each column (p,)."""
        return self.n_categories + 1

    @cached_property
    def start(self) -> Ints:
        """The first indicator of each column (p,)."""
        return np.concatenate([[0], np.cumsum(self.sizes)[:-1]]).astype(np.int64)

    @cached_property
    def missing(self) -> Ints:
        """The indicator of a missing value of each column (p,)."""
        return self.start + self.n_categories

    @cached_property
    def column(self) -> Indices:
        """The column of each indicator (K,)."""
        return np.repeat(np.arange(len(self.sizes)), self.sizes)

    @cached_property
    def is_category(self) -> Bools:
        """Which indicators (K,) are categories and not missing values."""
        found = np.ones(self.n_indicators, dtype=np.bool_)
        found[self.missing] = False
        return found

    @property
    def n_columns(self) -> int:
        """The number of columns p."""
        return len(self.sizes)

    @property
    def n_indicators(self) -> int:
        """The number of indicators K."""
        return int(self.sizes.sum())

    def part(self, first: int, end: int) -> Layout:
        """Return the layout of the columns from `first` to before `end`."""
        return Layout(self.n_categories[first:end])

    def categories(self, column: int) -> slice:
        """Return the indicators of the categories of a column."""
        return slice(int(self.start[column]), int(self.missing[column]))

    def strips(self, most: int) -> Iterator[tuple[int, int]]:
        """Yield ranges of columns with at most `most` indicators each, or one column."""
        first = 0
        while first < self.n_columns:
            fits = np.cumsum(self.sizes[first:]) <= most
            end = first + max(1, int(fits.sum()))
            yield first, end
            first = end


def indicators(codes: Codes, layout: Layout, kind: type[np.floating]) -> NDArray[np.floating]:
    """Return the indicators (n, K) of codes (p, n)."""
    values = codes.astype(np.int64)
    places = np.where(values < 0, layout.n_categories[:, None], values) + layout.start[:, None]
    found = np.zeros((codes.shape[1], layout.n_indicators), dtype=kind)
    np.put_along_axis(found, places.T, 1, axis=1)
    return found


def count_pairs(codes: Codes, layout: Layout, weights: Floats | None = None) -> Floats:
    """Return the counts (K, K) of all pairs of indicators, or their sums of `weights` (n,)."""
    total = np.zeros((layout.n_indicators, layout.n_indicators))
    if weights is None:
        for _ in add_counts(codes, layout, total, 0):
            pass
        return total
    for first in range(0, codes.shape[1], _ROWS):
        block = indicators(codes[:, first : first + _ROWS], layout, np.float64)
        total += portable.matmul(block.T, block * weights[first : first + _ROWS, None])
    return total


def add_counts(codes: Codes, layout: Layout, total: Floats, n_known: int) -> Iterator[int]:
    """Write the counts of pairs of indicators to `total` (K, K), except those of two of the first `n_known` columns.

    The combinations of the categories of a few columns are one code, and the pairs of these codes are counted. Yield
    the number of first columns of which all pairs are counted.
    """
    most = min(_MOST_COMBINED, math.isqrt(codes.shape[1]) + 1)
    known, rest = layout.part(0, n_known), layout.part(n_known, layout.n_columns)
    ranges = [*_combined(known, most), *((n_known + first, n_known + end) for first, end in _combined(rest, most))]
    parts = [(first, end, layout.part(first, end)) for first, end in ranges]
    sizes = [math.prod(part.sizes.tolist()) for _, _, part in parts]
    places = [slice(int(layout.start[first]), int(layout.missing[end - 1]) + 1) for first, end, _ in parts]
    blocks = [slice(at, at + _ROWS_OF_CODES) for at in range(0, codes.shape[1], _ROWS_OF_CODES)]
    code = np.empty((len(parts), codes.shape[1]), dtype=np.uint16)
    for place, (first, end, part) in enumerate(parts):
        for rows in blocks:
            code[place, rows] = _codes_of_parts(codes[first:end, rows], part)
    pairs = np.empty(min(_ROWS_OF_CODES, codes.shape[1]), dtype=np.intp)
    for other, (first, end, _) in enumerate(parts):
        if first < n_known:
            continue
        for one in range(other + 1):
            shape = sizes[one], sizes[other]
            found = np.zeros(math.prod(shape), dtype=np.int64)
            for rows in blocks:
                left, right = code[one, rows], code[other, rows]
                both = np.multiply(left, shape[1], out=pairs[: len(left)], casting="unsafe", dtype=np.intp)
                both += right
                found += np.bincount(both, minlength=len(found))
            by_indicator = _sums(found.reshape(shape), parts[one][2])
            cells = _sums(by_indicator.T, parts[other][2]).T
            total[places[one], places[other]] = cells
            total[places[other], places[one]] = cells.T
        yield end


def _combined(layout: Layout, most: int) -> Iterator[tuple[int, int]]:
    """Yield ranges of columns with at most `most` combinations of their categories each, or one column."""
    first, product = 0, 1
    for place, size in enumerate(layout.sizes.tolist()):
        if place > first and product * size > most:
            yield first, place
            first, product = place, 1
        product *= size
    if layout.n_columns:
        yield first, layout.n_columns


def _sums(cells: Ints, part: Layout) -> Ints:
    """Return sums (K, m) over the combinations (C, m) of categories that contain each indicator."""
    found, before, sizes = [], 1, part.sizes.tolist()
    for size in sizes:
        found.append(cells.reshape(before, size, -1, cells.shape[1]).sum(axis=(0, 2)))
        before *= size
    return np.concatenate(found)


def _codes_of_parts(codes: Codes, part: Layout) -> NDArray[np.uint16]:
    """Return the number of each row's combination (n,) of categories, with missing values as the last category."""
    found = np.zeros(codes.shape[1], dtype=np.uint16)
    for column, size in zip(codes, part.sizes.tolist(), strict=True):
        found *= np.uint16(size)
        found += np.where(column < 0, size - 1, column).astype(np.uint16)
    return found


def cross_counts(codes: Codes, rows: tuple[int, int], columns: tuple[int, int], layout: Layout, w: Floats) -> Floats:
    """Return sums of weights of pairs of indicators of two ranges of columns."""
    first, second = layout.part(*rows), layout.part(*columns)
    total = np.zeros((first.n_indicators, second.n_indicators))
    for at in range(0, codes.shape[1], _ROWS):
        block = codes[:, at : at + _ROWS]
        left = indicators(block[slice(*rows)], first, np.float64) * w[at : at + _ROWS, None]
        total += portable.matmul(left.T, indicators(block[slice(*columns)], second, np.float64))
    return total
