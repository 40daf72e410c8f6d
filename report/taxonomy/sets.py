"""Sets of categories as 64-bit words: one row per item or unit, with unions and counts without loops over categories.

Category c is bit 63 - c % 64 of word c // 64, so that the set with the earlier category is the larger number. The order
of patterns is the decreasing order of words.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ..arrays import in_order, ranked
from . import Taxonomy

BITS = 64

Words: TypeAlias = NDArray[np.uint64]
"""(n, W): n sets of up to 64 W categories."""
Numbers: TypeAlias = NDArray[np.int64]


def words_of(sets: Sequence[Collection[int]], n_categories: int) -> Words:
    """Return sets of categories as words.

    >>> words_of([{0}, {1, 2}], 3) >> 61
    array([[4],
           [3]], dtype=uint64)
    """
    words = np.zeros((len(sets), -(-n_categories // BITS)), dtype=np.uint64)
    for place, categories in enumerate(sets):
        for category in categories:
            words[place, category // BITS] |= np.uint64(1 << (BITS - 1 - category % BITS))
    return words


def members(words: Words, n_categories: int) -> NDArray[np.bool_]:
    """Return sets as truth values (n, categories)."""
    if not words.size:
        return np.zeros((len(words), n_categories), dtype=np.bool_)
    bytes_ = np.ascontiguousarray(words.astype(">u8")).view(np.uint8)
    return np.unpackbits(bytes_, axis=1, count=n_categories).view(np.bool_)


def packed(held: NDArray[np.bool_]) -> Words:
    """Return sets given as truth values (n, categories) as words, the inverse of `members`."""
    bytes_ = np.zeros((len(held), -(-held.shape[1] // BITS) * 8), dtype=np.uint8)
    bytes_[:, : -(-held.shape[1] // 8)] = np.packbits(held, axis=1)
    return bytes_.view(">u8").astype(np.uint64)


def has(words: Words, category: int) -> NDArray[np.bool_]:
    """Return which sets contain a category (n,)."""
    bit = np.uint64(1 << (BITS - 1 - category % BITS))
    found: NDArray[np.bool_] = (words[:, category // BITS] & bit) != 0
    return found


def union(words: Words, of: NDArray[Any], start: Numbers) -> Words:
    """Return the union (n, W) of the sets words[of[start[i]:start[i + 1]]], or the empty set if there is none."""
    if len(of) == len(start) - 1 and (np.diff(start) == 1).all():
        single: Words = words[of]
        return single
    joined = np.zeros((len(start) - 1, words.shape[1]), dtype=np.uint64)
    filled = np.flatnonzero(np.diff(start))
    if len(filled) and words.shape[1]:
        joined[filled] = np.bitwise_or.reduceat(words[of], start[filled], axis=0)
    return joined


def numbered(words: Words) -> tuple[Words, NDArray[np.intp]]:
    """Return the distinct sets in the order of patterns, and the number (n,) of each."""
    if not words.shape[1]:
        return words[: min(1, len(words))], np.zeros(len(words), dtype=np.intp)
    number = np.zeros(len(words), dtype=np.intp)
    for word in words.T:
        of_word, distinct = ranked(_falling(word))
        if number.any():
            of_word = number * len(distinct) + of_word
            of_word, _ = ranked(of_word)
        number = of_word
    first = np.empty(int(number.max(initial=-1)) + 1, dtype=np.intp)
    first[number] = np.arange(len(number))
    return words[first], number


def _falling(word: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return words (n,) in reverse order, the largest as 0, without bits that are never set."""
    every = int(np.bitwise_or.reduce(word)) or 1
    unused = (every & -every).bit_length() - 1
    return np.asarray((np.uint64(every) - word) >> np.uint64(unused))


def derived(words: Words, taxonomy: Taxonomy) -> Words:
    """Return the sets after the derived categories of a taxonomy, computed once for each distinct set."""
    if not taxonomy.derived or not len(words):
        return words
    distinct, number = numbered(words)
    n_categories = len(taxonomy.categories)
    sets = [taxonomy.derive(frozenset(np.flatnonzero(one).tolist())) for one in members(distinct, n_categories)]
    return words_of(sets, n_categories)[number]


def slices(start: Numbers, which: NDArray[Any]) -> tuple[Numbers, Numbers]:
    """Return the positions that belong to some rows of a table by `start`, in sequence, and the start of each row.

    >>> slices(np.array([0, 2, 5]), np.array([1, 0]))
    (array([2, 3, 4, 0, 1]), array([0, 3, 5]))
    """
    sizes = start[which + 1] - start[which]
    if (sizes == 1).all():
        return start[which], np.arange(len(which) + 1)
    ends = np.concatenate([[0], np.cumsum(sizes)])
    places = np.arange(ends[-1]) + np.repeat(start[which] - ends[:-1], sizes)
    return places, ends


def owned(start: Numbers, which: NDArray[Any]) -> tuple[Numbers, Numbers]:
    """Return the positions that belong to some rows of a table like `slices`, and the row of each.

    >>> owned(np.array([0, 2, 5]), np.array([1, 0]))
    (array([2, 3, 4, 0, 1]), array([0, 0, 0, 1, 1]))
    """
    places, ends = slices(start, which)
    return places, np.repeat(np.arange(len(which)), np.diff(ends))


def rows_of_values(rows: NDArray[Any], values: NDArray[Any], n_rows: int) -> tuple[Numbers, NDArray[Any]]:
    """Return the start of each row (n_rows + 1,) and its distinct values, ascending, from pairs in any order."""
    shape = (n_rows, int(values.max(initial=-1)) + 1)
    pairs = sparse.coo_array((np.ones(len(rows), dtype=np.bool_), (rows, values)), shape=shape).tocsr()
    pairs.sum_duplicates()
    return pairs.indptr.astype(np.int64), pairs.indices.astype(np.int32, copy=False)


def turned(start: Numbers, values: NDArray[Any], n_values: int) -> tuple[Numbers, NDArray[Any]]:
    """Return the inverse of a table: the start of each value's rows (n_values + 1,), and the rows."""
    ones = np.ones(len(values), dtype=np.bool_)
    pairs = sparse.csr_array((ones, values, start), shape=(len(start) - 1, n_values)).tocsc()
    return pairs.indptr.astype(np.int64), pairs.indices.astype(np.int32, copy=False)


def distinct_rows(start: Numbers, values: NDArray[Any]) -> tuple[Numbers, NDArray[Any], NDArray[np.int32]]:
    """Return the distinct rows of a table in order of first appearance, and the number (n,) of each row."""
    first, second = map(in_order, signatures(start, values).T)
    number = in_order(first * (int(second.max(initial=0)) + 1) + second)
    places = np.empty(int(number.max(initial=-1)) + 1, dtype=np.int64)
    places[number[::-1]] = np.arange(len(number))[::-1]
    which, ends = slices(start, places)
    return ends, values[which], number.astype(np.int32)


_AT_ONCE = 1 << 20


def signatures(start: Numbers, values: NDArray[Any], n_sums: int = 2) -> NDArray[np.uint64]:
    """Return 64-bit sums (n, sums) that distinguish sets of numbers: 10^6 sets collide with probability 10^-26.

    The values are scattered by SplitMix64 (Steele, Lea and Flood, 2014), with a different seed for each sum.
    """
    sums = np.zeros((len(start) - 1, n_sums), dtype=np.uint64)
    for low in range(0, len(sums), _AT_ONCE):
        part = start[low : low + _AT_ONCE + 1]
        filled = np.flatnonzero(np.diff(part))
        whole = values[part[0] : part[-1]].astype(np.uint64) + np.uint64(1)
        for place, seed in enumerate((0x9E3779B97F4A7C15, 0xD1B54A32D192ED03)[:n_sums]):
            mixed = whole * np.uint64(0x9E3779B97F4A7C15) + np.uint64(seed)
            mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            mixed ^= mixed >> np.uint64(31)
            if len(filled):
                sums[low + filled, place] = np.add.reduceat(mixed, part[filled] - part[0])
    return sums
