"""The distinct links of a relation: which item at one end goes with which at the other, and what is known of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import narwhals as nw

from ..errors import DataError, Note, missing_columns
from ..sources.engine import Engine, Frame, has_rows, only_row, split
from .attributes import count_where, key_columns, key_names, levels_of, matching, require, scaled, text
from .forms import LinkSettings, RelationSettings
from .items import NUMBER, Items
from .meeting import column_names

ENDS = ("from", "to")


@dataclass(frozen=True, eq=False)
class Links:
    """Links that name both ends, after aliases.

    `resolved` has those that find an item at both ends: `from`, `to` (numbers), the level columns of the relation that
    the table has, and `weight` where `weight_scale` is not None. Where the unit is the link each is there once, with
    its largest weight and, of each level, the first by name; otherwise some may be there twice. `unresolved` has the
    others, each once: `from_item`, `to_item` (absent where no item has the name) and `from`, `to` (the name that no
    item has); None where there are none.
    """

    resolved: Frame
    unresolved: Frame | None
    weight_scale: int | None
    notes: tuple[Note, ...]

    def named(self, end: str) -> Frame:
        """Return the numbers (`item`) of the items at an end of any link, whatever stands at the other."""
        parts = [self.resolved.select(item=nw.col(end))]
        if self.unresolved is not None:
            parts.append(
                self.unresolved.select(item=nw.col(f"{end}_item").cast(nw.Int32)).filter(~nw.col("item").is_null())
            )
        return nw.concat(parts).group_by("item").agg()


@dataclass(frozen=True, slots=True)
class _Names:
    """Where an end's names stand: a column, split at `separator` unless it is a list; `prefix` marks and is cut."""

    column: str
    separator: str | None = None
    prefix: str | None = None


def read_links(
    name: str,
    relation: RelationSettings,
    settings: LinkSettings,
    ends: Mapping[str, Items],
    table: Frame,
    engine: Engine,
) -> Links:
    """Return the distinct links of a table: that of `settings.source`, or the items that hold the list column.

    Raises DataError for columns the table does not have and for weights that are none.
    """
    names = _names(settings)
    weight = (settings.weight,) if settings.weight is not None else ()
    _require_columns(name, settings, ends, table)
    table = matching(table, settings.where)
    internal = key_columns(key_names(relation)) if relation.unit == "link" else {}
    levels = levels_of(table, internal)
    chosen = {end: nw.col(names[end].column) for end in ENDS}
    pairs = table.select(*(nw.col(column).alias("weight") for column in weight), **chosen, **levels)
    scale = None
    if weight:
        pairs, scale = scaled(pairs, engine, f"relations.{name}.links.weight: column {settings.weight}")
    notes = _empty_ends(name, pairs, names, engine) if settings.source is not None else ()
    schema = pairs.collect_schema()
    for end in ENDS:
        pairs = _unaliased(exploded(pairs, end, names[end].separator, names[end].prefix), end, ends[end], engine)
    if any(names[end].prefix or names[end].separator or schema[end] == nw.List or ends[end].aliases for end in ENDS):
        pairs = engine.keep(pairs)  # which costs more to work out than to hold
    for end in ENDS:
        pairs = _found(pairs, end, ends[end])
    links = pairs.select(*(_number(end) for end in ENDS), *levels, *(("weight",) if weight else ()))
    links = engine.keep(_each_once(links, tuple(levels), weight) if relation.unit == "link" else links)
    lost = (nw.col("from") < 0) | (nw.col("to") < 0)
    if not has_rows(links.filter(lost), engine):
        return Links(links, None, scale, notes)
    absent = nw.col("from_item").is_null() | nw.col("to_item").is_null()
    columns = [*ENDS, *(f"{end}_item" for end in ENDS)]
    unresolved = engine.keep(pairs.filter(absent).group_by(*columns).agg())
    return Links(links.filter(~lost), unresolved, scale, notes)


def _require_columns(name: str, settings: LinkSettings, ends: Mapping[str, Items], table: Frame) -> None:
    """Raise DataError naming every column that the table of links does not have."""
    place = f"relations.{name}.links"
    asked = {spec.column: f"{place}.{end}" for end, spec in _names(settings).items()}
    asked |= dict.fromkeys(settings.where, f"{place}.where")
    asked |= {settings.weight: f"{place}.weight"} if settings.weight is not None else {}
    if settings.source is None:
        require(asked, column_names(table), place, f"entity {ends[_holder(settings)].name}")
        return
    messages = missing_columns(settings.source.declared, column_names(table), asked)
    if messages:
        raise DataError(*messages)


def _holder(settings: LinkSettings) -> str:
    """Return the end whose entity's table holds the list column."""
    return "from" if settings.from_.column is not None else "to"


def _names(settings: LinkSettings) -> dict[str, _Names]:
    """Return where the names of each end stand.

    Without a table of its own, the column given at one end is a column of that end's entity: the item itself
    is that end, and what stands in the column names the items of the other.
    """
    ends = {"from": settings.from_, "to": settings.to}
    if settings.source is not None:
        return {end: _Names(spec.column or "", spec.separator, spec.prefix) for end, spec in ends.items()}
    holder = _holder(settings)
    spec = ends[holder]
    held = _Names(spec.column or "", spec.separator, spec.prefix)
    return {end: _Names("id") if end == holder else held for end in ENDS}


def exploded(frame: Frame, column: str, separator: str | None, prefix: str | None) -> Frame:
    """Return the frame with one row a name in `column` (text); absent and empty names are left out.

    A list column gives its elements; with `separator` a text gives its parts, without spaces around them;
    with `prefix` only names that begin so are kept, and the prefix is cut.
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


def _empty_ends(name: str, pairs: Frame, names: Mapping[str, _Names], engine: Engine) -> tuple[Note, ...]:
    """Say how many rows of the table name nothing at an end, unless that end may name several or none."""
    schema = pairs.collect_schema()
    plain = [end for end in ENDS if names[end].separator is None and schema[end] != nw.List]
    if not plain:
        return ()
    empty = {end: count_where(text(nw.col(end)).is_null()) for end in plain}
    counts = only_row(pairs.select(**empty), engine)
    return tuple(
        Note("empty_end", name, f"{_rows_that_name(int(counts[end]))} nothing in {names[end].column}; left out")
        for end in plain
        if int(counts[end])
    )


def _rows_that_name(n_rows: int) -> str:
    return "1 row of links names" if n_rows == 1 else f"{n_rows:,} rows of links name"


def _unaliased(pairs: Frame, end: str, items: Items, engine: Engine) -> Frame:
    """Return the pairs with spellings at one end replaced by the ids they stand for."""
    if not items.aliases:
        return pairs
    aliases = engine.load({end: list(items.aliases), "alias_of": list(items.aliases.values())})
    joined = pairs.join(aliases, on=end, how="left")
    return joined.with_columns(nw.coalesce(nw.col("alias_of"), nw.col(end)).alias(end)).drop("alias_of")


def _each_once(links: Frame, keys: tuple[str, ...], weight: tuple[str, ...]) -> Frame:
    """Return each link once."""
    kept = [nw.col(key).min() for key in keys] + ([nw.col("weight").max()] if weight else [])
    return links.group_by(*ENDS).agg(*kept)


def _number(end: str) -> nw.Expr:
    """Return the number of the item at an end, -1 where there is none."""
    return nw.col(f"{end}_item").fill_null(-1).cast(nw.Int32).alias(end)


def _found(pairs: Frame, end: str, items: Items) -> Frame:
    """Return the pairs with the number of the item at one end; its name is left only where no item has it."""
    number = f"{end}_item"
    known = items.items.select(nw.col("id").alias(end), nw.col(NUMBER).alias(number))
    found = pairs.join(known, on=end, how="left")
    return found.with_columns(nw.when(nw.col(number).is_null()).then(nw.col(end)).alias(end))
