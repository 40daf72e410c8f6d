"""The engine protocol: what the stages before the waist ask of DuckDB or another engine, through Narwhals.

Whole numbers leave the engine as arrays, small results as tables of pandas; nothing else crosses. Below are expressions
that mean the same on every engine where Narwhals does not see to that. What engines write differently is `Expressions`.
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


Frame: TypeAlias = nw.LazyFrame[Any]
"""A lazy table of whatever engine."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a delimited file is written; fields equal to one of `null` are read as absent.

    `skip` lines come before the header, which has so many rows; None is one whose names are as they must be.
    """

    delimiter: str
    quote: str
    encoding: str
    null: tuple[str, ...]
    skip: int = 0
    header: int | None = None
    replaces: bool = False
    """Whether bytes that the encoding does not have are replaced."""

    @property
    def n_header_rows(self) -> int:
        """How many rows have names of columns."""
        return 1 if self.header is None else self.header


class Engine(Protocol):
    """Reads files lazily, keeps what is used twice, and hands small results to pandas.

    What is wrong with a file may come to light only when a frame is computed: `keep` and `collect` raise
    `DataError` in the same words as the functions that open files. `limits` hold for what it reads; `folder` is the
    temporary folder, which `close` deletes. Use it as a context manager, or call `close`.
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
        """Return a lazy frame of delimited text files, every column text; the caller has read the header.

        `paths` gives each file the name that errors call it by.
        """
        ...

    def read_parquet(self, paths: Mapping[Path, str]) -> Frame:
        """Return a lazy frame of Parquet files with their own types."""
        ...

    def read_json(self, paths: Mapping[Path, str], *, lines: bool) -> Frame:
        """Return a lazy frame of a JSON array of objects, or of one object a line; mixed columns are text."""
        ...

    def load(self, columns: Mapping[str, Sequence[object]], integers: Collection[str] = ()) -> Frame:
        """Return a small table made in Python as a table of the engine.

        Columns named in `integers` are 64-bit whole numbers, the others text; None is absent. Columns may be
        empty and must be equally long.
        """
        ...

    def keep(self, frame: Frame) -> Frame:
        """Compute a lazy frame once and return it as a table that later queries read."""
        ...

    def scope(self) -> AbstractContextManager[Callable[[Frame | None], None]]:
        """Let go at its end of all that was kept within, or, when what it gives is called, of all but one frame.

        No frame made of the others may be used after.
        """
        ...

    def forget(self, frame: Frame) -> None:
        """Let go of what `keep` returned, before its scope ends: no frame made of it may be used after."""
        ...

    def collect(self, frame: Frame) -> pd.DataFrame:
        """Compute a small result and return it as pandas."""
        ...

    def columns(self, frame: Frame) -> dict[str, list[Any]]:
        """Compute a small result and return its columns as plain values, None where there is none."""
        ...

    def chunks(self, frame: Frame) -> Iterator[dict[str, NDArray[Any]]]:
        """Compute a frame of whole numbers as `arrays`, of many rows bit by bit; ask for nothing else meanwhile."""
        ...

    def arrays(self, frame: Frame) -> dict[str, NDArray[Any]]:
        """Compute a frame of whole numbers, none of them absent, and return its columns as arrays."""
        ...

    def count(self, frame: Frame) -> int:
        """Return the number of rows of a frame."""
        return int(self.columns(frame.select(n=nw.len().cast(nw.Int64)))["n"][0])

    def close(self) -> None:
        """Let go of connections and temporary files."""
        ...


class Expressions:
    """What engines write differently in SQL. These are DuckDB's; an engine of another kind overrides them.

    `title` is what messages call the engine.
    """

    title = "DuckDB"

    def separator(self, text: str) -> str:
        """Return a text as the separator at which Narwhals splits: every character means itself."""
        return text

    def can_name(self, column: str) -> bool:
        """Return whether a column can be called so."""
        del column
        return True

    def quoted(self, column: str) -> str:
        """Return the name of a column in SQL."""
        return '"' + column.replace('"', '""') + '"'

    def selected(self, frame: Frame, columns: Sequence[str]) -> Frame:
        """Return a frame of these columns, each an expression in SQL."""
        found: Frame = nw.from_native(frame.to_native().project(", ".join(columns)))
        return found

    def hashed(self, column: str) -> str:
        """Return the SQL of a whole number of 63 bits for the text of a column: equal for equal texts alone, nearly."""
        text = self.quoted(column)
        # Alone, DuckDB's hash of texts is not as good as its 64 bits.
        return f"""cast(xor(hash({text}), hash({text} || '#')) >> 1 as bigint)"""

    def digests(self, rows: Frame) -> list[tuple[str, int, str]]:
        """Return, of a column of texts `row`, the first three digits of their SHA-256 hashes with two values each.

        These are how many texts have them, and the SHA-256 of the sorted hashes.
        """
        hashed = rows.to_native().project("sha256(row) as h")
        digest = "sha256(string_agg(h, '' order by h)) as digest"
        found = hashed.aggregate(f"substr(h, 1, 3) as b, count(*) as n, {digest}", "b")
        digests: list[tuple[str, int, str]] = found.fetchall()
        return digests


_expressions: dict[nw.Implementation, Expressions] = {}


def use_expressions(implementation: nw.Implementation, expressions: Expressions) -> None:
    """Say how the frames of an engine are asked; the engine does so when it opens."""
    _expressions[implementation] = expressions


def expressions_of(frame: Frame) -> Expressions:
    """Return how a frame is asked."""
    return _expressions.get(frame.implementation) or Expressions()


def split(frame: Frame, column: str, separator: str) -> nw.Expr:
    """Return a column as lists of the parts between separators, each character of which stands for itself."""
    return nw.col(column).cast(nw.String).str.split(expressions_of(frame).separator(separator))


def stripped(text: nw.Expr) -> nw.Expr:
    """Return a text without the white space of ASCII around it."""
    return text.str.strip_chars(string.whitespace)


def rounded(number: nw.Expr) -> nw.Expr:
    """Return numbers of 0 or more rounded to whole ones, halves up."""
    below = number.floor()
    zero, one = nw.lit(0, dtype=nw.Int64), nw.lit(1, dtype=nw.Int64)
    return below.cast(nw.Int64) + nw.when(number - below >= 0.5).then(one).otherwise(zero)


def names_out_of_reach(frame: Frame, names: Iterable[str]) -> list[str]:
    """Return the names that a frame's engine would take for something else."""
    expressions = expressions_of(frame)
    return [name for name in names if not expressions.can_name(name)]


def only_row(frame: Frame, engine: Engine) -> dict[str, Any]:
    """Compute a result of one row and return its values by column."""
    return {name: values[0] for name, values in engine.columns(frame).items()}


def has_rows(frame: Frame, engine: Engine) -> bool:
    """Compute whether a frame has any row."""
    return any(map(len, engine.columns(frame.head(1)).values()))


def with_hash(frame: Frame, new: str, of: str) -> Frame:
    """Return a frame with a column of 63-bit whole numbers that differ where texts of another do, barring chance."""
    expressions = expressions_of(frame)
    return expressions.selected(frame, ["*", f"{expressions.hashed(of)} as {expressions.quoted(new)}"])


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
    expressions = expressions_of(frame)
    quoted = {name: expressions.quoted(name) for name in frame.collect_schema().names()}
    return expressions.selected(
        frame, [f"cast(to_json({q}) as string) as {q}" if name in names else q for name, q in quoted.items()]
    )
