"""Entry point: join a declared relation and its items.

Links and records have their own modules. With a shared key, items of two entities are linked if they have the same
value, and that value is the unit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import narwhals as nw

from ..cells import Unit
from ..errors import DataError, Note, may_quote
from ..sources.engine import Frame, only_row
from ..taxonomy import Taxonomy, plural_of
from . import SharedSettings
from .attributes import (
    ACTIVITY,
    count_where,
    finished_units,
    key_columns,
    key_names,
    levels_of,
    require,
    text,
    with_activity,
)
from .items import NUMBER, Items
from .links import meet_links
from .meeting import DeclaredRelation, JoinedRelation, column_names, entity_side
from .records import meet_records


def meet(declared: DeclaredRelation, items: Mapping[str, Items], taxonomies: Mapping[str, Taxonomy]) -> JoinedRelation:
    """Return the joined relation, with the units of its population.

    `items` contains the entities of the relation, read with the names from `item_attributes` and `link_attributes`
    (none for records). `taxonomies` are for records, by name; a side that names none uses the only one, or "default".
    Raises DataError for missing or invalid data. A relation given by published matrices counts nothing and is invalid
    here (ValueError).
    """
    relation = declared.relation
    if relation.links is not None:
        meeting = meet_links(declared, relation.links, items)
    elif relation.shared is not None:
        meeting = meet_shared(declared, relation.shared, items)
    elif relation.records is not None:
        meeting = meet_records(declared, relation.records, taxonomies)
    else:
        raise ValueError(f"relation {declared.name} has no units: it is given by bare matrices")
    return replace(meeting, counts="labelled") if relation.population == "labelled" else meeting


def meet_shared(declared: DeclaredRelation, settings: SharedSettings, items: Mapping[str, Items]) -> JoinedRelation:
    """Join two entities (rows, columns) at the values of a key.

    Items without a value are left out, and a note counts them. Population `either` includes each value of any item,
    `both` only values of items on both sides. Raises DataError if a group or stratum differs among the items of a unit.
    """
    relation, engine = declared.relation, declared.engine
    row_items, column_items = (items[entity] for entity in settings.entities)
    both_sides = {row_items.name: row_items, column_items.name: column_items}
    for entity in both_sides.values():
        require([settings.key], column_names(entity.items), f"{declared.place}.shared.key", f"entity {entity.name}")
    carried = {entity: _uses(side, settings.key) for entity, side in both_sides.items()}
    keys = {entity: engine.keep(use.group_by("unit").agg()) for entity, use in carried.items()}
    either = nw.concat([*keys.values()]).group_by("unit").agg().with_row_index("number", order_by="unit")
    names = engine.keep(either.select(unit=nw.col("number").cast(nw.Int32), name=nw.col("unit")))
    units = names.select(unit=nw.col("name"))
    if relation.population == "both":
        row_keys, column_keys = (keys[entity] for entity in settings.entities)
        units = row_keys.join(column_keys, on="unit", how="semi")
    units = _by_number(_with_levels(declared, units, settings, both_sides), names)
    numbered = {entity: engine.keep(_by_number(use, names)) for entity, use in carried.items()}
    uses = [numbered[entity] for entity in settings.entities]
    if ACTIVITY in relation.strata:
        of_one_kind = row_items.name == column_items.name
        units = with_activity(units, uses[0], uses[1], engine, of_one_kind=of_one_kind)
    finished = finished_units(units, declared)
    for frame in keys.values():
        engine.forget(frame)
    return JoinedRelation(
        relation=declared.name,
        unit=Unit("key", settings.key, plural_of(settings.key)),
        rows=entity_side(row_items, row_items.kind, uses[0]),
        columns=entity_side(column_items, column_items.kind, uses[1]),
        units=finished,
        group_names=relation.group,
        stratum_names=relation.strata,
        trivial_diagonal=row_items.name == column_items.name,
        n_candidates=engine.count(names),
        notes=_notes(declared, settings.key, both_sides),
        counts="both" if relation.population == "both" else "either",
        keys=names,
        private=declared.private_levels | ({"unit"} if "keys" not in declared.public else set()),
    )


def _by_number(frame: Frame, names: Frame) -> Frame:
    """Return a frame whose `unit` is the number of a value, which engines join and group much faster than its text."""
    return frame.rename({"unit": "name"}).join(names, on="name").drop("name")


def _uses(items: Items, key: str) -> Frame:
    """Return the values of items: `unit`, `item`."""
    return items.items.select(unit=text(nw.col(key)), item=nw.col(NUMBER)).filter(~nw.col("unit").is_null())


def _with_levels(
    declared: DeclaredRelation, units: Frame, settings: SharedSettings, sides: Mapping[str, Items]
) -> Frame:
    """Return the units with the level columns of group and strata, from the entity that has the column.

    A unit has a level only if all its items have the same; items without a value are ignored.
    """
    relation, engine = declared.relation, declared.engine
    internal = key_columns(key_names(relation))
    if not internal:
        return units
    present = dict.fromkeys(column for side in sides.values() for column in column_names(side.items))
    tables = [side.items for side in sides.values()]
    require(internal, present, declared.place, " nor of ".join(f"entity {entity}" for entity in sides))
    for column in internal:
        parts = [
            table.select(unit=text(nw.col(settings.key)), level=text(nw.col(column)))
            for table in tables
            if column in column_names(table)
        ]
        named = nw.concat(parts).filter(~nw.col("unit").is_null() & ~nw.col("level").is_null())
        found = engine.keep(named.group_by("unit").agg(low=nw.col("level").min(), high=nw.col("level").max()))
        _require_one_level(declared, column, settings, found)
        units = units.join(found.select("unit", nw.col("low").alias(column)), on="unit", how="left")
    return units.select("unit", **levels_of(units, internal))


def _require_one_level(declared: DeclaredRelation, column: str, settings: SharedSettings, found: Frame) -> None:
    key = settings.key
    several = nw.col("low") != nw.col("high")
    first = nw.when(several).then(nw.col("unit")).min()
    facts = only_row(found.select(n=count_where(several), first=first), declared.engine)
    n = int(facts["n"])
    if n:
        units = f"1 {key} has" if n == 1 else f"{n:,} {plural_of(key)} have"
        example = f', e.g. "{facts["first"]}"' if may_quote(public="keys" in declared.public) else ""
        raise DataError(
            f"{declared.place}: {column} cannot group or stratify by {key}: {units} "
            f"items with different values of it{example}"
        )


def _notes(declared: DeclaredRelation, key: str, sides: Mapping[str, Items]) -> tuple[Note, ...]:
    """Return notes on the items without a value of the key, and on weights, which are not used here."""
    notes = []
    for side in sides.values():
        without = side.items.select(n=count_where(text(nw.col(key)).is_null()))
        n_without = int(only_row(without, declared.engine)["n"]) if side.n_items else 0
        if n_without:
            have = "has" if n_without == 1 else "have"
            message = f"{n_without:,} of {side.n_items:,} {side.kind.plural} {have} no {key}; left out"
            notes.append(Note("no_key", declared.name, message))
        if "weight" in column_names(side.items):
            message = f"the weights of {side.kind.plural} do not count: the unit is the {key}, which has none"
            notes.append(Note("unweighted", declared.name, message))
    return tuple(notes)
