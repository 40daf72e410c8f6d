"""What a ledger's units were made from, and what was left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..coverage import CategoryCoverage, SideCoverage, YearCoverage
from .sets import has

if TYPE_CHECKING:
    from .ledger import Axis, Ledger


def side_coverage(ledger: Ledger, side: Axis) -> SideCoverage:
    """Return how many items of a side are labelled, and how many count.

    A kind's items are those of its table; for records they are the records themselves, seen from one side: in its
    table all that were read, labelled those with a category there, linked those that count.
    """
    uses = np.zeros(len(side.found.start) - 1, dtype=np.int64)
    np.add.at(uses, side.use, (ledger.n * ledger.alive)[side.unit])
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


def unlabelled_units(ledger: Ledger) -> tuple[int, int]:
    """Return how many units count, and how many of these lack a category on at least one side."""
    bare = ~(ledger.rows.words.any(axis=1) & ledger.columns.words.any(axis=1))
    return int(ledger.n[ledger.alive].sum()), int(ledger.n[ledger.alive & bare].sum())
