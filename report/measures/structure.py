"""Statistics of a whole table: the uncertainty coefficient."""

from __future__ import annotations

from dataclasses import dataclass

from scipy.special import xlogy

from ..arrays import Floats
from ..cells import Refusal
from ..incidence import Incidence
from ..matrices.counts import refuse_diagonal, refuse_several, totals

_CERTAIN = 1e-12
"""Entropies below this are rounding errors of 0."""


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """How well one side of a relation predicts the other: Theil's U in both directions, None if undefined."""

    of_columns: float | None
    of_rows: float | None


def uncertainty_coefficients(incidence: Incidence) -> Uncertainty | Refusal:
    """Return the uncertainty coefficients of a relation, or why its units do not form one table."""
    trivial = refuse_diagonal(incidence) if incidence.trivial_diagonal else None
    if (refusal := trivial or refuse_several(incidence)) is not None:
        return refusal
    joint, _, _ = totals(incidence, incidence.weight)
    return Uncertainty(of_columns=uncertainty(joint), of_rows=uncertainty(joint.T))


def uncertainty(joint: Floats) -> float | None:
    """Return I(given; outcome) / H(outcome), 0 to 1: the reduction of uncertainty of the outcome, given the row.

    Theil's U, the uncertainty coefficient: Theil (1970), "On the estimation of relationships involving qualitative
    variables", American Journal of Sociology 76. Directed, or 0 if the axes are unrelated, 1 if the row determines the
    column. `joint` (R, C) is a table of units, each in one cell; its transpose gives the other direction. None without
    units, and if all have one outcome category.
    """
    total = float(joint.sum())
    if total <= 0:
        return None
    p = joint / total
    given, outcome = _entropy(p.sum(axis=1)), _entropy(p.sum(axis=0))
    if outcome < _CERTAIN:
        return None
    return min(max((given + outcome - _entropy(p)) / outcome, 0.0), 1.0) + 0.0  # rounding, and never -0


def _entropy(p: Floats) -> float:
    return float(-xlogy(p, p).sum())
