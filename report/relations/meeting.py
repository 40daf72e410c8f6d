"""A meeting: a declared relation as engine tables, before anything is counted.

Every form of relation (links, shared key, records) comes down to the same three tables: the units with
their stratum, group and weight, and for each side which items a unit has. Categories come in through the
items, so what counts need not know which form it counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from ..cells import Kind, Tally, Unit
from ..errors import Note
from ..sources.engine import Engine, Frame
from ..taxonomy import LabelCount
from ..taxonomy.categorise import Categorised
from ..taxonomy.sets import Numbers
from . import RelationSettings
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


@dataclass(frozen=True, eq=False)
class MeetingSide:
    """One side of a relation: its kind, the items that could take part and those that each unit has.

    `names` has one row an `item` (unique, the place in the order of names) with its `name` (text: an id, or what a
    record's field holds). `uses` has one row a (`unit`, `item`), some perhaps twice: what the units of the population
    have on this side; it may be wider than the population, so it is always met with `Meeting.units`. None where each
    unit is itself the item that it has there.

    `among` has the `item` of those that could take part, where not all could; `years` (a,) the year of each, as in
    `Items`, where these are dated. `counted` (a,) is how many records hold each text, and `n_nameless` how many left
    the field empty; of an entity each item is one. `entity` is what the items are: one entity may stand on both sides.
    `found` has their labels and categories. `weights` has the `weight` of each `item` that is in a link, as a whole
    number, where its entity has weights: it counts where the item is the unit.
    """

    kind: Kind
    names: Frame
    uses: Frame | None
    entity: str
    found: Categorised
    among: Frame | None = None
    years: NDArray[np.int32] | None = None
    counted: Numbers | None = None
    n_nameless: int = 0
    weights: Frame | None = None
    weight_scale: int | None = None

    @property
    def name(self) -> str:
        """What panels call the side."""
        return self.kind.name

    @property
    def taxonomy(self) -> str:
        """The name of the taxonomy of its items."""
        return self.found.taxonomy.name


@dataclass(frozen=True, eq=False)
class Meeting:
    """A relation in the engine. `rows` is `from`, the first shared entity, or the rows of records.

    `units` has one row a unit of the population: `unit` (a key: the number of an item or of a record, of both items
    of a link, or the text of a shared key), `n` (how many units the row stands for: 1,
    but for records, where it counts equal records), `stratum` (text, "" without strata), `group` (text,
    where `grouped`), `weight` (whole number, where `weight_scale` is not None: the weight times the scale) and
    `date` (text as it stands in the data, where the relation is dated). `carriers` is the side whose items can be
    named as carrying a cell, None where no item can (a shared key: an item has one key; a record: its labels are
    its own).

    `n_resolved` distinct links find an item at both ends (records: carry labels on both sides), `n_unresolved` do not;
    both are 0 for a shared key, and `n_resolved` is None where the uses of units tell. `n_candidates` is how many units
    could count (None: as many as there are links); of items, `n_named` of these have a link at all, to whatever name
    (None: no items are counted). Of an entity that is linked to itself only those could count, and `n_itself` links
    lead from an item to itself. `unresolved` has one row a link that does not resolve: `from` and
    `to` are the names that no item has, absent where one has it.
    `labels` are the raw labels of records, of both sides (those of entities stand with their `Items`).
    `counts` is what makes a unit count: items on "both" sides, on "either", or a category on both ("labelled"), which
    is asked once categories are counted. `tally` is what rows of records stand for, where that is several.
    """

    relation: str
    unit: Unit
    rows: MeetingSide
    columns: MeetingSide
    units: Frame
    group_names: tuple[str, ...] = ()
    stratum_names: tuple[str, ...] = ()
    weight_scale: int | None = None
    fractional: bool = False
    trivial_diagonal: bool = False
    carriers: Literal["rows", "columns"] | None = None
    n_resolved: int | None = 0
    n_unresolved: int = 0
    n_candidates: int | None = None
    unresolved: Frame | None = None
    n_named: int | None = None
    n_itself: int = 0
    labels: tuple[LabelCount, ...] = ()
    notes: tuple[Note, ...] = ()
    counts: Literal["both", "either", "labelled"] = "both"
    keys: Frame | None = None
    tally: Tally | None = None

    @property
    def grouped(self) -> bool:
        """Whether units come in groups."""
        return bool(self.group_names)


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
        weights=weights[0],
        weight_scale=weights[1],
    )


def column_names(frame: Frame) -> Sequence[str]:
    """Return the names of a lazy frame's columns."""
    return frame.collect_schema().names()
