"""One row a (key, label) -> one row a (key, category), derived categories done, inside the engine.

Only the vocabulary and the distinct sets of categories come to Python. A set crosses as whole numbers, one
for each 62 categories, each the sum of distinct powers of two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import narwhals as nw

from report.errors import Note
from report.sources.engine import Engine, Frame
from report.taxonomy.assign import assign
from report.taxonomy.compile import Taxonomy, identity_taxonomy
from report.taxonomy.items import LabelCount
from report.taxonomy.vocabulary import count_labels

_BITS = 62
_CONTAINED = 0.9
_LEAST = 10


@dataclass(frozen=True, eq=False)
class Categorised:
    """Keys with their categories: `members` has one row a (`key`, `category`), kept in the engine.

    `taxonomy` is the one that was used: where labels are categories themselves it holds them.
    """

    taxonomy: Taxonomy
    members: Frame
    vocabulary: Mapping[str, int]
    labels: tuple[LabelCount, ...]
    notes: tuple[Note, ...]


def categorise(pairs: Frame, taxonomy: Taxonomy, engine: Engine, kind: str) -> Categorised:
    """Return the categories of keys from one row a (`key`, `label`) with `n`, the items that the key stands for.

    `pairs` is kept in the engine. Raises `DataError` where a label is in no category and the taxonomy forbids
    it.
    """
    vocabulary = count_labels(pairs, engine)
    if taxonomy.identity:
        taxonomy = identity_taxonomy(taxonomy.name, vocabulary, taxonomy.categories)
    assigned = assign(taxonomy, vocabulary, kind)
    rules = [(label, category) for label, categories in assigned.rules.items() for category in categories]
    table = engine.load(
        {"label": [label for label, _ in rules], "category": [category for _, category in rules]}, ["category"]
    )
    members = engine.keep(pairs.join(table, on="label", how="inner").select("key", "n", "category").unique())
    members, sets = _derive(members, taxonomy, engine)
    notes = (*assigned.notes, *_contained(sets, taxonomy, kind))
    return Categorised(taxonomy, members, vocabulary, assigned.labels, notes)


def _derive(members: Frame, taxonomy: Taxonomy, engine: Engine) -> tuple[Frame, dict[frozenset[int], int]]:
    """Return (`key`, `category`) after derived categories, and category set -> number of items."""
    if not taxonomy.categories:
        return members.select("key", "category"), {}
    n_words = -(-len(taxonomy.categories) // _BITS)
    words = [f"word_{number}" for number in range(n_words)]
    bits = engine.load(
        {
            "category": list(range(len(taxonomy.categories))),
            **{
                word: [1 << c % _BITS if c // _BITS == number else 0 for c in range(len(taxonomy.categories))]
                for number, word in enumerate(words)
            },
        },
        ["category", *words],
    )
    summed = {word: nw.col(word).sum().cast(nw.Int64) for word in words}
    masks = members.join(bits, on="category", how="inner").group_by("key", "n").agg(**summed)
    if taxonomy.derived:
        masks = engine.keep(masks)
    counted = engine.collect(masks.group_by(*words).agg(n=nw.col("n").sum().cast(nw.Int64)))
    found = _sets(counted[words].to_numpy(dtype=object).tolist(), counted["n"].tolist())
    after = {masks_: taxonomy.derive(_members(masks_)) for masks_ in found}
    sets: dict[frozenset[int], int] = {}
    for masks_, categories in after.items():
        sets[categories] = sets.get(categories, 0) + found[masks_]
    if not taxonomy.derived:
        return members.select("key", "category"), sets
    table = _table(after, words, engine)
    return engine.keep(masks.join(table, on=words, how="inner").select("key", "category")), sets


def _sets(masks: Sequence[Sequence[int]], counts: Sequence[int]) -> dict[tuple[int, ...], int]:
    """Return masks -> number of items, in sorted order."""
    return dict(sorted((tuple(map(int, words)), int(n)) for words, n in zip(masks, counts, strict=True)))


def _members(words: Sequence[int]) -> frozenset[int]:
    """Return the categories whose bits are set.

    >>> sorted(_members([5, 1]))
    [0, 2, 62]
    """
    return frozenset(
        number * _BITS + bit for number, word in enumerate(words) for bit in range(_BITS) if word >> bit & 1
    )


def _table(after: Mapping[tuple[int, ...], frozenset[int]], words: Sequence[str], engine: Engine) -> Frame:
    """Return one row a (mask, category) of the sets after derived categories."""
    rows = [(masks, category) for masks, categories in after.items() for category in sorted(categories)]
    columns = {word: [masks[number] for masks, _ in rows] for number, word in enumerate(words)}
    return engine.load({**columns, "category": [category for _, category in rows]}, [*words, "category"])


def _contained(sets: Mapping[frozenset[int], int], taxonomy: Taxonomy, kind: str) -> tuple[Note, ...]:
    """Return a note for each category of ten items or more of which nine in ten are in other categories too."""
    notes = []
    for number, name in enumerate(taxonomy.categories):
        n_items = sum(n for categories, n in sets.items() if number in categories)
        n_also = sum(n for categories, n in sets.items() if number in categories and len(categories) > 1)
        if n_items >= _LEAST and n_also >= _CONTAINED * n_items:
            message = (
                f"{kind}: {n_also:,} of the {n_items:,} items of {name} are in other categories too; what it has in "
                "common with them is mostly these same items"
            )
            notes.append(Note("contained", name, message))
    return tuple(notes)
