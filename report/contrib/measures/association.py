"""Measures that compare units with and without a category, and the residual of independence."""

from __future__ import annotations

import numpy as np

from ...arrays import Floats
from ...cells import MeasureInfo
from ...stats.matrices import adjusted_residual, corrected
from ...stats.measures import HALF, measure

_INDEPENDENT = (
    "it assumes independent units, grows with their number, and is measured in standard errors, so it has no interval"
)


@measure(
    MeasureInfo(
        "relative_risk",
        "Relative risk",
        "P(b|a) / P(b|not a)",
        0,
        None,
        1.0,
        diverging=True,
        remark=HALF,
        convention=True,
    ),
    "(n_ab / n_a) / ((n_b - n_ab) / (N - n_a))",
    sized=True,
    written="ratio",
)
def relative_risk(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """P(b|a) / P(b|not a). Directed. With 1/2 added to all four cells if one is empty.

    Source: Cornfield (1951), A Method of Estimating Comparative Rates from Clinical Data.
    """
    both, only_given, only_outcome, neither = corrected(joint, given, outcome, units)
    return both * (only_outcome + neither) / (only_outcome * (both + only_given))


@measure(
    MeasureInfo(
        "phi",
        "Correlation (phi)",
        "(N n_ab - n_a n_b) / sqrt(n_a (N - n_a) n_b (N - n_b))",
        -1,
        1,
        0.0,
        diverging=True,
        symmetric=True,
    ),
    "(N * n_ab - n_a * n_b) / sqrt(n_a * (N - n_a) * n_b * (N - n_b))",
)
def phi(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """Pearson correlation of the two indicators.

    Source: Yule (1912), On the Methods of Measuring Association Between Two Attributes.
    """
    spread = given * (units - given) * outcome * (units - outcome)
    return (units * joint - given * outcome) / np.sqrt(spread)


@measure(
    MeasureInfo(
        "standardized_residual",
        "Standardized residual",
        "(n_ab - e) / sqrt(e (1 - n_a / N) (1 - n_b / N)) with e = n_a n_b / N",
        None,
        None,
        0.0,
        diverging=True,
        symmetric=True,
        statistic=True,
        remark=_INDEPENDENT,
    ),
    "(n_ab - n_a * n_b / N) / sqrt(n_a * n_b / N * (1 - n_a / N) * (1 - n_b / N))",
    sized=True,
)
def standardized_residual(joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """Return (n_ab - e) / sqrt(e (1 - n_a/N) (1 - n_b/N)) with e = n_a n_b / N: the adjusted residual.

    Approximately standard normal for independent units without association. It is phi times sqrt(N).

    Source: Haberman (1973), The Analysis of Residuals in Cross-Classified Tables.
    """
    return adjusted_residual(joint, given, outcome, units)
