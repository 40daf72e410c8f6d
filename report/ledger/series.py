"""A series: the same relation at several points in time over the same patterns, and the periods of a calendar.

For dated units, each point includes the units dated up to the end of its period, `date <= end`, as if only they had
been counted.
"""

from __future__ import annotations

import bisect
import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..arrays import laid
from ..incidence import IF_SET, Incidence, selected
from . import Ledger
from .patterns import Patterns, blank, patterns, weight_parts
from .uncounted import UncountedByPoint, UncountedItems, by_point, left_out

Every = Literal["week", "month", "quarter", "year"]


@dataclass(frozen=True, eq=False)
class SeriesPoint:
    """The relation at one time. `incidence` is over the patterns of the series, of which some may have no units."""

    name: str
    end: dt.date | None
    incidence: Incidence

    @cached_property
    def counted(self) -> Incidence:
        """The incidence as if only the units of this point were counted."""
        return selected(self.incidence, self.incidence.units > 0)

    @property
    def levels(self) -> frozenset[str]:
        """The levels of the strata of its units; none without strata."""
        one = self.incidence
        return (
            frozenset(one.strata[n] for n in np.unique(one.stratum[one.units > 0]))
            if one.stratum_names
            else frozenset()
        )


@dataclass(frozen=True, eq=False)
class Series:
    """Points in chronological order, at least two, over the same patterns, strata, groups and categories.

    By date (`column` and `every`): units dated up to the end of a period, without the `n_undated` of `n_units`; the
    points represent `n_periods`. By snapshots: the units counted in each kept report. `breaks` are snapshots that are
    left out, since they were counted under other rules and cannot be recounted. `uncounted` are units in no point,
    since they lack a label on a side.
    """

    source: Literal["date", "snapshots"]
    points: tuple[SeriesPoint, ...]
    column: str = ""
    every: Every | None = None
    n_periods: int = 0
    n_undated: int = 0
    n_units: int = 0
    breaks: tuple[str, ...] = ()
    uncounted: UncountedByPoint | None = None

    @cached_property
    def periods(self) -> tuple[SeriesPoint, ...]:
        """The new units at each point: by date, the units of its period (at the first, all so far), else the report."""
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
    """Return an incidence minus another one over the same patterns that contains some of its units."""
    units = all_units.units - some.units
    weight, squared = (
        np.where(units > 0, whole - part, 0.0)
        for whole, part in ((all_units.weight, some.weight), (all_units.weight_squared, some.weight_squared))
    )
    parts = all_units.weight_parts
    if parts is not None and some.weight_parts is not None:
        parts = parts - some.weight_parts
    return replace(all_units, units=units, weight=weight, weight_squared=squared, weight_parts=parts)


def dated_series(dated: DatedUnits, incidence: Incidence) -> Series | None:
    """Return the series of an incidence by the date of its units, or None with fewer than two periods."""
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
        uncounted=dated.uncounted,
    )


MONTHS = {"month": 1, "quarter": 3, "year": 12}
_FIRST_MONDAY = 1
"""The ordinal of 1 January of year 1, which was a Monday."""


def period_of(day: dt.date, every: Every) -> int:
    """Return the number of the period that contains a day.

    >>> period_of(dt.date(2024, 5, 17), "quarter") - period_of(dt.date(2023, 12, 31), "quarter")
    2
    """
    if every == "week":
        return (day.toordinal() - _FIRST_MONDAY) // 7
    return (12 * day.year + day.month - 1) // MONTHS[every]


def period_end(period: int, every: Every) -> dt.date:
    """Return the last day of a period, or 31 December 9999 if the calendar ends before it.

    >>> period_end(period_of(dt.date(2024, 2, 3), "month"), "month")
    datetime.date(2024, 2, 29)
    """
    if every == "week":
        return dt.date.fromordinal(min(_FIRST_MONDAY + 7 * (period + 1) - 1, dt.date.max.toordinal()))
    year, month = divmod((period + 1) * MONTHS[every], 12)
    return dt.date.max if year > dt.MAXYEAR else dt.date(year, month + 1, 1) - dt.timedelta(days=1)


def period_name(period: int, every: Every) -> str:
    """Return the name of a period; weeks follow ISO 8601.

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
    """Return at most `most` of n positions, as evenly spaced as possible, including the first and the last.

    >>> spread(5, 24), spread(9, 3)
    ((0, 1, 2, 3, 4), (0, 4, 8))
    """
    if n <= most:
        return tuple(range(n))
    return tuple(sorted({round(step * (n - 1) / (most - 1)) for step in range(most)}))


MOST_POINTS = 24
"""Maximum number of points of a series."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

Numbers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class DatedUnits:
    """The units of an incidence of p patterns by their date.

    `names` and `ends` (T,) are the periods shown. `pattern`, `point` and `units` (q,) are the number of units of a
    pattern dated after the end of the point before and up to the end of this point, and `weight_parts` (q, 10) are as
    in `Incidence`. There are `n_periods` from the first to the last, and `n_undated` of `n_units` have no valid date.
    `uncounted` are units that are left out for lack of a label.
    """

    column: str
    every: Every
    names: tuple[str, ...]
    ends: tuple[dt.date, ...]
    pattern: Numbers
    point: Numbers
    units: Numbers
    weight_parts: Numbers | None
    n_periods: int
    n_undated: int
    n_units: int
    uncounted: UncountedByPoint | None = field(default=None, metadata=IF_SET)

    def at(self, incidence: Incidence, point: int) -> Incidence:
        """Return the incidence of the units up to a point, as if only they were counted."""
        there = self.spread(incidence, point)
        return selected(there, there.units > 0)

    def spread(self, incidence: Incidence, point: int) -> Incidence:
        """Return the same over all patterns of the incidence, including patterns without units."""
        come, p = self.point <= point, len(incidence.units)
        units = laid(self.units[come], self.pattern[come], p)
        parts = None if self.weight_parts is None else laid(self.weight_parts[come], self.pattern[come], p)
        return incidence.shown_by(units, parts)


def count_dated(ledger: Ledger, base: Patterns, column: str, every: Every, least: int) -> DatedUnits:
    """Return the units of a dated ledger by date, without points if no date is valid.

    The series begins with the first period by whose end there are `least` units (or with the last), so that a stray
    early date does not stretch it. If there are more than 24 periods, 24 of them are shown, evenly spaced, including
    the first and the last. Units of other periods count at the next period shown.
    """
    known = np.array([_period(text, every) for text in ledger.days] + [None], dtype=object)
    found = [_came(part, base, known) for part in ledger.parts]
    period, pattern, units = (np.concatenate(arrays) for arrays in zip(*(one[:3] for one in found), strict=True))
    shown, n_periods = _shown(period, units, least)
    p = len(base.units)
    keys, place = np.unique(np.searchsorted(shown, period) * p + pattern, return_inverse=True)
    came = laid(units, place, len(keys))
    weights = [one[3] for one in found if one[3] is not None]
    n_units = int(base.units.sum())
    return DatedUnits(
        column=column,
        every=every,
        names=tuple(period_name(one, every) for one in shown),
        ends=tuple(period_end(one, every) for one in shown),
        pattern=keys % max(1, p),
        point=keys // max(1, p),
        units=came,
        weight_parts=laid(np.concatenate(weights), place, len(keys)) if weights else None,
        n_periods=n_periods,
        n_undated=n_units - int(came.sum()),
        n_units=n_units,
        uncounted=_uncounted(_grouped(left_out(ledger), base, len(ledger.groups)), every, shown, blank(ledger)),
    )


def _grouped(lost: UncountedItems, base: Patterns, n_groups: int) -> UncountedItems:
    """Return units that are left out with the incidence's group numbers: groups of counted units come first."""
    if base.group is None:
        return lost
    has_units = np.isin(np.arange(n_groups), base.group)
    n_counted = int(has_units.sum())
    number = np.where(has_units, np.cumsum(has_units) - 1, n_counted + np.cumsum(~has_units) - 1)
    return lost.regrouped(number, n_groups)


def _uncounted(
    uncounted: UncountedItems, every: Every, shown: tuple[int, ...], like: Incidence
) -> UncountedByPoint | None:
    """Return units that are left out by the point of their date; later units count at the last point."""
    periods = [_period(day, every) for day in uncounted.days] if shown else []
    points = [None if one is None else min(bisect.bisect_left(shown, one), len(shown) - 1) for one in periods]
    return by_point(uncounted, points, like) if points else None


def _came(
    ledger: Ledger, base: Patterns, known: NDArray[np.object_]
) -> tuple[Numbers, Numbers, Numbers, Numbers | None]:
    """Return the distinct (period, pattern) of units, by the periods of days, with the units and weights of each."""
    if ledger.day is None:
        raise AssertionError("only dated relations are asked")
    own, units, number = patterns(ledger, ledger.rows.words, ledger.columns.words)
    period = known[ledger.day[units]]
    there = np.flatnonzero(period != None)  # noqa: E711  of each element
    units, pattern = units[there], np.searchsorted(base.keys, own.keys)[number[there]]
    periods, place = np.unique(period[there].astype(np.int64), return_inverse=True)
    keys, place = np.unique(place * len(base.keys) + pattern, return_inverse=True)
    came, parts = laid(ledger.n[units].astype(np.int64), place, len(keys)), None
    if ledger.weight is not None:
        parts = laid(weight_parts(ledger.weight[units], ledger.n[units]), place, len(keys))
    return periods[keys // max(1, len(base.keys))], keys % max(1, len(base.keys)), came, parts


def _period(text: object, every: Every) -> int | None:
    """Return the period of a date as written in the data, or None if it is not a valid date."""
    if not isinstance(text, str) or not _DAY.match(text):
        return None
    try:
        return period_of(dt.date.fromisoformat(text[:10]), every)
    except ValueError:
        return None


def _shown(period: Numbers, n: Numbers, least: int) -> tuple[tuple[int, ...], int]:
    """Return the periods shown, and the number of periods from the first to the last."""
    if not len(period):
        return (), 0
    periods, place = np.unique(period, return_inverse=True)
    come = np.cumsum(laid(n, place, len(periods)))
    first = int(periods[min(int(np.searchsorted(come, least)), len(periods) - 1)])
    n_periods = int(periods[-1]) - first + 1
    return tuple(first + place for place in spread(n_periods, MOST_POINTS)), n_periods
