"""Panels: counts, measure and inference put together as frozen cells, in declared order."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from report.cells import Cell, Kind, Panel, Unit
from report.incidence import Incidence
from report.inference.independence import p_values, q_values
from report.inference.intervals import Interval, interval
from report.inference.moments import Moments, moments
from report.inference.settings import InferenceSettings
from report.inference.states import states
from report.matrices.bare import BareMatrix
from report.matrices.counts import Counts, tabulate
from report.matrices.settings import PanelSettings
from report.measures import MEASURES

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Tables:
    """All 2 x 2 tables of one relation, rows as given: counts, moments, p and q, worked out once."""

    incidence: Incidence
    counts: Counts
    units: Counts
    moments: Moments
    p: Floats

    @property
    def same_taxonomy(self) -> bool:
        """Whether both axes carry the same categories of one taxonomy, so that a diagonal exists."""
        rows, columns = self.incidence.rows, self.incidence.columns
        return (rows.taxonomy, rows.categories) == (columns.taxonomy, columns.categories)


def tables_of(incidence: Incidence) -> Tables:
    """Work out counts, moments and p values of an incidence."""
    m = moments(incidence)
    return Tables(
        incidence=incidence,
        counts=tabulate(incidence),
        units=tabulate(incidence, "units"),
        moments=m,
        p=p_values(m, weighted=incidence.weighted or incidence.fractional),
    )


def build_panel(
    settings: PanelSettings, tables: Tables, inference: InferenceSettings, mirror: str | None = None
) -> Panel:
    """Return the panel of a relation with counts."""
    incidence, reverse = tables.incidence, settings.given != tables.incidence.rows.name
    counts = tables.counts.reversed() if reverse else tables.counts
    units = tables.units.reversed() if reverse else tables.units
    m = tables.moments.reversed() if reverse else tables.moments
    measure = MEASURES[settings.measure]
    weighted = incidence.weighted or incidence.fractional
    state = states(m, measure.info, units.given, inference, masked=incidence.trivial_diagonal)
    sized = m.scaled(_effective_units(incidence)) if measure.sized else m
    ends = interval(measure.info, measure, sized, inference.level, weighted=weighted)
    lift = MEASURES["lift"]
    columns = _Columns(
        counts=counts,
        value=measure(*sized.totals),
        ends=ends,
        lift=lift(*m.totals),
        lift_ends=interval(lift.info, lift, m, inference.level, weighted=weighted),
        q=_q_values(tables, inference, reverse=reverse),
        state=state,
    )
    return Panel(
        id=settings.id,
        relation=settings.relation,
        given=counts.given_side.kind,
        outcome=counts.outcome_side.kind,
        given_categories=counts.given_side.categories,
        outcome_categories=counts.outcome_side.categories,
        measure=measure.info,
        unit=incidence.unit,
        n_units=counts.n_units,
        n_groups=incidence.n_groups,
        level=inference.level,
        cells=tuple(columns.cells()),
        mirror=mirror,
        same_taxonomy=tables.same_taxonomy,
    )


def _effective_units(incidence: Incidence) -> float:
    """Return how many effective units, (sum w)^2 / sum w^2 in all, a weight of one stands for; 1 without weights."""
    squares = float(incidence.weight_squared.sum())
    return float(incidence.weight.sum()) / squares if squares else 1.0


def _q_values(tables: Tables, inference: InferenceSettings, *, reverse: bool) -> Floats:
    """Return q (R, C) over the relation's tables, each tested once whichever panel shows it.

    Only tables with enough units (and groups) on both margins are tested.
    """
    info = MEASURES["lift"].info
    masked = tables.incidence.trivial_diagonal
    there = states(tables.moments, info, tables.units.given, inference, masked=masked)
    back = states(tables.moments.reversed(), info, tables.units.outcome, inference, masked=masked).T
    q = q_values(tables.p, (there == "measured") & (back == "measured"))
    return q.T if reverse else q


@dataclass(frozen=True, eq=False)
class _Columns:
    """The arrays of a panel, given x outcome, on their way to cells."""

    counts: Counts
    value: Floats
    ends: Interval
    lift: Floats
    lift_ends: Interval
    q: Floats
    state: NDArray[np.str_]

    def cells(self) -> list[Cell]:
        given, outcome = self.counts.given_side.categories, self.counts.outcome_side.categories
        expected = self.counts.expected
        return [self._cell(a, b, float(expected[a, b])) for a in range(len(given)) for b in range(len(outcome))]

    def _cell(self, a: int, b: int, expected: float) -> Cell:
        counts, state = self.counts, str(self.state[a, b])
        defined = state in ("measured", "few")
        within = counts.expected_within
        joint = float(counts.joint[a, b])
        return Cell(
            given=counts.given_side.categories[a],
            outcome=counts.outcome_side.categories[b],
            n_joint=joint,
            n_given=float(counts.given[a]),
            n_outcome=float(counts.outcome[b]),
            n_units=counts.n_units,
            value=_number(self.value[a, b]) if defined else None,
            low=_number(self.ends.low[a, b]) if defined else None,
            high=_number(self.ends.high[a, b]) if defined else None,
            baseline=float(counts.outcome[b]) / counts.n_units if counts.n_units else None,
            expected=expected,
            lift=_number(self.lift[a, b]) if defined else None,
            lift_low=_number(self.lift_ends.low[a, b]) if defined else None,
            lift_high=_number(self.lift_ends.high[a, b]) if defined else None,
            expected_within_strata=None if within is None else float(within[a, b]),
            lift_within_strata=joint / float(within[a, b]) if within is not None and defined and within[a, b] else None,
            q_value=_number(self.q[a, b]) if defined else None,
            state=state,  # type: ignore[arg-type]
        )


def _number(value: float) -> float | None:
    """Return a plain float, None for nan: what is undefined is absent, never 0."""
    return float(value) if math.isfinite(value) else None


def build_bare_panel(
    settings: PanelSettings, matrix: BareMatrix, kinds: tuple[Kind, Kind], mirror: str | None
) -> Panel:
    """Return the panel of a published matrix: values and reading intervals, no counts, hence no tests."""
    info = MEASURES[settings.measure].info
    return Panel(
        id=settings.id,
        relation=settings.relation,
        given=kinds[0],
        outcome=kinds[1],
        given_categories=matrix.given,
        outcome_categories=matrix.outcome,
        measure=info,
        unit=Unit("none", "value", "values"),
        n_units=None,
        n_groups=None,
        level=1.0,
        cells=tuple(_bare_cells(matrix)),
        mirror=mirror,
        same_taxonomy=matrix.given == matrix.outcome,
    )


def _bare_cells(matrix: BareMatrix) -> Sequence[Cell]:
    nothing = dict.fromkeys(
        ("n_joint", "n_outcome", "n_units", "baseline", "expected", "lift", "lift_low", "lift_high",
         "expected_within_strata", "lift_within_strata", "q_value")
    )  # fmt: skip
    return [
        Cell(
            given=entry.given,
            outcome=entry.outcome,
            n_given=entry.n,
            value=entry.value,
            low=entry.low,
            high=entry.high,
            state="no_given" if entry.value is None else "measured",
            **nothing,
        )
        for entry in matrix.entries
    ]


def reversed_of(panel: PanelSettings, others: Sequence[PanelSettings]) -> str | None:
    """Return the id of the first panel that reverses this one: same relation and measure, kinds exchanged."""
    for other in others:
        same = (other.relation, other.measure) == (panel.relation, panel.measure)
        if same and (other.given, other.outcome) == (panel.outcome, panel.given) and other.id != panel.id:
            return other.id
    return None
