"""Thresholds of findings, by name; printed in the report's methods."""

from __future__ import annotations

from pydantic import Field

from ..settings import Settings, Share


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
    moderate: Share = 0.5
    low: Share = 0.25
    listed: Share = 0.25
    dominant: Share = 0.5
    contained: Share = 0.9
    isolated: Share = 0.99
    concentrated: Share = 0.2
    rests: Share = 0.5
    expected: float = Field(default=5.0, gt=0)
    recurring: Share = 0.8
    fragile: Share = 0.05
    moved: Share = 0.05
    mix: Share = 0.5
    undated: Share = 0.25
    surprising: float = Field(default=2.0, gt=1)
