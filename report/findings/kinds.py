"""The registry of kinds of finding: one line for each file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

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
    departures,
    diagonal,
    direction,
    dominance,
    gaps,
    isolation,
    population,
    sensitivity,
    sizes,
    spread,
    surprises,
    trend,
)
from .finding import Finding
from .settings import ThresholdSettings
from .statements import Answer, Asked, FindingKind, Headline, Question, Statement

KINDS: tuple[FindingKind[Any], ...] = (
    population.KIND,
    gaps.KIND,
    coarse.KIND,
    agreement.KIND,
    diagonal.KIND,
    crossings.KIND,
    dominance.KIND,
    bridges.KIND,
    composition.KIND,
    activity.KIND,
    asymmetry.KIND,
    direction.KIND,
    isolation.KIND,
    blocks.KIND,
    concentration.KIND,
    surprises.KIND,
    spread.KIND,
    departures.KIND,
    sensitivity.KIND,
    trend.KIND,
)
"""Every kind over a relation with counts, in the order of the report. What becomes of their statements when something
is counted otherwise is a finding too (`robustness`)."""

BARE_FINDERS: tuple[Callable[[tuple[Panel, ...], ThresholdSettings], Sequence[Finding]], ...] = (
    bare.find,
    cluster.find,
    apart.find,
    sizes.find,
)
"""Every kind over published matrices, which have no counts."""

STATEMENTS: Mapping[str, Statement] = {statement.about: statement for kind in KINDS for statement in kind.statements}
"""What kinds state, by the name of the question."""


def headlines(asked: Asked) -> tuple[Headline, ...]:
    """Return the statements of a study with their answers, in the order of the report."""
    pairs = ((question, answer(question, asked)) for kind in KINDS for question in kind.questions(asked))
    return tuple(Headline(question, found) for question, found in pairs if found is not None)


def answer(question: Question, asked: Asked) -> Answer | None:
    """Return the answer in some counts; None where nothing can be said there."""
    return STATEMENTS[question.about].answer(question, asked)
