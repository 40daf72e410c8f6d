"""Links: each to item with its from items, each from item with its to items, or each link by itself.

The distinct links of a relation record which item at one end is linked with which at the other, and their attributes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import narwhals as nw

from ..cells import Kind, Unit
from ..errors import Note, missing_columns, raise_if_any
from ..sources.engine import Engine, Frame, has_rows, only_row, split
from ..sources.files import open_table
from ..taxonomy import kind_of
from . import EndSettings, LinkSettings, PrivateName, RelationSettings
from .attributes import (
    ACTIVITY,
    count_where,
    finished_units,
    key_columns,
    key_names,
    levels_of,
    matching,
    require,
    scaled,
    text,
    with_activity,
)
from .items import NUMBER, Items
from .meeting import DeclaredRelation, JoinedRelation, JoinedSide, column_names, entity_side

ENDS = ("from", "to")


def meet_links(declared: DeclaredRelation, settings: LinkSettings, items: Mapping[str, Items]) -> JoinedRelation:
    """Join the from items (rows) and the to items (columns) of links.

    Raises DataError for missing columns and invalid weights.
    """
    relation, engine = declared.relation, declared.engine
    ends = {"from": items[settings.from_.entity], "to": items[settings.to.entity]}
    links = read_links(declared, settings, ends)
    kinds = _kinds(settings, ends)
    links = replace(links, resolved=links.resolved.with_columns(unit=_unit_key(relation)))
    resolved = links.resolved
    units, scale = _units(declared, resolved, ends)
    if ACTIVITY in relation.strata:
        units = _with_activity(units, resolved, relation.unit, engine)
    group = None
    if relation.unit == "link":
        units, group = _by_target(units, ends["to"]), "target"
    unit = _unit(relation, kinds)
    units = finished_units(units, declared, group)
    n_units = engine.count(units)
    n_named = None
    if relation.unit != "link":
        n_named = n_units if links.unresolved is None else engine.count(links.named(relation.unit))
    itself = settings.from_.entity == settings.to.entity
    sides = {end: _side(end, declared, links, ends, kinds) for end in ENDS}
    return JoinedRelation(
        relation=declared.name,
        unit=unit,
        rows=sides["from"],
        columns=sides["to"],
        units=units,
        group_names=relation.group or ((kinds["to"].name,) if group else ()),
        stratum_names=relation.strata,
        weight_scale=links.weight_scale if relation.unit == "link" else scale,
        carriers="columns" if relation.unit == "from" else "rows",
        n_resolved=n_units if relation.unit == "link" else None,
        n_unresolved=0 if links.unresolved is None else engine.count(links.unresolved),
        n_candidates=None if relation.unit == "link" else n_named if itself else ends[relation.unit].n_items,
        n_named=n_named,
        n_itself=engine.count(resolved.filter(nw.col("from") == nw.col("to")).group_by("from").agg()) if itself else 0,
        unresolved=links.unresolved,
        private=_private(declared, ends, is_grouped_by_target=group is not None),
        notes=links.notes,
    )


def _private(
    declared: DeclaredRelation, ends: Mapping[str, Items], *, is_grouped_by_target: bool
) -> frozenset[PrivateName]:
    """Return which names of units, groups and strata must not be published; units have the names of items."""
    relation = declared.relation
    found: set[PrivateName] = set(declared.private_levels)
    named = ENDS if relation.unit == "link" else (relation.unit,)
    if any(ends[end].private for end in named):
        found.add("unit")
    if is_grouped_by_target and not relation.group and ends["to"].private:
        found.add("group")
    return frozenset(found)


def _side(
    end: str, declared: DeclaredRelation, links: Links, ends: Mapping[str, Items], kinds: Mapping[str, Kind]
) -> JoinedSide:
    """Return the side of the items at an end; if an entity is linked to itself, only items in that role."""
    uses = None if declared.relation.unit == end else links.resolved.select("unit", nw.col(end).alias("item"))
    among = links.named(end) if ends["from"].name == ends["to"].name else None
    weights = _weights(ends[end], links.resolved, end, declared.engine)
    return entity_side(ends[end], kinds[end], uses, among, (None, None) if links.weight_scale is not None else weights)


def _with_activity(units: Frame, resolved: Frame, unit: str, engine: Engine) -> Frame:
    """Return the units, items at one end of links, with the number of items at that end (one) and at the other."""
    own = units.select("unit", item=nw.col("unit"))
    across = resolved.group_by("from", "to").agg()
    across = across.select(unit=nw.col(unit), item=nw.col("from" if unit == "to" else "to"))
    return with_activity(units, *((across, own) if unit == "to" else (own, across)), engine)


def _table(declared: DeclaredRelation, settings: LinkSettings, ends: Mapping[str, Items]) -> Frame:
    """Return the table of links: `settings.source`, or the items with the list column."""
    if settings.source is not None:
        where = f"{declared.place}.links.source"
        table = open_table(settings.source, declared.base, declared.engine, where_declared=where)
        return table.frame
    return ends[_holder(settings)].table


def _by_target(units: Frame, targets: Items) -> Frame:
    """Return links with their default group: the name of the item that they lead to."""
    return units.join(targets.items.select(nw.col(NUMBER).alias("to"), nw.col("id").alias("target")), on="to")


def _unit_key(relation: RelationSettings) -> nw.Expr:
    """Return the key of a link's unit: the number of an item, or both numbers, with 31 bits each."""
    both = nw.col("from").cast(nw.Int64) * 2**31 + nw.col("to")
    return both if relation.unit == "link" else nw.col(relation.unit)


def _units(declared: DeclaredRelation, resolved: Frame, ends: Mapping[str, Items]) -> tuple[Frame, int | None]:
    """Return the units with the level columns of group and strata, and their weights' scale if weighted.

    For links, columns that are not in the table of links are looked up at the `to` item.
    """
    relation = declared.relation
    internal = key_columns(key_names(relation))
    end = "from" if relation.unit == "from" else "to"
    have = column_names(resolved)
    missing = {key: column for key, column in internal.items() if column not in have}
    own = ends[end].items
    places = f"entity {ends[end].name}" if relation.unit != "link" else f"the links, nor of entity {ends[end].name}"
    require(missing, column_names(own), declared.place, places)
    weighted = relation.unit != "link" and "weight" in column_names(own)
    looked_up = levels_of(own, missing) | ({"weight": nw.col("weight")} if weighted else {})
    units = resolved
    if relation.unit != "link":
        units = resolved.group_by("unit").agg().with_columns(nw.col("unit").alias(end))
    if looked_up:
        units = units.join(own.select(nw.col(NUMBER).alias(end), **looked_up), on=end, how="left")
    if not weighted:
        return units, None
    return scaled(units, declared.engine, f"entities.{ends[end].name}.weight")


def _weights(items: Items, resolved: Frame, end: str, engine: Engine) -> tuple[Frame | None, int | None]:
    """Return the weights of the linked items at an end, and their scale, or None if the entity has no weights."""
    if "weight" not in column_names(items.items):
        return None, None
    there = resolved.select(item=nw.col(end)).group_by("item").agg()
    own = items.items.select("weight", item=nw.col(NUMBER)).join(there, on="item", how="semi")
    weights, scale = scaled(own, engine, f"entities.{items.name}.weight")
    return engine.keep(weights.select("item", "weight")), scale


def _kinds(settings: LinkSettings, ends: Mapping[str, Items]) -> dict[str, Kind]:
    """Return the kind at each end; links of an entity with itself call the ends `from` and `to`."""
    if settings.from_.entity != settings.to.entity:
        return {end: items.kind for end, items in ends.items()}
    kind = ends["from"].kind
    return {
        "from": _role("from", "source", settings.from_, kind),
        "to": _role("to", "target", settings.to, kind),
    }


def _role(name: str, word: str, end: EndSettings, kind: Kind) -> Kind:
    """Return a kind in one role: named by its `label`, otherwise the "source" or "target" of the links."""
    if not end.label:
        return Kind(name, f"{word.capitalize()} {kind.label}", f"{word} {kind.singular}", f"{word} {kind.plural}")
    return kind_of(name, end.label)


def _unit(relation: RelationSettings, kinds: Mapping[str, Kind]) -> Unit:
    if relation.unit == "link":
        return Unit("link", "link", "links")
    return Unit(relation.unit, kinds[relation.unit].singular, kinds[relation.unit].plural)


@dataclass(frozen=True, eq=False)
class Links:
    """Links that name both ends, after aliases.

    `resolved` has the links that match an item at both ends: `from`, `to` (numbers), the level columns of the relation
    that the table has, and `weight` if `weight_scale` is not None. If the unit is the link, each occurs once, with its
    largest weight and the first level by name of each column. Otherwise links may be repeated. `unresolved` has the
    other distinct links: `from_item`, `to_item` (null if no item has the name) and `from`, `to` (the name without an
    item). It is None if there are none.
    """

    resolved: Frame
    unresolved: Frame | None
    weight_scale: int | None
    notes: tuple[Note, ...]

    def named(self, end: str) -> Frame:
        """Return the numbers (`item`) of the items at an end of any link, whether or not the other end resolves."""
        parts = [self.resolved.select(item=nw.col(end))]
        if self.unresolved is not None:
            parts.append(
                self.unresolved.select(item=nw.col(f"{end}_item").cast(nw.Int32)).filter(~nw.col("item").is_null())
            )
        return nw.concat(parts).group_by("item").agg()


def read_links(declared: DeclaredRelation, settings: LinkSettings, ends: Mapping[str, Items]) -> Links:
    """Return the distinct links of a relation.

    Raises DataError for columns that the table lacks and for invalid weights.
    """
    relation, engine, names = declared.relation, declared.engine, _names(settings)
    table = _table(declared, settings, ends)
    _require_columns(declared, settings, ends, table)
    table = matching(table, settings.where)
    levels = levels_of(table, key_columns(key_names(relation)) if relation.unit == "link" else {})
    weight = {} if settings.weight is None else {"weight": nw.col(settings.weight)}
    pairs = table.select(**weight, **{end: nw.col(names[end].column or "") for end in ENDS}, **levels)
    scale = None
    if weight:
        pairs, scale = scaled(pairs, engine, f"{declared.place}.links.weight: column {settings.weight}")
    of_table, pairs = pairs, _numbered(pairs, names, ends, engine)
    links = pairs.select(*(_number(end) for end in ENDS), *levels, *weight)
    links = engine.keep(_each_once(links, tuple(levels), tuple(weight)) if relation.unit == "link" else links)
    notes = () if settings.source is None else _empty_ends(declared, of_table, links, names)
    lost = (nw.col("from") < 0) | (nw.col("to") < 0)
    if not has_rows(links.filter(lost), engine):
        return Links(links, None, scale, notes)
    absent = nw.col("from_item").is_null() | nw.col("to_item").is_null()
    columns = [*ENDS, *(f"{end}_item" for end in ENDS)]
    unresolved = engine.keep(pairs.filter(absent).group_by(*columns).agg())
    return Links(links.filter(~lost), unresolved, scale, notes)


def _numbered(pairs: Frame, names: Mapping[str, EndSettings], ends: Mapping[str, Items], engine: Engine) -> Frame:
    """Return one row for each name at either end, with the numbers of the items that have the names."""
    schema = pairs.collect_schema()
    for end in ENDS:
        pairs = _unaliased(exploded(pairs, end, names[end].separator, names[end].prefix), end, ends[end], engine)
    if any(names[end].prefix or names[end].separator or schema[end] == nw.List or ends[end].aliases for end in ENDS):
        pairs = engine.keep(pairs)  # more expensive to compute than to keep
    for end in ENDS:
        pairs = _found(pairs, end, ends[end])
    return pairs


def _require_columns(
    declared: DeclaredRelation, settings: LinkSettings, ends: Mapping[str, Items], table: Frame
) -> None:
    """Raise DataError naming every column that the table of links lacks."""
    place = f"{declared.place}.links"
    asked = {spec.column or "": f"{place}.{end}" for end, spec in _names(settings).items()}
    asked |= dict.fromkeys(settings.where, f"{place}.where")
    asked |= {settings.weight: f"{place}.weight"} if settings.weight is not None else {}
    if settings.source is None:
        require(asked, column_names(table), place, f"entity {ends[_holder(settings)].name}")
        return
    messages = missing_columns(settings.source.declared, column_names(table), asked)
    raise_if_any(messages)


def _holder(settings: LinkSettings) -> str:
    """Return the end whose entity has the list column."""
    return "from" if settings.from_.column is not None else "to"


def _names(settings: LinkSettings) -> dict[str, EndSettings]:
    """Return the settings for the names of each end.

    Without a table of links, the column given at one end is a column of that end's entity. The item of the row is that
    end, and the column names the items of the other.
    """
    ends = {"from": settings.from_, "to": settings.to}
    if settings.source is not None:
        return ends
    holder = _holder(settings)
    return dict.fromkeys(ENDS, ends[holder]) | {holder: EndSettings(entity=ends[holder].entity, column="id")}


def exploded(frame: Frame, column: str, separator: str | None, prefix: str | None) -> Frame:
    """Return the frame with one row per name in `column` (text), without missing and empty names.

    A list column yields its elements. With `separator`, a text yields its parts without surrounding spaces. With
    `prefix`, only names with the prefix are kept, and it is removed.
    """
    if frame.collect_schema()[column] == nw.List:
        frame = frame.explode(column)
    elif separator is not None:
        frame = frame.with_columns(split(frame, column, separator).alias(column)).explode(column)
        frame = frame.with_columns(nw.col(column).str.strip_chars(" "))
    frame = frame.with_columns(text(nw.col(column)).alias(column)).filter(~nw.col(column).is_null())
    if prefix is not None:
        frame = frame.filter(nw.col(column).str.starts_with(prefix))
        frame = frame.with_columns(nw.col(column).str.slice(len(prefix))).filter(nw.col(column) != "")
    return frame


def _empty_ends(
    declared: DeclaredRelation, pairs: Frame, links: Frame, names: Mapping[str, EndSettings]
) -> tuple[Note, ...]:
    """Return notes on rows of the table without a name at an end, unless that end may have several names or none."""
    schema = pairs.collect_schema()
    plain = [end for end in ENDS if names[end].separator is None and schema[end] != nw.List]
    if not plain:
        return ()
    # If rows name one item each, an equal number of links means no empty end. Looking takes a tenth of the time of
    # joining.
    if len(plain) == len(ENDS) and declared.engine.count(links) == declared.engine.count(pairs):
        return ()
    empty = {end: count_where(text(nw.col(end)).is_null()) for end in plain}
    counts = only_row(pairs.select(**empty), declared.engine)
    return tuple(
        Note(
            "empty_end", declared.name, f"{_rows_that_name(int(counts[end]))} nothing in {names[end].column}; left out"
        )
        for end in plain
        if int(counts[end])
    )


def _rows_that_name(n_rows: int) -> str:
    return "1 row of links names" if n_rows == 1 else f"{n_rows:,} rows of links name"


def _unaliased(pairs: Frame, end: str, items: Items, engine: Engine) -> Frame:
    """Return the pairs with aliases at one end replaced by ids."""
    if not items.aliases:
        return pairs
    aliases = engine.load({end: list(items.aliases), "alias_of": list(items.aliases.values())})
    named = pairs.join(aliases, on=end, how="left")
    return named.with_columns(nw.coalesce(nw.col("alias_of"), nw.col(end)).alias(end)).drop("alias_of")


def _each_once(links: Frame, keys: tuple[str, ...], weight: tuple[str, ...]) -> Frame:
    """Return each link once."""
    kept = [nw.col(key).min() for key in keys] + ([nw.col("weight").max()] if weight else [])
    return links.group_by(*ENDS).agg(*kept)


def _number(end: str) -> nw.Expr:
    """Return the number of the item at an end, -1 if there is none."""
    return nw.col(f"{end}_item").fill_null(-1).cast(nw.Int32).alias(end)


def _found(pairs: Frame, end: str, items: Items) -> Frame:
    """Return the pairs with the number of the item at one end; its name is kept only if no item has it."""
    number = f"{end}_item"
    known = items.items.select(nw.col("id").alias(end), nw.col(NUMBER).alias(number))
    found = pairs.join(known, on=end, how="left")
    return found.with_columns(nw.when(nw.col(number).is_null()).then(nw.col(end)).alias(end))
