"""How items are filed after an audit: the judged ones as a person says, all others as likely."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np

from ..inference.audit import Filed, likely_filings
from ..ledger.ledger import Ledger
from ..taxonomy.audit_judgement import Judged
from ..taxonomy.sets import members
from .audit_data import population_name

Filings = dict[str, dict[str, Filed]]
"""Entity of a side -> item -> its categories."""


def unjudged(ledger: Ledger, name: str, judged: Collection[Judged]) -> dict[Filed, list[str]]:
    """Return the items that units have and nobody has judged, sorted, by their categories by rule."""
    filed: dict[str, Filed] = {}
    for side in ledger.sides:
        if population_name(ledger, side) == name:
            used = np.unique(side.use)
            held = members(side.found.words[used], len(side.categories))
            for item, own in zip(side.names.of(used.tolist()), held, strict=True):
                filed[item] = tuple(side.categories[number] for number in np.flatnonzero(own))
    done = {one.id for one in judged if one.entity == name}
    by: dict[Filed, list[str]] = {}
    for item in sorted(filed.keys() - done):
        by.setdefault(filed[item], []).append(item)
    return by


def corrected_filings(judged: Sequence[Judged], entities: Mapping[str, str]) -> Filings:
    """Return the judged items that are filed wrong, as they should be; where no more is known, in no category."""
    filings: Filings = {}
    for one in judged:
        if not one.right:
            filings.setdefault(entities[one.entity], {})[one.id] = one.truth or ()
    return filings


def drawn_filings(
    judged: Sequence[Judged],
    others: Mapping[str, Mapping[Filed, Sequence[str]]],
    entities: Mapping[str, str],
    n_draws: int,
    seed: int,
) -> Iterator[Filings]:
    """Yield `n_draws` filings of all items: the judged ones as judged, the others as `likely_filings` has them."""
    corrected = corrected_filings(judged, entities)
    spawned = np.random.SeedSequence(seed).spawn(len(entities))
    sources = {
        name: likely_filings(
            [(one.rule, one.truth) for one in judged if one.entity == name],
            others[name],
            n_draws,
            np.random.default_rng(seed),
        )
        for name, seed in zip(entities, spawned, strict=True)
    }
    for _ in range(n_draws):
        yield {
            entities[name]: {**corrected.get(entities[name], {}), **next(source)} for name, source in sources.items()
        }
