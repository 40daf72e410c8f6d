"""The central pattern table: distinct patterns of categories with their numbers of units."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import compress
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from .. import portable
from ..arrays import ranked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from ..cells import Dispersion, Kind, Unit

T = TypeVar("T")

IF_SET: Mapping[str, bool] = {"if_set": True}
"""Metadata of a field that snapshots keep only if it is not None, so that other snapshots stay unchanged."""

HALF = 2**27
PART = 2**31


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a relation: its kind and its taxonomy's categories in declared order.

    `name` is its name in panels: the entity, or `from`/`to` for links of an entity with itself, or `rows`/`columns` for
    records. `ordered` are the categories that are in order, in that order, or None if they have no order.
    """

    name: str
    kind: Kind
    categories: tuple[str, ...]
    taxonomy: str
    ordered: tuple[str, ...] | None = field(default=None, metadata=IF_SET)


_EXPECTED = 5.0
"""The smallest expected count of each diagonal cell from which an empty diagonal is no coincidence."""


@dataclass(frozen=True, eq=False)
class Incidence:
    """Distinct (stratum, group, row set, column set) patterns with their numbers of units.

    p patterns, R row categories, C column categories. `row_sets` (p, R) and `column_sets` (p, C) are boolean. `units`
    (p,) counts units, `weight` (p,) sums their weights w, and `weight_squared` sums w squared (both equal `units`
    without weights). `stratum` (p,) indexes `strata` (one level "" without `strata:`). `group` (p,) numbers groups from
    0 to `n_groups` - 1, or is None if units are treated as independent. `group_names` and `stratum_names` are the
    config's column names. `trivial_diagonal`: both sides are the same items over a shared key, so equal categories
    match by construction. `undeclared`: the sign that units depend on each other although no group is declared, so that
    nothing is tested. Patterns are sorted (stratum, group, row set, column set) on every engine.

    `groups` are the names of groups by number, sorted (empty without groups, or if they have no names). `weight_parts`
    (p, 10) are the whole numbers that add up to the sums of weights, and `weight_scale` is the factor that made the
    weights whole. With them patterns can be added and subtracted exactly (`weights_of`). Both are None without weights.

    `dispersion` is the ratio of the variance of counts to the variance for independent units, or None for independent
    units. It multiplies `weight_squared`, from which all variances are computed.

    `withheld` (R, C) are the cells whose units were left out for confidentiality (`diptych.ledger.disclosure`), and
    `reduced` (R, C) the cells that lost any unit in this way, perhaps all of one stratum. Both are None if no unit was
    left out.
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
    trivial_diagonal: bool
    undeclared: str = ""
    groups: tuple[str, ...] = ()
    weight_parts: NDArray[np.int64] | None = None
    weight_scale: int | None = None
    withheld: NDArray[np.bool_] | None = field(default=None, metadata=IF_SET)
    reduced: NDArray[np.bool_] | None = field(default=None, metadata=IF_SET)
    dispersion: Dispersion | None = field(default=None, metadata=IF_SET)

    def shown_by(self, units: NDArray[np.int64], parts: NDArray[np.int64] | None) -> Incidence:
        """Return the incidence with other numbers of units of each pattern, and the parts of their weights."""
        weight, squared = weights_of(units, parts, self.weight_scale, self.dispersion)
        return replace(self, units=units, weight=weight, weight_squared=squared, weight_parts=parts)

    @property
    def n_units(self) -> int:
        """The population: the number of counted units."""
        return int(self.units.sum())

    @property
    def same_taxonomy(self) -> bool:
        """Whether both axes have the same categories of one taxonomy, so that a diagonal exists."""
        return (self.rows.taxonomy, self.rows.categories) == (self.columns.taxonomy, self.columns.categories)

    @cached_property
    def empty_diagonal(self) -> bool:
        """Whether records with the same category on both sides seem to be left out by design.

        This is so if each record has one category on each side, none has the same on both, and at least
        `_EXPECTED` records would be expected in each of two or more such cells, and in all of them with data.
        """
        if self.unit.role != "record" or not self.same_taxonomy or self.trivial_diagonal or self.withheld is not None:
            return False
        both = self.row_sets.any(axis=1) & self.column_sets.any(axis=1)
        rows, columns = (side[both] for side in (self.row_sets, self.column_sets))
        if (rows & columns).any() or max(int(side.sum(axis=1).max(initial=0)) for side in (rows, columns)) > 1:
            return False
        units = self.units[both].astype(np.float64)
        sizes = portable.matmul(units, rows) * portable.matmul(units, columns)
        sizes = sizes[sizes > 0]
        return len(sizes) > 1 and bool((sizes >= _EXPECTED * units.sum()).all())

    @property
    def hides_diagonal(self) -> bool:
        """Whether cells on the diagonal are not interpreted, because their counts follow from the table's design."""
        return self.trivial_diagonal or self.empty_diagonal

    @property
    def n_owners(self) -> int:
        """The number of groups; each independent unit is a group of its own."""
        return self.n_units if self.group is None else self.n_groups or 0

    @property
    def inflated(self) -> bool:
        """Whether variances are larger than for the same number of independent units: by weights or by a dispersion."""
        return self.weighted or self.dispersion is not None

    @property
    def plain(self) -> bool:
        """Whether units are independent and add 0 or 1 each, so that the distributions of counts apply."""
        return self.group is None and not self.inflated

    @property
    def effective_units(self) -> float:
        """(sum w)^2 / sum w^2, the effective number of units of equal weight (Kish 1965), or 0 without units."""
        squares = float(self.weight_squared.sum())
        return portable.squared(float(self.weight.sum())) / squares if squares else 0.0

    @property
    def worth_of_one(self) -> float:
        """The number of effective units per unit of weight, sum w / sum w^2; 1 without weights or dispersion."""
        squares = float(self.weight_squared.sum()) if self.inflated else 0.0
        return float(self.weight.sum()) / squares if squares else 1.0

    @cached_property
    def pieces(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """J cells of group x stratum, sorted by group, then by stratum; without groups, each pattern is a group.

        The cell of each pattern (p,), and the stratum and the group of each cell (J,).
        """
        group = np.arange(len(self.units)) if self.group is None else self.group
        n_strata = len(self.strata)
        keys = group * n_strata + self.stratum
        steps = np.diff(keys, prepend=-1)
        if (steps >= 0).all():  # true without strata
            keys, number = keys[steps > 0], np.cumsum(steps > 0) - 1
        else:
            keys, number = np.unique(keys, return_inverse=True)
        return number, keys % n_strata, keys // n_strata

    @cached_property
    def distinct(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """The first position of the u distinct pairs of a row and a column set (u,), and the pair of each pattern.

        With groups there are many more patterns than such pairs, and the contribution of a unit depends only on its
        pair.
        """
        sets = np.concatenate([self.row_sets, self.column_sets], axis=1)
        packed = np.packbits(sets, axis=1)
        if packed.shape[1] > 8:
            _, first, number = np.unique(packed, axis=0, return_index=True, return_inverse=True)
            return first, number.ravel()
        words = np.zeros((len(sets), 8), dtype=np.uint8)
        words[:, : packed.shape[1]] = packed
        return _distinct(words.view(">u8").ravel().astype(np.uint64) >> np.uint64(64 - sets.shape[1]))

    @cached_property
    def levels(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """The same for distinct pairs of sets within each stratum (q,), for computations on strata without groups."""
        first, number = self.distinct
        if self.group is None:  # without groups, all patterns are distinct
            return np.arange(len(number)), np.arange(len(number))
        return _distinct(self.stratum * len(first) + number)

    @cached_property
    def distinct_sets(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The row sets (u, R) and the column sets (u, C) of the distinct pairs, as 0 and 1."""
        first, _ = self.distinct
        return self.row_sets[first].astype(np.float64), self.column_sets[first].astype(np.float64)

    def by_distinct(self, weight: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the sums (u,) of a weight of patterns (p,) over the distinct pairs of sets."""
        first, number = self.distinct
        return np.bincount(number, weight, len(first)).astype(np.float64)


def _distinct(keys: NDArray[np.integer]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the first position of each distinct key, in order, and the number of each key."""
    number, distinct = ranked(keys)
    first = np.zeros(len(distinct), dtype=np.intp)
    first[number[::-1]] = np.arange(len(keys))[::-1]  # the last write wins: the first position of each
    return first, number


def weights_of(
    units: NDArray[np.int64], parts: NDArray[np.int64] | None, scale: int | None, dispersion: Dispersion | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the sums of w and of w squared of p patterns from their parts, rounded once; `units` without weights.

    A dispersion multiplies the sums of squares.
    """
    factor = 1.0 if dispersion is None else dispersion.factor
    if parts is None or scale is None:
        plain = units.astype(np.float64)
        return plain, plain * factor
    whole = [[one * PART + zero for one, zero in zip(row[::2], row[1::2], strict=True)] for row in parts.tolist()]
    weight = [(high * HALF + low) / scale for high, low, *_ in whole]
    squared = [
        (hh * portable.squared(HALF) + 2 * hl * HALF + ll) / portable.squared(scale) for _, _, hh, hl, ll in whole
    ]
    return np.array(weight, dtype=np.float64), np.array(squared, dtype=np.float64) * factor


def selected(incidence: Incidence, kept: NDArray[np.bool_] | NDArray[np.intp] | slice) -> Incidence:
    """Return the incidence of some of its patterns (p,), with only their strata and groups."""
    strata, stratum = _renumbered(incidence.strata, incidence.stratum[kept])
    group, groups, n_groups = incidence.group, incidence.groups, incidence.n_groups
    if group is not None and n_groups is not None:
        left, group = _renumbered(groups or ("",) * n_groups, group[kept])
        groups, n_groups = left if groups else (), len(left)
    return replace(
        incidence,
        row_sets=incidence.row_sets[kept],
        column_sets=incidence.column_sets[kept],
        units=incidence.units[kept],
        weight=incidence.weight[kept],
        weight_squared=incidence.weight_squared[kept],
        weight_parts=None if incidence.weight_parts is None else incidence.weight_parts[kept],
        stratum=stratum,
        strata=strata or ("",),
        group=group,
        n_groups=n_groups,
        groups=groups,
    )


def _renumbered(names: tuple[T, ...], number: NDArray[np.int64]) -> tuple[tuple[T, ...], NDArray[np.int64]]:
    """Return the used names, in order, and their numbers (p,)."""
    used = np.zeros(len(names), dtype=np.bool_)
    used[number] = True
    if used.all():
        return names, number
    return tuple(compress(names, used.tolist())), (np.cumsum(used) - 1)[number]


def pattern_keys(
    stratum: NDArray[np.int64],
    group: NDArray[np.int64] | None,
    row_sets: NDArray[np.bool_],
    column_sets: NDArray[np.bool_],
) -> NDArray[np.bytes_]:
    """Return a byte string for each pattern that sorts as patterns do: earlier categories come first."""
    levels = np.stack([stratum, *([] if group is None else [group])], axis=1)
    bytes_ = [
        np.ascontiguousarray(levels.astype(">u4")).view(np.uint8),
        np.packbits(~row_sets, axis=1),
        np.packbits(~column_sets, axis=1),
        np.ones((len(stratum), 1), dtype=np.uint8),  # keeps trailing zeros, which numpy byte strings drop
    ]
    whole = np.ascontiguousarray(np.concatenate(bytes_, axis=1))
    return whole.view(f"S{whole.shape[1]}").ravel()
