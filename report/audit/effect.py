"""What an audit changes in the report: with the judged items filed as a person says, and all others as likely."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from ..arrays import Floats
from ..cells import Cell, Panel
from ..config.loading import Config, LoadedConfig
from ..document.writer import Writer
from ..findings.finding import Numbers, Study
from ..findings.kinds import STATEMENTS, answer, headlines
from ..findings.robustness import counted
from ..findings.statements import Answer, Asked, Headline
from ..incidence import Incidence
from ..ledger import Axis, Ledger
from ..ledger.coverage import measure_coverage
from ..ledger.patterns import incidence_of, patterns_of
from ..ledger.recounts import refiled
from ..panels import build_panel, reversed_of, tables_of
from ..pipeline.parts import wording_of
from ..taxonomy.sets import members
from ..theme import template_folder
from .rates import Filed, likely_filings
from .sheet import JudgedSheet

Filings = dict[str, dict[str, Filed]]
"""Entity of a side -> item -> its categories."""


def population_name(ledger: Ledger, side: Axis) -> str:
    """Return what an audit calls the items of a side: the entity, or relation and side for records."""
    return f"{ledger.relation}.{side.name}" if ledger.unit.role == "record" else side.entity


def unjudged(ledger: Ledger, name: str, judged: Collection[JudgedSheet]) -> dict[Filed, list[str]]:
    """Return the items that units have and nobody has judged, sorted, by their categories by rule."""
    filed: dict[str, Filed] = {}
    for place, side in enumerate(ledger.sides):
        if population_name(ledger, side) == name:
            there = np.zeros(side.found.n_items, dtype=np.bool_)
            for part in ledger.parts:
                there[part.sides[place].use] = True
            used = np.flatnonzero(there)
            held = members(side.found.words[side.found.type[used]], len(side.categories))
            for item, own in zip(side.names.of(used.tolist()), held, strict=True):
                filed[item] = tuple(side.categories[number] for number in np.flatnonzero(own))
    done = {one.id for one in judged if one.entity == name}
    by: dict[Filed, list[str]] = {}
    for item in sorted(filed.keys() - done):
        by.setdefault(filed[item], []).append(item)
    return by


def corrected_filings(judged: Sequence[JudgedSheet], entities: Mapping[str, str]) -> Filings:
    """Return the judged items that are filed wrong, as they should be; where no more is known, in no category."""
    filings: Filings = {}
    for one in judged:
        if not one.right:
            filings.setdefault(entities[one.entity], {})[one.id] = one.truth or ()
    return filings


def drawn_filings(
    judged: Sequence[JudgedSheet],
    others: Mapping[str, Mapping[Filed, Sequence[str]]],
    entities: Mapping[str, str],
    n_draws: int,
    seed: int,
) -> Iterator[Filings]:
    """Yield `n_draws` filings of all items: the judged ones as judged, the others as `likely_filings` has them."""
    corrected = corrected_filings(judged, entities)
    spawned = np.random.SeedSequence(seed).spawn(len(entities))
    sources = {
        name: likely_filings(
            [(one.rule, one.truth) for one in judged if one.entity == name],
            others[name],
            n_draws,
            np.random.default_rng(seed),
        )
        for name, seed in zip(entities, spawned, strict=True)
    }
    for _ in range(n_draws):
        yield {
            entities[name]: {**corrected.get(entities[name], {}), **next(source)} for name, source in sources.items()
        }


MOST_DRAWS, FEWEST_DRAWS = 100, 20
_WORK = 1_000_000
"""Patterns, and cells ten times, that all draws together count, about: large relations are drawn less often."""


@dataclass(frozen=True, slots=True)
class DrawnRange:
    """A number over the draws: its median, and the ends between which the middle of the draws lies."""

    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class HeadlineEffect:
    """A headline as built (`value`, `word`), with the judged items corrected, and over the draws.

    `corrected` is None where nothing can be said any more, `estimated` where that is so in half of the draws or more.
    `same` is the share of draws in which its word stays.
    """

    id: str
    about: str
    statement: str
    value: float
    word: str
    corrected: Answer | None
    estimated: DrawnRange | None
    same: float


@dataclass(frozen=True, slots=True)
class CellCounts:
    """What stands in a cell: both, with the given category, and the panel's measure; None where undefined."""

    n_joint: float | None
    n_given: float | None
    value: float | None


@dataclass(frozen=True, slots=True)
class CellEffect:
    """A cell of a panel as built, with the judged items corrected, and its value (`measure`) over the draws."""

    panel: str
    measure: str
    given: str
    outcome: str
    built: CellCounts
    corrected: CellCounts
    estimated: DrawnRange | None


@dataclass(frozen=True, slots=True)
class Effect:
    """What an audit changes in one relation.

    `n_corrected` items were judged to be filed wrong. `n_draws` filings of all other items were drawn; `n_held` of
    the items that units have are in categories in which, taken together, no item was judged: they stay as they are.
    """

    relation: str
    n_corrected: int
    n_draws: int
    n_held: int
    headlines: tuple[HeadlineEffect, ...]
    cells: tuple[CellEffect, ...]


def effect_of(loaded: LoadedConfig, ledger: Ledger, judged: Sequence[JudgedSheet]) -> Effect | None:
    """Return what judgements change in a relation; None where they are about none of its items, or nothing counts.

    What is corrected is counted anew, exactly. What is estimated is the same with the items that were not judged
    filed as `drawn_filings` has them, which depends on the seed of `inference:`.
    """
    base = patterns_of(ledger)
    incidence = incidence_of(ledger, base)
    entities = {population_name(ledger, side): side.entity for side in ledger.sides}
    own = [one for one in judged if one.entity in entities]
    if not own or not incidence.n_units:
        return None
    study = _study(loaded.config, ledger, incidence)
    others = {name: unjudged(ledger, name, own) for name in entities}
    n_cells = sum(len(panel.cells) for panel in study.panels)
    n_draws = min(MOST_DRAWS, max(FEWEST_DRAWS, _WORK // (len(incidence.units) + 10 * n_cells)))
    drawn = drawn_filings(own, others, entities, n_draws, loaded.config.inference.seed)
    filings = chain([corrected_filings(own, entities)], drawn)
    counts = (counted(study, tables_of(refiled(ledger, base, filing))) for filing in filings)
    lines, cells = _compared(loaded, study, counts)
    sets = {(one.entity, one.rule) for one in own}
    return Effect(
        relation=ledger.relation,
        n_corrected=sum(not one.right for one in own),
        n_draws=n_draws,
        n_held=sum(len(ids) for name, by in others.items() for rule, ids in by.items() if (name, rule) not in sets),
        headlines=lines,
        cells=cells,
    )


def _study(config: Config, ledger: Ledger, incidence: Incidence) -> Study:
    """Return the relation as the first figure that shows it does."""
    tables = tables_of(incidence)
    shown = next(f for f in config.figures if any(config.panel(p).relation == ledger.relation for p in f.panels))
    panels = [config.panel(p) for p in shown.panels if config.panel(p).relation == ledger.relation]
    form = config.relation(ledger.relation).form
    if form == "matrix":
        raise AssertionError("a matrix is not met")
    return Study(
        Numbers.alone(ledger.relation, tables, measure_coverage(ledger)),
        form=form,
        panels=tuple(build_panel(p, tables, config.inference, reversed_of(p, config.panels)) for p in panels),
        thresholds=config.thresholds,
        inference=config.inference,
    )


def _compared(
    loaded: LoadedConfig, study: Study, counts: Iterator[Asked]
) -> tuple[tuple[HeadlineEffect, ...], tuple[CellEffect, ...]]:
    """Return headlines, and the cells that change, given the corrected counts and then those of each draw."""
    found = headlines(Asked(study))
    exact = next(counts)
    corrected = [answer(headline.question, exact) for headline in found]
    answers: list[list[Answer | None]] = []
    values: list[list[float]] = []
    for asked in counts:
        answers.append([answer(headline.question, asked) for headline in found])
        values.append([np.nan if v is None else v for panel in asked.study.panels for v in panel.column("value")])
    level = loaded.config.inference.level
    writer = _writer(loaded, study)
    lines = zip(found, corrected, zip(*answers, strict=True), strict=True)
    return (
        tuple(_headline(h, now, drawn, level, writer) for h, now, drawn in lines),
        tuple(_cells(study.panels, exact.study.panels, _spreads(np.array(values), level))),
    )


def _writer(loaded: LoadedConfig, study: Study) -> Writer:
    settings = loaded.config.relation(study.numbers.name)
    wording = wording_of(settings, study.panels, study.tables.incidence)
    return Writer(template_folder(), loaded.config.report.language, {"w": wording})


def _headline(
    headline: Headline, corrected: Answer | None, drawn: Sequence[Answer | None], level: float, writer: Writer
) -> HeadlineEffect:
    values = np.array([[np.nan if one is None else one.value] for one in drawn])
    return HeadlineEffect(
        id=headline.question.id,
        about=headline.question.about,
        statement=writer.statement(headline),
        value=headline.answer.value,
        word=headline.answer.word,
        corrected=corrected,
        estimated=_spreads(values, level)[0],
        same=sum(
            one is not None and STATEMENTS[headline.question.about].keeps(headline.answer.word, one.word)
            for one in drawn
        )
        / len(drawn),
    )


def _spreads(values: Floats, level: float) -> list[DrawnRange | None]:
    """Return median and ends of each column of (draws, numbers), nan left out; None where half or more are nan."""
    wanted = [(1 - level) / 2, 0.5, (1 + level) / 2]
    there = np.isfinite(values)
    ends = np.quantile(np.where(there, values, 0.0), wanted, axis=0)
    for column in np.flatnonzero(~there.all(axis=0) & (2 * there.sum(axis=0) > len(values))):
        ends[:, column] = np.quantile(values[there[:, column], column], wanted)
    known = 2 * there.sum(axis=0) > len(values)
    return [
        DrawnRange(median, low, high) if is_known else None
        for is_known, low, median, high in zip(known.tolist(), *ends.tolist(), strict=True)
    ]


def _cells(
    built: Sequence[Panel], corrected: Sequence[Panel], estimated: Sequence[DrawnRange | None]
) -> Iterator[CellEffect]:
    """Yield the cells that are not the same in all counts."""
    before = [(panel, cell) for panel in built for cell in panel.cells]
    after = [cell for panel in corrected for cell in panel.cells]
    for (panel, cell), now, spread in zip(before, after, estimated, strict=True):
        constant = spread is None or spread.low == spread.high == cell.value
        if _counts(cell) != _counts(now) or not constant:
            yield CellEffect(
                panel=panel.id,
                measure=panel.measure.name,
                given=cell.given,
                outcome=cell.outcome,
                built=_counts(cell),
                corrected=_counts(now),
                estimated=spread,
            )


def _counts(cell: Cell) -> CellCounts:
    return CellCounts(cell.n_joint, cell.n_given, cell.value)
