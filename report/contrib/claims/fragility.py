"""Fragility of claims: the share of resamples in which a claim fails, and its truth without its largest contributor.

In a resample, `surely(…)` is evaluated as the comparison in it, because an interval already describes how much
resamples vary. Without an item, label, level or group, a claim is evaluated completely, including its intervals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from jinja2 import nodes

from ...cells import Panel, Refusal
from ...findings.finding import Study
from ...findings.recounted_panels import resampled_panels, without_contributors
from ...inference.drawing import RESAMPLES
from ...ledger.recounts import Change
from ...panels import PlacedPanel
from .predicates import Differences, Judge
from .values import Material
from .verdicts import Fragility, Judgement, Loops, Verdict, Without

MOST_JUDGED = 20_000
"""Maximum number of evaluations over all resamples. With more claims, each is evaluated in fewer resamples."""

LEAST_DRAWN = 40
"""Minimum number of resamples from which a share is reported."""


@dataclass(frozen=True)
class AskedClaim:
    """A claim that was judged: its predicate, the names bound by loops, and the verdict."""

    predicate: nodes.Expr
    loops: Loops
    verdict: Verdict


@dataclass(eq=False)
class Fragilities:
    """Re-evaluation of claims.

    `studies` has the analysis of each relation with counts, by name, with all its panels.
    """

    material: Material
    studies: Mapping[str, Study]
    _without: dict[tuple[str, Change], tuple[Material, Differences]] = field(default_factory=dict)

    def __call__(self, asked: Sequence[AskedClaim]) -> list[Fragility | None]:
        """Return the fragility of each claim that is true and depends on counts, or None for others."""
        judged = [one for one in asked if one.verdict.holds and self._relations(one)]
        fails = dict(zip(map(id, judged), self._fails(judged), strict=True))
        n_drawn = _n_drawn(len(judged))
        return [
            Fragility(fails[id(one)], n_drawn, tuple(self._omitted(one))) if id(one) in fails else None for one in asked
        ]

    def _relations(self, asked: AskedClaim) -> tuple[str, ...]:
        """Return the relations with counts that a claim depends on."""
        panels = dict.fromkeys(cell.panel for cell in asked.verdict.cells)
        relations = dict.fromkeys(self.material.panels[panel].relation for panel in panels)
        return tuple(relation for relation in relations if relation in self.studies)

    def _fails(self, asked: Sequence[AskedClaim]) -> list[float | None]:
        """Return for each claim the share of resamples in which it is false, or None if this cannot be determined."""
        n = _n_drawn(len(asked))
        if not asked or not n:
            return [None] * len(asked)
        found = {name: resampled_panels(study, n) for name, study in self.studies.items()}
        drawn = {name: of for name, of in found.items() if not isinstance(of, Refusal)}
        made = [self._drawn([of[k] for of in drawn.values()]) for k in range(n)]
        return [self._share(one, made) if set(self._relations(one)) <= drawn.keys() else None for one in asked]

    def _drawn(self, drawn: Sequence[Mapping[str, Panel]]) -> Material:
        """Return the numbers of one resample."""
        panels = {name: panel for of in drawn for name, panel in of.items()}
        return replace(self.material, panels={**self.material.panels, **panels})

    def _share(self, asked: AskedClaim, made: Sequence[Material]) -> float | None:
        none = Differences({})
        found = [Judge(material, none, asked.loops, by_point=True)(asked.predicate) for material in made]
        return None if _same(found) else sum(not judgement.holds for judgement in found) / len(found)

    def _omitted(self, asked: AskedClaim) -> Iterator[Without]:
        """Yield the result of a claim without the largest item, label, level and group of each of its relations."""
        for relation in self._relations(asked):
            study = self.studies[relation]
            own = [cell for cell in asked.verdict.cells if self.material.panels[cell.panel].relation == relation]
            for change, recount in without_contributors(study, own):
                material, differences = self._made(relation, change, recount)
                judge = Judge(material, differences, asked.loops)
                judgement = judge(asked.predicate)
                if differences.answer():
                    judgement = judge(asked.predicate)
                reason = "" if judgement.holds else "it is undefined there" if judgement.undefined else judgement.detail
                yield Without(change.by, change.side, change.name, judgement.holds, reason)

    def _made(self, relation: str, change: Change, recount: Callable[[], Study]) -> tuple[Material, Differences]:
        if (relation, change) not in self._without:
            study = recount()
            panels = {panel.id: panel for panel in study.panels}
            sources = {p.id: PlacedPanel(p, study.tables.incidence) for p in panels.values()}
            material = replace(self.material, panels={**self.material.panels, **panels}, measured={})
            self._without[relation, change] = material, Differences(sources, study.inference)
        return self._without[relation, change]


def _n_drawn(n_claims: int) -> int:
    n = min(RESAMPLES, MOST_JUDGED // max(n_claims, 1))
    return n if n >= LEAST_DRAWN else 0


def _same(found: Sequence[Judgement]) -> bool:
    """Return whether all resamples are equal, as for all or none of a few units: they are then uninformative."""
    numbers = [[operand.estimate and operand.estimate.value for operand in one.operands] for one in found]
    return bool(numbers[0]) and all(other == numbers[0] for other in numbers)
