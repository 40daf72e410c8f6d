"""Measures of the 2 x 2 table of a cell: functions of (n_ab, n_a, n_b, N), broadcast against each other.

Adding one: a function under `@measure(...)`, which has all that is to say of it, its name below, a test, a line in the
docs. "Source:" in a docstring is what docs/measures.md cites. Those that compare units with the given category with
those without it are nan where a category is had by no unit or by all.
"""

from ..inference.intervals import Measure
from ..slots import Entries
from .association import (
    conditional,
    count,
    difference,
    lift,
    log2_lift,
    odds_ratio,
    phi,
    relative_risk,
    share,
    standardized_residual,
    yule_q,
)
from .likeness import cosine, dice, imbalance, jaccard, kulczynski, npmi, overlap

__all__ = ["MEASURES", "Measure", "imbalance"]

_OWN = (
    count,
    share,
    conditional,
    lift,
    log2_lift,
    difference,
    relative_risk,
    odds_ratio,
    yule_q,
    phi,
    jaccard,
    dice,
    cosine,
    overlap,
    npmi,
    kulczynski,
    standardized_residual,
)

MEASURES = Entries("measure", Measure, _OWN)
"""Every measure that `measure:` takes, by its config name; in order, without those of other packages."""
