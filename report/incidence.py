"""The waist. Engine tables -> the incidence: distinct patterns of categories and how many units show each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from report.cells import Kind, Unit


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

    @property
    def n_units(self) -> int:
        """The population: how many units count."""
        return int(self.units.sum())
