"""The items of declared entities with their categories, kept in the engine: what relations are made of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import narwhals as nw
import numpy as np

from ..cells import Kind
from ..errors import DataError, Note
from ..formats import count
from ..progress import tell
from ..sources.engine import Engine, Frame
from ..sources.files import Table, open_table, require_columns
from ..sources.settings import EntitySettings
from ..taxonomy.categorise import Categorised
from ..taxonomy.compile import Taxonomy
from ..taxonomy.items import LabelCount
from ..taxonomy.kinds import kind_of
from .aliases import alias_notes, apply_aliases, one_row_each, read_aliases
from .ids import id_faults, near_ids, seem_faulty
from .labels import read_labels

NUMBER = "number of the item"
"""The column of `Items.items` that numbers them."""


@dataclass(frozen=True, eq=False)
class Items:
    """One entity after its taxonomy.

    `items` has one row an item: `id` (text, aliases applied, unique, never null), NUMBER (its place in the order of
    ids, from 0) and the attributes by their config names and by their column names as far as relations ask for
    them. It is kept in the engine, which joins and sorts numbers much faster than ids. `found` has the labels and
    categories of each item, by its number.
    """

    name: str
    kind: Kind
    taxonomy: str
    items: Frame
    found: Categorised
    aliases: dict[str, str] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()

    @property
    def categories(self) -> tuple[str, ...]:
        """The categories in declared order."""
        return self.found.taxonomy.categories

    @property
    def n_items(self) -> int:
        """How many items there are."""
        return self.found.n_items

    @property
    def labels(self) -> tuple[LabelCount, ...]:
        """The raw labels, by falling number of items."""
        return self.found.labels


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
    known = apply_aliases(raw, aliases, engine)
    numbers = engine.keep(_numbered(one_row_each(known) if aliases else known))
    faults = id_faults(raw, engine, f"{where}.id", table.name) if aliases or seem_faulty(numbers, engine) else ()
    if faults:
        raise DataError(*faults)
    rows = engine.keep(known.join(numbers, on="id"))
    columns = (nw.col(_inner(attribute)).alias(attribute) for attribute in attributes)
    items = engine.keep((one_row_each(rows) if aliases else rows).select("id", NUMBER, *columns))
    n_items = int(engine.collect(items.select(n=nw.len().cast(nw.Int64)))["n"][0])
    n = np.ones(n_items, dtype=np.int8)
    found = read_labels(rows.with_columns(key=nw.col(NUMBER)), labels, n, taxonomy, engine, name)
    notes = (*taxonomy.notes, *alias_notes(rows, aliases, engine, name), *near_ids(numbers, engine, name))
    for frame in (raw, known, numbers, rows):
        engine.forget(frame)
    tell(f"{name}: {count(n_items)} items")
    return Items(
        name=name,
        kind=kind_of(name, entity.label, entity.plural),
        taxonomy=taxonomy.name,
        items=items,
        found=found,
        aliases=aliases,
        notes=(*notes, *found.notes),
    )


def newest(items: Items, engine: Engine) -> dt.date | None:
    """Return the newest declared date of an entity's items; what is no ISO date is passed over."""
    if "date" not in items.items.collect_schema().names():
        return None
    day = nw.col("date").cast(nw.String).str.slice(0, 10)
    days = items.items.select(day=day).filter(nw.col("day").str.contains(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}\z"))
    newest = engine.collect(days.select(day=nw.col("day").max()))["day"].iloc[0]
    try:
        return dt.date.fromisoformat(newest) if isinstance(newest, str) else None
    except ValueError:
        return None


def _numbered(items: Frame) -> Frame:
    """Return each id with its number, and `again` where the one before it is the same.

    Only ids are sorted, not all that stands beside them.
    """
    before = nw.col("id").shift(1).over(order_by="id")
    numbered = items.select("id", again=(nw.col("id") == before).fill_null(value=False))
    return numbered.with_row_index(NUMBER, order_by="id").with_columns(nw.col(NUMBER).cast(nw.Int64))


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
