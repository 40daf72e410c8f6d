"""Units that could count but are left out because they lack a label on a side, by date.

Their possible categories bound a change over time: shares can change only because labels are missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..arrays import Bools, Ints
from ..incidence import IF_SET, Incidence
from ..taxonomy.sets import Words, members

if TYPE_CHECKING:
    from . import Ledger


@dataclass(frozen=True, eq=False)
class UncountedItems:
    """k combinations of units that are left out: date as text (k,), categories on each side (k, W), number (k,).

    A side without a label has no category. `group` (k,) has the ledger's group numbers, with further groups after them,
    or is None if groups are unknown.
    """

    days: tuple[str, ...]
    rows: Words
    columns: Words
    n: Ints
    group: Ints | None = None

    def regrouped(self, number: Ints, n_groups: int) -> UncountedItems:
        """Return the same with the new `number` of each group, `n_groups` in all; further groups come after them."""
        return replace(self, group=regrouped(self.group, number, n_groups))


def regrouped(group: Ints | None, number: Ints, n_groups: int) -> Ints | None:
    """Return the new numbers of groups (k,), with groups that have no new number after the others."""
    if group is None:
        return None
    known = group < len(number)
    return np.where(known, number[np.where(known, group, 0)] if len(number) else 0, group - len(number) + n_groups)


@dataclass(frozen=True, eq=False)
class UncountedByPoint:
    """The same by the points of a series: the number `n` (k,) of units at each `point` (k,) with the sets (k, C).

    By date these are the units of the point, and for kept reports the units that the report left out. `group` (k,) has
    the incidence's group numbers, with further groups after them, or is None if groups are unknown.
    """

    point: NDArray[np.int64]
    row_sets: NDArray[np.bool_]
    column_sets: NDArray[np.bool_]
    n: NDArray[np.int64]
    group: NDArray[np.int64] | None = field(default=None, metadata=IF_SET)

    def parts(self, since: int, *, apart: bool) -> tuple[Ints, Ints]:
        """Return the number of units (k,) before a point and since it; for kept reports, in it and in the last."""
        if apart:
            return np.where(self.point < since, self.n, 0), np.where(self.point >= since, self.n, 0)
        return np.where(self.point == since, self.n, 0), np.where(self.point == self.point.max(), self.n, 0)


def left_out(ledger: Ledger) -> UncountedItems:
    """Return the units that are left out: candidates that never became units, and units that do not count."""
    found = [] if ledger.uncounted is None else [ledger.uncounted]
    for part in ledger.parts:
        dead = np.flatnonzero(~part.alive)
        if len(dead) and part.day is not None:
            days = tuple("" if day < 0 else ledger.days[day] for day in part.day[dead].tolist())
            words = part.rows.words[dead], part.columns.words[dead]
            group = None if part.group is None else part.group[dead].astype(np.int64)
            found.append(UncountedItems(days, *words, part.n[dead].astype(np.int64), group))
    none = np.zeros((0, 1), dtype=np.uint64)
    found = found or [UncountedItems((), none, none, np.zeros(0, dtype=np.int64))]
    groups = [one.group for one in found if one.group is not None]
    return UncountedItems(
        tuple(day for one in found for day in one.days),
        np.concatenate([one.rows for one in found]),
        np.concatenate([one.columns for one in found]),
        np.concatenate([one.n for one in found]),
        np.concatenate(groups) if len(groups) == len(found) else None,
    )


def of_reports(left_out: Sequence[int], like: Incidence) -> UncountedByPoint:
    """Return the units that each of several kept reports left out; their labels on either side are not kept."""
    sizes = [len(side.categories) for side in (like.rows, like.columns)]
    rows, columns = (np.zeros((len(left_out), size), dtype=np.bool_) for size in sizes)
    return UncountedByPoint(np.arange(len(left_out)), rows, columns, np.array(left_out, dtype=np.int64))


def by_point(uncounted: UncountedItems, points: Sequence[int | None], like: Incidence) -> UncountedByPoint | None:
    """Return units by the point of each combination (None: no date), with categories as in `like`, or None if none.

    Equal combinations are merged.
    """
    known = np.array([point is not None for point in points], dtype=np.bool_)
    if not known.any():
        return None
    point = np.array([point for point in points if point is not None], dtype=np.int64)
    sets: list[Bools] = [
        members(words[known], len(side.categories))
        for words, side in ((uncounted.rows, like.rows), (uncounted.columns, like.columns))
    ]
    group = np.zeros(len(point), dtype=np.int64) if uncounted.group is None else uncounted.group[known]
    kinds, place = np.unique(np.column_stack([point, *sets, group]), axis=0, return_inverse=True)
    n = np.bincount(place.ravel(), uncounted.n[known], len(kinds)).astype(np.int64)
    point, rows, columns, group = np.split(kinds, np.cumsum([1, *(of.shape[1] for of in sets)]), axis=1)
    of_kinds = None if uncounted.group is None else group[:, 0]
    return UncountedByPoint(point[:, 0], rows.astype(np.bool_), columns.astype(np.bool_), n, of_kinds)
