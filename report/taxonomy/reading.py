"""Declared entities, and sides of records, with their categories: what relations are made of."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import narwhals as nw

from ..errors import DataError
from ..formats import count
from ..progress import tell
from ..sources.engine import Engine, Frame
from ..sources.files import Table, open_table, require_columns
from ..sources.settings import EntitySettings
from .aliases import alias_notes, apply_aliases, one_row_each, read_aliases
from .categorise import Categorised, categorise
from .compile import Taxonomy
from .ids import id_faults, near_ids
from .items import NUMBER, Items
from .kinds import kind_of
from .vocabulary import LabelColumn, split_labels, unbalanced


class NamedLabelColumn(LabelColumn, Protocol):
    """A label column with its name: `LabelSettings` and a side of `RecordSettings` are such."""

    @property
    def column(self) -> str: ...  # noqa: D102


def read_items(
    name: str, entity: EntitySettings, taxonomy: Taxonomy, engine: Engine, base: Path, wanted: Collection[str]
) -> Items:
    """Return the items of an entity with their categories.

    `wanted` are the attribute and column names that relations ask for: each is a column of `Items.items` under
    that name, as are `date` and `weight` where declared. A wanted name that is neither an attribute nor a
    column is left out, since it may be a column of links. Raises `DataError` with everything that is wrong.
    """
    where = f"entities.{name}"
    table, aliases, attributes = _open(where, entity, engine, base, wanted)
    labels = [(f"label_{number}", how) for number, how in enumerate(entity.labels)]
    raw = engine.keep(
        table.frame.select(
            nw.col(entity.id).cast(nw.String).alias("raw_id"),
            *(nw.col(how.column).alias(column) for column, how in labels),
            *(nw.col(column).alias(_inner(attribute)) for attribute, column in attributes.items()),
        )
    )
    faults = id_faults(raw, engine, f"{where}.id", table.name)
    if faults:
        raise DataError(*faults)
    known = apply_aliases(raw, aliases, engine)
    numbers = engine.keep(_numbered(one_row_each(known) if aliases else known))
    rows = engine.keep(known.join(numbers, on="id"))
    items = one_row_each(rows) if aliases else rows
    columns = (nw.col(_inner(attribute)).alias(attribute) for attribute in attributes)
    items = engine.keep(items.select("id", NUMBER, *columns))
    keyed = rows.with_columns(key=nw.col(NUMBER), n=nw.lit(1, dtype=nw.Int64))
    pairs = engine.keep(split_labels(keyed, labels, ["key", "n"], unique=not aliases))
    n_items = int(engine.collect(items.select(n=nw.len().cast(nw.Int64)))["n"][0])
    found = categorise(pairs, taxonomy, engine, name, n_items)
    brackets = unbalanced(found.vocabulary, name) if any(how.separator for how in entity.labels) else ()
    notes = (*taxonomy.notes, *alias_notes(rows, aliases, engine, name), *near_ids(items, engine, name))
    for frame in (raw, known, numbers, rows, pairs):
        engine.forget(frame)
    tell(f"{name}: {count(n_items)} items")
    return Items(
        name=name,
        kind=kind_of(name, entity.label, entity.plural),
        taxonomy=taxonomy.name,
        items=items,
        found=found,
        aliases=aliases,
        notes=(*notes, *brackets, *found.notes),
    )


def _numbered(items: Frame) -> Frame:
    """Return each id (one row an item) with its number; only ids are sorted, not all that stands beside them."""
    return items.select("id").with_row_index(NUMBER, order_by="id").with_columns(nw.col(NUMBER).cast(nw.Int64))


def read_labels(
    frame: Frame, column: NamedLabelColumn, taxonomy: Taxonomy, engine: Engine, kind: str, n_keys: int
) -> Categorised:
    """Return the categories of the distinct raw values of a column of records, by their number.

    `frame` has one row a record: `key` (which of the `n_keys` raw values) and `value` (a list, or text). Labels are
    counted in records. Raises `DataError` where a label is in no category and the taxonomy forbids it.
    """
    distinct = engine.keep(frame.group_by("key", "value").agg(n=nw.len().cast(nw.Int64)))
    pairs = engine.keep(split_labels(distinct, [("value", column)], ["key", "n"], unique=True))
    found = categorise(pairs, taxonomy, engine, kind, n_keys)
    brackets = unbalanced(found.vocabulary, kind) if column.separator is not None else ()
    return replace(found, notes=(*taxonomy.notes, *brackets, *found.notes))


def _inner(attribute: str) -> str:
    """Return the name of an attribute while it stands beside our own columns, which are plain words."""
    return f"attribute {attribute}"


def _open(
    where: str, entity: EntitySettings, engine: Engine, base: Path, wanted: Collection[str]
) -> tuple[Table, dict[str, str], dict[str, str]]:
    """Return the table, alias -> id, and attribute -> column; `DataError` with all that is wrong with them."""
    if entity.source is None:
        raise DataError(f"{where}: has no source, so it can only name the axes of a published matrix")
    messages: list[str] = []
    aliases: dict[str, str] = {}
    try:
        aliases = read_aliases(entity.aliases, f"{where}.aliases", engine, base)
    except DataError as error:
        messages += error.messages
    try:
        table = open_table(entity.source, base, engine, where_declared=f"{where}.source")
    except DataError as error:
        raise DataError(*error.messages, *messages) from None
    columns = {entity.id: f"{where}.id"} | {how.column: f"{where}.labels" for how in entity.labels}
    columns |= {column: f"{where}.{attribute}" for attribute, column in entity.attributes.items()}
    messages = require_columns(table, columns) + messages
    attributes = _attributes(entity, table, wanted)
    messages += _clashes(where, attributes)
    if messages:
        raise DataError(*messages)
    return table, aliases, attributes


def _attributes(entity: EntitySettings, table: Table, wanted: Collection[str]) -> dict[str, str]:
    """Return attribute -> column of what relations, coverage and weights ask for, sorted by name."""
    own = {name for name in ("date", "weight") if name in entity.attributes}
    asked = {name: entity.column(name) for name in sorted({*wanted, *own} - {"id"})}
    return {name: column for name, column in asked.items() if column in table.columns}


def _clashes(where: str, attributes: Mapping[str, str]) -> list[str]:
    """Return a message for each pair of names that an engine cannot tell apart."""
    folded: dict[str, str] = {"id": "id"}
    messages = [
        f'{where}: a column cannot be called "{NUMBER}" here; rename it' for name in attributes if name == NUMBER
    ]
    for name in attributes:
        other = folded.setdefault(name.casefold(), name)
        if other != name:
            messages.append(f'{where}: the names "{other}" and "{name}" differ in case alone; call one otherwise')
    return messages
