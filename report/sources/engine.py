"""The engine protocol: what the stages before the waist ask of DuckDB, Polars or Spark, through Narwhals.

Only `collect` and `vocabulary`-sized results leave the engine; nothing else crosses to pandas.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    import narwhals as nw
    import pandas as pd


class Engine(Protocol):
    """Reads files lazily, keeps what is used twice, and hands small results to pandas."""

    def read_delimited(self, paths: Sequence[Path], columns: Sequence[str], options: Mapping[str, str]) -> nw.LazyFrame:
        """Return a lazy frame of a delimited text file, every column text; the header was read by the caller."""
        ...

    def read_parquet(self, paths: Sequence[Path]) -> nw.LazyFrame:
        """Return a lazy frame of Parquet files with their own types."""
        ...

    def read_json(self, paths: Sequence[Path], *, lines: bool) -> nw.LazyFrame:
        """Return a lazy frame of a JSON array of objects, or of one object a line."""
        ...

    def load(self, columns: Mapping[str, Sequence[object]]) -> nw.LazyFrame:
        """Return a small table made in Python as a lazy frame; columns may be empty but must be typed by name."""
        ...

    def keep(self, frame: nw.LazyFrame) -> nw.LazyFrame:
        """Compute a lazy frame once and return it as a table that later queries read."""
        ...

    def collect(self, frame: nw.LazyFrame) -> pd.DataFrame:
        """Compute a small result and return it as pandas."""
        ...

    def close(self) -> None:
        """Let go of connections and temporary files."""
        ...
