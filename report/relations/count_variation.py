"""Test whether counts of rows with the same labels vary more than counts of independent units.

Rows with the same labels (in the same stratum, on the same date) should have counts that vary like Poisson counts with
one mean. Rows that differ in another column that describes them, such as the sex and age of a collapsed table, are not
replicates: their means may differ. The score statistic of Dean (1992, "Testing for overdispersion in Poisson and
binomial regression models", JASA 87, 451-457), adjusted for fitted means, is then the sum over cells of

    sum (n - mean)^2 - (m - 1) mean        (m rows with total T, mean = T / m)

Given the totals, its mean is 0 and its variance is the sum of 2 (m - 1) T (T - 1) / m^2: a row's count is multinomial.

If rows were themselves sampled, like catches or households, the number of rows of each pair also varies. The units of a
row then share its labels even if counts are Poisson. The rows of a table of counts, in contrast, are a fixed layout:
each pair has about as many as its margins imply. So rows are treated as a layout if every pair differs by less than one
row from the value implied by its margins, or if Pearson's statistic of the number of rows is in the lower tail of its
distribution for sampled rows.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

import narwhals as nw
import numpy as np

from .. import portable
from ..arrays import Floats
from ..cells import CountVariation
from ..sources.engine import Engine, Frame, has_rows, only_row
from .nested_groups import candidate_columns

LEVEL = 0.05
"""The one-sided level of the test, and the tail probability for a layout. In benchmarks/simulations.md with 5%,
undetected variation leads to false statements in less than one of ten reports."""

_PER_VALUE = 2
"""Minimum average number of rows per value of a describing column. A column with more values identifies rows, like a
number or a measurement, and does not describe them."""

_DIGITS = 9
"""Significant digits kept in sums, because engines add in different orders."""


def describing_columns(frame: Frame, used: Collection[str], engine: Engine) -> list[str]:
    """Return the columns that are not `used` and describe rows by recurring texts or whole numbers."""
    names = candidate_columns(frame, used)
    if not names:
        return []
    distinct = {f"c{i}": nw.col(name).n_unique() for i, name in enumerate(names)}
    row = only_row(frame.select(n=nw.len(), **distinct), engine)
    return [name for i, name in enumerate(names) if int(row[f"c{i}"]) * _PER_VALUE <= int(row["n"])]


def variation_of_rows(records: Frame, keys: Sequence[str], engine: Engine) -> CountVariation | None:
    """Return the variation of the column `n` over rows with the same `rows`, `columns` and `keys`."""
    n = nw.col("n").cast(nw.Float64)
    known = records.filter(~nw.col("rows").is_null() & ~nw.col("columns").is_null())
    cells = engine.keep(
        known.with_columns(_square=n * n)
        .group_by("rows", "columns", *keys)
        .agg(m=nw.len().cast(nw.Int64), total=n.sum(), squares=nw.col("_square").sum())
    )
    if not has_rows(cells.filter(nw.col("m") > 1), engine):
        return None
    found = engine.columns(cells)
    numbers = [np.asarray(found[name], dtype=np.float64) for name in ("m", "total", "squares")]
    sides = [np.unique(np.array(found[side], dtype=str), return_inverse=True)[1] for side in ("rows", "columns")]
    return variation(*numbers, is_drawn=is_drawn_like(numbers[0], *sides))


def variation_of_fields(
    records: Frame, side: str, keys: Sequence[str], counts: Sequence[str], engine: Engine
) -> CountVariation | None:
    """Return the same for fields: one column of counts per option; `side` has the labels of the other side."""
    sums = {f"total {place}": nw.col(name).sum().cast(nw.Float64) for place, name in enumerate(counts)}
    sums |= {f"squares {place}": nw.col(f"_{place}").sum() for place in range(len(counts))}
    squares = {f"_{place}": portable.squared(nw.col(name).cast(nw.Float64)) for place, name in enumerate(counts)}
    known = records.filter(~nw.col(side).is_null()).with_columns(**squares)
    found = engine.columns(known.group_by(side, *keys).agg(m=nw.len().cast(nw.Int64), **sums))
    m = np.asarray(found["m"], dtype=np.float64)
    totals, of_squares = (
        np.array([found[f"{name} {place}"] for place in range(len(counts))], dtype=np.float64)
        for name in ("total", "squares")
    )
    return variation(np.tile(m, len(counts)), totals.ravel(), of_squares.ravel(), is_drawn=False)


def variation(m: Floats, total: Floats, squares: Floats, *, is_drawn: bool) -> CountVariation | None:
    """Return the variation of counts in cells of m rows each, from sums of counts and of squared counts.

    None if no cell with any unit has several rows, or if all have one unit.
    """
    several = (m > 1) & (total > 0)
    m, total, squares = m[several], total[several], squares[several]
    expected = (m - 1) * total / m
    variance = _sum(2 * (m - 1) * total * (total - 1) / portable.squared(m))
    if variance <= 0:
        return None
    within = _sum(squares - portable.squared(total) / m)
    # Satterthwaite: a cell's sum of squares has a variance proportional to its squared mean, for each row after the
    # first.
    freedom = portable.squared(_sum(expected)) / _sum(portable.squared(expected) / (m - 1))
    score = (within - _sum(expected)) / math.sqrt(variance)
    return CountVariation(
        n_cells=len(m),
        n_free=int((m - 1).sum()),
        index=within / _sum(expected),
        freedom=freedom,
        score=score,
        p=float(portable.tails.ndtr(-score)),
        is_drawn=is_drawn,
        level=LEVEL,
    )


def is_drawn_like(m: Floats, row: np.ndarray[tuple[int], np.dtype[np.intp]], column: np.ndarray) -> bool:
    """Return whether the number of rows varies over pairs of labels as in a sample of rows."""
    _, pair = np.unique(np.stack([row, column]), axis=1, return_inverse=True)
    pair = pair.ravel()
    first = np.unique(pair, return_index=True)[1]
    of_pair, of_row, of_column = (np.bincount(of, m) for of in (pair, row, column))
    n_rows = float(m.sum())
    freedom = (len(of_row) - 1) * (len(of_column) - 1)
    expected = of_row[row[first]] * of_column[column[first]] / n_rows
    is_even = len(of_pair) == len(of_row) * len(of_column) and bool((np.abs(of_pair - expected) < 1).all())
    if not freedom or is_even:
        return False
    statistic = float((portable.squared(of_pair) / expected).sum()) - n_rows
    return bool(portable.tails.chdtr(freedom, max(statistic, 0.0)) > LEVEL)


def _sum(values: Floats) -> float:
    """Return a rounded sum that does not depend on the order of its terms."""
    return float(f"{math.fsum(values.tolist()):.{_DIGITS}g}")
