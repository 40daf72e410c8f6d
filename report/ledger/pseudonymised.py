"""Replace the names of private groups and strata by pseudonyms before any of them leaves the ledger.

The code of a group is computed only from its counts: its units by categories and stratum. Snapshots publish these
counts anyway, so the code reveals nothing more. Groups with equal counts are interchangeable. An unchanged group has
the same code in the next build, so two builds can be compared. The order of the values is lost: anyone with a list of
all values could identify groups that are numbered in the order of that list.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..pseudonyms import pseudonym
from . import Axis, Ledger

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


@dataclass(frozen=True, eq=False)
class _PseudonymMap:
    """The new names of levels, sorted, and the new number of each level by its old number."""

    names: tuple[str, ...]
    number: NDArray[np.int32]


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
    return _PseudonymMap(names, np.array([place_of[name_of[one]] for one in range(len(old))], dtype=np.int32))


def _renamed(ledger: Ledger, level: Level, new: _PseudonymMap) -> Ledger:
    def part(one: Ledger) -> Ledger:
        if level == "stratum":
            return replace(one, strata=new.names, stratum=new.number[one.stratum])
        group = None if one.group is None else new.number[one.group]
        return replace(one, groups=new.names, group=group)

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
