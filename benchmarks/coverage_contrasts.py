"""Coverage of the intervals of contrasts."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from benchmarks.coverage_cells import LEVEL, SHAPE
from benchmarks.coverage_regimes import Regime, Table
from diptych.arrays import Bools, Floats
from diptych.cells import Estimate
from diptych.incidence import Incidence
from diptych.inference import InferenceSettings
from diptych.inference.contrasts import CellSum, Contrast, cell, compared, linearise, turned
from diptych.inference.intervals import Formula
from diptych.matrices.counts import Counts, tabulate
from diptych.measures import MEASURES

CONTRASTED = ("conditional", "lift", "phi")
USED = "covered"


def contrast_coverage(regime: Regime, n_tables: int) -> pd.DataFrame:
    """Return whether intervals contain the truth: one row for each contrast of each table.

    Columns: measure, kind, population (a number), effective (G_eff), bound (whether all or none occur together in one
    of the two cells; false for means), and covered. It is 1 if the interval contains the truth, 0 if not, and nan
    without an interval.
    """
    rows: list[dict[str, object]] = []
    for table in regime.tables(n_tables):
        contrasts = contrasts_of(table.incidence)
        if contrasts:
            rows += _of_table(table, contrasts)
    return pd.DataFrame(rows, columns=["measure", "kind", "population", "effective", "bound", USED])


def mean(formula: Formula, measured: Bools) -> CellSum:
    """Return the mean over some cells (R, C)."""
    rows, columns = np.nonzero(measured)
    return CellSum(formula, rows, columns, np.full(len(rows), 1 / len(rows)))


def _of_table(table: Table, contrasts: dict[tuple[str, str], Contrast]) -> list[dict[str, object]]:
    joint, given, outcome, units = table.population.totals
    whole = joint, given[:, 0], outcome[0], units[0, 0]
    made, counts = list(contrasts.values()), tabulate(table.incidence)
    about, found = linearise(made, table.incidence), compared(made, table.incidence, LEVEL)
    return [
        {"measure": measure, "kind": kind, "population": table.number, "effective": float(about.effective[n])}
        | {"bound": _bound(measure, contrasts[measure, kind], counts)}
        | {USED: _held(found[n].difference, float(value_of(made[n], *whole)))}
        for n, (measure, kind) in enumerate(contrasts)
    ]


def contrasts_of(incidence: Incidence) -> dict[tuple[str, str], Contrast]:
    """Return one contrast of each kind for each measure, over the rows with as many units as reports require.

    Return nothing if either compared row has fewer units.
    """
    counts, least = tabulate(incidence, "units"), InferenceSettings().minimum_units
    measured, back = (
        np.broadcast_to(margin >= least, SHAPE) for margin in (counts.given[:, None], counts.outcome[None])
    )
    if not (measured[:2].all() and back.any()):
        return {}
    contrasts = {}
    for name in CONTRASTED:
        measure = MEASURES[name]
        kinds = {
            "cell, cell": Contrast(cell(measure, 0, 0), cell(measure, 1, 1)),
            "row, row": Contrast(
                mean(measure, measured & (np.arange(SHAPE[0]) == 0)[:, None]),
                mean(measure, measured & (np.arange(SHAPE[0]) == 1)[:, None]),
            ),
            "a,b and b,a": Contrast(cell(measure, 0, 1), cell(measure, 1, 0)),
        }
        if not measure.info.symmetric:
            kinds["panel, panel"] = Contrast(mean(measure, measured), mean(turned(measure), back))
        contrasts |= {(name, kind): contrast for kind, contrast in kinds.items()}
    return contrasts


def value_of(contrast: Contrast, joint: Floats, given: Floats, outcome: Floats, units: Floats) -> Floats:
    """Return a contrast (...) of totals (..., R, C), (..., R), (..., C), (...), computed cell by cell."""
    value = np.zeros(np.shape(units))
    for sign, term in ((1, contrast.first), (-1, contrast.second)):
        for i, j, coefficient in zip(term.rows, term.columns, term.coefficients, strict=True):
            one = term.formula(joint[..., i, j], given[..., i], outcome[..., j], np.asarray(units))
            value = value + sign * coefficient * one
    return value


def _bound(measure: str, contrast: Contrast, counts: Counts) -> bool:
    """Return whether the value of either cell does not vary in resamples."""
    for term in (contrast.first, contrast.second):
        rows, columns = term.rows, term.columns
        if len(rows) == 1:
            joint, given, outcome = counts.joint[rows, columns], counts.given[rows], counts.outcome[columns]
            most = given if measure == "conditional" else np.minimum(given, outcome)
            if joint[0] in (0, most[0]):
                return True
    return False


def _held(found: Estimate, truth: float) -> float:
    return math.nan if found.low is None or found.high is None else float(found.low <= truth <= found.high)
