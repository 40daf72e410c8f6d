"""Linearised variance of a contrast: what each unit or group moves it by, summed as any other total."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from report.incidence import Incidence
from report.inference.contrasts import Contrast, Term
from report.matrices.counts import shares, totals

Floats = NDArray[np.float64]
_STEP = 1e-100
_CANCELLED = 1e-12


@dataclass(frozen=True, slots=True)
class Linearised:
    """A contrast's value, its standard error and G_eff, the number of groups that rules it.

    `error` is 0 where groups do not differ and nan where it is unknown. G_eff is n^2 / sum n_g^2 of a margin,
    the least over the margins that the contrast depends on; units that are no groups count by their weights.
    """

    value: float
    error: float
    effective: float


def linearise(contrast: Contrast, incidence: Incidence) -> Linearised:
    """Return the value of a contrast and its standard error over units or groups.

    The error is nan where the contrast is undefined or there are fewer than two units or groups.
    """
    joint, given, outcome = totals(incidence, incidence.weight)
    whole = joint, given, outcome, np.array(incidence.weight.sum())
    sides = shares(incidence)
    first, second = _slopes(contrast.first, whole), _slopes(contrast.second, whole)
    sizes = [np.abs(a) + np.abs(b) for a, b in zip(first, second, strict=True)]
    moved = _moved([a - b for a, b in zip(first, second, strict=True)], *sides)
    squares, n_groups = _squares(moved, incidence)
    terms, _ = _squares(_moved(sizes, *sides), incidence)
    value, effective = float(contrast.value(*whole)), _effective(contrast, sizes, sides, incidence)
    if n_groups < 2 or not math.isfinite(value + squares):
        return Linearised(value, math.nan, effective)
    # What remains of terms that cancel is rounding: taken for variance it would pass for great certainty.
    varies = squares > _CANCELLED * terms
    return Linearised(value, math.sqrt(squares * n_groups / (n_groups - 1)) if varies else 0.0, effective)


def _slopes(term: Term, whole: tuple[Floats, Floats, Floats, Floats]) -> list[Floats]:
    """Return the derivatives by the joint counts (R, C), the margins (R,) and (C,), and N ().

    Exact to rounding: imaginary steps subtract nothing (Squire & Trapp 1998).
    """
    i, j = term.cells
    at = [whole[0][i, j], whole[1][i], whole[2][j], np.broadcast_to(whole[3], i.shape)]
    by = [_by_step(term, at, k) * term.coefficients[i, j] for k in range(4)]
    slopes = [np.zeros(part.shape) for part in whole]
    np.add.at(slopes[0], (i, j), by[0])
    np.add.at(slopes[1], i, by[1])
    np.add.at(slopes[2], j, by[2])
    slopes[3] += by[3].sum()
    return slopes


def _by_step(term: Term, at: list[Floats], k: int) -> Floats:
    # Measures are made of arithmetic and logarithms, which take complex numbers as they take real ones.
    joint, given, outcome, units = (part + (1j * _STEP if n == k else 0) for n, part in enumerate(at))
    margins = (outcome, given) if term.reverse else (given, outcome)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope: Floats = np.imag(term.formula(*(cast("Floats", part) for part in (joint, *margins, units)))) / _STEP
    return slope


def _moved(slopes: list[Floats], rows: Floats, columns: Floats) -> Floats:
    """Return what a unit of each pattern (p,) moves the contrast by."""
    joint, given, outcome, units = slopes
    moved: Floats = ((rows @ joint) * columns).sum(axis=1) + rows @ given + columns @ outcome + units
    return moved


def _squares(moved: Floats, incidence: Incidence) -> tuple[float, int]:
    """Return the sum over units or groups of squared deviations of what they move, and how many they are."""
    if incidence.group is None:
        n_groups, squares = incidence.n_units, float(moved**2 @ incidence.weight_squared)
    else:
        n_groups = incidence.n_groups or 0
        per_group = np.bincount(incidence.group, moved * incidence.weight, n_groups)
        squares = float(per_group @ per_group)
    return squares - float(moved @ incidence.weight) ** 2 / max(n_groups, 1), n_groups


def _effective(contrast: Contrast, sizes: list[Floats], sides: tuple[Floats, Floats], incidence: Incidence) -> float:
    """Return the least G_eff over the margins that the contrast depends on (all of its cells' if on none)."""
    cells = [term.cells for _, term in contrast.terms]
    used = [np.unique(np.concatenate([cell[axis] for cell in cells])) for axis in (0, 1)]
    depends = [category[sizes[1 + axis][category] > 0] for axis, category in enumerate(used)]
    if not any(len(categories) for categories in depends):
        depends = used
    found = [_groups_of(sides[axis][:, k], incidence) for axis, categories in enumerate(depends) for k in categories]
    return min(found)


def _groups_of(share: Floats, incidence: Incidence) -> float:
    if incidence.group is None:
        squares = float(share**2 @ incidence.weight_squared)
    else:
        per_group = np.bincount(incidence.group, share * incidence.weight, incidence.n_groups or 0)
        squares = float(per_group @ per_group)
    return float(share @ incidence.weight) ** 2 / squares if squares else 0.0
