"""The share of an association that is left within the levels of a third column.

The expected table within the levels of C is sum_c N_ic N_jc / N_c, so two-way tables of all pairs are enough. The share
that is left is sum (O - E_C) h / sum (O - E) h with h = (O - E) / E: 1 unchanged, 0 nothing left, below 0 reversed.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from ... import portable
from ...arrays import Floats
from ..init.share_left import share_left
from .coding import CodedTable
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
    table: CodedTable, counts: Floats, pair: tuple[int, int], others: Collection[int], weights: Floats | None = None
) -> tuple[ThirdColumn, ...]:
    """Return the share left of a pair within the levels of each other column, the smallest first.

    `counts` are the counts of all pairs of categories, or their sums of `weights` (n,). Columns without a value in at
    least half of the rows of the pair are left out, because the share would describe other rows, and so are columns if
    the pair is hardly associated among the rows with a value. The first shares are computed from the rows with a value
    in all three columns, within the original values of the third column. The others are estimated from two-way tables.
    """
    codes, layout = table.codes, table.layout
    observed = counts[layout.categories(pair[0]), layout.categories(pair[1])]
    n_rows = _n_with_all(codes, pair, others)
    least = _LEAST_SHARE * int(((codes[pair[0]] >= 0) & (codes[pair[1]] >= 0)).sum())
    found = [
        ThirdColumn(other, _left(observed, _expected_within(layout, counts, pair, other)))
        for other in sorted(others)
        if n_rows[other] >= least
    ]
    found.sort(key=lambda third: (third.left, third.column))
    least_inertia = _LEAST_SHARE * _inertia(observed)
    shares = [
        (third.column, _recounted(table, pair, third.column, weights, least_inertia)) for third in found[:_COUNTED]
    ]
    recounted = [ThirdColumn(column, left) for column, left in shares if left is not None]
    recounted.sort(key=lambda third: (third.left, third.column))
    return (*recounted, *found[_COUNTED:])


_LEAST_SHARE = 0.5
"""Minimum share of the rows of a pair with a value in a third column, and of the association that is left there."""
_COUNTED = 10


def _n_with_all(codes: Codes, pair: tuple[int, int], others: Collection[int]) -> dict[int, int]:
    chosen = (codes[pair[0]] >= 0) & (codes[pair[1]] >= 0)
    return {other: int((chosen & (codes[other] >= 0)).sum()) for other in others}


def _expected_within(layout: Layout, counts: Floats, pair: tuple[int, int], other: int) -> Floats:
    levels = layout.categories(other)
    first, second = (counts[layout.categories(column), levels] for column in pair)
    n = np.maximum(np.diag(counts)[levels], 1)
    observed = counts[layout.categories(pair[0]), layout.categories(pair[1])].sum()
    expected: Floats = portable.matmul(first / n, second.T)
    expected *= float(observed) / max(float(expected.sum()), 1e-9)
    return expected


def _recounted(
    table: CodedTable, pair: tuple[int, int], other: int, weights: Floats | None, least_inertia: float
) -> float | None:
    """Return the share left among rows with a value in all three columns, or None if they show little association."""
    third = table.columns[other]
    levels = third.raw if third.raw is not None and third.kind == "categories" else table.codes[other]
    rows, columns = (table.codes[place].astype(np.int64) for place in pair)
    return share_left((rows, columns, levels.astype(np.int64)), weights, least_inertia=least_inertia)


def _inertia(observed: Floats) -> float:
    """Return the mean square contingency: chi-square divided by the sum of the counts."""
    expected = np.outer(observed.sum(1), observed.sum(0)) / observed.sum()
    return float(
        np.divide(
            portable.squared(observed - expected), expected, out=np.zeros_like(expected), where=expected > 0
        ).sum()
        / observed.sum()
    )


def _left(observed: Floats, within: Floats) -> float:
    expected = np.outer(observed.sum(1), observed.sum(0)) / observed.sum()
    departure = np.divide(observed - expected, expected, out=np.zeros_like(expected), where=expected > 0)
    return float(((observed - within) * departure).sum() / max(float(((observed - expected) * departure).sum()), 1e-12))
