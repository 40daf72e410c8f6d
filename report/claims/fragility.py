"""Fragility of claims: in how many drawings a claim does not hold, and whether it does without what carries most of it.

In a drawing `surely(…)` is read as the comparison in it: an interval already says how far drawings would move it.
Without an item, label, level or group a claim is judged whole, intervals and all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from jinja2 import nodes

from ..arrays import Floats
from ..cells import Cell, Cells, Refusal
from ..findings.finding import Study
from ..findings.robustness import counted
from ..findings.statements import carriers, pairs_of
from ..inference.drawing import RESAMPLES, Redraws, redraws
from ..ledger.recounts import Change
from ..panels import PlacedPanel, Tables
from .predicates import Differences, Judge
from .values import Material
from .verdicts import Fragility, Judgement, Loops, Verdict, Without

MOST_JUDGED = 20_000
"""Judgements of drawings in all; more claims are judged in fewer drawings each."""

LEAST_DRAWN = 40
"""Drawings below which nothing is said of a share."""


@dataclass(frozen=True)
class AskedClaim:
    """A claim that was judged: what it claims, with the names that loops gave, and what became of it."""

    predicate: nodes.Expr
    loops: Loops
    verdict: Verdict


@dataclass(eq=False)
class Fragilities:
    """Judges claims again. `studies` are those of relations with counts by name, each with all of its panels."""

    material: Material
    studies: Mapping[str, Study]
    _without: dict[tuple[str, Change], tuple[Material, Differences]] = field(default_factory=dict)

    def __call__(self, asked: Sequence[AskedClaim]) -> list[Fragility | None]:
        """Return the fragility of each claim that holds and rests on counts; None for others."""
        judged = [one for one in asked if one.verdict.holds and self._relations(one)]
        fails = dict(zip(map(id, judged), self._fails(judged), strict=True))
        n_drawn = _n_drawn(len(judged))
        return [
            Fragility(fails[id(one)], n_drawn, tuple(self._omitted(one))) if id(one) in fails else None for one in asked
        ]

    def _relations(self, asked: AskedClaim) -> tuple[str, ...]:
        """Return the relations with counts that a claim rests on."""
        panels = dict.fromkeys(cell.panel for cell in asked.verdict.cells)
        relations = dict.fromkeys(self.material.panels[panel].relation for panel in panels)
        return tuple(relation for relation in relations if relation in self.studies)

    def _fails(self, asked: Sequence[AskedClaim]) -> list[float | None]:
        """Return for each claim the share of drawings in which it does not hold; None where that cannot be told."""
        n = _n_drawn(len(asked))
        if not asked or not n:
            return [None] * len(asked)
        found = {name: redraws(study.tables.incidence, study.inference, n=n) for name, study in self.studies.items()}
        drawn = {name: of for name, of in found.items() if not isinstance(of, Refusal)}
        made = [self._drawn(drawn, k) for k in range(n)]
        return [self._share(one, made) if set(self._relations(one)) <= drawn.keys() else None for one in asked]

    def _drawn(self, drawn: Mapping[str, Redraws], k: int) -> Material:
        """Return the numbers of one drawing."""
        panels = dict(self.material.panels)
        for name, panel in self.material.panels.items():
            if (of := drawn.get(panel.relation)) is not None:
                source = PlacedPanel(panel, self.studies[panel.relation].tables.incidence)
                cells = _DrawnCells(source, of, k)
                panels[name] = replace(panel, n_units=cells.n_units, cells=cells)
        return replace(self.material, panels=panels)

    def _share(self, asked: AskedClaim, made: Sequence[Material]) -> float | None:
        none = Differences({})
        found = [Judge(material, none, asked.loops, by_point=True)(asked.predicate) for material in made]
        return None if _same(found) else sum(not judgement.holds for judgement in found) / len(found)

    def _omitted(self, asked: AskedClaim) -> Iterator[Without]:
        """Yield what becomes of a claim without the largest item, label, level and group of each of its relations."""
        for relation in self._relations(asked):
            study = self.studies[relation]
            own = [cell for cell in asked.verdict.cells if self.material.panels[cell.panel].relation == relation]
            for change, tables in carriers(study, pairs_of(study, own)):
                material, differences = self._made(relation, change, tables)
                judge = Judge(material, differences, asked.loops)
                judgement = judge(asked.predicate)
                if differences.answer():
                    judgement = judge(asked.predicate)
                reason = "" if judgement.holds else "it is undefined there" if judgement.undefined else judgement.detail
                yield Without(change.by, change.side, change.name, judgement.holds, reason)

    def _made(self, relation: str, change: Change, tables: Tables) -> tuple[Material, Differences]:
        if (relation, change) not in self._without:
            study = self.studies[relation]
            panels = {panel.id: panel for panel in counted(study, tables).study.panels}
            sources = {p.id: PlacedPanel(p, tables.incidence) for p in panels.values()}
            material = replace(self.material, panels={**self.material.panels, **panels}, measured={})
            self._without[relation, change] = material, Differences(sources, study.inference)
        return self._without[relation, change]


def _n_drawn(n_claims: int) -> int:
    n = min(RESAMPLES, MOST_JUDGED // max(n_claims, 1))
    return n if n >= LEAST_DRAWN else 0


def _same(found: Sequence[Judgement]) -> bool:
    """Whether every drawing gives the same numbers, as all or none of a few units do: they tell nothing then."""
    numbers = [tuple(operand.value for operand in judgement.operands) for judgement in found]
    return bool(numbers[0]) and all(other == numbers[0] for other in numbers)


class _DrawnCells(Cells):
    """The cells of a panel in one drawing, made when asked for: most claims look at few of all that drawings have."""

    def __init__(self, source: PlacedPanel, of: Redraws, k: int) -> None:
        super().__init__(source.panel.given_categories, source.panel.outcome_categories, {})
        self._source, self._of, self._k, self.n_units = source, of, k, float(of.units[k])
        self._made: dict[int, Cell] = {}
        self._values: dict[str, Floats] = {}

    def column(self, name: str) -> Sequence[Any]:
        return [getattr(cell, name) for cell in self]

    def __iter__(self) -> Iterator[Cell]:
        return map(self._cell, range(len(self)))

    def _cell(self, place: int) -> Cell:
        if place not in self._made:
            self._made[place] = self._drawn(place)
        return self._made[place]

    def _drawn(self, place: int) -> Cell:
        base, k = self._source.panel.cells[place], self._k
        a, b = divmod(place, len(self._source.panel.outcome_categories))
        row, column = self._source.place(a, b)
        of, n_units = self._of, self.n_units
        given, outcome = float(of.given[k, row]), float(of.outcome[k, column])
        if self._source.by_columns:
            given, outcome = outcome, given
        n_joint, expected = float(of.joint[k, row, column]), given * outcome / max(n_units, 1e-300)
        lift = None if base.lift is None else self._value("lift", row, column)
        within = None if of.within is None else float(of.within[k, row, column])
        return replace(
            base,
            n_joint=n_joint,
            n_given=given,
            n_outcome=outcome,
            n_units=n_units,
            value=None if base.value is None else self._value(self._source.panel.measure.name, row, column),
            baseline=outcome / n_units if n_units else None,
            expected=expected,
            lift=lift,
            expected_within_strata=within,
            lift_within_strata=_moved(base, n_joint, within),
        )

    def _value(self, measure: str, row: int, column: int) -> float | None:
        if measure not in self._values:
            joint, given, outcome = self._of.joint[self._k], self._of.given[self._k], self._of.outcome[self._k]
            formula = self._source.formula(measure)
            self._values[measure] = formula(joint, given[:, None], outcome[None, :], np.asarray(self.n_units))
        value = float(self._values[measure][row, column])
        return value if np.isfinite(value) else None


def _moved(base: Cell, n_joint: float, within: float | None) -> float | None:
    """Return observed over expected within strata, by the factor that the cell's own is of the plain ratio."""
    if base.lift_within_strata is None or base.n_joint is None or not base.expected_within_strata or not within:
        return None
    plain = base.n_joint / base.expected_within_strata
    return n_joint / within * (base.lift_within_strata / plain if plain else 1.0)
