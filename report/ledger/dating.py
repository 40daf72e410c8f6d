"""Units by the period in which they came.

At each point of the series stand the units that had come by the end of its period, `date <= end`, as if only they had
been counted.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..incidence import Incidence, selected, weights_of
from .patterns import patterns, weight_parts
from .series import Every, period_end, period_name, period_of, spread

if TYPE_CHECKING:
    from .ledger import Ledger
    from .patterns import Patterns

MOST_POINTS = 24
"""Points that a series has at most."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

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


def count_dated(ledger: Ledger, base: Patterns, column: str, every: Every, least: int) -> Dated:
    """Return when the units of a dated ledger came; without points where no date can be read.

    The series begins with the first period by whose end `least` units had come (or with the last), so that a stray
    early date does not stretch it. Of more than 24 periods 24 are shown, evenly spread, the first and the last among
    them: units of those between count at the next that is shown.
    """
    known = np.array([_period(text, every) for text in ledger.days] + [None], dtype=object)
    found = [_came(part, base, known) for part in ledger.parts]
    period, pattern, units = (np.concatenate(arrays) for arrays in zip(*(one[:3] for one in found), strict=True))
    shown, n_periods = _shown(period, units, least)
    p = len(base.units)
    keys, place = np.unique(np.searchsorted(shown, period) * p + pattern, return_inverse=True)
    came = np.zeros(len(keys), dtype=np.int64)
    np.add.at(came, place, units)
    parts = None
    if base.parts is not None:
        parts = np.zeros((len(keys), 10), dtype=np.int64)
        np.add.at(parts, place, np.concatenate([one[3] for one in found if one[3] is not None]))
    n_units = int(base.units.sum())
    return Dated(
        column=column,
        every=every,
        names=tuple(period_name(one, every) for one in shown),
        ends=tuple(period_end(one, every) for one in shown),
        pattern=keys % max(1, p),
        point=keys // max(1, p),
        units=came,
        weight_parts=parts,
        n_periods=n_periods,
        n_undated=n_units - int(came.sum()),
        n_units=n_units,
    )


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
    came = np.zeros(len(keys), dtype=np.int64)
    np.add.at(came, place, ledger.n[units])
    parts = None
    if ledger.weight is not None:
        parts = np.zeros((len(keys), 10), dtype=np.int64)
        np.add.at(parts, place, weight_parts(ledger.weight[units], ledger.n[units]))
    return periods[keys // max(1, len(base.keys))], keys % max(1, len(base.keys)), came, parts


def _period(text: object, every: Every) -> int | None:
    """Return the period of a date as it stands in the data; None where it is none that the calendar has."""
    if not isinstance(text, str) or not _DAY.match(text):
        return None
    try:
        return period_of(dt.date.fromisoformat(text[:10]), every)
    except ValueError:
        return None


def _shown(period: Numbers, n: Numbers, least: int) -> tuple[tuple[int, ...], int]:
    """Return the periods that are shown, and how many there are from the first of them to the last."""
    if not len(period):
        return (), 0
    periods, place = np.unique(period, return_inverse=True)
    counts = np.zeros(len(periods), dtype=np.int64)
    np.add.at(counts, place, n)
    first = int(periods[min(int(np.searchsorted(np.cumsum(counts), least)), len(periods) - 1)])
    n_periods = int(periods[-1]) - first + 1
    return tuple(first + place for place in spread(n_periods, MOST_POINTS)), n_periods
