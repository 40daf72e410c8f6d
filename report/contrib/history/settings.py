"""The section `snapshots` of the config: its settings, and checks for incompatible settings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from ...config.checks_relations import form_of
from ...config.loading import Config
from ...config.places import Fault, View
from ...config.sections import ConfigSection
from ...confine import OpensPath
from ...settings import Settings, Share

KeptSnapshots = Literal["all"] | Annotated[int, Field(ge=0)]


class KeepSettings(Settings):
    """How many snapshots of each period are kept: the last of each week, month and year that has any."""

    weekly: KeptSnapshots = "all"
    """Number of weeks, among those with snapshots, whose last snapshot is kept, or all."""
    monthly: KeptSnapshots = "all"
    """Number of months, among those with snapshots, whose last snapshot is kept, or all."""
    yearly: KeptSnapshots = "all"
    """Number of years, among those with snapshots, whose last snapshot is kept, or all."""


class MatterSettings(Settings):
    """The smallest changes that matter, so that `diptych diff` ends with status 4.

    `share`: a difference of shares, or of other values between -1 and 1. `ratio`: a factor between two values of a
    ratio (lift, odds ratio).
    """

    share: Share = 0.05
    """The smallest difference of shares that matters."""
    ratio: float = Field(default=1.25, gt=1)
    """The smallest factor between ratios that matters."""


class SnapshotSettings(Settings):
    """Where snapshots are kept, or the date for a series from one source.

    `by`: a date of the units (an attribute of the items, or a column of links or records). The report then has a series
    of cumulative results at the end of each period of `every`, computed from today's data in one pass. Without `keep`,
    no snapshot is ever removed. `archive`: the site keeps each published report below `archive/`, under the date of its
    data.
    """

    folder: Annotated[str, OpensPath("folder")] = "history/"
    """Folder of the snapshots."""
    by: str | None = None
    """Attribute, or column of links or records, with the date of a series (docs/snapshots.md)."""
    every: Literal["week", "month", "quarter", "year"] = "year"
    """Period of a series by a date: week, month, quarter or year."""
    keep: KeepSettings | None = None
    """How many snapshots of each period are kept. Without it, all are kept."""
    stale_after: str | None = Field(default=None, pattern=r"^\d{1,4} (day|week|month)s?$")
    """Age of the data, such as 60 days, from which the page marks them as out of date."""
    most_change: Share | None = None
    """The maximum change since the last snapshot, in row counts, populations and headline numbers. Beyond it the build
    stops, and the old site stays."""
    archive: bool = False
    """Whether the site keeps each report below archive/, under the date of its data."""
    matters: MatterSettings = MatterSettings()
    """Smallest changes that matter to `diptych diff`."""


def settings_of(config: Config) -> SnapshotSettings:
    """Return the section of a config, or the defaults if it has none."""
    return config.section(SNAPSHOTS.name, SnapshotSettings) or SnapshotSettings()


def _check(config: View) -> Iterator[Fault]:
    """Yield a step without a date, and a date that is withheld or that the units of no relation can have."""
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
