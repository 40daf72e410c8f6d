"""Locate the content of a declared source.

The content is in local files, or in a table passed from Python: a data frame of pandas, Polars, PyArrow, DuckDB or the
engine. The fingerprint of such a table does not depend on the order of its rows and columns or on the engine.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import duckdb
import narwhals as nw
import numpy as np
from pydantic import Field, InstanceOf

from ..confine import ConfineError, check_path, check_pattern, database_fault
from ..disk import NOT_UTF_8, is_text, kind_of_file
from ..errors import DataError, FetchError, did_you_mean, listed, raise_if_any
from . import EngineSettings, Limits, SourceSettings, faults
from .addresses import Fetching, fetched, scheme_of
from .duckdb import DuckDBEngine
from .engine import expressions_of, names_out_of_reach, with_text
from .engines import EngineKind, engine_of_frame, open_engine

if TYPE_CHECKING:
    import pandas as pd

    from .engine import Frame


_SORTS = {stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}


def found_files(pattern: str, base: Path, where: str) -> dict[Path, str]:
    """Return the files that a path or pattern names, sorted.

    It is relative to `base`, and the names are written as declared, with `/`. Raises `DataError` with a message for
    each path that is missing, is not a file or is not readable, and for a pattern without matches, or raise
    `ConfineError` for a path that `--confine` forbids.
    """
    if is_pattern(pattern):
        check_pattern(pattern, base, where)
    matches = _matches(pattern, base) if is_pattern(pattern) else {base / pattern: pattern}
    if not matches:
        raise DataError(f'{where}: no file matches "{pattern}"')
    for path, name in matches.items():
        check_path(path, base, name, where)
    raise_if_any(f"{where}: {fault}" for path, name in matches.items() if (fault := _fault(path, name)))
    return matches


def is_pattern(path: str) -> bool:
    """Return whether a declared path can match several files."""
    return any(character in path for character in "*?[")


def _matches(pattern: str, base: Path) -> dict[Path, str]:
    """Return the files that match a pattern, by sorted name, or none if the system rejects the name."""
    anchor = Path(pattern).anchor
    root = Path(anchor) if anchor else base
    try:
        matches = sorted(path for path in root.glob(pattern[len(anchor) :]) if path.is_file())
    except (OSError, ValueError, RecursionError):
        return {}
    return {path: path.as_posix() if anchor else path.relative_to(base).as_posix() for path in matches}


def _fault(path: Path, name: str) -> str | None:
    """Return why a file cannot be opened, or None."""
    if not is_text(path):
        return f"{name} cannot be read: {NOT_UTF_8}"
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return _missing(path, name)
    except (OSError, ValueError) as error:  # ValueError: a NUL byte
        return f"{name} cannot be read: {getattr(error, 'strerror', None) or 'its name is not one of a file'}"
    if stat.S_ISREG(mode) and kind_of_file(path) is not None:
        return f"{name} is a file that the system makes up; copy what it contains into a file of your own"
    may_be_read = stat.S_ISREG(mode) and os.access(path, os.R_OK)
    return None if may_be_read else _no_file(mode, name)


def _no_file(mode: int, name: str) -> str:
    """Describe a path that cannot be read as a file."""
    if stat.S_ISREG(mode):
        return f"{name} may not be read (permission denied)"
    if stat.S_ISDIR(mode):
        return f"{name} is a folder; name a file in it, or a pattern such as {name.rstrip('/')}/*.csv"
    sort = _SORTS.get(stat.S_IFMT(mode), "a device")
    return f"{name} is no file but {sort}; only files are read: write what it gives into one"


def _missing(path: Path, name: str) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f"{name} does not exist, nor does its folder"
    try:
        names = sorted(entry.name for entry in folder.iterdir())
    except OSError:
        names = []
    return f"{name} does not exist{did_you_mean(path.name, names)}"


def _database(path: str, base: Path, where: str) -> dict[Path, str]:
    """Return the file of a database, and the files next to it with changes that it does not contain yet."""
    for beside in _BESIDE_DATABASE:
        check_path(base / f"{path}{beside}", base, f"{path}{beside}", where)
    files = found_files(path, base, where)
    log = base / f"{path}-wal"
    return files | ({log: f"{path}-wal"} if log.is_file() else {})


_BESIDE_DATABASE = ("-wal", "-shm", "-journal")
"""Files that SQLite itself opens next to a database."""


def located(source: SourceSettings, base: Path, where: str, limits: Limits | None = None) -> dict[Path, str]:
    """Return the files of a source in declared order without duplicates, each with its name in messages.

    Paths are relative to `base`, and `limits` apply to downloads. Raises `DataError` with every missing path,
    `FetchError` if a download fails, and `ConfineError` for paths that `--confine` forbids.
    """
    if isinstance(source, FoundSource):
        return {source.located_at: source.called}
    asked = Fetching(where, base, (limits or Limits()).download)
    if source.database is not None:
        if needs_permission(source) and (fault := database_fault(source.database)) is not None:
            raise ConfineError(f"{where}: {fault}")
        return {} if source.is_server else _database(source.database, base, where)
    if (own := source.own) is not None:
        return dict(own.files(asked))
    files: dict[Path, str] = {}
    errors: list[DataError] = []
    for path in source.path:
        try:
            found = found_files(path, base, where) if scheme_of(path) is None else fetched(path, asked)
            files |= {file: name for file, name in found.items() if file not in files}
        except DataError as error:
            errors.append(error)
    if errors:
        kind = FetchError if any(isinstance(error, FetchError) for error in errors) else DataError
        raise kind(*(message for error in errors for message in error.messages))
    return files


class FoundSource(SourceSettings):
    """One file of a source, already located and fetched, so that it is not located again."""

    located_at: InstanceOf[Path] = Field(exclude=True)
    called: str = Field(exclude=True)

    @classmethod
    def made(cls, source: SourceSettings, file: Path, called: str, form: str) -> FoundSource:
        """Return a file of a source, with the source's own options and a format."""
        options = {name: getattr(source, name) for name in SourceSettings.model_fields}
        alone = {"path": (called,), "format": form, "located_at": file, "called": called}
        return cls.model_construct(**{**options, **alone})


def needs_permission(source: SourceSettings) -> bool:
    """Return whether the database of a source needs permission under `--confine`: a server, or a query."""
    return source.database is not None and (source.is_server or source.query is not None)


_KINDS = "a data frame of pandas, Polars or Spark, a table of PyArrow, or a relation of DuckDB"


@dataclass(frozen=True, eq=False)
class PassedTable:
    """A table that was passed under a name.

    `content` is a Parquet file, or a lazy frame of the engine. `sha256` is the hash of the content, which does not
    depend on the order of rows and columns or the kind of frame.
    """

    name: str
    columns: tuple[str, ...]
    n_rows: int
    sha256: str
    content: Path | Frame


class PassedSource(SourceSettings):
    """Replacement for a declared source whose table was passed."""

    passed: InstanceOf[PassedTable] = Field(exclude=True)

    @property
    def declared(self) -> str:
        """The name of the table in messages."""
        return f'the table passed as "{self.passed.name}"'


def take(name: str, table: object, folder: Path, settings: EngineSettings) -> PassedTable:
    """Return a table that was passed, after writing frames of other libraries into a folder.

    Raises `DataError` for an object that is not a table, for a table without rows or with invalid column names, and for
    a frame of an engine that is not in use.
    """
    label = f'tables: "{name}"'
    native: Any = nw.to_native(table, pass_through=True)
    kind = (type(native).__module__.partition(".")[0], type(native).__name__)
    if kind in _WRITERS:
        faults.check_names(label, _names(native), is_file=False)
        passed = _written(name, native, folder / f"{name}.parquet", settings, label)
    elif table is not None and (engine := engine_of_frame(kind)) is not None:
        passed = _of_engine(name, native, engine, settings, label)
    else:
        what = "None" if table is None else f"a {type(table).__name__}"
        raise DataError(f"{label} is {what}; give {_KINDS}")
    if not passed.n_rows:
        raise DataError(f"{label} has no rows")
    return passed


def _of_engine(  # the frame belongs to a library that the engine knows
    name: str,
    native: Any,  # noqa: ANN401
    engine: EngineKind,
    settings: EngineSettings,
    label: str,
) -> PassedTable:
    """Return a data frame that the engine itself reads, or raise `DataError` if another engine is in use."""
    title = engine.title or engine.name
    if settings.name != engine.name or engine.as_frame is None:
        raise DataError(
            f"{label} is a data frame of {title}; count with {title} too (engine: {{name: {engine.name}}}, "
            f'or engine="{engine.name}")'
        )
    columns = tuple(native.columns)
    faults.check_names(label, columns, is_file=False)
    with open_engine(settings):  # the settings of this session decide how timestamps become text
        unnamed = names_out_of_reach(nw.from_native(native), columns)
        if unnamed:
            raise DataError(f"{label} has columns with a full stop or a backquote: {listed(unnamed)}; rename them")
        frame = engine.as_frame(native)
        n_rows, sha256 = fingerprint(frame)
    return PassedTable(name, columns, n_rows, sha256, frame)


def _names(native: Any) -> list[str]:  # noqa: ANN401
    """Return the column names of a PyArrow table, a Polars data frame, or any other."""
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
        raise DataError(f'{label} contains text that is not Unicode: "{text[:60]}"; clean it first') from None
    except duckdb.Error as error:
        raise _unreadable(label, error) from error


def _unreadable(label: str, error: Exception) -> DataError:
    return DataError(f"{label} cannot be read: {faults.engine_message(str(error))}")


def _write_pandas(frame: pd.DataFrame, path: Path, _label: str) -> None:
    """Write a data frame without its index, with a type that fits all values for columns of Python objects."""
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
"""Functions that write a table as a Parquet file, by package and class."""


def fingerprint(frame: Frame) -> tuple[int, str]:
    """Return the number of rows of a frame, and the SHA-256 of its content.

    Each row is hashed as the texts of its columns, sorted by name, each with its length. The sorted row hashes are then
    hashed. Duplicate rows count each time.
    """
    names = sorted(frame.collect_schema().names())
    whole = hashlib.sha256("".join(f"{len(name)}:{name}" for name in names).encode())
    n_rows = 0
    for _, n, digest in sorted(expressions_of(frame).digests(_row_texts(frame, names))):
        n_rows += n
        whole.update(bytes.fromhex(digest))
    return n_rows, whole.hexdigest()


def _row_texts(frame: Frame, names: Iterable[str]) -> Frame:
    """Return each row as one text, `row`, in which "-" marks a missing value."""
    columns = {f"text {place}": name for place, name in enumerate(names)}
    texts = with_text(frame, **columns)
    sized = [_sized(nw.col(column)) for column in columns]
    return texts.select(row=nw.concat_str(sized))


def _sized(text: nw.Expr) -> nw.Expr:
    return nw.concat_str([text.str.len_chars().cast(nw.String), nw.lit(":"), text]).fill_null("-")
