"""Columns that are shares of one whole, and numbers that follow from such shares.

Shares of one whole add up to a constant, such as 100, except for rounding. They are next to each other in the table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ... import portable
from ...arrays import Bools, Floats
from .computed import spread_rows

_MOST_PARTS = 12
_FEWEST_ROWS, _FEWEST_VALUES = 50, 4
_CONSTANT = 0.98
"""Minimum share of rows in which the parts add up to the constant, except for half a unit of rounding per part."""
_LEFT = 0.1
"""Largest variance of the sum, as a share of the sum of the variances: about 1 for independent columns."""
_FOLLOWS = 0.65
"""Share of the variance of a number that the shares of one whole explain, from which it follows from them."""


def wholes(numbers: Mapping[int, Floats]) -> list[tuple[int, ...]]:
    """Return the sets of columns that are shares of one whole. Numbers (n,) are by column, NaN if missing."""
    possible = {place: values for place, values in sorted(numbers.items()) if _can_be_share(values)}
    found: list[tuple[int, ...]] = []
    start = 0
    places = list(possible)
    while start < len(places):
        run = _run(places, start, possible)
        found += [run] if run else []
        start += max(len(run), 1)
    return found


def _can_be_share(values: Floats) -> bool:
    filled = values[np.isfinite(values)]
    return len(filled) >= _FEWEST_ROWS and filled.min() >= 0 and len(np.unique(filled)) >= _FEWEST_VALUES


def _run(places: Sequence[int], start: int, numbers: Mapping[int, Floats]) -> tuple[int, ...]:
    """Return the neighbouring columns from a place on that add up to a constant, with small last parts; or none."""
    found: tuple[int, ...] = ()
    for end in range(start + 2, min(start + _MOST_PARTS, len(places)) + 1):
        run = tuple(places[start:end])
        if run[-1] - run[0] != len(run) - 1:
            break
        if is_constant(np.column_stack([numbers[place] for place in run])):
            found = run
        elif found:
            break
    return found


def is_constant(parts: Floats) -> bool:
    """Return whether numbers (n, k) add up to the same sum in nearly all rows, except for rounding."""
    rows = parts[np.isfinite(parts).all(axis=1)]
    if len(rows) < _FEWEST_ROWS:
        return False
    total, spread = rows.sum(axis=1), float(rows.var(axis=0).sum())
    slack = max(0.005 * float(np.median(total)), 0.5 * rows.shape[1] if not (rows % 1).any() else 0.0)
    is_same = np.abs(total - np.median(total)) <= slack + 1e-9
    return bool(total.var() <= _LEFT * spread and is_same.mean() >= _CONSTANT)


def following(numbers: Mapping[int, Floats], of_whole: Sequence[tuple[int, ...]], n_columns: int) -> Bools:
    """Return which columns (p, p) follow from one another: a number, such as a mean, and the shares that explain it."""
    found = np.zeros((n_columns, n_columns), dtype=np.bool_)
    parts = {place for whole in of_whole for place in whole}
    for whole in (whole for whole in of_whole if len(whole) > 2):
        for place in sorted(set(numbers) - parts):
            if _explained(numbers[place], [numbers[part] for part in whole]) >= _FOLLOWS:
                found[place, list(whole)] = found[list(whole), place] = True
    return found


def _explained(values: Floats, parts: Sequence[Floats]) -> float:
    rows = spread_rows(len(values))
    data = np.column_stack([values, *parts])[rows]
    data = data[np.isfinite(data).all(axis=1)]
    if len(data) < _FEWEST_ROWS or not data[:, 0].std():
        return 0.0
    centred = data - data.mean(axis=0)
    weights = np.linalg.lstsq(centred[:, 1:], centred[:, 0], rcond=None)[0]
    return 1 - float((centred[:, 0] - portable.matmul(centred[:, 1:], weights)).var() / centred[:, 0].var())
