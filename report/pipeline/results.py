"""From what was counted to the frozen record of results, a relation at a time."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from ..arrays import Floats
from ..cells import Panel
from ..config.model import Config
from ..document import results
from ..document.compose import Written
from ..findings.blocks import judged_against
from ..findings.thresholds import ThresholdSettings
from ..inference import InferenceSettings
from ..inference.bare import cycle_check, size_check
from ..inference.symmetry import symmetry
from ..inference.totals import design_effect
from ..matrices.counts import Counts, labelled_on_both
from ..matrices.seriation import seriate
from ..measures import MEASURES
from ..measures.structure import structure
from ..panels import Tables
from .comparisons import Comparisons, Shown, compare
from .counting import Counted, Numbers


def work_out(config: Config, counted: Counted, panels: Mapping[str, Panel]) -> dict[str, results.Results]:
    """Return the results of every relation that a panel shows, in the order of the panels; without findings."""
    found: dict[str, results.Results] = {}
    for name in dict.fromkeys(panel.relation for panel in panels.values()):
        own = [panel for panel in panels.values() if panel.relation == name]
        numbers = counted.relations.get(name)
        found[name] = _bare(name, own, config) if numbers is None else _counted(numbers, own, config)
    return found


def with_findings(found: Mapping[str, results.Results], written: Sequence[Written]) -> tuple[results.Results, ...]:
    """Return the results of every relation with what was found of it, figure by figure."""
    findings = {
        name: tuple(
            (w.part.figure, finding)
            for w in written
            if w.part.panels[0].relation == name
            for finding in w.part.findings
        )
        for name in found
    }
    return tuple(replace(of, findings=findings[name]) for name, of in found.items())


def _bare(name: str, panels: Sequence[Panel], config: Config) -> results.BareResults:
    about = (results.PanelResults(panel.id, None, tiers(panel, config.thresholds)) for panel in panels)
    return results.BareResults(name, tuple(about), tuple(_sizes(panels)))


def _sizes(panels: Sequence[Panel]) -> Iterator[results.PublishedSizes]:
    """Yield what each reversed pair of panels of shares (once), and each one of a kind with itself, needs of sizes."""
    shares = {panel.id: panel for panel in panels if panel.measure.name == "conditional"}
    seen: set[str] = set()
    for panel in shares.values():
        mirror = shares.get(panel.mirror or "")
        seen.add(panel.id)
        if mirror is not None and mirror.id not in seen:
            check = size_check(panel, mirror)
            yield results.PublishedSizes(panel.id, mirror.id, panel.given, panel.outcome, check)
        elif mirror is None and panel.given == panel.outcome and panel.same_taxonomy:
            yield results.PublishedSizes(panel.id, None, panel.given, panel.outcome, cycle_check(panel))


def _counted(numbers: Numbers, panels: Sequence[Panel], config: Config) -> results.RelationResults:
    tables, settings = numbers.tables, config.inference
    incidence = tables.incidence
    shown = [Shown(panel, incidence) for panel in panels]
    compared = compare(shown, settings) if config.outputs.data else Comparisons((), {})
    about = symmetry(incidence, settings.level)
    against = judged_against(tables)
    scaled = against.counts
    seriation = seriate(scaled, expected=against.expected, minimum_units=settings.minimum_units)
    return results.RelationResults(
        relation=numbers.name,
        unit=incidence.unit,
        counts=_counts(tables, scaled),
        sampling=_sampling(
            tables, settings, drawn=any(isinstance(shares, tuple) for shares in compared.highest.values())
        ),
        coverage=numbers.coverage,
        contributors=numbers.contributors,
        panels=tuple(_about_panel(one, compared, config.thresholds) for one in shown),
        pairs=about.pairs,
        tests=about.tests,
        order=about.order,
        axes=(
            results.AxisOrder(incidence.rows.name, incidence.rows.kind, seriation.rows),
            results.AxisOrder(incidence.columns.name, incidence.columns.kind, seriation.columns),
        ),
        direct=seriation.direct,
        contrasts=compared.contrasts,
    )


def _about_panel(one: Shown, compared: Comparisons, thresholds: ThresholdSettings) -> results.PanelResults:
    return results.PanelResults(
        panel=one.panel.id,
        structure=structure(one.incidence, reverse=one.by_columns),
        tiers=tiers(one.panel, thresholds),
        highest=compared.highest.get(one.panel.id),
    )


def tiers(panel: Panel, thresholds: ThresholdSettings) -> results.Tiers | None:
    """Return how many measured cells of a panel stand in each tier; None where the measure is no share."""
    if (panel.measure.lower, panel.measure.upper) != (0, 1):
        return None
    of_cells = zip(panel.column("state"), panel.column("value"), strict=True)
    values = [value for state, value in of_cells if state == "measured" and value is not None]
    limits = (thresholds.high, thresholds.moderate, thresholds.low)
    reached = [sum(value >= limit for value in values) for limit in limits]
    ends = [0, *reached, len(values)]
    return results.Tiers(*(after - before for before, after in pairwise(ends)))


def _counts(tables: Tables, scaled: Counts) -> results.CountTables:
    counts = tables.counts
    residual = MEASURES["standardized_residual"]
    sized = scaled.joint, scaled.given[:, None], scaled.outcome[None, :], np.array(scaled.n_units)
    within = counts.expected_within
    return results.CountTables(
        rows=counts.given_side.categories,
        columns=counts.outcome_side.categories,
        n_units=counts.n_units,
        row_totals=tuple(map(float, counts.given)),
        column_totals=tuple(map(float, counts.outcome)),
        joint=_matrix(counts.joint),
        expected=_matrix(counts.expected),
        expected_within_strata=None if within is None else _matrix(within),
        standardized_residual=_matrix(residual(*sized)),
    )


def _matrix(numbers: Floats) -> results.Matrix:
    return tuple(tuple(float(n) if math.isfinite(n) else None for n in row) for row in numbers)


def _sampling(tables: Tables, settings: InferenceSettings, *, drawn: bool) -> results.Sampling:
    incidence = tables.incidence
    return results.Sampling(
        n_units=incidence.n_units,
        effective_units=incidence.effective_units if incidence.weighted else None,
        n_groups=incidence.n_groups,
        group_names=incidence.group_names,
        stratum_names=incidence.stratum_names,
        n_strata=len(incidence.strata),
        design_effect=_agreement_effect(tables),
        level=settings.level,
        resamples=settings.resamples if drawn else None,
        seed=settings.seed if drawn else None,
    )


def _agreement_effect(tables: Tables) -> float | None:
    """Return the design effect of the share of units, labelled on both sides, whose categories are the same."""
    incidence = tables.incidence
    if not tables.same_taxonomy or incidence.trivial_diagonal:
        return None
    labelled = labelled_on_both(incidence)
    agree = labelled & (incidence.row_sets == incidence.column_sets).all(axis=1)
    return design_effect(agree.astype(np.float64), labelled.astype(np.float64), incidence)
