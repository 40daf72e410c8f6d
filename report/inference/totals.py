"""Shares and net counts over the whole population, with intervals that keep groups together, and what groups cost."""

from __future__ import annotations

import math

import numpy as np

from ..arrays import CANCELLED, Floats, counted
from ..cells import Estimate, MeasureInfo
from ..incidence import Incidence
from .intervals import linearised, wilson
from .laws import normal_quantile, t_quantile
from .moments import Moments, power_sums

_SHARE = MeasureInfo("share", "Share", "k / n", 0, 1)


def proportion(part: Floats, whole: Floats, incidence: Incidence, level: float) -> Estimate:
    """Return the share of the units in `whole` that are in `part`, with its interval.

    `part` and `whole` (p,) say how much of each unit of a pattern belongs (0 or 1; part <= whole). Wilson
    for independent units, else linearised on the logit as cells are (`intervals.linearised`). No units: nan.
    """
    totals = np.array([part @ incidence.weight, *[whole @ incidence.weight] * 3]).reshape(4, 1, 1)
    if totals[1, 0, 0] == 0:
        return Estimate(math.nan)
    value = float(totals[0, 0, 0] / totals[1, 0, 0])
    if incidence.group is None and not incidence.weighted:
        ends = wilson(totals[0], totals[1], level)
    else:
        ends = linearised(_SHARE, _share, _moments(part, whole, totals, incidence), level)
    low, high = float(ends.low[0, 0]), float(ends.high[0, 0])
    return Estimate(value, low, high) if math.isfinite(low + high) else Estimate(value)


def net_total(coefficient: Floats, incidence: Incidence, level: float) -> Estimate:
    """Return the sum over units of a coefficient (p,), such as +1 and -1, with its interval.

    Normal for independent units. Groups or weights: t on how many the coefficient reaches, as G_eff of their
    absolute totals, with at least one degree; no interval where it reaches one only.
    """
    per_group, n_groups = _by_group(coefficient * incidence.weight, incidence), incidence.n_owners
    alone = incidence.group is None
    squares = float(coefficient**2 @ incidence.weight_squared if alone else per_group @ per_group)
    total = float(coefficient @ incidence.weight)
    if n_groups < 2 or squares == 0:
        return Estimate(total)
    effective = float(np.abs(per_group).sum() ** 2 / squares)
    variance = n_groups / (n_groups - 1) * (squares - total**2 / n_groups)
    if effective <= 1 + 1e-9 or variance <= CANCELLED * squares:
        return Estimate(total)
    quantile = normal_quantile(level) if alone and not incidence.weighted else t_quantile(level, max(effective - 1, 1))
    half = quantile * math.sqrt(variance)
    return Estimate(total, total - half, total + half)


def design_effect(part: Floats, whole: Floats, incidence: Incidence) -> float | None:
    """Return the variance of a share over units in groups, over what it would be were units independent.

    `part` and `whole` (p,) say how much of each unit of a pattern belongs (0 or 1; part <= whole). Both variances
    are linearised: each unit moves the share by its weight times (part - share * whole) (Kish 1965, "Survey
    Sampling", section 8.2). None without groups, with fewer than two, and where the share is 0 or 1.
    """
    n_groups, n_units = incidence.n_owners, incidence.n_units
    total = float(whole @ incidence.weight)
    if incidence.group is None or n_groups < 2 or total <= 0:
        return None
    moved = part - float(part @ incidence.weight) / total * whole
    alone = float(moved**2 @ incidence.weight_squared) * n_units / (n_units - 1)
    per_group = _by_group(moved * incidence.weight, incidence)
    if alone <= CANCELLED * float(whole @ incidence.weight_squared):
        return None
    return float(per_group @ per_group) * n_groups / (n_groups - 1) / alone


def _share(part: Floats, whole: Floats, _: Floats, __: Floats) -> Floats:
    return part / whole


def _by_group(values: Floats, incidence: Incidence) -> Floats:
    return values if incidence.group is None else counted(values, incidence.group, incidence.n_owners)


def _moments(part: Floats, whole: Floats, totals: Floats, incidence: Incidence) -> Moments:
    """Return moments of (part, whole, whole, whole) as for a panel of one cell."""
    of_units = [float(x @ incidence.weight_squared) for x in (part**2, part * whole, whole**2)]
    alone, n_units = _second(*of_units), incidence.n_units
    if incidence.group is None:
        return Moments(totals, alone, n_units, alone, n_units, None)
    p, w = (_by_group(kept * incidence.weight, incidence) for kept in (part, whole))
    second = _second(float(p @ p), float(p @ w), float(w @ w))
    own = _by_group(whole**2 * incidence.weight_squared, incidence)
    sizes = np.broadcast_to(power_sums(w[:, None], own[:, None])[:, None, :, None], (3, 3, 1, 1))
    return Moments(totals, second, incidence.n_owners, alone, n_units, sizes)


def _second(own: float, both: float, all_of: float) -> Floats:
    """Return second moments (4, 4, 1, 1) from the sums of part^2, part times whole, and whole^2."""
    second = np.full((4, 4, 1, 1), all_of)
    second[0, :], second[:, 0], second[0, 0] = both, both, own
    return second
