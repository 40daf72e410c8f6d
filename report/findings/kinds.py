"""The registry of kinds of finding: one line for each file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ..cells import Panel
from . import (
    activity,
    agreement,
    apart,
    asymmetry,
    bare,
    blocks,
    bridges,
    cluster,
    coarse,
    composition,
    concentration,
    crossings,
    diagonal,
    direction,
    dominance,
    gaps,
    isolation,
    population,
    robustness,
    sensitivity,
    sizes,
    spread,
    surprises,
    trend,
)
from .finding import Finding, Study
from .settings import ThresholdSettings
from .strength import with_strength

FINDERS: tuple[Callable[[Study], Sequence[Finding]], ...] = (
    population.find,
    gaps.find,
    coarse.find,
    agreement.find,
    diagonal.find,
    crossings.find,
    dominance.find,
    bridges.find,
    composition.find,
    activity.find,
    asymmetry.find,
    direction.find,
    isolation.find,
    blocks.find,
    concentration.find,
    surprises.find,
    spread.find,
    sensitivity.find,
    trend.find,
)
"""Every kind over a relation with counts, each by itself."""

ROBUSTNESS: Callable[[Study], Sequence[Finding]] = robustness.find
"""What becomes of the headlines of the others when something is counted otherwise."""

BARE_FINDERS: tuple[Callable[[tuple[Panel, ...], ThresholdSettings], Sequence[Finding]], ...] = (
    bare.find,
    cluster.find,
    apart.find,
    sizes.find,
)
"""Every kind over published matrices, which have no counts."""


def find_all(study: Study, words: Mapping[str, str] | None = None) -> tuple[Finding, ...]:
    """Return every finding of a study with its strength, null ones among them, in the registry's order.

    `words` are the last published words for strength, by id, which change only where the numbers have clearly changed.
    """
    found = (finding for find in (*FINDERS, ROBUSTNESS) for finding in find(study))
    return with_strength(found, study.thresholds, words or {}, study.inference.level)


def find_bare(
    panels: tuple[Panel, ...], thresholds: ThresholdSettings, words: Mapping[str, str] | None = None
) -> tuple[Finding, ...]:
    """Return every finding of published matrices as `find_all` does."""
    found = (finding for find in BARE_FINDERS for finding in find(panels, thresholds))
    return with_strength(found, thresholds, words or {})
