"""Counts per row: a row of a table that stands for several units, as whole numbers, or what keeps them from being such.

A count says how many units there are, each of which adds one to every sum; a weight says what one unit is worth.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import narwhals as nw

from ..errors import DataError
from ..sources.engine import only_row, stripped
from ..sources.numbered import numbered_rows
from .attributes import LARGEST, count_where

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..sources.declared import SourceSettings
    from ..sources.engine import Engine, Frame

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
        f"{table.key}: {name}: {column} {sort} in {_listed(found)}; {_advice(sort, column)}"
        for (name, column, sort), found in seen.items()
    ]


def _listed(found: _Seen) -> str:
    more = f" and {found.n - _NAMED:,} more" if found.n > _NAMED else ""
    return ", ".join(found.first) + more


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
