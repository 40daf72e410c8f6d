"""Statements: what a finding says in short, by a number and a word, so that it can be asked again of other counts.

A kind of finding says what it states of which categories (`asks`), how other counts answer (`answer`), and in which
drawings of the same units or groups the statement would not have come out (`fails`): all drawings are made at once
(`inference.drawing.redraws`) and answer by their counts alone, without intervals.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Generic, Literal, TypeVar

import numpy as np

from ..arrays import Bools, Floats
from ..cells import TESTED, Cell, CellRef, Panel, Refusal
from ..inference.drawing import Redraws, redraws
from ..ledger.recounts import By, Change
from ..panels import Tables
from ..settings import Settings
from .finding import Finding, Study, slug

F = TypeVar("F", bound=Finding)

NO_CATEGORY = ("none", "single")
"""Words for an answer that is no category: none is; for a bridge also that the category meets a single other one."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: a kind of statement about some categories, given first, as `panel` shows them.

    `finding` is the id of the finding that the statement belongs to, `cells` are those it rests on.
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
    """The category that nearly all crossings of another are with: `n` of `n_all`."""

    category: str
    n: float
    n_all: float


@dataclass(frozen=True, slots=True)
class Answer:
    """The number and the word that the statement rests on, such as a tier or the category that leads.

    `partner`: for the word "single", the one category that remains.
    """

    value: float
    word: str
    partner: Partner | None = None


@dataclass(frozen=True, slots=True)
class Headline:
    """A question with its answer in the counts as declared."""

    question: Question
    answer: Answer


class Asked:
    """A study and the findings that answer questions about it, each kind found when it is first asked for."""

    def __init__(self, study: Study) -> None:
        """Find nothing yet."""
        self.study = study
        self._found: dict[Callable[[Study], Sequence[Finding]], Sequence[Finding]] = {}

    def every(self, find: Callable[[Study], Sequence[F]]) -> Sequence[F]:
        """Return what a finder finds, null findings too."""
        if find not in self._found:
            self._found[find] = find(self.study)
        return self._found[find]  # type: ignore[return-value]  # what this finder has found

    def known(self, find: Callable[[Study], Sequence[F]]) -> Sequence[F]:
        """Return what a finder has found; nothing where it was not asked for yet."""
        return self.every(find) if find in self._found else ()

    def panel(self, question: Question) -> Panel:
        """Return the panel that a question is asked of."""
        return self.study.panel(question.panel)

    def cell(self, question: Question) -> Cell | None:
        """Return the cell that a question is about, or None where it is not tested."""
        cell = self.panel(question).cell(question.categories[0], question.categories[-1])
        return cell if cell.state in TESTED and cell.value is not None else None


@dataclass(frozen=True, eq=False)
class Drawn:
    """A study with its drawings; `_sums` are the places of what a question has asked to be drawn beside counts."""

    study: Study
    of: Redraws
    _sums: Mapping[Question, slice]

    def sums(self, question: Question) -> Floats:
        """Return the totals (k, m) of what units add for a question."""
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
        """Return the row and column number of a headline's two categories, as its panel has them."""
        first, *_, second = headline.question.categories
        row, column = self.study.sides(self.study.panel(headline.question.panel), first, second)
        return self.study.rows.index(row), self.study.columns.index(column)


@dataclass(frozen=True, eq=False)
class Statement:
    """One thing that a kind of finding states, by the name of its question.

    `answer` gives None where nothing can be said; `fails` says of each drawing whether another answer comes out, None
    where drawings cannot tell; for that `adds` is what a unit of each pattern adds (p, m) to sums beside the counts.
    `names`: the answer is a category, or one of NO_CATEGORY; `in_strata`: only counts with strata can answer. `keeps`:
    whether what was said may still be said where another word comes out. `scale`: how its number is written.
    """

    about: str
    answer: Callable[[Question, Asked], Answer | None]
    fails: Callable[[Headline, Drawn], Bools | None]
    adds: Callable[[Study, Question], Floats] | None = None
    names: bool = False
    in_strata: bool = False
    keeps: Callable[[str, str], bool] = str.__eq__
    scale: Literal["share", "ratio", "net"] = "share"


@dataclass(frozen=True, eq=False)
class Account:
    """What a finding, by its id, can be told to account for: `pairs` (R, C), rows by columns, are true.

    `most`: how many of these one statement names, None where it is about all of them as a whole. A statement about one
    category has its `side` ("rows" or "columns") and name.
    """

    finding: str
    pairs: Bools
    most: int | None = None
    side: str | None = None
    category: str | None = None


@dataclass(frozen=True, eq=False)
class FindingKind(Generic[F]):
    """A kind of finding: its record, how it is found, what it states of a finding that is not null and accounts for.

    A kind of another package also has the folder of its `templates` (`<language>/<kind>.j2` below it) and, if it takes
    options, their `settings`: `study.others` has them by the kind's name. What it states is about its name, or about
    its name with a point and more behind.
    """

    of: type[F]
    find: Callable[[Study], Sequence[F]]
    asks: Callable[[F, Study], Iterator[Question]] = lambda _, __: iter(())
    statements: tuple[Statement, ...] = ()
    accounts: Callable[[F, Study], Iterator[Account]] = lambda _, __: iter(())
    templates: Path | None = None
    settings: type[Settings] | None = None

    @property
    def name(self) -> str:
        """What the kind is called."""
        return self.of.kind

    @property
    def interface(self) -> int | None:
        """The version of docs/extending.md that it was written for; None for the program's own."""
        return self.of.interface

    def questions(self, asked: Asked) -> Iterator[Question]:
        """Yield the questions that its findings answer."""
        for finding in asked.every(self.find):
            if not finding.null:
                yield from self.asks(finding, asked.study)


def shares_otherwise(study: Study, stated: Sequence[tuple[Headline, Statement]]) -> tuple[float | None, ...]:
    """Return for each headline the share of drawings in which it is another one.

    None where nothing can be drawn, for statements that something is not so (another drawing may not make it so), and
    where every drawing gives one number, as all or none of a few units do: drawing them again tells nothing.
    """
    adds = {h.question: statement.adds(study, h.question) for h, statement in stated if statement.adds is not None}
    ends = np.cumsum([0, *(part.shape[1] for part in adds.values())])
    of = redraws(study.tables.incidence, study.inference, np.hstack([*adds.values()]) if adds else None)
    if isinstance(of, Refusal):
        return (None,) * len(stated)
    places = (slice(int(first), int(last)) for first, last in pairwise(ends))
    drawn = Drawn(study, of, dict(zip(adds, places, strict=True)))
    found = (statement.fails(headline, drawn) for headline, statement in stated)
    return tuple(None if fails is None else float(fails.mean()) for fails in found)


def about_finding(about: str, categories: tuple[str, ...], finding: Finding, study: Study) -> Question:
    """Return a question that rests on the cells of its finding."""
    return Question(about, categories, study.panels[0].id, finding.id, finding.cells)


def about_cell(
    about: str, categories: tuple[str, ...], pair: tuple[str, str], finding: Finding, study: Study
) -> Question:
    """Return a question that rests on one cell, by its (given, outcome) pair in the first panel."""
    panel = study.panels[0]
    return Question(about, categories, panel.id, finding.id, study.refs(*study.sides(panel, *pair)))


def varying(values: Floats, fails: Bools) -> Bools | None:
    """Return what fails, None where all drawings give one number."""
    known = values[np.isfinite(values)]
    return None if not known.size or float(np.ptp(known)) == 0 else fails


SORTS: tuple[By, ...] = ("item", "label", "stratum", "group")

_DEFINING = 0.5
"""A label without which a category loses more than this share of its units is what the category means: leaving it
out asks about another category, not whether the statement rests on a part of this one."""

_LEAST_STRATA = 4
"""Strata from which on one is left out: without one of two or three, little of the data is left."""

Pair = tuple[str, str]


def carriers(study: Study, pairs: Collection[Pair]) -> Iterator[tuple[Change, Tables]]:
    """Yield, of each sort, what carries most of the cells of some (row, column) pairs, with the tables without it.

    Most is by how many units would leave the cells, then by how many it touches, then by name. Passed over are
    labels that define a category of the pairs, levels and groups that hold all units, and what was not counted anew.
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


def _is_part(change: Change, tables: Tables) -> bool:
    """Return whether something is left without a level or a group: what holds all units is no part of them."""
    return change.by not in ("stratum", "group") or tables.counts.n_units > 0


def pairs_of(study: Study, cells: Iterable[CellRef]) -> set[Pair]:
    """Return the (row, column) pairs of those of some cells that are of a study's panels."""
    panels = {panel.id: panel for panel in study.panels}
    own = (cell for cell in cells if cell.panel in panels)
    return {study.sides(panels[cell.panel], cell.given, cell.outcome) for cell in own}


def _defines(study: Study, pairs: Collection[Pair], tables: Tables) -> bool:
    """Return whether a category of the pairs loses most of its units."""
    rows = [study.rows.index(row) for row, _ in pairs]
    columns = [study.columns.index(column) for _, column in pairs]
    after, before = (np.append(of.counts.given[rows], of.counts.outcome[columns]) for of in (tables, study.tables))
    return bool((after < (1 - _DEFINING) * before).any())
