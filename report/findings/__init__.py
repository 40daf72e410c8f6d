"""Turn counts into typed findings. Each module defines one kind of finding, or several that use the same numbers.

This module defines the thresholds that several kinds use. `data/findings.json` lists the thresholds of a report.
"""

HIGH, MODERATE, LOW = 0.75, 0.5, 0.25
"""The smallest shares that are called high, moderate and low. Smaller shares are very low."""

MIN_RATIO = 2.0
"""The smallest ratio to the expected count that is reported as a surprise, and the smallest odds ratio within strata
for which agreement is reported."""

MIN_EXPECTED = 5.0
"""The smallest expected count for which a ratio is reported."""

INFLUENTIAL = 0.5
"""The share of a cell that comes from one contributor, from which the cell depends on it."""
