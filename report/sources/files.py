"""Open a declared source as a lazy table with its columns.

Every error in a file is reported in our own words, and nothing that the config declares is guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import narwhals as nw
import numpy as np
from narwhals.dtypes import DType

from ..errors import DataError, PluginError, gathered, listed, missing_columns, raise_if_any
from ..formats import alternatives, size_text
from ..progress import tell
from ..slots import Entries, at_work
from . import Limits, SourceSettings, faults, renamed, text
from .addresses import scheme_of
from .engine import Dialect, Engine, Frame, drawn, expressions_of, names_out_of_reach, with_text
from .faults import MOST_COLUMNS, check_files, check_number, read_header, too_many
from .located import PassedSource, located

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Table:
    """A declared table: its name as declared, its columns in file order, and its rows, not yet read.

    Columns of delimited files and sheets are text. Columns of Parquet and JSON have their own types, including lists.
    Only the columns that a query names are read. `by_column`: the file stores columns separately, so reading one again
    costs less than keeping it.
    """

    name: str
    columns: tuple[str, ...]
    frame: Frame
    by_column: bool = False


@dataclass(frozen=True)
class SourceFiles:
    """The files of one source: path -> name, and the place in the config that declares them."""

    names: dict[Path, str]
    where: str
    declared: str

    def called(self, path: Path) -> str:
        """Return the name of a file in messages."""
        return f"{self.where}: {self.names[path]}"

    @property
    def messages(self) -> dict[Path, str]:
        """Path -> start of the messages about the file."""
        return {path: self.called(path) for path in self.names}


K = TypeVar("K")

Rows = tuple[tuple[str, ...], list[list[str]]]
"""The columns of a file and its rows, every value as text."""

Reader = Callable[[Path, str, SourceSettings, Limits], Rows]
"""(file, its name in messages, its source, limits) -> columns and rows. Raises DataError for an invalid file."""


@dataclass(frozen=True, eq=False)
class FileFormat:
    """A file format. `name` is the value for `format:` and also a file ending, like `endings`.

    `open` returns the files of one source as one table; `of_rows` derives it from a function that reads one file. A
    server has no files: its name is the prefix of the addresses that `database:` accepts. `tables` returns the names of
    the tables in a file that may contain several.
    """

    name: str
    open: Callable[[SourceFiles, SourceSettings, Engine], Table]
    endings: tuple[str, ...] = ()
    tables: Callable[[Path], tuple[str, ...]] | None = None


def first_rows(source: SourceSettings, base: Path, engine: Engine, most: int, *, where_declared: str) -> pd.DataFrame:
    """Return the first rows of a table, in no guaranteed order, as text or lists; see `open_table`."""
    table = open_table(source, base, engine, where_declared=where_declared)
    schema = table.frame.collect_schema()
    chosen = [nw.col(c) if schema[c].is_nested() else nw.col(c).cast(nw.String) for c in table.columns]
    return engine.collect(table.frame.select(*chosen).head(most))


@dataclass(frozen=True, eq=False)
class DrawnTexts:
    """Rows of a table as text: for each column its distinct texts, and the place of each row's text, -1 for none.

    `lists` are the columns whose fields are lists, written as JSON. `n_rows` is the number of all rows.
    """

    columns: Mapping[str, tuple[tuple[str, ...], NDArray[np.int64]]]
    lists: frozenset[str]
    n_rows: int


def drawn_texts(source: SourceSettings, base: Path, engine: Engine, most: int, *, where_declared: str) -> DrawnTexts:
    """Return the rows of a table, or if it has more than `most` fields, about as many rows as have so many.

    Rows are drawn by a hash of their fields, so that the same rows are drawn each time, whatever their order. Raises
    DataError: more than 2,000 columns, which engines select slowly, and faults of `open_table`.
    """
    table = open_table(source, base, engine, where_declared=where_declared)
    if len(table.columns) > _MOST_COLUMNS:
        raise DataError(
            f"{table.name}: {len(table.columns):,} columns are too many to choose from (at most {_MOST_COLUMNS:,}); "
            "keep those of interest, or name two of them in a config (docs/config.md)"
        )
    schema = table.frame.collect_schema()
    lists = frozenset(column for column in table.columns if schema[column].is_nested())
    texts = with_text(table.frame.select(*table.columns), **{column: column for column in table.columns})
    n_rows = engine.count(table.frame)
    share = most / max(1, n_rows * len(table.columns))
    texts = texts if share >= 1 else drawn(texts, share)
    n_of_chunk = max(1, _CELLS_OF_CHUNK // len(table.columns))
    import pandas as pd  # noqa: PLC0415 - slow to import

    places: dict[str, dict[str, int]] = {column: {} for column in table.columns}
    codes = {column: [np.zeros(0, dtype=np.int64)] for column in table.columns}
    for chunk in engine.chunks(texts, n_of_chunk):
        for column, values in chunk.items():
            found, uniques = pd.factorize(np.asarray(values, dtype=object))
            of_unique = [places[column].setdefault(value, len(places[column])) for value in uniques.tolist()]
            codes[column].append(np.append(np.array(of_unique, dtype=np.int64), -1)[found])
    coded = {column: (tuple(places.pop(column)), np.concatenate(codes.pop(column))) for column in table.columns}
    return DrawnTexts(coded, lists, n_rows)


_CELLS_OF_CHUNK, _MOST_COLUMNS = 2_000_000, 2_000


def all_texts(source: SourceSettings, base: Path, engine: Engine, *, where_declared: str) -> tuple[pd.DataFrame, str]:
    """Return all of a small table as text, and its name in messages; see `open_table`."""
    table = open_table(source, base, engine, where_declared=where_declared)
    return engine.collect(table.frame.select(nw.all().cast(nw.String))), table.name


def open_table(source: SourceSettings, base: Path, engine: Engine, *, where_declared: str) -> Table:
    """Find the files of a source, check their headers and return them as one lazy table.

    Paths are relative to `base`, and `where_declared` is the config key that messages begin with. Files on the Hub or
    the web are fetched first, unless they are cached. Raises `DataError`: no path, missing and unreadable files,
    unknown formats, invalid headers, files whose columns differ, no rows at all. Errors further down a file appear when
    the engine reads it.
    """
    table = _opened(source, base, engine, where_declared)
    if not source.rename:
        return table
    columns = renamed(f"{where_declared}: {table.name}", table.columns, source.rename)
    names = {old: new for old, new in zip(table.columns, columns, strict=True) if old != new}
    return replace(table, columns=columns, frame=table.frame.rename(names))


def _opened(source: SourceSettings, base: Path, engine: Engine, where_declared: str) -> Table:
    """Return a source as a table whose columns have the names in the file."""
    if isinstance(source, PassedSource):
        return _passed(source, engine, where_declared)
    if not source.declared:
        raise DataError(f"{where_declared}: gives no path")
    files = SourceFiles(located(source, base, where_declared, engine.limits), where_declared, source.declared)
    if source.database is not None:
        tell(f"reading {source.declared}")
        scheme = scheme_of(source.database)
        return _format("sqlite" if scheme is None else f"{scheme}://", where_declared).open(files, source, engine)
    check_number(len(files.names), f"{where_declared}: {source.declared}", engine.limits)
    formats = {source.format or _format_of(name, where_declared) for name in files.names.values()}
    if len(formats) > 1:
        raise DataError(f"{where_declared}: files of one source must have one format, not {listed(sorted(formats))}")
    form = _format(formats.pop(), where_declared)
    tell(f"reading {source.declared}, {size_text(sum(path.stat().st_size for path in files.names))}")
    with at_work("source", form.name):
        return form.open(files, source, engine)


def _format(name: str, where: str) -> FileFormat:
    """Return a format, or raise `DataError` if its pack or package cannot be used."""
    try:
        return FORMATS[name]
    except PluginError as error:
        raise DataError(*(f"{where}: {message}" for message in error.messages)) from error


def _passed(source: PassedSource, engine: Engine, where: str) -> Table:
    """Return a table that was passed from Python."""
    passed = source.passed
    if not isinstance(passed.content, Path):
        return Table(source.declared, passed.columns, passed.content)
    files = SourceFiles({passed.content: source.declared}, where, source.declared)
    return _table(files, passed.columns, [engine.read_parquet(files.messages)])


def require_columns(table: Table, wanted: Mapping[str, str]) -> list[str]:
    """Return a message for each wanted column that the table lacks; `wanted` is column -> config key."""
    return missing_columns(table.name, table.columns, wanted)


def _delimited(files: SourceFiles, source: SourceSettings, engine: Engine, *, delimiter: str) -> Table:
    dialect = Dialect(
        source.delimiter or delimiter,
        source.quote or '"',
        source.encoding,
        source.null,
        source.skip,
        source.header,
        replaces=source.bad_bytes is not None,
    )
    read = {path: partial(read_header, path, name, dialect, engine.limits) for path, name in files.messages.items()}
    found = gathered(read)
    headers = {path: header for path, (header, _) in found.items()}
    columns = _same_columns(files, headers)
    _not_empty(files, any_rows=any(has_rows for _, has_rows in found.values()))
    frames = [engine.read_delimited(paths, header, dialect) for header, paths in _alike(files, headers).items()]
    return _table(files, columns, frames)


def _alike(files: SourceFiles, headers: Mapping[Path, K]) -> dict[K, dict[Path, str]]:
    """Return the files of each distinct header, with their names in messages."""
    alike: dict[K, dict[Path, str]] = {}
    for path, header in headers.items():
        alike.setdefault(header, {})[path] = files.called(path)
    return alike


def of_rows(read: Reader) -> Callable[[SourceFiles, SourceSettings, Engine], Table]:
    """Return an `open` function from a function that reads one file: its columns and rows, every value as text."""
    return partial(_rows, read)


def _rows(read: Reader, files: SourceFiles, source: SourceSettings, engine: Engine) -> Table:
    sheets = {path: read(path, files.called(path), source, engine.limits) for path in files.names}
    columns = _same_columns(files, {path: header for path, (header, _) in sheets.items()})
    _not_empty(files, any_rows=any(rows for _, rows in sheets.values()))
    data: dict[str, list[str | None]] = {column: [] for column in columns}
    for header, rows in sheets.values():
        for position, column in enumerate(header):
            data[column] += [None if row[position] in source.null else row[position] for row in rows]
    return _table(files, columns, [engine.load(data)])


def _json(files: SourceFiles, _: SourceSettings, engine: Engine, *, lines: bool) -> Table:
    _measure(files, engine)
    if not lines:  # DuckDB accepts an array that was cut off after a comma
        cut = [path for path in files.names if text.last_byte(path) != b"]"]
        raise_if_any([faults.json_records(path, files.called(path), engine.limits, as_lines=False) for path in cut])
    check_files(files.messages, "jsonl" if lines else "json", engine.limits)
    frame = engine.read_json(files.messages, lines=lines)
    return _table(files, tuple(frame.collect_schema().names()), [frame])


def _parquet(files: SourceFiles, _: SourceSettings, engine: Engine) -> Table:
    check_files(files.messages, "parquet", engine.limits)
    schemas = gathered({path: partial(_schema, path, name, engine) for path, name in files.messages.items()})
    columns = _same_columns(files, {path: tuple(dict(schema)) for path, schema in schemas.items()})
    table = _table(files, columns, [engine.read_parquet(paths) for paths in _alike(files, schemas).values()])
    _not_empty(files, any_rows=bool(engine.columns(table.frame.select(nw.len().alias("n")))["n"][0]))
    return replace(table, by_column=True)


def _schema(path: Path, name: str, engine: Engine) -> tuple[tuple[str, DType], ...]:
    try:
        return tuple(engine.read_parquet({path: name}).collect_schema().items())
    except DataError:
        raise DataError(f"{name} is not a readable Parquet file") from None


def _measure(files: SourceFiles, engine: Engine) -> None:
    """Raise `DataError` for archives that exceed the limit or cannot be unpacked."""
    messages = []
    for path in files.names:
        try:
            text.measure(path, engine.limits)
        except text.TooMuch as error:
            messages.append(f"{files.called(path)} {error}")
        except text.UNREADABLE as error:
            messages.append(f"{files.called(path)} cannot be read: {faults.compression(path, error)}")
    raise_if_any(messages)


def _table(files: SourceFiles, columns: tuple[str, ...], frames: Sequence[Frame]) -> Table:
    """Return frames with the same columns as one table, where columns of differing types become text."""
    if len(columns) > MOST_COLUMNS:
        raise DataError(too_many(f"{files.where}: {files.declared}", len(columns)))
    unnamed = names_out_of_reach(frames[0], columns)
    if unnamed:
        verb = "has a column" if len(unnamed) == 1 else "has columns"
        title = expressions_of(frames[0]).title
        raise DataError(
            f"{files.where}: {files.declared} {verb} that {title} cannot name, for a full stop or a backquote in it: "
            f"{listed(unnamed)}; rename, or count with DuckDB"
        )
    if len(frames) == 1:
        return Table(files.declared, columns, frames[0])
    schemas = [frame.collect_schema() for frame in frames]
    mixed = {column for column in columns if len({schema[column] for schema in schemas}) > 1}
    chosen = [nw.col(column).cast(nw.String) if column in mixed else nw.col(column) for column in columns]
    return Table(files.declared, columns, nw.concat([frame.select(*chosen) for frame in frames]))


def _not_empty(files: SourceFiles, *, any_rows: bool) -> None:
    if not any_rows:
        verb = "has" if len(files.names) == 1 else "have"
        raise DataError(f"{files.where}: {files.declared} {verb} a header and no rows")


def _same_columns(files: SourceFiles, headers: Mapping[Path, Sequence[str]]) -> tuple[str, ...]:
    """Return the columns of the first file, or raise `DataError` naming the files with other columns."""
    first, *others = headers
    messages = []
    for path in others:
        lacking = [column for column in headers[first] if column not in headers[path]]
        further = [column for column in headers[path] if column not in headers[first]]
        differences = [
            f"{verb} {listed(columns)}" for verb, columns in (("lacks", lacking), ("adds", further)) if columns
        ]
        if differences:
            messages.append(
                f"{files.called(path)} has other columns than {files.names[first]}: it {' and '.join(differences)}"
            )
    raise_if_any(messages)
    return tuple(headers[first])


FORMATS = Entries(
    "source",
    FileFormat,
    (
        FileFormat("csv", partial(_delimited, delimiter=",")),
        FileFormat("tsv", partial(_delimited, delimiter="\t"), endings=("tab",)),
        FileFormat("json", partial(_json, lines=False)),
        FileFormat("jsonl", partial(_json, lines=True), endings=("ndjson",)),
        FileFormat("parquet", _parquet),
    ),
)
"""All file formats by name. Iteration leaves out the formats of other packages."""


def formats_of_files() -> tuple[str, ...]:
    """Return the values of `format:`: formats of files, not of servers."""
    return tuple(name for name in (*FORMATS, *FORMATS.others) if not name.endswith("://") and name != "sqlite")


def format_named(path: str) -> str:
    """Return the format of a file ending, before .gz or .zst, or the ending itself if it is none of ours."""
    said = _ending(path).lower().removeprefix(".")
    return next((form.name for form in FORMATS.core.values() if said in form.endings), said)


def _ending(name: str) -> str:
    path = Path(name)
    return Path(path.stem).suffix if path.suffix in text.PACKED else path.suffix


def _format_of(name: str, where: str) -> str:
    found, ending = format_named(name), _ending(name)
    if found not in FORMATS:
        known = alternatives(formats_of_files())
        raise DataError(
            f'{where}: cannot determine the format of {name} from its ending "{ending}"; give format: {known}'
        )
    return found
