"""The registry of the kinds of finding for relations with counts."""

from __future__ import annotations

from typing import Any

from ..slots import Parts
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
from .finding import Study
from .statements import Answer, FindingKind, Headline, Question, Statement, StatementInput

KINDS: Parts[FindingKind[Any]] = Parts(
    "finding",
    (
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
    ),
)
"""All kinds for relations with counts, in the order of the report. A history adds its own, which every other report
lacks. The robustness of statements under alternative analyses is also a finding (`robustness`).
"""


class _Statements(dict[str, Statement]):
    """Statements by the name of their question. The kind of a history provides its own."""

    def __missing__(self, about: str) -> Statement:
        kind = KINDS[about.partition(".")[0]]
        return next(statement for statement in kind.statements if statement.about == about)


STATEMENTS = _Statements({statement.about: statement for kind in KINDS.core.values() for statement in kind.statements})
"""The statements of all kinds, by the name of their question."""


def kinds_of(study: Study) -> tuple[FindingKind[Any], ...]:
    """Return every kind of finding that a study uses, in the order of the report."""
    return (*KINDS.core.values(), *(KINDS[name] for name in study.others))


def headlines(asked: StatementInput) -> tuple[Headline, ...]:
    """Return the statements of a study with their answers, in the order of the report."""
    found = []
    for kind in kinds_of(asked.study):
        pairs = ((question, answer(question, asked)) for question in kind.questions(asked))
        found += [Headline(question, said) for question, said in pairs if said is not None]
    return tuple(found)


def answer(question: Question, asked: StatementInput) -> Answer | None:
    """Return the answer for the given counts, or None if they do not allow one."""
    return STATEMENTS[question.about].answer(question, asked)
