"""Contributors: per cell, the items, raw labels, strata and groups that carry most of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import narwhals as nw

from report.relations.meeting import ONE, count_rows

if TYPE_CHECKING:
    from report.relations.meeting import Meeting, MeetingSide
    from report.sources.engine import Engine, Frame

_SHOWN = 10
_PRIME = 2**31 - 1
_FACTOR = 1_103_515_245

By = Literal["item", "stratum", "group"]


@dataclass(frozen=True, slots=True)
class Contribution:
    """How much of a cell one contributor carries.

    `by` "item": an item of the side that is not the unit (a dataset, for unit `to`): `n_touching` units of
    the cell have it, `n_sole` have no other item of the row category, so would leave the cell without it.
    `by` "stratum" or "group": units of the cell at that level (touching and sole are the same).
    """

    row: str
    column: str
    by: By
    name: str
    n_touching: int
    n_sole: int


@dataclass(frozen=True, slots=True)
class ItemUse:
    """How many units of the population have one item."""

    name: str
    n_units: int


@dataclass(frozen=True, slots=True)
class Contributors:
    """Per cell up to ten contributors of each sort, largest sole count first, then touching, then name.

    `items` are the ten items that most units have; `n_item_sets` is how many distinct sets of items the
    units have, `n_largest_set` how many units share the commonest one (all None where units have no items,
    as with records).
    """

    cells: tuple[Contribution, ...]
    items: tuple[ItemUse, ...]
    n_item_sets: int | None
    n_largest_set: int | None

    def largest(self, row: str, column: str, by: By) -> Contribution | None:
        """Return the contributor that carries most of a cell, or None for an empty cell."""
        return next((c for c in self.cells if (c.row, c.column, c.by) == (row, column, by)), None)


def find_contributors(meeting: Meeting, engine: Engine) -> Contributors:
    """Return who carries each cell of a meeting, the items used most, and how many sets of items there are.

    Counts are units, never weights. Over a shared key no item is named (an item has one key, so it touches
    one unit), nor over records; over links by themselves the items are those at the row end, each sole.
    """
    crossings = engine.keep(_crossings(meeting))
    found: list[Contribution] = []
    items: tuple[ItemUse, ...] = ()
    n_item_sets = n_largest_set = None
    if meeting.carriers is not None:
        found += _ranked(meeting, "item", _by_item(meeting, engine), engine)
        side = meeting.rows if meeting.carriers == "rows" else meeting.columns
        held = engine.keep(side.uses.join(meeting.units.select("unit"), on="unit", how="semi"))
        items = _most_used(held, engine)
        n_item_sets, n_largest_set = count_sets(held, engine)
    if meeting.stratum_names:
        found += _ranked(meeting, "stratum", _by_level(crossings, "stratum"), engine)
    if meeting.grouped:
        found += _ranked(meeting, "group", _by_level(crossings, "group"), engine)
    return Contributors(tuple(found), items, n_item_sets, n_largest_set)


def _sets(side: MeetingSide, name: str) -> Frame:
    """Return the categories of each unit on a side, each once, as a column `name`."""
    return side.memberships().unique().select("unit", nw.col("category").alias(name))


def _crossings(meeting: Meeting) -> Frame:
    """Return the cells of each unit: `unit`, `row`, `column` with the unit's `n`, `stratum` and `group`."""
    columns = ["unit", "n", "stratum", *(["group"] if meeting.grouped else [])]
    rows, across = _sets(meeting.rows, "row"), _sets(meeting.columns, "column")
    return meeting.units.select(*columns).join(rows, on="unit").join(across, on="unit")


def _by_level(crossings: Frame, level: str) -> Frame:
    """Return how many units of each cell stand at each level: `row`, `column`, `name`, `touching`, `sole`."""
    counts = crossings.group_by("row", "column", level).agg(touching=nw.col("n").sum().cast(nw.Int64))
    return counts.select("row", "column", "touching", name=nw.col(level), sole=nw.col("touching"))


def _by_item(meeting: Meeting, engine: Engine) -> Frame:
    """Return how many units of each cell have each item: `row`, `column`, `name`, `touching`, `sole`.

    An item is a unit's only one of a category where the least and the greatest of them are one and the same.
    """
    rows_carry = meeting.carriers == "rows"
    side, other = (meeting.rows, meeting.columns) if rows_carry else (meeting.columns, meeting.rows)
    own, opposite = ("row", "column") if rows_carry else ("column", "row")
    held = side.uses.join(side.members, on="item").select("unit", "item", nw.col("category").alias(own))
    ends = held.group_by("unit", own).agg(low=nw.col("item").min(), high=nw.col("item").max())
    alone = ends.filter(nw.col("low") == nw.col("high")).select("unit", own, alone=ONE)
    marked = held.join(alone, on=["unit", own], how="left").with_columns(nw.col("alone").fill_null(0))
    counted = meeting.units.select("unit", "n").join(_sets(other, opposite), on="unit").join(marked, on="unit")
    return engine.keep(
        counted.group_by("row", "column", "item")
        .agg(
            touching=nw.col("n").sum().cast(nw.Int64),
            sole=(nw.col("n") * nw.col("alone")).sum().cast(nw.Int64),
        )
        .select("row", "column", "touching", "sole", name=nw.col("item"))
    )


def _ranked(meeting: Meeting, by: By, counts: Frame, engine: Engine) -> list[Contribution]:
    """Return the ten largest of each cell: by sole, then touching, then name; cells in row-major order."""
    place = nw.col("one").cum_sum().over("row", "column", order_by=["less_sole", "less_touching", "name"])
    ranked = (
        counts.with_columns(less_sole=-nw.col("sole"), less_touching=-nw.col("touching"), one=ONE)
        .with_columns(place=place)
        .filter(nw.col("place") <= _SHOWN)
        .select("row", "column", "name", "touching", "sole")
    )
    rows = [
        (int(r["row"]), int(r["column"]), -int(r["sole"]), -int(r["touching"]), str(r["name"]))
        for r in engine.collect(ranked).to_dict("records")
    ]
    return [
        Contribution(
            row=meeting.rows.categories[row],
            column=meeting.columns.categories[column],
            by=by,
            name=name,
            n_touching=-less_touching,
            n_sole=-less_sole,
        )
        for row, column, less_sole, less_touching, name in sorted(rows)
    ]


def _most_used(held: Frame, engine: Engine) -> tuple[ItemUse, ...]:
    """Return the ten items that most units have, then by name."""
    counts = held.group_by("item").agg(n_units=nw.len().cast(nw.Int64))
    largest = engine.collect(counts.sort("n_units", "item", descending=[True, False]).head(_SHOWN))
    uses = [ItemUse(str(r["item"]), int(r["n_units"])) for r in largest.to_dict("records")]
    return tuple(sorted(uses, key=lambda use: (-use.n_units, use.name)))


def count_sets(held: Frame, engine: Engine) -> tuple[int, int]:
    """Return how many distinct sets of items units have, and how many units share the commonest (0, 0 if none).

    `held` has one row a (`unit`, `item`). Exact on every engine, without lists: units are sorted into classes
    by size and two sums over numbered items, and each is then compared item by item with the first unit of
    its class. Those that differ from it, since sums may coincide, go another round among themselves.
    """
    numbers = held.select("item").unique().with_row_index("number", order_by="item")
    held = engine.keep(held.join(numbers, on="item").select("unit", number=nw.col("number").cast(nw.Int64)))
    scattered = (nw.col("number") * _FACTOR) % _PRIME
    squares = (scattered * scattered) % _PRIME
    sums = {"size": nw.len(), "plain": nw.col("number").sum(), "squares": squares.sum()}
    rest = engine.keep(held.group_by("unit").agg(**{name: total.cast(nw.Int64) for name, total in sums.items()}))
    n_sets = n_largest = 0
    while count_rows(rest, engine):
        firsts = rest.group_by(*sums).agg(first=nw.col("unit").min())
        classed = engine.keep(rest.join(firsts, on=list(sums)))
        of_first = held.join(classed.select("first").unique(), left_on="unit", right_on="first")
        of_first = of_first.select("number", first=nw.col("unit"))
        shared = classed.select("unit", "first").join(held, on="unit").join(of_first, on=["first", "number"])
        shared = shared.group_by("unit").agg(n_shared=nw.len().cast(nw.Int64))
        compared = engine.keep(
            classed.join(shared, on="unit", how="left").with_columns(nw.col("n_shared").fill_null(0))
        )
        same = compared.filter(nw.col("n_shared") == nw.col("size"))
        sizes = same.group_by("first").agg(n=nw.len().cast(nw.Int64))
        facts = engine.collect(sizes.select(n=nw.len().cast(nw.Int64), largest=nw.col("n").max())).iloc[0]
        n_sets += int(facts["n"])
        n_largest = max(n_largest, int(facts["largest"]))
        rest = engine.keep(compared.filter(nw.col("n_shared") != nw.col("size")).select("unit", *sums))
    return n_sets, n_largest
