"""The registry of kinds of finding over relations with counts: one line for each."""

from __future__ import annotations

from typing import Any

from ..slots import Entries, at_work
from . import (
    agreement,
    asymmetry,
    blocks,
    bridges,
    composition,
    diagonal,
    direction,
    dominance,
    heterogeneity,
    overdispersion,
    population,
    reversal,
    surprises,
    uneven_coverage,
)
from .finding import Study
from .statements import Answer, Asked, FindingKind, Headline, Question, Statement

KINDS: Entries[FindingKind[Any]] = Entries(
    "finding",
    FindingKind,
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
        surprises.KIND,
        uneven_coverage.KIND,
        heterogeneity.KIND,
        reversal.KIND,
        diagonal.SPREAD,
        composition.DEPARTURES,
        dominance.SENSITIVITY,
    ),
)
"""Every kind over a relation with counts, in the order of the report; those of packs and other packages are looked
for where a config asks. What becomes of their statements when something is counted otherwise is a finding too
(`robustness`)."""


class _Statements(dict[str, Statement]):
    """Statements by the name of their question; those of packs and other packages are looked up by their kind's."""

    def __missing__(self, about: str) -> Statement:
        kind = KINDS[about.partition(".")[0]]
        return next(statement for statement in kind.statements if statement.about == about)


STATEMENTS = _Statements({statement.about: statement for kind in KINDS.own for statement in kind.statements})
"""What kinds state, by the name of the question."""


def kinds_of(study: Study) -> tuple[FindingKind[Any], ...]:
    """Return every kind that is looked for in a study."""
    return (*KINDS.own, *(KINDS[name] for name in study.others))


def headlines(asked: Asked) -> tuple[Headline, ...]:
    """Return the statements of a study with their answers, in the order of the report."""
    found = []
    for kind in kinds_of(asked.study):
        with at_work("finding", kind.name, kind.interface):
            pairs = ((question, answer(question, asked)) for question in kind.questions(asked))
            found += [Headline(question, said) for question, said in pairs if said is not None]
    return tuple(found)


def answer(question: Question, asked: Asked) -> Answer | None:
    """Return the answer in some counts; None where nothing can be said there."""
    return STATEMENTS[question.about].answer(question, asked)
