"""How items are filed after an audit: the judged ones as a person says, all others as likely; and the counts then."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import narwhals as nw
import numpy as np

from ..incidence import Incidence
from ..inference.audit import Filed, likely_filings
from ..recounts.filings import recount_filings
from ..relations.meeting import Meeting
from ..sources.engine import Engine
from ..taxonomy.audit_judgement import Judged
from .audit_data import population_name

Filings = dict[str, dict[str, Filed]]
"""Entity of a side -> item -> its categories."""

_BYTES = 100_000_000
_ITEMS = 100_000
"""Items filed otherwise that one pass over the data takes."""


def unjudged(meeting: Meeting, name: str, judged: Collection[Judged], engine: Engine) -> dict[Filed, list[str]]:
    """Return the items that units have and nobody has judged, sorted, by their categories by rule."""
    units = meeting.units if meeting.unfiltered is None else meeting.unfiltered
    sets: dict[str, list[int]] = {}
    categories: tuple[str, ...] = ()
    for side in (meeting.rows, meeting.columns):
        if population_name(meeting, side) == name:
            categories = side.categories
            used = side.uses.join(units.select("unit"), on="unit", how="semi").select("item").unique()
            filed = side.named(used).join(side.members, on="item", how="left")
            found = engine.collect(filed.select("name", category=nw.col("category").fill_null(-1)))
            own: dict[str, list[int]] = {}
            for item, category in zip(found["name"].tolist(), found["category"].tolist(), strict=True):
                own.setdefault(item, []).append(int(category))
            sets |= own
    by: dict[Filed, list[str]] = {}
    done = {one.id for one in judged if one.entity == name}
    for item in sorted(sets):
        if item not in done:
            rule = tuple(categories[number] for number in sorted(sets[item]) if number >= 0)
            by.setdefault(rule, []).append(item)
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


def recounted(
    meeting: Meeting, engine: Engine, incidence: Incidence, filings: Iterable[Filings]
) -> Iterator[Incidence]:
    """Yield the incidence under each filing, as many in one pass as memory and time allow."""
    n_patterns, n_rows = incidence.row_sets.shape
    size = max(1, n_patterns) * (n_rows + incidence.column_sets.shape[1] + 48)
    batch: list[Filings] = []
    n_items = 0
    for filing in filings:
        n = sum(map(len, filing.values()))
        if batch and (n_items + n > _ITEMS or (len(batch) + 1) * size > _BYTES):
            yield from recount_filings(meeting, engine, incidence, batch)
            batch, n_items = [], 0
        batch.append(filing)
        n_items += n
    yield from recount_filings(meeting, engine, incidence, batch)
