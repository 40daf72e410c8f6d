"""Composition: how much of the diagonal's excess over chance the strata account for."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..inference.explained import Explained, explained
from .finding import Finding, Study


@dataclass(frozen=True, slots=True)
class Change:
    """One diagonal cell: observed, expected, expected within strata, and both ratios.

    `low` and `high` are the ends of the interval of `lift_within`, None where no interval can be given: there strata
    hold the category alone, or not at all, and cannot be told from it.
    """

    category: str
    observed: float
    expected: float
    expected_within: float
    low: float | None = None
    high: float | None = None

    @property
    def lift(self) -> float:
        """Observed over expected."""
        return self.observed / self.expected

    @property
    def lift_within(self) -> float:
        """Observed over expected within strata."""
        return self.observed / self.expected_within

    @property
    def interval(self) -> tuple[float, float] | None:
        """The ends of the interval of `lift_within`, or None."""
        return None if self.low is None or self.high is None else (self.low, self.high)


@dataclass(frozen=True, kw_only=True)
class Composition(Finding):
    """The diagonal before and after strata.

    `explained` = 1 - (observed - expected within) / (observed - expected), over the whole diagonal, with its interval
    (`inference.explained`; there each unit or group is compared with the others of its stratum). Measured categories,
    expected often enough for a ratio: `faded` are those whose ratio within strata falls below the threshold,
    `lasting` those that stay above it with an interval above 1, `unsure` those whose interval reaches 1; all by
    falling ratio before. Null where the excess over chance is not clear: there is nothing to explain, and `explained`
    has no interval.
    """

    kind: ClassVar[str] = "composition"
    strata: tuple[str, ...]
    observed: float
    expected: float
    expected_within: float
    explained: float
    explained_low: float | None = None
    explained_high: float | None = None
    faded: tuple[Change, ...] = ()
    lasting: tuple[Change, ...] = ()
    unsure: tuple[Change, ...] = ()

    @property
    def interval(self) -> tuple[float, float] | None:
        """The ends of the interval of `explained`, or None."""
        low, high = self.explained_low, self.explained_high
        return None if low is None or high is None else (low, high)


def find(study: Study) -> list[Composition]:
    """Return one finding where strata are declared and there is a diagonal; null where it holds no clear excess."""
    if not study.tables.stratified or not study.diagonal or not study.joint.any():
        return []
    whole = explained(study.tables.incidence, study.inference.level)
    share = whole.share
    if share is None or not whole.clear:
        return [_finding(study, whole, null=True)]
    changes = sorted(_changes(study), key=lambda change: -change.lift)
    limit = study.thresholds.surprising
    stays = [change for change in changes if change.lift_within >= limit]
    return [
        _finding(
            study,
            whole,
            cells=tuple(ref for change in changes for ref in study.refs(change.category, change.category)),
            explained_low=share.low,
            explained_high=share.high,
            faded=tuple(change for change in changes if change.lift_within < limit),
            lasting=tuple(change for change in stays if change.low is not None and change.low > 1),
            unsure=tuple(change for change in stays if change.low is None or change.low <= 1),
        )
    ]


def _finding(study: Study, whole: Explained, **more: object) -> Composition:
    return Composition(
        id="composition",
        strata=study.tables.incidence.stratum_names,
        observed=whole.observed,
        expected=whole.expected,
        expected_within=whole.within,
        explained=0.0 if whole.share is None else whole.share.value,
        **more,  # type: ignore[arg-type]
    )


def _changes(study: Study) -> Iterator[Change]:
    """Yield the measured categories of the diagonal that are expected often enough for a ratio."""
    ratios, panel = study.tables.within(study.inference.level), study.panels[0]
    observed, expected = (np.diag(part) for part in (study.joint, study.tables.counts.expected))
    for i, name in enumerate(study.rows):
        if observed[i] and expected[i] >= study.thresholds.expected and panel.cell(name, name).state == "measured":
            within, low, high = (float(part[i, i]) for part in (ratios.expected, ratios.low, ratios.high))
            ends = (low, high) if math.isfinite(low) and math.isfinite(high) else (None, None)
            yield Change(name, float(observed[i]), float(expected[i]), within, *ends)
