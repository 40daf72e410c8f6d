"""From what was counted to the frozen record of results, a relation at a time; which contrasts and rankings it has."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np

from ..arrays import Bools, Floats
from ..cells import MeasureInfo, Panel, Refusal
from ..config.loading import Config
from ..document import material
from ..document.compose import Written
from ..document.material import ContrastKind, ContrastLine, ContrastTerm, Highest
from ..findings import ThresholdSettings
from ..findings.blocks import judged_against
from ..findings.finding import Numbers
from ..inference import InferenceSettings
from ..inference.bare import cycle_check, size_check
from ..inference.contrasts import CellSum, Compared, Contrast, cell, compared, mean
from ..inference.drawing import Ranking, highest_shares
from ..inference.intervals import Formula
from ..inference.symmetry import symmetry
from ..inference.totals import design_effect
from ..matrices.counts import Counts, labelled_on_both, totals
from ..matrices.seriation import seriate
from ..measures import MEASURES
from ..measures.structure import structure
from ..panels import PlacedPanel, Tables
from .counting import Counted

MOST_CATEGORIES = 30
"""Categories of an axis up to which contrasts are made: beyond, a panel has more than a thousand, for no reader."""

_Asked = tuple[ContrastLine, Contrast | None]


@dataclass(frozen=True)
class Comparisons:
    """Contrasts in order, and by panel id how often each measured cell is the highest of its row."""

    contrasts: tuple[ContrastLine, ...]
    highest: dict[str, tuple[Highest, ...] | Refusal]


class Shown(PlacedPanel):
    """A panel over an incidence, for which contrasts of its measured cells are asked."""

    @property
    def info(self) -> MeasureInfo:
        """What the panel measures."""
        return self.panel.measure

    @cached_property
    def own(self) -> Formula:
        """The panel's measure as a formula of the incidence's totals; the same one each time."""
        return self.formula(self.info.name)

    @cached_property
    def measured(self) -> Bools:
        """Which cells (R, C) of the incidence are measured and have a value."""
        panel = self.panel
        of_cells = zip(panel.column("state"), panel.column("value"), strict=True)
        there = np.array([state == "measured" and value is not None for state, value in of_cells], dtype=np.bool_)
        there = there.reshape(len(panel.given_categories), len(panel.outcome_categories))
        return there.T if self.by_columns else there

    @property
    def rows(self) -> list[int]:
        """The given categories that have a measured cell."""
        return [int(a) for a in np.flatnonzero(self.measured.any(axis=0 if self.by_columns else 1))]

    def cell(self, row: int, column: int) -> CellSum:
        """Return a cell of the incidence as a term of a contrast."""
        return cell(self.own, row, column)

    def only(self, given: int) -> Bools:
        """Return the measured cells (R, C) of one given category."""
        chosen = np.zeros_like(self.measured)
        chosen[(slice(None), given) if self.by_columns else given] = True
        return chosen & self.measured

    @cached_property
    def adds_to_one(self) -> bool:
        """Whether the shares of each row add to one whatever is drawn, so that means of rows say nothing."""
        if self.info.name != "conditional" or self.incidence.trivial_diagonal:
            return False
        sets = (self.incidence.row_sets, self.incidence.column_sets)
        outcome, given = sets if self.by_columns else sets[::-1]
        n_outcome = outcome[given.any(axis=1)].sum(axis=1)
        return bool((n_outcome >= 1).all() if self.incidence.fractional else (n_outcome == 1).all())


def compare(shown: Sequence[Shown], settings: InferenceSettings) -> Comparisons:
    """Return contrasts of the measured cells of a relation's panels, and ranks within rows.

    Contrasts, in order: (a, b) of a panel against (b, a) of the one that reverses it, the means of both; within a
    panel of one taxonomy (a, b) against (b, a); each row's mean against the mean of all other rows. A kind that
    could only say what is known beforehand has one line with the reason.
    """
    asked = [line for left, right in _mirrored(shown) for line in _between(left, right)]
    asked += [line for one in shown for line in _within(one)]
    contrasts = [contrast for _, contrast in asked if contrast is not None]
    ranked = [one for one in shown if _reason(one) is None and one.measured.any()]
    rankings = [Ranking(one.own, one.measured, one.by_columns) for one in ranked]
    if not contrasts and not rankings:
        return Comparisons(tuple(line for line, _ in asked), {})
    incidence = shown[0].incidence
    numbers = iter(compared(contrasts, incidence, settings.level))
    lines = tuple(line if contrast is None else _answered(line, next(numbers)) for line, contrast in asked)
    shares = highest_shares(rankings, incidence, settings)
    if isinstance(shares, Refusal):
        return Comparisons(lines, dict.fromkeys((one.panel.id for one in ranked), shares))
    return Comparisons(lines, {one.panel.id: tuple(_highest(one, s)) for one, s in zip(ranked, shares, strict=True)})


def _answered(line: ContrastLine, found: Compared) -> ContrastLine:
    if not math.isfinite(found.difference.value):
        return replace(line, reason=found.reason)
    first, second = found.first, found.second
    return replace(line, first_value=first, second_value=second, difference=found.difference, reason=found.reason)


def _highest(one: Shown, shares: Floats) -> Iterator[Highest]:
    panel = one.panel
    for a, given in enumerate(panel.given_categories):
        for b, outcome in enumerate(panel.outcome_categories):
            place = one.place(a, b)
            if one.measured[place]:
                yield Highest(given, outcome, float(shares[place]))


def _mirrored(shown: Sequence[Shown]) -> Iterator[tuple[Shown, Shown]]:
    """Yield each two panels that reverse each other, once."""
    by_id = {one.panel.id: one for one in shown}
    seen: set[str] = set()
    for one in shown:
        mirror = by_id.get(one.panel.mirror or "")
        if mirror is not None and mirror.panel.id not in seen:
            yield one, mirror
        seen.add(one.panel.id)


def _reason(one: Shown) -> str | None:
    """Return why a panel has no contrasts at all, or None."""
    if max(len(one.panel.given_categories), len(one.panel.outcome_categories)) > MOST_CATEGORIES:
        return f"there are more than {MOST_CATEGORIES} categories"
    return "a test statistic has no interval" if one.info.statistic else None


def _without(kind: ContrastKind, first: Shown, second: Shown, reason: str) -> _Asked:
    return ContrastLine(kind, ContrastTerm(first.panel.id), ContrastTerm(second.panel.id), reason=reason), None


def _between(left: Shown, right: Shown) -> Iterator[_Asked]:
    """Yield contrasts of two reversed panels: of each pair of categories measured in both, and of the means."""
    reason = _reason(left)
    if reason is None and left.info.symmetric:
        reason = "the measure is symmetric: both panels hold the same values"
    if reason is not None:
        yield _without("mirror", left, right, reason)
        yield _without("panels", left, right, reason)
        return
    yield from _mirrors(left, right)
    if not left.measured.any() or not right.measured.any():
        return
    if left.adds_to_one and right.adds_to_one:
        yield _without("panels", left, right, "shares in a row add to one in both panels, so both means are known")
        return
    first, second = (mean(one.own, one.measured) for one in (left, right))
    line = ContrastLine("panels", ContrastTerm(left.panel.id), ContrastTerm(right.panel.id))
    yield line, Contrast(first, second, *_bounds(left.info))


def _mirrors(left: Shown, right: Shown) -> Iterator[_Asked]:
    """Yield contrasts of (a, b) of a panel with (b, a) of the one that reverses it: one cell of the incidence."""
    for a, given in enumerate(left.panel.given_categories):
        for b, outcome in enumerate(left.panel.outcome_categories):
            place = left.place(a, b)
            yield from _opposed("mirror", (left, right), (given, outcome), (place, place))


def _opposed(
    kind: ContrastKind, shown: tuple[Shown, Shown], pair: tuple[str, str], places: Sequence[tuple[int, int]]
) -> Iterator[_Asked]:
    """Yield the contrast of a pair of one panel with the pair turned round of another, where both are measured."""
    first, second = shown
    if first.measured[places[0]] and second.measured[places[1]]:
        terms = ContrastTerm(first.panel.id, *pair), ContrastTerm(second.panel.id, *pair[::-1])
        cells = first.cell(*places[0]), second.cell(*places[1])
        yield ContrastLine(kind, *terms), Contrast(*cells, *_bounds(first.info))


def _within(one: Shown) -> Iterator[_Asked]:
    reason = _reason(one)
    if one.panel.same_taxonomy:
        same = one.incidence.trivial_diagonal and one.info.symmetric
        why_not = reason or ("both axes are the same items: both cells are one" if same else None)
        yield from _reverses(one) if why_not is None else (_without("reverse", one, one, why_not),)
    if len(one.rows) < 2:
        return
    if reason is None and one.adds_to_one:
        reason = "each unit has one category on the outcome side: shares in a row add to one"
    yield from _rows(one) if reason is None else (_without("rows", one, one, reason),)


def _reverses(one: Shown) -> Iterator[_Asked]:
    for a, given in enumerate(one.panel.given_categories):
        for b, outcome in enumerate(one.panel.outcome_categories[:a]):
            yield from _opposed("reverse", (one, one), (outcome, given), (one.place(b, a), one.place(a, b)))


def _rows(one: Shown) -> Iterator[_Asked]:
    for a in one.rows:
        own = mean(one.own, one.only(a))
        others = mean(one.own, one.measured & ~one.only(a))
        line = ContrastLine(
            "rows", ContrastTerm(one.panel.id, one.panel.given_categories[a]), ContrastTerm(one.panel.id)
        )
        yield line, Contrast(own, others, *_bounds(one.info))


def _bounds(info: MeasureInfo) -> tuple[float | None, float | None]:
    """Return what a difference of two values cannot leave."""
    if info.lower is None or info.upper is None:
        return None, None
    return info.lower - info.upper, info.upper - info.lower


def work_out(config: Config, counted: Counted, panels: Mapping[str, Panel]) -> dict[str, material.Results]:
    """Return the results of every relation that a panel shows, in the order of the panels; without findings."""
    found: dict[str, material.Results] = {}
    for name in dict.fromkeys(panel.relation for panel in panels.values()):
        own = [panel for panel in panels.values() if panel.relation == name]
        numbers = counted.relations.get(name)
        found[name] = _bare(name, own, config) if numbers is None else _counted(numbers, own, config)
    return found


def with_findings(found: Mapping[str, material.Results], written: Sequence[Written]) -> tuple[material.Results, ...]:
    """Return the results of every relation with what was found of it, figure by figure."""
    findings = [(w.part.panels[0].relation, (w.part.figure, found)) for w in written for found in w.part.findings]
    return tuple(
        replace(of, findings=tuple(one for relation, one in findings if relation == name)) for name, of in found.items()
    )


def _bare(name: str, panels: Sequence[Panel], config: Config) -> material.BareResults:
    about = (material.PanelResults(panel.id, None, tiers(panel, config.thresholds)) for panel in panels)
    return material.BareResults(name, tuple(about), tuple(_sizes(panels)))


def _sizes(panels: Sequence[Panel]) -> Iterator[material.PublishedSizes]:
    """Yield what each reversed pair of panels of shares (once), and each one of a kind with itself, needs of sizes."""
    shares = {panel.id: panel for panel in panels if panel.measure.name == "conditional"}
    seen: set[str] = set()
    for panel in shares.values():
        mirror = shares.get(panel.mirror or "")
        seen.add(panel.id)
        if mirror is not None and mirror.id not in seen:
            check = size_check(panel, mirror)
            yield material.PublishedSizes(panel.id, mirror.id, panel.given, panel.outcome, check)
        elif mirror is None and panel.given == panel.outcome and panel.same_taxonomy:
            yield material.PublishedSizes(panel.id, None, panel.given, panel.outcome, cycle_check(panel))


def _counted(numbers: Numbers, panels: Sequence[Panel], config: Config) -> material.RelationResults:
    tables, settings = numbers.tables, config.inference
    incidence = tables.incidence
    shown = [Shown(panel, incidence) for panel in panels]
    compared = compare(shown, settings) if config.outputs.data else Comparisons((), {})
    about = symmetry(incidence, settings.level)
    against = judged_against(tables)
    scaled = against.counts
    seriation = seriate(scaled, expected=against.expected, minimum_units=settings.minimum_units)
    return material.RelationResults(
        relation=numbers.name,
        unit=incidence.unit,
        counts=_count_tables(tables, scaled, settings.level),
        strata=tuple(_strata_counts(tables)),
        sampling=_sampling(tables, settings, drawn=any(isinstance(of, tuple) for of in compared.highest.values())),
        coverage=numbers.coverage,
        contributors=numbers.contributors,
        panels=tuple(_about_panel(one, compared, config.thresholds) for one in shown),
        pairs=about.pairs,
        tests=about.tests,
        order=about.order,
        axes=(
            material.AxisOrder(incidence.rows.name, incidence.rows.kind, seriation.rows),
            material.AxisOrder(incidence.columns.name, incidence.columns.kind, seriation.columns),
        ),
        direct=seriation.direct,
        contrasts=compared.contrasts,
    )


def _about_panel(one: Shown, compared: Comparisons, thresholds: ThresholdSettings) -> material.PanelResults:
    return material.PanelResults(
        panel=one.panel.id,
        structure=structure(one.incidence, reverse=one.by_columns),
        tiers=tiers(one.panel, thresholds),
        highest=compared.highest.get(one.panel.id),
    )


def tiers(panel: Panel, thresholds: ThresholdSettings) -> material.Tiers | None:
    """Return how many measured cells of a panel stand in each tier; None where the measure is no share."""
    if (panel.measure.lower, panel.measure.upper) != (0, 1):
        return None
    of_cells = zip(panel.column("state"), panel.column("value"), strict=True)
    values = [value for state, value in of_cells if state == "measured" and value is not None]
    limits = (thresholds.high, thresholds.moderate, thresholds.low)
    reached = [sum(value >= limit for value in values) for limit in limits]
    ends = [0, *reached, len(values)]
    return material.Tiers(*(after - before for before, after in pairwise(ends)))


def _sampling(tables: Tables, settings: InferenceSettings, *, drawn: bool) -> material.Sampling:
    incidence = tables.incidence
    return material.Sampling(
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


def _count_tables(tables: Tables, scaled: Counts, level: float) -> material.CountTables:
    """Return the counts of a relation; `scaled` are those that the residuals rest on."""
    counts, found = tables.counts, tables.within(level) if tables.stratified else None
    residual = MEASURES["standardized_residual"]
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
        standardized_residual=shown(residual(*sized)),
        lift_within_low=None if found is None else shown(found.low),
        lift_within_high=None if found is None else shown(found.high),
        most_within_strata=None if found is None else shown(tables.odds.most),
    )


def _totals(totals: Floats, hidden: Bools, *, axis: int) -> tuple[float | None, ...]:
    """Return totals along an axis of `hidden` (R, C); None where no unit is left of a category."""
    lines = hidden if axis == 1 else hidden.T
    gone = (len(line) and line.all() and not n for n, line in zip(totals, lines, strict=True))
    return tuple(None if is_gone else float(n) for n, is_gone in zip(totals, gone, strict=True))


_MOST_STRATA, _MOST_DRAWN = 12, 16
"""Strata are drawn in small: so many, of so many categories on a side at most."""


def _strata_counts(tables: Tables) -> Iterator[material.StratumCounts]:
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
