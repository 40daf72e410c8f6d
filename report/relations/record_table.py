"""The table of records as it is read: raw fields of both sides, how many units a row stands for, levels and weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import narwhals as nw

from ..cells import Tally
from ..errors import DataError, Note
from ..sources.engine import has_rows, with_text
from ..sources.files import open_table, require_columns
from ..taxonomy.kinds import plural_of, singular
from .attributes import dated_names, key_columns, key_names, levels_of, matching
from .components import with_lists_as_text
from .counted import CountedTable, counts_of
from .meeting import ONE, count_rows
from .wide import Option, check_ticked, options_of, ticked_options, unpivoted

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ..sources.engine import Engine, Frame
    from ..sources.files import Table
    from .forms import RecordSettings, RecordSideSettings, RelationSettings

SIDES = ("rows", "columns")


@dataclass(frozen=True, eq=False)
class RecordTable:
    """The rows of a table that count, or its fields, where these are counts.

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

    Raises DataError for columns that are not there, counts that are none, and options that nobody chose.
    """
    place = f"relations.{name}.records"
    table = open_table(settings.source, base, engine, where_declared=f"{place}.source")
    options = _checked(place, relation, settings, table)
    frame = with_lists_as_text(matching(table.frame, settings.where), relation)
    for side in _ticked(settings):
        check_ticked(getattr(settings, side), options[side], frame, f"{place}.{side}", engine)
    counts = _counts(settings, options)
    raw = frame.select(
        *(nw.col(column).alias("weight") for column in (settings.weight,) if column is not None),
        **{f"{side}_value": _value(getattr(settings, side), options.get(side, ())) for side in _valued(settings)},
        **({name: nw.col(column) for name, column in counts.items()} or {"n": ONE}),
        **levels_of(frame, key_columns(key_names(relation))),
    )
    records = engine.keep(with_text(raw, **{side: f"{side}_value" for side in _valued(settings)}))
    if not counts:
        return RecordTable(records, None)
    counted = CountedTable(settings.source, base, f"{place}.count", settings.where, empty=settings.empty is not None)
    records = counts_of(records, counts, counted, engine)
    cells = settings.in_cells
    if cells is not None:
        records = unpivoted(records, tuple(counts), options[cells], f"{cells}_value", engine)
        records = records.with_columns(nw.col(f"{cells}_value").alias(cells))
    records = engine.keep(records.filter(nw.col("n") > 0))
    if not has_rows(records, engine):
        what = f"{settings.count} is 0 in every row" if cells is None else "0 stands in every field"
        raise DataError(f"{place}.count: {table.name}: {what} that counts")
    tally = Tally(settings.count if cells is None else None, count_rows(records, engine))
    return RecordTable(records, tally, _independent(name, relation, settings))


def _checked(
    place: str, relation: RelationSettings, settings: RecordSettings, table: Table
) -> dict[str, tuple[Option, ...]]:
    """Return the options of each side that has a column for each; DataError naming all that the table lacks."""
    own = {settings.count: f"{place}.count", settings.weight: f"{place}.weight"}
    if settings.in_cells is not None:
        del own[settings.count]
    asked = dict.fromkeys(key_names(relation), f"{place.removesuffix('.records')} (group, strata)")
    asked |= dict.fromkeys(dated_names(relation), "snapshots.by")
    asked |= {column: key for column, key in own.items() if column is not None}
    asked |= dict.fromkeys(settings.where, f"{place}.where")
    asked |= {column: f"{place}.{side}" for side in SIDES if (column := getattr(settings, side).column) is not None}
    messages = require_columns(table, asked)
    options: dict[str, tuple[Option, ...]] = {}
    for side in SIDES:
        spec = getattr(settings, side)
        if spec.is_wide:
            try:
                options[side] = options_of(spec, table.columns, f"{place}.{side}", table.name)
            except DataError as error:
                messages += error.messages
    if messages:
        raise DataError(*messages)
    return options


def _ticked(settings: RecordSettings) -> tuple[str, ...]:
    """Return the sides whose options are ticked."""
    return tuple(s for s in SIDES if getattr(settings, s).is_wide and s != settings.in_cells)


def _valued(settings: RecordSettings) -> tuple[str, ...]:
    """Return the sides of which each row has labels; the others have them of the fields that count."""
    return tuple(side for side in SIDES if side != settings.in_cells)


def _value(spec: RecordSideSettings, options: tuple[Option, ...]) -> nw.Expr:
    return ticked_options(spec, options) if spec.is_wide else nw.col(spec.column or "")


def _counts(settings: RecordSettings, options: Mapping[str, tuple[Option, ...]]) -> dict[str, str]:
    """Return the columns that hold counts, by the names that they have here."""
    cells = settings.in_cells
    if cells is not None:
        return {f"count_{place}": option.column for place, option in enumerate(options[cells])}
    return {} if settings.count is None else {"n": settings.count}


def _independent(name: str, relation: RelationSettings, settings: RecordSettings) -> tuple[Note, ...]:
    """Say that units of one row count as independent, where nothing groups them."""
    if relation.group:
        return ()
    units = settings.plural or plural_of(singular(settings.label))
    message = f"{name}: {units} of one row count as independent; if they came together, say what they share (group)"
    return (Note("counts_per_row", name, message),)
