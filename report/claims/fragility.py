"""Fragility of claims: in how many drawings a claim does not hold, and whether it does without what carries most of it.

In a drawing `surely(…)` is read as the comparison in it: an interval already says how far drawings would move it.
Without an item, label, level or group a claim is judged whole, intervals and all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from jinja2 import nodes

from ..arrays import Bools
from ..cells import Column, Panel, Refusal
from ..findings.finding import Study
from ..findings.robustness import counted
from ..findings.statements import carriers, pairs_of
from ..inference.drawing import RESAMPLES, Redraws, redraws
from ..ledger.recounts import Change
from ..matrices.counts import Counts
from ..measures import MEASURES
from ..panels import PlacedPanel, Tables, columns_of
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
        sources = {
            name: _Redrawn(panel, self.studies[panel.relation].tables.incidence)
            for name, panel in self.material.panels.items()
            if panel.relation in drawn
        }
        made = [self._drawn(sources, drawn, k) for k in range(n)]
        return [self._share(one, made) if set(self._relations(one)) <= drawn.keys() else None for one in asked]

    def _drawn(self, sources: Mapping[str, _Redrawn], drawn: Mapping[str, Redraws], k: int) -> Material:
        """Return the numbers of one drawing."""
        panels = {name: source.drawn(drawn[source.panel.relation], k) for name, source in sources.items()}
        return replace(self.material, panels={**self.material.panels, **panels})

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


class _Redrawn(PlacedPanel):
    """A panel over its incidence, whose drawings are panels too."""

    @cached_property
    def there(self) -> Mapping[str, Bools]:
        """Which cells have a value, and a lift."""
        return {name: np.array([one is not None for one in self.panel.column(name)]) for name in ("value", "lift")}

    def drawn(self, of: Redraws, k: int) -> Panel:
        """Return the panel with the counts of one drawing, and what follows of them; a cell has the numbers it had.

        Each column is worked out when a claim asks for it.
        """
        panel, (rows, columns) = self.panel, (self.incidence.rows, self.incidence.columns)
        within = None if of.within is None else of.within[k]
        counts = Counts(rows, columns, of.joint[k], of.given[k], of.outcome[k], float(of.units[k]), within)
        counts = counts.T if self.by_columns else counts
        totals = counts.joint, counts.given[:, None], counts.outcome[None, :], np.asarray(counts.n_units)

        def values(measure: str, name: str) -> list[float | None]:
            found = MEASURES[measure].of(self.incidence)(*totals).ravel()
            known = self.there[name] & np.isfinite(found)
            made: list[float | None] = np.where(known, found.astype(object), np.array(None)).tolist()
            return made

        made: dict[str, Column] = {
            "value": lambda: values(panel.measure.name, "value"),
            "lift": lambda: values("lift", "lift"),
            "lift_within_strata": lambda: _lifts_within(panel, counts),
        }
        return replace(panel, n_units=counts.n_units, cells=panel.cells.replaced(**columns_of(counts), **made))


def _lifts_within(panel: Panel, counts: Counts) -> list[float | None] | None:
    """Return observed over expected within strata, by the factor that each cell's own is of the plain ratio."""
    if counts.expected_within is None:
        return None
    drawn = counts.joint.ravel().tolist(), counts.expected_within.ravel().tolist()
    before = (panel.column(name) for name in ("lift_within_strata", "n_joint", "expected_within_strata"))
    found: list[float | None] = []
    for n_joint, within, lift, n_before, within_before in zip(*drawn, *before, strict=True):
        plain = n_before / within_before if within_before else None
        if lift is None or plain is None or not within:
            found.append(None)
        else:
            found.append(n_joint / within * (lift / plain if plain else 1.0))
    return found
