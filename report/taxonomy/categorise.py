"""One row a (key, label) -> one row a (key, category), derived categories done, inside the engine.

Only the vocabulary and the distinct sets of categories come to Python.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import narwhals as nw

from ..errors import Note
from ..sources.engine import Engine, Frame
from .assign import assign
from .compile import Taxonomy, identity_taxonomy
from .containment import containment_notes
from .items import LabelCount
from .masks import mask, members_of, unmasked, word_names
from .vocabulary import count_labels


@dataclass(frozen=True, eq=False)
class Categorised:
    """Keys with their categories: `members` has one row a (`key`, `category`), kept in the engine.

    `taxonomy` is the one that was used: where labels are categories themselves it holds them. `pairs` has one
    row a (`key`, `label`) with `n`, the items that the key stands for, and `rules` one row a (`label`,
    `category`): with them categories can be worked out anew where labels or rules are otherwise. Both are kept.
    """

    taxonomy: Taxonomy
    pairs: Frame
    rules: Frame
    members: Frame
    vocabulary: Mapping[str, int]
    labels: tuple[LabelCount, ...]
    notes: tuple[Note, ...]
    n_keys: int = 0


def categorise(pairs: Frame, taxonomy: Taxonomy, engine: Engine, kind: str, n_keys: int = 0) -> Categorised:
    """Return the categories of keys from one row a (`key`, `label`) with `n`, the items that the key stands for.

    `pairs` is kept in the engine. Raises `DataError` where a label is in no category and the taxonomy forbids
    it.
    """
    vocabulary = count_labels(pairs, engine)
    if taxonomy.identity:
        named = identity_taxonomy(taxonomy.name, vocabulary, taxonomy.categories)
        taxonomy = replace(named, contained=taxonomy.contained)
    assigned = assign(taxonomy, vocabulary, kind)
    rules = [(label, category) for label, categories in assigned.rules.items() for category in categories]
    table = engine.load(
        {"label": [label for label, _ in rules], "category": [category for _, category in rules]}, ["category"]
    )
    members = engine.keep(pairs.join(table, on="label", how="inner").select("key", "n", "category").unique())
    members, sets = _derive(members, taxonomy, engine)
    notes = (*assigned.notes, *containment_notes(sets, taxonomy, kind))
    return Categorised(taxonomy, pairs, table, members, vocabulary, assigned.labels, notes, n_keys)


def _derive(members: Frame, taxonomy: Taxonomy, engine: Engine) -> tuple[Frame, dict[frozenset[int], int]]:
    """Return (`key`, `category`) after derived categories, and category set -> number of items."""
    if not taxonomy.categories:
        return members.select("key", "category"), {}
    words = word_names(len(taxonomy.categories))
    masks = mask(members, ["key", "n"], len(taxonomy.categories), engine)
    if taxonomy.derived:
        masks = engine.keep(masks)
    counted = engine.collect(masks.group_by(*words).agg(n=nw.col("n").sum().cast(nw.Int64)))
    found = _counts(counted[words].to_numpy(dtype=object).tolist(), counted["n"].tolist())
    after = {numbers: taxonomy.derive(members_of(numbers)) for numbers in found}
    sets: dict[frozenset[int], int] = {}
    for numbers, categories in after.items():
        sets[categories] = sets.get(categories, 0) + found[numbers]
    if not taxonomy.derived:
        return members.select("key", "category"), sets
    table = unmasked(after, words, engine)
    derived = engine.keep(masks.join(table, on=words, how="inner").select("key", "category"))
    for frame in (masks, members):
        engine.forget(frame)
    return derived, sets


def _counts(masks: Sequence[Sequence[int]], counts: Sequence[int]) -> dict[tuple[int, ...], int]:
    """Return masks -> number of items, in sorted order."""
    return dict(sorted((tuple(map(int, words)), int(n)) for words, n in zip(masks, counts, strict=True)))
