"""What a ledger's units were made from, and what was left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..coverage import CategoryCoverage, Coverage, SideCoverage, YearCoverage
from ..taxonomy.sets import has

if TYPE_CHECKING:
    from .ledger import Axis, Ledger


def measure_coverage(ledger: Ledger) -> Coverage:
    """Return what a ledger's units were made from, and what was left out."""
    bare = ~(ledger.rows.words.any(axis=1) & ledger.columns.words.any(axis=1))
    facts = ledger.facts
    return Coverage(
        relation=ledger.relation,
        n_links=facts.n_links,
        n_resolved=facts.n_resolved,
        n_candidates=facts.n_candidates,
        n_units=int(ledger.n[ledger.alive].sum()),
        n_unlabelled_units=int(ledger.n[ledger.alive & bare].sum()),
        rows=_side(ledger, ledger.rows),
        columns=_side(ledger, ledger.columns),
        unresolved=facts.unresolved,
        n_named=facts.n_named,
        n_itself=facts.n_itself,
    )


def _side(ledger: Ledger, side: Axis) -> SideCoverage:
    """Return how many items of a side are labelled, and how many count.

    A kind's items are those of its table; for records they are the records themselves, seen from one side: in its
    table all that were read, labelled those with a category there, linked those that count.
    """
    uses = np.bincount(side.use, (ledger.n * ledger.alive)[side.unit], side.found.n_items).astype(np.int64)
    used = uses[side.items]
    # Equal records are one text: some of its `n` may be left out (an empty field opposite), the rest count.
    linked = used if ledger.unit.role == "record" else np.where(used > 0, side.n, 0)
    words = side.found.words[side.items]
    size = np.bitwise_count(words).sum(axis=1)
    labelled = size > 0
    categories = []
    for number, name in enumerate(side.categories):
        its = has(words, number)
        counts = int(side.n[its].sum()), int(linked[its].sum()), int(side.n[its & (size == 1)].sum())
        categories.append(CategoryCoverage(name, *counts))
    years: list[YearCoverage] = []
    if side.year is not None:
        for year in np.unique(side.year).tolist():
            its = side.year == year
            sums = int(side.n[its].sum()), int(side.n[its & labelled].sum()), int(linked[its].sum())
            years.append(YearCoverage(None if year < 0 else year, *sums))
    return SideCoverage(
        side=side.name,
        n_items=int(side.n.sum()) + side.n_nameless,
        n_labelled=int(side.n[labelled].sum()),
        n_linked=int(linked.sum()),
        categories=tuple(categories),
        years=tuple(sorted(years, key=lambda one: (one.year is None, one.year or 0))),
    )
