"""The table of records as it is read: raw fields of both sides, how many units a row stands for, levels and weights."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import narwhals as nw

from ..cells import Tally
from ..errors import DataError, Note
from ..sources.engine import has_rows, with_text
from ..sources.files import open_table, require_columns
from ..taxonomy.kinds import plural_of, singular
from .attributes import dated_names, key_columns, key_names, levels_of, matching
from .counted import CountedTable, counts_of
from .meeting import ONE, count_rows

if TYPE_CHECKING:
    from ..sources.engine import Engine, Frame
    from .forms import RecordSettings, RelationSettings

SIDES = ("rows", "columns")


@dataclass(frozen=True, eq=False)
class RecordTable:
    """The rows of a table that count.

    `frame` has `rows` and `columns` (the raw fields as text), `rows_value` and `columns_value` (as they are: a list, or
    text), the level columns of group and strata, `weight` where there is one, and `n`: how many units a row stands for,
    1 unless counted. `tally` is None where every row is one unit.
    """

    frame: Frame
    tally: Tally | None
    notes: tuple[Note, ...] = ()


def read_records(
    name: str, relation: RelationSettings, settings: RecordSettings, engine: Engine, base: Path
) -> RecordTable:
    """Return the rows of the table that `where` lets through, kept in the engine.

    Raises DataError for columns that are not there and counts that are none.
    """
    place = f"relations.{name}.records"
    table = open_table(settings.source, base, engine, where_declared=f"{place}.source")
    internal = key_columns(key_names(relation))
    own = {settings.count: f"{place}.count", settings.weight: f"{place}.weight"}
    asked = dict.fromkeys(internal, f"relations.{name} (group, strata)")
    asked |= dict.fromkeys(dated_names(relation), "snapshots.by")
    asked |= {column: key for column, key in own.items() if column is not None}
    asked |= dict.fromkeys(settings.where, f"{place}.where")
    asked |= {getattr(settings, side).column: f"{place}.{side}" for side in SIDES}
    messages = require_columns(table, asked)
    if messages:
        raise DataError(*messages)
    raw = matching(table.frame, settings.where).select(
        *(nw.col(column).alias("weight") for column in (settings.weight,) if column is not None),
        rows_value=nw.col(settings.rows.column),
        columns_value=nw.col(settings.columns.column),
        n=ONE if settings.count is None else nw.col(settings.count),
        **levels_of(table.frame, internal),
    )
    records = engine.keep(with_text(raw, rows="rows_value", columns="columns_value"))
    if settings.count is None:
        return RecordTable(records, None)
    counted = CountedTable(settings.source, base, f"{place}.count", settings.where, empty=settings.empty is not None)
    records = engine.keep(counts_of(records, {"n": settings.count}, counted, engine).filter(nw.col("n") > 0))
    if not has_rows(records, engine):
        raise DataError(f"{place}.count: {table.name}: {settings.count} is 0 in every row that counts")
    return RecordTable(
        records, Tally(settings.count, count_rows(records, engine)), _independent(name, relation, settings)
    )


def _independent(name: str, relation: RelationSettings, settings: RecordSettings) -> tuple[Note, ...]:
    """Say that units of one row count as independent, where nothing groups them."""
    if relation.group:
        return ()
    units = settings.plural or plural_of(singular(settings.label))
    message = f"{name}: {units} of one row count as independent; if they came together, say what they share (group)"
    return (Note("counts_per_row", name, message),)
