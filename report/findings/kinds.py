"""The registry of the kinds of finding for relations with counts."""

from __future__ import annotations

from typing import Any

from . import (
    agreement,
    asymmetry,
    blocks,
    bridges,
    composition,
    diagonal,
    direction,
    dominance,
    gradient,
    heterogeneity,
    overdispersion,
    population,
    reversal,
    surprises,
    uneven_coverage,
)
from .statements import Answer, FindingKind, Headline, Question, StatementInput

KINDS: dict[str, FindingKind[Any]] = {
    kind.name: kind
    for kind in (
        population.POPULATION,
        population.GAPS,
        population.COARSE,
        agreement.AGREEMENT,
        diagonal.DIAGONAL,
        diagonal.CROSSINGS,
        dominance.DOMINANCE,
        bridges.KIND,
        composition.COMPOSITION,
        agreement.ACTIVITY,
        overdispersion.KIND,
        asymmetry.KIND,
        direction.KIND,
        diagonal.ISOLATION,
        blocks.KIND,
        population.CONCENTRATION,
        gradient.KIND,
        surprises.KIND,
        uneven_coverage.KIND,
        heterogeneity.KIND,
        reversal.KIND,
        diagonal.SPREAD,
        composition.DEPARTURES,
        dominance.SENSITIVITY,
    )
}
"""All kinds for relations with counts by name, in the order of the report.

The robustness of statements under alternative analyses is also a finding (`robustness`).
"""

STATEMENTS = {statement.about: statement for kind in KINDS.values() for statement in kind.statements}
"""The statements of all kinds, by the name of their question."""


def headlines(asked: StatementInput) -> tuple[Headline, ...]:
    """Return the statements of a study with their answers, in the order of the report."""
    found = []
    for kind in KINDS.values():
        pairs = ((question, answer(question, asked)) for question in kind.questions(asked))
        found += [Headline(question, said) for question, said in pairs if said is not None]
    return tuple(found)


def answer(question: Question, asked: StatementInput) -> Answer | None:
    """Return the answer for the given counts, or None if they do not allow one."""
    return STATEMENTS[question.about].answer(question, asked)
