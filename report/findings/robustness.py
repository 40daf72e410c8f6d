"""Robustness of headlines: alternative analyses, and analyses without the largest contributors.

Every headline is tested again under each alternative (unit, `minimum_units`, taxonomy), and without the item,
raw label, stratum level and group that contribute most to its cells.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from .. import formats
from ..cells import TESTED, Panel
from ..inference import InferenceSettings
from ..inference.drawing import RESAMPLES
from ..ledger.recounts import By, Change
from ..matrices import PanelSettings
from ..panels import RelationStats, build_panel
from . import FRAGILE, INFLUENTIAL
from .finding import Finding, KeyNumber, RelationCounts, Study, part_of
from .kinds import STATEMENTS, answer, headlines
from .statements import Headline, Pair, Partner, StatementInput, carriers, pairs_of, shares_otherwise
from .story import Story

Stays = Literal["stays", "changes", "gone", "unasked"]
"""stays: the statement is still true. gone: too little or no data is left for an answer. unasked: the question is about
strata and these counts have none. Neither "gone" nor "unasked" is a change or a passed test."""


StatementOutcome = Literal["stays", "partly", "changes", "unasked"]
"""Over several counts: stays in all; partly: stays wherever there is an answer; changes in at least one; unasked in
all."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One alternative analysis, with its number of units.

    `name` depends on `by`: for "unit" it is the plural name of the units, for "minimum_units" the number. "replaces"
    and "preset" are as in `Change`. `several`: units have more categories than in the default analysis.
    """

    by: Literal["unit", "minimum_units", "replaces", "preset"]
    name: str
    n_units: float
    several: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """The number and word of a headline in other counts (None if there is none), and whether the headline stays.

    `partner` is as in `Answer`.
    """

    value: float | None
    word: str | None
    stays: Stays
    partner: Partner | None = None


def _fate(outcomes: tuple[Outcome, ...]) -> StatementOutcome:
    found = {outcome.stays for outcome in outcomes}
    if "changes" in found:
        return "changes"
    if "stays" not in found:
        return "unasked"
    return "stays" if found == {"stays"} else "partly"


@dataclass(frozen=True, slots=True)
class TriedHeadline:
    """A headline and its outcome under each choice, in the order of the choices."""

    headline: Headline
    outcomes: tuple[Outcome, ...]

    @property
    def fate(self) -> StatementOutcome:
        """The result for the headline over all choices."""
        return _fate(self.outcomes)


@dataclass(frozen=True, slots=True)
class Omission:
    """The result for one headline without one contributor.

    The cells of the headline contain `n_cells` units, of which `n_held` disappear without the contributor.
    """

    by: By
    side: str | None
    name: str
    outcome: Outcome
    n_held: float = 0.0
    n_cells: float = 0.0

    @property
    def change(self) -> Change:
        """The change that leaves the contributor out."""
        return Change(self.by, self.side, self.name)


Way = Choice | Change
"""An alternative count: another choice, or the omission of a contributor."""


def way_name(way: Way) -> str:
    """Return the name of an alternative count in addresses.

    >>> way_name(Choice("unit", "links", 12)), way_name(Change("item", "rows", "a"))
    ('unit:links', 'item:rows:a')
    """
    side = way.side if isinstance(way, Change) else None
    return ":".join(filter(None, (way.by, side, way.name)))


@dataclass(frozen=True, slots=True)
class HeadlineInfluence:
    """A headline with its omissions, one for each type of contributor.

    `fails` is the share of resamples of the same units or groups in which the headline changes (`fragility`), or None
    if resampling is not informative.
    """

    headline: Headline
    omissions: tuple[Omission, ...]
    fails: float | None = None

    @property
    def decisive(self) -> Omission | None:
        """The first omission that changes the headline, or else the first that leaves no answer."""
        found = (o for fate in ("changes", "gone") for o in self.omissions if o.outcome.stays == fate)
        return next(found, None)


@dataclass(frozen=True, kw_only=True)
class AlternativeAnalyses(Finding):
    """Every headline under every alternative."""

    kind = "choices"
    place = None
    choices: tuple[Choice, ...]
    tried: tuple[TriedHeadline, ...]

    @property
    def changing(self) -> tuple[TriedHeadline, ...]:
        """Headlines that change under at least one alternative."""
        return tuple(t for t in self.tried if t.fate == "changes")

    @property
    def n_staying(self) -> int:
        """The number of headlines that stay under every alternative."""
        return sum(t.fate == "stays" for t in self.tried)

    @property
    def n_partly(self) -> int:
        """The number of headlines that stay wherever they have an answer, but have none under some alternatives."""
        return sum(t.fate == "partly" for t in self.tried)

    @property
    def n_unasked(self) -> int:
        """The number of headlines that have an answer under no alternative."""
        return sum(t.fate == "unasked" for t in self.tried)

    def number(self) -> KeyNumber:
        """Return the share of headlines that stay, of those with any answer."""
        return KeyNumber((), part_of(self.n_staying + self.n_partly, len(self.tried) - self.n_unasked), plain=True)


@dataclass(frozen=True, kw_only=True)
class LeaveOneOut(Finding):
    """Every headline without its largest contributors, and in `n_resamples` resamples.

    A headline is fragile if it changes in more than the share `fragile` of resamples. A pair depends on one contributor
    that accounts for more than the share `carried` of it.
    """

    kind = "dependence"
    place = None
    rests: tuple[HeadlineInfluence, ...]
    n_resamples: int = RESAMPLES

    fragile: float = 0.05
    carried: float = 0.5

    @property
    def asked(self) -> tuple[HeadlineInfluence, ...]:
        """Headlines with at least one contributor that could be left out."""
        return tuple(r for r in self.rests if r.omissions)

    @property
    def changing(self) -> tuple[HeadlineInfluence, ...]:
        """Headlines that change without some item, label, level or group."""
        return tuple(r for r in self.rests if r.decisive is not None and r.decisive.outcome.stays == "changes")

    @property
    def gone(self) -> tuple[HeadlineInfluence, ...]:
        """Headlines that never change, but have no answer without some item, label, level or group."""
        return tuple(r for r in self.rests if r.decisive is not None and r.decisive.outcome.stays == "gone")

    @property
    def resting(self) -> tuple[HeadlineInfluence, ...]:
        """Headlines that change or have no answer without some contributor, in the order of the report."""
        return tuple(r for r in self.rests if r.decisive is not None)

    @property
    def unsteady(self) -> tuple[HeadlineInfluence, ...]:
        """Headlines that change in more than the share `fragile` of resamples, the largest share first."""
        found = (r for r in self.rests if r.fails is not None and r.fails > self.fragile)
        return tuple(sorted(found, key=lambda r: -(r.fails or 0)))

    @property
    def n_drawn(self) -> int:
        """The number of headlines that resampling can test."""
        return sum(r.fails is not None for r in self.rests)

    @property
    def n_staying(self) -> int:
        """The number of headlines that stay without any of the contributors."""
        return len(self.asked) - len(self.resting)

    def carrier(self, line: HeadlineInfluence) -> Omission | None:
        """Return the item, level or group that accounts for most of a pair that stays without it but nearer to chance.

        Most means more than the share `carried` of the pair's units, and of its ratio in excess of 1.
        """
        beyond = line.headline.answer.value - 1
        if line.decisive is not None or line.headline.question.about != "surprise" or beyond <= 0:
            return None
        found = (o for o in line.omissions if o.by != "label" and o.n_held > self.carried * o.n_cells)
        return next((o for o in found if (o.outcome.value or 0) - 1 < (1 - self.carried) * beyond), None)

    def number(self) -> KeyNumber:
        """Return the share of headlines that stay, of those that could be tested."""
        return KeyNumber((), part_of(self.n_staying, len(self.asked)), plain=True)


def find(declared: StatementInput, told: Sequence[Story] = ()) -> tuple[Finding, ...]:
    """Return choices and dependence of a study, or nothing if there is no headline or no alternative count.

    The headlines of the stories (`told`) come first, in their order.
    """
    study = declared.study
    found = _in_order(headlines(declared), told)
    if not found:
        return ()
    cells = tuple(dict.fromkeys(cell for headline in found for cell in headline.question.cells))
    scenarios = {choice: counted(study, *how) for choice, how in _choices(study)}
    under = {choice: [_outcome(headline, asked) for headline in found] for choice, asked in scenarios.items()}
    tried = tuple(TriedHeadline(h, tuple(one[n] for one in under.values())) for n, h in enumerate(found))
    drawn = shares_otherwise(study, [(h, STATEMENTS[h.question.about]) for h in found])
    rests = tuple(HeadlineInfluence(*one) for one in zip(found, _omissions(study, found), drawn, strict=True))
    results: list[Finding] = []
    if scenarios:
        results.append(AlternativeAnalyses(id="choices", cells=cells, choices=tuple(scenarios), tried=tried))
    if any(r.omissions or r.fails is not None for r in rests):
        fragile, carried = FRAGILE, INFLUENTIAL
        results.append(LeaveOneOut(id="dependence", cells=cells, rests=rests, fragile=fragile, carried=carried))
    return tuple(results)


def _in_order(found: Sequence[Headline], told: Sequence[Story]) -> list[Headline]:
    """Return headlines in the order of the report: those of the story first, then the others."""
    ranks: dict[tuple[str, tuple[str, ...]], int] = {}
    for point in (point for story in told for point in story.points):
        pairs: list[tuple[str, ...]] = [(pair.row, pair.column) for pair in point.pairs]
        for about in pairs or [()]:
            ranks.setdefault((point.finding, about), len(ranks))

    def rank(headline: Headline) -> int:
        question = headline.question
        asked = (question.categories, question.categories[::-1], ())
        return next((ranks[key] for about in asked if (key := (question.finding, about)) in ranks), len(ranks))

    return sorted(found, key=rank)


def changing(choices: AlternativeAnalyses | None, dependence: LeaveOneOut | None) -> tuple[Way, ...]:
    """Return the alternative counts that change a statement, in the order of the tables."""
    found: list[Way] = []
    for tried in choices.tried if choices else ():
        outcomes = zip(choices.choices if choices else (), tried.outcomes, strict=True)
        found += [choice for choice, outcome in outcomes if outcome.stays == "changes"]
    for rests in dependence.rests if dependence else ():
        found += [o.change for o in rests.omissions if o.outcome.stays == "changes"]
    return tuple(dict.fromkeys(found))


def panels_under(study: Study, ways: Collection[Way]) -> Iterator[tuple[Way, tuple[Panel, ...]]]:
    """Yield the panels of a study under each of the given alternative counts."""
    for choice, how in _choices(study):
        if choice in ways:
            yield choice, counted(study, *how).study.panels
    for way in ways:
        if isinstance(way, Change) and (tables := study.numbers.without(way)) is not None:
            yield way, counted(study, tables).study.panels


def _choices(study: Study) -> Iterator[tuple[Choice, tuple[RelationStats, InferenceSettings]]]:
    for tables in study.by_unit.values():
        yield Choice("unit", tables.incidence.unit.plural, tables.counts.n_units), (tables, study.inference)
    minimum = 2 * study.inference.minimum_units
    if any(study.inference.minimum_units <= n < minimum for n in _judged_sizes(study)):  # otherwise no row is affected
        doubled = study.inference.model_copy(update={"minimum_units": minimum})
        yield Choice("minimum_units", formats.count(minimum), study.tables.counts.n_units), (study.tables, doubled)
    for change in study.numbers.recounts:
        if change.by == "replaces" or change.by == "preset":  # noqa: PLR1714 - so that types are narrowed
            filed = study.numbers.without(change)
            if filed is None:
                continue
            several = _memberships(filed) > _memberships(study.tables)
            yield Choice(change.by, change.name, filed.counts.n_units, several), (filed, study.inference)


def _judged_sizes(study: Study) -> Iterator[float]:
    """Yield the unweighted number of units in each row with enough data, of every panel."""
    units = study.tables.units
    for panel in study.panels:
        names, sizes = (study.columns, units.outcome) if study.is_turned(panel) else (study.rows, units.given)
        state = panel.column("state")
        for name, n in zip(names, sizes.tolist(), strict=True):
            if name in panel.given_categories and any(state[place] in TESTED for place in panel.places(name)):
                yield n


def _memberships(tables: RelationStats) -> float:
    """Return the total number of category memberships of the units, on both sides."""
    return float(tables.counts.given.sum() + tables.counts.outcome.sum())


def counted(study: Study, tables: RelationStats, inference: InferenceSettings | None = None) -> StatementInput:
    """Return a study with other counts or other settings, ready for questions."""
    settings = inference or study.inference
    panels = tuple(
        build_panel(
            PanelSettings(
                id=panel.id,
                relation=panel.relation,
                given=panel.given.name,
                outcome=panel.outcome.name,
                measure=panel.measure.name,
            ),
            tables,
            settings,
            panel.mirror,
        )
        for panel in study.panels
    )
    numbers = RelationCounts.alone(study.numbers.name, tables, study.coverage)
    return StatementInput(replace(study, panels=panels, numbers=numbers, inference=settings))


def _omissions(study: Study, found: Sequence[Headline]) -> list[tuple[Omission, ...]]:
    """Return for each headline its outcomes without the largest contributors to its cells.

    All questions about one recount are answered together, because only one recount's patterns are in memory
    (`RecountedIncidence`).
    """
    pairs = [pairs_of(study, headline.question.cells) for headline in found]
    carried = [dict(carriers(study, of)) for of in pairs]
    known: dict[tuple[int, Change], Omission] = {}
    for change, tables in {change: tables for one in carried for change, tables in one.items()}.items():
        asked = counted(study, tables)
        for number, headline in enumerate(found):
            if change in carried[number]:
                n_cells = _n_in(pairs[number], study)
                n_held = n_cells - _n_in(pairs[number], asked.study)
                outcome = _outcome(headline, asked)
                known[number, change] = Omission(change.by, change.side, change.name, outcome, n_held, n_cells)
    return [tuple(known[number, change] for change in one) for number, one in enumerate(carried)]


def _n_in(pairs: Collection[Pair], study: Study) -> float:
    """Return the number of units in the cells of (row, column) pairs. A unit in several cells counts repeatedly."""
    return sum(float(study.joint[study.rows.index(row), study.columns.index(column)]) for row, column in pairs)


def _outcome(headline: Headline, asked: StatementInput) -> Outcome:
    statement = STATEMENTS[headline.question.about]
    if statement.in_strata and not asked.study.tables.stratified:
        return Outcome(None, None, "unasked")
    found = answer(headline.question, asked)
    if found is None:
        return Outcome(None, None, "gone")
    kept = statement.keeps(headline.answer.word, found.word)
    return Outcome(found.value, found.word, "stays" if kept else "changes", found.partner)
