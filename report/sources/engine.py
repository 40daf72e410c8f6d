"""The engine protocol: what the stages before the waist ask of DuckDB, Polars or Spark, through Narwhals.

Only `collect` and `vocabulary`-sized results leave the engine; nothing else crosses to pandas.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import narwhals as nw

if TYPE_CHECKING:
    import pandas as pd

Frame: TypeAlias = nw.LazyFrame[Any]
"""A lazy table of whatever engine."""


class Engine(Protocol):
    """Reads files lazily, keeps what is used twice, and hands small results to pandas."""

    def read_delimited(self, paths: Sequence[Path], columns: Sequence[str], options: Mapping[str, str]) -> Frame:
        """Return a lazy frame of a delimited text file, every column text; the header was read by the caller."""
        ...

    def read_parquet(self, paths: Sequence[Path]) -> Frame:
        """Return a lazy frame of Parquet files with their own types."""
        ...

    def read_json(self, paths: Sequence[Path], *, lines: bool) -> Frame:
        """Return a lazy frame of a JSON array of objects, or of one object a line."""
        ...

    def load(self, columns: Mapping[str, Sequence[object]]) -> Frame:
        """Return a small table made in Python as a lazy frame; columns may be empty but must be typed by name."""
        ...

    def keep(self, frame: Frame) -> Frame:
        """Compute a lazy frame once and return it as a table that later queries read."""
        ...

    def collect(self, frame: Frame) -> pd.DataFrame:
        """Compute a small result and return it as pandas."""
        ...

    def close(self) -> None:
        """Let go of connections and temporary files."""
        ...
