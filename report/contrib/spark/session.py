"""The Spark engine: on this machine, on a cluster by its master's address, or through Spark Connect.

Frames are Narwhals lazy frames over Spark's frames. Spark reads Parquet files itself. DuckDB reads text, JSON and
sheets on the program's machine and passes them to Spark, so that a file gives the same table on every engine. An
existing session is used and left unchanged. A session started for a build is stopped afterwards.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import socket
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import narwhals as nw
import pyarrow as pa
from py4j.protocol import Py4JError
from pyspark.errors import AnalysisException, PySparkException
from pyspark.sql import SparkSession
from pyspark.sql import functions as f
from pyspark.sql import types as st

from ...errors import DataError
from ...progress import tell_plan
from ...sources import EngineSettings, Limits, n_bytes
from ...sources.duckdb import DuckDBEngine
from ...sources.engine import Dialect, Engine, Expressions, Frame, use_expressions
from ...sources.faults import engine_message, memory_message

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray
    from pyspark.sql import Column, DataFrame


_PLAIN = (st.ByteType, st.ShortType, st.IntegerType, st.LongType, st.StringType, st.BooleanType, st.DateType)


def as_other_engines(frame: DataFrame) -> DataFrame:
    """Return a frame in which values other than text, integers, booleans and dates are text as in DuckDB."""
    chosen = []
    for field in frame.schema.fields:
        column = f.col("`" + field.name.replace("`", "``") + "`")
        chosen.append(column if _is_plain(field.dataType) else _as_text(column, field.dataType).alias(field.name))
    return frame.select(*chosen)


def _is_plain(type_: st.DataType) -> bool:
    return isinstance(type_.elementType if isinstance(type_, st.ArrayType) else type_, _PLAIN)


def _as_text(values: Column, type_: st.DataType) -> Column:
    """Return values as text, in lists each element."""
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
    """Return floats in the format of DuckDB: plain from 1e-4 to below 1e16, otherwise 1.5e-07.

    Java writes plain numbers from 1e-3 to below 1e7, otherwise 1.5E-7.
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


def as_frame(native: DataFrame) -> Frame:
    """Return a data frame from the caller as a frame of the engine."""
    return _frame(as_other_engines(native))


class SparkExpressions(Expressions):
    """Expressions that differ between Spark and DuckDB."""

    title = "Spark"

    def separator(self, text: str) -> str:
        """Return a text as a regular expression, as Spark splits at these: "|" would split at every character."""
        return re.escape(text)

    def can_name(self, column: str) -> bool:
        """Return whether a column can have this name: "a.b" is a part of "a"."""
        return not set(".`") & set(column) and column != "*"

    def quoted(self, column: str) -> str:
        """Return the name of a column in SQL."""
        return "`" + column.replace("`", "``") + "`"

    def selected(self, frame: Frame, columns: Sequence[str]) -> Frame:
        """Return a frame of these columns, each an expression in SQL."""
        return _frame(frame.to_native().selectExpr(*columns))

    def hashed(self, column: str) -> str:
        """Return the SQL of a 63-bit integer for the text of a column."""
        return f"shiftrightunsigned(xxhash64({self.quoted(column)}), 1)"

    def digests(self, rows: Frame) -> list[tuple[str, int, str]]:
        """Return digests of texts, equal to those of DuckDB."""
        hashed = rows.to_native().selectExpr("sha2(row, 256) as h").selectExpr("h", "substr(h, 1, 3) as b").groupBy("b")
        digest = "sha2(array_join(array_sort(collect_list(h)), ''), 256) as digest"
        return [tuple(row) for row in hashed.agg(f.expr("count(*) as n"), f.expr(digest)).collect()]


_HIDDEN = ("_", ".")
_SPECIAL = frozenset("[]{}*?\\:%")


class SparkEngine(Engine):
    """Count with Spark.

    An active session is used and left unchanged; otherwise a session is started and stopped. On this machine,
    `settings.memory` limits the Java program and `settings.threads` its threads, and it spills to the system's
    temporary folder.
    On a cluster, the cluster's configuration applies, and `memory` is the memory of the driver.
    """

    def __init__(self, settings: EngineSettings, limits: Limits, master: str | None = None) -> None:
        """Start Spark or connect to it, at a master or on this machine. Raises `DataError` on failure."""
        self._settings = settings
        self._reader = DuckDBEngine(settings)
        self.limits, self.folder = limits, self._reader.folder
        for implementation in (nw.Implementation.PYSPARK, nw.Implementation.PYSPARK_CONNECT):
            use_expressions(implementation, SparkExpressions())
        try:
            self._opened = open_session(settings, self.folder, master)
        except BaseException:
            self._reader.close()
            raise
        self._session = self._opened.session
        self._is_local = is_local(self._session)
        self._n_files = 0

    def close(self) -> None:
        """Stop Spark if it was started here, and delete the temporary folder; safe to repeat."""
        self._opened.close()
        self._reader.close()

    def read_delimited(self, paths: Mapping[Path, str], columns: Sequence[str], dialect: Dialect) -> Frame:
        """Return a lazy frame of delimited text files, with all columns as text."""
        return self._handed_over(self._reader.read_delimited(paths, columns, dialect))

    def read_json(self, paths: Mapping[Path, str], *, lines: bool) -> Frame:
        """Return a lazy frame of JSON files."""
        return self._handed_over(self._reader.read_json(paths, lines=lines))

    def read_parquet(self, paths: Mapping[Path, str]) -> Frame:
        """Return a lazy frame of Parquet files. Values other than text, numbers and dates are text as in DuckDB.

        Files that Spark cannot read (times in nanoseconds), or whose names it would skip or treat as patterns, are read
        on the program's machine and passed to Spark.
        """
        if not any(path.name.startswith(_HIDDEN) or _SPECIAL.intersection(str(path)) for path in paths):
            try:
                return _frame(as_other_engines(self._session.read.parquet(*map(_address, paths))))
            except (PySparkException, Py4JError):
                pass  # the other reader finds errors and differences
        return self._handed_over(self._reader.read_parquet(paths))

    def _handed_over(self, frame: Frame) -> Frame:
        """Return data read by DuckDB as a Spark frame: through a local file, otherwise over the network."""
        if not self._is_local:
            return _frame(self._session.createDataFrame(self._reader.arrow(frame)))
        self._n_files += 1
        path = self.folder / f"table_{self._n_files}.parquet"
        self._reader.write(frame, path)
        return _frame(self._session.read.parquet(_address(path)))

    def load(self, columns: Mapping[str, Sequence[object]], integers: Collection[str] = ()) -> Frame:
        """Return a small table made in Python."""
        if not any(columns.values()):  # Spark Connect cannot infer the types of an empty table
            schema = ", ".join(f"`{name}` {'bigint' if name in integers else 'string'}" for name in columns)
            return _frame(self._session.createDataFrame([], schema))
        types = {name: pa.int64() if name in integers else pa.string() for name in columns}
        data = pa.table({name: pa.array(list(values), types[name]) for name, values in columns.items()})
        return _frame(self._session.createDataFrame(data))

    def keep(self, frame: Frame) -> Frame:
        """Compute a lazy frame once. It stays with the workers, in memory or on their disks."""
        with self._computing(frame) as native:
            return _frame(native.localCheckpoint())

    def scope(self) -> AbstractContextManager[Callable[[Frame | None], None]]:
        """Do nothing: Spark itself releases data that no frame uses."""
        return nullcontext(lambda _: None)

    def forget(self, frame: Frame) -> None:
        """Do nothing, as `scope`."""

    def collect(self, frame: Frame) -> pd.DataFrame:
        """Compute a small result and return it as pandas."""
        with self._computing(frame) as native:
            result: pd.DataFrame = native.toArrow().to_pandas()
            return result

    def columns(self, frame: Frame) -> dict[str, list[Any]]:
        """Compute a small result and return its columns as plain values, None for missing values."""
        with self._computing(frame) as native:
            result: dict[str, list[Any]] = native.toArrow().to_pydict()
            return result

    def chunks(self, frame: Frame, n_rows: int = 0) -> Iterator[dict[str, NDArray[Any]]]:  # noqa: ARG002 - see below
        """Compute a frame as `arrays`, in one chunk: Spark returns either single rows or everything."""
        yield self.arrays(frame)

    def arrays(self, frame: Frame) -> dict[str, NDArray[Any]]:
        """Compute a frame of integers without missing values, and return its columns as arrays."""
        with self._computing(frame) as native:
            found = native.toArrow()
            return {name: found.column(name).to_numpy() for name in found.column_names}

    @contextmanager
    def _computing(self, frame: Frame) -> Iterator[DataFrame]:
        """Convert Spark's errors about data and memory to our own. An invalid query is an internal error."""
        tell_plan(lambda: _plan(frame))
        try:
            yield frame.to_native()
        except AnalysisException:
            raise
        except (PySparkException, Py4JError) as error:
            text = str(error)
            if "OutOfMemoryError" in text:
                raise DataError(memory_message(self._settings.memory or "the default, 1GB")) from error
            raise DataError(f"the data cannot be read: {engine_message(text)}") from error


def _frame(native: DataFrame) -> Frame:
    return nw.from_native(native)


def _plan(frame: Frame) -> str:
    """Return the query plan, which Spark only prints."""
    printed = io.StringIO()
    with redirect_stdout(printed):
        frame.to_native().explain()
    return printed.getvalue()


def _address(path: Path) -> str:
    """Return the address of a file for Spark. Files on shared storage have the same path everywhere."""
    return f"file:{os.path.abspath(path)}"  # noqa: PTH100 - links keep the names that the author gave them


_SQL: Mapping[str, str] = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",  # an overflow is an error
    "spark.sql.caseSensitive": "true",
    "spark.sql.parquet.binaryAsString": "true",
}
"""Settings of a session that every build needs, even in an existing session."""

_CONNECT = "sc://"
_CONNECT_PORT = 15002
_PATIENCE = 20.0
"""Time limit for an answer from a server, in seconds."""


@dataclass(frozen=True, eq=False)
class SparkConnection:
    """A session. `before` are the settings to restore, or None if it was started here."""

    session: SparkSession
    before: Mapping[str, str | None] | None

    def close(self) -> None:
        """Stop the session if it was started here, otherwise restore it; safe to repeat."""
        if self.before is None:
            self.session.stop()
            return
        for name, value in self.before.items():
            if value is None:
                self.session.conf.unset(name)
            else:
                self.session.conf.set(name, value)


def open_session(settings: EngineSettings, folder: Path, master: str | None = None) -> SparkConnection:
    """Return the active session, or start one. Raises `DataError` if Java is missing or Spark does not start.

    Java's standard error is written to a file in `folder`.
    """
    active = _running()
    if active is not None:
        before = {name: active.conf.get(name, None) for name in _SQL}
        for name, value in _SQL.items():
            active.conf.set(name, value)
        return SparkConnection(active, before)
    master = master or f"local[{settings.threads or '*'}]"
    if not master.startswith(_CONNECT) and not _has_java():
        raise DataError(
            "engine: spark needs Java 17 or newer, and none is found; install it (Debian: default-jre-headless), "
            "or set JAVA_HOME"
        )
    log = folder / "spark.log"
    try:
        with _standard_error_in(log), warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # of pandas 3, which is not used here
            return SparkConnection(_started(master, settings, folder), None)
    except OSError as error:
        raise DataError(f"engine: no Spark Connect server answers at {master} ({error.strerror or error})") from error
    except ImportError as error:
        raise DataError(
            f'engine: Spark Connect needs packages that are not installed: pip install "pyspark[connect]" ({error})'
        ) from error
    except (PySparkException, Py4JError) as error:
        raise DataError(f"engine: Spark does not start at {master}: {_reason(error, log)}") from error


def is_local(session: SparkSession) -> bool:
    """Return whether a session computes on this machine only, and thus has access to the same files."""
    at_hand = "connect" not in type(session).__module__
    return at_hand and str(session.conf.get("spark.master", "")).startswith("local")


def _running() -> SparkSession | None:
    """Return the session that runs in this process, started in any thread."""
    try:
        return SparkSession.active()
    except PySparkException:
        return None


def _started(master: str, settings: EngineSettings, folder: Path) -> SparkSession:
    if master.startswith(_CONNECT):
        _reach(master)
        session = SparkSession.builder.remote(master).appName("diptych").getOrCreate()
        for name, value in _SQL.items():
            session.conf.set(name, value)
        return session
    configuration = {**_SQL, "spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false"}
    if settings.memory is not None:
        configuration["spark.driver.memory"] = f"{max(1, n_bytes(settings.memory) // 2**20)}m"
    if master.startswith("local"):
        threads = str(settings.threads or os.cpu_count() or 1)
        configuration |= {
            "spark.sql.shuffle.partitions": threads,
            "spark.default.parallelism": threads,
            "spark.local.dir": str(folder),
            "spark.sql.warehouse.dir": str(folder / "warehouse"),
            "spark.driver.host": "localhost",
            "spark.driver.bindAddress": "127.0.0.1",
        }
    builder = SparkSession.builder.master(master).appName("diptych")
    for name, value in configuration.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def _reach(master: str) -> None:
    """Raise OSError if no server answers, because the client itself would retry for many minutes."""
    address = urlsplit(master)
    with socket.create_connection((address.hostname or "", address.port or _CONNECT_PORT), timeout=_PATIENCE):
        pass


def _has_java() -> bool:
    home = os.environ.get("JAVA_HOME")
    return shutil.which("java", path=str(Path(home) / "bin") if home else None) is not None


def _reason(error: Exception, log: Path) -> str:
    """Return why Spark did not start: the last error in Java's output, otherwise the first line of ours."""
    written = log.read_text(encoding="utf-8", errors="replace") if log.is_file() else ""
    said = re.findall(r"(?:Exception|Error): (.*)", written)
    return said[-1] if said else str(error).strip().split("\n")[0]


@contextmanager
def _standard_error_in(path: Path) -> Iterator[None]:
    """Redirect standard error of child processes to a file."""
    kept = os.dup(2)
    with path.open("ab") as file:
        os.dup2(file.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
