"""Whole tables drawn again: what every count of a relation would be, had chance chosen other units or groups.

`resampling` draws what a contrast asks for; this draws all counts at once, sums within strata and further sums too,
so that whatever is made of them can be asked of each drawing. As there, units are drawn with replacement as patterns
and groups whole, and sums of draws are exact. Strata are not drawn by themselves: their sizes vary with the draw.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ..cells import Refusal
from ..incidence import Incidence
from ..matrices.counts import shares
from . import InferenceSettings
from .resampling import MOST_NUMBERS, exact

Floats = NDArray[np.float64]

RESAMPLES = 200
"""Enough to tell a share of 0.05 from one of 0.1: its error is 0.015."""

_MOST_GROUPS = 2000
"""Groups that are drawn one by one. More of them fall, as they are numbered, into so many bags, drawn whole: the
variance of a total stays the same (random groups; Wolter 2007, "Introduction to Variance Estimation", chapter 2)."""

_MOST_PATTERNS = 1 << 16
"""Distinct patterns up to which independent units are drawn."""

_MOST_NUMBERS = 1 << 25
"""Numbers that all drawings together may hold: 256 MB."""


@dataclass(frozen=True, eq=False)
class Redraws:
    """k drawings: joint (k, R, C), given (k, R), outcome (k, C) and units (k,), in weights as in `Counts`.

    `within` (k, R, C) are expected counts summed within strata, None without strata; `sums` (k, m) are the totals of
    what was asked for beside them.
    """

    joint: Floats
    given: Floats
    outcome: Floats
    units: Floats
    within: Floats | None
    sums: Floats

    @property
    def expected(self) -> Floats:
        """n_a n_b / N (k, R, C): what independence would give in each drawing."""
        n_units = np.maximum(self.units, 1e-300)[:, None, None]
        due: Floats = self.given[:, :, None] * self.outcome[:, None, :] / n_units
        return due


def bagged(incidence: Incidence, n_totals: int) -> Incidence:
    """Return an incidence with no more groups than can be drawn, where each adds to so many totals."""
    most = max(2, min(_MOST_GROUPS, MOST_NUMBERS // max(n_totals, 1)))
    if incidence.group is None or (incidence.n_groups or 0) <= most:
        return incidence
    return replace(incidence, group=incidence.group % most, n_groups=most)


def redraws(
    incidence: Incidence, settings: InferenceSettings, extra: Floats | None = None, n: int = RESAMPLES
) -> Redraws | Refusal:
    """Return n drawings of all counts, seeded by `settings.seed`; `extra` (p, m) is what a unit adds to further sums.

    Refused for weighted units without groups (as in `resampling`), for fewer than two units or groups, and where
    there is too much to draw.
    """
    if incidence.group is None and incidence.weighted:
        return Refusal("units of one pattern have different weights")
    if (incidence.n_units if incidence.group is None else incidence.n_groups or 0) < 2:
        return Refusal("there are fewer than two to draw from")
    n_rows, n_columns = incidence.row_sets.shape[1], incidence.column_sets.shape[1]
    n_strata = len(incidence.strata) if incidence.stratum_names else 0
    n_totals = n_rows * n_columns + (1 + n_strata) * (n_rows + n_columns + 1)
    if n * n_totals > _MOST_NUMBERS:
        return Refusal("there are too many categories and strata to draw again")
    bags = bagged(incidence, n_totals)
    adds, times = _adding(bags, _features(bags, n_strata, extra))
    if len(times) > _MOST_PATTERNS:
        return Refusal("there are too many distinct patterns to draw from")
    rng = np.random.default_rng(np.random.SeedSequence(settings.seed))
    n_all = int(times.sum())
    drawn = rng.multinomial(n_all, times / n_all, n).astype(np.float64)
    return _unpacked((adds.T @ drawn.T).T, (n_rows, n_columns, n_strata))


def _features(incidence: Incidence, n_strata: int, extra: Floats | None) -> sparse.csr_array:
    """Return what a unit of each pattern adds (p, M) to each total, in the order in which `_unpacked` takes them."""
    rows, columns = map(sparse.csr_array, shares(incidence))
    n_patterns = len(incidence.units)
    ones = sparse.csr_array(np.ones((n_patterns, 1)))
    parts = [_pairs(rows, columns), rows, columns, ones]
    if n_strata:
        place = (np.ones(n_patterns), (np.arange(n_patterns), incidence.stratum))
        level = sparse.csr_array(place, shape=(n_patterns, n_strata))
        parts += [_pairs(level, side) for side in (rows, columns, ones)]
    if extra is not None:
        parts.append(sparse.csr_array(extra))
    return sparse.csr_array(sparse.hstack(parts))


def _pairs(first: sparse.csr_array, second: sparse.csr_array) -> sparse.csr_array:
    """Return the products (p, A B) of two tables (p, A) and (p, B), pattern by pattern."""
    n_patterns, n_second = second.shape
    of_first = np.diff(first.indptr)
    of_second = np.diff(second.indptr)
    n_each = of_first * of_second
    pattern = np.repeat(np.arange(n_patterns), n_each)
    place = np.arange(n_each.sum()) - np.repeat(np.cumsum(n_each) - n_each, n_each)
    at_first = first.indptr[pattern] + place // of_second[pattern]
    at_second = second.indptr[pattern] + place % of_second[pattern]
    values = first.data[at_first] * second.data[at_second]
    column = first.indices[at_first].astype(np.int64) * n_second + second.indices[at_second]
    shape = (n_patterns, first.shape[1] * n_second)
    return sparse.csr_array((values, (pattern, column)), shape=shape)


def _adding(incidence: Incidence, features: sparse.csr_array) -> tuple[sparse.csc_array, NDArray[np.int64]]:
    """Return what each thing that is drawn adds (d, M), and how many there are of it (d,)."""
    if incidence.group is None:
        adds, times = features, incidence.units
    else:
        present, number = np.unique(incidence.group, return_inverse=True)
        place = (incidence.weight, (number, np.arange(len(number))))
        adds = sparse.csr_array(place, shape=(len(present), len(number))) @ features
        times = np.ones(len(present), dtype=np.int64)
    made = sparse.csc_array(adds)
    made.data = exact(made.data, float((made.T @ times.astype(np.float64)).max()))
    return made, times


def _unpacked(sums: Floats, shape: tuple[int, int, int]) -> Redraws:
    n_rows, n_columns, n_strata = shape
    sizes = [n_rows * n_columns, n_rows, n_columns, 1]
    sizes += [n_strata * n_rows, n_strata * n_columns, n_strata] if n_strata else []
    *parts, rest = np.split(sums, np.cumsum(sizes), axis=1)
    joint, given, outcome, units = parts[:4]
    within = None
    if n_strata:
        rows, columns, strata = parts[4:]
        shares_of = columns.reshape(-1, n_strata, n_columns) / np.maximum(strata, 1e-300)[:, :, None]
        within = np.einsum("ksr,ksc->krc", rows.reshape(-1, n_strata, n_rows), shares_of)
    return Redraws(joint.reshape(-1, n_rows, n_columns), given, outcome, units[:, 0], within, rest)
