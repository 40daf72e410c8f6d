"""Units by the period in which they came: one more query over the units, then sums in numpy.

At each point of the series stand the units that had come by the end of its period, `date <= end`, as if only they had
been counted.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from ..incidence import Incidence, parts_of, sums, weights_of
from ..relations.sets import masked_units, sets_of, words
from .levels import selected
from .merging import places_of
from .periods import Every, period_end, period_name, period_of, spread

if TYPE_CHECKING:
    from ..relations.meeting import Meeting
    from ..sources.engine import Engine, Frame

MOST_POINTS = 24
"""Points that a series has at most."""

_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}"

Numbers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Dated:
    """The units of an incidence of p patterns by when they came.

    `names` and `ends` (T,) are the periods that the series shows, `pattern`, `point` and `units` (q,) how many units of
    a pattern came after the end of the point before and by the end of this one, `weight_parts` (q, 10) as those of
    `Incidence`. `n_periods` lie between the first and the last; `n_undated` of `n_units` have no date that can be read.
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

    def at(self, incidence: Incidence, point: int) -> Incidence:
        """Return the incidence of the units that had come by a point, as counting them alone would give it."""
        return selected(self.spread(incidence, point), self._units(incidence, point) > 0)

    def spread(self, incidence: Incidence, point: int) -> Incidence:
        """Return the same over all patterns of the incidence, those without units among them."""
        units, parts = self._units(incidence, point), self._parts(incidence, point)
        weight, squared = weights_of(units, parts, incidence.weight_scale)
        return replace(incidence, units=units, weight=weight, weight_squared=squared, weight_parts=parts)

    def _units(self, incidence: Incidence, point: int) -> Numbers:
        units = np.zeros_like(incidence.units)
        come = self.point <= point
        np.add.at(units, self.pattern[come], self.units[come])
        return units

    def _parts(self, incidence: Incidence, point: int) -> Numbers | None:
        if incidence.weight_parts is None or self.weight_parts is None:
            return None
        parts = np.zeros_like(incidence.weight_parts)
        come = self.point <= point
        np.add.at(parts, self.pattern[come], self.weight_parts[come])
        return parts


def count_dated(meeting: Meeting, engine: Engine, incidence: Incidence, column: str, every: Every, least: int) -> Dated:
    """Return when the units of a dated meeting came; without points where no date can be read.

    The series begins with the first period by whose end `least` units had come (or with the last), so that a stray
    early date does not stretch it. Of more than 24 periods 24 are shown, evenly spread, the first and the last among
    them: units of those between count at the next that is shown.
    """
    units = meeting.units.with_columns(day=nw.col("date").str.slice(0, 10))
    per_day = units.filter(nw.col("day").str.contains(_DAY)).group_by("day").agg(n=nw.col("n").sum().cast(nw.Int64))
    table = engine.collect(per_day)
    days = dict(zip(table["day"].astype(str).tolist(), table["n"].astype(int).tolist(), strict=True))
    of_day = dict(_periods(days, every))
    shown, n_periods = _shown({day: (of_day[day], n) for day, n in days.items() if day in of_day}, least)
    counted = _counted(meeting, engine, incidence, units, _points(of_day, shown))
    pattern, point, of_units, parts = counted
    return Dated(
        column=column,
        every=every,
        names=tuple(period_name(period, every) for period in shown),
        ends=tuple(period_end(period, every) for period in shown),
        pattern=pattern,
        point=point,
        units=of_units,
        weight_parts=parts,
        n_periods=n_periods,
        n_undated=incidence.n_units - int(of_units.sum()),
        n_units=incidence.n_units,
    )


def _periods(days: Iterable[str], every: Every) -> Iterable[tuple[str, int]]:
    """Yield the period of each day that the calendar has."""
    for day in days:
        try:
            yield day, period_of(dt.date.fromisoformat(day), every)
        except ValueError:
            continue


def _shown(days: Mapping[str, tuple[int, int]], least: int) -> tuple[tuple[int, ...], int]:
    """Return the periods that are shown, and how many there are from the first of them to the last."""
    if not days:
        return (), 0
    counts: dict[int, int] = {}
    for period, n in days.values():
        counts[period] = counts.get(period, 0) + n
    periods = sorted(counts)
    come = itertools.accumulate(counts[period] for period in periods)
    first = next((period for period, n in zip(periods, come, strict=True) if n >= least), periods[-1])
    n_periods = periods[-1] - first + 1
    return tuple(first + place for place in spread(n_periods, MOST_POINTS)), n_periods


def shown_periods(period: Numbers, n: Numbers, least: int) -> tuple[tuple[int, ...], int]:
    """Return the periods that are shown, and how many there are from the first of them to the last."""
    if not len(period):
        return (), 0
    periods, place = np.unique(period, return_inverse=True)
    counts = np.zeros(len(periods), dtype=np.int64)
    np.add.at(counts, place, n)
    first = int(periods[min(int(np.searchsorted(np.cumsum(counts), least)), len(periods) - 1)])
    n_periods = int(periods[-1]) - first + 1
    return tuple(first + place for place in spread(n_periods, MOST_POINTS)), n_periods


def _points(of_day: Mapping[str, int], shown: tuple[int, ...]) -> dict[str, int]:
    """Return the point at which units of each day count first."""
    return {day: int(np.searchsorted(shown, period)) for day, period in of_day.items()}


def _counted(
    meeting: Meeting, engine: Engine, incidence: Incidence, units: Frame, points: Mapping[str, int]
) -> tuple[Numbers, Numbers, Numbers, Numbers | None]:
    """Return pattern, point, units and parts of weights (q,) of what came when."""
    sides = {
        "row": (meeting.rows, words("row", len(meeting.rows.categories))),
        "column": (meeting.columns, words("column", len(meeting.columns.categories))),
    }
    known = engine.load({"day": list(points), "point": list(points.values())}, ["point"])
    dated = units.join(known, on="day")
    dated = masked_units(dated, meeting)
    keys = ["stratum", *(["group"] if meeting.grouped else []), *(w for _, names in sides.values() for w in names)]
    weighted = meeting.weight_scale is not None
    table = engine.collect(dated.group_by("point", *keys).agg(*sums(weighted=weighted)))
    row_sets, column_sets = (sets_of(table, names, len(side.categories)) for side, names in sides.values())
    pattern = places_of(incidence, table, row_sets, column_sets)
    point = table["point"].to_numpy(np.int64)
    order = np.lexsort([pattern, point])
    parts = parts_of(table)[order] if weighted else None
    return pattern[order], point[order], table["units"].to_numpy(np.int64)[order], parts
