"""A meeting -> who carries each of its cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw

from ..relations.meeting import ONE
from ..relations.sets import SIDES, categories_of, masked_units, words
from .contribution import Contribution, Contributors, ItemUse
from .item_sets import count_sets
from .labels import label_counts

if TYPE_CHECKING:
    from ..relations.meeting import Meeting, MeetingSide
    from ..sources.engine import Engine, Frame
    from .contribution import By

_SHOWN = 10
_MANY = 100_000
"""Contributors of one sort that cells have in all."""


def find_contributors(meeting: Meeting, engine: Engine) -> Contributors:
    """Return who carries each cell of a meeting, the items used most, and how many sets of items there are.

    Counts are units, never weights. Labels are named wherever items were read with theirs. Over a shared key no
    item is named (an item has one key, so it touches one unit), nor over records; over links by themselves the
    items are those at the row end, each sole.
    """
    crossings = engine.keep(_crossings(meeting, engine))
    found: list[Contribution] = []
    items: tuple[ItemUse, ...] = ()
    n_item_sets = n_largest_set = None
    if meeting.carriers is not None:
        side = meeting.rows if meeting.carriers == "rows" else meeting.columns
        found += _ranked(meeting, "item", _by_item(meeting, crossings), engine, side)
        held = engine.keep(side.uses.join(meeting.units.select("unit"), on="unit", how="semi"))
        items = _most_used(held, side, engine)
        n_item_sets, n_largest_set = count_sets(held, engine)
    for own, side in (("row", meeting.rows), ("column", meeting.columns)):
        labels = label_counts(side, meeting.units, engine)
        if labels is not None:
            found += _ranked(meeting, "label", _by_label(crossings, own, labels), engine, side)
    if meeting.stratum_names:
        found += _ranked(meeting, "stratum", _by_level(crossings, "stratum"), engine)
    if meeting.grouped:
        found += _ranked(meeting, "group", _by_level(crossings, "group"), engine)
    return Contributors(tuple(found), items, n_item_sets, n_largest_set)


def _crossings(meeting: Meeting, engine: Engine) -> Frame:
    """Return the cells of each unit: `unit`, `row`, `column` with the unit's `n`, `stratum` and `group`."""
    columns = ["unit", "n", "stratum", *(["group"] if meeting.grouped else [])]
    found = masked_units(meeting.units, meeting)
    for name, side in zip(SIDES, (meeting.rows, meeting.columns), strict=True):
        if not side.categories:
            none = {one: nw.lit(0, dtype=nw.Int64) for one in SIDES}
            return meeting.units.select(*columns, **none).head(0)
        held = categories_of(found, name, len(side.categories), engine)
        found = found.join(held, on=words(name, len(side.categories))).rename({"category": name})
    return found.select(*columns, *SIDES)


def _by_level(crossings: Frame, level: str) -> Frame:
    """Return how many units of each cell stand at each level: `row`, `column`, `name`, `touching`, `sole`."""
    counts = crossings.group_by("row", "column", level).agg(touching=nw.col("n").sum().cast(nw.Int64))
    return counts.select("row", "column", "touching", name=nw.col(level), sole=nw.col("touching"))


def _by_item(meeting: Meeting, crossings: Frame) -> Frame:
    """Return how many units of each cell have each item: `row`, `column`, `name`, `touching`, `sole`.

    An item is a unit's only one of a category where the least and the greatest of them are one and the same.
    """
    own, side = ("row", meeting.rows) if meeting.carriers == "rows" else ("column", meeting.columns)
    held = side.uses.join(side.members, on="item").select("unit", "item", nw.col("category").alias(own))
    ends = held.group_by("unit", own).agg(low=nw.col("item").min(), high=nw.col("item").max())
    alone = ends.filter(nw.col("low") == nw.col("high")).select("unit", own, alone=ONE)
    marked = held.join(alone, on=["unit", own], how="left").with_columns(nw.col("alone").fill_null(0))
    return _counted(crossings.join(marked, on=["unit", own]), "item")


def _by_label(crossings: Frame, own: str, labels: Frame) -> Frame:
    """Return how many units of each cell have each label of one side: `row`, `column`, `name`, `touching`, `sole`."""
    theirs = labels.select("unit", "name", "alone", nw.col("category").alias(own))
    return _counted(crossings.join(theirs, on=["unit", own]), "name")


def _counted(crossings: Frame, name: str) -> Frame:
    """Return `touching` and `sole` of each `row`, `column` and name."""
    counts = crossings.group_by("row", "column", name).agg(
        touching=nw.col("n").sum().cast(nw.Int64),
        sole=(nw.col("n") * nw.col("alone")).sum().cast(nw.Int64),
    )
    return counts.select("row", "column", "touching", "sole", name=nw.col(name))


def _ranked(
    meeting: Meeting, by: By, counts: Frame, engine: Engine, side: MeetingSide | None = None
) -> list[Contribution]:
    """Return the ten largest of each cell: by sole, then touching, then name; cells in row-major order.

    The `name` of an item is its number, which is in the order of names; it is called by name in the end.
    """
    n_cells = len(meeting.rows.categories) * len(meeting.columns.categories)
    shown = min(_SHOWN, max(1, _MANY // max(1, n_cells)))
    place = nw.col("one").cum_sum().over("row", "column", order_by=["less_sole", "less_touching", "name"])
    ranked = (
        counts.with_columns(less_sole=-nw.col("sole"), less_touching=-nw.col("touching"), one=ONE)
        .with_columns(place=place)
        .filter(nw.col("place") <= shown)
        .select("row", "column", "less_sole", "less_touching", "name")
    )
    if side is not None and by == "item":
        ranked = side.named(ranked.rename({"name": "item"}))
    table = engine.collect(ranked)
    numbers = [table[column].tolist() for column in ("row", "column", "less_sole", "less_touching")]
    rows = sorted(zip(*numbers, table["name"].astype(str).tolist(), strict=True))
    return [
        Contribution(
            row=meeting.rows.categories[row],
            column=meeting.columns.categories[column],
            by=by,
            name=name,
            n_touching=-less_touching,
            n_sole=-less_sole,
            side=None if side is None else side.name,
        )
        for row, column, less_sole, less_touching, name in rows
    ]


def _most_used(held: Frame, side: MeetingSide, engine: Engine) -> tuple[ItemUse, ...]:
    """Return the ten items that most units have, then by name."""
    counts = held.group_by("item").agg(n_units=nw.len().cast(nw.Int64))
    largest = engine.collect(side.named(counts.sort("n_units", "item", descending=[True, False]).head(_SHOWN)))
    uses = [ItemUse(str(r["name"]), int(r["n_units"])) for r in largest.to_dict("records")]
    return tuple(sorted(uses, key=lambda use: (-use.n_units, use.name)))
