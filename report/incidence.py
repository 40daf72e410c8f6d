"""The waist. Engine tables -> the incidence: distinct patterns of categories and how many units show each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import narwhals as nw
import numpy as np
import pandas as pd

from .progress import tell
from .relations.sets import WORD, masked_units, sets_of, words
from .sources.expressions import quotient

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .cells import Kind, Unit
    from .relations.meeting import Meeting, MeetingSide
    from .sources.engine import Engine

HALF = 2**27
PART = 2**31
_PRODUCTS = ("w_high", "w_low", "hh", "hl", "ll")


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a relation: the kind that stands there and its taxonomy's categories in declared order.

    `name` is what panels call it: the entity, or `from`/`to` for links of a kind with itself, or
    `rows`/`columns` for records.
    """

    name: str
    kind: Kind
    categories: tuple[str, ...]
    taxonomy: str


@dataclass(frozen=True, eq=False)
class Incidence:
    """Distinct (stratum, group, row set, column set) patterns with the units that show each.

    p patterns, R row categories, C column categories. `row_sets` (p, R) and `column_sets` (p, C) are
    boolean. `units` (p,) counts units; `weight` (p,) sums their weights w and `weight_squared` w squared
    (both equal `units` where nothing is weighted). `stratum` (p,) indexes `strata` (one level "" without
    `strata:`), `group` (p,) numbers groups from 0 to `n_groups` - 1, or is None where units are taken as
    independent. `group_names` and `stratum_names` are the config's column names. `trivial_diagonal`: both
    sides are the same items over a shared key, so equal categories meet by construction. Patterns are
    sorted (stratum, group, row set, column set), whatever the engine.

    `groups` are the names of groups by their number, sorted (empty without groups, or where nobody named
    them). `weight_parts` (p, 10) are the whole numbers that the sums of weights are made of, `weight_scale`
    what the weights were multiplied by: with them patterns can be added and taken away exactly (`weights_of`).
    Both are None where nothing is weighted.
    """

    relation: str
    rows: Side
    columns: Side
    unit: Unit
    row_sets: NDArray[np.bool_]
    column_sets: NDArray[np.bool_]
    units: NDArray[np.int64]
    weight: NDArray[np.float64]
    weight_squared: NDArray[np.float64]
    stratum: NDArray[np.int64]
    strata: tuple[str, ...]
    stratum_names: tuple[str, ...]
    group: NDArray[np.int64] | None
    n_groups: int | None
    group_names: tuple[str, ...]
    weighted: bool
    fractional: bool
    trivial_diagonal: bool
    groups: tuple[str, ...] = ()
    weight_parts: NDArray[np.int64] | None = None
    weight_scale: int | None = None

    @property
    def n_units(self) -> int:
        """The population: how many units count."""
        return int(self.units.sum())

    @cached_property
    def distinct(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Where the u distinct pairs of a row and a column set first stand (u,), and which of them each pattern has.

        With groups there are many more patterns than such pairs, and what a unit adds to a table depends on its pair.
        """
        sets = np.concatenate([self.row_sets, self.column_sets], axis=1)
        if sets.shape[1] <= WORD:  # one whole number each, which is sorted much faster than rows
            keys = sets @ (1 << np.arange(sets.shape[1], dtype=np.int64)[::-1])
            _, first, number = np.unique(keys, return_index=True, return_inverse=True)
        else:
            _, first, number = np.unique(np.packbits(sets, axis=1), axis=0, return_index=True, return_inverse=True)
        return first, number.ravel()

    @cached_property
    def distinct_sets(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The row (u, R) and the column sets (u, C) of the distinct pairs, as 0 and 1."""
        first, _ = self.distinct
        return self.row_sets[first].astype(np.float64), self.column_sets[first].astype(np.float64)

    def by_distinct(self, weight: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the sums (u,) of a weight of patterns (p,) over the distinct pairs of sets."""
        first, number = self.distinct
        return np.bincount(number, weight, len(first)).astype(np.float64)


def count_incidence(meeting: Meeting, engine: Engine) -> Incidence:
    """Return the distinct patterns of a meeting, with one group-by over its units.

    Only the patterns leave the engine, whatever the number of units.
    """
    row_words = words("row", len(meeting.rows.categories))
    column_words = words("column", len(meeting.columns.categories))
    units = masked_units(meeting.units, meeting)
    keys = ["stratum", *(["group"] if meeting.grouped else []), *row_words, *column_words]
    table = engine.collect(units.group_by(*keys).agg(*sums(weighted=meeting.weight_scale is not None)))
    strata, stratum = _numbered(table["stratum"])
    groups, group = _numbered(table["group"]) if meeting.grouped else ((), None)
    row_sets = sets_of(table, row_words, len(meeting.rows.categories))
    column_sets = sets_of(table, column_words, len(meeting.columns.categories))
    order = _order(stratum, group, row_sets, column_sets)
    table = table.iloc[order]
    units_of = table["units"].to_numpy(np.int64)
    tell(f"{meeting.relation}: {int(units_of.sum()):,} units, {len(units_of):,} patterns")
    parts = parts_of(table) if meeting.weight_scale is not None else None
    weight, weight_squared = weights_of(units_of, parts, meeting.weight_scale)
    return Incidence(
        relation=meeting.relation,
        rows=_side(meeting.rows),
        columns=_side(meeting.columns),
        unit=meeting.unit,
        row_sets=row_sets[order],
        column_sets=column_sets[order],
        units=units_of,
        weight=weight,
        weight_squared=weight_squared,
        stratum=stratum[order],
        strata=strata or ("",),
        stratum_names=meeting.stratum_names,
        group=None if group is None else group[order],
        n_groups=len(groups) if meeting.grouped else None,
        group_names=meeting.group_names,
        weighted=meeting.weight_scale is not None,
        fractional=meeting.fractional,
        trivial_diagonal=meeting.trivial_diagonal,
        groups=groups,
        weight_parts=parts,
        weight_scale=meeting.weight_scale,
    )


def _side(side: MeetingSide) -> Side:
    return Side(side.name, side.kind, side.categories, side.taxonomy)


def sums(*, weighted: bool) -> list[nw.Expr]:
    """Return the sums of each pattern: units, and the parts of w and w squared that cannot overflow.

    A weight w < 2^53 is h 2^27 + l; each product of two halves is below 2^54 and is itself summed in two
    parts, so that every sum stays below 2^63 for 2^31 units.
    """
    n = nw.col("n")
    totals = {"units": n}
    if weighted:
        high, low = quotient(nw.col("weight"), HALF), nw.col("weight") % HALF
        products = {"w_high": high, "w_low": low, "hh": high * high, "hl": high * low, "ll": low * low}
        for name, product in products.items():
            totals[f"{name}_1"] = quotient(product, PART) * n
            totals[f"{name}_0"] = (product % PART) * n
    return [expression.sum().cast(nw.Int64).alias(name) for name, expression in totals.items()]


def parts_of(table: pd.DataFrame) -> NDArray[np.int64]:
    """Return the parts of the sums of weights as they were summed (p, 10)."""
    return table[[f"{name}_{part}" for name in _PRODUCTS for part in (1, 0)]].to_numpy(np.int64)


def weights_of(
    units: NDArray[np.int64], parts: NDArray[np.int64] | None, scale: int | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the sums of w and of w squared of p patterns from their parts, rounded once; `units` without weights."""
    if parts is None or scale is None:
        plain = units.astype(np.float64)
        return plain, plain.copy()
    whole = [[one * PART + zero for one, zero in zip(row[::2], row[1::2], strict=True)] for row in parts.tolist()]
    weight = [(high * HALF + low) / scale for high, low, *_ in whole]
    squared = [(hh * HALF**2 + 2 * hl * HALF + ll) / scale**2 for _, _, hh, hl, ll in whole]
    return np.array(weight, dtype=np.float64), np.array(squared, dtype=np.float64)


def _numbered(keys: pd.Series[str]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Return the distinct keys in order of their text, and the number of each row's key."""
    number, names = pd.factorize(keys.astype(str), sort=True)
    return tuple(names.tolist()), number.astype(np.int64)


def _order(
    stratum: NDArray[np.int64],
    group: NDArray[np.int64] | None,
    row_sets: NDArray[np.bool_],
    column_sets: NDArray[np.bool_],
) -> NDArray[np.intp]:
    """Return the order by stratum, group, row set, column set; sets with earlier categories come first."""
    keys = [stratum, *([] if group is None else [group]), *(~row_sets).T, *(~column_sets).T]
    return np.lexsort(keys[::-1])
