"""A meeting in the engine -> its ledger: the one place where what was read becomes whole numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw
import numpy as np
import pandas as pd

from .ledger import Axis, Labelled, Ledger, rules_of
from .sets import table

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from ..relations.meeting import Meeting, MeetingSide
    from ..sources.engine import Engine
    from ..taxonomy.categorise import Categorised
    from .sets import Numbers


class NamesInEngine:
    """What the items of a side are called, looked up while the engine is open."""

    def __init__(self, side: MeetingSide, engine: Engine) -> None:
        """Look up the names of one side's items."""
        self._names, self._engine = side.items.select("item", "name"), engine

    def of(self, numbers: Sequence[int]) -> list[str]:
        """Return the names of items."""
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
    rows = _axis(meeting.rows, key, engine, None)
    same = meeting.columns.found is meeting.rows.found
    return Ledger(
        relation=meeting.relation,
        unit=meeting.unit,
        rows=rows,
        columns=_axis(meeting.columns, key, engine, rows.found if same else None),
        n=units["n"].to_numpy(np.int64),
        key=key,
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
    )


def _axis(side: MeetingSide, key: Numbers, engine: Engine, known: Labelled | None) -> Axis:
    uses = engine.collect(side.uses.select("unit", "item"))
    unit = uses["unit"].to_numpy(np.int64)
    place = np.searchsorted(key, unit)
    place[place == len(key)] = 0
    inside = key[place] == unit if len(key) else np.zeros(len(unit), dtype=np.bool_)
    start, use = table(place[inside], uses["item"].to_numpy(np.int64)[inside], len(key))
    columns = ["item", "n", *(["date"] if side.dated else [])]
    items = engine.collect(side.items.select(*columns))
    nameless = items["item"].isna().to_numpy()
    there = items[~nameless]
    found = _labelled(side.found, engine) if known is None else known
    return Axis(
        name=side.name,
        kind=side.kind,
        entity=side.entity,
        taxonomy=side.taxonomy,
        found=found,
        names=NamesInEngine(side, engine),
        start=start,
        use=use,
        items=there["item"].to_numpy(np.int32),
        n=there["n"].to_numpy(np.int64),
        n_nameless=int(items["n"][nameless].sum()),
        year=_years(there["date"]) if side.dated else None,
    )


def _labelled(found: Categorised, engine: Engine) -> Labelled:
    pairs = engine.collect(found.pairs.select("key", "label"))
    labels = tuple(sorted(found.vocabulary))
    number = {label: place for place, label in enumerate(labels)}
    index = {category: place for place, category in enumerate(found.taxonomy.categories)}
    given = {one.label: tuple(index[name] for name in one.categories) for one in found.labels}
    carried = pairs["label"].map(number).to_numpy(np.int64)
    start, label = table(pairs["key"].to_numpy(np.int64), carried, found.n_keys)
    return Labelled(
        taxonomy=found.taxonomy,
        labels=labels,
        n_items=tuple(found.vocabulary[label] for label in labels),
        rules=rules_of([given[label] for label in labels], found.taxonomy),
        start=start,
        label=label,
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
