"""Links: each to item with its from items, each from item with its to items, or each link by itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import narwhals as nw

from ..cells import Kind, Unit
from ..errors import DataError
from ..sources.engine import Engine, Frame
from ..sources.files import open_table
from ..taxonomy.kinds import kind_of
from .attributes import (
    ACTIVITY,
    dated_names,
    finished_units,
    key_columns,
    key_names,
    levels_of,
    require,
    scaled,
    with_activity,
)
from .components import tied, with_lists_as_text
from .forms import EndSettings, LinkSettings, RelationSettings
from .items import NUMBER, Items
from .meeting import Meeting, column_names, count_rows, entity_side
from .pairs import ENDS, read_links


def meet_links(
    name: str,
    relation: RelationSettings,
    settings: LinkSettings,
    items: Mapping[str, Items],
    engine: Engine,
    base: Path,
) -> Meeting:
    """Return the meeting of the from items (rows) and the to items (columns) of links.

    Raises DataError for a column that is not there, weights that are none, or settings that cannot hold.
    """
    _refuse(name, relation, settings)
    ends = _ends(settings, items)
    links = read_links(name, relation, settings, ends, _table(name, relation, settings, ends, engine, base), engine)
    kinds = _kinds(settings, ends)
    resolved = links.resolved.with_columns(unit=_unit_key(relation))
    units, scale = _units(name, relation, resolved, ends, engine)
    uses: dict[str, Frame | None] = {end: resolved.select("unit", nw.col(end).alias("item")) for end in ENDS}
    if relation.unit != "link":
        uses[relation.unit] = None
    if ACTIVITY in relation.strata:
        units = _with_activity(units, resolved, relation.unit, engine)
    group = None
    if relation.unit == "link":
        units, group = _by_target(units, ends["to"]), "target"
    unit = _unit(relation, kinds)
    units, tie_notes = tied(engine.keep(finished_units(units, relation, group)), relation, name, unit, engine)
    n_units = count_rows(units, engine)
    n_named = None
    if relation.unit != "link":
        n_named = n_units if links.unresolved is None else count_rows(links.named(relation.unit), engine)
    itself = settings.from_.entity == settings.to.entity
    # An entity that is linked to itself has many items that play only one role, or none: each side has those that do.
    among = {end: links.named(end) if itself else None for end in ENDS}
    to_itself = resolved.filter(nw.col("from") == nw.col("to")).group_by("from").agg()
    weighed = {end: _weights(ends[end], resolved, end, engine) for end in ENDS}
    if links.weight_scale is not None:
        weighed = dict.fromkeys(ENDS, (None, None))
    return Meeting(
        relation=name,
        unit=unit,
        rows=entity_side(ends["from"], kinds["from"], uses["from"], among["from"], weighed["from"]),
        columns=entity_side(ends["to"], kinds["to"], uses["to"], among["to"], weighed["to"]),
        units=units,
        grouped=bool(relation.group) or group is not None,
        group_names=relation.group or ((kinds["to"].name,) if group else ()),
        stratum_names=relation.strata,
        weight_scale=links.weight_scale if relation.unit == "link" else scale,
        fractional=relation.counting == "fractional",
        trivial_diagonal=False,
        carriers="columns" if relation.unit == "from" else "rows",
        n_resolved=n_units if relation.unit == "link" else None,
        n_unresolved=0 if links.unresolved is None else count_rows(links.unresolved, engine),
        n_candidates=None if relation.unit == "link" else n_named if itself else ends[relation.unit].n_items,
        n_named=n_named,
        n_itself=count_rows(to_itself, engine) if itself else 0,
        unresolved=None if links.unresolved is None else _unresolved(links.unresolved, kinds),
        notes=(*links.notes, *tie_notes),
    )


def _with_activity(units: Frame, resolved: Frame, unit: str, engine: Engine) -> Frame:
    """Return the units, items at one end of links, with how many items each has there (itself) and at the other."""
    own = units.select("unit", item=nw.col("unit"))
    across = resolved.group_by("from", "to").agg()
    across = across.select(unit=nw.col(unit), item=nw.col("from" if unit == "to" else "to"))
    return with_activity(units, *((across, own) if unit == "to" else (own, across)), engine)


def _ends(settings: LinkSettings, items: Mapping[str, Items]) -> dict[str, Items]:
    return {"from": items[settings.from_.entity], "to": items[settings.to.entity]}


def _table(
    name: str,
    relation: RelationSettings,
    settings: LinkSettings,
    ends: Mapping[str, Items],
    engine: Engine,
    base: Path,
) -> Frame:
    if settings.source is not None:
        table = open_table(settings.source, base, engine, where_declared=f"relations.{name}.links.source")
        return with_lists_as_text(table.frame, relation)
    return ends["from" if settings.from_.column is not None else "to"].table


def _by_target(units: Frame, targets: Items) -> Frame:
    """Return links with what groups them, where nothing else is declared: the item that they lead to, by name."""
    return units.join(targets.items.select(nw.col(NUMBER).alias("to"), nw.col("id").alias("target")), on="to")


def _unit_key(relation: RelationSettings) -> nw.Expr:
    """Return the key of the unit a link belongs to: the number of an item, or of both, of which each has 31 bits."""
    both = nw.col("from").cast(nw.Int64) * 2**31 + nw.col("to")
    return both if relation.unit == "link" else nw.col(relation.unit)


def _units(
    name: str, relation: RelationSettings, resolved: Frame, ends: Mapping[str, Items], engine: Engine
) -> tuple[Frame, int | None]:
    """Return the units with the level columns of group and strata, and their weights' scale if weighted.

    Of a link, what its own table does not have is looked up at the `to` item.
    """
    internal = key_columns(key_names(relation))
    end = "from" if relation.unit == "from" else "to"
    have = column_names(resolved)
    missing = {key: column for key, column in internal.items() if column not in have}
    own = with_lists_as_text(ends[end].items, relation)
    places = f"entity {ends[end].name}" if relation.unit != "link" else f"the links, nor of entity {ends[end].name}"
    dates = dated_names(relation)
    require([n for n in missing if n not in dates], column_names(own), f"relations.{name}", places)
    require([n for n in missing if n in dates], column_names(own), f"snapshots.by (relation {name})", places)
    weighted = relation.unit != "link" and "weight" in column_names(own)
    looked_up = levels_of(own, missing) | ({"weight": nw.col("weight")} if weighted else {})
    units = resolved
    if relation.unit != "link":
        units = resolved.group_by("unit").agg().with_columns(nw.col("unit").alias(end))
    if looked_up:
        units = units.join(own.select(nw.col(NUMBER).alias(end), **looked_up), on=end, how="left")
    if not weighted:
        return units, None
    return scaled(units, engine, f"entities.{ends[end].name}.weight")


def _weights(items: Items, resolved: Frame, end: str, engine: Engine) -> tuple[Frame | None, int | None]:
    """Return the weights of the items that links have at an end, and their scale; None where its entity has none."""
    if "weight" not in column_names(items.items):
        return None, None
    there = resolved.select(item=nw.col(end)).group_by("item").agg()
    own = items.items.select("weight", item=nw.col(NUMBER)).join(there, on="item", how="semi")
    weights, scale = scaled(own, engine, f"entities.{items.name}.weight")
    return engine.keep(weights.select("item", "weight")), scale


def _refuse(name: str, relation: RelationSettings, settings: LinkSettings) -> None:
    """Raise DataError for settings that no data could satisfy."""
    faults = []
    without = [settings.from_.column, settings.to.column].count(None)
    if settings.source is not None and without:
        faults.append("links: with a `source`, both `from` and `to` need a `column`")
    if settings.source is None and without != 1:
        faults.append("links: without a `source`, exactly one of `from` and `to` needs a `column` (of its entity)")
    if relation.unit != "link" and settings.weight is not None:
        faults.append("links.weight: counts with `unit: link` only; other units take the weight of their items")
    if relation.unit != "link" and relation.counting == "fractional":
        faults.append("counting: fractional counts with `unit: link` only")
    if relation.unit == "link" and ACTIVITY in relation.strata:
        faults.append("strata: activity says nothing of `unit: link`, which has one item at each end")
    if faults:
        raise DataError(*(f"relations.{name}.{fault}" for fault in faults))


def _kinds(settings: LinkSettings, ends: Mapping[str, Items]) -> dict[str, Kind]:
    """Return the kind at each end; links of a kind with itself call them `from` and `to`."""
    if settings.from_.entity != settings.to.entity:
        return {end: items.kind for end, items in ends.items()}
    kind = ends["from"].kind
    return {
        "from": _role("from", "source", settings.from_, kind),
        "to": _role("to", "target", settings.to, kind),
    }


def _role(name: str, word: str, end: EndSettings, kind: Kind) -> Kind:
    """Return a kind in one role: as its `label` says, otherwise the "source" or "target" of the links."""
    if end.label is None:
        return Kind(name, f"{word.capitalize()} {kind.label}", f"{word} {kind.singular}", f"{word} {kind.plural}")
    return kind_of(name, end.label, end.plural)


def _unit(relation: RelationSettings, kinds: Mapping[str, Kind]) -> Unit:
    if relation.unit == "link":
        return Unit("link", "link", "links")
    return Unit(relation.unit, kinds[relation.unit].singular, kinds[relation.unit].plural)


def _unresolved(links: Frame, kinds: Mapping[str, Kind]) -> Frame:
    """Return the names that no item has: `side`, `name`, `n_links`."""
    parts = [
        links.filter(nw.col(f"{end}_item").is_null())
        .group_by(end)
        .agg(n_links=nw.len().cast(nw.Int64))
        .select(side=nw.lit(kinds[end].name), name=nw.col(end), n_links=nw.col("n_links"))
        for end in ENDS
    ]
    return nw.concat(parts)
