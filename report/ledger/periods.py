"""Periods: weeks, months, quarters and years, by whole numbers that follow each other."""

from __future__ import annotations

import datetime as dt
from typing import Literal

Every = Literal["week", "month", "quarter", "year"]

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
