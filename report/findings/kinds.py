"""The registry of the kinds of finding for relations with counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..slots import Entries, at_work, positions
from . import (
    agreement,
    asymmetry,
    composition,
    diagonal,
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
        composition.COMPOSITION,
        agreement.ACTIVITY,
        overdispersion.KIND,
        asymmetry.KIND,
        diagonal.ISOLATION,
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
"""All built-in kinds for relations with counts, in the order of the report. Packs add kinds: those with a position
(`slots.positions`) are in every report, and others are looked up when a config has their section. Kinds of other
packages are looked up when a config names them. The robustness of statements under alternative analyses is also a
finding (`robustness`).
"""


class _Statements(dict[str, Statement]):
    """Statements by the name of their question. The kind provides statements from packs and other packages."""

    def __missing__(self, about: str) -> Statement:
        kind = KINDS[about.partition(".")[0]]
        return next(statement for statement in kind.statements if statement.about == about)


STATEMENTS = _Statements({statement.about: statement for kind in KINDS.own for statement in kind.statements})
"""The statements of all built-in kinds, by the name of their question."""


def kinds_of(study: Study) -> tuple[FindingKind[Any], ...]:
    """Return every kind of finding that a study uses, in the order of the report."""
    return (*usual_kinds(square=study.diagonal or study.tables.empty_diagonal), *(KINDS[name] for name in study.others))


def usual_kinds(*, square: bool) -> Iterator[FindingKind[Any]]:
    """Yield the kinds that every report uses, with those of packs at their positions. Kinds are loaded when needed.

    `square`: include kinds for relations whose sides have the same categories.
    """
    of_packs = positions("finding")
    for kind in KINDS.own:
        for name, position in of_packs.items():
            if position.before == kind.name and (square or not position.square):
                yield KINDS[name]
        yield kind


def headlines(asked: StatementInput) -> tuple[Headline, ...]:
    """Return the statements of a study with their answers, in the order of the report."""
    found = []
    for kind in kinds_of(asked.study):
        with at_work("finding", kind.name, kind.interface):
            pairs = ((question, answer(question, asked)) for question in kind.questions(asked))
            found += [Headline(question, said) for question, said in pairs if said is not None]
    return tuple(found)


def answer(question: Question, asked: StatementInput) -> Answer | None:
    """Return the answer for the given counts, or None if they do not allow one."""
    return STATEMENTS[question.about].answer(question, asked)
