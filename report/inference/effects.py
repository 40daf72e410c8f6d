"""How much groups and weights cost: the design effect of a share, and what weighted units are worth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..incidence import Incidence

Floats = NDArray[np.float64]
_CANCELLED = 1e-12


def effective_units(incidence: Incidence) -> float:
    """Return (sum w)^2 / sum w^2, how many units of equal weight the weights are worth (Kish 1965); 0 without units."""
    squares = float(incidence.weight_squared.sum())
    return float(incidence.weight.sum()) ** 2 / squares if squares else 0.0


def worth_of_one(incidence: Incidence) -> float:
    """Return how many effective units a weight of one stands for, sum w / sum w^2; 1 without weights."""
    squares = float(incidence.weight_squared.sum())
    return float(incidence.weight.sum()) / squares if incidence.weighted and squares else 1.0


def design_effect(part: Floats, whole: Floats, incidence: Incidence) -> float | None:
    """Return the variance of a share over units in groups, over what it would be were units independent.

    `part` and `whole` (p,) say how much of each unit of a pattern belongs (0 or 1; part <= whole). Both variances
    are linearised: each unit moves the share by its weight times (part - share * whole) (Kish 1965, "Survey
    Sampling", section 8.2). None without groups, with fewer than two, and where the share is 0 or 1.
    """
    n_groups, n_units = incidence.n_groups or 0, incidence.n_units
    total = float(whole @ incidence.weight)
    if incidence.group is None or n_groups < 2 or total <= 0:
        return None
    moved = part - float(part @ incidence.weight) / total * whole
    alone = float(moved**2 @ incidence.weight_squared) * n_units / (n_units - 1)
    per_group = np.bincount(incidence.group, moved * incidence.weight, n_groups)
    if alone <= _CANCELLED * float(whole @ incidence.weight_squared):
        return None
    return float(per_group @ per_group) * n_groups / (n_groups - 1) / alone
