"""Panels: counts, measure and inference combined into immutable cells, in declared order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import portable
from .arrays import Bools, Floats
from .cells import NUMBERED, WIDEST_SHARE, WITHHELD, CellRef, Cells, Column, Estimate, Kind, Panel, Unit
from .incidence import Incidence
from .inference import InferenceSettings
from .inference.common_odds import CommonOdds, common_odds
from .inference.contrasts import CellSum, Contrast, compared, turned
from .inference.contrasts import cell as contrast_cell
from .inference.crossings import crossings
from .inference.intervals import Formula, Interval, estimable, interval, slopes_of, standard_error, states
from .inference.moments import GIVEN, JOINT, Moments, moments
from .inference.quasi_independence import among_crossing, fit
from .inference.ratios import Ratios, over_all, q_values
from .inference.strata import within_strata
from .matrices import BareMatrix, PanelSettings
from .matrices.counts import Counts, tabulate
from .measures import MEASURES, Measure

SHARES = ("conditional", "share")
"""Measures whose values are shares of units."""


@dataclass(frozen=True, eq=False)
class RelationStats:
    """All 2 x 2 tables of one relation, rows as given; each result is computed once, on demand."""

    incidence: Incidence

    _made: dict[tuple[str, float], Ratios] = field(default_factory=dict, init=False, repr=False)
    _q: dict[InferenceSettings, Floats] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def counts(self) -> Counts:
        """Joint counts and margins: units, or sums of weights."""
        if self.empty_diagonal:
            return self._fitted()
        return tabulate(self.incidence)

    @property
    def empty_diagonal(self) -> bool:
        """Whether the diagonal is empty by design, so that pairs are compared with quasi-independence."""
        return self.incidence.empty_diagonal

    def _fitted(self) -> Counts:
        """Return the counts with those expected among the cells off the diagonal, which is empty."""
        counts, tables = tabulate(self.incidence), crossings(self.incidence).tables
        within = fit(tables).fitted.sum(axis=0) if self.stratified else None
        return replace(counts, expected_within=within, fitted=fit(tables.sum(axis=0)[None]).fitted[0])

    @cached_property
    def units(self) -> Counts:
        """The same in units, regardless of weights."""
        return tabulate(self.incidence, "units")

    @cached_property
    def moments(self) -> Moments:
        """Totals and second moments over groups."""
        return moments(self.incidence)

    @property
    def n_groups(self) -> int | None:
        """The number of groups, or None without groups."""
        return self.incidence.n_groups

    @property
    def stratified(self) -> bool:
        """Whether strata are declared; pairs are then tested within them."""
        return self.incidence.stratum_names != ()

    def over_all(self, level: float) -> Ratios:
        """Return observed over expected (the lift) of every pair over all units."""

        def made() -> Ratios:
            if self.empty_diagonal:
                whole = replace(self.incidence, stratum_names=()) if self.stratified else self.incidence
                return among_crossing(whole, level)
            return over_all(self.incidence, self.moments, interval(MEASURES["lift"], self.moments, level), level)

        return self._once("all", level, made)

    def within(self, level: float) -> Ratios:
        """Return observed over expected of every pair within strata; without strata, all units are one stratum."""
        judge = among_crossing if self.empty_diagonal else within_strata
        return self._once("strata", level, lambda: judge(self.incidence, level))

    def _once(self, basis: str, level: float, make: Callable[[], Ratios]) -> Ratios:
        if (basis, level) not in self._made:
            self._made[basis, level] = make()
        return self._made[basis, level]

    @cached_property
    def odds(self) -> CommonOdds:
        """The common odds ratio (R, C) of every pair within strata; without strata, all units are one stratum."""
        return common_odds(self.incidence)

    def q_values(self, inference: InferenceSettings) -> Floats:
        """Return Benjamini-Hochberg q (R, C): each 2 x 2 table once, whichever panels show it.

        If both axes have one taxonomy, pairs of different categories are one family and the diagonal another. Matching
        categories are tested by other means, and their small p would let false pairs pass. If strata are declared, the
        tables are tested within them. Only tables with enough units (and groups) on both margins are tested. Others are
        nan, as are tables without information.
        """
        if inference not in self._q:
            ratios = self.within(inference.level) if self.stratified else self.over_all(inference.level)
            self._q[inference] = q_values(ratios.p, self._families(inference))
        return self._q[inference]

    def _families(self, inference: InferenceSettings) -> tuple[Bools, ...]:
        """Return the families of tables (R, C) that are tested together, with enough units (and groups)."""
        lift, masked, withheld = MEASURES["lift"], self.incidence.hides_diagonal, self.withheld
        there = states(self.moments, lift, self.units.given, inference, masked=masked, withheld=withheld)
        turned = None if withheld is None else withheld.T
        back = states(self.moments.T, lift, self.units.outcome, inference, masked=masked, withheld=turned).T
        tested: Bools = (there == "measured") & (back == "measured")
        if not self.same_taxonomy:
            return (tested,)
        same = np.eye(len(tested), dtype=np.bool_)
        return tested & ~same, tested & same

    @property
    def withheld(self) -> Bools | None:
        """The cells (R, C) whose numbers are withheld for confidentiality, or None."""
        return self.incidence.withheld

    @property
    def same_taxonomy(self) -> bool:
        """Whether both axes have the same categories of one taxonomy, so that a diagonal exists."""
        return self.incidence.same_taxonomy


def tables_of(incidence: Incidence) -> RelationStats:
    """Return the tables of an incidence; nothing is computed yet."""
    return RelationStats(incidence)


@dataclass(frozen=True, eq=False)
class PlacedPanel:
    """A panel and its incidence."""

    panel: Panel
    incidence: Incidence

    @cached_property
    def by_columns(self) -> bool:
        """Whether the incidence's columns are the given side."""
        return self.panel.given != self.incidence.rows.kind

    def formula(self, measure: str) -> Formula:
        """Return a measure as a formula of the incidence's totals, in effective units if it depends on their number."""
        formula = MEASURES[measure].of(self.incidence)
        return turned(formula) if self.by_columns else formula

    def place(self, given: int, outcome: int) -> tuple[int, int]:
        """Return the position of a panel's cell in the incidence."""
        return (outcome, given) if self.by_columns else (given, outcome)


PlacedCell = tuple[PlacedPanel, CellRef, str]
"""A cell of a panel, and the name of a measure."""


def cell_differences(pairs: Sequence[tuple[PlacedCell, PlacedCell]], level: float) -> list[Estimate]:
    """Return the measure of the first cell of each pair minus the measure of the second, with its interval.

    All panels have one incidence. Whole units or groups vary, as in all contrasts (`inference.contrasts`). The value is
    nan if a measure is undefined, and the ends are None if the difference has no interval.
    """
    contrasts = [Contrast(_cell_sum(*first), _cell_sum(*second)) for first, second in pairs]
    incidence = pairs[0][0][0].incidence
    return [one.difference for one in compared(contrasts, incidence, level)]


def _cell_sum(source: PlacedPanel, ref: CellRef, measure: str) -> CellSum:
    panel = source.panel
    place = panel.given_categories.index(ref.given), panel.outcome_categories.index(ref.outcome)
    return contrast_cell(source.formula(measure), *source.place(*place))


def build_panel(
    settings: PanelSettings, tables: RelationStats, inference: InferenceSettings, mirror: str | None = None
) -> Panel:
    """Return the panel of a relation with counts."""
    incidence = tables.incidence
    columns = _Columns(settings, tables, inference)
    counts = columns.counts
    return Panel(
        id=settings.id,
        relation=settings.relation,
        given=counts.given_side.kind,
        outcome=counts.outcome_side.kind,
        given_categories=counts.given_side.categories,
        outcome_categories=counts.outcome_side.categories,
        measure=MEASURES[settings.measure].info,
        unit=incidence.unit,
        n_units=counts.n_units,
        n_groups=tables.n_groups,
        level=inference.level,
        cells=columns.cells,
        mirror=mirror,
        same_taxonomy=tables.same_taxonomy,
        minimum_units=inference.minimum_units,
    )


def _design_effect(measure: Measure, moments: Moments) -> Floats | None:
    """Return the design effect of a measure (R, C): its variance over groups over its variance for independent units.

    None without groups and for test statistics, nan if either variance is 0 or unknown.
    """
    if moments.independent or measure.info.statistic:
        return None
    slopes = slopes_of(measure, moments.totals)
    grouped, alone = (standard_error(measure, of, slopes) for of in (moments, moments.as_units()))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((grouped > 0) & (alone > 0), portable.squared(grouped / alone), np.nan)


def columns_of(counts: Counts, hidden: Bools | None = None) -> dict[str, Column]:
    """Return the columns of cells that follow from counts alone, given x outcome, without `hidden` cells (R, C)."""
    columns = _counted_columns(counts)
    if hidden is None:
        return columns
    gone = dict.fromkeys(("n_joint", "expected", "expected_within_strata"), hidden)
    given = np.all(hidden, axis=1, keepdims=True) & (counts.given == 0)[:, None]
    outcome = np.all(hidden, axis=0, keepdims=True) & (counts.outcome == 0)[None, :]
    gone["n_given"] = np.broadcast_to(given, hidden.shape)
    gone["n_outcome"] = gone["baseline"] = np.broadcast_to(outcome, hidden.shape)
    return {name: _without(column, gone.get(name)) for name, column in columns.items()}


def _without(column: Column, gone: Bools | None) -> Column:
    """Return a column without the numbers of some cells (R, C)."""
    if gone is None or not callable(column):
        return column

    def left() -> Sequence[Any] | None:
        values = column()
        if values is None:
            return None
        return [None if is_gone else value for value, is_gone in zip(values, gone.ravel().tolist(), strict=True)]

    return left


def _counted_columns(counts: Counts) -> dict[str, Column]:
    """Return the columns of all cells."""
    n_given, n_outcome = counts.joint.shape
    columns: dict[str, Column] = {
        "n_joint": lambda: counts.joint.ravel().tolist(),
        "n_given": lambda: np.repeat(counts.given, n_outcome).tolist(),
        "n_outcome": lambda: counts.outcome.tolist() * n_given,
        "n_units": lambda: [counts.n_units] * counts.joint.size,
        "baseline": lambda: (counts.outcome / counts.n_units).tolist() * n_given if counts.n_units else None,
        "expected": lambda: counts.expected.ravel().tolist(),
    }
    if (within := counts.expected_within) is not None:
        columns["expected_within_strata"] = lambda: within.ravel().tolist()
    return columns


@dataclass(frozen=True, eq=False)
class _Columns:
    """The arrays of a panel, given x outcome: the relation's arrays, transposed if the panel reverses it.

    Each is computed on demand, since recounts need few of them.
    """

    settings: PanelSettings
    tables: RelationStats
    inference: InferenceSettings

    @cached_property
    def cells(self) -> Cells:
        """The cells, each array as plain numbers."""
        counts, level = self.counts, self.inference.level
        columns = columns_of(counts, self.hidden) | {
            "value": lambda: self._defined(self._values),
            "low": lambda: self._defined(self.ends.low),
            "high": lambda: self._defined(self.ends.high),
            "lift": lambda: self._defined(self._lift),
            "lift_low": lambda: self._defined(self.lift_ends.low),
            "lift_high": lambda: self._defined(self.lift_ends.high),
            "q_value": lambda: self._defined(self._turned(self.tables.q_values(self.inference))),
            "state": lambda: self.state.ravel().tolist(),
            "design_effect": lambda: self._defined(_design_effect(self.measure, self.moments)),
            "effective_groups": lambda: self._defined(
                None if self.moments.independent else self.moments.effective_groups(GIVEN)
            ),
        }
        if self.tables.stratified:
            tables, within = self.tables, self.tables.within
            columns |= {
                "lift_within_strata": lambda: self._defined(self._turned(within(level).ratio)),
                "lift_within_low": lambda: self._defined(self._turned(within(level).low)),
                "lift_within_high": lambda: self._defined(self._turned(within(level).high)),
                "odds_within_strata": lambda: self._defined(self._odds(tables.odds.ratio)),
                "odds_within_low": lambda: self._defined(self._odds(tables.odds.ends(level).low)),
                "odds_within_high": lambda: self._defined(self._odds(tables.odds.ends(level).high)),
            }
        return Cells(counts.given_side.categories, counts.outcome_side.categories, columns)

    @cached_property
    def counts(self) -> Counts:
        """Joint counts and margins in the panel's orientation."""
        return self.tables.counts.T if self._reversed else self.tables.counts

    @cached_property
    def moments(self) -> Moments:
        """Totals and second moments in the panel's orientation."""
        return self.tables.moments.T if self._reversed else self.tables.moments

    @property
    def measure(self) -> Measure:
        """The measure of the panel."""
        return MEASURES[self.settings.measure]

    @cached_property
    def sized(self) -> Moments:
        """The moments for the measure: in effective units if it depends on their number."""
        return self.moments.scaled(self.tables.incidence.worth_of_one) if self.measure.sized else self.moments

    @property
    def _lift(self) -> Floats:
        """Observed over expected."""
        if self.tables.empty_diagonal:
            return self._turned(self.tables.over_all(self.inference.level).ratio)
        return MEASURES["lift"](*self.moments.totals)

    @property
    def _values(self) -> Floats:
        """The measure; the lift and its logarithm are relative to the expected counts of the relation."""
        if self.tables.empty_diagonal and self.measure.info.name in ("lift", "log2_lift"):
            with np.errstate(divide="ignore"):
                return self._lift if self.measure.info.name == "lift" else portable.log2(self._lift)
        return self.measure(*self.sized.totals)

    @cached_property
    def lift_ends(self) -> Interval:
        """The interval of the lift."""
        over_all = self.tables.over_all(self.inference.level)
        return Interval(self._turned(over_all.low), self._turned(over_all.high))

    @cached_property
    def ends(self) -> Interval:
        """The interval of the measure; for the lift, on either scale, the interval that agrees with its test."""
        if self.measure.info.name == "lift":
            return self.lift_ends
        if self.measure.info.name != "log2_lift":
            return interval(self.measure, self.sized, self.inference.level)
        with np.errstate(divide="ignore"):
            ends = self.lift_ends.on(portable.log2)
        return ends.where((self.sized.totals[JOINT] > 0) & np.isfinite(ends.low) & np.isfinite(ends.high))

    @cached_property
    def state(self) -> NDArray[np.str_]:
        """The state of each cell."""
        given = (self.tables.units.T if self._reversed else self.tables.units).given
        masked = self.tables.incidence.hides_diagonal
        found = states(self.moments, self.measure, given, self.inference, masked=masked, withheld=self.withheld)
        found = np.where((found == "measured") & ~estimable(self.measure, self.sized), "few", found)
        return np.where((found == "measured") & ~self._precise, "uncertain", found)

    @property
    def _precise(self) -> Bools:
        """Which values (R, C) are precise enough for a sentence: all except shares with an interval over 60 points."""
        if self.measure.info.name not in SHARES:
            return np.ones(self.counts.joint.shape, dtype=np.bool_)
        with np.errstate(invalid="ignore"):
            return ~(self.ends.high - self.ends.low > WIDEST_SHARE * (1 + 1e-9))

    @property
    def withheld(self) -> Bools | None:
        """The cells whose numbers are withheld, in the panel's orientation, or None."""
        withheld = self.tables.withheld
        return None if withheld is None else self._turned_flags(withheld)

    @property
    def _reversed(self) -> bool:
        return self.settings.given != self.tables.incidence.rows.name

    @property
    def hidden(self) -> Bools | None:
        """The cells that show no number for confidentiality, or None."""
        return None if self.withheld is None else np.isin(self.state, WITHHELD)

    def _turned(self, values: Floats) -> Floats:
        return values.T if self._reversed else values

    def _odds(self, values: Floats) -> Floats:
        """Return odds in the panel's orientation, without tables in which any of the four cells was withheld."""
        shown = self._turned(values)
        return shown if self.withheld is None else np.where(self.withheld, np.nan, shown)

    def _turned_flags(self, flags: Bools) -> Bools:
        return flags.T if self._reversed else flags

    def _defined(self, values: Floats | None) -> list[float | None] | None:
        """Return the numbers of all cells, None if a cell has none: an undefined value is missing, never 0."""
        if values is None:
            return None
        exists = self._spoken & np.isfinite(values)
        found: list[float | None] = np.where(exists, values.astype(object), np.array(None)).ravel().tolist()
        return found

    @cached_property
    def _spoken(self) -> Bools:
        """Which cells (R, C) have numbers."""
        return np.isin(self.state, NUMBERED)


def build_bare_panel(
    settings: PanelSettings, matrix: BareMatrix, kinds: tuple[Kind, Kind], mirror: str | None
) -> Panel:
    """Return the panel of a published matrix: values and reading intervals without counts or tests."""
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
        cells=_bare_cells(matrix),
        mirror=mirror,
        same_taxonomy=matrix.given == matrix.outcome,
    )


def _bare_cells(matrix: BareMatrix) -> Cells:
    read = [entry.value for entry in matrix.entries]
    columns: dict[str, Sequence[float | str | None]] = {
        "n_given": [entry.n for entry in matrix.entries],
        "value": [None if one is None else one.value for one in read],
        "low": [None if one is None else one.low for one in read],
        "high": [None if one is None else one.high for one in read],
        "state": ["no_given" if one is None else "measured" for one in read],
    }
    return Cells(matrix.given, matrix.outcome, columns)


def reversed_of(panel: PanelSettings, others: Sequence[PanelSettings]) -> str | None:
    """Return the id of the first panel that reverses this one: same relation and measure, sides exchanged."""
    for other in others:
        same = (other.relation, other.measure) == (panel.relation, panel.measure)
        if same and (other.given, other.outcome) == (panel.outcome, panel.given) and other.id != panel.id:
            return other.id
    return None


_MOST_FITTED = 30
"""The largest number of categories for a fit to mismatches. Beyond it, the fit takes seconds."""


def expected_of(tables: RelationStats) -> Floats:
    """Return the counts (R, C) with which pairs are compared in order to put similar categories next to each other.

    With one taxonomy they come from category sizes among the mismatches, so that the diagonal does not hide other
    pairs. Otherwise they come from category sizes over all units. Strata are taken into account.
    """
    counts = tables.counts
    if tables.same_taxonomy and not tables.empty_diagonal and len(counts.joint) <= _MOST_FITTED:
        return np.asarray(fit(crossings(tables.incidence).tables).fitted.sum(axis=0))
    return counts.expected if counts.expected_within is None else counts.expected_within


def of_effective_units(tables: RelationStats) -> Counts:
    """Return the counts with weights scaled to add up to the effective number of units."""
    counts, factor = tables.counts, tables.incidence.worth_of_one
    within = counts.expected_within
    return replace(
        counts,
        joint=factor * counts.joint,
        given=factor * counts.given,
        outcome=factor * counts.outcome,
        n_units=factor * counts.n_units,
        expected_within=None if within is None else factor * within,
        fitted=None if counts.fitted is None else factor * counts.fitted,
    )
