"""Headlines: the statements of a report, each with its number, so that they can be asked again of other counts.

A headline is what a finding says in short: its question (kind and categories), the number and the answer that
words rest on. Whoever counts otherwise finds the same kinds of finding again and compares the answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from ..cells import Cell, CellRef
from . import agreement, bridges, composition, crossings, diagonal, direction, dominance, isolation
from . import surprises as departures
from .agreement import Agreement
from .bridges import Bridge
from .composition import Composition
from .crossings import Crossings
from .diagonal import Diagonal
from .direction import Direction
from .dominance import Dominance
from .finding import Finding, Study, slug
from .isolation import Isolation
from .settings import ThresholdSettings
from .surprises import Pair, Surprises

About = Literal[
    "agreement",
    "leads",
    "share",
    "largest",
    "largest_row",
    "bridge",
    "explained",
    "within",
    "direction",
    "isolation",
    "surprise",
]
ABOUT_STRATA: tuple[About, ...] = ("explained", "within")
"""What only counts with strata can answer."""

NAMING: tuple[About, ...] = ("leads", "largest", "largest_row", "bridge")
"""Questions whose answer is a category, or one of NO_CATEGORY."""

NO_CATEGORY = ("none", "single")
"""None answers the question; for a bridge also: the category meets a single other one, so that it joins no two."""

F = TypeVar("F", bound=Finding)

FINDERS: Mapping[type[Finding], Callable[[Study], Sequence[Finding]]] = {
    Agreement: agreement.find,
    Diagonal: diagonal.find,
    Crossings: crossings.find,
    Dominance: dominance.find,
    Bridge: bridges.find,
    Composition: composition.find,
    Direction: direction.find,
    Isolation: isolation.find,
    Surprises: departures.find,
}
"""The kinds whose statements are asked again."""

NAMED = 6
"""Crossings that the text names: only these are statements."""

_HALF = 0.5


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: a kind of statement about some categories, given first, as `panel` shows them.

    `finding` is the id of the finding that the statement belongs to, `cells` are those it rests on.
    """

    about: About
    categories: tuple[str, ...]
    panel: str
    finding: str
    cells: tuple[CellRef, ...]

    @property
    def id(self) -> str:
        """The id of the headline: kind and categories."""
        return ".".join(part for part in (self.about, slug(*self.categories) if self.categories else "") if part)


@dataclass(frozen=True, slots=True)
class Answer:
    """The number and the word that the statement rests on, such as a tier or the category that leads."""

    value: float
    word: str


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
        self._found: dict[type[Finding], Sequence[Finding]] = {}

    def found(self, kind: type[F]) -> Iterator[F]:
        """Yield the findings of a kind, null ones too."""
        if kind not in self._found:
            self._found[kind] = FINDERS[kind](self.study)
        return (finding for finding in self._found[kind] if isinstance(finding, kind))

    def all(self) -> Iterator[Finding]:
        """Yield the findings of every kind, in the order of the report."""
        for kind in FINDERS:
            yield from self.found(kind)

    def cell(self, question: Question) -> Cell | None:
        """Return the measured cell that a question is about, or None."""
        panel = next(panel for panel in self.study.panels if panel.id == question.panel)
        cell = panel.cell(question.categories[0], question.categories[-1])
        return cell if cell.state == "measured" and cell.value is not None else None


def headlines(asked: Asked) -> tuple[Headline, ...]:
    """Return the statements of a study, in the order of the report."""
    pairs = ((question, answer(question, asked)) for question in _questions(asked))
    return tuple(Headline(question, found) for question, found in pairs if found is not None)


def answer(question: Question, asked: Asked) -> Answer | None:
    """Return the answer in some counts; None where nothing can be said there."""
    return _ANSWERS[question.about](question, asked)


def _questions(asked: Asked) -> Iterator[Question]:
    first = asked.study.panels[0].id
    for finding in asked.all():
        if finding.null:
            continue
        if isinstance(finding, Agreement):
            yield _question("agreement", (), first, finding)
        elif isinstance(finding, Diagonal) and finding.panel == first:
            for cell in (*finding.leading, *finding.others):
                yield _of_cell("leads", cell, (cell.given,), finding, asked.study)
        elif isinstance(finding, Crossings) and finding.panel == first:
            for cell in finding.listed[:NAMED]:
                yield _of_cell("share", cell, (cell.given, cell.outcome), finding, asked.study)
        elif isinstance(finding, Surprises):
            for pair in (*finding.above, *finding.below):
                yield _of_cell("surprise", pair, (pair.given, pair.outcome), finding, asked.study)
        else:
            yield from _of_relation(finding, first, asked.study)


def _of_relation(finding: Finding, panel: str, study: Study) -> Iterator[Question]:
    if isinstance(finding, Dominance):
        category = finding.leader.category
        if finding.side == "rows":
            cells = tuple(ref for column in study.columns for ref in study.refs(category, column))
            yield Question("largest_row", (category,), panel, finding.id, cells)
        else:
            cells = tuple(ref for row in study.rows for ref in study.refs(row, category))
            yield Question("largest", (category,), panel, finding.id, cells)
    elif isinstance(finding, Bridge):
        yield _question("bridge", (finding.category,), panel, finding)
    elif isinstance(finding, Composition):
        if finding.beyond:
            yield _question("explained", (), panel, finding)
        for change in finding.lasting:
            cells = tuple(ref for ref in finding.cells if ref.given == ref.outcome == change.category)
            yield Question("within", (change.category,), panel, finding.id, cells)
    elif isinstance(finding, Direction):
        yield _question("direction", (finding.origin, finding.goal), panel, finding)
    elif isinstance(finding, Isolation):
        yield _question("isolation", (finding.category,), panel, finding)


def _question(about: About, categories: tuple[str, ...], panel: str, finding: Finding) -> Question:
    return Question(about, categories, panel, finding.id, finding.cells)


def _of_cell(about: About, cell: Cell | Pair, categories: tuple[str, ...], finding: Finding, study: Study) -> Question:
    panel = study.panels[0]
    rows = study.tables.incidence.rows.kind
    pair = (cell.given, cell.outcome) if panel.given == rows else (cell.outcome, cell.given)
    return Question(about, categories, panel.id, finding.id, study.refs(*pair))


def _agreement(_: Question, asked: Asked) -> Answer | None:
    for found in asked.found(Agreement):
        return Answer(found.share.value, tier(found.share.value, asked.study.thresholds))
    return None


_TIERS = {"high": 2, "moderate": 1, "low": -1, "very low": -2}
"""How far a tier lies from one half, on either side."""


def is_kept(question: Question, said: str, now: str) -> bool:
    """Return whether what was said may still be said: the same word, or an agreement only farther from one half."""
    if question.about != "agreement":
        return said == now
    before, after = _TIERS[said], _TIERS[now]
    return before * after > 0 and abs(after) >= abs(before)


def tier(value: float, thresholds: ThresholdSettings) -> str:
    """Return the tier of a share: high, moderate, low or very low."""
    tiers = (("high", thresholds.high), ("moderate", thresholds.moderate), ("low", thresholds.low))
    return next((word for word, least in tiers if value >= least), "very low")


def _leads(question: Question, asked: Asked) -> Answer | None:
    for found in asked.found(Diagonal):
        for cell in (*found.leading, *found.others) if found.panel == question.panel else ():
            if cell.given == question.categories[0] and cell.value is not None:
                return Answer(cell.value, cell.outcome)
    return None


def _share(question: Question, asked: Asked) -> Answer | None:
    cell = asked.cell(question)
    if cell is None or cell.value is None:
        return None
    return Answer(cell.value, "listed" if cell.value >= asked.study.thresholds.listed else "below")


def _largest(question: Question, asked: Asked) -> Answer | None:
    study, counts, category = asked.study, asked.study.tables.counts, question.categories[0]
    is_row = question.about == "largest_row"
    top = dominance.leader_of(study.tables, "rows" if is_row else "columns")
    if top is None:
        return None
    sizes, names = (counts.given, study.rows) if is_row else (counts.outcome, study.columns)
    share = float(sizes[names.index(category)]) / counts.n_units
    is_dominant = share >= study.thresholds.dominant
    return Answer(share, top.category if top.category != category or is_dominant else "none")


def _bridge(question: Question, asked: Asked) -> Answer | None:
    for found in asked.found(Bridge):
        joint = asked.study.joint
        i = asked.study.rows.index(question.categories[0])
        through = float(joint[i].sum() + joint[:, i].sum() - 2 * joint[i, i])
        one = float(bridges.both_ways(joint)[i].max())
        single = through - one < bridges.BEYOND_ONE * through and found.category == question.categories[0]
        word = found.category if not found.null else "single" if single else "none"
        return Answer(through / found.n_crossing, word)
    return None


def _explained(_: Question, asked: Asked) -> Answer | None:
    for found in asked.found(Composition):
        return Answer(found.explained, "most" if found.explained >= _HALF else "less")
    return None


def _within(question: Question, asked: Asked) -> Answer | None:
    for found in asked.found(Composition):
        for word, changes in (("lasting", found.lasting), ("faded", found.faded), ("unsure", found.unsure)):
            for change in changes:
                if change.category == question.categories[0]:
                    return Answer(change.odds, word)
    return None


def _direction(question: Question, asked: Asked) -> Answer | None:
    origin, goal = question.categories
    i, j = (asked.study.rows.index(name) for name in (origin, goal))
    joint = asked.study.joint
    if not joint[i, j] + joint[j, i]:
        return None
    found = direction.about(asked.study, origin, goal)
    return Answer(found.net.value, "supported" if found.supported else "not supported")


def _isolation(question: Question, asked: Asked) -> Answer | None:
    share = isolation.self_share(asked.study, question.categories[0])
    return None if share is None else Answer(share, "apart" if share >= asked.study.thresholds.isolated else "not")


def _surprise(question: Question, asked: Asked) -> Answer | None:
    study, cell = asked.study, asked.cell(question)
    if cell is None:
        return None
    pair = departures.stated(study, study.panels[0], cell, departures.judged(study))
    return None if pair is None else Answer(pair.ratio, pair.direction)


_ANSWERS: Mapping[About, Callable[[Question, Asked], Answer | None]] = {
    "agreement": _agreement,
    "leads": _leads,
    "share": _share,
    "largest": _largest,
    "largest_row": _largest,
    "bridge": _bridge,
    "explained": _explained,
    "within": _within,
    "direction": _direction,
    "isolation": _isolation,
    "surprise": _surprise,
}
