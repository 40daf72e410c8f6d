"""Intervals, tests and models over an incidence; their settings."""

from __future__ import annotations

from pydantic import Field

from ..settings import Settings

MOST = 10**12
"""More units or groups than there can be: numbers beyond floating point have no place in a comparison."""


class InferenceSettings(Settings):
    """Level of intervals and tests, the seed of random draws, and the least data for a statement."""

    level: float = Field(default=0.95, gt=0, lt=1)
    """The level of intervals."""
    seed: int = Field(default=1, ge=0, le=2**63 - 1)
    """Where random numbers start; the same seed gives the same report."""
    minimum_units: int = Field(default=10, ge=1, le=MOST)
    """Rows of fewer units are marked and not spoken of."""
    minimum_groups: int = Field(default=5, ge=2, le=MOST)
    """The same for the effective number of groups."""
    fdr: float = Field(default=0.05, gt=0, lt=1)
    """The false discovery rate of tests."""
