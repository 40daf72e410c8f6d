"""Composition: how much of the diagonal's excess over chance the strata account for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from report.findings.finding import Finding, Study


@dataclass(frozen=True, slots=True)
class Change:
    """One diagonal cell: observed, expected, expected within strata, and both ratios."""

    category: str
    observed: float
    expected: float
    expected_within: float

    @property
    def lift(self) -> float:
        """Observed over expected."""
        return self.observed / self.expected

    @property
    def lift_within(self) -> float:
        """Observed over expected within strata."""
        return self.observed / self.expected_within


@dataclass(frozen=True, kw_only=True)
class Composition(Finding):
    """The diagonal before and after strata.

    `explained` = 1 - (observed - expected within) / (observed - expected), over the whole diagonal. Measured
    categories, expected often enough for a ratio: `faded` are those whose ratio within strata falls below the
    threshold, `lasting` those that stay above it; both by falling ratio before.
    """

    kind: ClassVar[str] = "composition"
    strata: tuple[str, ...]
    observed: float
    expected: float
    expected_within: float
    explained: float
    faded: tuple[Change, ...]
    lasting: tuple[Change, ...]


def find(study: Study) -> list[Composition]:
    """Return one finding where strata are declared and the diagonal exceeds what is expected."""
    counts = study.tables.counts
    if counts.expected_within is None or not study.diagonal:
        return []
    observed, expected, within = (np.diag(m) for m in (counts.joint, counts.expected, counts.expected_within))
    excess = float(observed.sum() - expected.sum())
    if excess <= 0:
        return []
    panel = study.panels[0]
    changes = [
        Change(name, float(observed[i]), float(expected[i]), float(within[i]))
        for i, name in enumerate(study.rows)
        if observed[i] and expected[i] >= study.thresholds.expected and panel.cell(name, name).state == "measured"
    ]
    changes.sort(key=lambda change: -change.lift)
    limit = study.thresholds.surprising
    return [
        Composition(
            id="composition",
            cells=tuple(ref for change in changes for ref in study.refs(change.category, change.category)),
            strata=study.tables.incidence.stratum_names,
            observed=float(observed.sum()),
            expected=float(expected.sum()),
            expected_within=float(within.sum()),
            explained=1 - float(observed.sum() - within.sum()) / excess,
            faded=tuple(change for change in changes if change.lift_within < limit),
            lasting=tuple(change for change in changes if change.lift_within >= limit),
        )
    ]
