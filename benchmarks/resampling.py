"""Time and memory of resampling of units and groups, and of contrasts: `python -m benchmarks.resampling`.

Budget: 15,000 patterns, 9 categories, 2,000 resamples at 2.5 million units in under 3 s and 300 MB on two cores.
"""

from __future__ import annotations

import dataclasses
import resource
import sys
import time
from collections.abc import Callable

import numpy as np

from diptych.arrays import Bools
from diptych.cells import Kind, Refusal, Unit
from diptych.incidence import Incidence, Side
from diptych.inference import InferenceSettings
from diptych.inference.contrasts import CellSum, Contrast, cell, compared, turned
from diptych.inference.drawing import draw, resampling
from diptych.inference.intervals import Formula
from diptych.measures import MEASURES

N_CATEGORIES = 9
REPEATS = 5
SETTINGS, RESAMPLES = InferenceSettings(), 2000
FORMULA = MEASURES["conditional"]
SHAPE = (N_CATEGORIES, N_CATEGORIES)
ALL = np.ones(SHAPE, dtype=bool)


def main() -> None:
    """Print the median time of each job, and the memory of all jobs beyond the imports and the data."""
    units = some_incidence(15_000, 2_500_000)
    groups = dataclasses.replace(units, group=np.arange(len(units.units)) // 2, n_groups=7500, group_names=("author",))
    before = peak_mb()
    jobs: dict[str, Callable[[], object]] = {}
    for name, incidence in (("15,000 patterns", units), ("7,500 groups", groups)):
        jobs |= {
            f"{name}: draws and totals": lambda i=incidence: drawn(i),  # type: ignore[misc]
            f"{name}: panel against panel": lambda i=incidence: compared([panels()], i, SETTINGS.level),  # type: ignore[misc]
            f"{name}: cell against cell": lambda i=incidence: compared([cells()], i, SETTINGS.level),  # type: ignore[misc]
            f"{name}: all cells": lambda i=incidence: compared(mirrored(), i, SETTINGS.level),  # type: ignore[misc]
        }
    for name, job in jobs.items():
        print(f"{name:40s} {median_seconds(job):6.3f} s")
    print(f"{'memory beyond imports and data':40s} {peak_mb() - before:6.0f} MB")


def some_incidence(n_patterns: int, n_units: int) -> Incidence:
    """Return distinct random patterns with realistically unequal numbers of units."""
    rng = np.random.default_rng(1)
    masks = rng.choice(2 ** (2 * N_CATEGORIES), n_patterns, replace=False)
    sets = (masks[:, None] >> np.arange(2 * N_CATEGORIES)) & 1 == 1
    share = rng.pareto(1.2, n_patterns)
    units = np.maximum(1, np.rint(n_units * share / share.sum())).astype(np.int64)
    names = tuple(f"C{k}" for k in range(N_CATEGORIES))
    return Incidence(
        relation="drawn",
        rows=Side("datasets", Kind("datasets", "Dataset", "dataset", "datasets"), names, "default"),
        columns=Side("models", Kind("models", "Model", "model", "models"), names, "default"),
        unit=Unit("to", "model", "models"),
        row_sets=sets[:, :N_CATEGORIES],
        column_sets=sets[:, N_CATEGORIES:],
        units=units,
        weight=units.astype(np.float64),
        weight_squared=units.astype(np.float64),
        stratum=np.zeros(n_patterns, dtype=np.int64),
        strata=("",),
        stratum_names=(),
        group=None,
        n_groups=None,
        group_names=(),
        weighted=False,
        trivial_diagonal=False,
    )


def drawn(incidence: Incidence) -> float:
    """Draw all totals and return the mean number of units."""
    found = resampling(incidence)
    if isinstance(found, Refusal):
        raise TypeError(found.reason)
    return float(np.concatenate(list(draw(found, lambda totals: totals.units, SETTINGS.seed, RESAMPLES))).mean())


def mean(formula: Formula, measured: Bools) -> CellSum:
    """Return the mean over some cells (R, C)."""
    rows, columns = np.nonzero(measured)
    return CellSum(formula, rows, columns, np.full(len(rows), 1 / len(rows)))


def panels() -> Contrast:
    """Return the mean of a panel compared with the mean of its reverse."""
    return Contrast(mean(FORMULA, ALL), mean(turned(FORMULA), ALL))


def cells() -> Contrast:
    """Return one cell compared with its mirror in the same panel."""
    return Contrast(cell(FORMULA, 0, 1), cell(FORMULA, 1, 0))


def mirrored() -> list[Contrast]:
    """Return the contrasts of a report with two reversed panels: each cell and its mirror in either panel."""
    cells_of = [
        (
            [cell(turned(FORMULA) if reverse else FORMULA, i, j) for reverse in (False, True)],
            [cell(turned(FORMULA) if reverse else FORMULA, j, i) for reverse in (False, True)],
        )
        for i in range(N_CATEGORIES)
        for j in range(N_CATEGORIES)
    ]
    across = [Contrast(*there) for there, _ in cells_of]
    return across + [Contrast(here, back[which]) for there, back in cells_of for which, here in enumerate(there)]


def median_seconds(job: Callable[[], object]) -> float:
    """Return the median of REPEATS runs."""
    taken = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        job()
        taken.append(time.perf_counter() - start)
    return sorted(taken)[REPEATS // 2]


def peak_mb() -> float:
    """Return the peak memory of this process so far, in MB."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / 2**20 if sys.platform == "darwin" else used / 2**10


if __name__ == "__main__":
    main()
