"""Make the results of each relation from its counts: frozen records for documents and data files."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np

from ..arrays import Bools, Floats
from ..cells import Panel
from ..config.loading import Config
from ..counted import RelationCounts
from ..document import material
from ..incidence import Side
from ..matrices.counts import Counts, adjusted_residual, totals
from ..matrices.seriation import Grouping, seriate
from ..panels import RelationStats, expected_of, of_effective_units
from ..stats.settings import InferenceSettings
from .counting import CountedSources


def work_out(config: Config, counted: CountedSources, panels: Mapping[str, Panel]) -> dict[str, material.Results]:
    """Return the results of every relation that a panel shows, in the order of the panels."""
    found: dict[str, material.Results] = {}
    for name in dict.fromkeys(panel.relation for panel in panels.values()):
        numbers = counted.relations.get(name)
        found[name] = material.BareResults(name) if numbers is None else _counted(numbers, config.inference)
    return found


def _counted(numbers: RelationCounts, settings: InferenceSettings) -> material.RelationResults:
    tables = numbers.tables
    incidence = tables.incidence
    scaled = of_effective_units(tables)
    seriation = seriate(scaled, incidence.worth_of_one * expected_of(tables), settings.minimum_units)
    return material.RelationResults(
        relation=numbers.name,
        unit=incidence.unit,
        counts=_count_tables(tables, scaled, settings.level),
        strata=tuple(_strata_counts(tables)),
        sampling=_sampling(tables, settings),
        coverage=numbers.coverage,
        contributors=numbers.contributors,
        axes=(
            _axis(incidence.rows, seriation.rows),
            _axis(incidence.columns, seriation.columns),
        ),
    )


def _axis(side: Side, grouping: Grouping) -> material.AxisOrder:
    return material.AxisOrder(side.name, side.kind, grouping, ordered=side.ordered is not None)


def _sampling(tables: RelationStats, settings: InferenceSettings) -> material.Sampling:
    incidence = tables.incidence
    return material.Sampling(
        n_units=incidence.n_units,
        effective_units=incidence.effective_units if incidence.weighted else None,
        n_groups=incidence.n_groups,
        group_names=incidence.group_names,
        stratum_names=incidence.stratum_names,
        level=settings.level,
    )


def _count_tables(tables: RelationStats, scaled: Counts, level: float) -> material.CountTables:
    """Return the counts of a relation. `scaled` are the counts for the residuals."""
    counts, found = tables.counts, tables.within.lift_ends(1 - level) if tables.stratified else None
    sized = scaled.joint, scaled.given[:, None], scaled.outcome[None, :], np.array(scaled.n_units)
    within = counts.expected_within

    none = np.zeros(counts.joint.shape, dtype=np.bool_)
    is_all = (counts.joint == counts.given[:, None]) | (counts.joint == counts.outcome[None, :])
    hidden = none if tables.withheld is None else tables.withheld & (is_all | (counts.joint == 0))

    def shown(numbers: Floats) -> material.Matrix:
        return _matrix(np.where(hidden, np.nan, numbers))

    return material.CountTables(
        rows=counts.given_side.categories,
        columns=counts.outcome_side.categories,
        n_units=counts.n_units,
        row_totals=_totals(counts.given, hidden, axis=1),
        column_totals=_totals(counts.outcome, hidden, axis=0),
        joint=shown(counts.joint),
        expected=shown(counts.expected),
        expected_within_strata=None if within is None else shown(within),
        standardized_residual=shown(adjusted_residual(*sized)),
        lift_within_low=None if found is None else shown(found.low),
        lift_within_high=None if found is None else shown(found.high),
        most_within_strata=None if found is None else shown(tables.within.most),
    )


def _totals(totals: Floats, hidden: Bools, *, axis: int) -> tuple[float | None, ...]:
    """Return totals along an axis of `hidden` (R, C), or None for a category without remaining units."""
    lines = hidden if axis == 1 else hidden.T
    gone = (len(line) and line.all() and not n for n, line in zip(totals, lines, strict=True))
    return tuple(None if is_gone else float(n) for n, is_gone in zip(totals, gone, strict=True))


_MOST_STRATA, _MOST_DRAWN = 12, 16
"""The most strata in small charts, and the most categories on a side for them."""


def _strata_counts(tables: RelationStats) -> Iterator[material.StratumCounts]:
    """Yield the counts of the largest strata."""
    incidence = tables.incidence
    if not tables.stratified or max(tables.counts.joint.shape) > _MOST_DRAWN:
        return
    sizes = np.bincount(incidence.stratum, incidence.weight, len(incidence.strata))
    for place in np.argsort(-sizes, kind="stable")[:_MOST_STRATA]:
        if sizes[place]:
            joint = totals(incidence, np.where(incidence.stratum == place, incidence.weight, 0.0))[0]
            if incidence.reduced is not None:
                joint = np.where(incidence.reduced & (joint == 0), np.nan, joint)
            yield material.StratumCounts(incidence.strata[place], float(sizes[place]), _matrix(joint))


def _matrix(numbers: Floats) -> material.Matrix:
    return tuple(tuple(float(n) if math.isfinite(n) else None for n in row) for row in numbers)
