"""Tables with a column for each option: which columns they are, which options a row has, and how often.

Survey exports and one-hot tables tick options; matrices of sites by species count in each field.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import narwhals as nw

from ..errors import DataError, did_you_mean, listed
from ..sources.engine import Engine, Frame, only_row, split, stripped
from ..sources.patterns import part_found
from .attributes import count_where
from .forms import NOT_EMPTY, RecordSideSettings
from .labels import BETWEEN

_NO = ("0", "0.0", "no", "n", "false", "f", "-")
"""Fields that hold something and hardly mean that an option was chosen."""

_NAMED = 5
_WHOLE_FLOAT = r"^[0-9]+\.0\z"


@dataclass(frozen=True, slots=True)
class OptionColumn:
    """A column and what its option is called."""

    column: str
    label: str


@dataclass(frozen=True)
class Ticked:
    """How labels of ticked options are read from what `ticked_options` makes of them."""

    separator: str = BETWEEN
    prefix: str | None = None
    respect: tuple[str, ...] = ()
    key: str | None = None


def options_of(spec: RecordSideSettings, columns: Sequence[str], place: str, file: str) -> tuple[OptionColumn, ...]:
    """Return the options of a side in the order of the file's columns, or as they are declared.

    Raises DataError where a column is not there, the pattern finds none, or two options have one name.
    """
    if spec.pattern is None:
        lacking = [name for name in spec.columns if name not in columns]
        if lacking:
            raise DataError(*(_lacks(f"{place}.columns", name, columns, file) for name in lacking))
        found = {name: name for name in spec.columns}
    else:
        wrong = [_lacks(f"{place}.but", name, columns, file) for name in spec.but if name not in columns]
        found = part_found(spec.pattern, [name for name in columns if name not in spec.but])
        if not found:
            wrong.append(f'{place}.pattern: no column of {file} has "{spec.pattern}"; it has {listed(columns)}')
        if wrong:
            raise DataError(*wrong)
    prefix = spec.prefix or ""
    options = tuple(
        OptionColumn(column, name[len(prefix) :]) for column, name in found.items() if name.startswith(prefix)
    )
    if not options:
        raise DataError(f'{place}.prefix: no option of {file} begins with "{prefix}": {listed(list(found.values()))}')
    if spec.named_by == "column":
        _refuse_twice(options, place, file)
    return options


def _lacks(place: str, name: str, columns: Sequence[str], file: str) -> str:
    return f'{place}: {file} has no column "{name}"; it has {listed(columns)}{did_you_mean(name, columns)}'


def _refuse_twice(options: Sequence[OptionColumn], place: str, file: str) -> None:
    first: dict[str, str] = {}
    messages = []
    for option in options:
        other = first.setdefault(option.label, option.column)
        if not option.label:
            messages.append(f'{place}: {file}: the option of column "{option.column}" would have no name')
        elif other != option.column:
            messages.append(
                f'{place}: {file}: the options of "{other}" and "{option.column}" are both "{option.label}"'
            )
    if messages:
        raise DataError(*messages)


def ticked_options(spec: RecordSideSettings, options: Sequence[OptionColumn]) -> nw.Expr:
    """Return the labels of the options that a row has, `BETWEEN` before each; absent where it has none."""
    texts = [(nw.col(option.column), option.label) for option in options]
    parts = [
        nw.when(is_ticked(column, spec)).then(_after(column, label, spec)).otherwise(nw.lit(""))
        for column, label in texts
    ]
    chosen = nw.concat_str(parts)
    return nw.when(chosen != "").then(chosen)


def _after(column: nw.Expr, label: str, spec: RecordSideSettings) -> nw.Expr:
    if spec.named_by == "column":
        return nw.lit(BETWEEN + label)
    return nw.concat_str([nw.lit(BETWEEN), stripped(column.cast(nw.String))])


def is_ticked(column: nw.Expr, spec: RecordSideSettings) -> nw.Expr:
    """Return whether a field says that its option was chosen; 1.0 is 1, as numbers beside empty fields are written."""
    text = stripped(column.cast(nw.String))
    if spec.ticked in ((), (NOT_EMPTY,)):
        return (text != "").fill_null(value=False)
    whole = nw.when(text.str.contains(_WHOLE_FLOAT)).then(text.str.replace_all(r"\.0\z", "")).otherwise(text)
    return whole.is_in(list(spec.ticked)).fill_null(value=False)


def check_ticked(
    spec: RecordSideSettings, options: Sequence[OptionColumn], frame: Frame, place: str, engine: Engine
) -> None:
    """Raise DataError where no option was ever chosen, or `not empty` takes a no for a yes."""
    columns = [nw.col(option.column) for option in options]
    if spec.ticked in ((), (NOT_EMPTY,)):
        noes = [stripped(column.cast(nw.String)).str.to_lowercase().is_in(list(_NO)) for column in columns]
        found = _values(frame, columns, noes, engine)
        if found and spec.named_by == "column":
            raise DataError(
                f"{place}.ticked: not empty would take {_listed(found)} for chosen; write what stands where an option "
                "was, such as ticked: [1, x, yes]"
            )
        return
    ticks = [is_ticked(column, spec) for column in columns]
    any_ticked = [count_where(tick).alias(f"tick {n}") for n, tick in enumerate(ticks)]
    if not any(map(int, only_row(frame.select(*any_ticked), engine).values())):
        there = [(stripped(column.cast(nw.String)) != "").fill_null(value=False) for column in columns]
        found = _values(frame, columns, there, engine)
        held = f"they hold {_listed(found)}" if found else "they are empty"
        said = " or ".join(f'"{value}"' for value in spec.ticked)
        raise DataError(f"{place}.ticked: no field of {_called(options)} is {said}; {held}")


def _called(options: Sequence[OptionColumn]) -> str:
    return listed([option.column for option in options], _NAMED, "more columns")


def _values(frame: Frame, columns: Sequence[nw.Expr], chosen: Sequence[nw.Expr], engine: Engine) -> dict[str, int]:
    """Return the texts of chosen fields of any of some columns and how many fields hold each, most first."""
    parts = [
        nw.when(flag.fill_null(value=False))
        .then(nw.concat_str([nw.lit(BETWEEN), stripped(column.cast(nw.String))]))
        .otherwise(nw.lit(""))
        for column, flag in zip(columns, chosen, strict=True)
    ]
    rows = frame.select(value=nw.concat_str(parts)).group_by("value").agg(n=nw.len().cast(nw.Int64))
    each = rows.with_columns(value=split(rows, "value", BETWEEN)).explode("value").filter(nw.col("value") != "")
    found = engine.columns(each.group_by("value").agg(n=nw.col("n").sum().cast(nw.Int64)))
    pairs = zip(found["value"], found["n"], strict=True)
    return dict(sorted(((str(value), int(n)) for value, n in pairs), key=lambda pair: (-pair[1], pair[0])))


def _listed(found: dict[str, int]) -> str:
    shown = [f'"{value}" ({n:,} {"field" if n == 1 else "fields"})' for value, n in list(found.items())[:_NAMED]]
    return listed(shown, _NAMED, "other texts", len(found))


def unpivoted(frame: Frame, counts: Sequence[str], options: Sequence[OptionColumn], name: str, engine: Engine) -> Frame:
    """Return one row for each field that counts units: those of the row with the option's label as `name`, and `n`.

    `counts` are the columns of whole numbers, as many as options.
    """
    cells = [
        nw.when(nw.col(count) > 0)
        .then(nw.concat_str([nw.lit(f"{BETWEEN}{place}:"), nw.col(count).cast(nw.String)]))
        .otherwise(nw.lit(""))
        for place, count in enumerate(counts)
    ]
    kept = [column for column in frame.collect_schema().names() if column not in counts]
    frame = frame.select(*kept, _cell=nw.concat_str(cells))
    frame = frame.with_columns(_cell=split(frame, "_cell", BETWEEN)).explode("_cell").filter(nw.col("_cell") != "")
    parts = frame.with_columns(_parts=split(frame, "_cell", ":"))
    place, n = (nw.col("_parts").list.get(part).cast(nw.Int64) for part in (0, 1))
    named = engine.load(
        {"_place": list(range(len(options))), name: [option.label for option in options]}, integers=["_place"]
    )
    frame = parts.with_columns(_place=place, n=n).drop("_parts", "_cell")
    return frame.join(named, on="_place").drop("_place")
