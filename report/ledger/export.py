"""A meeting in the engine -> its ledger: the one place where what was read becomes whole numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw
import numpy as np
import pandas as pd

from ..coverage import Unresolved
from ..taxonomy.sets import table
from .ledger import Axis, Facts, Ledger

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from ..relations.meeting import Meeting, MeetingSide
    from ..sources.engine import Engine, Frame
    from ..taxonomy.sets import Numbers


class NamesInEngine:
    """What items or keys are called, looked up while the engine is open."""

    def __init__(self, names: Frame, engine: Engine) -> None:
        """Look up in a frame of `item` and `name`."""
        self._names, self._engine = names.select("item", "name"), engine

    def of(self, numbers: Sequence[int]) -> list[str]:
        """Return the names of items."""
        if not numbers:
            return []
        wanted = self._engine.load({"item": sorted(set(numbers))}, ["item"])
        found = self._engine.collect(self._names.join(wanted, on="item"))
        names = dict(zip(found["item"].tolist(), found["name"].tolist(), strict=True))
        return [str(names[number]) for number in numbers]

    def numbers(self, names: Collection[str]) -> dict[str, int]:
        """Return the numbers of those names that an item has."""
        wanted = self._engine.load({"name": sorted(set(names))})
        found = self._engine.collect(self._names.join(wanted, on="name"))
        return {str(name): int(number) for name, number in zip(found["name"], found["item"], strict=True)}


def ledger_of(meeting: Meeting, engine: Engine) -> Ledger:
    """Return the ledger of a meeting."""
    asked = ["unit", "n", "stratum"]
    asked += ["group"] if meeting.grouped else []
    asked += ["weight"] if meeting.weight_scale is not None else []
    names = meeting.units.collect_schema().names()
    asked += ["date"] if "date" in names else []
    units = engine.collect(meeting.units.select(*asked)).sort_values("unit", ignore_index=True)
    key = units["unit"].to_numpy(np.int64)
    strata, stratum = _coded(units["stratum"])
    groups, group = _coded(units["group"]) if meeting.grouped else ((), None)
    return Ledger(
        relation=meeting.relation,
        unit=meeting.unit,
        rows=_axis(meeting.rows, key, engine),
        columns=_axis(meeting.columns, key, engine),
        n=units["n"].to_numpy(np.int64),
        key=key,
        key_names=None if meeting.keys is None else NamesInEngine(meeting.keys.rename({"unit": "item"}), engine),
        stratum=stratum,
        strata=strata or ("",),
        stratum_names=meeting.stratum_names,
        group=group,
        groups=groups,
        group_names=meeting.group_names,
        weight=units["weight"].to_numpy(np.int64) if meeting.weight_scale is not None else None,
        weight_scale=meeting.weight_scale,
        fractional=meeting.fractional,
        trivial_diagonal=meeting.trivial_diagonal,
        counts=meeting.counts,
        carriers=meeting.carriers,
        day=units["date"].to_numpy(object) if "date" in asked else None,
        facts=_facts(meeting, engine),
    )


def _axis(side: MeetingSide, key: Numbers, engine: Engine) -> Axis:
    uses = engine.collect(side.uses.select("unit", nw.col("item").cast(nw.Int32)))
    place, item = _places(key, uses["unit"].to_numpy(np.int64)), uses["item"].to_numpy(np.int32)
    del uses
    inside = place >= 0
    start, use = table(place, item, len(key)) if inside.all() else table(place[inside], item[inside], len(key))
    del place, item, inside
    items = engine.collect(side.items.select("item", "n", *(["date"] if side.dated else [])))
    nameless = items["item"].isna().to_numpy()
    there = items[~nameless]
    return Axis(
        name=side.name,
        kind=side.kind,
        entity=side.entity,
        taxonomy=side.taxonomy,
        found=side.found,
        names=NamesInEngine(side.items, engine),
        start=start,
        use=use,
        items=there["item"].to_numpy(np.int32),
        n=there["n"].to_numpy(np.int64),
        n_nameless=int(items["n"][nameless].sum()),
        year=_years(there["date"]) if side.dated else None,
        weight=None if side.weights is None else _weights(side, side.weights, engine),
        weight_scale=side.weight_scale,
    )


def _places(key: Numbers, of: Numbers) -> NDArray[np.int32]:
    """Return where numbers stand among ascending ones, -1 where they do not."""
    reach = int(key[-1]) + 1 if len(key) else 0
    if reach <= 4 * (len(key) + len(of)) + 1024:
        place = np.full(reach + 1, -1, dtype=np.int32)
        place[key] = np.arange(len(key), dtype=np.int32)
        return place[np.minimum(of, reach)]
    found = np.minimum(np.searchsorted(key, of), len(key) - 1).astype(np.int32)
    return np.where(key[found] == of, found, -1).astype(np.int32)


def _weights(side: MeetingSide, weights: Frame, engine: Engine) -> Numbers:
    """Return the weight of each item by its number; 0 for those that are in no link."""
    found = engine.collect(weights)
    weight = np.zeros(side.found.n_items, dtype=np.int64)
    weight[found["item"].to_numpy(np.int64)] = found["weight"].to_numpy(np.int64)
    return weight


def _facts(meeting: Meeting, engine: Engine) -> Facts:
    unresolved: tuple[Unresolved, ...] = ()
    if meeting.unresolved is not None:
        names = engine.collect(meeting.unresolved)
        rows = zip(names["n_links"].tolist(), names["name"].tolist(), names["side"].tolist(), strict=True)
        ordered = sorted(rows, key=lambda row: (-row[0], *row[1:]))
        unresolved = tuple(Unresolved(side, name, n_links) for n_links, name, side in ordered)
    return Facts(
        n_links=meeting.n_links,
        n_resolved=meeting.n_resolved,
        n_candidates=meeting.n_candidates,
        n_named=meeting.n_named,
        n_itself=meeting.n_itself,
        unresolved=unresolved,
    )


def _coded(texts: pd.Series[str]) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    """Return the distinct texts, sorted, and the number of each."""
    number, names = pd.factorize(texts.astype(str), sort=True)
    return tuple(names.tolist()), number.astype(np.int32)


def _years(dates: pd.Series[str]) -> NDArray[np.int32]:
    """Return the year of each date, -1 where it is none."""
    text = dates.astype("object").where(dates.notna(), "").astype(str)
    iso = text.str.match(r"[0-9]{4}(-|\Z)")
    return np.where(iso, pd.to_numeric(text.str.slice(0, 4).where(iso, "-1")), -1).astype(np.int32)
