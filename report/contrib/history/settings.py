"""The section `snapshots` of the config: its settings, and what it does not go with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from ...api import Config, ConfigSection, Fault, Opens, Settings, Share, View, form_of

Kept = Literal["all"] | Annotated[int, Field(ge=0)]


class KeepSettings(Settings):
    """How many snapshots of each period are kept: the last of each week, month and year that has any."""

    weekly: Kept = "all"
    """The last of how many weeks that have any, or all."""
    monthly: Kept = "all"
    """The last of how many months that have any, or all."""
    yearly: Kept = "all"
    """The last of how many years that have any, or all."""


class MatterSettings(Settings):
    """From where on a change matters, so that `diptych diff` ends with 4.

    `share`: a difference of shares, or of other values between -1 and 1. `ratio`: a factor by which a ratio
    (lift, odds ratio) is multiplied or divided.
    """

    share: Share = 0.05
    """The smallest difference of shares that matters."""
    ratio: float = Field(default=1.25, gt=1)
    """The smallest factor between ratios that matters."""


class SnapshotSettings(Settings):
    """Where snapshots are kept, or by which date a series is made from one source.

    `by`: a date of the units (an attribute of the items, or a column of links or records): the report then has a
    series of what there was by the end of each period of `every`, made from today's data in one pass.
    Without `keep` none is ever removed. `archive`: the site keeps each published report below `archive/`, under the
    date of its data.
    """

    folder: Annotated[str, Opens("folder")] = "history/"
    """Where snapshots are kept."""
    by: str | None = None
    """The attribute, or column of links or records, with the date of a series (docs/snapshots.md)."""
    every: Literal["week", "month", "quarter", "year"] = "year"
    """The step of a series by a date: week, month, quarter or year."""
    keep: KeepSettings | None = None
    """How many snapshots of each period are kept; without it all are."""
    stale_after: str | None = Field(default=None, pattern=r"^\d{1,4} (day|week|month)s?$")
    """From which age of the data, such as 60 days, the page says that they are old."""
    archive: bool = False
    """Whether the site keeps each report below archive/, under the date of its data."""
    matters: MatterSettings = MatterSettings()
    """From where on a change matters to `diptych diff`."""


def settings_of(config: Config) -> SnapshotSettings:
    """Return the section of a config; with defaults where it has none."""
    return config.section(SNAPSHOTS.name, SnapshotSettings) or SnapshotSettings()


def _check(config: View) -> Iterator[Fault]:
    """Yield a step without a date to step by, and a date that no relation's units can have or that is withheld."""
    by, every = config.at("snapshots", "by"), config.at("snapshots", "every")
    if every.given and not by.given:
        yield every.wrong("is the step of a series by a date; it needs by: which attribute or column has the date?")
    if not by.given:
        return
    forms = [form_of(relation) for _, relation in config["relations"].entries()]
    if forms and not {"links", "records", None}.intersection(forms):
        yield by.wrong(
            "a series by a date is of links or records; of shared keys and matrices only kept snapshots make one"
        )
    if config["disclosure"].given:
        yield by.wrong(
            "a series by a date does not go with `disclosure:`, since the units of one period can be a small cell; "
            "leave `by` out (kept snapshots still make a series), or leave out `disclosure:`"
        )


SNAPSHOTS = ConfigSection(
    "snapshots",
    SnapshotSettings,
    "Dated results kept for comparison, and series over time: `{}` is enough (docs/snapshots.md).",
    _check,
)
