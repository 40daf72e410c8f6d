"""What a table holds, as one number: the same in whatever order its rows and columns stand, and on every engine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

import narwhals as nw

from .expressions import with_text

if TYPE_CHECKING:
    from .engine import Frame

_BUCKET = "substr(h, 1, 3)"
"""Rows are put in order by their hashes, a part of them at a time."""


def fingerprint(frame: Frame) -> tuple[int, str]:
    """Return how many rows a frame of DuckDB or Spark has, and the SHA-256 of its content.

    Each row is hashed as the texts of its columns, in order of their names, each with its length; then the sorted
    hashes of the rows. Equal rows count as often as they stand there.
    """
    names = sorted(frame.collect_schema().names())
    whole = hashlib.sha256("".join(f"{len(name)}:{name}" for name in names).encode())
    n_rows = 0
    for _, n, digest in sorted(_buckets(_row_texts(frame, names))):
        n_rows += n
        whole.update(bytes.fromhex(digest))
    return n_rows, whole.hexdigest()


def _row_texts(frame: Frame, names: Iterable[str]) -> Frame:
    """Return each row as one text, `row`; "-" stands for what is absent."""
    columns = {f"text {place}": name for place, name in enumerate(names)}
    texts = with_text(frame, **columns)
    sized = [_sized(nw.col(column)) for column in columns]
    return texts.select(row=nw.concat_str(sized))


def _sized(text: nw.Expr) -> nw.Expr:
    return nw.concat_str([text.str.len_chars().cast(nw.String), nw.lit(":"), text]).fill_null("-")


def _buckets(rows: Frame) -> list[tuple[str, int, str]]:
    """Return the beginnings of hashes, how many rows have each, and the hash of their sorted hashes."""
    native = rows.to_native()
    if rows.implementation.is_spark_like():
        from pyspark.sql.functions import expr  # noqa: PLC0415 - Spark is loaded where it is used

        hashed = native.selectExpr("sha2(row, 256) as h").selectExpr("h", f"{_BUCKET} as b").groupBy("b")
        digest = "sha2(array_join(array_sort(collect_list(h)), ''), 256) as digest"
        return [tuple(row) for row in hashed.agg(expr("count(*) as n"), expr(digest)).collect()]
    hashed = native.project("sha256(row) as h")
    found = hashed.aggregate(f"{_BUCKET} as b, count(*) as n, sha256(string_agg(h, '' order by h)) as digest", "b")
    rows_found: list[tuple[str, int, str]] = found.fetchall()
    return rows_found
