"""Shares and net counts over the whole population, with intervals that keep groups together, and what groups cost."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from ..arrays import CANCELLED, Floats, counted
from ..cells import Estimate, MeasureInfo
from ..incidence import Incidence
from .intervals import linearised, measure, wilson
from .laws import normal_quantile, t_quantile
from .moments import Moments, power_sums


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
        ends = linearised(_share, _moments(part, whole, totals, incidence), level)
    low, high = float(ends.low[0, 0]), float(ends.high[0, 0])
    return Estimate(value, low, high) if math.isfinite(low + high) else Estimate(value)


def net_total(coefficient: Floats, incidence: Incidence, level: float) -> Estimate:
    """Return the sum over units of a coefficient (p,), such as +1 and -1, with its interval.

    Normal for independent units. Groups or weights: t on how many the coefficient reaches, as G_eff of their
    absolute totals, with at least one degree; no interval where it reaches one only.
    """
    n_groups, squares = incidence.n_owners, _products(coefficient, coefficient, incidence)
    total = float(coefficient @ incidence.weight)
    if n_groups < 2 or squares == 0:
        return Estimate(total)
    reached = np.abs(_by_group(coefficient * incidence.weight, incidence)).sum()
    effective = float(reached**2 / squares)
    variance = n_groups / (n_groups - 1) * (squares - total**2 / n_groups)
    if effective <= 1 + 1e-9 or variance <= CANCELLED * squares:
        return Estimate(total)
    plain = incidence.group is None and not incidence.weighted
    quantile = normal_quantile(level) if plain else t_quantile(level, max(effective - 1, 1))
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
    if alone <= CANCELLED * float(whole @ incidence.weight_squared):
        return None
    return _products(moved, moved, incidence) * n_groups / (n_groups - 1) / alone


@measure(MeasureInfo("share", "Share", "k / n", 0, 1), "k / n")
def _share(part: Floats, whole: Floats, _: Floats, __: Floats) -> Floats:
    return part / whole


def _by_group(values: Floats, incidence: Incidence) -> Floats:
    return values if incidence.group is None else counted(values, incidence.group, incidence.n_owners)


def _products(x: Floats, y: Floats, incidence: Incidence) -> float:
    """Return the sum over groups of products of what x and y (p,) of a unit add up to in them."""
    if incidence.group is None:
        return float((x * y) @ incidence.weight_squared)
    of_x, of_y = (_by_group(of * incidence.weight, incidence) for of in (x, y))
    return float(of_x @ of_y)


def _moments(part: Floats, whole: Floats, totals: Floats, incidence: Incidence) -> Moments:
    """Return moments of (part, whole, whole, whole) as for a panel of one cell."""
    independent = replace(incidence, group=None, n_groups=None)
    second, alone = (_second(part, whole, of) for of in (incidence, independent))
    sizes = None
    if incidence.group is not None:
        of_groups = _by_group(whole * incidence.weight, incidence)
        own = _by_group(whole**2 * incidence.weight_squared, incidence)
        sizes = np.broadcast_to(power_sums(of_groups[:, None], own[:, None])[:, None, :, None], (3, 3, 1, 1))
    return Moments(totals, second, incidence.n_owners, alone, incidence.n_units, sizes, not incidence.weighted)


def _second(part: Floats, whole: Floats, incidence: Incidence) -> Floats:
    """Return the second moments (4, 4, 1, 1) of part and thrice whole."""
    both, own, every = (_products(x, y, incidence) for x, y in ((part, whole), (part, part), (whole, whole)))
    second = np.full((4, 4, 1, 1), every)
    second[0, :], second[:, 0], second[0, 0] = both, both, own
    return second
