"""Units that could count and are left out because they lack a label on a side, by when they came.

What they would have shown bounds a change over time: shares can change only because labels went missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..arrays import Bools, Ints
from ..incidence import Incidence
from ..taxonomy.sets import Words, members

if TYPE_CHECKING:
    from . import Ledger


@dataclass(frozen=True, eq=False)
class Uncounted:
    """k kinds of units that are left out: their date as text (k,), categories on each side (k, W), number (k,).

    A side without a label has no category.
    """

    days: tuple[str, ...]
    rows: Words
    columns: Words
    n: Ints


@dataclass(frozen=True, eq=False)
class UncountedByPoint:
    """The same by the points of a series: the number `n` (k,) of units at each `point` (k,) with the sets (k, C).

    By date the units that came at the point, of kept reports those that the report left out.
    """

    point: NDArray[np.int64]
    row_sets: NDArray[np.bool_]
    column_sets: NDArray[np.bool_]
    n: NDArray[np.int64]

    def parts(self, since: int, *, apart: bool) -> tuple[Ints, Ints]:
        """Return how many units (k,) came before a point and since; of kept reports how many it and the last lack."""
        if apart:
            return np.where(self.point < since, self.n, 0), np.where(self.point >= since, self.n, 0)
        return np.where(self.point == since, self.n, 0), np.where(self.point == self.point.max(), self.n, 0)


def left_out(ledger: Ledger) -> Uncounted:
    """Return the units that are left out: those that never became units, and units of which the config counts none."""
    found = [] if ledger.uncounted is None else [ledger.uncounted]
    for part in ledger.parts:
        dead = np.flatnonzero(~part.alive)
        if len(dead) and part.day is not None:
            days = tuple("" if day < 0 else ledger.days[day] for day in part.day[dead].tolist())
            found.append(
                Uncounted(days, part.rows.words[dead], part.columns.words[dead], part.n[dead].astype(np.int64))
            )
    none = np.zeros((0, 1), dtype=np.uint64)
    found = found or [Uncounted((), none, none, np.zeros(0, dtype=np.int64))]
    return Uncounted(
        tuple(day for one in found for day in one.days),
        np.concatenate([one.rows for one in found]),
        np.concatenate([one.columns for one in found]),
        np.concatenate([one.n for one in found]),
    )


def of_reports(left_out: Sequence[int], like: Incidence) -> UncountedByPoint:
    """Return the units that each of several kept reports left out; their labels on either side are not kept."""
    sizes = [len(side.categories) for side in (like.rows, like.columns)]
    rows, columns = (np.zeros((len(left_out), size), dtype=np.bool_) for size in sizes)
    return UncountedByPoint(np.arange(len(left_out)), rows, columns, np.array(left_out, dtype=np.int64))


def by_point(uncounted: Uncounted, points: Sequence[int | None], like: Incidence) -> UncountedByPoint | None:
    """Return units by the point that each kind came at (None: no date), with categories as in `like`; None if none.

    Kinds that are alike are put together.
    """
    known = np.array([point is not None for point in points], dtype=np.bool_)
    if not known.any():
        return None
    point = np.array([point for point in points if point is not None], dtype=np.int64)
    sets: list[Bools] = [
        members(words[known], len(side.categories))
        for words, side in ((uncounted.rows, like.rows), (uncounted.columns, like.columns))
    ]
    kinds, place = np.unique(np.column_stack([point, *sets]), axis=0, return_inverse=True)
    n = np.bincount(place.ravel(), uncounted.n[known], len(kinds)).astype(np.int64)
    middle = 1 + sets[0].shape[1]
    return UncountedByPoint(kinds[:, 0], kinds[:, 1:middle].astype(np.bool_), kinds[:, middle:].astype(np.bool_), n)
