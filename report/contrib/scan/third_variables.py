"""The share of an association that is left within the levels of a third column.

The expected table within the levels of C is sum_c N_ic N_jc / N_c, so two-way tables of all pairs are enough. The share
that is left is sum (O - E_C) h / sum (O - E) h with h = (O - E) / E: 1 unchanged, 0 nothing left, below 0 reversed.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from ...api import Floats
from .layout import Codes, Layout


@dataclass(frozen=True)
class ThirdColumn:
    """A third column, and the share of the association of a pair that is left within its levels."""

    column: int
    left: float

    @property
    def is_reversed(self) -> bool:
        """Whether the association has the opposite sign within levels."""
        return self.left < -0.05


def shares_left(
    codes: Codes, layout: Layout, counts: Floats, pair: tuple[int, int], others: Collection[int]
) -> tuple[ThirdColumn, ...]:
    """Return the share left of a pair within the levels of each other column, the smallest first.

    Shares come from two-way tables. They are counted again from three-way tables for the first ten, because rows that
    did not answer both columns of the pair would count in the two-way tables.
    """
    observed = counts[layout.categories(pair[0]), layout.categories(pair[1])]
    found = [
        ThirdColumn(other, _left(observed, _expected_within(layout, counts, pair, other))) for other in sorted(others)
    ]
    found.sort(key=lambda third: (third.left, third.column))
    recounted = [
        ThirdColumn(third.column, _left(observed, _expected_recounted(codes, layout, pair, third.column)))
        for third in found[:10]
    ]
    recounted.sort(key=lambda third: (third.left, third.column))
    return (*recounted, *found[10:])


def _expected_within(layout: Layout, counts: Floats, pair: tuple[int, int], other: int) -> Floats:
    levels = layout.with_missing(other)
    first, second = (counts[layout.categories(column), levels] for column in pair)
    n = np.maximum(np.diag(counts)[levels], 1)
    observed = counts[layout.categories(pair[0]), layout.categories(pair[1])].sum()
    expected: Floats = first / n @ second.T
    expected *= float(observed) / max(float(expected.sum()), 1e-9)
    return expected


def _expected_recounted(codes: Codes, layout: Layout, pair: tuple[int, int], other: int) -> Floats:
    """Return the expected table within the levels of the other column, among rows that answered both columns."""
    first, second = codes[pair[0]].astype(np.int64), codes[pair[1]].astype(np.int64)
    chosen = (first >= 0) & (second >= 0)
    n_levels = int(layout.sizes[other])
    third = np.where(codes[other] < 0, n_levels - 1, codes[other])[chosen].astype(np.int64)
    sizes = [int(layout.n_categories[column]) for column in pair]
    tables = [
        np.bincount(side[chosen] * n_levels + third, minlength=size * n_levels).reshape(size, n_levels)
        for side, size in zip((first, second), sizes, strict=True)
    ]
    n = np.maximum(tables[0].sum(axis=0), 1)
    expected: Floats = tables[0] / n @ tables[1].T
    return expected


def _left(observed: Floats, within: Floats) -> float:
    expected = np.outer(observed.sum(1), observed.sum(0)) / observed.sum() + 1e-12
    departure = (observed - expected) / expected
    return float(((observed - within) * departure).sum() / max(float(((observed - expected) * departure).sum()), 1e-12))
