"""Intervals of differences of cells, for `surely(x > y)`: asked for one by one, answered together."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..cells import Estimate, Refusal
from ..inference import InferenceSettings
from ..inference.contrasts import CellSum, Contrast, cell, compared
from ..panels import PlacedPanel
from .values import Measured

MOST_DIFFERENCES = 1000
"""Beyond so many pairs of cells no difference is drawn: nobody writes so many claims but by loops within loops."""

Pair = tuple[Measured, Measured]


@dataclass(eq=False)
class Differences:
    """Answers for pairs of cells. What is asked for the first time waits; `answer` draws for all that waits.

    `sources` hold the panels with counts, by id.
    """

    sources: Mapping[str, PlacedPanel]
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

    def _source(self, pair: Pair) -> PlacedPanel:
        return self.sources[pair[0].ref.panel]

    def _term(self, of: Measured) -> CellSum:
        source = self.sources[of.ref.panel]
        axes = source.panel.given_categories, source.panel.outcome_categories
        place = source.place(axes[0].index(of.ref.given), axes[1].index(of.ref.outcome))
        return cell(source.formula(of.measure), *place)


def _answer(found: Estimate) -> Estimate | Refusal:
    if not math.isfinite(found.value):
        return Refusal("the difference is undefined")
    return Refusal("the difference has no interval") if found.low is None or found.high is None else found
