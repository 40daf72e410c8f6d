"""Withhold the units of small cells before anything is counted, so that no published number can reveal them.

Every number of a report is computed from the patterns of a relation: the set of row categories and the set of column
categories of units, within each stratum. So whole patterns are withheld, not numbers. All margins, expected counts,
intervals, strata and variants are then functions of the remaining units, and no difference of two published numbers
contains a withheld unit.

A cell is small if 1 to `minimum` - 1 units have both categories, or only one of them, or neither. The same applies
within each stratum, and to units that have no category, or several categories, on a side. Categories contained in
others are also counted without them, since the difference of their counts is a count of units. Withholding one cell can
make another small, so the search is repeated until none is left.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import portable
from ..errors import Note
from ..taxonomy import TaxonomySettings
from ..taxonomy.categorise import members
from . import Ledger
from .coverage import Coverage, SideCoverage
from .incidence import Incidence, Side, pattern_keys, selected
from .patterns import Patterns, incidence_of

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Withheld:
    """The patterns that may be published, and the cells that have lost units.

    `cells` (R, C): units with both categories, with only one of them, or with neither were all withheld, so that the
    cell must not be read as "none" or "all". `reduced` (R, C): some units with both categories were withheld.
    """

    patterns: Patterns
    cells: Bools
    reduced: Bools


def withhold(found: Patterns, sizes: tuple[int, int], minimum: int, *, one_taxonomy: bool = False) -> Withheld:
    """Return patterns without the units of small cells.

    `sizes` are the numbers of row and column categories. `one_taxonomy`: both sides have the same categories, so that
    units with the same category on both sides are counted too.
    """
    search = _Search.of(found, sizes, minimum, one_taxonomy=one_taxonomy)
    kept = search.settle(np.ones(len(search.units), dtype=np.bool_))
    while kept.any() and not search.hides(kept):
        kept = search.settle(kept & ~search.next_best(kept))
    return Withheld(found.at(kept[search.number]), search.emptied(kept), search.reduced(kept))


def published_incidence(
    ledger: Ledger, found: Withheld, taxonomies: tuple[TaxonomySettings, TaxonomySettings]
) -> Incidence:
    """Return the incidence of the patterns that may be published, given the taxonomies of rows and of columns.

    If categories are raw labels, their names and order come from the data. Categories without a published unit are then
    removed, unless the config names them, and the others are ordered by published units.
    """
    incidence = incidence_of(ledger, found.patterns)
    n_rows, n_columns = (portable.matmul(incidence.units, sets) for sets in (incidence.row_sets, incidence.column_sets))
    if incidence.same_taxonomy:
        n_rows = n_columns = n_rows + n_columns
    rows, columns = (
        _published_places(side, n, taxonomy)
        for side, n, taxonomy in zip((incidence.rows, incidence.columns), (n_rows, n_columns), taxonomies, strict=True)
    )
    incidence = replace(
        incidence,
        rows=replace(incidence.rows, categories=tuple(incidence.rows.categories[i] for i in rows)),
        columns=replace(incidence.columns, categories=tuple(incidence.columns.categories[j] for j in columns)),
        row_sets=incidence.row_sets[:, rows],
        column_sets=incidence.column_sets[:, columns],
        withheld=found.cells[np.ix_(rows, columns)] if found.cells.any() else None,
        reduced=found.reduced[np.ix_(rows, columns)] if found.reduced.any() else None,
    )
    keys = pattern_keys(incidence.stratum, incidence.group, incidence.row_sets, incidence.column_sets)
    return selected(incidence, np.argsort(keys, kind="stable"))


def _published_places(side: Side, n: Ints, taxonomy: TaxonomySettings) -> list[int]:
    """Return which categories of a side may be named, in order, given their numbers of units `n` (K,)."""
    places = range(len(side.categories))
    if taxonomy.preset is not None or taxonomy.categories:
        return list(places)
    found = [i for i in places if n[i]]
    if side.ordered is None:
        found.sort(key=lambda i: (side.categories[i] == taxonomy.unmatched, -n[i], side.categories[i]))
    return found


def published_coverage(coverage: Coverage, left: Incidence, minimum: int) -> Coverage:
    """Return the publishable coverage: the number of remaining units, without any number of omitted data."""
    n = left.n_units
    bare = ~(left.row_sets.any(axis=1) & left.column_sets.any(axis=1))
    rows, columns = (SideCoverage(one.side, 0, 0, 0, (), ()) for one in (coverage.rows, coverage.columns))
    return Coverage(coverage.relation, n, n, n, n, int(left.units[bare].sum()), rows, columns, (), minimum=minimum)


def published_notes(notes: Iterable[Note]) -> tuple[Note, ...]:
    """Return the notes on data that may be published: without numbers, since these include withheld units."""
    return tuple(replace(note, message=_PUBLISHED[note.slug]) for note in notes if note.slug in _PUBLISHED)


_PUBLISHED = {
    "contained": "nearly all items of this category are in another category too",
}
"""Notes that may be published, by slug, with their wording then."""


@dataclass(frozen=True, eq=False)
class _Search:
    """Classes of units (k,) that are published or withheld together, with their countable properties.

    `number` (p,) is the class of each pattern. `rows` (k, R) and `columns` (k, C) are their categories, and `level`
    (k,) is their stratum. `whole` (k, T) are the other properties that are counted over all strata together, as 0 and
    1.
    """

    number: Ints
    units: Ints
    level: Ints
    rows: Bools
    columns: Bools
    minimum: int
    whole: Floats

    @classmethod
    def of(cls, found: Patterns, sizes: tuple[int, int], minimum: int, *, one_taxonomy: bool) -> _Search:
        """Combine the patterns that differ only in their group."""
        keys: list[NDArray[Any]] = [found.stratum[:, None], found.rows.view(np.int64), found.columns.view(np.int64)]
        _, first, number = np.unique(np.concatenate(keys, axis=1), axis=0, return_index=True, return_inverse=True)
        number = number.ravel().astype(np.int64)
        units = np.bincount(number, found.units, len(first)).astype(np.int64)
        _, level = np.unique(found.stratum[first], return_inverse=True)
        rows, columns = members(found.rows[first], sizes[0]), members(found.columns[first], sizes[1])
        return cls(
            number=number,
            units=units,
            level=level.astype(np.int64),
            rows=rows,
            columns=columns,
            minimum=minimum,
            whole=_whole_traits(rows, columns) if one_taxonomy else np.zeros((len(units), 0)),
        )

    @property
    def n_levels(self) -> int:
        """The number of strata."""
        return int(self.level.max(initial=0)) + 1

    def settle(self, kept: Bools) -> Bools:
        """Return which of some classes remain (k,) once no cell is small."""
        while kept.any():
            going = self._in_small_cells(kept)
            if not going.any():
                break
            kept = kept & ~going
        return kept

    def _in_small_cells(self, kept: Bools) -> Bools:
        n = np.where(kept, self.units, 0).astype(np.float64)
        few = self._is_few(portable.matmul(n, self.whole))
        going: Bools = kept & self.whole[:, few].any(axis=1)
        rows, columns = (_traits(side, n) for side in (self.rows, self.columns))
        for level in range(self.n_levels):
            own = np.flatnonzero((self.level == level) & kept)
            if not len(own):
                continue
            there, across, weight = rows[own], columns[own], n[own, None]
            for one in (there, 1 - there):
                for other in (across, 1 - across):
                    few = self._is_few(portable.matmul((one * weight).T, other))
                    if few.any():
                        going[own] |= (portable.matmul(one, few.astype(np.float64)) * other).any(axis=1)
        return going

    def _is_few(self, counts: Floats) -> Bools:
        few: Bools = (counts > 0) & (counts < self.minimum)
        return few

    def hides(self, kept: Bools) -> bool:
        """Return whether a reader who knows the total number of units cannot infer a withheld cell from it.

        There must be enough withheld units for a cell of their own. Their number must not be the minimum or the maximum
        that the withheld classes allow, since then each class would be known.
        """
        n, classes = int(self.units[~kept].sum()), int((~kept).sum())
        bounds = (classes, classes * (self.minimum - 1))
        return n == 0 or (classes > 1 and n >= self.minimum and n not in bounds)

    def next_best(self, kept: Bools) -> Bools:
        """Return the class (k,) to withhold with others: the smallest that is not a small cell, else the largest."""
        left = np.flatnonzero(kept)
        enough = left[self.units[left] >= self.minimum]
        place = enough[np.argmin(self.units[enough])] if len(enough) else left[np.argmax(self.units[left])]
        one = np.zeros(len(kept), dtype=np.bool_)
        one[place] = True
        return one

    def emptied(self, kept: Bools) -> Bools:
        """Return the cells (R, C) in which one of the four counts was positive and is 0 once units are withheld."""
        emptied = np.zeros((self.rows.shape[1], self.columns.shape[1]), dtype=np.bool_)
        before, after = self.units.astype(np.float64), np.where(kept, self.units, 0).astype(np.float64)
        rows, columns = self.rows.astype(np.float64), self.columns.astype(np.float64)
        for one in (rows, 1 - rows):
            for other in (columns, 1 - columns):
                emptied |= (portable.matmul((one * before[:, None]).T, other) > 0) & (
                    portable.matmul((one * after[:, None]).T, other) == 0
                )
        return emptied

    def reduced(self, kept: Bools) -> Bools:
        """Return the cells (R, C) that have lost any unit."""
        gone = np.where(kept, 0, self.units).astype(np.float64)
        return np.asarray(portable.matmul((self.rows * gone[:, None]).T, self.columns) > 0)


def _traits(side: Bools, n: Floats) -> Floats:
    """Return the countable properties of one side (k, T) as 0 and 1, given the units of each class (k,).

    These are each category, no category, several categories, and each category without another that it contains.
    """
    sets = side.astype(np.float64)
    size = sets.sum(axis=1)
    traits = [sets, (size == 0)[:, None].astype(np.float64), (size > 1)[:, None].astype(np.float64)]
    both = portable.matmul((sets * n[:, None]).T, sets)
    own = np.diag(both)
    contained = (both == own[:, None]) & (own[:, None] > 0) & (own[:, None] < own[None, :])
    traits += [(sets[:, b] * (1 - sets[:, a]))[:, None] for a, b in zip(*np.nonzero(contained), strict=True)]
    return np.concatenate(traits, axis=1)


def _whole_traits(rows: Bools, columns: Bools) -> Floats:
    """Return the properties of units that compare both sides (k, T), as 0 and 1, if both have the same categories.

    For units labelled on both sides: whether the two sets are the same, and, for each category, whether it is in one of
    two different sets. For all units and each category: whether a side has it, whether it is alone on both sides, and
    whether the other side has another category.
    """
    labelled = rows.any(axis=1) & columns.any(axis=1)
    same = labelled & (rows == columns).all(axis=1)
    there = rows | columns
    single = (rows.sum(axis=1) == 1) & (columns.sum(axis=1) == 1)
    alone = rows & columns & single[:, None]
    several = labelled & ((rows.sum(axis=1) > 1) | (columns.sum(axis=1) > 1))
    differ = labelled & ~same
    n_rows, n_columns = (side.sum(axis=1, keepdims=True) for side in (rows, columns))
    exported, imported = rows & (n_columns - columns > 0), columns & (n_rows - rows > 0)
    flags = [labelled, ~labelled, same, differ, several, labelled & ~several]
    tables = [there & differ[:, None], ~there & differ[:, None], there, ~there, alone, there & ~alone]
    tables += [exported, rows & ~exported, imported, columns & ~imported]
    return np.concatenate([np.stack(flags, axis=1), *tables], axis=1).astype(np.float64)
