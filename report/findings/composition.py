"""Composition: how much of the diagonal's excess over chance the strata account for, and what holds within them."""

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
    """One diagonal cell: observed, expected, expected and possible within strata, and its common odds ratio there.

    `most` is the largest count that the margins within strata allow, so that a ratio within strata cannot exceed
    `most_within`. The odds ratio, `alike` / `crossed` (`inference.common_odds`), can: agreement within strata is judged
    by it. `low` and `high` are the ends of its interval, `high` None where all that can meet do, both None where no
    interval can be given. `n_telling` strata hold units with the category and without, on both sides.
    """

    category: str
    observed: float
    expected: float
    expected_within: float
    most: float
    alike: float
    crossed: float
    n_telling: int
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
    def most_within(self) -> float:
        """The largest ratio within strata that the margins allow."""
        return self.most / self.expected_within

    @property
    def odds(self) -> float:
        """The common odds ratio within strata."""
        return self.alike / self.crossed

    @property
    def interval(self) -> tuple[float, float] | None:
        """The ends of the interval of `odds`, the upper one inf where there is none; or None."""
        return None if self.low is None else (self.low, math.inf if self.high is None else self.high)


@dataclass(frozen=True, kw_only=True)
class Composition(Finding):
    """The diagonal before and after strata.

    `explained` = 1 - (observed - expected within) / (observed - expected), over the whole diagonal, with its interval
    (`inference.explained`; there each unit or group is compared with the others of its stratum). `beyond`: that is more
    than strata of the same sizes would explain that have nothing to do with the categories; else it has no interval.
    `reached` of the agreement that is possible beyond the margins within strata is there, None where none is possible.
    Measured categories, expected often enough: `lasting` are those whose common odds ratio within strata reaches the
    threshold with an interval above 1, `unsure` those whose interval does not, `faded` those under the threshold,
    `confined` the names of those that no stratum tells of; all by falling ratio over all units. Null where the excess
    over chance is not clear: there is nothing to explain.
    """

    kind: ClassVar[str] = "composition"
    strata: tuple[str, ...]
    n_strata: int
    observed: float
    expected: float
    expected_within: float
    most: float
    explained: float
    explained_low: float | None = None
    explained_high: float | None = None
    beyond: bool = False
    reached: float | None = None
    reached_low: float | None = None
    reached_high: float | None = None
    faded: tuple[Change, ...] = ()
    lasting: tuple[Change, ...] = ()
    unsure: tuple[Change, ...] = ()
    confined: tuple[str, ...] = ()

    @property
    def interval(self) -> tuple[float, float] | None:
        """The ends of the interval of `explained`, or None."""
        low, high = self.explained_low, self.explained_high
        return None if low is None or high is None else (low, high)

    @property
    def reached_interval(self) -> tuple[float, float] | None:
        """The ends of the interval of `reached`, or None."""
        low, high = self.reached_low, self.reached_high
        return None if low is None or high is None else (low, high)

    @property
    def fills(self) -> bool:
        """Whether strata explain half of the agreement or more, and less than half of what they leave open is there.

        Only then the agreement is a trait of how the strata are filled.
        """
        end = self.reached if self.reached_high is None else self.reached_high
        return self.beyond and self.explained >= _HALF and end is not None and end < _HALF


_HALF = 0.5


def find(study: Study) -> list[Composition]:
    """Return one finding where strata are declared and there is a diagonal; null where it holds no clear excess."""
    if not study.tables.stratified or not study.diagonal or not study.joint.any():
        return []
    whole = explained(study.tables.incidence, study.inference.level)
    share, reached = whole.share, whole.reached
    if share is None or not whole.clear:
        return [_finding(study, whole, null=True)]
    changes = sorted(_changes(study), key=lambda change: -change.lift)
    limit = study.thresholds.surprising
    told = [change for change in changes if change.n_telling]
    stays = [change for change in told if change.odds >= limit]
    return [
        _finding(
            study,
            whole,
            cells=tuple(ref for change in changes for ref in study.refs(change.category, change.category)),
            explained_low=share.low if whole.beyond else None,
            explained_high=share.high if whole.beyond else None,
            beyond=whole.beyond,
            reached=None if reached is None else reached.value,
            reached_low=None if reached is None else reached.low,
            reached_high=None if reached is None else reached.high,
            faded=tuple(change for change in told if change.odds < limit),
            lasting=tuple(change for change in stays if change.low is not None and change.low > 1),
            unsure=tuple(change for change in stays if change.low is None or change.low <= 1),
            confined=tuple(change.category for change in changes if not change.n_telling),
        )
    ]


def _finding(study: Study, whole: Explained, **more: object) -> Composition:
    return Composition(
        id="composition",
        strata=study.tables.incidence.stratum_names,
        n_strata=len(study.tables.incidence.strata),
        observed=whole.observed,
        expected=whole.expected,
        expected_within=whole.within,
        most=whole.most,
        explained=0.0 if whole.share is None else whole.share.value,
        **more,  # type: ignore[arg-type]
    )


def _changes(study: Study) -> Iterator[Change]:
    """Yield the measured categories of the diagonal that are expected often enough for a ratio."""
    counts, odds, panel = study.tables.counts, study.tables.odds(study.inference.level), study.panels[0]
    observed, expected = np.diag(study.joint), np.diag(counts.expected)
    for i, name in enumerate(study.rows):
        if observed[i] and expected[i] >= study.thresholds.expected and panel.cell(name, name).state == "measured":
            found = study.tables.within(study.inference.level).expected, odds.most, odds.alike, odds.crossed
            within, most, alike, crossed = (float(part[i, i]) for part in found)
            low, high = (float(end[i, i]) if math.isfinite(end[i, i]) else None for end in (odds.low, odds.high))
            numbers = float(observed[i]), float(expected[i]), within, most, alike, crossed
            yield Change(name, *numbers, int(odds.n_telling[i, i]), low, high)
