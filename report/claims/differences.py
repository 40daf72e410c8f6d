"""Intervals of differences of cells, for `surely(x > y)`: asked for one by one, answered together."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..cells import CellRef, Estimate, Panel, Refusal
from ..incidence import Incidence
from ..inference import InferenceSettings
from ..inference.contrasts import CellSum, Contrast, cell, compared, turned
from ..inference.intervals import Formula
from ..measures import MEASURES
from .values import Measured

MOST_DIFFERENCES = 1000
"""Beyond so many pairs of cells no difference is drawn: nobody writes so many claims but by loops within loops."""

Pair = tuple[Measured, Measured]


@dataclass(frozen=True, eq=False)
class Source:
    """A panel over the incidence it shows; with `reverse` the incidence's columns are what is given."""

    panel: Panel
    incidence: Incidence
    reverse: bool

    def formula(self, measure: str) -> Formula:
        """Return a measure as a formula of the incidence's totals, of effective units where it rests on how many."""
        formula = MEASURES[measure].of(self.incidence)
        return turned(formula) if self.reverse else formula

    def term(self, of: Measured) -> CellSum:
        """Return a measure of one cell as a term of a contrast."""
        return cell(self.formula(of.measure), *self._place(of.ref))

    def _place(self, ref: CellRef) -> tuple[int, int]:
        given = self.panel.given_categories.index(ref.given)
        outcome = self.panel.outcome_categories.index(ref.outcome)
        return (outcome, given) if self.reverse else (given, outcome)


@dataclass(eq=False)
class Differences:
    """Answers for pairs of cells. What is asked for the first time waits; `answer` draws for all that waits.

    `sources` hold the panels with counts, by id.
    """

    sources: Mapping[str, Source]
    inference: InferenceSettings = field(default_factory=InferenceSettings)
    _known: dict[Pair, Estimate | Refusal] = field(default_factory=dict)
    _waiting: dict[Pair, None] = field(default_factory=dict)

    def ask(self, first: Measured, second: Measured) -> Estimate | Refusal:
        """Return `first` less `second` with its interval; a Refusal says why there is none (yet)."""
        ends = [self.sources.get(of.ref.panel) for of in (first, second)]
        if ends[0] is None or ends[1] is None or ends[0].incidence is not ends[1].incidence:
            return Refusal("the two are not counted over the same units")
        pair = first, second
        if pair not in self._known:
            if len(self._known) + len(self._waiting) >= MOST_DIFFERENCES:
                return Refusal(f"more than {MOST_DIFFERENCES:,} differences are asked for")
            self._waiting[pair] = None
            return Refusal("it is being drawn")
        return self._known[pair]

    def answer(self) -> bool:
        """Work out all that waits; return whether anything did."""
        waiting, self._waiting = list(self._waiting), {}
        by_incidence: dict[int, list[Pair]] = {}
        for pair in waiting:
            by_incidence.setdefault(id(self._source(pair).incidence), []).append(pair)
        for pairs in by_incidence.values():
            contrasts = [Contrast(self._term(first), self._term(second)) for first, second in pairs]
            found = compared(contrasts, self._source(pairs[0]).incidence, self.inference.level)
            self._known |= {pair: _answer(one.difference) for pair, one in zip(pairs, found, strict=True)}
        return bool(waiting)

    def _source(self, pair: Pair) -> Source:
        return self.sources[pair[0].ref.panel]

    def _term(self, of: Measured) -> CellSum:
        return self.sources[of.ref.panel].term(of)


def _answer(found: Estimate) -> Estimate | Refusal:
    if not math.isfinite(found.value):
        return Refusal("the difference is undefined")
    return Refusal("the difference has no interval") if found.low is None or found.high is None else found
