"""Expressions that mean the same on every engine, where Narwhals does not see to that.

The one place that asks a frame which engine it belongs to.
"""

from __future__ import annotations

import re
import string
from typing import TYPE_CHECKING

import narwhals as nw

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from .engine import Frame


def split(frame: Frame, column: str, separator: str) -> nw.Expr:
    """Return a column as lists of the parts between separators, each character of which stands for itself.

    Spark takes what it splits at for a regular expression: there "|" would part all characters.
    """
    pattern = re.escape(separator) if frame.implementation.is_spark_like() else separator
    return nw.col(column).cast(nw.String).str.split(pattern)


def stripped(text: nw.Expr) -> nw.Expr:
    """Return a text without the white space of ASCII around it."""
    return text.str.strip_chars(string.whitespace)


def rounded(number: nw.Expr) -> nw.Expr:
    """Return numbers of 0 or more rounded to whole ones, halves up."""
    below = number.floor()
    zero, one = nw.lit(0, dtype=nw.Int64), nw.lit(1, dtype=nw.Int64)
    return below.cast(nw.Int64) + nw.when(number - below >= 0.5).then(one).otherwise(zero)


def names_out_of_reach(frame: Frame, names: Iterable[str]) -> list[str]:
    """Return the names that a frame's engine would take for something else: to Spark "a.b" is a part of "a"."""
    return [name for name in names if frame.implementation.is_spark_like() and (set(".`") & set(name) or name == "*")]


def with_text(frame: Frame, **columns: str) -> Frame:
    """Return a frame with further columns (new=old) that hold whole values as text: lists as JSON."""
    schema = frame.collect_schema()
    listed = {new: old for new, old in columns.items() if schema[old] == nw.List}
    texts = {new: nw.col(old).cast(nw.String) for new, old in columns.items() if new not in listed}
    lists = {new: nw.col(old).cast(nw.List(nw.String)) for new, old in listed.items()}
    frame = frame.with_columns(**texts, **lists)
    return _lists_as_json(frame, tuple(listed)) if listed else frame


def _lists_as_json(frame: Frame, names: Collection[str]) -> Frame:
    """Return a frame with columns of lists of text as JSON."""
    native = frame.to_native()
    is_spark = frame.implementation.is_spark_like()
    mark = "`" if is_spark else '"'
    quoted = {name: f"{mark}{name.replace(mark, 2 * mark)}{mark}" for name in frame.collect_schema().names()}
    chosen = [f"cast(to_json({q}) as string) as {q}" if name in names else q for name, q in quoted.items()]
    relational: Frame = nw.from_native(native.selectExpr(*chosen) if is_spark else native.project(", ".join(chosen)))
    return relational
