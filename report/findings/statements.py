"""Statements: a finding as a number and a word, so that other counts can confirm or change it.

A kind of finding defines its questions about categories (`asks`), the answer from other counts (`answer`), and the
resamples in which the statement would change (`fails`). All resamples are drawn at once (`inference.drawing.redraws`).
They answer from counts alone, without intervals.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Generic, TypeVar

import numpy as np

from .. import formats
from ..arrays import Bools, Floats
from ..cells import TESTED, Cell, CellRef, Panel, Refusal
from ..inference.drawing import ResampledTotals, redraws
from ..ledger.recounts import By, Change
from ..panels import RelationStats
from .finding import Finding, Study, slug

F = TypeVar("F", bound=Finding)
Result = TypeVar("Result")

NO_CATEGORY = ("none", "single")
"""Words for an answer that is not a category: none, or, for a bridge, that the category meets only a single other
one."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question: a type of statement about some categories, the given one first, as `panel` shows them.

    `finding` is the id of the finding that the statement belongs to. `cells` are the cells that support it.
    """

    about: str
    categories: tuple[str, ...]
    panel: str
    finding: str
    cells: tuple[CellRef, ...]

    @property
    def id(self) -> str:
        """The id of the headline: kind and categories."""
        return ".".join(part for part in (self.about, slug(*self.categories) if self.categories else "") if part)


@dataclass(frozen=True, slots=True)
class Partner:
    """The other category in nearly all off-diagonal units of a category: in `n` of `n_all`."""

    category: str
    n: float
    n_all: float


@dataclass(frozen=True, slots=True)
class Answer:
    """The number and the word of a statement, such as a tier or the leading category.

    `partner`: for the word "single", the one category that remains.
    """

    value: float
    word: str
    partner: Partner | None = None


@dataclass(frozen=True, slots=True)
class Headline:
    """A question with its answer in the default analysis."""

    question: Question
    answer: Answer


class StatementInput:
    """A study and the findings that answer questions about it. Each kind is computed when it is first needed."""

    def __init__(self, study: Study) -> None:
        """Start with no findings."""
        self.study = study
        self._found: dict[Callable[[Study], Sequence[object]], Sequence[object]] = {}

    def every(self, find: Callable[[Study], Sequence[Result]]) -> Sequence[Result]:
        """Return the results of a finder, including null findings, or of another function of the study."""
        if find not in self._found:
            self._found[find] = find(self.study)
        return self._found[find]  # type: ignore[return-value]  # what this finder has found

    def known(self, find: Callable[[Study], Sequence[Result]]) -> Sequence[Result]:
        """Return the results of a finder that has already run, else nothing."""
        return self.every(find) if find in self._found else ()

    def panel(self, question: Question) -> Panel:
        """Return the panel that a question refers to."""
        return self.study.panel(question.panel)

    def cell(self, question: Question) -> Cell | None:
        """Return the cell that a question is about, or None if it is not tested."""
        cell = self.panel(question).cell(question.categories[0], question.categories[-1])
        return cell if cell.state in TESTED and cell.value is not None else None


@dataclass(frozen=True, eq=False)
class ResampledStudy:
    """A study with its resamples. `_sums` gives the places of the additional sums of each question."""

    study: Study
    of: ResampledTotals
    _sums: Mapping[Question, slice]

    def sums(self, question: Question) -> Floats:
        """Return the totals (k, m) of the contributions of units to a question."""
        return self.of.sums[:, self._sums[question]]

    def row(self, headline: Headline) -> tuple[Floats, Floats, tuple[str, ...]]:
        """Return joint counts (k, B) and total (k,) of the given category of a headline, and its measured outcomes."""
        panel, given = self.study.panel(headline.question.panel), headline.question.categories[0]
        own, is_turned = panel.given_categories.index(given), self.study.is_turned(panel)
        joint = self.of.joint[:, :, own] if is_turned else self.of.joint[:, own, :]
        total = self.of.outcome[:, own] if is_turned else self.of.given[:, own]
        there = [cell.outcome for cell in panel.row(given) if cell.state == "measured" and cell.value is not None]
        return joint[:, [panel.outcome_categories.index(name) for name in there]], total, tuple(there)

    def pair(self, headline: Headline) -> tuple[int, int]:
        """Return the row and column number of a headline's two categories, in the order of its panel."""
        first, *_, second = headline.question.categories
        row, column = self.study.sides(self.study.panel(headline.question.panel), first, second)
        return self.study.rows.index(row), self.study.columns.index(column)


@dataclass(frozen=True, eq=False)
class Statement:
    """One type of statement of a kind of finding, by the name of its question.

    `answer` returns None if there is no answer. `fails` returns for each resample whether the answer changes, or None
    if resamples are not informative. For this, `adds` gives the contribution (p, m) of a unit of each pattern to sums
    in addition to the counts. `names`: the answer is a category or one of NO_CATEGORY. `in_strata`: only counts with
    strata have an answer. `keeps` returns whether the statement is still true with another word. `scale` is the format
    of its number.
    """

    about: str
    answer: Callable[[Question, StatementInput], Answer | None]
    fails: Callable[[Headline, ResampledStudy], Bools | None]
    adds: Callable[[Study, Question], Floats] | None = None
    names: bool = False
    in_strata: bool = False
    keeps: Callable[[str, str], bool] = str.__eq__
    scale: formats.Scale = "share"


@dataclass(frozen=True, eq=False)
class Account:
    """The pairs that a finding, by its id, accounts for: `pairs` (R, C), rows by columns, are true.

    `most` is the largest number of pairs that one statement names, or None for a statement about all pairs together. A
    statement about one category has its `side` ("rows" or "columns") and name.
    """

    finding: str
    pairs: Bools
    most: int | None = None
    side: str | None = None
    category: str | None = None


@dataclass(frozen=True, eq=False)
class FindingKind(Generic[F]):
    """A kind of finding: its record type, its finder, its statements, and the pairs that it accounts for."""

    of: type[F]
    find: Callable[[Study], Sequence[F]]
    asks: Callable[[F, Study], Iterator[Question]] = lambda _, __: iter(())
    statements: tuple[Statement, ...] = ()
    accounts: Callable[[F, Study], Iterator[Account]] = lambda _, __: iter(())

    @property
    def name(self) -> str:
        """The name of the kind."""
        return self.of.kind

    def questions(self, asked: StatementInput) -> Iterator[Question]:
        """Yield the questions that its findings answer."""
        for finding in asked.every(self.find):
            if not finding.null:
                yield from self.asks(finding, asked.study)


def shares_otherwise(study: Study, stated: Sequence[tuple[Headline, Statement]]) -> tuple[float | None, ...]:
    """Return for each headline the share of resamples in which it changes.

    The share is None if resampling is impossible, for negative statements (a resample may not be able to change them),
    and if every resample gives the same number, as with all or none of a few units.
    """
    adds = {h.question: statement.adds(study, h.question) for h, statement in stated if statement.adds is not None}
    ends = np.cumsum([0, *(part.shape[1] for part in adds.values())])
    of = redraws(study.tables.incidence, study.inference, np.hstack([*adds.values()]) if adds else None)
    if isinstance(of, Refusal):
        return (None,) * len(stated)
    places = (slice(int(first), int(last)) for first, last in pairwise(ends))
    drawn = ResampledStudy(study, of, dict(zip(adds, places, strict=True)))
    found = (statement.fails(headline, drawn) for headline, statement in stated)
    return tuple(None if fails is None else float(fails.mean()) for fails in found)


def about_finding(about: str, categories: tuple[str, ...], finding: Finding, study: Study) -> Question:
    """Return a question about the cells of its finding."""
    return Question(about, categories, study.panels[0].id, finding.id, finding.cells)


def about_cell(
    about: str, categories: tuple[str, ...], pair: tuple[str, str], finding: Finding, study: Study
) -> Question:
    """Return a question about one cell, by its (given, outcome) pair in the first panel."""
    panel = study.panels[0]
    return Question(about, categories, panel.id, finding.id, study.refs(*study.sides(panel, *pair)))


def varying(values: Floats, fails: Bools) -> Bools | None:
    """Return the failures, or None if all resamples give the same number."""
    known = values[np.isfinite(values)]
    return None if not known.size or float(np.ptp(known)) == 0 else fails


SORTS: tuple[By, ...] = ("item", "label", "stratum", "group")

_DEFINING = 0.5
"""A label defines a category if the category loses more than this share of its units without the label. Omission of
such a label changes the question and is not a test of robustness."""

_LEAST_STRATA = 4
"""The smallest number of strata for which one is left out. Without one of two or three, little of the data is left."""

Pair = tuple[str, str]


def carriers(study: Study, pairs: Collection[Pair]) -> Iterator[tuple[Change, RelationStats]]:
    """Yield the largest contributor of each type to the cells of (row, column) pairs, with the tables without it.

    The largest is chosen by the number of units that would leave the cells, then by the number of units it touches,
    then by name. Excluded are labels that define a category of the pairs, levels and groups of all units, and
    contributors without a recount.
    """
    sums: dict[Change, tuple[int, int]] = {}
    for part in study.numbers.contributors.cells:
        if (part.row, part.column) in pairs:
            change = Change(part.by, part.side, part.name)
            sole, touching = sums.get(change, (0, 0))
            sums[change] = sole + part.n_sole, touching + part.n_touching
    for by in SORTS:
        if by == "stratum" and len(study.tables.incidence.strata) < _LEAST_STRATA:
            continue
        ranked = sorted((c for c in sums if c.by == by), key=lambda c: (*(-n for n in sums[c]), c.name, c.side or ""))
        found = ((change, study.numbers.without(change)) for change in ranked)
        counted = ((change, tables) for change, tables in found if tables is not None and _is_part(change, tables))
        kept = (pair for pair in counted if by != "label" or not _defines(study, pairs, pair[1]))
        yield from [pair for pair in [next(kept, None)] if pair is not None]


def _is_part(change: Change, tables: RelationStats) -> bool:
    """Return whether any units are left without a level or a group."""
    return change.by not in ("stratum", "group") or tables.counts.n_units > 0


def pairs_of(study: Study, cells: Iterable[CellRef]) -> set[Pair]:
    """Return the (row, column) pairs of the given cells that belong to a study's panels."""
    panels = {panel.id: panel for panel in study.panels}
    own = (cell for cell in cells if cell.panel in panels)
    return {study.sides(panels[cell.panel], cell.given, cell.outcome) for cell in own}


def _defines(study: Study, pairs: Collection[Pair], tables: RelationStats) -> bool:
    """Return whether a category of the pairs loses most of its units."""
    rows = [study.rows.index(row) for row, _ in pairs]
    columns = [study.columns.index(column) for _, column in pairs]
    after, before = (np.append(of.counts.given[rows], of.counts.outcome[columns]) for of in (tables, study.tables))
    return bool((after < (1 - _DEFINING) * before).any())
