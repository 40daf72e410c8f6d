"""Settings of snapshots: where they are kept, which of them, and from where on a change of them matters."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ..settings import Settings, Share

Kept = Literal["all"] | Annotated[int, Field(ge=0)]


class KeepSettings(Settings):
    """How many snapshots of each period are kept: the last of each week, month and year that has any."""

    weekly: Kept = "all"
    monthly: Kept = "all"
    yearly: Kept = "all"


class MatterSettings(Settings):
    """From where on a change matters, so that `diptych diff` ends with 4.

    `share`: a difference of shares, or of other values between -1 and 1. `ratio`: a factor by which a ratio
    (lift, odds ratio) is multiplied or divided.
    """

    share: Share = 0.05
    ratio: float = Field(default=1.25, gt=1)


class SnapshotSettings(Settings):
    """Where snapshots are kept, or by which date a series is made from one source.

    `by`: a date of the units (an attribute of the items, or a column of links or records): the report then has a
    series of what there was by the end of each period of `every`, made from today's data in one pass.
    Without `keep` none is ever removed. `archive`: the site keeps each published report below `archive/`, under the
    date of its data.
    """

    folder: str = "history/"
    by: str | None = None
    every: Literal["week", "month", "quarter", "year"] = "year"
    keep: KeepSettings | None = None
    stale_after: str | None = Field(default=None, pattern=r"^\d{1,4} (day|week|month)s?$")
    archive: bool = False
    matters: MatterSettings = MatterSettings()
