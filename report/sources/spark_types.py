"""Columns of Spark -> what the other engines have: texts, whole numbers, truth values, dates, and lists of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as f
from pyspark.sql import types as st

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

_PLAIN = (st.ByteType, st.ShortType, st.IntegerType, st.LongType, st.StringType, st.BooleanType, st.DateType)


def as_other_engines(frame: DataFrame) -> DataFrame:
    """Return a frame in which what is no text, whole number, truth value or date is text as DuckDB writes it."""
    chosen = []
    for field in frame.schema.fields:
        column = f.col("`" + field.name.replace("`", "``") + "`")
        chosen.append(column if _is_plain(field.dataType) else _as_text(column, field.dataType).alias(field.name))
    return frame.select(*chosen)


def _is_plain(type_: st.DataType) -> bool:
    return isinstance(type_.elementType if isinstance(type_, st.ArrayType) else type_, _PLAIN)


def _as_text(values: Column, type_: st.DataType) -> Column:
    """Return values as text; of lists, each element."""
    if isinstance(type_, st.ArrayType):
        inner = type_.elementType
        return f.transform(values, lambda value: _as_text(value, inner))
    if isinstance(type_, st.DoubleType | st.FloatType):
        return _float(values.cast("double"))
    if isinstance(type_, st.TimestampType):
        return f.concat(values.cast("string"), f.lit("+00"))
    if isinstance(type_, st.StructType | st.MapType):
        return f.to_json(values)
    return values.cast("string")


def _float(values: Column) -> Column:
    """Return floats as DuckDB writes them: plain from 1e-4 to below 1e16, otherwise 1.5e-07.

    Java writes plain from 1e-3 to below 1e7, otherwise 1.5E-7.
    """
    text = values.cast("string")
    plain = f.regexp_replace(values.try_cast("decimal(38,22)").cast("string"), r"(\.[0-9]*?[1-9]|\.0)0*$", "$1")
    short = f.regexp_replace(f.regexp_replace(text, r"(\.0)?E(?=[0-9])", "e+"), r"(\.0)?E-", "e-")
    padded = f.regexp_replace(short, r"e([+-])([0-9])$", "e$10$2")
    named = f.regexp_replace(f.lower(text), "infinity", "inf")
    size = f.abs(values)
    return (
        f.when(~text.rlike("[0-9]"), named)
        .when(~text.contains("E"), text)
        .when((size >= 1e-4) & (size < 1e16), plain)
        .otherwise(padded)
    )
