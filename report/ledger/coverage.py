"""What a ledger's units were made from, and what was left out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..coverage import CategoryCoverage, Coverage, SideCoverage, YearCoverage
from ..taxonomy.sets import has
from .ledger import Axis, Ledger

_AT_ONCE = 1_000_000
"""Items that are looked at at once."""


def measure_coverage(ledger: Ledger) -> Coverage:
    """Return what a ledger's units were made from, and what was left out."""
    n_units = n_bare = n_pairs = 0
    size: type[np.integer] = np.int64 if ledger.unit.role == "record" else np.int32  # one may stand for any number
    uses: list[NDArray[np.integer]] = [np.zeros(side.found.n_items, dtype=size) for side in ledger.sides]
    for part in ledger.parts:
        n = part.n * part.alive
        bare = ~(part.rows.words.any(axis=1) & part.columns.words.any(axis=1))
        n_units += int(n.sum())
        n_bare += int(n[bare].sum())
        n_pairs += max(len(side.use) for side in part.sides)
        for place, side in enumerate(part.sides):
            weights = None if (n == 1).all() else n[side.unit]
            if len(side.use) < len(uses[place]):  # of a part: no table of all items for each
                np.add.at(uses[place], side.use, np.int32(1) if weights is None else weights)
                continue
            uses[place] += np.bincount(side.use, weights, side.found.n_items).astype(size)
    n_resolved = n_pairs if ledger.n_resolved is None else ledger.n_resolved
    n_links = n_resolved + ledger.n_unresolved
    rows, columns = (_side(ledger, *one) for one in zip(ledger.sides, uses, strict=True))
    return Coverage(
        relation=ledger.relation,
        n_links=n_links,
        n_resolved=n_resolved,
        n_candidates=n_links if ledger.n_candidates is None else ledger.n_candidates,
        n_units=n_units,
        n_unlabelled_units=n_bare,
        rows=rows,
        columns=columns,
        unresolved=ledger.unresolved,
        n_named=ledger.n_named,
        n_itself=ledger.n_itself,
    )


def _side(ledger: Ledger, side: Axis, uses: NDArray[np.integer]) -> SideCoverage:
    """Return how many items of a side are labelled, and how many count, by how many units use each (a,).

    A kind's items are those of its table; for records they are the records themselves, seen from one side: in its
    table all that were read, labelled those with a category there, linked those that count.
    """
    n_items, n_linked = np.zeros((2, side.found.n_types), dtype=np.int64)
    years: dict[int, list[int]] = {}
    labelled: NDArray[np.bool_] = np.asarray(side.found.words.any(axis=1))
    for low in range(0, len(side.items), _AT_ONCE):
        some = slice(low, low + _AT_ONCE)
        items, n = side.items[some], side.n[some]
        used, type_ = uses[items], side.found.type[items]
        # Equal records are one text: some of its `n` may be left out (an empty field opposite), the rest count.
        linked = used if ledger.unit.role == "record" else np.where(used > 0, n, 0)
        n_items += np.bincount(type_, n, len(n_items)).astype(np.int64)
        n_linked += np.bincount(type_, linked, len(n_linked)).astype(np.int64)
        if side.year is None:
            continue
        of_item = side.year[some]
        for year in np.unique(of_item).tolist():
            its = of_item == year
            sums = int(n[its].sum()), int(n[its & labelled[type_]].sum()), int(linked[its].sum())
            years[year] = [one + other for one, other in zip(years.get(year, (0, 0, 0)), sums, strict=True)]
    size = np.bitwise_count(side.found.words).sum(axis=1)
    alone = np.where(size == 1, n_items, 0)
    its = [has(side.found.words, number) for number in range(len(side.categories))]
    counts = [[int(of[types].sum()) for of in (n_items, n_linked, alone)] for types in its]
    ordered = sorted(years, key=lambda year: (year < 0, year))
    return SideCoverage(
        side=side.name,
        n_items=int(side.n.sum()) + side.n_nameless,
        n_labelled=int(n_items[size > 0].sum()),
        n_linked=int(n_linked.sum()),
        categories=tuple(CategoryCoverage(name, *own) for name, own in zip(side.categories, counts, strict=True)),
        years=tuple(YearCoverage(year if year >= 0 else None, *years[year]) for year in ordered),
    )
