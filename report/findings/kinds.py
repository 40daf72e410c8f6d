"""The registry of the kinds of finding for relations with counts."""

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
    gradient,
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
        gradient.KIND,
        surprises.KIND,
        uneven_coverage.KIND,
        heterogeneity.KIND,
        reversal.KIND,
        diagonal.SPREAD,
        composition.DEPARTURES,
        dominance.SENSITIVITY,
    ),
    of_sections=True,
)
"""All built-in kinds for relations with counts, in the order of the report. Kinds of other packages are looked up when
a config names them, and kinds of packs when it has their section. The robustness of statements under alternative
analyses is also a finding (`robustness`).
"""


class _Statements(dict[str, Statement]):
    """Statements by the name of their question. The kind provides statements from packs and other packages."""

    def __missing__(self, about: str) -> Statement:
        kind = KINDS[about.partition(".")[0]]
        return next(statement for statement in kind.statements if statement.about == about)


STATEMENTS = _Statements({statement.about: statement for kind in KINDS.own for statement in kind.statements})
"""The statements of all built-in kinds, by the name of their question."""


def kinds_of(study: Study) -> tuple[FindingKind[Any], ...]:
    """Return every kind of finding that a study uses."""
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
    """Return the answer for the given counts, or None if they do not allow one."""
    return STATEMENTS[question.about].answer(question, asked)
