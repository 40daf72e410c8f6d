"""Changes of cells between two builds: their causes, and whether data moved a cell by more than noise."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ...cells import Estimate
from ...inference.intervals import Measure
from ...inference.laws import false_discovery
from ...matrices import PanelSettings
from ...measures import MEASURES
from .changes import DATA, PROGRAM, CellChange, How, RelationChange, named
from .item_types import types_of
from .settings import MatterSettings
from .shifts import Shift, differences, shift
from .sides import Cells, ChangeSteps, judged_measure
from .snapshot import KeptCell
from .united import BuildOverlap, met_by_categories, met_by_types

Pair = tuple[str, str]
_SAME = 1e-12
"""Tolerance for equal values: floats can differ between machines."""


@dataclass(frozen=True)
class Noise:
    """The change of one cell that is due to data: interval, p of the cell and q of its table.

    `q_edited` is the q of its table if the units are the same but were edited, or nan if unknown. `by_edits` is
    the part of the difference due to edits of the same units, which is a fact: 0 if units have no keys.
    """

    interval: tuple[float, float]
    p: float
    q: float
    n_changed: float
    enough: bool
    q_edited: float
    by_edits: float = 0.0


@dataclass(frozen=True, eq=False)
class TestedRelation:
    """A relation with changed data: its units, and the noise of each cell of each panel."""

    change: RelationChange
    noise: Mapping[str, Mapping[Pair, Noise]]
    n_tested: int


def tested(steps: ChangeSteps) -> TestedRelation:
    """Return how the units of a relation changed, and how much each cell would move by chance alone."""
    before, after = steps.kept(steps.old), steps.kept(steps.new)
    like = after.tables.incidence
    # If only one build has groups, patterns are compared by categories alone.
    is_alike = (before.tables.incidence.group is None) == (like.group is None)
    types, new_types = types_of(before), types_of(after)
    by_labels = types is not None and new_types is not None and not steps.mixed and is_alike
    if by_labels and types is not None and new_types is not None:
        met = met_by_types(types, new_types, steps.new.taxonomies, like)
    else:
        met = met_by_categories(before.tables.incidence, like)
    keyed = met.edited is not None
    alike = float(met.overlap.stayed.sum() if keyed else met.overlap.alike.sum())
    old, new = (float(one.tables.incidence.weight.sum()) for one in (before, after))
    change = RelationChange(
        relation=steps.name,
        unit=like.unit.plural,
        old=old,
        new=new,
        alike=alike,
        came=float(met.overlap.new.sum()) - alike,
        went=float(met.overlap.old.sum()) - alike,
        exchanged=met.overlap.exchanged,
        by_labels=by_labels,
        keyed=keyed,
        edits=met.edits,
    )
    if DATA not in steps.factors:
        return TestedRelation(change, {}, 0)
    return TestedRelation(change, *_noise(steps, met))


def _noise(steps: ChangeSteps, met: BuildOverlap) -> tuple[dict[str, dict[Pair, Noise]], int]:
    """Return the noise of every cell, and the number of tables tested. A table in several panels counts once."""
    config, incidence = steps.new.config, steps.kept(steps.new).tables.incidence
    found: dict[str, tuple[Shift, bool]] = {}
    for panel in config.panels_of(steps.name):
        measure = judged_measure(panel.measure)
        if measure.info.statistic:
            continue
        reverse = panel.given != incidence.rows.name
        overlap = met.overlap.T if reverse else met.overlap
        found[panel.id] = shift(measure.info, measure, overlap, config.inference), reverse
    if not found:
        return {}, 0
    masked = incidence.trivial_diagonal
    q = _of_tables([_turned(np.where(one.enough, one.p, np.nan), reverse) for one, reverse in found.values()], masked)
    edited = _of_tables([_turned(one.p_edited, reverse) for one, reverse in found.values()], masked)
    cells: dict[str, dict[Pair, Noise]] = {}
    for name, (one, reverse) in found.items():
        given, outcome = (met.columns, met.rows) if reverse else (met.rows, met.columns)
        panel = config.panel(name)
        facts = _by_edits(judged_measure(panel.measure), met, one, reverse=reverse)
        moved = _turned(edited, reverse) if met.edited is None else np.full(one.p.shape, np.nan)
        low, high = one.low + facts, one.high + facts
        known = (one.p, _turned(q, reverse), one.n_changed, one.enough, moved, facts)
        cells[name] = {
            (a, b): Noise((low[i, j].item(), high[i, j].item()), *(values[i, j].item() for values in known))
            for i, a in enumerate(given)
            for j, b in enumerate(outcome)
        }
    return cells, int(np.isfinite(q).sum())


def _by_edits(measure: Measure, met: BuildOverlap, like: Shift, *, reverse: bool) -> NDArray[np.float64]:
    """Return the change of a measure (R, C) by edits of the same units: 0 without keys or where it is undefined."""
    if met.edited is None:
        return np.zeros(like.p.shape)
    return np.nan_to_num(differences(measure, met.edited.T if reverse else met.edited))


def _of_tables(own: list[NDArray[np.float64]], masked: bool) -> NDArray[np.float64]:  # noqa: FBT001
    """Return the q (R, C) of each 2 x 2 table from the p of its panels, or nan if no p is known."""
    p = np.stack(own)
    if masked:
        p[:, np.arange(p.shape[1]), np.arange(p.shape[1])] = np.nan
    q = np.full(p.shape[1:], np.nan)
    known = ~np.isnan(p).all(axis=0)
    if known.any():
        q[known] = false_discovery(np.minimum(1.0, len(own) * np.nanmin(p[:, known], axis=0)))
    return q


def _turned(values: NDArray[np.float64], reverse: bool) -> NDArray[np.float64]:  # noqa: FBT001
    return values.T if reverse else values


def cell_changes(
    steps: ChangeSteps, found: TestedRelation, matters: MatterSettings, fdr: float
) -> Iterator[CellChange]:
    """Yield cells of panels in both builds whose value or state changed, except cells that were never measured."""
    for panel in steps.new.config.panels_of(steps.name):
        before, after = steps.old.cells(panel.id), steps.new.cells(panel.id)
        if not before or not after:
            continue
        cells = [] if steps.mixed else steps.cells(panel.id)
        judge = _CellJudge(steps, cells, panel, found.noise.get(panel.id, {}), matters, fdr, found.change.is_exact)
        for pair in dict.fromkeys((*after, *before)):
            change = judge(pair, before.get(pair), after.get(pair))
            if change is not None:
                yield change


def cell_change(panel: PanelSettings, pair: Pair, old: KeptCell | None, new: KeptCell | None, how: How) -> CellChange:
    """Return the change of a cell caused by data alone, before its size is judged."""
    before, after = (None if cell is None else cell.value for cell in (old, new))
    return CellChange(
        panel=panel.id,
        relation=panel.relation,
        measure=panel.measure,
        given=pair[0],
        outcome=pair[1],
        how=how,
        old=before,
        new=after,
        old_state="absent" if old is None else old.state,
        new_state="absent" if new is None else new.state,
        difference=None if before is None or after is None else Estimate(after - before),
        large=False,
        causes=(DATA,),
        matters=False,
    )


@dataclass(frozen=True, eq=False)
class _CellJudge:
    steps: ChangeSteps
    cells: list[Cells]
    panel: PanelSettings
    noise: Mapping[Pair, Noise]
    matters: MatterSettings
    fdr: float
    is_exact: bool

    def __call__(self, pair: Pair, old: KeptCell | None, new: KeptCell | None) -> CellChange | None:
        states = tuple("absent" if c is None else c.state for c in (old, new))
        values = [None if c is None else c.value for c in (old, new)]
        if "measured" not in states or (_same(*values) and states[0] == states[1]):
            return None
        both = states == ("measured", "measured")
        how: How = "changed" if both else "appeared" if states[1] == "measured" else "vanished"
        shares = self._moved(pair, old, new) if both else self._became(pair, states[1] == "measured")
        data = (shares or {}).get(DATA, 0.0)
        known = self.noise.get(pair) if data else None
        interval = known if both and not self.is_exact else None
        noise = not (known is not None and self._is_clear(known)) if data and not self.is_exact else None
        change = cell_change(self.panel, pair, old, new, how)
        if change.difference is not None and interval:
            change = replace(change, difference=Estimate(change.difference.value, *map(_finite, interval.interval)))
        return replace(
            change,
            shares=shares or {},
            q=_finite(interval.q) if interval else None,
            n_changed=known.n_changed if known else None,
            noise=noise,
            if_edited=bool(noise and known is not None and known.q_edited < self.fdr),
            large=both and abs(sum((shares or {}).values())) >= self._limit,
            causes=self.steps.mixed if shares is None else named(shares),
            matters=self._does_matter(shares, old, new, noise=noise, both=both),
        )

    def _is_clear(self, known: Noise) -> bool:
        """Return whether data moved a cell by more than noise, or edits of the same units by enough to matter."""
        if not self._is_ratio and abs(known.by_edits) >= self._limit:
            return True
        return known.enough and known.q < self.fdr and known.p < self.fdr

    def _does_matter(
        self,
        shares: Mapping[str, float] | None,
        old: KeptCell | None,
        new: KeptCell | None,
        *,
        noise: bool | None,
        both: bool,
    ) -> bool:
        if MEASURES[self.panel.measure].info.statistic:
            return False
        if not both:  # cells that reach the minimum number of units by growth do not matter; reclassified cells do
            return shares is None or any(share for cause, share in shares.items() if cause != DATA)
        if shares is None:
            values = [self._scaled(self._judged(c)) for c in (old, new)]
            return None in values or abs((values[1] or 0.0) - (values[0] or 0.0)) >= self._limit
        return any(abs(share) >= self._limit and not (cause == DATA and noise) for cause, share in shares.items())

    def _moved(self, pair: Pair, old: KeptCell | None, new: KeptCell | None) -> dict[str, float] | None:
        """Return the contribution of each cause to a change, on the scale of the test, or None if unknown."""
        if self.steps.mixed:
            return None
        recorded = [self._scaled(self._judged(c)) for c in (old, new)]
        values = [self._scaled(cells.get(pair, (None, ""))[0]) for cells in self.cells]
        known = [value for value in values if value is not None]
        if recorded[0] is None or recorded[1] is None or len(known) < len(values):
            return self._became(pair, now=True)
        program = recorded[1] - recorded[0] - (known[-1] - known[0])
        return self._shares(known) | ({} if abs(program) <= _SAME else {PROGRAM: program})

    def _became(self, pair: Pair, now: bool) -> dict[str, float] | None:  # noqa: FBT001
        """Return each cause's contribution to a cell becoming, or ceasing to be, measured: shares of 1 or -1."""
        if self.steps.mixed:
            return None
        measured = [float(cells.get(pair, (None, ""))[1] == "measured") for cells in self.cells]
        shares = {cause: share for cause, share in self._shares(measured).items() if share}
        factors = self.steps.factors
        return shares or ({PROGRAM: 1.0 if now else -1.0} if not factors else dict.fromkeys(factors, 1 / len(factors)))

    def _shares(self, values: list[float]) -> dict[str, float]:
        """Return the contribution of each cause to the difference between the first and last of these values."""
        return {cause: b - a for cause, (a, b) in zip(self.steps.factors, pairwise(values), strict=True)}

    def _judged(self, cell: KeptCell | None) -> float | None:
        """Return the recorded value to compare: for a count, its share of all units."""
        if cell is None or cell.value is None or self.panel.measure != "count":
            return None if cell is None else cell.value
        return cell.value / cell.n_units if cell.n_units else None

    def _scaled(self, value: float | None) -> float | None:
        if value is None or not self._is_ratio:
            return value
        return math.log(value) if value > 0 else None

    @property
    def _is_ratio(self) -> bool:
        info = judged_measure(self.panel.measure).info
        return (info.lower, info.upper) == (0, None)

    @property
    def _limit(self) -> float:
        info = judged_measure(self.panel.measure).info
        if self._is_ratio:
            return math.log(self.matters.ratio)
        return self.matters.share if info.upper == 1 else math.log2(self.matters.ratio)


def _same(old: float | None, new: float | None) -> bool:
    if old is None or new is None:
        return old is new
    return abs(new - old) <= _SAME * max(1.0, abs(old))


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
