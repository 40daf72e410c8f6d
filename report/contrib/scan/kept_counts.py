"""Counts of pairs that the cache of the program keeps, so that a later scan counts only pairs with a changed column.

A column is recognised by the hash of its codes. Counts are whole numbers, so a scan has the same bytes with kept counts
and without. Counts are kept from time to time while pairs are counted, so that a cancelled scan continues there. The
tails of X2 that were simulated are kept too.
"""

from __future__ import annotations

import hashlib
import io
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ...arrays import Floats, Ints
from ...cache import Cache
from .layout import Codes, Layout, add_counts
from .significance import simulated_tail

_SECONDS = 5.0
"""Time after which new counts are kept."""


@dataclass(frozen=True)
class _Kept:
    """Columns, by the hashes of their codes, the counts (K, K) of their pairs, and simulated tails by their input."""

    columns: tuple[str, ...] = ()
    layout: Layout = field(default_factory=lambda: Layout(np.zeros(0, dtype=np.int64)))
    counts: NDArray[np.uint32] | Floats = field(default_factory=lambda: np.zeros((0, 0), dtype=np.uint32))
    tails: dict[str, float] = field(default_factory=dict)

    def written(self) -> bytes:
        content = io.BytesIO()
        np.savez(
            content,
            columns=np.array(self.columns, dtype=np.str_),
            n_categories=self.layout.n_categories,
            counts=self.counts,
            inputs=np.array(list(self.tails), dtype=np.str_),
            tails=np.array(list(self.tails.values()), dtype=np.float64),
        )
        return content.getvalue()

    @classmethod
    def read(cls, content: bytes) -> _Kept:
        with np.load(io.BytesIO(content), allow_pickle=False) as found:
            tails = dict(zip(found["inputs"].tolist(), found["tails"].tolist(), strict=True))
            return cls(tuple(found["columns"].tolist()), Layout(found["n_categories"]), found["counts"], tails)


@dataclass
class KeptCounts:
    """The counts of one scan, with those of the last scan of the same files. Without a key, nothing is kept."""

    cache: Cache | None = None
    key: str | None = None
    n_counted: int = 0
    """The number of pairs of columns that were counted in this scan."""
    n_simulated: int = 0
    """The number of tails that were simulated in this scan."""
    _now: _Kept = field(default_factory=_Kept, repr=False)
    _tails: dict[str, float] = field(default_factory=dict, repr=False)
    """The tails of the last scan."""

    def counts(self, codes: Codes, layout: Layout) -> Floats:
        """Return the counts (K, K) of all pairs of indicators."""
        earlier = self._earlier()
        self._tails = earlier.tails
        hashes = self._hashes(codes, layout)
        places = {one: place for place, one in enumerate(earlier.columns)}
        known = [place for place, one in enumerate(hashes) if one in places]
        order = np.array([*known, *(place for place, one in enumerate(hashes) if one not in places)], dtype=np.int64)
        inner, found = Layout(layout.n_categories[order]), np.zeros((layout.n_indicators, layout.n_indicators))
        if known:
            at = _indicators_of(earlier.layout, [places[hashes[place]] for place in known])
            found[: len(at), : len(at)] = earlier.counts[np.ix_(at, at)]
        is_same = bool((order == np.arange(len(order))).all())
        began = time.monotonic()
        for n in add_counts(codes if is_same else codes[order], inner, found, len(known)):
            if time.monotonic() - began > _SECONDS:
                part = inner.part(0, n)
                size = part.n_indicators
                self._now = _Kept(tuple(hashes[place] for place in order[:n]), part, found[:size, :size], self._tails)
                self.keep()
                began = time.monotonic()
        self.n_counted += (len(order) * (len(order) - 1) - len(known) * (len(known) - 1)) // 2
        self._now = _Kept(tuple(hashes[place] for place in order), inner, found, {})
        if is_same:
            return found
        back = np.argsort(_indicators_of(layout, order.tolist()))
        return found[np.ix_(back, back)]

    def tail(self, table: Floats, most: int, seed: int) -> float:
        """Return the simulated tail of a table, see `simulated_tail`."""
        if self.key is None:
            return simulated_tail(table, most, seed)
        parts = f"{table.shape} {most} {seed} ".encode() + np.ascontiguousarray(table, dtype=np.int64).tobytes()
        name = hashlib.sha256(parts).hexdigest()[:32]
        found = self._tails.get(name)
        if found is None:
            found = simulated_tail(table, most, seed)
            self.n_simulated += 1
        self._now.tails[name] = found
        return found

    def keep(self) -> None:
        """Keep the counts and tails for a later scan."""
        now = self._now
        if self.cache is None or self.key is None:
            return
        counts = now.counts.astype(np.uint32)
        self.cache.put(self.key, _Kept(now.columns, now.layout, counts, now.tails).written())

    def _earlier(self) -> _Kept:
        content = None if self.cache is None or self.key is None else self.cache.get(self.key)
        return _Kept() if content is None else _Kept.read(content)

    def _hashes(self, codes: Codes, layout: Layout) -> list[str]:
        """Return the hash of each column, different for columns with the same codes."""
        if self.key is None:
            return [str(place) for place in range(len(codes))]
        found: list[str] = []
        for column, size in zip(codes, layout.n_categories.tolist(), strict=True):
            name = hashlib.sha256(f"{column.dtype} {size} ".encode() + column.tobytes()).hexdigest()[:32]
            found.append(f"{name} {sum(one.startswith(name) for one in found)}")
        return found


def _indicators_of(layout: Layout, columns: Sequence[int]) -> Ints:
    """Return the numbers of the indicators of some columns, in their order."""
    ranges = [np.arange(layout.start[column], layout.missing[column] + 1) for column in columns]
    return np.concatenate(ranges) if ranges else np.zeros(0, dtype=np.int64)
