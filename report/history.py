"""Snapshots: the results of dated builds, kept for comparison."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from report.settings import Settings

Kept = Literal["all"] | Annotated[int, Field(ge=0)]


class KeepSettings(Settings):
    """How many snapshots of each period are kept."""

    weekly: Kept = "all"
    monthly: Kept = "all"
    yearly: Kept = "all"


class SnapshotSettings(Settings):
    """Where snapshots are kept, or by which date a series is made from one source."""

    folder: str = "history/"
    by: str | None = None
    every: Literal["week", "month", "quarter", "year"] = "year"
    keep: KeepSettings = KeepSettings()
    stale_after: str | None = Field(default=None, pattern=r"^\d+ (day|week|month)s?$")
