"""Labels of items -> their categories: the engine hands over who carries which label, all else is sets of numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..errors import Note
from ..sources.engine import Engine, Frame
from .assign import assign
from .compile import Taxonomy, identity_taxonomy
from .containment import containment_notes
from .items import LabelCount
from .sets import Numbers, Words, derived, members, numbered, table, turned, union, words_of
from .vocabulary import count_labels


@dataclass(frozen=True, eq=False)
class Categorised:
    """Items, numbered from 0, with their labels and categories.

    `names` are the labels, sorted, and item i carries label[start[i]:start[i + 1]], ascending; `rules` (l, W) are the
    categories that each label gives. `vocabulary` says how many items (records) carry each label, and `labels` what
    became of it, for people. `taxonomy` is the one that was used: where labels are categories themselves it holds them.
    """

    taxonomy: Taxonomy
    names: tuple[str, ...]
    rules: Words
    start: Numbers
    label: NDArray[np.int32]
    vocabulary: Mapping[str, int]
    labels: tuple[LabelCount, ...]
    notes: tuple[Note, ...]

    @property
    def n_items(self) -> int:
        """How many items there are, those without a label among them."""
        return len(self.start) - 1

    @cached_property
    def given(self) -> Words:
        """The categories that labels give each item (a, W), before derived ones."""
        return union(self.rules, self.label, self.start)

    @cached_property
    def words(self) -> Words:
        """The categories of each item (a, W)."""
        return derived(self.given, self.taxonomy)

    @cached_property
    def carriers(self) -> tuple[Numbers, NDArray[np.int32]]:
        """Which items carry each label, as a table: where those of each label begin (l + 1,), and the items."""
        return turned(self.start, self.label, len(self.names))


def categorise(pairs: Frame, taxonomy: Taxonomy, engine: Engine, kind: str, n_items: int) -> Categorised:
    """Return the categories of items from one row a (`key`, `label`) with `n`, the items that a key stands for.

    Keys number the `n_items` different items; `pairs` is kept in the engine. Raises `DataError` where a label is in no
    category and the taxonomy forbids it.
    """
    vocabulary = count_labels(pairs, engine)
    if taxonomy.identity:
        named = identity_taxonomy(taxonomy.name, vocabulary, taxonomy.categories)
        taxonomy = replace(named, contained=taxonomy.contained)
    assigned = assign(taxonomy, vocabulary, kind)
    names = tuple(vocabulary)
    numbers = engine.load({"label": names, "number": range(len(names))}, ["number"])
    carried = engine.collect(pairs.join(numbers, on="label").select("key", "number", "n"))
    key = carried["key"].to_numpy(np.int64)
    start, label = table(key, carried["number"].to_numpy(np.int64), n_items)
    rules = words_of([assigned.rules[name] for name in names], len(taxonomy.categories))
    found = Categorised(taxonomy, names, rules, start, label, vocabulary, assigned.labels, assigned.notes)
    n = np.zeros(n_items, dtype=np.int64)
    n[key] = carried["n"].to_numpy(np.int64)
    notes = containment_notes(*_sets(found, n), taxonomy, kind)
    return replace(found, notes=(*assigned.notes, *notes))


def _sets(found: Categorised, n: Numbers) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Return the distinct sets of categories (s, C) that items have, and how many items (s,) have each."""
    there = found.words.any(axis=1)
    distinct, number = numbered(found.words[there])
    return members(distinct, len(found.taxonomy.categories)), np.bincount(number, n[there], len(distinct)).astype(
        np.float64
    )
