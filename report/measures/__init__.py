"""Measures of the 2 x 2 table of a cell: functions of (n_ab, n_a, n_b, N), broadcast against each other.

To add a measure, write a function under `@measure(...)`, which has its description, and list its name below. It needs a
test and a line in docs/measures.md. "Source:" in a docstring is the source that this page cites. A measure that
compares units with the given category with units without it is nan if no unit or every unit has a category. Less common
measures are in the pack `contrib.measures`.
"""

from ..inference.intervals import Measure
from ..slots import Entries
from .association import conditional, count, difference, jaccard, lift, log2_lift, odds_ratio, share

__all__ = ["MEASURES", "Measure"]

MEASURES = Entries("measure", Measure, (count, share, conditional, lift, log2_lift, difference, odds_ratio, jaccard))
"""All values of `measure:` by config name: core measures, then measures of packs.

Iteration leaves out the measures of other packages."""
