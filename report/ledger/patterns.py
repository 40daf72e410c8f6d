"""Units -> distinct patterns of categories (the incidence), and changes of patterns if some units change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arrays import laid, ranked
from ..taxonomy.categorise import Numbers, Words, members, numbered
from . import Axis, Ledger
from .incidence import HALF, PART, Incidence, Side, pattern_keys, selected

_AT_ONCE = 1_000_000
"""Number of units processed at once."""

_MOST_PARTS = 8
"""Number of parts whose patterns are kept before they are merged."""


@dataclass(frozen=True, eq=False)
class Patterns:
    """p sorted patterns: their identifying columns, and the number of units of each.

    `keys` (p,) sort as patterns do; `parts` (p, 10) as `Incidence.weight_parts`, None without weights.
    """

    keys: NDArray[np.bytes_]
    stratum: Numbers
    group: Numbers | None
    rows: Words
    columns: Words
    units: Numbers
    parts: Numbers | None

    def at(self, which: NDArray[np.bool_]) -> Patterns:
        """Return some of the patterns."""
        return _made(lambda columns: columns[0][which], self)


def _made(of: Callable[[list[NDArray[Any]]], NDArray[Any]], *found: Patterns) -> Patterns:
    """Return patterns whose columns are computed from the same columns of others, None for missing columns."""
    columns = ([getattr(one, field.name) for one in found] for field in fields(Patterns))
    made: list[Any] = [None if column[0] is None else of(column) for column in columns]
    return Patterns(*made)


def patterns_of(ledger: Ledger) -> Patterns:
    """Return the patterns of all units of a ledger."""
    found: list[Patterns] = []
    for part in ledger.parts:
        rows, columns = part.rows.words, part.columns.words
        for low in range(0, max(1, len(rows)), _AT_ONCE):
            of = np.arange(low, min(low + _AT_ONCE, len(rows)))
            found.append(patterns(part, rows[low : low + _AT_ONCE], columns[low : low + _AT_ONCE], of)[0])
            if len(found) == _MOST_PARTS:  # all patterns of hundreds of parts would not fit into memory
                found = [merged(found)]
    return merged(found)


def patterns(
    ledger: Ledger, rows: Words, columns: Words, of: NDArray[np.integer] | None = None
) -> tuple[Patterns, NDArray[np.integer], NDArray[np.intp]]:
    """Return the patterns of all units, or of some (k,), with the sets of categories `rows` and `columns`.

    Units that do not count are left out. The positions of the others (c,) and the pattern of each are also returned.
    """
    alive = ledger.living(rows, columns)
    units = np.flatnonzero(alive) if of is None else of[alive]
    (distinct_rows, row), (distinct_columns, column) = numbered(rows[alive]), numbered(columns[alive])
    first, number, n_units, parts = unit_combinations(ledger, units, row, column)
    chosen = units[first]
    stratum = ledger.stratum[chosen].astype(np.int64)
    group = None if ledger.group is None else ledger.group[chosen].astype(np.int64)
    sets = distinct_rows[row[first]], distinct_columns[column[first]]
    shown = members(sets[0], len(ledger.rows.categories)), members(sets[1], len(ledger.columns.categories))
    return Patterns(pattern_keys(stratum, group, *shown), stratum, group, *sets, n_units, parts), units, number


def merged(found: Sequence[Patterns]) -> Patterns:
    """Return the patterns of units that were counted in parts."""
    if len(found) == 1:
        return found[0]
    _, first, number = np.unique(np.concatenate([one.keys for one in found]), return_index=True, return_inverse=True)

    def summed(columns: list[Numbers]) -> Numbers:
        return laid(np.concatenate(columns), number, len(first))

    shown = _made(lambda columns: np.concatenate(columns)[first], *found)
    parts = [one.parts for one in found if one.parts is not None]
    return replace(shown, units=summed([one.units for one in found]), parts=summed(parts) if parts else None)


def unit_combinations(
    ledger: Ledger, units: NDArray[np.integer], row: NDArray[np.integer], column: NDArray[np.integer]
) -> tuple[NDArray[np.intp], NDArray[np.intp], Numbers, Numbers | None]:
    """Return the distinct (stratum, group, row, column) of k units, with `row` and `column` (k,) as numbers.

    For each, in this order: the position of one of its units, then the index of each unit's combination (k,), the
    number of units, and the parts of the sums of their weights.
    """
    code = ledger.stratum[units].astype(np.int64)
    for level in (None if ledger.group is None else ledger.group[units], row, column):
        if level is not None:
            code = _joined(code, level)
    number, first = _ranked(code)
    n_units = np.bincount(number, ledger.n[units], len(first)).astype(np.int64)
    parts = None
    if ledger.weight is not None:
        parts = laid(weight_parts(ledger.weight[units], ledger.n[units]), number, len(first))
    return first, number, n_units, parts


def _ranked(code: Numbers) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the rank of each code among the distinct codes, and one position of each distinct code."""
    number, distinct = ranked(code)
    place = np.empty(len(distinct), dtype=np.intp)
    place[number] = np.arange(len(code))
    return number, place


def _joined(code: Numbers, level: NDArray[np.integer]) -> Numbers:
    """Return two orders combined into one, in small whole numbers."""
    size = int(level.max(initial=0)) + 1
    if len(code) and int(code.max()) * size >= 2**62:
        code = _ranked(code)[0].astype(np.int64)
    return code * size + level


def weight_parts(weight: Numbers, n: Numbers) -> Numbers:
    """Return the contribution of units to the sums of a pattern (k, 10): parts of w and w squared that cannot overflow.

    A weight w < 2^53 is h 2^27 + l. Each product of two halves is below 2^54 and is itself summed in two parts, so that
    every sum stays below 2^63 for 2^31 units.
    """
    high, low = weight // HALF, weight % HALF
    products = np.stack([high, low, high * high, high * low, low * low], axis=1)
    whole = np.empty((len(weight), 2 * products.shape[1]), dtype=np.int64)
    whole[:, ::2], whole[:, 1::2] = products // PART * n[:, None], products % PART * n[:, None]
    return whole


def incidence_of(ledger: Ledger, found: Patterns) -> Incidence:
    """Return patterns of a ledger as an incidence."""
    return filled(blank(ledger), found)


def blank(ledger: Ledger) -> Incidence:
    """Return the incidence of a ledger without any pattern, but with the names of all its levels and groups."""
    none = np.zeros(0, dtype=np.int64)
    return Incidence(
        relation=ledger.relation,
        rows=_side(ledger.rows),
        columns=_side(ledger.columns),
        unit=ledger.unit,
        row_sets=np.zeros((0, len(ledger.rows.categories)), dtype=np.bool_),
        column_sets=np.zeros((0, len(ledger.columns.categories)), dtype=np.bool_),
        units=none,
        weight=none.astype(np.float64),
        weight_squared=none.astype(np.float64),
        stratum=none,
        strata=ledger.strata,
        stratum_names=ledger.stratum_names,
        group=None if ledger.group is None else none,
        n_groups=None if ledger.group is None else len(ledger.groups),
        group_names=ledger.group_names,
        weighted=ledger.weight_scale is not None,
        trivial_diagonal=ledger.trivial_diagonal,
        undeclared=ledger.undeclared,
        groups=ledger.groups,
        weight_scale=ledger.weight_scale,
        dispersion=ledger.dispersion,
    )


def filled(empty: Incidence, found: Patterns) -> Incidence:
    """Return patterns as an incidence with only those levels and groups of `empty` that have units."""
    return selected(_shown(empty, found), slice(None))


def _shown(empty: Incidence, found: Patterns) -> Incidence:
    return replace(
        empty.shown_by(found.units, found.parts),
        row_sets=members(found.rows, len(empty.rows.categories)),
        column_sets=members(found.columns, len(empty.columns.categories)),
        stratum=found.stratum,
        group=found.group,
    )


def _side(axis: Axis) -> Side:
    return Side(axis.name, axis.kind, axis.categories, axis.taxonomy, axis.found.taxonomy.ordered or None)


@dataclass(frozen=True, eq=False)
class PatternDifference:
    """The difference from given patterns: `units` (k,) more, or fewer, at `place` (k,) among them, and their `parts`.

    `fresh` are patterns that are not among them.
    """

    place: NDArray[np.integer]
    units: Numbers
    parts: Numbers | None
    fresh: Patterns


def difference_of(base: Patterns, going: Patterns, coming: Patterns) -> PatternDifference:
    """Return the change of patterns if some of their units are removed and others are added."""
    gone, place = np.searchsorted(base.keys, going.keys), np.searchsorted(base.keys, coming.keys)
    known = np.zeros(len(place), dtype=np.bool_)
    inside = place < len(base.keys)
    known[inside] = base.keys[place[inside]] == coming.keys[inside]
    parts = None
    if going.parts is not None and coming.parts is not None:
        parts = np.concatenate([-going.parts, coming.parts[known]])
    place = np.concatenate([gone, place[known]]).astype(np.int32)
    return PatternDifference(place, np.concatenate([-going.units, coming.units[known]]), parts, coming.at(~known))


def patched(base: Patterns, difference: PatternDifference) -> Patterns:
    """Return patterns with a difference applied; patterns without units are removed."""
    units, parts, fresh = base.units.copy(), None if base.parts is None else base.parts.copy(), difference.fresh
    np.add.at(units, difference.place, difference.units)
    if parts is not None and difference.parts is not None:
        np.add.at(parts, difference.place, difference.parts)
    place = np.searchsorted(base.keys, fresh.keys)
    stays = np.insert(units > 0, place, np.ones(len(place), dtype=np.bool_))

    changed = replace(base, units=units, parts=parts)
    return _made(lambda both: np.insert(both[0], place, both[1], axis=0)[stays], changed, fresh)
