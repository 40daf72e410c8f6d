"""Tables with a column per option: find the columns, the chosen options of a row, and counts.

Survey exports and one-hot tables tick options, and matrices of sites by species count in each field. Errors name the
file and row of invalid counts.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Container, Mapping, Sequence

import narwhals as nw

from ..errors import DataError, listed, missing_columns, raise_if_any
from ..foreign_text import visible
from ..sources.engine import Engine, Frame, only_row, split, stripped
from . import NOT_EMPTY, RecordSettings, RecordSideSettings
from .attributes import LARGEST, count_where
from .hidden import numbered_rows
from .labels import BETWEEN
from .meeting import DeclaredRelation

_NO = ("0", "0.0", "no", "n", "false", "f", "-")
"""Fields that are not empty but rarely mean that an option was chosen."""

_NAMED = 5
_WHOLE_FLOAT = r"^[0-9]+\.0\z"


Options = Mapping[str, str]
"""Column -> name of its option, in the order of the columns."""


def options_of(
    spec: RecordSideSettings, columns: Sequence[str], used: Container[str | None], place: str, file: str
) -> Options:
    """Return the options of a side in the order in which they are declared, those of one * in file order.

    A * finds no column that is `used` otherwise. Raises DataError if a column is missing, a * finds none, or two
    options have one name.
    """
    found: dict[str, str] = {}
    wrong: list[str] = []
    for name in spec.column:
        if "*" not in name or name in columns:
            wrong += missing_columns(file, columns, {name: f"{place}.column"})
            found[name] = name
            continue
        form = re.compile(".*".join(map(re.escape, name.split("*"))), re.DOTALL)
        here = {column: column for column in columns if column not in used and form.fullmatch(column)}
        if not here:
            wrong.append(f'{place}.column: no other column of {file} is like "{name}"; it has {listed(columns)}')
        found |= here
    raise_if_any(wrong)
    prefix = spec.prefix or ""
    options = {column: name[len(prefix) :] for column, name in found.items() if name.startswith(prefix)}
    if not options:
        raise DataError(f'{place}.prefix: no option of {file} begins with "{prefix}": {listed(list(found.values()))}')
    _refuse_twice(options, place, file)
    return options


def _refuse_twice(options: Options, place: str, file: str) -> None:
    first: dict[str, str] = {}
    messages = []
    for column, label in options.items():
        other = first.setdefault(label, column)
        if not label:
            messages.append(f'{place}: {file}: the option of column "{column}" would have no name')
        elif other != column:
            messages.append(f'{place}: {file}: the options of "{other}" and "{column}" are both "{label}"')
    raise_if_any(messages)


def ticked_options(spec: RecordSideSettings, options: Options) -> nw.Expr:
    """Return the labels of a row's options, each preceded by `BETWEEN`, or null if it has none."""
    parts = []
    for column, label in options.items():
        said = nw.lit(BETWEEN + label.replace(BETWEEN, visible(BETWEEN)))
        parts.append(nw.when(is_ticked(nw.col(column), spec)).then(said).otherwise(nw.lit("")))
    chosen = nw.concat_str(parts)
    return nw.when(chosen != "").then(chosen)


NO_OPTION = "(no option)"
"""The raw label, without a category, of a row that chose none of its options."""


def with_no_option(chosen: nw.Expr, spec: RecordSideSettings, options: Options) -> nw.Expr:
    """Return the labels of a row's options, and `NO_OPTION` if it has none but at least one field with an answer.

    Without such rows, every share would be one of rows with an option, and options would seem to avoid each other.
    """
    missing = [*_MISSING, *(code.lower() for code in spec.missing)]
    texts = [_as_whole(stripped(nw.col(column).cast(nw.String))).str.to_lowercase() for column in options]
    filled = [(~text.is_in(missing)).fill_null(value=False) for text in texts]
    none = chosen.is_null() & nw.any_horizontal(*filled, ignore_nulls=True)
    return nw.when(none).then(nw.lit(BETWEEN + NO_OPTION)).otherwise(chosen)


_MISSING = ("", ".", "?", "na", "n/a", "#n/a", "nan", "null")
"""Lower-case texts of fields that are no answer."""


def is_ticked(column: nw.Expr, spec: RecordSideSettings) -> nw.Expr:
    """Return whether a field marks its option as chosen; 1.0 counts as 1, since empty fields make numbers floats."""
    text = stripped(column.cast(nw.String))
    if spec.selected_values in ((), (NOT_EMPTY,)):
        return (text != "").fill_null(value=False)
    return _as_whole(text).is_in(list(spec.selected_values)).fill_null(value=False)


def _as_whole(text: nw.Expr) -> nw.Expr:
    """Return texts with 1.0 as 1."""
    return nw.when(text.str.contains(_WHOLE_FLOAT)).then(text.str.replace_all(r"\.0\z", "")).otherwise(text)


def _without_mark(text: nw.Expr) -> nw.Expr:
    """Return a text with the character that separates labels here escaped."""
    return text.str.replace_all(BETWEEN, visible(BETWEEN), literal=True)


def check_ticked(spec: RecordSideSettings, options: Options, frame: Frame, place: str, engine: Engine) -> None:
    """Raise DataError if no option was ever chosen, or `not empty` counts a no as a yes."""
    columns = [nw.col(column) for column in options]
    if spec.selected_values in ((), (NOT_EMPTY,)):
        noes = [stripped(column.cast(nw.String)).str.to_lowercase().is_in(list(_NO)) for column in columns]
        found = _values(frame, columns, noes, engine)
        if found:
            raise DataError(
                f"{place}.selected_values: not empty would take {_listed(found)} for chosen; write the value of a "
                "chosen option, such as selected_values: [1, x, yes]"
            )
        return
    ticks = [is_ticked(column, spec) for column in columns]
    any_ticked = [count_where(tick).alias(f"tick {n}") for n, tick in enumerate(ticks)]
    if not any(map(int, only_row(frame.select(*any_ticked), engine).values())):
        there = [(stripped(column.cast(nw.String)) != "").fill_null(value=False) for column in columns]
        found = _values(frame, columns, there, engine)
        held = f"they hold {_listed(found)}" if found else "they are empty"
        said = " or ".join(f'"{value}"' for value in spec.selected_values)
        raise DataError(
            f"{place}.selected_values: no field of {listed(list(options), _NAMED, 'more columns')} is {said}; {held}"
        )


def _values(frame: Frame, columns: Sequence[nw.Expr], chosen: Sequence[nw.Expr], engine: Engine) -> dict[str, int]:
    """Return the texts of chosen fields in some columns and the number of fields with each, in decreasing order."""
    parts = [
        nw.when(flag.fill_null(value=False))
        .then(nw.concat_str([nw.lit(BETWEEN), _without_mark(stripped(column.cast(nw.String)))]))
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


def unpivoted(frame: Frame, counts: Sequence[str], options: Options, name: str, engine: Engine) -> Frame:
    """Return one row per field that counts units: the row, with the option's label as `name`, and `n`.

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
    named = engine.load({"_place": list(range(len(options))), name: list(options.values())}, integers=["_place"])
    frame = parts.with_columns(_place=place, n=n).drop("_parts", "_cell")
    return frame.join(named, on="_place").drop("_place")


_WHOLE = r"\+?[0-9]{1,16}(\.0*)?"
"""Accepted forms of a count: 3, +3, 3. and 3.0."""

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def counts_of(frame: Frame, columns: Mapping[str, str], declared: DeclaredRelation, settings: RecordSettings) -> Frame:
    """Return a frame with some columns as 64-bit non-negative whole numbers; `columns`: internal name -> file name.

    Raises `DataError` if a field is empty (unless empty means 0), not a number, negative, not whole or too large, with
    the file and the first rows of each kind of error. Only rows that count are checked.
    """
    texts = {name: _text(name, empty=settings.empty is not None) for name in columns}
    faulty = {name: count_where(~_is_count(text)) for name, text in texts.items()}
    n_faulty = sum(map(int, only_row(frame.select(**faulty), declared.engine).values()))
    if n_faulty:
        fields = "1 field is" if n_faulty == 1 else f"{n_faulty:,} fields are"
        key = f"{declared.place}.records.count"
        no_rows = f"{key}: {settings.source.declared}: {fields} no count; counts are whole numbers, 0 or more"
        raise DataError(*(_faults(declared, settings, key, tuple(columns.values())) or [no_rows]))
    return frame.with_columns(**{name: text.cast(nw.Float64).cast(nw.Int64) for name, text in texts.items()})


def _text(column: str, *, empty: bool) -> nw.Expr:
    text = stripped(nw.col(column).cast(nw.String))
    return nw.when(text.is_null() | (text == "")).then(nw.lit("0")).otherwise(text) if empty else text


def _is_count(text: nw.Expr) -> nw.Expr:
    number = nw.when(text.str.contains(rf"^{_WHOLE}\z")).then(text).cast(nw.Float64)
    return (number < LARGEST).fill_null(value=False)


def _faults(declared: DeclaredRelation, settings: RecordSettings, key: str, columns: Sequence[str]) -> list[str]:
    """Return a message for each file, column and kind of error, in the order of files and columns."""
    n: Counter[tuple[str, str, str]] = Counter()
    first: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)
    asked = tuple(dict.fromkeys((*columns, *settings.where)))
    for name, number, row in numbered_rows(settings.source, declared.base, asked, key):
        fields = {column: (value or "").strip() for column, value in zip(asked, row, strict=True)}
        if all((fields[column] or None) in values for column, values in settings.where.items()):
            for column in columns:
                if (sort := _sort(fields[column], empty=settings.empty is not None)) is not None:
                    n[name, column, sort] += 1
                    if n[name, column, sort] <= _NAMED:
                        said = f" ({fields[column]})" if fields[column] else ""
                        first[name, column, sort].append(f"row {number:,}{said}")
    return [
        f"{key}: {name}: {column} {sort} in {listed(first[name, column, sort], n=times)}; {_advice(sort, column)}"
        for (name, column, sort), times in n.items()
    ]


def _sort(text: str, *, empty: bool) -> str | None:
    """Return the error in a count, or None."""
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
        "is no whole number": f"if it is the weight of a row, write weight: {column} for count: {column}",
        "is too large": "counts are written in digits alone and stay below 9,007,199,254,740,992",
    }[sort]
