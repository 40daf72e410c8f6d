"""Patterns that come and go -> the incidence with them: whole numbers added in numpy, nothing counted again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pandas as pd

from ..incidence import parts_of, weights_of
from ..relations.sets import sets_of, words
from .levels import selected

T = TypeVar("T", bound=np.generic)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..incidence import Incidence

    Numbers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class _Patterns:
    """Patterns with their place in the order of an incidence: `keys` (p,) sort as the patterns do."""

    keys: NDArray[np.bytes_]
    stratum: Numbers
    group: Numbers | None
    row_sets: NDArray[np.bool_]
    column_sets: NDArray[np.bool_]
    units: Numbers
    parts: Numbers | None

    def at(self, places: NDArray[np.intp]) -> _Patterns:
        """Return the patterns at some places."""
        return _Patterns(
            keys=self.keys[places],
            stratum=self.stratum[places],
            group=None if self.group is None else self.group[places],
            row_sets=self.row_sets[places],
            column_sets=self.column_sets[places],
            units=self.units[places],
            parts=None if self.parts is None else self.parts[places],
        )


def merged(incidence: Incidence, table: pd.DataFrame) -> dict[int, Incidence]:
    """Return by number of change the incidence to which the patterns of a table are added.

    `table` has one row a (change, pattern) with the words, `stratum`, `group` and sums of `count_incidence`,
    negative where units leave. A change without rows is not among the results.
    """
    strata, stratum, its_stratum = _numbered(incidence.strata, incidence.stratum, table["stratum"])
    groups, group, its_group = incidence.groups, incidence.group, None
    if group is not None:
        groups, group, its_group = _numbered(groups, group, table["group"])
    wider = replace(incidence, strata=strata, stratum=stratum, groups=groups, group=group)
    wider = replace(wider, n_groups=None if group is None else len(groups))
    row_sets = sets_of(table, words("row", len(incidence.rows.categories)), len(incidence.rows.categories))
    column_sets = sets_of(table, words("column", len(incidence.columns.categories)), len(incidence.columns.categories))
    keys = pattern_keys(stratum, group, incidence.row_sets, incidence.column_sets)
    coming = _Patterns(
        keys=pattern_keys(its_stratum, its_group, row_sets, column_sets),
        stratum=its_stratum,
        group=its_group,
        row_sets=row_sets,
        column_sets=column_sets,
        units=table["units"].to_numpy(np.int64),
        parts=parts_of(table) if incidence.weighted else None,
    )
    change = table["change"].to_numpy(np.int64)
    order = np.lexsort([coming.keys, change])
    starts = np.searchsorted(change[order], np.unique(change))
    slices = np.split(order, starts[1:])
    return {int(change[places[0]]): _patched(wider, keys, coming.at(places)) for places in slices if len(places)}


def places_of(
    incidence: Incidence, table: pd.DataFrame, row_sets: NDArray[np.bool_], column_sets: NDArray[np.bool_]
) -> Numbers:
    """Return the place (q,) in an incidence of each pattern of a table, which are all among its own.

    `table` has `stratum` and, with groups, `group` by name; `row_sets` (q, R) and `column_sets` (q, C) are its sets.
    """
    _, stratum, its_stratum = _numbered(incidence.strata, incidence.stratum, table["stratum"])
    group, its_group = incidence.group, None
    if group is not None:
        _, group, its_group = _numbered(incidence.groups, group, table["group"])
    keys = pattern_keys(stratum, group, incidence.row_sets, incidence.column_sets)
    return np.searchsorted(keys, pattern_keys(its_stratum, its_group, row_sets, column_sets)).astype(np.int64)


def _numbered(
    names: Sequence[str], number: Numbers, others: pd.Series[str]
) -> tuple[tuple[str, ...], Numbers, Numbers]:
    """Return the names of both, sorted, the numbers (p,) in these, and those of the others."""
    known = pd.Index(np.array(names, dtype=np.object_))
    its_number, its_names = pd.factorize(others.astype(str).astype(object))
    new = its_names.difference(known)
    every = known if new.empty else known.union(new, sort=True)
    moved = number if new.empty else every.get_indexer(known)[number]
    return tuple(map(str, every)), moved, every.get_indexer(its_names)[its_number]


def pattern_keys(
    stratum: Numbers, group: Numbers | None, row_sets: NDArray[np.bool_], column_sets: NDArray[np.bool_]
) -> NDArray[np.bytes_]:
    """Return a text of bytes for each pattern that sorts as patterns do: earlier categories come first."""
    levels = np.stack([stratum, *([] if group is None else [group])], axis=1)
    bytes_ = [
        np.ascontiguousarray(levels.astype(">u4")).view(np.uint8),
        np.packbits(~row_sets, axis=1),
        np.packbits(~column_sets, axis=1),
        np.ones((len(stratum), 1), dtype=np.uint8),  # no text ends in zeros, which texts of bytes drop
    ]
    whole = np.ascontiguousarray(np.concatenate(bytes_, axis=1))
    return whole.view(f"S{whole.shape[1]}").ravel()


def _patched(incidence: Incidence, keys: NDArray[np.bytes_], coming: _Patterns) -> Incidence:
    """Return the incidence with patterns added, sorted ones; those that are left without units go."""
    places = np.searchsorted(keys, coming.keys)
    known = np.zeros(len(places), dtype=np.bool_)
    inside = places < len(keys)
    known[inside] = keys[places[inside]] == coming.keys[inside]
    units = incidence.units.copy()
    units[places[known]] += coming.units[known]
    parts = None if incidence.weight_parts is None else incidence.weight_parts.copy()
    if parts is not None and coming.parts is not None:
        parts[places[known]] += coming.parts[known]
    weight, squared = incidence.weight.copy(), incidence.weight_squared.copy()
    changed = places[known]
    weight[changed], squared[changed] = weights_of(
        units[changed], None if parts is None else parts[changed], incidence.weight_scale
    )
    added = coming.at(np.flatnonzero(~known))
    own = weights_of(added.units, added.parts, incidence.weight_scale)
    spots = places[~known]

    def inserted(array: NDArray[T], more: NDArray[T]) -> NDArray[T]:
        return np.insert(array, spots, more, axis=0) if len(spots) else array

    group = incidence.group
    patched = replace(
        incidence,
        stratum=inserted(incidence.stratum, added.stratum),
        group=inserted(group, added.group) if group is not None and added.group is not None else None,
        row_sets=inserted(incidence.row_sets, added.row_sets),
        column_sets=inserted(incidence.column_sets, added.column_sets),
        units=inserted(units, added.units),
        weight=inserted(weight, own[0]),
        weight_squared=inserted(squared, own[1]),
        weight_parts=inserted(parts, added.parts) if parts is not None and added.parts is not None else None,
    )
    return selected(patched, patched.units > 0)
