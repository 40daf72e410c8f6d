"""Measures of the 2 x 2 table of a cell: functions of (n_ab, n_a, n_b, N), broadcast against each other.

To add a measure, write a function under `@measure(...)`, which has its description, and list its name below. It needs a
test and a line in docs/numbers.md. "Source:" in a docstring is the source that this page cites. Less common measures
are in the pack `contrib.measures`.
"""

from ..slots import Entries
from .association import conditional, count, difference, jaccard, lift, log2_lift, odds_ratio, share
from .measure import Measure

__all__ = ["MEASURES", "Measure"]

MEASURES = Entries("measure", Measure, (count, share, conditional, lift, log2_lift, difference, odds_ratio, jaccard))
"""All values of `measure:` by config name: core measures, then measures of packs.

Iteration leaves out the measures of other packages."""
