"""Panels: counts, measure and inference combined into immutable cells, in declared order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arrays import Bools, Floats, over
from ..cells import NUMBERED, WIDEST_SHARE, WITHHELD, Cells, Column, Kind, Panel, Tally, Unit
from ..errors import Note
from ..ledger.coverage import NO_CONTRIBUTORS, Coverage, TopContributors
from ..ledger.incidence import Incidence
from ..ledger.recounts import Change
from ..taxonomy import LabelCount
from . import InferenceSettings
from .matrices import EMPTY, BareMatrix, Counts, PanelSettings, tabulate
from .measures import MEASURES, Measure, interval
from .pairs import Ends, Pairs, pairs_of
from .shares import ROW, Shares, Totals, alike_within, false_discovery, share
from .strata import WithinStrata, within_strata

SHARES = ("conditional", "share")
"""Measures whose values are shares of units."""


@dataclass(frozen=True, eq=False)
class RelationStats:
    """All 2 x 2 tables of one relation, rows as given; each result is computed once, on demand."""

    incidence: Incidence

    _q: dict[InferenceSettings, Floats] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def counts(self) -> Counts:
        """Joint counts and margins: units, or sums of weights."""
        return tabulate(self.incidence)

    @cached_property
    def units(self) -> Counts:
        """The same in units, regardless of weights."""
        return tabulate(self.incidence, "units")

    @property
    def pairs(self) -> Pairs:
        """All pairs, with the certainty of their association."""
        return pairs_of(self.incidence)

    @property
    def n_groups(self) -> int | None:
        """The number of groups, or None without groups."""
        return self.incidence.n_groups

    @property
    def stratified(self) -> bool:
        """Whether strata are declared; pairs are then tested within them."""
        return self.incidence.stratum_names != ()

    @cached_property
    def within(self) -> WithinStrata:
        """All pairs within strata."""
        return within_strata(self.incidence)

    def q_values(self, inference: InferenceSettings) -> Floats:
        """Return Benjamini-Hochberg q (R, C): each 2 x 2 table once, whichever panels show it.

        If both axes have one taxonomy, pairs of different categories are one family and the diagonal another. Matching
        categories are tested by other means, and their small p would let false pairs pass. If strata are declared, the
        tables are tested within them. Only tables with enough units (and groups) on both margins are tested. Others are
        nan, as are tables without information, and all tables whose diagonal is empty by design.
        """
        if inference not in self._q:
            p = self.within.p if self.stratified else self.pairs.difference.p
            q = np.full(p.shape, np.nan)
            for family in self._families(inference):
                q = np.where(family, false_discovery(np.where(family & ~self.pairs.is_fixed, p, np.nan)), q)
            self._q[inference] = q
        return self._q[inference]

    def _families(self, inference: InferenceSettings) -> tuple[Bools, ...]:
        """Return the families of tables (R, C) that are tested together, with enough units (and groups)."""
        if self.incidence.empty_diagonal or self.incidence.undeclared:
            return ()
        tested = np.ones(self.counts.joint.shape, dtype=np.bool_)
        for is_turned in (False, True):
            there = _states(self, MEASURES["lift"], inference, is_turned=is_turned) == "measured"
            tested &= there.T if is_turned else there
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


def _states(
    tables: RelationStats, measure: Measure, settings: InferenceSettings, *, is_turned: bool = False
) -> NDArray[np.str_]:
    """Return the state of each cell, given x outcome; see `diptych.cells.State`.

    Units are unweighted, because weights do not add units. With groups a row also needs `minimum_groups` effective
    groups, for a symmetric measure its column too. Cells with units withheld for confidentiality have no value if the
    measure would show none or all although a few units are hidden.
    """
    incidence, withheld = tables.incidence, tables.withheld
    totals = tables.pairs.totals.T if is_turned else tables.pairs.totals
    joint, given, outcome, _ = totals.first
    few = totals.units[ROW] < settings.minimum_units
    if incidence.group is not None:
        few = few | (_clusters(totals) < settings.minimum_groups)
        if measure.info.symmetric:
            few = few | (settings.minimum_groups > _clusters(totals.T).T)
    state = np.where(few, "few", "measured")
    state = np.where(outcome == 0, "no_outcome", state)
    state = np.where(given == 0, "no_given", state)
    if withheld is not None:
        hidden = withheld.T if is_turned else withheld
        is_all = given - joint <= given * EMPTY
        rest = {"conditional": is_all, "share": np.False_, "count": np.False_}.get(measure.info.name, np.True_)
        state = np.where(hidden & rest, "withheld_rest", state)
        state = np.where(hidden & (joint <= given * EMPTY), "withheld", state)
    if incidence.hides_diagonal:
        np.fill_diagonal(state, "masked")
    return state


def _clusters(totals: Totals) -> Floats:
    """Return the effective number of clusters of the given category."""
    return share(totals).clusters


def _design_effect(of: Shares) -> Floats:
    """Return the variance of shares over the variance for independent units; nan where either is 0."""
    alone = of.value * (1 - of.value)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((alone > 0) & (of.variance > 0), of.variance * of.units / alone, np.nan)


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
            "lift": lambda: self._defined(MEASURES["lift"](*self.totals.first)),
            "lift_low": lambda: self._defined(self.lift_ends.low),
            "lift_high": lambda: self._defined(self.lift_ends.high),
            "q_value": lambda: self._defined(self._turned(self.tables.q_values(self.inference))),
            "state": lambda: self.state.ravel().tolist(),
            "design_effect": lambda: self._defined(_design_effect(self.shares) if self._has_groups else None),
            "effective_groups": lambda: self._defined(self.shares.clusters if self._has_groups else None),
        }
        if self.tables.stratified:
            tables, alpha = self.tables, 1 - level
            columns |= {
                "lift_within_strata": lambda: self._defined(self._turned(tables.within.lift)),
                "lift_within_low": lambda: self._defined(self._turned(tables.within.lift_ends(alpha).low)),
                "lift_within_high": lambda: self._defined(self._turned(tables.within.lift_ends(alpha).high)),
                "odds_within_strata": lambda: self._defined(self._odds(tables.within.odds)),
                "odds_within_low": lambda: self._defined(self._odds(tables.within.odds_ends(alpha).low)),
                "odds_within_high": lambda: self._defined(self._odds(tables.within.odds_ends(alpha).high)),
            }
        return Cells(counts.given_side.categories, counts.outcome_side.categories, columns)

    @cached_property
    def counts(self) -> Counts:
        """Joint counts and margins in the panel's orientation."""
        return self.tables.counts.T if self._reversed else self.tables.counts

    @cached_property
    def totals(self) -> Totals:
        """Totals of all pairs in the panel's orientation."""
        return self.tables.pairs.totals.T if self._reversed else self.tables.pairs.totals

    @cached_property
    def shares(self) -> Shares:
        """The shares of the outcome among units of the given category."""
        return share(self.totals, alike=alike_within(self.totals))

    @property
    def _has_groups(self) -> bool:
        return self.tables.incidence.group is not None

    @property
    def measure(self) -> Measure:
        """The measure of the panel."""
        return MEASURES[self.settings.measure]

    @property
    def _values(self) -> Floats:
        """The measure, in effective units if it depends on their number."""
        factor = self.tables.incidence.worth_of_one if self.measure.sized else 1.0
        return self.measure(*(factor * of for of in self.totals.first))

    @cached_property
    def lift_ends(self) -> Ends:
        """The interval of the lift."""
        return self._ends(MEASURES["lift"])

    @cached_property
    def ends(self) -> Ends:
        """The interval of the measure."""
        return self._ends(self.measure)

    def _ends(self, measure: Measure) -> Ends:
        found = interval(
            measure,
            self.tables.pairs,
            1 - self.inference.level,
            is_turned=self._reversed,
            worth=self.tables.incidence.worth_of_one,
        )
        is_tested = measure.base is not None or not self.tables.incidence.empty_diagonal
        return found.where(np.full(self.counts.joint.shape, is_tested))

    @cached_property
    def state(self) -> NDArray[np.str_]:
        """The state of each cell."""
        found = _states(self.tables, self.measure, self.inference, is_turned=self._reversed)
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


def expected_of(tables: RelationStats) -> Floats:
    """Return the counts (R, C) with which pairs are compared in order to put similar categories next to each other.

    With one taxonomy they come from category sizes among the mismatches, so that the diagonal does not hide other
    pairs. Otherwise they come from category sizes over all units, or within strata.
    """
    counts = tables.counts
    if not tables.same_taxonomy:
        return counts.expected if counts.expected_within is None else counts.expected_within
    apart = counts.joint * (1 - np.eye(len(counts.joint)))
    found = 1 - np.eye(len(apart))
    for _ in range(_ROUNDS):  # iterative proportional fitting (Deming and Stephan 1940)
        found = found * over(apart.sum(axis=1), found.sum(axis=1))[:, None]
        found = found * over(apart.sum(axis=0), found.sum(axis=0))[None, :]
    return found


_ROUNDS = 50
"""Rounds of fitting. The order of categories needs no more."""


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
    )


@dataclass(frozen=True, eq=False)
class RelationCounts:
    """The counts of one relation, independent of the engine that made them.

    `alternatives` are the tables for other units (links only). `recounts` are the relation under changes
    (`default_changes`). `labels` are the labels of records. `tally` describes the units that each row of records
    represents, if it represents several.
    """

    name: str
    tables: RelationStats
    coverage: Coverage
    contributors: TopContributors
    alternatives: dict[str, RelationStats]
    recounts: Mapping[Change, Incidence]
    labels: tuple[LabelCount, ...]
    notes: tuple[Note, ...]
    tally: Tally | None = None

    @classmethod
    def alone(
        cls, name: str, tables: RelationStats, coverage: Coverage, contributors: TopContributors = NO_CONTRIBUTORS
    ) -> RelationCounts:
        """Return a relation without alternative counts."""
        return cls(name, tables, coverage, contributors, {}, {}, (), ())
