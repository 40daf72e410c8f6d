"""The Spark engine: on this machine, on a cluster by its master's address, or through Spark Connect.

Frames are Narwhals lazy frames over Spark's. Spark reads Parquet files itself; text, JSON and sheets are read by
DuckDB, where the program runs, and handed over, so that a file is the same table on every engine.
"""

from __future__ import annotations

import io
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import narwhals as nw
import pyarrow as pa
from py4j.protocol import Py4JError
from pyspark.errors import AnalysisException, PySparkException

from ..errors import DataError
from . import faults
from .duckdb import DuckDBEngine
from .engine import Dialect, Frame
from .plans import log_plan
from .settings import EngineSettings, Limits
from .spark_session import is_local, open_session
from .spark_types import as_other_engines

if TYPE_CHECKING:
    from types import TracebackType

    import pandas as pd
    from numpy.typing import NDArray
    from pyspark.sql import DataFrame

_HIDDEN = ("_", ".")
_SPECIAL = frozenset("[]{}*?\\:%")


class SparkEngine:
    """Count with Spark. Use it as a context manager, or call `close`.

    A session that is active already is used, and left as it was; otherwise one is started and stopped again. On
    this machine `settings.memory` bounds the Java program, `settings.threads` its threads, and it spills to
    `settings.temporary`; on a cluster its own configuration rules, and `memory` is that of the driver.
    """

    def __init__(self, settings: EngineSettings) -> None:
        """Start Spark or connect to it; `DataError` where that cannot be."""
        self._settings = settings
        self._reader = DuckDBEngine(settings)
        try:
            self._opened = open_session(settings, self._reader.folder)
        except BaseException:
            self._reader.close()
            raise
        self._session = self._opened.session
        self._is_local = is_local(self._session)
        self._n_files = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def limits(self) -> Limits:
        """What is read at most."""
        return self._reader.limits

    @property
    def folder(self) -> Path:
        """The temporary folder, which `close` deletes."""
        return self._reader.folder

    def close(self) -> None:
        """Stop Spark where it was started here, and delete the temporary folder; harmless when repeated."""
        self._opened.close()
        self._reader.close()

    def read_delimited(self, paths: Mapping[Path, str], columns: Sequence[str], dialect: Dialect) -> Frame:
        """Return a lazy frame of delimited text files, every column text."""
        return self._handed_over(self._reader.read_delimited(paths, columns, dialect))

    def read_json(self, paths: Mapping[Path, str], *, lines: bool) -> Frame:
        """Return a lazy frame of JSON files."""
        return self._handed_over(self._reader.read_json(paths, lines=lines))

    def read_parquet(self, paths: Mapping[Path, str]) -> Frame:
        """Return a lazy frame of Parquet files; what is no text, number or date is text as DuckDB writes it.

        What Spark cannot read (times in nanoseconds), or would pass over or take for a pattern by its name, is
        read where the program runs and handed over.
        """
        if not any(path.name.startswith(_HIDDEN) or _SPECIAL.intersection(str(path)) for path in paths):
            try:
                return _frame(as_other_engines(self._session.read.parquet(*map(_address, paths))))
            except (PySparkException, Py4JError):
                pass  # what is wrong, or different, the other reader finds out
        return self._handed_over(self._reader.read_parquet(paths))

    def _handed_over(self, frame: Frame) -> Frame:
        """Return as a frame of Spark what DuckDB reads: by a file on this machine, otherwise over the wire."""
        if not self._is_local:
            return _frame(self._session.createDataFrame(self._reader.arrow(frame)))
        self._n_files += 1
        path = self._reader.folder / f"table_{self._n_files}.parquet"
        self._reader.write(frame, path)
        return _frame(self._session.read.parquet(_address(path)))

    def load(self, columns: Mapping[str, Sequence[object]], integers: Collection[str] = ()) -> Frame:
        """Return a small table made in Python."""
        if not any(columns.values()):  # Spark Connect asks for the types of an empty table in its own words
            schema = ", ".join(f"`{name}` {'bigint' if name in integers else 'string'}" for name in columns)
            return _frame(self._session.createDataFrame([], schema))
        types = {name: pa.int64() if name in integers else pa.string() for name in columns}
        data = pa.table({name: pa.array(list(values), types[name]) for name, values in columns.items()})
        return _frame(self._session.createDataFrame(data))

    def keep(self, frame: Frame) -> Frame:
        """Compute a lazy frame once; it stays with the workers, in memory or on their disks."""
        log_plan(lambda: _plan(frame))
        with self._faults():
            return _frame(frame.to_native().localCheckpoint())

    def scope(self) -> AbstractContextManager[None]:
        """Do nothing: Spark itself lets go of what no frame reads any more."""
        return nullcontext()

    def forget(self, frame: Frame) -> None:
        """Do nothing, as `scope`."""

    def collect(self, frame: Frame) -> pd.DataFrame:
        """Compute a small result and return it as pandas."""
        log_plan(lambda: _plan(frame))
        with self._faults():
            result: pd.DataFrame = frame.to_native().toArrow().to_pandas()
            return result

    def chunks(self, frame: Frame) -> Iterator[dict[str, NDArray[Any]]]:
        """Compute a frame of whole numbers as `arrays`, all at once: Spark hands over row by row or everything."""
        yield self.arrays(frame)

    def arrays(self, frame: Frame) -> dict[str, NDArray[Any]]:
        """Compute a frame of whole numbers, none of them absent, and return its columns as arrays."""
        log_plan(lambda: _plan(frame))
        with self._faults():
            found = frame.to_native().toArrow()
            return {name: found.column(name).to_numpy() for name in found.column_names}

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """Say in our own words what Spark says about data and memory; a faulty query is our fault."""
        try:
            yield
        except AnalysisException:
            raise
        except (PySparkException, Py4JError) as error:
            text = str(error)
            if "OutOfMemoryError" in text:
                raise DataError(faults.memory(self._settings.memory or "the default, 1GB")) from error
            raise DataError(f"the data cannot be read: {faults.plain(text)}") from error


def _frame(native: DataFrame) -> Frame:
    return nw.from_native(native)


def _plan(frame: Frame) -> str:
    """Return what Spark is going to do, which it only prints."""
    printed = io.StringIO()
    with redirect_stdout(printed):
        frame.to_native().explain()
    return printed.getvalue()


def _address(path: Path) -> str:
    """Return the address of a file that Spark reads; what is on shared storage has the same path everywhere."""
    return f"file:{os.path.abspath(path)}"  # noqa: PTH100 - links keep the names that the author gave them
