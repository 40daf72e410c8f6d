"""Numbers -> typed observations: a kind of finding stands in one file, those that look at the same numbers together.

Here are its settings: thresholds by name, which the report's methods print.
"""

from __future__ import annotations

from pydantic import Field

from ..settings import ChoiceSettings, Settings, Share


class FindingsSettings(ChoiceSettings):
    """Kinds of finding of other packages that are looked for too, each with its thresholds (docs/extending.md)."""


class ThresholdSettings(Settings):
    """Named thresholds. Value tiers: high, moderate, low; below is very low.

    `listed`: an off-diagonal share from here on is named in the text. `dominant`: the share of units from
    which one category dominates. `contained`: the share of a category's items that are also in others from
    which its crossings are artefacts. `isolated`: self share from which a category stands apart.
    `concentrated`: share of units one item touches from which it is named. `expected`: expected count from
    which a ratio is stated. `recurring`: the share of resamples in which a block must come out to be one.
    `fragile`: the share of resamples beyond which a statement that comes out otherwise in them is called fragile.
    Over a series: `moved`: the least change of a share that is told; `mix`: the part of a change beyond which the mix
    of strata makes it, so that it is no trend; `undated`: the share of units without a date beyond which nothing is.
    """

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
    contained: Share = 0.9
    """The share of a category's items also in others, from which its crossings are artefacts."""
    isolated: Share = 0.99
    """The self share from which a category stands apart."""
    concentrated: Share = 0.2
    """The share of units that one item touches, from which it is named."""
    rests: Share = 0.5
    """The share of a cell that one contributor carries, from which the cell rests on it."""
    expected: float = Field(default=5.0, gt=0)
    """The expected count from which a ratio is stated."""
    recurring: Share = 0.8
    """The share of resamples in which a block must come out to be one."""
    fragile: Share = 0.05
    """The share of resamples beyond which a statement that comes out otherwise in them is fragile."""
    moved: Share = 0.05
    """Over a series: the least change of a share that is told."""
    mix: Share = 0.5
    """Over a series: the part of a change beyond which the mix of strata makes it, so that it is no trend."""
    undated: Share = 0.25
    """Over a series: the share of units without a date beyond which nothing is called a trend."""
    surprising: float = Field(default=2.0, gt=1)
    """The ratio to the expected count from which a cell is a surprise, and the odds ratio within strata from which
    agreement holds."""
