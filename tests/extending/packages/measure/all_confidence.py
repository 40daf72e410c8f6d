"""The measure all-confidence."""

import numpy as np

from diptych.extend import MeasureInfo, measure


@measure(
    MeasureInfo("all_confidence", "All-confidence", "n_ab / max(n_a, n_b)", 0, 1, symmetric=True, needs="counts"),
    "min(n_ab / n_a, n_ab / n_b)",
    written="share",
)
def all_confidence(joint, given, outcome, units):
    """n_ab / max(n_a, n_b): the lower of P(b|a) and P(a|b). Undefined where no unit has either.

    Source: Omiecinski (2003), Alternative Interest Measures for Mining Associations in Databases.
    """
    larger = np.where(np.real(given) > np.real(outcome), given, outcome)
    return joint / larger + 0 * units
