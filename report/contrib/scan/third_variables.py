"""The share of an association that is left within the levels of a third column.

The expected table within the levels of C is sum_c N_ic N_jc / N_c, so two-way tables of all pairs are enough. The share
that is left is sum (O - E_C) h / sum (O - E) h with h = (O - E) / E: 1 unchanged, 0 nothing left, below 0 reversed.
"""

from __future__ import annotations

import math
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

    Columns without a value in at least half of the rows of the pair are left out, because the share would describe
    other rows. The first shares are counted from three-way tables of the rows with a value in all three columns. The
    others are estimated from two-way tables.
    """
    observed = counts[layout.categories(pair[0]), layout.categories(pair[1])]
    n_rows = _n_with_all(codes, pair, others)
    enough = [other for other in sorted(others) if n_rows[other] >= _LEAST_SHARE * observed.sum()]
    found = [ThirdColumn(other, _left(observed, _expected_within(layout, counts, pair, other))) for other in enough]
    found.sort(key=lambda third: (third.left, third.column))
    recounted = [ThirdColumn(third.column, _recounted(codes, layout, pair, third.column)) for third in found[:_COUNTED]]
    recounted.sort(key=lambda third: (third.left, third.column))
    return (*recounted, *found[_COUNTED:])


_LEAST_SHARE = 0.5
"""Minimum share of the rows of a pair with a value in a third column."""
_COUNTED = 10


def _n_with_all(codes: Codes, pair: tuple[int, int], others: Collection[int]) -> dict[int, int]:
    chosen = (codes[pair[0]] >= 0) & (codes[pair[1]] >= 0)
    return {other: int((chosen & (codes[other] >= 0)).sum()) for other in others}


def _expected_within(layout: Layout, counts: Floats, pair: tuple[int, int], other: int) -> Floats:
    levels = layout.categories(other)
    first, second = (counts[layout.categories(column), levels] for column in pair)
    n = np.maximum(np.diag(counts)[levels], 1)
    observed = counts[layout.categories(pair[0]), layout.categories(pair[1])].sum()
    expected: Floats = first / n @ second.T
    expected *= float(observed) / max(float(expected.sum()), 1e-9)
    return expected


def _recounted(codes: Codes, layout: Layout, pair: tuple[int, int], other: int) -> float:
    """Return the share left among rows with a value in all three columns."""
    columns = [codes[column].astype(np.int64) for column in (*pair, other)]
    chosen = np.all([column >= 0 for column in columns], axis=0)
    sizes = [int(layout.n_categories[column]) for column in (*pair, other)]
    place = np.ravel_multi_index([column[chosen] for column in columns], sizes)
    table = np.bincount(place, minlength=math.prod(sizes)).reshape(sizes).astype(np.float64)
    n = np.maximum(table.sum(axis=(0, 1)), 1)
    expected: Floats = table.sum(axis=1) / n @ table.sum(axis=0).T
    return _left(table.sum(axis=2), expected)


def _left(observed: Floats, within: Floats) -> float:
    expected = np.outer(observed.sum(1), observed.sum(0)) / observed.sum()
    departure = np.divide(observed - expected, expected, out=np.zeros_like(expected), where=expected > 0)
    return float(((observed - within) * departure).sum() / max(float(((observed - expected) * departure).sum()), 1e-12))
