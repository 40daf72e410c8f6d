"""The table of records as it is read: raw fields of both sides, how many units a row stands for, levels and weights."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import narwhals as nw

from ..cells import Tally
from ..errors import DataError, Note, listed
from ..sources.declared import EngineSettings, SourceSettings
from ..sources.duckdb import DuckDBEngine
from ..sources.engine import Engine, Frame, has_rows, only_row, stripped, with_text
from ..sources.files import Table, format_named, open_table, require_columns
from ..sources.located import located
from ..sources.passed import PassedSource
from ..taxonomy.kinds import plural_of, singular
from .attributes import LARGEST, count_where, dated_names, key_columns, key_names, levels_of, matching
from .components import with_lists_as_text
from .forms import RecordSettings, RecordSideSettings, RelationSettings
from .meeting import ONE, count_rows
from .wide import OptionColumn, check_ticked, options_of, ticked_options, unpivoted

_WITH_HEADER = ("csv", "tsv", "xlsx")
"""Formats whose first row is the header, so that the first of the others is row 2."""

Numbered = tuple[str, int, tuple[str | None, ...]]


def numbered_rows(source: SourceSettings, base: Path, columns: Sequence[str], where: str) -> Iterator[Numbered]:
    """Yield what a file is called, the number of a row as messages give it, and the row's fields in some columns.

    Nothing is yielded of a table that has no rows to number: a frame of Spark.
    """
    chosen = [nw.col(column).cast(nw.String) for column in columns]
    with DuckDBEngine(EngineSettings()) as reader:
        if isinstance(source, PassedSource):
            content = source.passed.content
            if isinstance(content, Path):
                frame = reader.read_parquet({content: source.declared})
                for n, row in enumerate(reader.in_order(frame.select(*chosen)), start=1):
                    yield source.declared, n, row
            return
        if source.database is not None:
            table = open_table(source, base, reader, where_declared=where)
            for n, row in enumerate(reader.in_order(table.frame.select(*chosen)), start=1):
                yield table.name, n, row
            return
        for path, name in located(source, base, where).items():
            form = source.format or format_named(name)
            alone = {"path": (str(path.absolute()),), "format": form, "hub": None}
            table = open_table(source.model_copy(update=alone), base, reader, where_declared=where)
            first = 2 if form in _WITH_HEADER else 1
            for n, row in enumerate(reader.in_order(table.frame.select(*chosen)), start=first):
                yield name, n, row


_WHOLE = r"\+?[0-9]{1,16}(\.0*)?"
"""How a count may be written: 3, +3, 3. and 3.0."""

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_NAMED = 5


@dataclass(frozen=True)
class CountedTable:
    """Where counts stand, for messages: the source and the rows that count of it, and which key asks for them.

    `where` is what a column must equal for a row to count; `empty` says that an empty field is 0.
    """

    source: SourceSettings
    base: Path
    key: str
    where: Mapping[str, tuple[str | None, ...]] = field(default_factory=dict)
    empty: bool = False


def counts_of(frame: Frame, columns: Mapping[str, str], table: CountedTable, engine: Engine) -> Frame:
    """Return a frame with some columns as 64-bit whole numbers of 0 or more; `columns`: name in it -> in the file.

    Raises `DataError` where a field is empty (unless that is 0), no number, negative, no whole number or too large,
    with the file and the first rows of each sort.
    """
    texts = {name: _text(name, empty=table.empty) for name in columns}
    faulty = {name: count_where(~_is_count(text)) for name, text in texts.items()}
    n_faulty = sum(map(int, only_row(frame.select(**faulty), engine).values()))
    if n_faulty:
        raise DataError(*(_faults(table, tuple(columns.values())) or _unnumbered(table, n_faulty)))
    return frame.with_columns(**{name: text.cast(nw.Float64).cast(nw.Int64) for name, text in texts.items()})


def _text(column: str, *, empty: bool) -> nw.Expr:
    text = stripped(nw.col(column).cast(nw.String))
    return nw.when(text.is_null() | (text == "")).then(nw.lit("0")).otherwise(text) if empty else text


def _is_count(text: nw.Expr) -> nw.Expr:
    number = nw.when(text.str.contains(rf"^{_WHOLE}\z")).then(text).cast(nw.Float64)
    return (number < LARGEST).fill_null(value=False)


def _unnumbered(table: CountedTable, n_faulty: int) -> list[str]:
    """Say what is wrong with counts of a table whose rows have no numbers."""
    fields = "1 field is" if n_faulty == 1 else f"{n_faulty:,} fields are"
    return [f"{table.key}: {table.source.declared}: {fields} no count; counts are whole numbers, 0 or more"]


@dataclass
class _Seen:
    """Fields of one sort of one column: how many, and the first of them, each as a message has it."""

    n: int = 0
    first: list[str] = field(default_factory=list)


def _faults(table: CountedTable, columns: Sequence[str]) -> list[str]:
    """Return a message for each file, column and sort of fault, in the order of files and columns."""
    seen: dict[tuple[str, str, str], _Seen] = {}
    asked = tuple(dict.fromkeys((*columns, *table.where)))
    for name, number, row in numbered_rows(table.source, table.base, asked, table.key):
        fields = {column: (value or "").strip() for column, value in zip(asked, row, strict=True)}
        if all((fields[column] or None) in values for column, values in table.where.items()):
            for column in columns:
                if (sort := _sort(fields[column], empty=table.empty)) is not None:
                    one = seen.setdefault((name, column, sort), _Seen())
                    one.n += 1
                    if one.n <= _NAMED:
                        one.first.append(f"row {number:,}" + (f" ({fields[column]})" if fields[column] else ""))
    return [
        f"{table.key}: {name}: {column} {sort} in {listed(found.first, n=found.n)}; {_advice(sort, column)}"
        for (name, column, sort), found in seen.items()
    ]


def _sort(text: str, *, empty: bool) -> str | None:
    """Return what is wrong with a count; None where nothing is."""
    if not text:
        return None if empty else "is empty"
    if _NUMBER.fullmatch(text) is None:
        return "is no number"
    if float(text) < 0:
        return "is negative"
    if not float(text).is_integer():
        return "is no whole number"
    return "is too large" if float(text) >= LARGEST or re.fullmatch(_WHOLE, text) is None else None


def _advice(sort: str, column: str) -> str:
    return {
        "is empty": "write 0 where there is none, or empty: 0 beside count if an empty field means that",
        "is no number": "a count is a whole number, 0 or more, without a sign between thousands",
        "is negative": "a row cannot stand for fewer than no units",
        "is no whole number": f"if it is what a row is worth, write weight: {column} for count: {column}",
        "is too large": "counts are written in digits alone and stay below 9,007,199,254,740,992",
    }[sort]


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
) -> dict[str, tuple[OptionColumn, ...]]:
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
    options: dict[str, tuple[OptionColumn, ...]] = {}
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


def _value(spec: RecordSideSettings, options: tuple[OptionColumn, ...]) -> nw.Expr:
    return ticked_options(spec, options) if spec.is_wide else nw.col(spec.column or "")


def _counts(settings: RecordSettings, options: Mapping[str, tuple[OptionColumn, ...]]) -> dict[str, str]:
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
