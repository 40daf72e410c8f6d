"""Measures that compare the units with the given category with those without it.

Each takes (n_ab, n_a, n_b, N), broadcast against each other, and is nan where a category is had by no unit or
by all: there is then nothing to compare. "Source:" in a docstring is what docs/measures.md cites.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..matrices.fourfold import corrected, has_empty_margin

Floats = NDArray[np.float64]


def difference(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """P(b|a) - P(b|not a). Directed. Undefined where no unit, or every unit, has a.

    Source: Allan (1980), A Note on Measurement of Contingency between Two Binary Variables in Judgment Tasks.
    """
    return joint / given - (outcome - joint) / (units - given)


def relative_risk(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """P(b|a) / P(b|not a). Directed. With 1/2 added to all four cells where one is empty.

    Source: Cornfield (1951), A Method of Estimating Comparative Rates from Clinical Data.
    """
    both, only_given, only_outcome, neither = corrected(joint, given, outcome, units)
    return both * (only_outcome + neither) / (only_outcome * (both + only_given))


def odds_ratio(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """Odds of b among units with a over its odds among the others. With 1/2 added where a cell is empty.

    Source: Cornfield (1951), A Method of Estimating Comparative Rates from Clinical Data.
    """
    both, only_given, only_outcome, neither = corrected(joint, given, outcome, units)
    return both * neither / (only_given * only_outcome)


def yule_q(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """Return (OR - 1) / (OR + 1) of the odds ratio OR. With 1/2 added where a cell is empty, so never -1 or 1.

    Source: Yule (1900), On the Association of Attributes in Statistics.
    """
    both, only_given, only_outcome, neither = corrected(joint, given, outcome, units)
    agree, differ = both * neither, only_given * only_outcome
    return (agree - differ) / (agree + differ)


def phi(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """Pearson correlation of the two indicators.

    Source: Yule (1912), On the Methods of Measuring Association Between Two Attributes.
    """
    spread = given * (units - given) * outcome * (units - outcome)
    return (units * joint - given * outcome) / np.sqrt(spread)


def standardized_residual(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """Return (n_ab - e) / sqrt(e (1 - n_a/N) (1 - n_b/N)) with e = n_a n_b / N: the adjusted residual.

    About standard normal where independent units are unrelated; it is phi times sqrt(N).

    Source: Haberman (1973), The Analysis of Residuals in Cross-Classified Tables.
    """
    expected = given * outcome / units
    error = np.sqrt(expected * (1 - given / units) * (1 - outcome / units))
    return np.where(has_empty_margin(given, outcome, units), np.nan, (joint - expected) / error)
