"""A meeting: a declared relation as engine tables, before anything is counted.

Every form of relation (links, shared key, records) comes down to the same three tables: the units with
their stratum, group and weight, and for each side which items a unit has. Categories come in through the
items, so what counts need not know which form it counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from ..cells import Kind, Tally
from ..errors import Note
from ..sources.engine import Engine, Frame
from ..taxonomy import LabelCount
from ..taxonomy.sets import Numbers
from . import RelationSettings, SideTerms, Terms
from .items import NUMBER, Items


@dataclass(frozen=True, eq=False)
class Declared:
    """A declared relation by its name, the engine that reads its tables, and the folder that their paths start from."""

    name: str
    relation: RelationSettings
    engine: Engine
    base: Path

    @property
    def place(self) -> str:
        """Where it stands in the config, as messages begin."""
        return f"relations.{self.name}"


ONE = nw.lit(1, dtype=nw.Int64)
"""The whole number 1, of the one integer type that every engine sums alike."""


@dataclass(frozen=True, eq=False, kw_only=True)
class MeetingSide(SideTerms):
    """One side of a relation: the items that could take part and those that each unit has.

    `names` has one row an `item` (unique, the place in the order of names) with its `name` (text: an id, or what a
    record's field holds). `uses` has one row a (`unit`, `item`), some perhaps twice: what the units of the population
    have on this side; it may be wider than the population, so it is always met with `Meeting.units`. None where each
    unit is itself the item that it has there.

    `among` has the `item` of those that could take part, where not all could; `years` (a,) the year of each, as in
    `Items`, where these are dated. `counted` (a,) is how many records hold each text; of an entity each item is one.
    `weights` has the `weight` of each `item` that is in a link, as a whole number, where its entity has weights.
    """

    names: Frame
    uses: Frame | None
    among: Frame | None = None
    years: NDArray[np.int32] | None = None
    counted: Numbers | None = None
    weights: Frame | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class Meeting(Terms):
    """A relation in the engine. `rows` is `from`, the first shared entity, or the rows of records.

    `units` has one row a unit of the population: `unit` (a key: the number of an item or of a record, of both items
    of a link, or the text of a shared key), `n` (how many units the row stands for: 1,
    but for records, where it counts equal records), `stratum` (text, "" without strata), `group` (text,
    where `grouped`), `weight` (whole number, where `weight_scale` is not None: the weight times the scale) and
    `date` (text as it stands in the data, where the relation is dated). `unresolved` has one row a link that does not
    resolve: `from` and `to` are the names that no item has, absent where one has it.
    `uncounted` has the units that could count and lack a label on a side, where the relation is dated: `date`, `rows`
    and `columns` (the item on each side, absent where there is none), `group` (text, where it is known) and `n`.
    None where it is not dated.
    `labels` are the raw labels of records, of both sides (those of entities stand with their `Items`). `tally` is what
    rows of records stand for, where that is several.
    """

    rows: MeetingSide
    columns: MeetingSide
    units: Frame
    unresolved: Frame | None = None
    uncounted: Frame | None = None
    labels: tuple[LabelCount, ...] = ()
    notes: tuple[Note, ...] = ()
    keys: Frame | None = None
    tally: Tally | None = None


def entity_side(
    items: Items,
    kind: Kind,
    uses: Frame | None,
    among: Frame | None = None,
    weights: tuple[Frame | None, int | None] = (None, None),
) -> MeetingSide:
    """Return the side where the items of an entity stand, as `kind`; only those `among` some where given."""
    item = nw.col(NUMBER).alias("item")
    return MeetingSide(
        kind=kind,
        names=items.items.select(item, nw.col("id").alias("name")),
        uses=uses,
        entity=items.name,
        found=items.found,
        among=among,
        years=items.years,
        private=items.private,
        weights=weights[0],
        weight_scale=weights[1],
    )


def column_names(frame: Frame) -> Sequence[str]:
    """Return the names of a lazy frame's columns."""
    return frame.collect_schema().names()
