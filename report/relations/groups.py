"""Very many groups put together into fewer, where only their number is in the way."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import narwhals as nw

from report.relations.meeting import count_rows

if TYPE_CHECKING:
    from report.relations.meeting import Meeting
    from report.sources.engine import Engine

MOST_GROUPS = 50_000
"""Groups of an alternative beyond which they are put together."""

FEWER = 1_024


def with_fewer_groups(meeting: Meeting, engine: Engine) -> Meeting:
    """Return the meeting with more than 50,000 groups put together into 1,024, by turns in the order of their names.

    Groups that are independent stay so when they are put together without a look at what they hold: variances between
    groups are estimated as before, with 1,023 degrees of freedom (random groups: Wolter, Introduction to Variance
    Estimation, 2007, chapter 2). The patterns of some hundred sets in each are few, however many units there are. The
    names of groups are lost, so this is for counts whose groups nobody names.
    """
    if not meeting.grouped:
        return meeting
    names = engine.keep(meeting.units.select("group").unique())
    if count_rows(names, engine) <= MOST_GROUPS:
        return meeting
    numbered = names.with_row_index("turn", order_by="group")
    fewer = numbered.select("group", fewer=(nw.col("turn").cast(nw.Int64) % FEWER).cast(nw.String))
    units = meeting.units.join(fewer, on="group").drop("group").rename({"fewer": "group"})
    return replace(meeting, units=units)
