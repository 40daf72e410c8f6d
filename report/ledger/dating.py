"""When the units of a ledger came."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..recounts.dating import Dated, shown_periods
from ..recounts.periods import period_end, period_name, period_of
from .patterns import weight_parts

if TYPE_CHECKING:
    from ..recounts.periods import Every
    from .ledger import Ledger
    from .patterns import Patterns

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def count_dated(ledger: Ledger, base: Patterns, column: str, every: Every, least: int) -> Dated:
    """Return when the units of a dated ledger came; without points where no date can be read.

    The series begins with the first period by whose end `least` units had come (or with the last), so that a stray
    early date does not stretch it. Of more than 24 periods 24 are shown, evenly spread, the first and the last among
    them: units of those between count at the next that is shown.
    """
    if ledger.day is None or base.of is None or base.number is None:
        raise AssertionError("only dated relations are asked, for all their units")
    number, texts = pd.factorize(ledger.day[base.of])
    known = np.array([_period(text, every) for text in texts] + [None], dtype=object)[number]
    there = np.flatnonzero(known != None)  # noqa: E711  of each element
    period = known[there].astype(np.int64)
    units = base.of[there]
    shown, n_periods = shown_periods(period, ledger.n[units], least)
    p = len(base.units)
    keys, place = np.unique(np.searchsorted(shown, period) * p + base.number[there], return_inverse=True)
    came = np.zeros(len(keys), dtype=np.int64)
    np.add.at(came, place, ledger.n[units])
    parts = None
    if ledger.weight is not None:
        parts = np.zeros((len(keys), 10), dtype=np.int64)
        np.add.at(parts, place, weight_parts(ledger.weight[units], ledger.n[units]))
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


def _period(text: object, every: Every) -> int | None:
    """Return the period of a date as it stands in the data; None where it is none that the calendar has."""
    if not isinstance(text, str) or not _DAY.match(text):
        return None
    try:
        return period_of(dt.date.fromisoformat(text[:10]), every)
    except ValueError:
        return None
