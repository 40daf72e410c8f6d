"""The most frequent pairs of two sides with the same categories, with their expected counts, for a table."""

from __future__ import annotations

import numpy as np

from .. import portable
from ..arrays import Floats, Ints
from ..stats.shares import HIT, WITH, share
from . import rules
from .record import Number, Statement, Table


def frequent_pairs(table: Table) -> tuple[tuple[Statement, ...], bool]:
    """Return the pairs with 20 units or more, at most 12: the diagonal first; and whether there are more.

    Each is a statement of the form "cell" with `count`, `expected` by chance and `within` strata (without strata, it is
    absent). `share`, `low` and `high` are among units of the row, `back`, `back_low` and `back_high` among those of the
    column; these are absent if there is too little data.
    """
    joint, units = table.totals.first[0], table.totals.units[0]
    places = [(i, j) for i, j in np.argwhere(units >= rules.FEWEST_UNITS).tolist() if _may_show(table, i, j)]
    places.sort(key=lambda at: (at[0] != at[1], -joint[at]))
    weight = table.design.weight
    expected = _expected(table, np.zeros(len(weight), dtype=np.int64))
    within = _expected(table, table.stratum) if table.stratum is not None and table.strata_there else None
    found, turned = [], table.turned()
    most = places[: rules.MOST_ROWS]
    if len(places) > len(most):  # of pairs with the same count, all are shown or none
        rest = places[rules.MOST_ROWS]
        most = [at for at in most if (at[0] == at[1]) != (rest[0] == rest[1]) or joint[at] > joint[rest]]
    for i, j in most:
        numbers: dict[str, Number] = {"count": float(joint[i, j]), "expected": float(expected[i, j])}
        if within is not None:
            numbers["within"] = float(within[i, j])
        numbers |= _shown(table, i, j, ("share", "low", "high"))
        numbers |= _shown(turned, j, i, ("back", "back_low", "back_high"))
        pair = table.rows[i], table.columns[j]
        found.append(Statement("cell", *pair, numbers=numbers, cells=(pair,)))
    return tuple(found), len(places) > len(most)


def _may_show(table: Table, i: int, j: int) -> bool:
    return table.withheld is None or not table.withheld[i, j]


def _expected(table: Table, stratum: Ints) -> Floats:
    """Return the expected counts of all pairs (R, C), summed over strata (p,)."""
    weight = table.design.weight
    found = np.zeros((len(table.rows), len(table.columns)))
    for level in np.unique(stratum):
        of = weight * (stratum == level)
        if of.sum() > 0:
            found += np.outer(portable.matmul(of, table.x), portable.matmul(of, table.y)) / of.sum()
    return found


def _shown(table: Table, i: int, j: int, names: tuple[str, str, str]) -> dict[str, Number]:
    """Return the share of a pair among units of the row with its interval; nothing if there is too little data."""
    of = share(table.totals, HIT, WITH, np.array([table.alike[name] for name in table.columns]))
    is_few = table.is_clustered and float(of.clusters[i, j]) < table.minimum_groups
    if float(of.units[i, j]) < rules.FEWEST_UNITS or is_few:
        return {}
    low, high = of.interval()
    return dict(zip(names, (float(of.value[i, j]), float(low[i, j]), float(high[i, j])), strict=True))
