"""A joined relation: a declared relation as engine tables, before anything is counted.

Every form of relation (links, shared key, records) is reduced to the same three tables: the units with their stratum,
group and weight, and for each side the items of each unit. Categories come from the items, so counting does not depend
on the form.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from ..cells import Kind, Tally
from ..errors import Note
from ..sources.engine import Engine, Frame
from ..taxonomy import LabelCount
from ..taxonomy.categorise import Numbers
from . import PrivateName, RelationSettings, SideTerms, Terms
from .items import NUMBER, Items


@dataclass(frozen=True, eq=False)
class DeclaredRelation:
    """A declared relation with its name, the engine that reads its tables, and the base folder of their paths.

    `public` lists which of records, keys, group and strata may be published.
    """

    name: str
    relation: RelationSettings
    engine: Engine
    base: Path
    public: Collection[str] = ("strata",)

    @property
    def private_levels(self) -> frozenset[PrivateName]:
        """Which of groups and strata have private names."""
        names = set[PrivateName]()
        if self.relation.group and "group" not in self.public:
            names.add("group")
        if self.relation.strata and "strata" not in self.public:
            names.add("stratum")
        return frozenset(names)

    @property
    def place(self) -> str:
        """The config key that begins messages."""
        return f"relations.{self.name}"


ONE = nw.lit(1, dtype=nw.Int64)
"""The whole number 1, in the one integer type that every engine sums in the same way."""


@dataclass(frozen=True, eq=False, kw_only=True)
class JoinedSide(SideTerms):
    """One side of a relation: the items that could take part and the items of each unit.

    `names` has one row per `item` (unique, its position in sorted names) with its `name` (text: an id, or the text of a
    record's field). `uses` has rows (`unit`, `item`), perhaps repeated: the items of units on this side. It may include
    units outside the population, so it is always joined with `JoinedRelation.units`. It is None if each unit is its own
    item.

    `among` has the `item` of all items that could take part, if not all could. `years` (a,) is the year of each, as in
    `Items`, if these are dated. `counted` (a,) is the number of records with each text; for entities it is 1. `weights`
    has the `weight` of each linked `item` as a whole number, if its entity has weights.
    """

    names: Frame
    uses: Frame | None
    among: Frame | None = None
    years: NDArray[np.int32] | None = None
    counted: Numbers | None = None
    weights: Frame | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class JoinedRelation(Terms):
    """A relation in the engine. `rows` is `from`, the first shared entity, or the rows of records.

    `units` has one row per unit of the population. Its columns are `unit` (a key: the number of an item or of a record,
    of both items of a link, or the text of a shared key), `n` (the number of units in the row: 1, except for records,
    where it counts equal records), `stratum` (text, "" without strata), `group` (text, if `grouped`), `weight` (the
    weight times the scale as a whole number, if `weight_scale` is not None). `unresolved` has one row per unresolved
    link: `from` and `to` are the names without an item, null if an item has the name. `labels` are the raw labels of
    both sides of records (labels of entities are in their `Items`). `tally` describes the counts in rows of records, if
    rows contain several units.
    """

    rows: JoinedSide
    columns: JoinedSide
    units: Frame
    unresolved: Frame | None = None
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
) -> JoinedSide:
    """Return the side of an entity's items, as `kind`; only the items in `among`, if given."""
    item = nw.col(NUMBER).alias("item")
    return JoinedSide(
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
