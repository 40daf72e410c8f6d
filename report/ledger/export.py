"""A joined relation in the engine -> its ledger: the only place where data become whole numbers.

Small relations are read at once. For large relations, the uses are written once to files, one per part of the units,
and only one part is in memory at a time.

Pseudonyms replace the names of private groups and strata before any of them leaves the ledger. The code of a group is
computed only from its counts: its units by categories and stratum. Reports publish these counts anyway, so the code
reveals nothing more. Groups with equal counts are interchangeable. An unchanged group has the same code in the next
build, so two builds can be compared. The order of the values is lost: anyone with a list of all values could identify
groups that are numbered in the order of that list.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Literal

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from ..errors import may_quote
from ..foreign_text import visible, written_from
from ..relations import SideTerms, Terms, shared
from ..relations.meeting import JoinedRelation, JoinedSide
from ..sources.engine import Engine, Frame
from ..sources.faults import check_length
from ..taxonomy import ItemNames, UnnamedItems, pseudonym
from ..taxonomy.categorise import Numbers, rows_of_values
from . import Axis, Ledger
from .coverage import Unresolved

Codes = NDArray[np.uint64]
Level = Literal["group", "stratum"]

_DIGITS = 8
"""Hexadecimal digits of a code; groups with the same digits get a number after it."""


def pseudonymised(ledger: Ledger) -> Ledger:
    """Return a ledger with pseudonyms in place of the names of its private groups and strata."""
    levels: list[Level] = ["stratum"] if "stratum" in ledger.private and ledger.stratum_names else []
    levels += ["group"] if "group" in ledger.private and ledger.group is not None else []
    for level in levels:
        ledger = _renamed(ledger, level, _renaming(ledger, level))
    return ledger


_PseudonymMap = tuple[tuple[str, ...], NDArray[np.int32]]
"""New names in order, and the new number of each old one."""


def _renaming(ledger: Ledger, level: Level) -> _PseudonymMap:
    """Return pseudonyms for the levels of a ledger: the code of each, and a number for equal codes."""
    old = ledger.groups if level == "group" else ledger.strata
    counted, detailed = np.zeros((2, len(old)), dtype=np.uint64)
    for part in ledger.parts:
        number = part.group if level == "group" and part.group is not None else part.stratum
        coarse = _content(part, with_strata=level == "group")
        np.add.at(counted, number, coarse)
        np.add.at(detailed, number, _mixed(coarse + _items(part.rows, 1) + _items(part.columns, 2)))
    order = np.lexsort((np.arange(len(old)), detailed, counted)).tolist()
    seen: dict[str, int] = {}
    name_of: dict[int, str] = {}
    for place in order:
        code = f"{int(counted[place]):016x}"[:_DIGITS]
        seen[code] = seen.get(code, 0) + 1
        name_of[place] = pseudonym(level, code if seen[code] == 1 else f"{code}-{seen[code]}")
    names = tuple(sorted(name_of.values()))
    place_of = {name: place for place, name in enumerate(names)}
    return names, np.array([place_of[name_of[one]] for one in range(len(old))], dtype=np.int32)


def _renamed(ledger: Ledger, level: Level, new: _PseudonymMap) -> Ledger:
    names, number = new

    def part(one: Ledger) -> Ledger:
        if level == "stratum":
            return replace(one, strata=names, stratum=number[one.stratum])
        return replace(one, groups=names, group=None if one.group is None else number[one.group])

    if ledger.split is None:
        return part(ledger)

    def split() -> Iterator[Ledger]:
        yield from map(part, ledger.parts)

    return replace(part(ledger), split=split)


def _content(ledger: Ledger, *, with_strata: bool) -> Codes:
    """Return a code of each unit's categories, weight and stratum, times its number of units (u,)."""
    code = np.zeros(len(ledger.n), dtype=np.uint64)
    for side in ledger.sides:
        for word in side.words.T:
            code = _mixed(code + word)
    if ledger.weight is not None:
        code = _mixed(code + ledger.weight.astype(np.uint64))
    if with_strata:
        code = _mixed(code + _text_codes(ledger.strata)[ledger.stratum])
    product: Codes = code * ledger.n.astype(np.uint64)
    return product


def _items(side: Axis, seed: int) -> Codes:
    """Return a code of the labels of each unit's items (u,)."""
    code = np.zeros(len(side.start) - 1, dtype=np.uint64)
    types = side.found.type[side.use].astype(np.uint64)
    np.add.at(code, side.unit, _mixed(types * np.uint64(4) + np.uint64(seed)))
    return code


def _text_codes(texts: Sequence[str]) -> Codes:
    """Return a code of each text, the same in every build; private strata are already pseudonyms."""
    digests = (hashlib.blake2b(text.encode(), digest_size=8).digest() for text in texts)
    return np.array([int.from_bytes(digest, "big") for digest in digests], dtype=np.uint64)


def _mixed(values: Codes) -> Codes:
    """Return whole numbers mixed so that their sums distinguish sets (splitmix64: Steele, Lea and Flood 2014)."""
    values = values + np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: Codes = values ^ (values >> np.uint64(31))
    return mixed


MOST_AT_ONCE = 20_000_000
"""Maximum number of uses (an item of a unit) for reading a relation at once."""

PART = 5_000_000
"""Approximate number of uses in a part of a larger relation."""


_FEW = 10_000
"""Maximum number of names that are read at once, instead of being looked up on demand."""


class NamesInEngine:
    """Names of items or keys, looked up while the engine is open."""

    def __init__(self, names: Frame, n_names: int, engine: Engine) -> None:
        """Look up names in a frame of `item` and `name`."""
        self._names, self._engine, self._are_few = names.select("item", "name"), engine, n_names <= _FEW

    @cached_property
    def _all(self) -> dict[int, str]:
        return self._named(self._names)

    def _named(self, names: Frame) -> dict[int, str]:
        found = self._engine.columns(names)
        return dict(zip(map(int, found["item"]), (visible(str(name)) for name in found["name"]), strict=True))

    def of(self, numbers: Sequence[int]) -> list[str]:
        """Return the names of items."""
        if not numbers:
            return []
        if self._are_few:
            names = self._all
        else:
            names = self._named(
                self._names.join(self._engine.load({"item": sorted(set(numbers))}, ["item"]), on="item")
            )
        return [names[number] for number in numbers]

    def numbers(self, names: Collection[str]) -> dict[str, int]:
        """Return name -> number for the names that an item has."""
        if self._are_few:
            wanted = set(names)
            return {name: number for number, name in self._all.items() if name in wanted}
        written = {*names, *map(written_from, names)}  # names are given as they are shown
        asked = self._names.join(self._engine.load({"name": sorted(written)}), on="name")
        return {name: number for number, name in self._named(asked).items()}


class _LedgerReader:
    """The content of a joined relation: its units, and their items on each side, at once or in parts."""

    def __init__(self, meeting: JoinedRelation, engine: Engine) -> None:
        self._meeting, self._engine = meeting, engine
        asked = ["stratum"] if meeting.stratum_names else []
        asked += ["group"] if meeting.grouped else []
        coded = {column: self._coded(column) for column in asked}
        self.levels = {column: tuple(map(visible, texts)) for column, (texts, _) in coded.items()}
        units = meeting.units
        for column, (_, numbers) in coded.items():
            units = units.join(numbers, on=column, how="left")
        own = ["n"] if meeting.unit.role == "record" else []
        own += ["weight"] if meeting.weight_scale is not None else []
        numbered = (nw.col(f"{column} number").fill_null(-1).cast(nw.Int32).alias(column) for column in asked)
        self._units = units.select("unit", *own, *numbered)
        n_uses = sum(engine.count(side.uses) for side in self._sides if side.uses is not None)
        self.n_parts = 1 if n_uses <= MOST_AT_ONCE else -(-n_uses // PART) | 1
        if self.n_parts > 1:
            self._units = engine.keep(self._units)
            self._folder = Path(mkdtemp(dir=engine.folder))
        self._files = None if self.n_parts == 1 else [self._written(*one) for one in enumerate(self._sides)]
        for part in range(self.n_parts if self._files is not None else 0):
            np.savez(self._in_order_at(part), **self._in_order(part))  # type: ignore[arg-type]  # no options of its

    @property
    def _sides(self) -> tuple[JoinedSide, JoinedSide]:
        return self._meeting.rows, self._meeting.columns

    def _coded(self, column: str) -> tuple[tuple[str, ...], Frame]:
        """Return the distinct texts of a column of the units, unchanged and sorted, and the table of their numbers."""
        there = self._meeting.units.filter(~nw.col(column).is_null())
        numbers = self._engine.keep(there.group_by(column).agg().with_row_index(f"{column} number", order_by=column))
        texts = self._engine.columns(numbers.sort(f"{column} number").select(column))[column]
        if column != "group":  # texts that only group units may be long
            quoted = may_quote(public=column not in self._meeting.private)
            check_length(map(str, texts), self._engine.limits, f"{self._meeting.relation}: {column}", quoted=quoted)
        return tuple(map(str, texts)), numbers

    def _written(self, number: int, side: JoinedSide) -> list[Path] | None:
        """Write the uses of a side to a file for each part, and return the files, or None if units are the items."""
        if side.uses is None:
            return None
        files = [self._folder / f"{part}.{number}" for part in range(self.n_parts)]
        opened = [file.open("wb") for file in files]
        try:
            for read in self._engine.chunks(side.uses.select(nw.col("unit").cast(nw.Int64), nw.col("item"))):
                pairs = np.rec.fromarrays([read["unit"], read["item"]], dtype=_USE)
                part = (pairs.unit % self.n_parts).astype(np.int16)
                order = np.argsort(part, kind="stable")
                ends = np.cumsum(np.bincount(part, minlength=self.n_parts))
                for file, own in zip(opened, np.split(pairs[order], ends[:-1]), strict=True):
                    own.tofile(file)
        finally:
            for file in opened:
                file.close()
        return files

    def read(self, whole: Ledger, part: int) -> Ledger:
        """Return a ledger with the units of a part."""
        if self._files is None:
            read = self._in_order(part)
        else:
            with np.load(self._in_order_at(part)) as kept:
                read = dict(kept)
        key = read["unit"].astype(np.int64)
        axes = [
            replace(axis, start=np.arange(len(key) + 1), use=key.astype(np.int32))
            if side.uses is None
            else replace(axis, start=read[f"start {place}"], use=read[f"use {place}"])
            for place, (axis, side) in enumerate(zip(whole.sides, self._sides, strict=True))
        ]
        return replace(
            whole,
            rows=axes[0],
            columns=axes[1],
            n=read.get("n", np.ones(len(key), dtype=np.int8)),
            key=key,
            stratum=read.get("stratum", np.zeros(len(key), dtype=np.int32)),
            group=read.get("group"),
            weight=read.get("weight"),
            split=None,
        )

    def _in_order_at(self, part: int) -> Path:
        """Return the file of a part with the result of `_in_order`."""
        return self._folder / f"{part}.npz"

    def _in_order(self, part: int) -> dict[str, NDArray[Any]]:
        """Return the columns of the units of a part, and for each side (0, 1) their uses with the `start` of each."""
        units = self._units if self._files is None else self._units.filter(nw.col("unit") % self.n_parts == part)
        read = self._engine.arrays(units)
        order = np.argsort(read["unit"])
        read = {name: values[order] for name, values in read.items()}
        key = read["unit"].astype(np.int64)
        for number, side in enumerate(self._sides):
            if side.uses is None:
                continue
            files = None if self._files is None else self._files[number]
            if files is None:
                pairs: Any = self._engine.arrays(side.uses.select("unit", nw.col("item").cast(nw.Int32)))
            else:
                pairs = np.fromfile(files[part], dtype=_USE)
                files[part].unlink()
            place, item = _places(key, pairs["unit"]), pairs["item"]
            inside = place >= 0
            if not inside.all():
                place, item = place[inside], item[inside]
            read[f"start {number}"], read[f"use {number}"] = rows_of_values(place, item, len(key))
        return read


_USE = np.dtype([("unit", np.int64), ("item", np.int32)])


def ledger_of(meeting: JoinedRelation, engine: Engine) -> Ledger:
    """Return the ledger of a joined relation. With parts it needs the engine's folder, and its names need the engine.

    Private values do not pass this point: private items, keys, groups and strata have pseudonyms.
    """
    reading, keys = _LedgerReader(meeting, engine), meeting.keys
    unnamed = {side.entity: UnnamedItems(side.kind.singular) for side in (meeting.rows, meeting.columns)}
    none = np.zeros(0, dtype=np.int64)
    whole = Ledger(
        **shared(meeting, Terms),
        rows=_axis(meeting.rows, engine, unnamed),
        columns=_axis(meeting.columns, engine, unnamed),
        n=none,
        key=none,
        key_names=None if keys is None else _key_names(meeting, keys, engine),
        stratum=none.astype(np.int32),
        strata=reading.levels.get("stratum") or ("",),
        group=none.astype(np.int32) if meeting.grouped else None,
        groups=reading.levels.get("group", ()),
        weight=none if meeting.weight_scale is not None else None,
        unresolved=_unresolved(meeting, engine),
        dispersion=None if meeting.tally is None else meeting.tally.dispersion,
    )
    whole = replace(
        whole,
        stratum_names=tuple(map(visible, whole.stratum_names)),
        group_names=tuple(map(visible, whole.group_names)),
    )
    if reading.n_parts == 1:
        return pseudonymised(reading.read(whole, 0))

    def split() -> Iterator[Ledger]:
        for part in range(reading.n_parts):
            yield reading.read(whole, part)

    return pseudonymised(replace(whole, split=split))


def _key_names(meeting: JoinedRelation, keys: Frame, engine: Engine) -> ItemNames:
    """Return the names of the values of a shared key."""
    if "unit" in meeting.private:
        return UnnamedItems(meeting.unit.singular)
    return NamesInEngine(keys.rename({"unit": "item"}), engine.count(keys), engine)


def _axis(side: JoinedSide, engine: Engine, unnamed: Mapping[str, UnnamedItems]) -> Axis:
    """Return a side without units."""
    n_items = side.found.n_items
    items = np.arange(n_items, dtype=np.int32)
    if side.among is not None:
        items = np.sort(engine.arrays(side.among.select(nw.col("item").cast(nw.Int32)))["item"])
    return Axis(
        **shared(side, SideTerms),
        names=unnamed[side.entity] if side.private else NamesInEngine(side.names, n_items, engine),
        start=np.zeros(1, dtype=np.int64),
        use=np.zeros(0, dtype=np.int32),
        items=items,
        n=np.ones(n_items, dtype=np.int8)[items] if side.counted is None else side.counted,
        year=None if side.years is None else side.years[items],
        weight=None if side.weights is None else _by_item(side.weights, "weight", n_items, engine),
    )


def _by_item(frame: Frame, column: str, n_items: int, engine: Engine) -> NDArray[Any]:
    """Return a column of whole numbers by `item`, 0 for an item without one."""
    found = engine.arrays(frame.select("item", column))
    values = np.zeros(n_items, dtype=found[column].dtype)
    values[found["item"]] = found[column]
    return values


def _places(key: Numbers, of: NDArray[Any]) -> NDArray[np.int32]:
    """Return the positions of numbers among ascending numbers, -1 if they are missing."""
    reach = int(key[-1]) + 1 if len(key) else 0
    if reach <= 4 * (len(key) + len(of)) + 1024:
        place = np.full(reach + 1, -1, dtype=np.int32)
        place[key] = np.arange(len(key), dtype=np.int32)
        within: NDArray[np.int32] = place[np.minimum(of, reach)]
        return within
    found = np.minimum(np.searchsorted(key, of), len(key) - 1).astype(np.int32)
    found[key[found] != of] = -1
    return found


def _unresolved(meeting: JoinedRelation, engine: Engine) -> tuple[Unresolved, ...]:
    """Return the names without an item, by decreasing number of links."""
    found: list[Unresolved] = []
    if meeting.unresolved is not None:
        for end, side in (("from", meeting.rows), ("to", meeting.columns)):
            lost = engine.columns(meeting.unresolved.group_by(end).agg(n_links=nw.len().cast(nw.Int64)))
            names = zip(lost[end], lost["n_links"], strict=True)
            own = [Unresolved(side.name, visible(name), n_links) for name, n_links in names if name is not None]
            found += _unnamed(own, side) if side.private else own
    return tuple(sorted(found, key=lambda one: (-one.n_links, one.name, one.side)))


def _unnamed(lost: list[Unresolved], side: JoinedSide) -> list[Unresolved]:
    """Return unmatched names of a private kind as pseudonyms, by decreasing number of links."""
    ordered = sorted(lost, key=lambda one: (-one.n_links, one.name))
    sort = f"unknown {side.kind.singular}"
    return [replace(one, name=pseudonym(sort, number)) for number, one in enumerate(ordered, start=1)]
