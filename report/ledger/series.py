"""A series: the same relation at several points of time, over the same patterns; and the periods of a calendar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np

from ..incidence import selected

if TYPE_CHECKING:
    from ..incidence import Incidence
    from .dating import Dated

Every = Literal["week", "month", "quarter", "year"]


@dataclass(frozen=True, eq=False)
class SeriesPoint:
    """The relation at one time. `incidence` is over the patterns of the series: some may be without units here."""

    name: str
    end: dt.date | None
    incidence: Incidence

    @cached_property
    def counted(self) -> Incidence:
        """The incidence as counting the units of this point alone would give it."""
        return selected(self.incidence, self.incidence.units > 0)

    @property
    def levels(self) -> frozenset[str]:
        """The levels of the strata that its units have; none without strata."""
        one = self.incidence
        return (
            frozenset(one.strata[n] for n in np.unique(one.stratum[one.units > 0]))
            if one.stratum_names
            else frozenset()
        )


@dataclass(frozen=True, eq=False)
class Series:
    """Points in order of time, at least two; all over the same patterns, strata, groups and categories.

    By date (`column` and `every` say which): units that had come by the end of a period, `n_undated` of `n_units` being
    in none; points stand for `n_periods`. By snapshots: what each kept report counted. `breaks` are snapshots that are
    left out, since they were counted under other rules and cannot be counted again.
    """

    source: Literal["date", "snapshots"]
    points: tuple[SeriesPoint, ...]
    column: str = ""
    every: Every | None = None
    n_periods: int = 0
    n_undated: int = 0
    n_units: int = 0
    breaks: tuple[str, ...] = ()

    @cached_property
    def periods(self) -> tuple[SeriesPoint, ...]:
        """What is new at each point: by date the units of its period (of the first all until then), else the report."""
        if self.source == "snapshots":
            return self.points
        later = (
            SeriesPoint(new.name, new.end, less(new.incidence, old.incidence)) for old, new in pairwise(self.points)
        )
        return (self.points[0], *later)

    @property
    def undated_share(self) -> float:
        """The share of units that are in no point."""
        return self.n_undated / self.n_units if self.n_units else 0.0


def less(all_units: Incidence, some: Incidence) -> Incidence:
    """Return the units of an incidence that are not in another one over the same patterns, which holds some of them."""
    units = all_units.units - some.units
    weight, squared = (
        np.where(units > 0, whole - part, 0.0)
        for whole, part in ((all_units.weight, some.weight), (all_units.weight_squared, some.weight_squared))
    )
    parts = all_units.weight_parts
    if parts is not None and some.weight_parts is not None:
        parts = parts - some.weight_parts
    return replace(all_units, units=units, weight=weight, weight_squared=squared, weight_parts=parts)


def dated_series(dated: Dated, incidence: Incidence) -> Series | None:
    """Return the series of an incidence by when its units came; None with fewer than two periods."""
    if len(dated.names) < 2:
        return None
    spread: Iterable[Incidence] = (dated.spread(incidence, point) for point in range(len(dated.names)))
    return Series(
        source="date",
        points=tuple(SeriesPoint(*one) for one in zip(dated.names, dated.ends, spread, strict=True)),
        column=dated.column,
        every=dated.every,
        n_periods=dated.n_periods,
        n_undated=dated.n_undated,
        n_units=dated.n_units,
    )


MONTHS = {"month": 1, "quarter": 3, "year": 12}
_FIRST_MONDAY = 1
"""The ordinal of 1 January of year 1, which was a Monday."""


def period_of(day: dt.date, every: Every) -> int:
    """Return the number of the period that a day is in.

    >>> period_of(dt.date(2024, 5, 17), "quarter") - period_of(dt.date(2023, 12, 31), "quarter")
    2
    """
    if every == "week":
        return (day.toordinal() - _FIRST_MONDAY) // 7
    return (12 * day.year + day.month - 1) // MONTHS[every]


def period_end(period: int, every: Every) -> dt.date:
    """Return the last day of a period; 31 December 9999 for one that no calendar holds to its end.

    >>> period_end(period_of(dt.date(2024, 2, 3), "month"), "month")
    datetime.date(2024, 2, 29)
    """
    if every == "week":
        return _day(_FIRST_MONDAY + 7 * (period + 1) - 1)
    year, month = divmod((period + 1) * MONTHS[every], 12)
    return dt.date.max if year > dt.MAXYEAR else dt.date(year, month + 1, 1) - dt.timedelta(days=1)


def period_name(period: int, every: Every) -> str:
    """Return what a period is called; weeks by ISO 8601.

    >>> [period_name(period_of(dt.date(2024, 12, 31), every), every) for every in ("week", "month", "quarter", "year")]
    ['2025-W01', '2024-12', '2024 Q4', '2024']
    """
    end = period_end(period, every)
    if every == "week":
        year, week, _ = end.isocalendar()
        return f"{year}-W{week:02d}"
    if every == "month":
        return f"{end.year:04d}-{end.month:02d}"
    return f"{end.year}" if every == "year" else f"{end.year} Q{(end.month + 2) // 3}"


def spread(n: int, most: int) -> tuple[int, ...]:
    """Return at most so many of n places, as evenly as whole numbers can be, the first and the last among them.

    >>> spread(5, 24), spread(9, 3)
    ((0, 1, 2, 3, 4), (0, 4, 8))
    """
    if n <= most:
        return tuple(range(n))
    return tuple(sorted({round(step * (n - 1) / (most - 1)) for step in range(most)}))


def _day(ordinal: int) -> dt.date:
    return dt.date.fromordinal(min(ordinal, dt.date.max.toordinal()))
