"""Indicator matrices of categorical columns, and counts of all pairs of categories in one product.

Each column has one indicator per category and one for a missing value, so that each row has exactly one 1 in each
column. With Z the indicators of all columns, Z'Z contains the two-way table of every pair of columns.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ...api import Bools, Floats, Indices, Ints

Codes = NDArray[np.int16]
"""Categories by column and row (p, n). -1 is a missing value."""

_ROWS = 4096
"""Rows of a block, so that its indicators stay in the processor's cache."""

_EXACT = 2**23
"""Rows after which single-precision sums are added to double precision. Single precision is exact below 2^24."""


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
    """Return the counts (K, K) of all pairs of indicators, or their sums of `weights` (n,).

    Counts are exact: products of blocks of rows are single-precision whole numbers below 2^24.
    """
    kind: type[np.floating] = np.float32 if weights is None else np.float64
    total = np.zeros((layout.n_indicators, layout.n_indicators))
    part = np.zeros(total.shape, dtype=kind)
    n_added = 0
    for first in range(0, codes.shape[1], _ROWS):
        block = indicators(codes[:, first : first + _ROWS], layout, kind)
        part += block.T @ (block if weights is None else block * weights[first : first + _ROWS, None])
        n_added += len(block)
        if n_added > _EXACT:
            total += part
            part[:] = 0
            n_added = 0
    total += part
    return total


def cross_counts(codes: Codes, rows: tuple[int, int], columns: tuple[int, int], layout: Layout, w: Floats) -> Floats:
    """Return sums of weights of pairs of indicators of two ranges of columns."""
    first, second = layout.part(*rows), layout.part(*columns)
    total = np.zeros((first.n_indicators, second.n_indicators))
    for at in range(0, codes.shape[1], _ROWS):
        block = codes[:, at : at + _ROWS]
        left = indicators(block[slice(*rows)], first, np.float64) * w[at : at + _ROWS, None]
        total += left.T @ indicators(block[slice(*columns)], second, np.float64)
    return total
