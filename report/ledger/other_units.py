"""Links by another unit: the same links, read from the other end or one by one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from ..cells import Unit
from ..taxonomy.sets import table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..taxonomy.sets import Numbers
    from .ledger import Axis, Ledger

MOST_GROUPS = 50_000
"""Items that links lead to beyond which links by themselves have fewer groups than these."""

FEWER = 1_024

LinkUnit = Literal["to", "from", "link"]

LINK_UNITS: tuple[LinkUnit, ...] = ("to", "from", "link")


def by_unit(ledger: Ledger, unit: LinkUnit) -> Ledger:
    """Return the ledger of links by another unit, without strata, and with no groups but those that links need.

    Links by themselves are grouped by the item that they lead to.
    """
    ends = _linked(ledger.rows, ledger), _linked(ledger.columns, ledger)
    if unit == "link":
        return _each_link(ledger, *ends)
    side, own, across = (ledger.rows, *ends) if unit == "from" else (ledger.columns, *ends[::-1])
    key, place = np.unique(own, return_inverse=True)
    start, use = table(place, across, len(key))
    single = replace(side, start=np.arange(len(key) + 1), use=key)
    if unit == "from":
        rows, columns = single, replace(ledger.columns, start=start, use=use)
    else:
        rows, columns = replace(ledger.rows, start=start, use=use), single
    counted = Unit(unit, side.kind.singular, side.kind.plural)
    weight = None if side.weight is None else side.weight[key]
    whole = _plain(ledger, counted, rows, columns, key.astype(np.int64))
    scale = None if weight is None else side.weight_scale
    return replace(whole, weight=weight, weight_scale=scale, carriers="columns" if unit == "from" else "rows")


def _each_link(ledger: Ledger, sources: NDArray[np.int32], targets: NDArray[np.int32]) -> Ledger:
    each = np.arange(len(sources) + 1)
    rows, columns = replace(ledger.rows, start=each, use=sources), replace(ledger.columns, start=each, use=targets)
    whole = _plain(ledger, Unit("link", "link", "links"), rows, columns, each[:-1])
    groups, group = _by_target(columns, targets)
    return replace(whole, group=group, groups=groups, group_names=(columns.kind.name,), carriers="rows")


def _by_target(side: Axis, targets: NDArray[np.int32]) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    """Return what groups links: the item that each leads to, or 1,024 groups that take very many such items by turns.

    Groups that are independent stay so when they are put together without a look at what they hold: variances between
    groups are estimated as before, with 1,023 degrees of freedom (random groups: Wolter, Introduction to Variance
    Estimation, 2007, chapter 2). Each shows some hundred patterns at most, however many units there are. What the
    groups were called is lost, so this is for counts whose groups nobody names.
    """
    if side.found.n_items > MOST_GROUPS:
        names = sorted(map(str, np.unique(targets % FEWER).tolist()))
        place = np.zeros(FEWER, dtype=np.int32)
        place[[int(name) for name in names]] = np.arange(len(names))
        return tuple(names), place[targets % FEWER]
    there = np.zeros(side.found.n_items, dtype=np.bool_)
    there[targets] = True
    return tuple(side.names.of(np.flatnonzero(there).tolist())), (np.cumsum(there, dtype=np.int32) - 1)[targets]


def _linked(side: Axis, ledger: Ledger) -> NDArray[np.int32]:
    """Return the item at one end of each link."""
    n_links = np.maximum(*(np.diff(one.start) for one in ledger.sides))
    whole = side.start[-1] == n_links.sum()
    return side.use if whole else np.repeat(side.use, n_links)


def _plain(ledger: Ledger, unit: Unit, rows: Axis, columns: Axis, key: Numbers) -> Ledger:
    return replace(
        ledger,
        unit=unit,
        rows=rows,
        columns=columns,
        n=np.ones(len(key), dtype=np.int8),
        key=key,
        stratum=np.zeros(len(key), dtype=np.int32),
        strata=("",),
        stratum_names=(),
        group=None,
        groups=(),
        group_names=(),
        weight=None,
        weight_scale=None,
        fractional=False,
        day=None,
    )
