"""All findings of a relation, each with its strength."""

from __future__ import annotations

from collections.abc import Mapping

from ..cells import Panel
from ..plugins import at_work
from . import robustness, story
from .finding import Finding, Study
from .kinds import BARE_FINDERS, kinds_of
from .strength import with_strength
from .thresholds import ThresholdSettings


def find_all(study: Study, words: Mapping[str, str] | None = None) -> tuple[Finding, ...]:
    """Return every finding of a study with its strength, null ones among them, in the order of the report.

    `words` are the last published words for strength, by id, which change only where the numbers have clearly changed.
    """
    plain: list[Finding] = []
    for kind in kinds_of(study):
        with at_work("finding", kind.name, kind.interface):
            plain += kind.find(study)
    found = (*plain, *story.tell(study, plain), *robustness.find(study))
    return with_strength(found, study.thresholds, words or {}, study.inference.level)


def find_bare(
    panels: tuple[Panel, ...], thresholds: ThresholdSettings, words: Mapping[str, str] | None = None
) -> tuple[Finding, ...]:
    """Return every finding of published matrices as `find_all` does."""
    found = (finding for find in BARE_FINDERS for finding in find(panels, thresholds))
    return with_strength(found, thresholds, words or {})
