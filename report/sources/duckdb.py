"""The DuckDB engine: a separate connection that downloads nothing and spills to its own temporary folder.

Frames are Narwhals lazy frames over DuckDB relations. No code relies on the order of rows.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import narwhals as nw
import numpy as np

from ..disk import TemporaryFolder
from ..errors import DataError, listed
from ..progress import tell_plan
from . import EngineSettings, faults
from .engine import LOCKED, ROWS_OF_CHUNK, Dialect, Engine, Frame, literal, path_literal
from .text import body_lines, has_broken_header, quoted_name

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from numpy.typing import NDArray


class DuckDBEngine(Engine):
    """Engine that counts with DuckDB.

    `settings.memory` limits the memory of DuckDB before it spills to the system's temporary folder, and
    `settings.threads` limits its threads. Results do not depend on either.
    """

    def __init__(self, settings: EngineSettings) -> None:
        """Open a connection in memory, or raise `DataError` if the temporary folder or the memory is not available."""
        self._settings = settings
        self.limits = settings.limits
        try:
            self._folder = TemporaryFolder()
        except OSError as error:
            folder = tempfile.gettempdir()
            raise DataError(
                f"engine: the temporary folder {folder} cannot be written to ({error.strerror}); name another in TMPDIR"
            ) from None
        try:
            self._connection = _opened(_config(settings, str(self._folder.path)))
            self._connection.execute("set TimeZone = 'UTC'")  # timestamps as text do not depend on the machine
            # The bar would appear in our output. In Jupyter without ipywidgets it is off, and DuckDB refuses to set it.
            if self._connection.sql("select current_setting('enable_progress_bar')").fetchall() == [(True,)]:
                self._connection.execute("set enable_progress_bar = false")
        except duckdb.Error as error:
            self._folder.remove()
            raise DataError(
                f"engine: DuckDB does not start with these settings: {faults.engine_message(str(error))}"
            ) from None
        self.folder = self._folder.path
        self._n_kept = 0
        # The reader of each kept table, its name and number of rows, by scope. The first scope never ends.
        self._scopes: list[list[tuple[object, str, int]]] = [[]]
        self._diagnoses: list[Callable[[], str | None]] = []
        self._opened: dict[str, None] = {}

    def close(self) -> None:
        """Close the connection and delete the temporary folder, which is safe to repeat."""
        self._connection.close()
        self._folder.remove()

    def read_delimited(self, paths: Mapping[Path, str], columns: Sequence[str], dialect: Dialect) -> Frame:
        """Return a lazy frame of delimited text files without any type detection: every column is text."""
        of_file = partial(faults.delimited, n_columns=len(columns), dialect=dialect, limits=self.limits)
        self._diagnoses += [partial(of_file, path, name) for path, name in paths.items()]
        self._opened |= dict.fromkeys(paths.values())
        encoding, has_header, ends = dialect.encoding, "true", dict[str, str]()
        is_plain = dialect.n_header_rows == 1 and not dialect.skip and not dialect.replaces
        # DuckDB would take the first line end, which can be in a quoted field, for that of rows
        if encoding not in _ENCODINGS or not is_plain or any(has_broken_header(path, dialect) for path in paths):
            paths, encoding, has_header = self._bodies(paths, dialect), "utf-8", "false"
            ends = {"new_line": r"'\n'"}
        options = ends | {
            "auto_detect": "false",
            "header": has_header,
            "columns": "{" + ", ".join(f"{literal(name)}: 'varchar'" for name in columns) + "}",
            "delim": literal(dialect.delimiter),
            "quote": literal(dialect.quote),
            "escape": literal(dialect.quote),
            "encoding": literal(encoding),
            "nullstr": "[" + ", ".join(map(literal, dialect.null)) + "]",
            "strict_mode": "true",
            "max_line_size": str(self.limits.row),
            "buffer_size": str(2 * self.limits.row),
        }
        return self._read("read_csv", paths, options)

    def _bodies(self, paths: Mapping[Path, str], dialect: Dialect) -> dict[Path, str]:
        """Return files without their headers, rewritten as UTF-8 in the temporary folder.

        DuckDB would have to download an extension for other encodings, and it reads at most one header row.
        """
        anew: dict[Path, str] = {}
        for path, name in paths.items():
            self._n_kept += 1
            target = self.folder / f"text_{self._n_kept}.csv"
            with target.open("w", encoding="utf-8", newline="") as file:
                file.writelines(body_lines(path, dialect, self.limits))
            anew[target] = name
        return anew

    def read_parquet(self, paths: Mapping[Path, str]) -> Frame:
        """Return a lazy frame of Parquet files with their own types, but with doubles for single-precision floats."""
        self._diagnoses += [partial(faults.parquet, path, name) for path, name in paths.items()]
        self._opened |= dict.fromkeys(paths.values())
        relation = self._read("read_parquet", paths, {"binary_as_string": "true"}).to_native()
        doubles = {"FLOAT": "double", "FLOAT[]": "double[]"}
        types = {name: str(type_) for name, type_ in zip(relation.columns, relation.types, strict=True)}
        if not doubles.keys() & types.values():
            return _frame(relation)
        chosen = [
            f"cast({quoted_name(name)} as {doubles[type_]}) as {quoted_name(name)}"
            if type_ in doubles
            else quoted_name(name)
            for name, type_ in types.items()
        ]
        return _frame(relation.project(", ".join(chosen)))

    def read_json(self, paths: Mapping[Path, str], *, lines: bool) -> Frame:
        """Return a lazy frame of JSON files.

        Texts are never parsed as dates. A column of lists and single values is a column of lists. Any other mixed
        column, and objects, are text.
        """
        of_file = partial(faults.json_records, limits=self.limits, as_lines=lines)
        self._diagnoses += [partial(of_file, path, name) for path, name in paths.items()]
        self._opened |= dict.fromkeys(paths.values())
        options = {
            "format": "'newline_delimited'" if lines else "'array'",
            "records": "true",
            "maximum_object_size": str(self.limits.row),
        }
        whole = {**options, "sample_size": "-1", "maximum_depth": "2"}
        found = self._read("read_json", paths, whole).to_native()
        types = {name: str(type_) for name, type_ in zip(found.columns, found.types, strict=True)}
        pinned = ", ".join(f"{literal(name)}: {literal(_pinned(type_))}" for name, type_ in types.items())
        frame = self._read("read_json", paths, {**options, "columns": "{" + pinned + "}"})
        mixed = [name for name, type_ in types.items() if type_ == "JSON"]
        chosen = ", ".join(
            f"{self._settled(frame, name)} as {quoted_name(name)}" if name in mixed else quoted_name(name)
            for name in types
        )
        return _frame(frame.to_native().project(chosen)) if mixed else frame

    def _settled(self, frame: Frame, name: str) -> str:
        """Return the SQL that turns a mixed JSON column into lists if it contains any, else into texts."""
        quoted = quoted_name(name)
        with self._faults():
            kinds = frame.to_native().project(f"json_type({quoted})").distinct().fetchall()
        single = f"json_extract_string({quoted}, '$')"
        if ("ARRAY",) not in kinds:
            return single
        return (
            f"case json_type({quoted}) when 'ARRAY' then cast({quoted} as varchar[]) "
            f"when 'NULL' then null else [{single}] end"
        )

    def _read(self, function: str, paths: Mapping[Path, str], options: Mapping[str, str]) -> Frame:
        pinned = {**options, "hive_partitioning": "false"}  # a folder named x=y is not a column
        settings = "".join(f", {name} = {value}" for name, value in pinned.items())
        query = f"select * from {function}([{', '.join(map(path_literal, paths))}]{settings})"  # noqa: S608
        with self._faults(duckdb.Error):
            return _frame(self._connection.sql(query))

    def load(self, columns: Mapping[str, Sequence[object]], integers: Collection[str] = ()) -> Frame:
        """Return a small table made in Python as a temporary table."""
        data = {name: np.array([*values], dtype=object) for name, values in columns.items()}
        chosen = ", ".join(
            f"cast({quoted_name(name)} as {'bigint' if name in integers else 'varchar'}) as {quoted_name(name)}"
            for name in columns
        )
        self._connection.register("loaded", data)
        try:
            return self._table(f"select {chosen} from loaded")  # noqa: S608  names are quoted
        finally:
            self._connection.unregister("loaded")

    def keep(self, frame: Frame) -> Frame:
        """Compute a lazy frame once, as a temporary table."""
        with self._faults():
            return self._table(frame.to_native().sql_query())

    @contextmanager
    def scope(self) -> Iterator[Callable[[Frame | None], None]]:
        """Free all kept tables at the end of a scope; if the yielded function is called, all but one."""
        tables: list[tuple[object, str, int]] = []

        def let_go(but: Frame | None) -> None:
            kept = None if but is None else but.to_native()
            for reader, table, _ in tables:
                if reader is not kept:
                    self._drop(table)
            tables[:] = [one for one in tables if one[0] is kept]

        self._scopes.append(tables)
        try:
            yield let_go
        finally:
            self._scopes.pop()
            let_go(None)

    def forget(self, frame: Frame) -> None:
        """Free a table that `keep` returned, ignoring other tables and tables already freed."""
        native = frame.to_native()
        for tables in self._scopes:
            for place, (reader, table, _) in enumerate(tables):
                if reader is native:
                    del tables[place]
                    self._drop(table)
                    return

    def write(self, frame: Frame, path: Path) -> None:
        """Compute a lazy frame and write it as a Parquet file, for an engine that reads only Parquet.

        Values other than texts, whole numbers, booleans, dates and lists of these are written as text.
        """
        with self._faults():
            _plain(frame.to_native()).write_parquet(str(path), overwrite=True)

    def arrow(self, frame: Frame) -> pa.Table:
        """Compute a lazy frame and return it as a PyArrow table with the types of `write`, for a remote engine."""
        with self._faults():
            return _plain(frame.to_native()).to_arrow_table()

    def collect(self, frame: Frame) -> pd.DataFrame:
        """Compute a small result and return it as pandas."""
        tell_plan(frame.to_native().sql_query)
        with self._faults():
            result: pd.DataFrame = frame.collect("pandas").to_native()
            return result

    def columns(self, frame: Frame) -> dict[str, list[Any]]:
        """Compute a small result and return its columns as plain values, with None for missing values."""
        native = frame.to_native()
        tell_plan(native.sql_query)
        with self._faults():
            rows = native.fetchall()
        return {name: [row[place] for row in rows] for place, name in enumerate(native.columns)}

    def chunks(self, frame: Frame, n_rows: int = ROWS_OF_CHUNK) -> Iterator[dict[str, NDArray[Any]]]:
        """Compute a frame as arrays, about `n_rows` at a time."""
        with self._faults():
            result = self._connection.execute(frame.to_native().sql_query())
            while len(chunk := result.fetch_df_chunk(max(1, n_rows // _VECTOR))):
                yield {name: chunk[name].to_numpy() for name in chunk.columns}

    def in_order(self, frame: Frame) -> Iterator[tuple[Any, ...]]:
        """Compute a frame and yield its rows in file order, which is slow, so only for reporting errors."""
        with self._faults():
            self._connection.execute("set preserve_insertion_order = true")
            self._connection.execute("set threads = 1")
            result = self._connection.execute(frame.to_native().sql_query())
            while rows := result.fetchmany(_ROWS_OF_ERRORS):
                yield from rows

    def arrays(self, frame: Frame) -> dict[str, NDArray[Any]]:
        """Compute a frame of whole numbers without missing values, and return its columns as arrays."""
        tell_plan(frame.to_native().sql_query)
        with self._faults():
            return {name: np.asarray(column) for name, column in frame.to_native().fetchnumpy().items()}

    def count(self, frame: Frame) -> int:
        """Return the number of rows of a frame, without a query for kept tables."""
        native = frame.to_native()
        known = (n for tables in self._scopes for reader, _, n in tables if reader is native)
        return next(known, None) or super().count(frame)

    def _table(self, query: str) -> Frame:
        self._n_kept += 1
        name = f"kept_{self._n_kept}"
        tell_plan(lambda: f"create temp table {name} as {query}")
        ((n_rows,),) = self._connection.execute(f"create temp table {name} as {query}").fetchall()
        frame = _frame(self._connection.table(name))
        self._scopes[-1].append((frame.to_native(), name, n_rows))
        return frame

    def _drop(self, name: str) -> None:
        self._connection.execute(f"drop table {name}")

    @contextmanager
    def _faults(self, *also: type[duckdb.Error]) -> Iterator[None]:
        """Reword DuckDB errors about files and memory, since any other DuckDB error is an internal error."""
        try:
            yield
        except duckdb.OutOfMemoryException as error:
            limit = self._settings.memory or "the default, four fifths of the machine's"
            raise DataError(faults.memory_message(limit)) from error
        except duckdb.InterruptException as error:
            if "maximum execution time" not in str(error):
                raise
            raise DataError(faults.query_timeout(self.limits)) from error
        except (duckdb.Error, UnicodeDecodeError) as error:
            messages = list(dict.fromkeys(message for diagnose in self._diagnoses if (message := diagnose())))
            if not messages and not isinstance(error, (*_FAULTS_OF_FILES, *also)):
                raise
            data = listed(list(self._opened), _NAMED) or "the data"
            raise DataError(*(messages or [f"{data} cannot be read: {faults.engine_message(str(error))}"])) from error


_FAULTS_OF_FILES: tuple[type[duckdb.Error], ...] = (
    duckdb.InvalidInputException,
    duckdb.IOException,
    duckdb.ConversionException,
)

_ENCODINGS = ("utf-8", "utf-16", "latin-1")
"""Encodings that DuckDB reads without an extension."""

_NAMED = 5
_VECTOR = 2_048
"""Number of rows of DuckDB's unit of work."""
_ROWS_OF_ERRORS = 256

_PLAIN_TYPES = frozenset({"VARCHAR", "BOOLEAN", "DATE", "TINYINT", "SMALLINT", "INTEGER", "BIGINT"})


def _config(settings: EngineSettings, folder: str) -> dict[str, str | bool | int | float | list[str]]:
    """Return DuckDB's configuration: no extension is ever loaded, and queries have a time limit."""
    config = {
        **LOCKED,
        "max_execution_time": 1000 * settings.limits.seconds,
        "pandas_analyze_sample": 0,
        "preserve_insertion_order": False,
        "temp_directory": folder,
    }
    if settings.memory is not None:
        config["memory_limit"] = settings.memory
    if settings.threads is not None:
        config["threads"] = settings.threads
    return config


def _opened(config: dict[str, str | bool | int | float | list[str]]) -> duckdb.DuckDBPyConnection:
    """Open a database in memory and connect to it."""
    return duckdb.connect(":memory:", config=config)


def _frame(relation: duckdb.DuckDBPyRelation) -> Frame:
    return nw.from_native(relation)


def _plain(relation: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """Return a relation in which every column has a type that all engines share, or is text."""
    chosen = []
    for name, type_ in zip(relation.columns, map(str, relation.types), strict=True):
        text = "varchar[]" if type_.endswith("[]") else "varchar"
        is_plain = type_.removesuffix("[]") in _PLAIN_TYPES
        chosen.append(quoted_name(name) if is_plain else f"cast({quoted_name(name)} as {text}) as {quoted_name(name)}")
    return relation.project(", ".join(chosen))


def _pinned(type_: str) -> str:
    """Return the type for reading a JSON column, given the type found in all its rows."""
    if type_.endswith("[]"):
        return "VARCHAR[]"
    return type_ if type_ in {"BIGINT", "UBIGINT", "DOUBLE", "JSON"} else "VARCHAR"
