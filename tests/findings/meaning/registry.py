"""What each kind of finding means, and which fields no raw table tells, each with its reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.findings.meaning import agreement, coverage, gradients, pairs, published, sizes, strata
from tests.findings.meaning.record import Held
from tests.findings.meaning.world import Meanings, World
from tests.prose.cases import Case

MEANINGS: Mapping[str, Callable[[Any, Any], Meanings]] = {
    "population": sizes.population,
    "gaps": sizes.gaps,
    "coarse": sizes.coarse,
    "concentration": sizes.concentration,
    "diagonal": pairs.diagonal,
    "crossings": pairs.crossings,
    "asymmetry": pairs.asymmetry,
    "surprises": pairs.surprises,
    "spread": pairs.spread,
    "departures": pairs.departures,
    "heterogeneity": strata.heterogeneity,
    "reversal": strata.reversal,
    "uneven_coverage": coverage.uneven_coverage,
    "story": pairs.story,
    "blocks": pairs.blocks,
    "gradient": gradients.gradient,
    "agreement": agreement.agreement,
    "activity": agreement.activity,
    "composition": agreement.composition,
    "isolation": agreement.isolation,
    "bridge": agreement.bridge,
    "direction": agreement.direction,
    "overdispersion": sizes.overdispersion,
}
"""Kinds over a relation with counts."""

EXCEPTIONS: Mapping[str, str] = {
    "Finding.id": "findings are compared by it",
}
"""Fields of which no raw table tells anything."""

UNTOLD: Mapping[str, str] = {
    "Cell.q_value": "tests/inference; that of a surprise is worked out",
    "Cell.design_effect": "tests/inference/test_totals.py and the tests of intervals",
    "Cell.odds_within_low": "tests/inference/test_common_odds.py",
    "Cell.odds_within_high": "tests/inference/test_common_odds.py",
    "ShareTrend.given": "which share moved: its numbers are worked out for these names",
    "ShareTrend.outcome": "which share moved: its numbers are worked out for these names",
}
"""Fields that are not worked out here, and where they are tested."""


def meanings(case: Case) -> Iterator[tuple[str, list[Any], Meanings]]:
    """Yield of each kind its findings in a report, and what they must be by the raw table."""
    if case.raw is None:
        world, kinds = published.Matrices(case.whole, case.files, case.names), published.MEANINGS
    else:
        world, kinds = World(case.whole, case.raw), MEANINGS
    for kind, meaning in kinds.items():
        found = [f for f in world.part.findings if f.kind == kind]
        yield kind, found, meaning(world, found)


def wrong(case: Case, held: Held) -> Iterator[str]:
    """Yield what the findings of a report say that its raw table does not."""
    for kind, found, expected in meanings(case):
        actual = {finding.id: finding for finding in found}
        if actual.keys() != expected.keys():
            yield f"{kind}: found are {sorted(actual)}; the table gives {sorted(expected)}"
        for name in actual.keys() & expected.keys():
            yield from held.differences(actual[name], expected[name], name)
