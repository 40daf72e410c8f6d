"""Labels of items -> categories: items grouped by their set of labels, as whole numbers.

Also containment: categories whose items are nearly all in one or a few others, so that apparent mismatches are the same
items.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import portable
from ..errors import DataError, Note, listed
from ..pseudonyms import HIDDEN_IN_LOGS, may_quote, pseudonym
from ..sources.text import found_in
from . import LabelCount, Taxonomy, identity_taxonomy, known_presets, load_preset
from .sets import (
    Numbers,
    Words,
    derived,
    distinct_rows,
    members,
    numbered,
    rows_of_values,
    turned,
    union,
    words_of,
)

_NAMED = 10


@dataclass(frozen=True)
class Assignment:
    """The categories that rules assign to a vocabulary.

    `rules`: label -> categories (ascending indices, or empty if no rule knows the label). `labels` lists the same for
    readers, by decreasing number of items, then by label.
    """

    rules: Mapping[str, tuple[int, ...]]
    labels: tuple[LabelCount, ...]
    notes: tuple[Note, ...]


def assign(taxonomy: Taxonomy, vocabulary: Mapping[str, int], kind: str, *, public: bool = True) -> Assignment:
    """Assign categories to each label of a kind, given label -> number of items as `vocabulary`.

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
    return Assignment(rules, labels, tuple(notes))


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
    assigned = assign(taxonomy, vocabulary, kind, public=public)
    rules = words_of([assigned.rules[name] for name in names], len(taxonomy.categories))
    found = CategorisedItems(taxonomy, names, rules, start, label, type_, vocabulary, assigned.labels, assigned.notes)
    notes = containment_notes(*_sets(found, of_type), taxonomy, kind)
    found = replace(found, notes=(*assigned.notes, *notes))
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
