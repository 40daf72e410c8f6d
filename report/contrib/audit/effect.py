"""Estimate how the report would change if every item were classified correctly, using the results of an audit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ...arrays import Floats
from ...cells import Cell, Estimate, Panel
from ...config.loading import LoadedConfig
from ...document.writer import Writer
from ...findings.finding import Study
from ...findings.kinds import STATEMENTS, answer, headlines
from ...findings.statements import Answer, Headline, StatementInput
from ...ledger import Axis, Ledger
from ...ledger.patterns import incidence_of, patterns_of
from ...pipeline.drafts import recounted, study_of, writer_of
from .misclassification import LARGEST, Correction, JudgedSide, judged_side
from .sheet import JudgedItem


def population_name(ledger: Ledger, side: Axis) -> str:
    """Return the name that an audit uses for the items of a side: the entity, or relation and side for records."""
    return f"{ledger.relation}.{side.name}" if ledger.unit.role == "record" else side.entity


MOST_DRAWS, FEWEST_DRAWS = 200, 40
_WORK = 1_000_000
"""Approximate limit on patterns plus ten times the cells, over all draws: large relations get fewer draws."""


@dataclass(frozen=True, slots=True)
class HeadlineEffect:
    """A headline as built (`value`, `word`), and its values over draws of the true categories.

    `corrected` is the median and the central range over draws. It is None if the headline is undefined in half of the
    draws or more. `stays` is the share of draws with the same headline.
    """

    id: str
    about: str
    statement: str
    value: float
    word: str
    corrected: Estimate | None
    stays: float


@dataclass(frozen=True, slots=True)
class CellCounts:
    """The counts of a cell (both categories, given category) and the panel's measure, None if undefined."""

    n_joint: float | None
    n_given: float | None
    value: float | None


@dataclass(frozen=True, slots=True)
class CellEffect:
    """A cell of a panel as built, and its value (`measure`) over draws of the true categories."""

    panel: str
    measure: str
    given: str
    outcome: str
    built: CellCounts
    corrected: Estimate | None


@dataclass(frozen=True, slots=True)
class Effect:
    """The effect of an audit on one relation.

    `n_wrong` judged items are misclassified. `unjudged` lists the sides without a judged item, which are assumed to be
    correct. The same assumption applies to the `n_unsampled` items of the other sides whose sets of categories have no
    judged item. `refusal` gives the reason if nothing is corrected, otherwise None. `n_draws` relations were drawn.
    """

    relation: str
    n_wrong: int
    n_draws: int
    unjudged: tuple[str, ...]
    n_unsampled: int
    refusal: str | None
    headlines: tuple[HeadlineEffect, ...]
    cells: tuple[CellEffect, ...]


def effect_of(loaded: LoadedConfig, ledger: Ledger, judged: Sequence[JudgedItem]) -> Effect | None:
    """Return the effect of the judgements on a relation, or None if they concern none of its counted items.

    The draws of `Correction` depend on the seed of `inference:`.
    """
    incidence = incidence_of(ledger, patterns_of(ledger))
    names = [population_name(ledger, side) for side in ledger.sides]
    own = [one for one in judged if one.entity in names]
    if not own or not incidence.n_units:
        return None
    rows, columns = (
        judged_side(ledger, place, [one for one in own if one.entity == name]) for place, name in enumerate(names)
    )
    correction = Correction(ledger, (rows, columns))
    n_wrong = sum(not one.right for one in own)
    refusal = _refusal(names, (rows, columns), correction)
    study = study_of(loaded.config, ledger, incidence)
    n_cells = sum(len(panel.cells) for panel in study.panels)
    n_draws = min(MOST_DRAWS, max(FEWEST_DRAWS, _WORK // (len(incidence.units) + 10 * n_cells)))
    if refusal or not n_wrong:
        n_draws = 0
    seeds = np.random.SeedSequence(loaded.config.inference.seed).spawn(n_draws)
    drawn = (correction.draw(np.random.default_rng(seed)) for seed in seeds)
    lines, cells = _compared(loaded, study, (recounted(study, one) for one in drawn)) if n_draws else ((), ())
    return Effect(
        relation=ledger.relation,
        n_wrong=n_wrong,
        n_draws=n_draws,
        unjudged=tuple(name for name in dict.fromkeys(names) if not any(one.entity == name for one in own)),
        n_unsampled=sum(side.n_unsampled for side in (rows, columns) if len(side.rows)),
        refusal=refusal,
        headlines=lines,
        cells=cells,
    )


def _refusal(names: Sequence[str], sides: tuple[JudgedSide, JudgedSide], correction: Correction) -> str | None:
    """Return the reason why a relation cannot be corrected, or None."""
    for name, side in zip(names, sides, strict=True):
        confused = side.confused()
        if confused is not None:
            return (
                f"in {name}, items that are truly {confused[0]} and items that are truly {confused[1]} are assigned "
                "nearly the same categories, so their errors cannot be undone; mend the rules first"
            )
    if correction.work > LARGEST:
        return "its units have too many different sets of categories"
    return None


def _compared(
    loaded: LoadedConfig, study: Study, counts: Iterator[StatementInput]
) -> tuple[tuple[HeadlineEffect, ...], tuple[CellEffect, ...]]:
    """Return the headlines and the cells that change, given the counts of each draw."""
    found = headlines(StatementInput(study))
    answers: list[list[Answer | None]] = []
    values: list[list[float]] = []
    for asked in counts:
        answers.append([answer(headline.question, asked) for headline in found])
        values.append([np.nan if v is None else v for panel in asked.study.panels for v in panel.column("value")])
    level = loaded.config.inference.level
    writer = writer_of(loaded.config, study)
    return (
        tuple(_headline(h, drawn, level, writer) for h, drawn in zip(found, zip(*answers, strict=True), strict=True)),
        tuple(_cells(study.panels, _spreads(np.array(values), level))),
    )


def _headline(headline: Headline, drawn: Sequence[Answer | None], level: float, writer: Writer) -> HeadlineEffect:
    values = np.array([[np.nan if one is None else one.value] for one in drawn])
    keeps = STATEMENTS[headline.question.about].keeps
    return HeadlineEffect(
        id=headline.question.id,
        about=headline.question.about,
        statement=writer.statement(headline),
        value=headline.answer.value,
        word=headline.answer.word,
        corrected=_spreads(values, level)[0],
        stays=sum(one is not None and keeps(headline.answer.word, one.word) for one in drawn) / len(drawn),
    )


def _spreads(values: Floats, level: float) -> list[Estimate | None]:
    """Return the median and range of each column of (draws, numbers), ignoring nan (None if half or more are nan)."""
    wanted = [(1 - level) / 2, 0.5, (1 + level) / 2]
    there = np.isfinite(values)
    ends = np.quantile(np.where(there, values, 0.0), wanted, axis=0)
    for column in np.flatnonzero(~there.all(axis=0) & (2 * there.sum(axis=0) > len(values))):
        ends[:, column] = np.quantile(values[there[:, column], column], wanted)
    known = 2 * there.sum(axis=0) > len(values)
    return [
        Estimate(median, low, high) if is_known else None
        for is_known, low, median, high in zip(known.tolist(), *ends.tolist(), strict=True)
    ]


def _cells(built: Sequence[Panel], corrected: Sequence[Estimate | None]) -> Iterator[CellEffect]:
    """Yield the cells that differ in at least one draw."""
    cells = [(panel, cell) for panel in built for cell in panel.cells]
    for (panel, cell), spread in zip(cells, corrected, strict=True):
        is_constant = spread is not None and spread.low == spread.high == cell.value
        if not (is_constant or (spread is None and cell.value is None)):
            yield CellEffect(panel.id, panel.measure.name, cell.given, cell.outcome, _counts(cell), spread)


def _counts(cell: Cell) -> CellCounts:
    return CellCounts(cell.n_joint, cell.n_given, cell.value)
