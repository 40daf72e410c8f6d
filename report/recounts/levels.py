"""Levels left out: the incidence without the units of one stratum or one group. No engine is needed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal, TypeVar

import numpy as np

T = TypeVar("T")

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..incidence import Incidence


def without_level(incidence: Incidence, by: Literal["stratum", "group"], name: str) -> Incidence:
    """Return the incidence without the units at one level of the strata, or of one group, by its name.

    What is left is what counting the rest alone would give: groups are numbered anew, strata and groups that
    lose all their units go. Without a level that no unit has nothing changes.
    """
    names = incidence.strata if by == "stratum" else incidence.groups
    number = incidence.stratum if by == "stratum" else incidence.group
    if number is None or name not in names:
        return incidence
    return selected(incidence, number != names.index(name))


def selected(incidence: Incidence, kept: NDArray[np.bool_]) -> Incidence:
    """Return the incidence of some of its patterns (p,), its strata and groups only those that are left."""
    strata, stratum = _renumbered(incidence.strata, incidence.stratum[kept])
    group, groups, n_groups = incidence.group, incidence.groups, incidence.n_groups
    if group is not None and n_groups is not None:
        left, group = _renumbered(groups or (None,) * n_groups, group[kept])
        groups, n_groups = tuple(name for name in left if name is not None), len(left)
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
    """Return the names that are used, in their order, and the numbers (p,) of these."""
    used = np.zeros(len(names), dtype=np.bool_)
    used[number] = True
    if used.all():
        return names, number
    return tuple(names[i] for i in np.flatnonzero(used)), (np.cumsum(used) - 1)[number]
