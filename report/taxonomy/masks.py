"""Sets of categories as whole numbers: how they cross between the engine and Python.

A set is one number for each 62 categories, each the sum of distinct powers of two. Only distinct sets cross.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import narwhals as nw

from ..sources.engine import Engine, Frame

_BITS = 62


def word_names(n_categories: int) -> list[str]:
    """Return the names of the columns that hold a set of so many categories."""
    return [f"word_{number}" for number in range(-(-n_categories // _BITS))]


def mask(members: Frame, keys: Sequence[str], n_categories: int, engine: Engine) -> Frame:
    """Return one row for each distinct *keys with the set of its categories; no (*keys, `category`) may repeat."""
    numbers = range(n_categories)
    words = word_names(n_categories)
    bits = engine.load(
        {
            "category": list(numbers),
            **{
                word: [1 << c % _BITS if c // _BITS == place else 0 for c in numbers]
                for place, word in enumerate(words)
            },
        },
        ["category", *words],
    )
    summed = {word: nw.col(word).sum().cast(nw.Int64) for word in words}
    return members.join(bits, on="category", how="inner").group_by(*keys).agg(**summed)


def members_of(words: Sequence[int]) -> frozenset[int]:
    """Return the categories whose bits are set.

    >>> sorted(members_of([5, 1]))
    [0, 2, 62]
    """
    return frozenset(
        number * _BITS + bit for number, word in enumerate(words) for bit in range(_BITS) if word >> bit & 1
    )


def unmasked(sets: Mapping[tuple[int, ...], frozenset[int]], columns: Sequence[str], engine: Engine) -> Frame:
    """Return one row a (*columns, `category`) of what numbers, in the order of `columns`, stand for."""
    rows = [(numbers, category) for numbers, categories in sets.items() for category in sorted(categories)]
    values = {column: [numbers[place] for numbers, _ in rows] for place, column in enumerate(columns)}
    return engine.load({**values, "category": [category for _, category in rows]}, [*columns, "category"])


def distinct(frame: Frame, columns: Sequence[str], engine: Engine) -> list[tuple[int, ...]]:
    """Return the distinct rows of columns of whole numbers, sorted."""
    found = engine.collect(frame.select(*columns).unique())
    return sorted(tuple(map(int, row)) for row in found[list(columns)].to_numpy(dtype=object).tolist())
