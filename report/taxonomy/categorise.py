"""Labels of items -> sets of categories: items grouped by their set of labels, as whole numbers.

A set of categories is a row of 64-bit words. Category c is bit 63 - c % 64 of word c // 64, so that the set with the
earlier category is the larger number. The order of patterns is the decreasing order of words.

Also containment: categories whose items are nearly all in one or a few others, so that apparent mismatches are the same
items. And answers that are missing: texts such as "refused", and codes such as 9 after 1 to 4, or -99.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from .. import portable
from ..arrays import in_order, ranked
from ..errors import HIDDEN_IN_LOGS, DataError, Note, listed, may_quote
from ..sources.text import found_in
from . import LabelCount, Taxonomy, identity_taxonomy, known_presets, load_preset, pseudonym

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


_NAMED = 10


Rules = Mapping[str, tuple[int, ...]]
"""The categories of each label: ascending indices, or empty if no rule knows it."""


def assign(
    taxonomy: Taxonomy, vocabulary: Mapping[str, int], kind: str, *, public: bool = True
) -> tuple[Rules, tuple[LabelCount, ...], tuple[Note, ...]]:
    """Assign categories to each label of a kind, given label -> number of items as `vocabulary`.

    Also return the labels with their categories for readers, by decreasing number of items, then by label, and notes.

    Exact matches of the config come first, then its patterns, then the preset, then `unmatched`. A label that several
    entries of equal rank assign to different categories gets all of them, and a note. Raises `DataError` for unmatched
    labels if the taxonomy forbids them; in CI the message quotes them only if they are `public`.
    """
    rules: dict[str, tuple[int, ...]] = {}
    by: dict[str, str] = {}
    notes: list[Note] = []
    unmatched: list[str] = []
    searched = _searched(taxonomy, vocabulary)
    for label in sorted(vocabulary, key=lambda label: (-vocabulary[label], label)):
        categories, by[label] = _categories(taxonomy, label, searched.get(label, ()))
        rules[label] = tuple(sorted(set(categories)))
        if len(rules[label]) > 1:
            names = listed([taxonomy.categories[number] for number in rules[label]])
            message = (
                f'{kind}: the label "{label}" ({_items(vocabulary[label])}) is given to several categories: {names}'
            )
            notes.append(Note("two_rules", label, f"{message} ({by[label]})"))
        if by[label] == "none":
            unmatched.append(label)
    if unmatched and taxonomy.unmatched == "error":
        raise DataError(_unmatched(taxonomy, kind, unmatched, vocabulary, quoted=may_quote(public=public)))
    labels = tuple(
        LabelCount(kind, label, vocabulary[label], tuple(taxonomy.categories[n] for n in rules[label]), by[label])
        for label in rules
    )
    return rules, labels, tuple(notes)


def _searched(taxonomy: Taxonomy, vocabulary: Mapping[str, int]) -> Mapping[str, tuple[int, ...]]:
    """Return label -> positions of the taxonomy's patterns that match it, for labels without an exact rule."""
    if not taxonomy.patterns:
        return {}
    labels = tuple(sorted(label for label in vocabulary if label not in taxonomy.exact))
    return found_in(tuple(pattern for pattern, _ in taxonomy.patterns), labels)


def _categories(taxonomy: Taxonomy, label: str, found: Sequence[int]) -> tuple[tuple[int, ...], str]:
    """Return a label's categories and the rule that assigned them; `found` are positions of patterns."""
    if label in taxonomy.exact:
        return taxonomy.exact[label], "match" if taxonomy.top is None else f"top {taxonomy.top}"
    if found:
        rules = [taxonomy.patterns[number] for number in found]
        patterns = dict.fromkeys(pattern for pattern, _ in rules)
        return tuple(category for _, category in rules), "; ".join(f"pattern {pattern}" for pattern in patterns)
    if label in taxonomy.preset_rules:
        return (taxonomy.preset_rules[label],), f"preset {taxonomy.preset}"
    if taxonomy.unmatched in taxonomy.categories:
        return (taxonomy.categories.index(taxonomy.unmatched),), f"unmatched: {taxonomy.unmatched}"
    return (), "none"


def _items(n: int) -> str:
    return "1 item" if n == 1 else f"{n:,} items"


def _unmatched(taxonomy: Taxonomy, kind: str, labels: list[str], vocabulary: Mapping[str, int], *, quoted: bool) -> str:
    named = listed([f'"{label}" ({vocabulary[label]:,})' for label in labels], _NAMED)
    said = f"{named} (items in brackets)" if quoted else HIDDEN_IN_LOGS
    count = "1 label is" if len(labels) == 1 else f"{len(labels):,} labels are"
    return f"{kind}: {count} in no category of taxonomy {taxonomy.name}, whose `unmatched` is error: {said}"


@dataclass(frozen=True, eq=False)
class CategorisedItems:
    """Items, numbered from 0, with their labels and categories.

    Items with the same labels are of one type, and `type` (a,) is the type of each item. `names` are the sorted labels,
    and type t has the labels label[start[t]:start[t + 1]], ascending. `rules` (l, W) are the categories that each label
    assigns. `vocabulary` is the number of items (records) with each label, and `labels` lists their categories for
    readers. `taxonomy` is the taxonomy used; if labels are themselves categories, it contains them. `hidden` gives the
    text of each label that is replaced by a pseudonym (`without_private_labels`).
    """

    taxonomy: Taxonomy
    names: tuple[str, ...]
    rules: Words
    start: Numbers
    label: NDArray[np.int32]
    type: NDArray[np.int32]
    vocabulary: Mapping[str, int]
    labels: tuple[LabelCount, ...]
    notes: tuple[Note, ...]
    hidden: Mapping[str, str] = field(default_factory=dict)

    @property
    def n_items(self) -> int:
        """The number of items, including items without a label."""
        return len(self.type)

    @property
    def n_types(self) -> int:
        """The number of distinct label sets."""
        return len(self.start) - 1

    @cached_property
    def given(self) -> Words:
        """The categories of the items of each type (t, W), before derived categories."""
        return union(self.rules, self.label, self.start)

    @cached_property
    def words(self) -> Words:
        """The categories of the items of each type (t, W)."""
        return derived(self.given, self.taxonomy)

    @cached_property
    def carriers(self) -> tuple[Numbers, NDArray[np.int32]]:
        """The types with each label, as a table: the start of each label's types (l + 1,), and the types."""
        return turned(self.start, self.label, len(self.names))

    def labels_of(self, item: int) -> tuple[str, ...]:
        """Return the labels of an item, sorted."""
        first, last = self.start[self.type[item] : self.type[item] + 2].tolist()
        return tuple(self.names[label] for label in self.label[first:last].tolist())


Types = tuple[Numbers, NDArray[np.int32], NDArray[np.int32]]
"""The labels of each type as a table (`start`, `label`), and the type of each item."""


def types_of(key: NDArray[Any], label: NDArray[Any], n_items: int) -> Types:
    """Return the types of items from pairs, in any order, of an item and the number of a label."""
    return distinct_rows(*rows_of_values(key, label, n_items))


def united(parts: Sequence[Types]) -> Types:
    """Return the types of items that were read in consecutive parts."""
    if len(parts) == 1:
        return parts[0]
    sizes = np.concatenate([[0], *(np.diff(start) for start, _, _ in parts)])
    start, label, number = distinct_rows(np.cumsum(sizes), np.concatenate([label for _, label, _ in parts]))
    before = np.cumsum([0, *(len(start) - 1 for start, _, _ in parts)])
    types = [number[first + own] for first, (_, _, own) in zip(before.tolist(), parts, strict=False)]
    return start, label, np.concatenate(types)


def categorise(
    types: Types, n: NDArray[np.integer], names: tuple[str, ...], taxonomy: Taxonomy, kind: str, *, public: bool = True
) -> CategorisedItems:
    """Return the categories of a different items, with the number of units of each in `n` (a,).

    `names` are the sorted labels. Unless they are `public`, labels that no rule lists get pseudonyms. Raises
    `DataError` if a label is in no category and the taxonomy forbids it.
    """
    start, label, type_ = types
    of_type = np.bincount(type_, n, len(start) - 1).astype(np.float64)
    counts = np.bincount(label, np.repeat(of_type, np.diff(start)), len(names)).astype(np.int64)
    vocabulary = dict(zip(names, counts.tolist(), strict=True))
    if taxonomy.identity:
        taxonomy = identity_taxonomy(taxonomy, vocabulary, public=public)
    assigned, labels, notes = assign(taxonomy, vocabulary, kind, public=public)
    rules = words_of([assigned[name] for name in names], len(taxonomy.categories))
    found = CategorisedItems(taxonomy, names, rules, start, label, type_, vocabulary, labels, notes)
    found = replace(found, notes=(*notes, *containment_notes(*_sets(found, of_type), taxonomy, kind)))
    return found if public else without_private_labels(found)


def without_private_labels(found: CategorisedItems) -> CategorisedItems:
    """Return the same categories with pseudonyms for labels that no rule lists literally.

    A label that only a pattern matches, or that no rule knows, may be free text. A label in the config or a preset, or
    one that is itself a category, is published with the rules.
    """
    published = _listed_by_presets(found.taxonomy)
    hidden = [of for of in found.labels if not _is_listed(of) and of.label not in published]
    name_of = {of.label: pseudonym("label", number) for number, of in enumerate(hidden, start=1)}
    return replace(
        found,
        names=tuple(name_of.get(name, name) for name in found.names),
        vocabulary={name_of.get(name, name): n for name, n in found.vocabulary.items()},
        labels=tuple(replace(of, label=name_of.get(of.label, of.label)) for of in found.labels),
        notes=tuple(_renamed(note, name_of) for note in found.notes),
        hidden={name: label for label, name in name_of.items()},
    )


def _is_listed(label: LabelCount) -> bool:
    return label.rule == "match" or label.rule.startswith(("top ", "preset "))


def _listed_by_presets(taxonomy: Taxonomy) -> frozenset[str]:
    """Return the labels that presets list, since another preset may replace the taxonomy's own."""
    presets = known_presets() if taxonomy.preset is not None else ()
    return frozenset(label for name in presets for label in load_preset(name).rules)


def _renamed(note: Note, name_of: Mapping[str, str]) -> Note:
    """Return a note on a label with the label's pseudonym."""
    name = name_of.get(note.subject)
    if note.slug != "two_rules" or name is None:
        return note
    return replace(note, subject=name, message=note.message.replace(f'"{note.subject}"', f'"{name}"'))


def _sets(found: CategorisedItems, n: NDArray[np.float64]) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Return the distinct sets of categories (s, C) of items, and the number of items (s,) with each."""
    there = found.words.any(axis=1) & (n > 0)
    distinct, number = numbered(found.words[there])
    return members(distinct, len(found.taxonomy.categories)), np.bincount(number, n[there], len(distinct)).astype(
        np.float64
    )


_LEAST = 10
"""Minimum number of items of a category for a note."""

_FEW = 3
"""Maximum number of categories that together contain another."""

_FAR = 2.0
"""Minimum ratio of the share of a category's items in those categories to the share expected by chance."""

CONTAINED = 0.9
"""The minimum share of a category's items that are also in other categories, for a note."""

_CHUNK = 8192


def containment_notes(
    held: NDArray[np.bool_], n: NDArray[np.float64], taxonomy: Taxonomy, kind: str
) -> tuple[Note, ...]:
    """Return a note for each category of ten items or more that is contained in others.

    `held` (s, C) are the distinct sets of categories, and n (s,) the number of items with each. A category is contained
    if at most three others include the share `CONTAINED` of its items, and at least twice the share expected
    by chance. The expected share is the share of the items of the remaining categories that are also in these (or in
    it). If items have several labels at random, all categories share equally and none is contained.
    """
    if not len(held):
        return ()
    common = _common(held, n)
    notes = []
    for number, name in enumerate(taxonomy.categories):
        n_items = common[number, number]
        few = np.sort(np.delete(common[number], number))[-_FEW:].sum()
        if n_items >= _LEAST and few >= CONTAINED * n_items:
            others, n_also = _holders(held, n, number, CONTAINED * n_items)
            chance = _chance(held, n, number, others)
            if n_also >= CONTAINED * n_items and n_also >= _FAR * chance * n_items:
                names = _joined([taxonomy.categories[other] for other in others])
                notes.append(Note("contained", name, _message(kind, name, names, (n_also, n_items))))
    return tuple(notes)


def _common(held: NDArray[np.bool_], n: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the number of items in both of two categories (C, C), with their sizes on the diagonal."""
    total = np.zeros((held.shape[1], held.shape[1]))
    for start in range(0, len(n), _CHUNK):
        part = held[start : start + _CHUNK].astype(np.float64)
        total += portable.matmul(part.T, part * n[start : start + _CHUNK, None])
    return total


def _holders(held: NDArray[np.bool_], n: NDArray[np.float64], category: int, enough: float) -> tuple[list[int], float]:
    """Return the fewest categories, found greedily, with enough of a category's items, and the number of the items."""
    own = held[:, category]
    rest, left = held[own].copy(), n[own].copy()
    rest[:, category] = False
    others: list[int] = []
    while len(others) < _FEW and left.sum() > n[own].sum() - enough:
        others.append(int(np.argmax(portable.matmul(left, rest))))
        left[rest[:, others[-1]]] = 0
    return others, float(n[own].sum() - left.sum())


def _chance(held: NDArray[np.bool_], n: NDArray[np.float64], category: int, others: list[int]) -> float:
    """Return the share of the items of all other categories that have a further one among `others` and `category`.

    An item counts once for each of its categories except `category`. Items with many categories therefore weigh more,
    as they do in the category's own share.
    """
    size = held.sum(axis=1)
    size_but_own = size - held[:, category]
    n_among = held[:, [*others, category]].sum(axis=1)
    # One of these categories is a further category for all others of the item. Two are for every category of the item.
    sharing = np.where(n_among >= 2, size_but_own, np.where(n_among == 1, size - 1, 0))
    total = float(portable.matmul(n, size_but_own))
    return float(portable.matmul(n, sharing)) / total if total else 0.0


def _joined(names: list[str]) -> str:
    return " or ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def _message(kind: str, name: str, names: str, counts: tuple[float, float]) -> str:
    n_also, n_items = counts
    of = f"all {n_items:,.0f}" if n_also == n_items else f"{n_also:,.0f} of the {n_items:,.0f}"
    return f"{kind}: {of} items of {name} are also in {names}"


TEXTS = frozenset(
    {
        *("", "-", "--", ".", "?", "na", "n/a", "#n/a", "nan", "null", "missing", "no answer", "no response"),
        *(
            "not answered",
            "not stated",
            "not provided",
            "refused",
            "refusal",
            "prefer not to say",
            "prefer not to answer",
        ),
        *("rather not say", "i prefer not to say", "i prefer not to answer", "not asked"),
    }
)
"""Texts in lower case that mean that there is no answer."""

_NINES = re.compile(r"9{1,4}|9{0,2}[78]|88|77")
_BELOW_ZERO = re.compile(r"-(?:9{1,4}|9{0,2}[678]|88|77|1)")
_LONGEST_SCALE, _WIDEST_GAP = 12, 3
"""Maximum number of steps of a scale, and minimum distance of a code from its last step."""
_FEWEST, _MOST_SHARE, _TIMES_LARGER, _LARGEST_STEP = 2, 0.4, 2.0, 9
"""Minimum number of rows with a code, their maximum share, and how far a code is above measurements."""


def is_missing(text: str) -> bool:
    """Return whether a text means that there is no answer.

    >>> is_missing(" N/A "), is_missing("Don't know")
    (True, False)
    """
    return text.strip().casefold().replace("’", "'") in TEXTS


def missing_codes(numbers: Mapping[float, int]) -> tuple[float, ...]:
    """Return the values of a column of whole numbers that are codes of missing answers, given their numbers of rows.

    A scale has steps without a gap from 0 or 1 on, and codes are far above it. Measurements from 0 on have codes of
    nines that are at least twice the largest, or codes below zero.

    >>> missing_codes({1: 40, 2: 30, 3: 20, 9: 10}), missing_codes({1: 40, 2: 30, 3: 20, 4: 10})
    ((9,), ())
    """
    if any(value != int(value) for value in numbers):
        return ()
    below = [value for value in numbers if _BELOW_ZERO.fullmatch(str(int(value)))]
    if any(value < 0 for value in numbers if value not in below):
        below = []
    above = [value for value in numbers if _NINES.fullmatch(str(int(value)))]
    found = [value for value in [*below, *_above(numbers, above)] if numbers[value] >= _FEWEST]
    total, n = sum(numbers.values()), sum(numbers[value] for value in found)
    if not found or n > _MOST_SHARE * total or len(numbers) - len(found) < 2:
        return ()
    return tuple(sorted(found))


def _above(numbers: Mapping[float, int], codes: list[float]) -> list[float]:
    """Return the codes that are far above all other numbers."""
    for first in sorted(codes):
        chosen = [code for code in codes if code >= first]
        rest = sorted(n for n in numbers if n >= 0 and n not in chosen)
        if len(rest) < 2 or first <= rest[-1]:
            continue
        if len(rest) <= _LONGEST_SCALE and _is_scale(rest) and first >= rest[-1] + _WIDEST_GAP:
            return chosen
        is_measured = len(numbers) > _LONGEST_SCALE and all(set(str(int(code))) == {"9"} for code in chosen)
        if is_measured and first >= _TIMES_LARGER * rest[-1] and first > _LARGEST_STEP:
            return chosen
    return []


def _is_scale(rest: list[float]) -> bool:
    """Return whether numbers are the steps of a scale: from 1 on without a gap, or no more than 0, 1 and 2."""
    steps = all(b - a == 1 for a, b in pairwise(rest))
    return steps and (rest[0] == 1 or (rest[0] == 0 and len(rest) <= 3))
