"""Intervals of contrasts, and how often each cell is the highest of its row, by drawing units or groups again."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from report.cells import Estimate, Refusal
from report.incidence import Incidence
from report.inference.contrasts import Contrast
from report.inference.intervals import Formula
from report.inference.linearised_contrasts import Linearised, linearise
from report.inference.resampling import Resampling, Totals, draw, resampling
from report.inference.settings import InferenceSettings

Floats = NDArray[np.float64]

MOST_UNDEFINED = 0.1
"""Where the contrast is undefined in more than this share of resamples, what is left says nothing of the rest."""

ROUNDING = 1e-12
"""Values nearer than this to the highest, as a share of it, tie with it."""


def contrast_interval(
    contrast: Contrast, incidence: Incidence, settings: InferenceSettings, threads: int | None = None
) -> Estimate:
    """Return a contrast of an incidence's cells, rows, or panels, with its interval.

    Percentiles of resamples; with groups their distances from the value are stretched by t / z with G_eff - 1
    degrees of freedom and by sqrt(G / (G - 1)), because percentiles of few groups are too near (docs/inference.md
    has the simulation). Weighted units without groups, and what is too long to draw, get the linearised
    interval value +- t * error instead. No interval where the contrast depends on one group only, does not
    vary, or is undefined in too many resamples; value nan where it is undefined itself.
    """
    about = linearise(contrast, incidence)
    if not about.error > 0 or about.effective <= 1 + 1e-9:
        return Estimate(about.value)
    narrow, rows, columns = contrast.narrowed()
    drawn_from = resampling(incidence, rows, columns)
    if isinstance(drawn_from, Refusal):
        half = _quantile(about, incidence, settings.level) * about.error
        below, above = half, half
    else:
        ends = _percentiles(narrow, drawn_from, settings, threads)
        if ends is None:
            return Estimate(about.value)
        stretch = _stretch(about, incidence, settings.level)
        below, above = stretch * (about.value - ends[0]), stretch * (ends[1] - about.value)
    return Estimate(about.value, contrast.clipped(about.value - below), contrast.clipped(about.value + above))


def _percentiles(
    contrast: Contrast, drawn_from: Resampling, settings: InferenceSettings, threads: int | None
) -> tuple[float, float] | None:
    def evaluate(totals: Totals) -> Floats:
        return contrast.value(totals.joint, totals.given, totals.outcome, totals.units)

    values = np.concatenate(list(draw(drawn_from, evaluate, settings, threads)))
    defined = values[np.isfinite(values)]
    if len(defined) < (1 - MOST_UNDEFINED) * len(values):
        return None
    tail = (1 - settings.level) / 2
    low, high = np.quantile(defined, [tail, 1 - tail])
    return (float(low), float(high)) if low < high else None


def _quantile(about: Linearised, incidence: Incidence, level: float) -> float:
    """Return how many standard errors an interval reaches: normal for independent units, else t."""
    if incidence.group is None and not incidence.weighted:
        return float(stats.norm.ppf((1 + level) / 2))
    return float(stats.t.ppf((1 + level) / 2, max(about.effective - 1, 1)))


def _stretch(about: Linearised, incidence: Incidence, level: float) -> float:
    if incidence.group is None:
        return 1.0
    n_groups = incidence.n_groups or 0
    normal = float(stats.norm.ppf((1 + level) / 2))
    return _quantile(about, incidence, level) / normal * math.sqrt(n_groups / (n_groups - 1))


def highest_shares(
    formula: Formula,
    measured: NDArray[np.bool_],
    incidence: Incidence,
    settings: InferenceSettings,
    *,
    reverse: bool = False,
    threads: int | None = None,
) -> Floats | Refusal:
    """Return the share of resamples (R, C) in which a cell is the highest of its given category.

    Only `measured` cells (R, C) take part, nan elsewhere; cells that tie share the resample evenly. With
    `reverse` the incidence's columns are given. Where no cell of a category is defined in a resample, the
    resample counts for none, so shares may add to less than 1. Refused where nothing can be drawn.
    """
    drawn_from = resampling(incidence)
    if isinstance(drawn_from, Refusal):
        return drawn_from
    axis = 1 if reverse else 2

    def evaluate(totals: Totals) -> Floats:
        given, outcome = totals.given[:, :, None], totals.outcome[:, None, :]
        margins = (outcome, given) if reverse else (given, outcome)
        with np.errstate(divide="ignore", invalid="ignore"):
            values = formula(totals.joint, *margins, totals.units[:, None, None])
        values = np.where(measured & np.isfinite(values), values, -np.inf)
        highest = values.max(axis=axis, keepdims=True)
        with np.errstate(invalid="ignore"):
            best = np.isfinite(values) & (values >= highest - ROUNDING * np.abs(highest))
        wins: Floats = (best / np.maximum(best.sum(axis=axis, keepdims=True), 1)).sum(axis=0)
        return wins

    wins = sum(draw(drawn_from, evaluate, settings, threads), np.zeros(measured.shape))
    return np.where(measured, wins / settings.resamples, np.nan)
