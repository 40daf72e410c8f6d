"""The Polars engine: Parquet files as they are; text, JSON and sheets as DuckDB reads them, by one set of rules.

Frames are Narwhals lazy frames over Polars lazy frames, computed by its streaming engine. Polars' own reader of
delimited text fills short rows with nulls, takes blank lines for rows and lets line ends mix, all in silence.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self

import narwhals as nw
import polars as pl

from ..errors import DataError
from . import faults
from .duckdb import DuckDBEngine
from .engine import Dialect, Frame
from .kept import Kept
from .plans import log_plan
from .settings import EngineSettings, Limits

if TYPE_CHECKING:
    from types import TracebackType

    import pandas as pd
    from polars._typing import PolarsDataType


class PolarsEngine:
    """Count with Polars. Use it as a context manager, or call `close`.

    Polars has no bound on memory: `settings.memory` bounds the reading of text alone. What is kept is a file in
    `settings.temporary` (or the system's temporary folder).
    """

    def __init__(self, settings: EngineSettings) -> None:
        """Open the reader of text; `DataError` where the temporary folder or the memory cannot be had."""
        self._reader = DuckDBEngine(settings)
        self._n_files = 0
        self._kept: Kept[Path] = Kept(lambda path: path.unlink(missing_ok=True))

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

    def close(self) -> None:
        """Delete the temporary folder; harmless when repeated."""
        self._reader.close()

    def read_delimited(self, paths: Mapping[Path, str], columns: Sequence[str], dialect: Dialect) -> Frame:
        """Return a lazy frame of delimited text files, every column text."""
        return self._converted(self._reader.read_delimited(paths, columns, dialect))

    def read_json(self, paths: Mapping[Path, str], *, lines: bool) -> Frame:
        """Return a lazy frame of JSON files."""
        return self._converted(self._reader.read_json(paths, lines=lines))

    def read_parquet(self, paths: Mapping[Path, str]) -> Frame:
        """Return a lazy frame of Parquet files; what is no text, number or date is text as DuckDB writes it."""
        try:
            frame = pl.scan_parquet(list(paths), glob=False, hive_partitioning=False)
            schema = frame.collect_schema()
        except (pl.exceptions.PolarsError, OSError) as error:
            raise DataError(f"the data cannot be read: {faults.plain(str(error))}") from error
        odd = [_as_text(pl.col(name), type_).alias(name) for name, type_ in schema.items() if not _is_plain(type_)]
        return nw.from_native(frame.with_columns(odd))

    def _converted(self, frame: Frame) -> Frame:
        path = self._new_file()
        self._reader.write(frame, path)
        return self._scanned(path)

    def _scanned(self, path: Path) -> Frame:
        return nw.from_native(pl.scan_parquet(path, glob=False, hive_partitioning=False))

    def _new_file(self) -> Path:
        self._n_files += 1
        return self._reader.folder / f"table_{self._n_files}.parquet"

    def load(self, columns: Mapping[str, Sequence[object]], integers: Collection[str] = ()) -> Frame:
        """Return a small table made in Python."""
        data = {
            name: pl.Series(name, list(values), dtype=pl.Int64 if name in integers else pl.String)
            for name, values in columns.items()
        }
        return nw.from_native(pl.LazyFrame(data))

    def keep(self, frame: Frame) -> Frame:
        """Compute a lazy frame once, into a file: never all of it need be in memory."""
        path = self._new_file()
        native: pl.LazyFrame = frame.to_native()
        with _computing(native):
            native.sink_parquet(path, compression="lz4", engine="streaming")
        return self._kept.add(self._scanned(path), path)

    def scope(self) -> AbstractContextManager[None]:
        """Let go at its end of all that was kept within."""
        return self._kept.scope()

    def forget(self, frame: Frame) -> None:
        """Let go of what `keep` returned."""
        self._kept.forget(frame)

    def collect(self, frame: Frame) -> pd.DataFrame:
        """Compute a small result and return it as pandas."""
        native: pl.LazyFrame = frame.to_native()
        with _computing(native):
            return native.collect(engine="streaming").to_pandas()


@contextmanager
def _computing(native: pl.LazyFrame) -> Iterator[None]:
    """Log the plan; say in our own words what Polars says about files. Other errors of its are our fault."""
    log_plan(native.explain)
    try:
        yield
    except (pl.exceptions.ComputeError, OSError) as error:
        raise DataError(f"the data cannot be read: {faults.plain(str(error))}") from error


def _is_plain(type_: PolarsDataType) -> bool:
    """Tell whether values of a type are the same text on every engine, and are used as what they are."""
    own = type_.inner if isinstance(type_, pl.List) else type_
    return own.is_integer() or own in (pl.String, pl.Boolean, pl.Date)


def _as_text(values: pl.Expr, type_: PolarsDataType) -> pl.Expr:
    """Return values as the texts that DuckDB makes of them; of lists, each element."""
    if isinstance(type_, pl.List | pl.Array):
        listed = values.arr.to_list() if isinstance(type_, pl.Array) else values
        return listed.list.eval(_as_text(pl.element(), type_.inner))
    if isinstance(type_, pl.Datetime | pl.Time):
        return _time(values, type_)
    if isinstance(type_, pl.Struct):
        return values.struct.json_encode()
    return _float(values.cast(pl.Float64)) if type_.is_float() else values.cast(pl.String)


def _time(values: pl.Expr, type_: pl.Datetime | pl.Time) -> pl.Expr:
    """Return times with as many decimals of a second as they need, those of a time zone in UTC."""
    is_zoned = isinstance(type_, pl.Datetime) and type_.time_zone is not None
    form = "%H:%M:%S%.9f" if isinstance(type_, pl.Time) else "%Y-%m-%d %H:%M:%S%.9f"
    text = (values.dt.convert_time_zone("UTC") if is_zoned else values).dt.to_string(form).str.replace(r"\.?0+$", "")
    return text + "+00" if is_zoned else text


def _float(values: pl.Expr) -> pl.Expr:
    """Return floats plain from 1e-4 on, otherwise as 1.5e-07; Polars writes plain from 1e-5 on, otherwise 1.5e-7."""
    text = values.cast(pl.String).str.replace("NaN", "nan")
    text = text.str.replace(r"^(-?)0\.0000([1-9])$", "${1}${2}e-05")
    text = text.str.replace(r"^(-?)0\.0000([1-9])([0-9]+)$", "${1}${2}.${3}e-05")
    return text.str.replace(r"e([+-])([0-9])$", "e${1}0${2}")
