"""Numbers -> typed observations: a kind of finding stands in one file, those that look at the same numbers together.

Here are its settings: thresholds by name, which the report's methods print.
"""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from ..settings import ChoiceSettings, Settings, Share


class FindingsSettings(ChoiceSettings):
    """Kinds of finding of other packages that are looked for too, each with its thresholds (docs/extending.md)."""


class ThresholdSettings(Settings):
    """Thresholds of what the text says. Value tiers: high, moderate, low; below is very low."""

    high: Share = 0.75
    """A value from here on is high."""
    moderate: Share = 0.5
    """A value from here on is moderate."""
    low: Share = 0.25
    """A value from here on is low; below it is very low."""
    listed: Share = 0.25
    """An off-diagonal share from here on is named in the text."""
    dominant: Share = 0.5
    """The share of units from which one category dominates."""
    surprising: float = Field(default=2.0, gt=1)
    """The ratio to the expected count from which a cell is a surprise, and the odds ratio within strata from which
    agreement is reported."""

    # Fixed, and printed in the report with the others.
    contained: ClassVar[float] = 0.9
    """The share of a category's items also in others, from which its crossings are artefacts."""
    isolated: ClassVar[float] = 0.99
    """The self share from which a category is isolated."""
    concentrated: ClassVar[float] = 0.2
    """The share of units that one item touches, from which it is named."""
    rests: ClassVar[float] = 0.5
    """The share of a cell that one contributor carries, from which the cell depends on it."""
    expected: ClassVar[float] = 5.0
    """The expected count from which a ratio is stated."""
    recurring: ClassVar[float] = 0.8
    """The share of resamples in which a block must come out to be one."""
    fragile: ClassVar[float] = 0.05
    """The share of resamples beyond which a statement that comes out otherwise in them is fragile."""
    moved: ClassVar[float] = 0.05
    """Over a series: the least change of a share that is told."""
    mix: ClassVar[float] = 0.5
    """Over a series: the part of a change beyond which the mix of strata makes it, so that it is no trend."""
    undated: ClassVar[float] = 0.25
    """Over a series: the share of units without a date beyond which nothing is called a trend."""
