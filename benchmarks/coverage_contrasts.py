"""Whether intervals of contrasts hold the truth, by the way they are made: plain percentiles and others."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from benchmarks.coverage_cells import LEVEL, SHAPE
from benchmarks.coverage_regimes import Regime, Table
from diptych.cells import Refusal
from diptych.incidence import Incidence
from diptych.inference.contrast_intervals import contrast_intervals
from diptych.inference.contrasts import Contrast, cell, panel_mean, row_mean
from diptych.inference.linearised_contrasts import Linearised, linearise_all
from diptych.inference.resampling import Totals, draw, resampling
from diptych.inference.settings import InferenceSettings
from diptych.inference.stacked_contrasts import stack
from diptych.matrices.counts import Counts, tabulate
from diptych.measures import MEASURES

Floats = NDArray[np.float64]
Ends = list[tuple[float, float]]

CONTRASTED = ("conditional", "lift", "phi")
RESAMPLES = 400
USED = "percentile, stretched"
WAYS = ("percentile", "basic", USED, "linearised t")
"""The way that is used stretches with groups only; weighted units without groups are never drawn."""


def contrast_coverage(regime: Regime, n_tables: int, resamples: int = RESAMPLES) -> pd.DataFrame:
    """Return which ways of making an interval hold the truth: a row for each contrast of each table.

    Columns: measure, kind, population (a number), effective (G_eff), bound (whether all or none meet in one of the
    two cells; false for means), and one for each way: 1 where its interval holds the truth, 0 where not, nan where
    there is none.
    """
    settings = InferenceSettings(resamples=resamples)
    rows: list[dict[str, object]] = []
    for table in regime.tables(n_tables):
        contrasts = contrasts_of(table.incidence)
        if contrasts:
            rows += _of_table(table, contrasts, settings)
    return pd.DataFrame(rows, columns=["measure", "kind", "population", "effective", "bound", *WAYS])


def _of_table(
    table: Table, contrasts: dict[tuple[str, str], Contrast], settings: InferenceSettings
) -> list[dict[str, object]]:
    joint, given, outcome, units = table.population.totals
    whole = joint, given[:, 0], outcome[0], units[0, 0]
    made, counts = list(contrasts.values()), tabulate(table.incidence)
    about = linearise_all(stack(made), table.incidence)
    truth = [float(contrast.value(*whole)) for contrast in made]
    held = {
        way: [_held(pair, true) for pair, true in zip(ends, truth, strict=True)]
        for way, ends in _ways(made, about, table.incidence, settings).items()
    }
    return [
        {"measure": measure, "kind": kind, "population": table.number, "effective": about[n].effective}
        | {"bound": _bound(measure, contrasts[measure, kind], counts)}
        | {way: values[n] for way, values in held.items()}
        for n, (measure, kind) in enumerate(contrasts)
    ]


def contrasts_of(incidence: Incidence) -> dict[tuple[str, str], Contrast]:
    """Return one contrast of each kind for each measure, over the rows with as many units as reports ask for.

    Nothing where one of the two rows that are compared has fewer.
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
            "cell, cell": Contrast(cell(measure, SHAPE, 0, 0), cell(measure, SHAPE, 1, 1)),
            "row, row": Contrast(row_mean(measure, measured, 0), row_mean(measure, measured, 1)),
            "a,b and b,a": Contrast(cell(measure, SHAPE, 0, 1), cell(measure, SHAPE, 1, 0)),
        }
        if not measure.info.symmetric:
            kinds["panel, panel"] = Contrast(panel_mean(measure, measured), panel_mean(measure, back, reverse=True))
        contrasts |= {(name, kind): contrast for kind, contrast in kinds.items()}
    return contrasts


def _bound(measure: str, contrast: Contrast, counts: Counts) -> bool:
    """Return whether one of two cells has a value that does not vary when units are drawn again."""
    for _, term in contrast.terms:
        rows, columns = term.cells
        if len(rows) == 1:
            joint, given, outcome = counts.joint[rows, columns], counts.given[rows], counts.outcome[columns]
            most = given if measure == "conditional" else np.minimum(given, outcome)
            if joint[0] in (0, most[0]):
                return True
    return False


def _held(ends: tuple[float, float], truth: float) -> float:
    return float(ends[0] <= truth <= ends[1]) if math.isfinite(ends[0]) else math.nan


def _ways(
    contrasts: Sequence[Contrast], about: Sequence[Linearised], incidence: Incidence, settings: InferenceSettings
) -> dict[str, Ends]:
    """Return the ends of each contrast made in four ways, nan where there are none."""
    drawn_from = resampling(incidence)
    ends = {USED: _used(contrasts, incidence, settings), "linearised t": _linearised(about, incidence)}
    if isinstance(drawn_from, Refusal):
        return ends | dict.fromkeys(("percentile", "basic"), [(math.nan, math.nan)] * len(contrasts))

    def evaluate(totals: Totals) -> Floats:
        return np.stack([c.value(totals.joint, totals.given, totals.outcome, totals.units) for c in contrasts])

    values = np.concatenate(list(draw(drawn_from, evaluate, settings, threads=1)), axis=1)
    tails = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
    plain = [
        (math.nan, math.nan) if math.isnan(used[0]) else tuple(np.nanquantile(row, tails).tolist())
        for row, used in zip(values, ends[USED], strict=True)
    ]
    basic = [(2 * one.value - high, 2 * one.value - low) for one, (low, high) in zip(about, plain, strict=True)]
    return ends | {"percentile": plain, "basic": basic}


def _used(contrasts: Sequence[Contrast], incidence: Incidence, settings: InferenceSettings) -> Ends:
    found = contrast_intervals(contrasts, incidence, settings, threads=1)
    return [(math.nan, math.nan) if one.low is None or one.high is None else (one.low, one.high) for one in found]


def _linearised(about: Sequence[Linearised], incidence: Incidence) -> Ends:
    independent = incidence.group is None and not incidence.weighted
    ends = []
    for one in about:
        law = stats.norm() if independent else stats.t(max(one.effective - 1, 1))
        half = float(law.ppf((1 + LEVEL) / 2)) * one.error
        ends.append((one.value - half, one.value + half))
    return ends
