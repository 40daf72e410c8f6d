"""The registry of kinds of finding: one line for each file."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from report.findings import (
    agreement,
    asymmetry,
    bridges,
    composition,
    concentration,
    crossings,
    diagonal,
    direction,
    dominance,
    gaps,
    isolation,
    population,
    sensitivity,
    spread,
    surprises,
)
from report.findings.finding import Finding, Study

FINDERS: tuple[Callable[[Study], Sequence[Finding]], ...] = (
    population.find,
    gaps.find,
    agreement.find,
    diagonal.find,
    crossings.find,
    dominance.find,
    bridges.find,
    composition.find,
    asymmetry.find,
    direction.find,
    isolation.find,
    concentration.find,
    surprises.find,
    spread.find,
    sensitivity.find,
)
"""Every kind over a relation with counts. Bare matrices have their own, in `bare`."""


def find_all(study: Study) -> tuple[Finding, ...]:
    """Return every finding of a study, null ones among them, in the registry's order."""
    return tuple(finding for find in FINDERS for finding in find(study))
