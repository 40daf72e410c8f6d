"""Counts, measures and their certainty: the variance under groups and weights, and one decision rule for statements.

Clusters are drawn independently, and units of one cluster may depend on each other in any way. A unit without a group
is a cluster of its own. Weights are known. Nothing here detects groups that were not declared.

Every share, difference and slope is a function of totals over clusters. Its certainty is an interval at any level, and
p is the level at which this interval just touches "no effect". So the interval and the test of a statement agree by
construction.
"""

from __future__ import annotations

from pydantic import Field

from ..settings import Settings

MOST = 10**12
"""More units or groups than there can be. Numbers beyond floating point cannot be compared."""


class InferenceSettings(Settings):
    """The confidence level, the seed, and the least data for a statement."""

    level: float = Field(default=0.95, gt=0, lt=1)
    """The confidence level of intervals."""
    seed: int = Field(default=1, ge=0, le=2**63 - 1)
    """The seed with which `explain` chooses examples of a cell."""
    minimum_units: int = Field(default=10, ge=1, le=MOST)
    """Rows with fewer units are marked, and the text does not discuss them."""
    minimum_groups: int = Field(default=5, ge=2, le=MOST)
    """Rows with a smaller effective number of groups are marked, and the text does not discuss them."""
