"""Links by another unit: the same links, read from the other end or one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..cells import Unit
from ..taxonomy.sets import Numbers, union
from . import Axis, Ledger

MOST_GROUPS = 50_000
"""Items that links lead to beyond which links by themselves have fewer groups than these."""

FEWER = 1_024

_AT_ONCE = 1_000_000
"""Links that are looked at at once."""

LinkUnit = Literal["to", "from", "link"]

LINK_UNITS: tuple[LinkUnit, ...] = ("to", "from", "link")


def by_unit(ledger: Ledger, unit: LinkUnit) -> Ledger:
    """Return the ledger of links by another unit, without strata, and with no groups but those that links need.

    Links by themselves are grouped by the item that they lead to. What the units of another end have is known by its
    categories alone.
    """
    return _each_link(ledger) if unit == "link" else _by_end(ledger, unit)


def _by_end(ledger: Ledger, unit: Literal["to", "from"]) -> Ledger:
    own, other = ledger.sides if unit == "from" else ledger.sides[::-1]
    there = np.zeros(own.found.n_items, dtype=np.bool_)
    across = np.zeros((len(there), other.found.words.shape[1]), dtype=np.uint64)
    for part in ledger.parts:
        mine, theirs = part.sides if unit == "from" else part.sides[::-1]
        start, units = mine.units_of
        there |= np.diff(start) > 0
        across |= union(theirs.words, units, start)
    key = np.flatnonzero(there).astype(np.int32)
    start = np.arange(len(key) + 1)
    single = replace(own, start=start, use=key)
    joined = replace(other, start=start, use=key, known=across[key])
    rows, columns = (single, joined) if unit == "from" else (joined, single)
    weight = None if own.weight is None else own.weight[key]
    whole = _plain(ledger, Unit(unit, own.kind.singular, own.kind.plural), rows, columns, key.astype(np.int64))
    scale = None if weight is None else own.weight_scale
    return replace(whole, weight=weight, weight_scale=scale, carriers="columns" if unit == "from" else "rows")


def _each_link(ledger: Ledger) -> Ledger:
    groups, group_of = _by_target(ledger.columns)
    nobody = np.zeros(0, dtype=np.int32)

    def some(part: Ledger, sources: NDArray[np.int32], targets: NDArray[np.int32]) -> Ledger:
        each = np.arange(len(sources) + 1)
        rows, columns = replace(part.rows, start=each, use=sources), replace(part.columns, start=each, use=targets)
        whole = _plain(part, Unit("link", "link", "links"), rows, columns, each[:-1])
        names = (columns.kind.name,)
        return replace(whole, group=group_of[targets], groups=groups, group_names=names, carriers="rows")

    def split() -> Iterator[Ledger]:
        for part in ledger.parts:
            sources, targets = _ends(part)
            for low in range(0, max(1, len(sources)), _AT_ONCE):
                yield some(part, sources[low : low + _AT_ONCE], targets[low : low + _AT_ONCE])

    return replace(some(ledger, nobody, nobody), split=split)


def _by_target(side: Axis) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    """Return what groups links, and the group of each item that they lead to.

    That is the item itself, or one of 1,024 groups that take very many such items by turns.
    Groups that are independent stay so when they are put together without a look at what they hold: variances between
    groups are estimated as before, with 1,023 degrees of freedom (random groups: Wolter, Introduction to Variance
    Estimation, 2007, chapter 2). Each shows some hundred patterns at most, however many units there are. What the
    groups were called is lost, so this is for counts whose groups nobody names.
    """
    items = np.arange(side.found.n_items, dtype=np.int32)
    if len(items) <= MOST_GROUPS:
        return tuple(side.names.of(items.tolist())), items
    names = sorted(map(str, range(FEWER)))
    place = np.zeros(FEWER, dtype=np.int32)
    place[[int(name) for name in names]] = np.arange(FEWER)
    return tuple(names), place[items % FEWER]


def _ends(ledger: Ledger) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the items at both ends of each link."""
    n_links = np.maximum(*(np.diff(side.start) for side in ledger.sides))
    first, second = (
        side.use if side.start[-1] == n_links.sum() else np.repeat(side.use, n_links) for side in ledger.sides
    )
    return first, second


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
        days=(),
        split=None,
    )
