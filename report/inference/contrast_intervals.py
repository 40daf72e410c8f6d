"""Intervals of contrasts, and how often each cell is the highest of its row, by drawing units or groups again."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..cells import Estimate, Refusal
from ..incidence import Incidence
from .contrasts import Contrast
from .intervals import Formula
from .laws import normal_quantile, t_quantile
from .linearised_contrasts import Linearised, linearise_all
from .resampling import Totals, draw, resampling
from .settings import InferenceSettings
from .stacked_contrasts import Stack, stack

Floats = NDArray[np.float64]

MOST_UNDEFINED = 0.1
"""Where the contrast is undefined in more than this share of resamples, what is left says nothing of the rest."""

_ONE = 1 + 1e-9

ROUNDING = 1e-12
"""Values nearer than this to the highest, as a share of it, tie with it."""


@dataclass(frozen=True, eq=False)
class Ranking:
    """Cells of a panel to be ranked within their given category: only `measured` cells (R, C) take part.

    With `reverse` the incidence's columns are given.
    """

    formula: Formula
    measured: NDArray[np.bool_]
    reverse: bool = False


@dataclass(frozen=True, slots=True)
class Compared:
    """A contrast: the values of its two terms, nan where undefined, and their difference with its interval.

    `reason` says why there is no interval, None where there is one.
    """

    first: float
    second: float
    difference: Estimate
    reason: str | None = None


@dataclass(frozen=True, eq=False)
class Resampled:
    """What one drawing says: each contrast with its interval, and of each ranking the shares (R, C) of resamples."""

    contrasts: tuple[Compared, ...]
    highest: tuple[Floats, ...] | Refusal


def contrast_interval(
    contrast: Contrast, incidence: Incidence, settings: InferenceSettings, threads: int | None = None
) -> Estimate:
    """Return a contrast of an incidence's cells, rows, or panels, with its interval; see `resampled`."""
    return contrast_intervals([contrast], incidence, settings, threads)[0]


def contrast_intervals(
    contrasts: Sequence[Contrast], incidence: Incidence, settings: InferenceSettings, threads: int | None = None
) -> tuple[Estimate, ...]:
    """Return contrasts with their intervals, in order, from one drawing for all of them; see `resampled`."""
    return tuple(found.difference for found in resampled(contrasts, (), incidence, settings, threads).contrasts)


def highest_shares(
    formula: Formula,
    measured: NDArray[np.bool_],
    incidence: Incidence,
    settings: InferenceSettings,
    *,
    reverse: bool = False,
    threads: int | None = None,
) -> Floats | Refusal:
    """Return the share of resamples (R, C) in which a cell is the highest of its given category; see `resampled`."""
    found = resampled((), [Ranking(formula, measured, reverse)], incidence, settings, threads).highest
    return found if isinstance(found, Refusal) else found[0]


def resampled(
    contrasts: Sequence[Contrast],
    rankings: Sequence[Ranking],
    incidence: Incidence,
    settings: InferenceSettings,
    threads: int | None = None,
) -> Resampled:
    """Draw units or groups again, once, for all contrasts and rankings over an incidence.

    A contrast's interval are percentiles of resamples; with groups their distances from the value are stretched
    by t / z with G_eff - 1 degrees of freedom and by sqrt(G / (G - 1)), because percentiles of few groups are too
    near (docs/inference.md has the simulation). Weighted units without groups, and what is too long to draw, get
    the linearised interval value +- t * error instead. No interval where the contrast depends on one group only,
    does not vary, or is undefined in too many resamples; value nan where it is undefined itself.

    A ranking gives the share of resamples (R, C) in which a cell is the highest of its given category, nan where
    it is not measured; cells that tie share the resample evenly. Where no cell of a category is defined in a
    resample, the resample counts for none, so shares may add to less than 1. Refused where nothing can be drawn.
    """
    about = linearise_all(stack(contrasts), incidence)
    varying = [n for n, one in enumerate(about) if one.error > 0 and one.effective > _ONE]
    ends: list[tuple[float, float] | None] = []
    highest: tuple[Floats, ...] | Refusal = ()
    if varying or rankings:
        stacked = stack([contrasts[n] for n in varying])
        ends, highest = _ends(stacked, [about[n] for n in varying], rankings, incidence, settings, threads)
    by_number = dict(zip(varying, ends, strict=True))
    compared = (_compared(contrasts[n], one, by_number.get(n)) for n, one in enumerate(about))
    return Resampled(tuple(compared), highest)


def _compared(contrast: Contrast, about: Linearised, ends: tuple[float, float] | None) -> Compared:
    if ends is None:
        return Compared(about.first, about.second, Estimate(about.value), _reason(about))
    low, high = (contrast.clipped(end) for end in ends)
    return Compared(about.first, about.second, Estimate(about.value, low, high))


def _reason(about: Linearised) -> str:
    """Return why a contrast has no interval."""
    if not math.isfinite(about.value):
        return "a value is undefined"
    if about.effective <= _ONE:
        return "it rests on one unit or group"
    return "it is undefined in too many resamples" if about.error > 0 else "it does not vary"


@dataclass(frozen=True, eq=False)
class _Drawing:
    """What is asked of each chunk of resamples: n contrasts and rankings."""

    stacked: Stack
    rankings: Sequence[Ranking]

    def __call__(self, totals: Totals) -> tuple[Floats, list[Floats]]:
        """Return the contrasts (n, k) and, for each ranking, how many resamples (R, C) cells win."""
        first, second = self.stacked.terms(totals.joint, totals.given, totals.outcome, totals.units)
        return first - second, [_wins(ranking, totals) for ranking in self.rankings]


def _ends(
    stacked: Stack,
    about: Sequence[Linearised],
    rankings: Sequence[Ranking],
    incidence: Incidence,
    settings: InferenceSettings,
    threads: int | None,
) -> tuple[list[tuple[float, float] | None], tuple[Floats, ...] | Refusal]:
    """Return the ends of n contrasts that vary, and what rankings give."""
    # Rankings need every category; contrasts alone only their own, and what adds the same is drawn as one.
    stacked, categories = (stacked, ()) if rankings else (stacked.narrowed(), stacked.categories)
    drawn_from = resampling(incidence, *categories)
    if isinstance(drawn_from, Refusal):
        return [_linearised_ends(one, incidence, settings.level) for one in about], drawn_from
    values, wins = zip(*draw(drawn_from, _Drawing(stacked, rankings), settings, threads), strict=True)
    found = _percentiles(np.concatenate(values, axis=1), settings.level)
    ends = [
        None if both is None else _stretched(both, one, incidence, settings.level)
        for both, one in zip(found, about, strict=True)
    ]
    return ends, tuple(
        np.where(ranking.measured, sum(won, np.zeros(ranking.measured.shape)) / settings.resamples, np.nan)
        for ranking, won in zip(rankings, zip(*wins, strict=True), strict=True)
    )


def _wins(ranking: Ranking, totals: Totals) -> Floats:
    """Return in how many resamples (R, C) a cell is the highest of its given category."""
    axis = 1 if ranking.reverse else 2
    given, outcome = totals.given[:, :, None], totals.outcome[:, None, :]
    margins = (outcome, given) if ranking.reverse else (given, outcome)
    with np.errstate(divide="ignore", invalid="ignore"):
        values = ranking.formula(totals.joint, *margins, totals.units[:, None, None])
    values = np.where(ranking.measured & np.isfinite(values), values, -np.inf)
    highest = values.max(axis=axis, keepdims=True)
    with np.errstate(invalid="ignore"):
        best = np.isfinite(values) & (values >= highest - ROUNDING * np.abs(highest))
    wins: Floats = (best / np.maximum(best.sum(axis=axis, keepdims=True), 1)).sum(axis=0)
    return wins


def _percentiles(values: Floats, level: float) -> list[tuple[float, float] | None]:
    """Return the percentiles of each contrast (n, resamples); None where most are undefined or all are the same."""
    if not values.size:
        return [None] * len(values)
    tails = [(1 - level) / 2, (1 + level) / 2]
    defined = np.isfinite(values)
    whole = defined.all(axis=1)
    ends = np.full((2, len(values)), np.nan)
    ends[:, whole] = np.quantile(values[whole], tails, axis=1)
    for n in np.flatnonzero(~whole):
        if defined[n].sum() >= (1 - MOST_UNDEFINED) * values.shape[1]:
            ends[:, n] = np.quantile(values[n, defined[n]], tails)
    return [(float(low), float(high)) if low < high else None for low, high in ends.T]


def _linearised_ends(about: Linearised, incidence: Incidence, level: float) -> tuple[float, float]:
    half = _quantile(about, incidence, level) * about.error
    return about.value - half, about.value + half


def _stretched(ends: tuple[float, float], about: Linearised, incidence: Incidence, level: float) -> tuple[float, float]:
    """Return percentiles, with groups further from the value: as far as t reaches, and as the variance is too small."""
    if incidence.group is None:
        return ends
    n_groups = incidence.n_groups or 0
    normal = normal_quantile(level)
    stretch = _quantile(about, incidence, level) / normal * math.sqrt(n_groups / (n_groups - 1))
    return about.value - stretch * (about.value - ends[0]), about.value + stretch * (ends[1] - about.value)


def _quantile(about: Linearised, incidence: Incidence, level: float) -> float:
    """Return how many standard errors an interval reaches: normal for independent units, else t."""
    if incidence.group is None and not incidence.weighted:
        return normal_quantile(level)
    return t_quantile(level, max(about.effective - 1, 1))
