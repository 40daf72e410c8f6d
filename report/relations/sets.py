"""The sets of categories that units have, as masks in whole numbers, and how they are made in the engine."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import narwhals as nw
import numpy as np

from .meeting import column_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from ..sources.engine import Engine, Frame
    from .meeting import Meeting, MeetingSide

SIDES = ("row", "column")
"""What the words of each side begin with."""

WORD = 62
"""Categories in one word of a mask: a sum of distinct powers of two then stays within 64 bits."""


def words(name: str, n_categories: int) -> list[str]:
    """Return the names of the words that hold a mask of so many categories."""
    return [f"{name}_{word}" for word in range(-(-n_categories // WORD))]


def with_masks(meeting: Meeting, engine: Engine) -> Meeting:
    """Return the meeting with the masks of its units kept beside them: most of what is counted needs them."""
    if meeting.unfiltered is None:
        return replace(meeting, units=engine.keep(masked_units(meeting.units, meeting)))
    unfiltered = engine.keep(masked_units(meeting.unfiltered, meeting))
    units = unfiltered.join(meeting.units.select("unit"), on="unit", how="semi")
    return replace(meeting, units=engine.keep(units), unfiltered=unfiltered)


def masked_units(units: Frame, meeting: Meeting) -> Frame:
    """Return units of a meeting with the masks of both sides."""
    for name, side in zip(SIDES, (meeting.rows, meeting.columns), strict=True):
        units = masked(units, side, words(name, len(side.categories)))
    return units


def masked(units: Frame, side: MeetingSide, side_words: Sequence[str]) -> Frame:
    """Return the units with the mask of their categories on one side, in words; 0 where there are none.

    Units that have their masks already (`with_masks`) are returned as they are.
    """
    if set(side_words) <= set(column_names(units)):
        return units
    if side.single:
        masks = masks_by(side.members, ["item"], side_words, len(side.categories))
        masks = side.uses.join(masks, on="item").select("unit", *side_words)
    else:
        masks = masks_by(side.memberships(), ["unit"], side_words, len(side.categories))
    return units.join(masks, on="unit", how="left").with_columns(nw.col(word).fill_null(0) for word in side_words)


def masks_by(memberships: Frame, keys: Sequence[str], side_words: Sequence[str], n_categories: int) -> Frame:
    """Return the mask in words of the categories (`category`, rows may repeat) that stand with each key.

    One `max` per category needs no distinct pairs first, which on large data takes the most memory.
    """
    zero = nw.lit(0, dtype=nw.Int64)
    bits = [
        nw.when(nw.col("category") == category)
        .then(nw.lit(2 ** (category % WORD), dtype=nw.Int64))
        .otherwise(zero)
        .max()
        .alias(f"bit_{category}")
        for category in range(n_categories)
    ]
    summed = {
        word: nw.sum_horizontal(*(f"bit_{c}" for c in range(i * WORD, min((i + 1) * WORD, n_categories))))
        for i, word in enumerate(side_words)
    }
    return memberships.group_by(*keys).agg(*bits).select(*keys, **summed)


def in_none(side_words: Sequence[str]) -> nw.Expr:
    """Return whether a mask is that of no category; it is where a side has none at all."""
    if not side_words:
        return nw.lit(value=True)
    return nw.all_horizontal(*(nw.col(word) == 0 for word in side_words), ignore_nulls=True)


def categories_of(units: Frame, name: str, n_categories: int, engine: Engine) -> Frame:
    """Return the categories of each mask that units have on side `name`, which has some: its words and `category`.

    A bit is told by the remainder, which every engine works out in whole numbers.
    """
    side_words = words(name, n_categories)
    sets = engine.keep(units.select(*side_words).unique())
    parts = []
    for place, word in enumerate(side_words):
        categories = range(place * WORD, min((place + 1) * WORD, n_categories))
        columns = {"category": list(categories), "bit": [1 << c % WORD for c in categories]}
        bits = engine.load({**columns, "twice": [2 * bit for bit in columns["bit"]]}, ["category", "bit", "twice"])
        held = sets.join(bits, how="cross").filter(nw.col(word) % nw.col("twice") >= nw.col("bit"))
        parts.append(held.select(*side_words, "category"))
    return nw.concat(parts)


def sets_of(table: pd.DataFrame, side_words: Sequence[str], n_categories: int) -> NDArray[np.bool_]:
    """Return the masks of p patterns as booleans (p, n_categories)."""
    masks = {word: table[word].to_numpy(np.int64) for word in side_words}
    sets = np.empty((len(table), n_categories), dtype=np.bool_)
    for category in range(n_categories):
        word, bit = divmod(category, WORD)
        sets[:, category] = masks[side_words[word]] & (1 << bit)
    return sets
