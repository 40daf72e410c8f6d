"""Keys of units: groups and strata from columns, joint levels of activity, and conditions on rows."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import narwhals as nw

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..sources.engine import Frame

SEPARATOR = " · "
"""Stands between the values of several columns that make one key."""

NONE = "(none)"
"""The level of units whose column is empty: a level of its own, never dropped."""

ACTIVITY = "activity"
"""The stratum that is made from how many items a unit has on each side."""

_LARGEST = 2**40


def text(column: nw.Expr) -> nw.Expr:
    """Return a column as text in which an empty text is absent."""
    value = column.cast(nw.String)
    return nw.when(value != "").then(value)


def level(column: str) -> nw.Expr:
    """Return a column as the name of a level; absent values are the level `(none)`."""
    return text(nw.col(column)).fill_null(NONE)


def joined(levels: Sequence[str]) -> nw.Expr:
    """Return level columns (text, none absent) as one key."""
    if len(levels) == 1:
        return nw.col(levels[0])
    return nw.concat_str([nw.col(name) for name in levels], separator=SEPARATOR)


def matching(frame: Frame, where: Mapping[str, tuple[str | None, ...]]) -> Frame:
    """Return the rows in which each column equals one of its values; None stands for an empty field."""
    for column, values in where.items():
        field = text(nw.col(column))
        # An empty list matches nothing; "" stands for it, which `text` never leaves.
        equal = field.is_in([value for value in values if value] or [""]).fill_null(value=False)
        frame = frame.filter(equal if all(values) else equal | field.is_null())
    return frame


def thresholds() -> Iterator[int]:
    """Yield the least number of each level of activity: 0 to 4 singly, then half-octaves, ceil(2^(k/2)).

    >>> list(itertools.islice(thresholds(), 13))
    [0, 1, 2, 3, 4, 5, 6, 8, 12, 16, 23, 32, 46]
    """
    yield from range(6)
    for k in itertools.count(5):
        # Whole numbers throughout: 2^(k/2) is the root of 2^k, and is never itself whole for odd k.
        root = math.isqrt(2**k)
        yield root if root * root == 2**k else root + 1


def activity_level(count: nw.Expr) -> nw.Expr:
    """Return the name of the level that a number of items falls in ("0", "3", "6-7", "8-11")."""
    starts = list(itertools.takewhile(lambda start: start <= _LARGEST, thresholds()))
    ends = [after - 1 for after in starts[1:]] + [_LARGEST]
    low, high = _step(count, starts), _step(count, ends, starts)
    name = nw.concat_str([low.cast(nw.String), nw.lit("-"), high.cast(nw.String)])
    return nw.when(low == high).then(low.cast(nw.String)).otherwise(name)


def _step(count: nw.Expr, values: Sequence[int], starts: Sequence[int] | None = None) -> nw.Expr:
    """Return the step function of `count` that takes values[i] from starts[i] on (starts[0] is 0)."""
    total = nw.lit(values[0], dtype=nw.Int64)
    for start, (before, value) in zip((starts or values)[1:], itertools.pairwise(values), strict=True):
        rise = nw.lit(value - before, dtype=nw.Int64)
        total = total + nw.when(count >= start).then(rise).otherwise(nw.lit(0, dtype=nw.Int64))
    return total


def with_activity(units: Frame, row_uses: Frame, column_uses: Frame) -> Frame:
    """Return the units with a column `activity`, from the items (`unit`, `item`) that they have on each side."""
    for name, uses in (("n_rows", row_uses), ("n_columns", column_uses)):
        counts = uses.group_by("unit").agg(nw.len().cast(nw.Int64).alias(name))
        units = units.join(counts, on="unit", how="left").with_columns(nw.col(name).fill_null(0))
    return units.with_columns(activity=activity()).drop("n_rows", "n_columns")


def activity() -> nw.Expr:
    """Return the joint level of `n_rows` row-side by `n_columns` column-side items ("3 x 6-7").

    Joint levels, since levels of the total would condition on a sum and so make associations of their own.
    """
    names = [activity_level(nw.col("n_rows")), activity_level(nw.col("n_columns"))]
    return nw.concat_str(names, separator=" x ")
