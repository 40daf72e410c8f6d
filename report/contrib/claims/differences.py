"""Differences between the measures of two cells, with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ... import portable
from ...arrays import Bools, Floats
from ...cells import CellRef, Estimate, Panel
from ...ledger.incidence import Incidence
from ...stats.measures import MEASURES, interval
from ...stats.pairs import Ends, Formula, design_of, pairs_of


@dataclass(frozen=True, eq=False)
class PlacedPanel:
    """A panel and its incidence."""

    panel: Panel
    incidence: Incidence

    @cached_property
    def by_columns(self) -> bool:
        """Whether the incidence's columns are the given side."""
        return self.panel.given != self.incidence.rows.kind

    def place(self, ref: CellRef) -> tuple[int, int]:
        """Return the position of a cell in the panel."""
        return self.panel.given_categories.index(ref.given), self.panel.outcome_categories.index(ref.outcome)


PlacedCell = tuple[PlacedPanel, CellRef, str]
"""A cell of a panel, and the name of a measure."""


def cell_differences(pairs: Sequence[tuple[PlacedCell, PlacedCell]], level: float) -> list[Estimate]:
    """Return the measure of the first cell of each pair minus the measure of the second, with its interval.

    All panels have one incidence. The interval combines those of both cells with their correlation over units or groups
    (MOVER; Zou and Donner 2008, Statistics in Medicine 27). The value is nan if a measure is undefined, and the ends
    are None if a cell has no interval.
    """
    known: dict[tuple[str, str], Ends] = {}
    return [_difference(_Placed.of(*first, level, known), _Placed.of(*second, level, known)) for first, second in pairs]


@dataclass(frozen=True, eq=False)
class _Placed:
    """A measure of a cell: its value, its ends, and how much more of each cluster or pattern (n,) moves it."""

    value: float
    low: float
    high: float
    moves: Floats

    @classmethod
    def of(
        cls, source: PlacedPanel, ref: CellRef, name: str, level: float, known: dict[tuple[str, str], Ends]
    ) -> _Placed:
        incidence, measure, place = source.incidence, MEASURES[name], source.place(ref)
        is_turned, key = source.by_columns, (source.panel.id, name)
        if key not in known:
            known[key] = interval(
                measure, pairs_of(incidence), 1 - level, is_turned=is_turned, worth=incidence.worth_of_one
            )
        totals = pairs_of(incidence).totals
        first = (totals.T if is_turned else totals).first[:, place[0], place[1]]
        sides = incidence.row_sets, incidence.column_sets
        given, outcome = sides[::-1] if is_turned else sides
        moves = _moves(measure.of(incidence), first, given[:, place[0]], outcome[:, place[1]], incidence)
        low, high = known[key]
        return cls(float(measure.of(incidence)(*first)), float(low[place]), float(high[place]), moves)


def _moves(formula: Formula, first: Floats, row: Bools, column: Bools, incidence: Incidence) -> Floats:
    """Return the contributions of clusters (G,), or of patterns (p,), to the error of a measure."""
    steps = first.astype(np.complex128) + 1e-100j * np.eye(4)
    slopes = np.imag([formula(*step) for step in steps]) / 1e-100
    each = slopes[0] * (row & column) + slopes[1] * row + slopes[2] * column + slopes[3]
    each = each - (incidence.weight * each).sum() / incidence.weight.sum()
    if incidence.group is None:
        return np.asarray(np.sqrt(incidence.weight_squared) * each)
    return design_of(incidence).summed(incidence.weight * each)


def _difference(first: _Placed, second: _Placed) -> Estimate:
    value = first.value - second.value
    sizes = float((portable.squared(first.moves)).sum()), float((portable.squared(second.moves)).sum())
    root = float(np.sqrt(sizes[0] * sizes[1]))
    together = float((first.moves * second.moves).sum()) / root if root > 0 else 0.0

    def reach(own: float, other: float) -> float:
        square = portable.squared(own) + portable.squared(other) - 2 * together * own * other
        return float(np.sqrt(max(square, 0.0)))

    low = value - reach(first.value - first.low, second.high - second.value)
    high = value + reach(first.high - first.value, second.value - second.low)
    return Estimate(value, low, high) if np.isfinite(low) and np.isfinite(high) and low < high else Estimate(value)
