"""Turn counts into typed findings. Each module defines one kind of finding, or several that use the same numbers.

This module defines the settings: named thresholds, which the report's methods section prints.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from ..settings import Settings, Share


class ThresholdSettings(Settings):
    """Thresholds for the statements in the text. Shares are high, moderate, low or very low (below `low`)."""

    removed: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("high", "moderate", "low"), "shares from 75%, 50% and 25% on are always called high, moderate and low"
    )

    min_share: Share = 0.25
    """The smallest off-diagonal share that the text names."""
    dominant: Share = 0.5
    """The share of units from which one category dominates."""
    min_ratio: float = Field(default=2.0, gt=1)
    """The smallest ratio to the expected count that is reported as a surprise, and the smallest odds ratio within
    strata for which agreement is reported."""

    # Fixed.
    high: ClassVar[float] = 0.75
    """The smallest share that is called high."""
    moderate: ClassVar[float] = 0.5
    """The smallest share that is called moderate."""
    low: ClassVar[float] = 0.25
    """The smallest share that is called low. Smaller shares are very low."""
    contained: ClassVar[float] = 0.9
    """The share of a category's items also in other categories, from which its off-diagonal cells are artefacts."""
    isolated: ClassVar[float] = 0.99
    """The self share from which a category is isolated."""
    concentrated: ClassVar[float] = 0.2
    """The share of units that include one item, from which the item is named."""
    influential: ClassVar[float] = 0.5
    """The share of a cell that comes from one contributor, from which the cell depends on it."""
    expected: ClassVar[float] = 5.0
    """The smallest expected count for which a ratio is reported."""
    recurring: ClassVar[float] = 0.8
    """The share of resamples in which a block must recur to be reported."""
    fragile: ClassVar[float] = 0.05
    """The share of resamples that change a statement, beyond which the statement is fragile."""
