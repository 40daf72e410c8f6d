"""The engine protocol: the queries that stages before the incidence table send to an engine through Narwhals.

Whole numbers leave the engine as arrays, small results as pandas tables, and nothing else does. The expressions below
mean the same on every engine where Narwhals does not ensure it. `Expressions` covers differences in SQL. At the end are
literals and the configuration of DuckDB for all modules that ask it directly.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeAlias

import narwhals as nw

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

    import pandas as pd
    from numpy.typing import NDArray

    from . import Limits


import os
from contextlib import contextmanager
from functools import cache

import duckdb

Frame: TypeAlias = nw.LazyFrame[Any]
"""A lazy table of any engine."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """The format of a delimited file; fields equal to one of `null` are missing values.

    `skip` lines precede the header, which has `header` rows. None: one row, whose names must be valid as they are.
    """

    delimiter: str
    quote: str
    encoding: str
    null: tuple[str, ...]
    skip: int = 0
    header: int | None = None
    replaces: bool = False
    """Whether invalid bytes are replaced."""

    @property
    def n_header_rows(self) -> int:
        """The number of rows with column names."""
        return 1 if self.header is None else self.header


ROWS_OF_CHUNK = 524_288
"""Usual number of rows that are fetched at once."""


class Engine(Protocol):
    """Reader that is lazy, keeps tables that are used twice, and returns small results as pandas.

    Some errors in a file appear only when a frame is computed. `keep` and `collect` then raise `DataError` in the same
    words as the functions that open files. `limits` apply to all reading, and `close` deletes `folder`, the temporary
    folder. Use the engine as a context manager, or call `close`.
    """

    limits: Limits
    folder: Path

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def read_delimited(self, paths: Mapping[Path, str], columns: Sequence[str], dialect: Dialect) -> Frame:
        """Return a lazy frame of delimited text files, every column text, given the columns from the header.

        `paths` gives the name of each file in error messages.
        """
        ...

    def read_parquet(self, paths: Mapping[Path, str]) -> Frame:
        """Return a lazy frame of Parquet files with their own types."""
        ...

    def read_json(self, paths: Mapping[Path, str], *, lines: bool) -> Frame:
        """Return a lazy frame of a JSON array of objects, or of one object per line, with mixed columns as text."""
        ...

    def load(self, columns: Mapping[str, Sequence[object]], integers: Collection[str] = ()) -> Frame:
        """Return a small table made in Python as a table of the engine.

        Columns named in `integers` are 64-bit whole numbers, the others text. None is a missing value. Columns may be
        empty and must have equal lengths.
        """
        ...

    def keep(self, frame: Frame) -> Frame:
        """Compute a lazy frame once and return it as a table that later queries read."""
        ...

    def scope(self) -> AbstractContextManager[Callable[[Frame | None], None]]:
        """Free all kept tables at the end of a scope; if the yielded function is called, all but one.

        Frames derived from the freed tables must not be used afterwards.
        """
        ...

    def forget(self, frame: Frame) -> None:
        """Free a table that `keep` returned before its scope ends, after which frames derived from it are invalid."""
        ...

    def collect(self, frame: Frame) -> pd.DataFrame:
        """Compute a small result and return it as pandas."""
        ...

    def columns(self, frame: Frame) -> dict[str, list[Any]]:
        """Compute a small result and return its columns as plain values, with None for missing values."""
        ...

    def chunks(self, frame: Frame, n_rows: int = ROWS_OF_CHUNK) -> Iterator[dict[str, NDArray[Any]]]:
        """Compute a frame as arrays, about `n_rows` at a time, without any other query meanwhile."""
        ...

    def arrays(self, frame: Frame) -> dict[str, NDArray[Any]]:
        """Compute a frame of whole numbers without missing values, and return its columns as arrays."""
        ...

    def count(self, frame: Frame) -> int:
        """Return the number of rows of a frame."""
        return int(self.columns(frame.select(n=nw.len().cast(nw.Int64)))["n"][0])

    def close(self) -> None:
        """Release connections and temporary files."""
        ...


class Expressions:
    """SQL that differs between engines. These are DuckDB's versions, which other engines override.

    `title` is the name of the engine in messages.
    """

    title = "DuckDB"

    def separator(self, text: str) -> str:
        """Return a text as a separator for Narwhals, in which every character is literal."""
        return text

    def can_name(self, column: str) -> bool:
        """Return whether a column can have this name."""
        del column
        return True

    def quoted(self, column: str) -> str:
        """Return the name of a column in SQL."""
        return '"' + column.replace('"', '""') + '"'

    def selected(self, frame: Frame, columns: Sequence[str]) -> Frame:
        """Return a frame of these columns, each an SQL expression."""
        found: Frame = nw.from_native(frame.to_native().project(", ".join(columns)))
        return found

    def hashed(self, column: str) -> str:
        """Return the SQL of a 63-bit hash of a column's text, which almost never collides."""
        text = self.quoted(column)
        # Alone, DuckDB's hash of texts is weaker than its 64 bits suggest.
        return f"""cast(xor(hash({text}), hash({text} || '#')) >> 1 as bigint)"""

    def drawn(self, frame: Frame, share: float) -> Frame:
        """Return about a share of the rows, chosen by a hash of their fields."""
        columns = ", ".join(map(self.quoted, frame.collect_schema().names()))
        found: Frame = nw.from_native(frame.to_native().filter(f"hash({columns}) % 1000000 < {round(1e6 * share)}"))
        return found

    def digests(self, rows: Frame) -> list[tuple[str, int, str]]:
        """Return the first three digits of the SHA-256 hashes of a text column `row`, with two values each.

        The values are the number of texts with these digits, and the SHA-256 of the sorted hashes.
        """
        hashed = rows.to_native().project("sha256(row) as h")
        digest = "sha256(string_agg(h, '' order by h)) as digest"
        found = hashed.aggregate(f"substr(h, 1, 3) as b, count(*) as n, {digest}", "b")
        digests: list[tuple[str, int, str]] = found.fetchall()
        return digests


_expressions: dict[nw.Implementation, Expressions] = {}


def use_expressions(implementation: nw.Implementation, expressions: Expressions) -> None:
    """Register the SQL expressions of an engine when it opens."""
    _expressions[implementation] = expressions


def expressions_of(frame: Frame) -> Expressions:
    """Return the SQL expressions for a frame's engine."""
    return _expressions.get(frame.implementation) or Expressions()


def split(frame: Frame, column: str, separator: str) -> nw.Expr:
    """Return a column as lists of the parts between separators, each character of which is literal."""
    return nw.col(column).cast(nw.String).str.split(expressions_of(frame).separator(separator))


def stripped(text: nw.Expr) -> nw.Expr:
    """Return a text without surrounding ASCII white space."""
    return text.str.strip_chars(string.whitespace)


def rounded(number: nw.Expr) -> nw.Expr:
    """Return non-negative numbers rounded to whole numbers, halves up."""
    below = number.floor()
    zero, one = nw.lit(0, dtype=nw.Int64), nw.lit(1, dtype=nw.Int64)
    return below.cast(nw.Int64) + nw.when(number - below >= 0.5).then(one).otherwise(zero)


def names_out_of_reach(frame: Frame, names: Iterable[str]) -> list[str]:
    """Return the names that a frame's engine would misinterpret."""
    expressions = expressions_of(frame)
    return [name for name in names if not expressions.can_name(name)]


def only_row(frame: Frame, engine: Engine) -> dict[str, Any]:
    """Compute a result of one row and return its values by column."""
    return {name: values[0] for name, values in engine.columns(frame).items()}


def has_rows(frame: Frame, engine: Engine) -> bool:
    """Return whether a frame has any row."""
    return any(map(len, engine.columns(frame.head(1)).values()))


def with_hash(frame: Frame, new: str, of: str) -> Frame:
    """Return a frame with a column of 63-bit hashes of another column, which rarely collide."""
    expressions = expressions_of(frame)
    return expressions.selected(frame, ["*", f"{expressions.hashed(of)} as {expressions.quoted(new)}"])


def drawn(frame: Frame, share: float) -> Frame:
    """Return about a share of the rows of a frame, the same ones each time."""
    return expressions_of(frame).drawn(frame, share)


def with_text(frame: Frame, **columns: str) -> Frame:
    """Return a frame with further columns (new=old) that contain whole values as text: lists as JSON."""
    schema = frame.collect_schema()
    listed = {new: old for new, old in columns.items() if schema[old] == nw.List}
    texts = {new: nw.col(old).cast(nw.String) for new, old in columns.items() if new not in listed}
    lists = {new: nw.col(old).cast(nw.List(nw.String)) for new, old in listed.items()}
    frame = frame.with_columns(**texts, **lists)
    return _lists_as_json(frame, tuple(listed)) if listed else frame


def _lists_as_json(frame: Frame, names: Collection[str]) -> Frame:
    """Return a frame with columns of text lists as JSON."""
    expressions = expressions_of(frame)
    quoted = {name: expressions.quoted(name) for name in frame.collect_schema().names()}
    return expressions.selected(
        frame, [f"cast(to_json({q}) as string) as {q}" if name in names else q for name, q in quoted.items()]
    )


CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
"""Basic DuckDB configuration: no automatic downloads."""

LOCKED: dict[str, str | bool | int | float | list[str]] = {
    **CONFIG,
    "allow_community_extensions": False,
    "allow_persistent_secrets": False,
    "extension_directory": f"{os.devnull}/none",
    "custom_extension_repository": f"{os.devnull}/none",
    "python_enable_replacements": False,
    "allowed_configs": ["TimeZone", "enable_progress_bar", "preserve_insertion_order", "threads"],
    "lock_configuration": True,
}
"""DuckDB configuration without extensions: no SQL can load one, and without one there is no network access.

SQL cannot change these settings. Access to arbitrary files cannot be disabled here: DuckDB needs the complete list of
files before it opens the first, resolves links in it, and accepts no further files afterwards."""


@contextmanager
def duckdb_aside() -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a cursor of a DuckDB separate from all engines, for queries that need none of their tables.

    It is opened once, since opening takes longer than most queries. After an error, which may leave it unusable, the
    next query gets a new connection.
    """
    try:
        with _aside().cursor() as cursor:
            yield cursor
    except duckdb.Error:
        _aside.cache_clear()
        raise


@cache
def _aside() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(":memory:", config={**LOCKED, "threads": 1, "enable_external_file_cache": False})


def literal(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def path_literal(path: Path) -> str:
    """Return a path as an SQL literal in which `*`, `?` and `[` are literal."""
    return literal("".join(f"[{c}]" if c in "*?[" else c for c in str(path)))
