"""Find all findings of a relation, in the order of the report."""

from __future__ import annotations

from ..cells import Panel
from . import published, story
from .finding import Finding, Study
from .kinds import KINDS


def find_all(study: Study) -> tuple[Finding, ...]:
    """Return every finding of a study, including null findings, in the order of the report."""
    found = [finding for kind in KINDS.values() for finding in kind.find(study)]
    return (*found, *story.tell(study, found))


def find_bare(panels: tuple[Panel, ...]) -> tuple[Finding, ...]:
    """Return every finding of published matrices, as `find_all` does."""
    return tuple(published.find_published(panels))
