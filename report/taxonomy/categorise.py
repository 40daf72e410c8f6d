"""Who carries which label -> categories: items by the set of labels that they carry, as whole numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import Note
from .assign import assign
from .compile import Taxonomy, identity_taxonomy
from .containment import containment_notes
from .items import LabelCount
from .sets import Numbers, Words, derived, distinct_rows, members, numbered, table, turned, union, words_of


@dataclass(frozen=True, eq=False)
class Categorised:
    """Items, numbered from 0, with their labels and categories.

    Items that carry the same labels are of one type: `type` (a,) numbers those of the items. `names` are the labels,
    sorted, and type t carries label[start[t]:start[t + 1]], ascending; `rules` (l, W) are the categories that each
    label gives. `vocabulary` says how many items (records) carry each label, and `labels` what became of it, for
    people. `taxonomy` is the one that was used: where labels are categories themselves it holds them.
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

    @property
    def n_items(self) -> int:
        """How many items there are, those without a label among them."""
        return len(self.type)

    @property
    def n_types(self) -> int:
        """How many sets of labels items carry."""
        return len(self.start) - 1

    @cached_property
    def given(self) -> Words:
        """The categories that labels give the items of each type (t, W), before derived ones."""
        return union(self.rules, self.label, self.start)

    @cached_property
    def words(self) -> Words:
        """The categories of the items of each type (t, W)."""
        return derived(self.given, self.taxonomy)

    @cached_property
    def carriers(self) -> tuple[Numbers, NDArray[np.int32]]:
        """Which types carry each label, as a table: where those of each label begin (l + 1,), and the types."""
        return turned(self.start, self.label, len(self.names))

    def labels_of(self, item: int) -> tuple[str, ...]:
        """Return the labels of an item, sorted."""
        first, last = self.start[self.type[item] : self.type[item] + 2].tolist()
        return tuple(self.names[label] for label in self.label[first:last].tolist())


Types = tuple[Numbers, NDArray[np.int32], NDArray[np.int32]]
"""The labels of each type as a table (`start`, `label`), and the type of each item."""


def types_of(key: NDArray[Any], label: NDArray[Any], n_items: int) -> Types:
    """Return the types of items from pairs, in any order, of an item and the number of a label that it carries."""
    return distinct_rows(*table(key, label, n_items))


def united(parts: Sequence[Types]) -> Types:
    """Return the types of items that were read in parts, one after the other."""
    if len(parts) == 1:
        return parts[0]
    sizes = np.concatenate([[0], *(np.diff(start) for start, _, _ in parts)])
    start, label, number = distinct_rows(np.cumsum(sizes), np.concatenate([label for _, label, _ in parts]))
    before = np.cumsum([0, *(len(start) - 1 for start, _, _ in parts)])
    types = [number[first + own] for first, (_, _, own) in zip(before.tolist(), parts, strict=False)]
    return start, label, np.concatenate(types)


def categorise(
    types: Types, n: NDArray[np.integer], names: tuple[str, ...], taxonomy: Taxonomy, kind: str
) -> Categorised:
    """Return the categories of a different items, of which `n` (a,) says how many each stands for.

    `names` are the labels, sorted. Raises `DataError` where a label is in no category and the taxonomy forbids it.
    """
    start, label, type_ = types
    of_type = np.bincount(type_, n, len(start) - 1).astype(np.float64)
    counts = np.bincount(label, np.repeat(of_type, np.diff(start)), len(names)).astype(np.int64)
    vocabulary = dict(zip(names, counts.tolist(), strict=True))
    if taxonomy.identity:
        named = identity_taxonomy(taxonomy.name, vocabulary, taxonomy.categories)
        taxonomy = replace(named, contained=taxonomy.contained)
    assigned = assign(taxonomy, vocabulary, kind)
    rules = words_of([assigned.rules[name] for name in names], len(taxonomy.categories))
    found = Categorised(taxonomy, names, rules, start, label, type_, vocabulary, assigned.labels, assigned.notes)
    notes = containment_notes(*_sets(found, of_type), taxonomy, kind)
    return replace(found, notes=(*assigned.notes, *notes))


def _sets(found: Categorised, n: NDArray[np.float64]) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Return the distinct sets of categories (s, C) that items have, and how many items (s,) have each."""
    there = found.words.any(axis=1) & (n > 0)
    distinct, number = numbered(found.words[there])
    return members(distinct, len(found.taxonomy.categories)), np.bincount(number, n[there], len(distinct)).astype(
        np.float64
    )
