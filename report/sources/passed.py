"""Tables that are passed from Python instead of files: data frames of pandas, Polars, PyArrow, DuckDB or Spark."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import duckdb
import narwhals as nw
import numpy as np
from pydantic import Field, InstanceOf

from ..errors import DataError
from ..schema import listed
from . import faults
from .duckdb import DuckDBEngine
from .expressions import names_out_of_reach
from .fingerprint import fingerprint
from .headers import check_names
from .settings import EngineSettings, SourceSettings

if TYPE_CHECKING:
    import pandas as pd

    from .engine import Frame

_KINDS = "a data frame of pandas, Polars or Spark, a table of PyArrow, or a relation of DuckDB"


@dataclass(frozen=True, eq=False)
class PassedTable:
    """A table that was passed under a name.

    `content` is a Parquet file, or a lazy frame of Spark. `sha256` is the hash of what it holds, whatever the order
    of rows and columns and the kind of frame.
    """

    name: str
    columns: tuple[str, ...]
    n_rows: int
    sha256: str
    content: Path | Frame


class PassedSource(SourceSettings):
    """What stands in for a declared source whose table was passed."""

    passed: InstanceOf[PassedTable] = Field(exclude=True)

    @property
    def declared(self) -> str:
        """What messages call the table."""
        return f'the table passed as "{self.passed.name}"'


def take(name: str, table: object, folder: Path, settings: EngineSettings) -> PassedTable:
    """Return a table that was passed; what is not of Spark is written into a folder.

    Raises `DataError` for what is no table, has no rows or faulty column names, and for one of Spark where another
    engine counts.
    """
    label = f'tables: "{name}"'
    native: Any = nw.to_native(table, pass_through=True)
    kind = (type(native).__module__.partition(".")[0], type(native).__name__)
    if kind == ("pyspark", "DataFrame"):
        passed = _of_spark(name, native, settings, label)
    elif kind in _WRITERS:
        check_names(label, _names(native))
        passed = _written(name, native, folder / f"{name}.parquet", settings, label)
    else:
        what = "None" if table is None else f"a {type(table).__name__}"
        raise DataError(f"{label} is {what}; give {_KINDS}")
    if not passed.n_rows:
        raise DataError(f"{label} has no rows")
    return passed


def _of_spark(name: str, native: Any, settings: EngineSettings, label: str) -> PassedTable:  # noqa: ANN401
    if settings.name != "spark":
        raise DataError(
            f'{label} is a data frame of Spark; count with Spark too (engine: {{name: spark}}, or engine="spark")'
        )
    from .opening import open_engine  # noqa: PLC0415 - Spark is loaded where it is used
    from .spark_types import as_other_engines  # noqa: PLC0415

    columns = tuple(native.columns)
    check_names(label, columns)
    unnamed = names_out_of_reach(nw.from_native(native), columns)
    if unnamed:
        raise DataError(f"{label} has columns with a full stop or a backquote: {listed(unnamed)}; rename them")
    frame: Frame = nw.from_native(as_other_engines(native))
    engine = open_engine(settings)  # whose settings of the session decide how times become text
    try:
        n_rows, sha256 = fingerprint(frame)
    finally:
        engine.close()
    return PassedTable(name, columns, n_rows, sha256, frame)


def _names(native: Any) -> list[str]:  # noqa: ANN401
    """Return the names of columns, of a table of PyArrow, a data frame of Polars, or any other."""
    if hasattr(native, "column_names"):
        return list(native.column_names)
    return [
        str(column) for column in (native.collect_schema() if hasattr(native, "collect_schema") else native.columns)
    ]


def _written(name: str, native: Any, path: Path, settings: EngineSettings, label: str) -> PassedTable:  # noqa: ANN401
    try:
        _WRITERS[type(native).__module__.partition(".")[0], type(native).__name__](native, path, label)
        with DuckDBEngine(settings) as reader:
            frame = reader.read_parquet({path: label})
            n_rows, sha256 = fingerprint(frame)
            return PassedTable(name, tuple(frame.collect_schema().names()), n_rows, sha256, path)
    except UnicodeEncodeError as error:
        text = error.object.encode("utf-8", "backslashreplace").decode()
        raise DataError(f'{label} holds text that is not Unicode: "{text[:60]}"; clean it first') from None
    except duckdb.Error as error:
        raise _unreadable(label, error) from error


def _unreadable(label: str, error: Exception) -> DataError:
    return DataError(f"{label} cannot be read: {faults.plain(str(error))}")


def _write_pandas(frame: pd.DataFrame, path: Path, _label: str) -> None:
    """Write a data frame without its index; a column of Python's objects has the type that fits all of them."""
    frame = frame.set_axis([str(column) for column in frame.columns], axis="columns")
    objects = [column for column in frame.columns if frame[column].dtype == object]
    frame = frame.assign(**{column: frame[column].map(_listed) for column in objects})
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"set pandas_analyze_sample = {len(frame)}")
        connection.from_df(frame).write_parquet(str(path))


def _listed(value: object) -> object:
    return value.tolist() if isinstance(value, np.ndarray) else value


def _write_polars(frame: Any, path: Path, label: str) -> None:  # noqa: ANN401 - of Polars, if installed
    from polars.exceptions import PolarsError  # noqa: PLC0415

    try:
        frame.lazy().sink_parquet(path)
    except PolarsError as error:
        raise _unreadable(label, error) from error


def _write_arrow(table: Any, path: Path, _label: str) -> None:  # noqa: ANN401 - of PyArrow, if installed
    with duckdb.connect(":memory:") as connection:
        connection.from_arrow(table).write_parquet(str(path))


def _write_relation(relation: duckdb.DuckDBPyRelation, path: Path, _label: str) -> None:
    relation.write_parquet(str(path))


_WRITERS: Mapping[tuple[str, str], Callable[[Any, Path, str], None]] = MappingProxyType(
    {
        ("pandas", "DataFrame"): _write_pandas,
        ("polars", "DataFrame"): _write_polars,
        ("polars", "LazyFrame"): _write_polars,
        ("pyarrow", "Table"): _write_arrow,
        ("duckdb", "DuckDBPyRelation"): _write_relation,
    }
)
"""How a table becomes a Parquet file, by package and class."""
