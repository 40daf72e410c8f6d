"""Kinds of finding, the pairs that a finding accounts for, and the largest contributors to pairs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from ..arrays import Bools
from ..ledger.recounts import By, Change
from ..panels import RelationStats
from .finding import Finding, Study

F = TypeVar("F", bound=Finding)


@dataclass(frozen=True, eq=False)
class Account:
    """The pairs that a finding, by its id, accounts for: `pairs` (R, C), rows by columns, are true.

    `most` is the largest number of pairs that one statement names, or None for a statement about all pairs together. A
    statement about one category has its `side` ("rows" or "columns") and name.
    """

    finding: str
    pairs: Bools
    most: int | None = None
    side: str | None = None
    category: str | None = None


@dataclass(frozen=True, eq=False)
class FindingKind(Generic[F]):
    """A kind of finding: its record type, its finder, and the pairs that it accounts for."""

    of: type[F]
    find: Callable[[Study], Sequence[F]]
    accounts: Callable[[F, Study], Iterator[Account]] = lambda _, __: iter(())

    @property
    def name(self) -> str:
        """The name of the kind."""
        return self.of.kind


SORTS: tuple[By, ...] = ("item", "label", "stratum", "group")

_DEFINING = 0.5
"""A label defines a category if the category loses more than this share of its units without the label. Omission of
such a label changes the question and is not a test of robustness."""

_LEAST_STRATA = 4
"""The smallest number of strata for which one is left out. Without one of two or three, little of the data is left."""

Pair = tuple[str, str]


def carriers(study: Study, pairs: Collection[Pair]) -> Iterator[tuple[Change, RelationStats]]:
    """Yield the largest contributor of each type to the cells of (row, column) pairs, with the tables without it.

    The largest is chosen by the number of units that would leave the cells, then by the number of units it touches,
    then by name. Excluded are labels that define a category of the pairs, levels and groups of all units, and
    contributors without a recount.
    """
    sums: dict[Change, tuple[int, int]] = {}
    for part in study.numbers.contributors.cells:
        if (part.row, part.column) in pairs:
            change = Change(part.by, part.side, part.name)
            sole, touching = sums.get(change, (0, 0))
            sums[change] = sole + part.n_sole, touching + part.n_touching
    for by in SORTS:
        if by == "stratum" and len(study.tables.incidence.strata) < _LEAST_STRATA:
            continue
        ranked = sorted((c for c in sums if c.by == by), key=lambda c: (*(-n for n in sums[c]), c.name, c.side or ""))
        found = ((change, study.numbers.without(change)) for change in ranked)
        counted = ((change, tables) for change, tables in found if tables is not None and _is_part(change, tables))
        kept = (pair for pair in counted if by != "label" or not _defines(study, pairs, pair[1]))
        yield from [pair for pair in [next(kept, None)] if pair is not None]


def _is_part(change: Change, tables: RelationStats) -> bool:
    """Return whether any units are left without a level or a group."""
    return change.by not in ("stratum", "group") or tables.counts.n_units > 0


def _defines(study: Study, pairs: Collection[Pair], tables: RelationStats) -> bool:
    """Return whether a category of the pairs loses most of its units."""
    rows = [study.rows.index(row) for row, _ in pairs]
    columns = [study.columns.index(column) for _, column in pairs]
    after, before = (np.append(of.counts.given[rows], of.counts.outcome[columns]) for of in (tables, study.tables))
    return bool((after < (1 - _DEFINING) * before).any())
