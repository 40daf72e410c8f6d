"""Surprises against what is expected: pairs off the diagonal that meet more, or less, often than that."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from ..cells import Cell, Panel
from ..inference.crossing_alone import alone
from ..inference.ratios import Ratios
from .finding import Finding, Study

_SHOWN = 3
_HALF = 0.5
"""Share of the joint counts on the diagonal beyond which it makes every crossing look rare."""

Basis = Literal["all", "strata", "crossing"]
"""all: n_a n_b / N over all units; strata: the sum of the same within strata; crossing: quasi-independence, among the
units whose categories differ."""


@dataclass(frozen=True, eq=False)
class Judgement:
    """What pairs are compared with: ratios and q (R, C), rows by columns, and the basis of both.

    q is nan where a pair is not tested.
    """

    basis: Basis
    ratios: Ratios
    q: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pair:
    """A cell of the panel as it is judged: `ratio` is n_joint over `expected`, with the ends of its interval.

    `overall` is the lift over all units, whatever the basis; `q_value` is None where the pair is not tested.
    """

    given: str
    outcome: str
    n_joint: float
    expected: float
    ratio: float
    low: float
    high: float
    overall: float | None
    q_value: float | None
    p_value: float | None = None

    @property
    def direction(self) -> Literal["above", "below", "neither"]:
        """Where the interval lies: wholly above 1, wholly below, or over it."""
        return "above" if self.low > 1 else "below" if self.high < 1 else "neither"


@dataclass(frozen=True, kw_only=True)
class Surprises(Finding):
    """Cells of the first panel whose interval lies wholly above or below 1, by the judgement named in `basis`.

    Only where the expected count of that judgement reaches the threshold, else a ratio says nothing; ranked by the
    interval's end nearer to 1. `n_tested` cells were looked at. `together`: those shown have q at or under `fdr`, so
    they hold when all are tested together; where none does and there is no diagonal, those whose intervals taken one
    by one exclude 1 are shown, and must be worded so. On the basis "crossing" only the strongest is shown, against
    the fit to all others. `stratified`: expected counts are summed within strata, on the basis "crossing" too;
    `n_crossing` joint counts are off the diagonal, None on another basis.
    """

    kind: ClassVar[str] = "surprises"
    panel: str
    basis: Basis
    stratified: bool = False
    n_crossing: float | None = None
    above: tuple[Pair, ...]
    below: tuple[Pair, ...]
    together: bool
    n_tested: int
    n_above: int
    n_below: int


def judged(study: Study) -> Judgement:
    """Return what the pairs of a study are compared with: the first judgement that applies.

    Among the units that cross where the diagonal holds more than half, which makes every other pair rare over all
    units; within strata where they are declared, since their composition makes pairs meet (among crossing units too);
    else over all units.
    """
    tables, level = study.tables, study.inference.level
    if _is_mostly_diagonal(study):
        return Judgement("crossing", tables.crossing(level), tables.q_crossing(study.inference))
    if tables.stratified:
        return Judgement("strata", tables.within(level), tables.q_values(study.inference))
    return Judgement("all", tables.over_all(level), tables.q_values(study.inference))


def _is_mostly_diagonal(study: Study) -> bool:
    joint = study.joint
    return study.diagonal and float(np.trace(joint)) > _HALF * float(joint.sum())


def find(study: Study) -> list[Surprises]:
    """Return one finding; null where no cell's interval excludes 1."""
    panel, judgement = study.panels[0], judged(study)
    cells = _often_expected(study, panel, judgement)
    pairs = [pair for cell in cells if (pair := _tested(study, panel, cell, judgement)) is not None]
    outside = [pair for pair in pairs if pair.direction != "neither"]
    surviving = [pair for pair in outside if pair.q_value is not None and pair.q_value <= study.inference.fdr]
    kept = _kept(outside, surviving, judgement.basis, diagonal=study.diagonal)
    if judgement.basis == "crossing":
        kept = [_alone(study, panel, pair) for pair in kept]
    above = sorted((pair for pair in kept if pair.direction == "above"), key=lambda pair: -pair.low)
    below = sorted((pair for pair in kept if pair.direction == "below"), key=lambda pair: pair.high)
    shown = (*above[:_SHOWN], *below[:_SHOWN])
    return [
        Surprises(
            id=f"surprises.{panel.id}",
            null=not shown,
            panel=panel.id,
            basis=judgement.basis,
            stratified=study.tables.stratified,
            n_crossing=float(study.joint.sum() - np.trace(study.joint)) if judgement.basis == "crossing" else None,
            cells=tuple(ref for pair in shown for ref in study.refs(*_sides(study, panel, pair.given, pair.outcome))),
            above=tuple(above[:_SHOWN]),
            below=tuple(below[:_SHOWN]),
            together=bool(surviving),
            n_tested=len(pairs),
            n_above=len(above),
            n_below=len(below),
        )
    ]


def _often_expected(study: Study, panel: Panel, judgement: Judgement) -> list[Cell]:
    """Return the cells that are expected often enough to be tested, told apart for all at once."""
    expected = judgement.ratios.expected
    turned = panel.given != study.tables.incidence.rows.kind
    often = (expected.T if turned else expected) >= study.thresholds.expected
    return [cell for cell, is_often in zip(panel.cells, often.ravel().tolist(), strict=True) if is_often]


def _kept(outside: list[Pair], surviving: list[Pair], basis: Basis, *, diagonal: bool) -> list[Pair]:
    """Return the pairs to speak of.

    Among crossing units one large departure bends the fit for all that share a fit with it, so only the strongest
    is named. Beside a diagonal, pairs that hold only one by one are none: of many cells some always do.
    """
    if basis == "crossing" and surviving:
        return [min(surviving, key=lambda pair: (pair.p_value is None, pair.p_value, -_strength(pair)))]
    return surviving or ([] if diagonal else outside)


def _alone(study: Study, panel: Panel, pair: Pair) -> Pair:
    """Return a pair compared with what the other crossings expect of it."""
    row, column = _sides(study, panel, pair.given, pair.outcome)
    place = study.rows.index(row), study.columns.index(column)
    found = alone(study.tables.incidence, place, pair.n_joint, (pair.ratio, pair.low, pair.high))
    return replace(pair, expected=found.expected, ratio=found.ratio, low=found.low, high=found.high)


def stated(study: Study, panel: Panel, cell: Cell, judgement: Judgement) -> Pair | None:
    """Return a cell as the text states it; None where it is not measured or no interval can be given."""
    pair = pair_of(study, panel, cell, judgement)
    return pair if pair is None or judgement.basis != "crossing" else _alone(study, panel, pair)


def _strength(pair: Pair) -> float:
    """Return how far the interval's end nearer to 1 is from 1, as a ratio of 1 or more."""
    return pair.low if pair.direction == "above" else 1 / max(pair.high, 1e-300)


def pair_of(study: Study, panel: Panel, cell: Cell, judgement: Judgement) -> Pair | None:
    """Return a cell as it is judged; None where it is not measured or no interval can be given."""
    row, column = _sides(study, panel, cell.given, cell.outcome)
    at = study.rows.index(row), study.columns.index(column)
    ratios = judgement.ratios
    numbers = tuple(float(part[at]) for part in (ratios.expected, ratios.ratio, ratios.low, ratios.high))
    if cell.state != "measured" or cell.n_joint is None or not np.isfinite(numbers).all():
        return None
    expected, ratio, low, high = numbers
    p, q = float(ratios.p[at]), float(judgement.q[at])
    return Pair(
        given=cell.given,
        outcome=cell.outcome,
        n_joint=cell.n_joint,
        expected=expected,
        ratio=ratio,
        low=low,
        high=high,
        overall=cell.lift,
        q_value=None if math.isnan(q) else q,
        p_value=None if math.isnan(p) else p,
    )


def _sides(study: Study, panel: Panel, given: str, outcome: str) -> tuple[str, str]:
    """Return a cell's categories as row and column."""
    return (given, outcome) if panel.given == study.tables.incidence.rows.kind else (outcome, given)


def _tested(study: Study, panel: Panel, cell: Cell, judgement: Judgement) -> Pair | None:
    """Return the cell, expected often enough, if it can surprise: measured, off the diagonal, seen once."""
    if panel.same_taxonomy and cell.given == cell.outcome:
        return None
    # A kind with itself over a shared key: each pair stands in two cells.
    if study.tables.incidence.trivial_diagonal and study.rows.index(cell.given) > study.rows.index(cell.outcome):
        return None
    return pair_of(study, panel, cell, judgement)
